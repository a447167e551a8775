"""What grading one stage needs of the course, derived once: trees, what students may change, names fit to be shown."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from ..authoring.comments import CPP
from ..authoring.manifest import Build, Course, Problem, Stage
from ..authoring.markers import Block
from ..authoring.trees import Owner, Tree, block_owners, blocks_of, reference_tree, stub, tree_digest, with_bodies

_HEADERS = "common/include"
_BUILD_SUFFIXES = CPP | {".txt", ".cmake", ".in"}


@dataclass(frozen=True)
class Earlier:
    """A block of an earlier stage that this stage's cases see: the reference's, its stub, where it belongs."""

    block: Block
    stub: str
    stage: str
    problem: str

    @property
    def message(self) -> str:
        """What the stub's exception says."""
        return _message(self.stub)


@dataclass(frozen=True)
class Materials:
    """One stage, ready for grading.

    reference, released: whole trees, solved and with stubs.
    editable: the files that students may change and that this stage's cases see, sorted.
    elsewhere: files that students may change for other stages.
    known_types: names of the library's own classes: with built-in ones, those a report may show.
    stubs: message of a stub's exception -> (label of its block, key of its problem, after its stage's if another).
    homes: key of a problem of this stage -> the files that hold its blocks.
    earlier: the blocks of earlier stages in `editable`, in order of stages, then of places.
    """

    course: Course
    stage: Stage
    reference: Tree
    released: Tree
    editable: tuple[str, ...]
    elsewhere: tuple[str, ...]
    known_types: frozenset[str]
    stubs: dict[str, tuple[str, str]]
    homes: dict[str, tuple[str, ...]]
    earlier: tuple[Earlier, ...]

    @cached_property
    def digest(self) -> str:
        """Names the solved files that expected values depend on."""
        parts = [build_part(build, self.reference) for build in self.stage.builds]
        return tree_digest(box_part(self.stage, self.reference) | {k: v for part in parts for k, v in part.items()})

    def all_native(self, problem: Problem) -> bool:
        """Whether a problem's blocks are all native code: then its cases see no Python of the student's."""
        return all(is_native(path) for path in self.homes[problem.key])

    def seen_by(self, problem: Problem) -> frozenset[str]:
        """Of `editable`, the files that a problem's cases run: Python (see `all_native`), and what its build takes."""
        build, python = self.stage.build_of(problem), not self.all_native(problem)
        return frozenset(
            path for path in self.editable if (build is not None and takes(build, path) if is_native(path) else python)
        )

    @cached_property
    def changeable(self) -> frozenset[str]:
        """The files that students may change, for this stage or others."""
        return frozenset((*self.editable, *self.elsewhere))

    @cached_property
    def course_paths(self) -> frozenset[str]:
        """The files of all stages, later ones included, as students' repositories have them."""
        return frozenset(reference_tree(self.course, self.course.stages[-1].key))


def materials(course: Course, stage_key: str) -> Materials:
    """Derive everything for a stage. Raises GraderError: if it is unknown; CourseError: if the course is faulty."""
    stage = course.stage(stage_key)
    reference = reference_tree(course, stage_key)
    owners = block_owners(course)
    blocks = {name: block for name, block in blocks_of(course, reference).items() if name in owners}
    bodies = {name: stub(block, owners[name]) for name, block in blocks.items()}
    paths = sorted({block.path for block in blocks.values()})
    return Materials(
        course=course,
        stage=stage,
        reference=reference,
        released=with_bodies(reference, bodies),
        editable=tuple(path for path in paths if concerns(stage, path)),
        elsewhere=tuple(path for path in paths if not concerns(stage, path)),
        known_types=_classes(box_part(stage, reference)),
        homes={
            problem.key: tuple(sorted({blocks[name].path for name in problem.blocks if name in blocks}))
            for problem in stage.problems
        },
        stubs={_message(bodies[name]): (blocks[name].label, _known_as(stage, owners[name])) for name in blocks},
        earlier=tuple(
            Earlier(block, bodies[name], before.key, owners[name].problem.key)
            for before in course.upto(stage_key)[:-1]
            for name, block in blocks.items()
            if owners[name].stage.key == before.key and concerns(stage, block.path) and block.cell is None
        ),
    )


def _message(stub: str) -> str:
    """A stub is one statement with one string, which is the message that its exception carries."""
    return stub.split('"')[1]


def _known_as(stage: Stage, owner: Owner) -> str:
    return owner.problem.key if owner.stage.key == stage.key else f"{owner.stage.key} {owner.problem.key}"


def is_native(path: str) -> bool:
    """Whether a file is C++ or CUDA."""
    return PurePosixPath(path).suffix in CPP


def concerns(stage: Stage, path: str) -> bool:
    """Whether a stage's cases or build can see a file. hw0's files do not concern hw1."""
    return any(PurePosixPath(path).is_relative_to(root) for root in stage.python_path) or any(
        takes(build, path) for build in stage.builds
    )


def takes(build: Build, path: str) -> bool:
    """Whether a build reads a student's file: of its project, and one of its kernels if it names those."""
    place = PurePosixPath(path)
    return place.is_relative_to(build.source) and (not build.kernels or place.name in build.kernels)


def box_part(stage: Stage, tree: Tree) -> Tree:
    """The files of a tree that cases import: what lies on the stage's `python_path`, without tests and notebooks.

    Nor sources in C++: where a problem is all native these would be the course's, and an emulated kernel that finds
    its source quotes the line at fault.
    """
    tests = f"{stage.key}/tests/"
    return {
        path: content
        for path, content in tree.items()
        if any(PurePosixPath(path).is_relative_to(root) for root in stage.python_path)
        and not path.startswith(tests)
        and not path.endswith((".ipynb", ".toml", ".md"))
        and not is_native(path)
    }


def build_part(build: Build, tree: Tree) -> Tree:
    """The files of a tree that a native build reads: sources, the programs in the project's folder `cmake`, and what
    its table names beside them."""
    roots, whole = (build.source, _HEADERS), (f"{build.source}/cmake", *build.also)
    return {
        path: content
        for path, content in tree.items()
        if (
            PurePosixPath(path).suffix in _BUILD_SUFFIXES
            and any(PurePosixPath(path).is_relative_to(root) for root in roots)
        )
        or any(PurePosixPath(path).is_relative_to(root) for root in whole)
    }


def _classes(tree: Tree) -> frozenset[str]:
    """Names of all classes that the course's own Python files define."""
    names: set[str] = set()
    for path, content in tree.items():
        if path.endswith(".py"):
            names.update(node.name for node in ast.walk(ast.parse(content)) if isinstance(node, ast.ClassDef))
    return frozenset(names - set(dir(builtins)))
