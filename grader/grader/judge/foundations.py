"""What a submission builds on: the earlier stages' blocks in it, and trees in which the reference's stand in for some.

The parts of the earlier stages that differ from the reference are its *pieces*: a block whose body says something else,
the blocks of a stage that nobody has written (together, since a stage that was never begun is one cause; those in C++
apart), and a file that can be replaced as a whole only. `Foundations.sound` and what else composes trees from them is
free of any run.

    a student's file, all earlier blocks found in it    the reference's bodies go into it: helpers around them survive
    one that cannot be read so (markers, syntax)        the reference's file, unless it holds a block of this stage
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from ..authoring.markers import splice_into
from ..results import Blame
from .anatomy import Anatomy, anatomies, anatomy
from .context import Graded
from .materials import Earlier, Materials, is_native

Kind = Literal["wrong", "empty", "file"]


@dataclass(frozen=True)
class Piece:
    """A part of the earlier stages, blocks or a whole file, that differs from the reference's."""

    kind: Kind
    stage: str
    blocks: tuple[Earlier, ...]
    path: str = ""

    @property
    def native(self) -> bool:
        """Whether it is C++, which takes a compiler to exchange."""
        return any(is_native(earlier.block.path) for earlier in self.blocks)

    def blame(self) -> list[Blame]:
        """For the report: each block by its name, or the file."""
        if self.kind == "file":
            return [Blame(name=self.path, label=self.path, stage=self.stage, kind="file")]
        return [
            Blame(
                name=earlier.block.name,
                label=earlier.block.label,
                stage=earlier.stage,
                problem=earlier.problem,
                kind=self.kind,
            )
            for earlier in self.blocks
        ]


class Foundations:
    """The earlier stages in one submission. Nothing is read before it is asked for; serves any number of threads."""

    def __init__(self, materials: Materials, student: Graded, seen: Collection[str] | None = None):
        """seen: the files that the cases to be graded run (see `Materials.seen_by`); None: all students may change."""
        self._materials, self._student = materials, student
        self._earlier = [earlier for earlier in materials.earlier if seen is None or earlier.block.path in seen]
        self._lock = threading.Lock()
        self._anatomies: dict[str, Anatomy] = {}
        self._sound: tuple[tuple[Piece, ...], ...] | None = None

    @property
    def sound(self) -> tuple[tuple[Piece, ...], ...]:
        """The ways to sound foundations, the better first; none if the student's are the reference's already.

        First all blocks that differ are the reference's. Where a file also says something else around its blocks, the
        second way takes such files whole: what stands there may be at fault, but later blocks may use it as well.
        """
        with self._lock:
            if self._sound is None:
                self._sound = self._pieces()
            return self._sound

    def is_whole_stage(self, piece: Piece) -> bool:
        """Whether the piece holds every block in its languages of its stage that this stage stands on."""
        return len(piece.blocks) == sum(
            (earlier.stage, is_native(earlier.block.path)) == (piece.stage, piece.native) for earlier in self._earlier
        )

    def with_reference(self, pieces: Collection[Piece]) -> Graded:
        """The student's tree with the reference's in place of these pieces."""
        student, reference = self._student, self._materials.reference
        tree = dict(student.tree)
        whole = {piece.path for piece in pieces if piece.kind == "file"}
        bodies: dict[str, dict[str, str]] = {}
        for piece in pieces:
            for earlier in piece.blocks if piece.kind != "file" else ():
                bodies.setdefault(earlier.block.path, {})[earlier.block.name] = earlier.block.body
        for path in whole:
            tree[path] = reference[path]
        for path, named in bodies.items():
            text = student.tree[path].decode("utf-8")
            tree[path] = splice_into(text, self._anatomies[path].blocks, named).encode("utf-8")
        faults = {path: fault for path, fault in student.faults.items() if path not in whole}
        return Graded(tree, faults, replaced=frozenset(whole | bodies.keys()))

    def _pieces(self) -> tuple[tuple[Piece, ...], ...]:
        student, materials = self._student, self._materials
        by_path: dict[str, list[Earlier]] = {}
        for earlier in self._earlier:
            if student.tree[earlier.block.path] != materials.reference[earlier.block.path]:
                by_path.setdefault(earlier.block.path, []).append(earlier)
        readable = {path: student.tree[path].decode("utf-8") for path in by_path if path not in student.faults}
        self._anatomies = anatomies(readable)
        of_this_stage = {path for paths in materials.homes.values() for path in paths}
        files, loose = [], []
        wrong: list[Earlier] = []
        empty: list[Earlier] = []
        for path, blocks in by_path.items():
            theirs = self._anatomies.get(path)
            if theirs is None or not theirs.essences.keys() >= {earlier.block.name for earlier in blocks}:
                if path not in of_this_stage:
                    files.append(Piece("file", blocks[0].stage, tuple(blocks), path))
                continue
            ours = anatomy(path, materials.reference[path].decode("utf-8"))
            for earlier in blocks:
                name = earlier.block.name
                if theirs.essences[name] != ours.essences[name]:
                    (empty if name in theirs.empty else wrong).append(earlier)
            if theirs.rest != ours.rest and path not in of_this_stage:
                loose.append(Piece("file", blocks[0].stage, tuple(blocks), path))
        inside = {piece.path for piece in loose}
        spliced = (*files, *_of_blocks(wrong, empty))
        replaced = (*files, *loose, *_of_blocks(wrong, empty, without=inside))
        return tuple(filter(None, (spliced, replaced if loose else ())))


def _of_blocks(wrong: list[Earlier], empty: list[Earlier], without: Collection[str] = ()) -> list[Piece]:
    """Pieces for the blocks that stand in no file of `without`: one each, and of a stage's empty ones two at most: one
    for those in Python and one for those in C++, which may be left out for a reason of its own."""
    pieces = [Piece("wrong", earlier.stage, (earlier,)) for earlier in wrong if earlier.block.path not in without]
    causes: dict[tuple[str, bool], list[Earlier]] = {}
    for earlier in empty:
        if earlier.block.path not in without:
            causes.setdefault((earlier.stage, is_native(earlier.block.path)), []).append(earlier)
    return [*pieces, *(Piece("empty", stage, tuple(blocks)) for (stage, _), blocks in causes.items())]
