"""Trees derived from the solved one: what is released, what a submission is graded on, what gives expected values.

A tree in memory is a mapping from path (from the repository's root, forward slashes) to bytes.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import subprocess
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pathspec

from ..errors import CourseError
from .manifest import MANIFEST, Course, Problem, Stage
from .markers import Block, can_hold_blocks, find_blocks, locate, splice

Tree = dict[str, bytes]

HIDDEN = "grader/hidden/"


@dataclass(frozen=True)
class Owner:
    """The problem that a block belongs to."""

    stage: Stage
    problem: Problem


def reference_tree(course: Course, stage_key: str) -> Tree:
    """The solved files of every stage up to `stage_key`, and those that all stages share.

    Raises CourseError: if a list names no file, or a file that must stay hidden.
    """
    tree = _read(course, course.shared_files, "course.toml", "shared_files")
    for released, source in course.renamed.items():
        tree[released] = _read_file(course, source, "course.toml")
    for stage in course.upto(stage_key):
        tree.update(_read(course, stage.files, f"{stage.key}/{MANIFEST}", "files"))
    return tree


def released_tree(course: Course, stage_key: str) -> Tree:
    """What a student's repository holds at a stage: `reference_tree` with every block a stub."""
    tree = reference_tree(course, stage_key)
    owners = block_owners(course)
    return with_bodies(tree, {name: stub(block, owners[name]) for name, block in blocks_of(course, tree).items()})


def with_bodies(tree: Tree, bodies: Mapping[str, str]) -> Tree:
    """A copy of the tree in which the named blocks have other bodies. Raises KeyError: for a name that is no block."""
    left = dict(bodies)
    changed = dict(tree)
    for path, content in tree.items():
        if left and can_hold_blocks(path) and _may_hold_markers(content):
            text = content.decode("utf-8")
            here = {block.name: left.pop(block.name) for block in find_blocks(path, text) if block.name in left}
            if here:
                changed[path] = splice(path, text, here).encode("utf-8")
    if left:
        raise KeyError(f"no such block: {', '.join(left)}")
    return changed


def blocks_of(course: Course, tree: Tree) -> dict[str, Block]:
    """The blocks of a tree by name, in order of path. Raises CourseError: for a near-marker and its like."""
    staged = pathspec.PathSpec.from_lines("gitignore", [glob for stage in course.stages for glob in stage.files])
    blocks: dict[str, Block] = {}
    for path in sorted(tree):
        if not (staged.match_file(path) and can_hold_blocks(path)):
            continue
        for block in find_blocks(path, _text(path, tree[path])):
            if block.name in blocks:
                raise CourseError(f"a second block is called {block.name}", path=path, line=block.begin)
            blocks[block.name] = block
    return blocks


def block_owners(course: Course) -> dict[str, Owner]:
    """Block name -> the one problem of one stage that lists it. Raises CourseError: if two list it."""
    owners: dict[str, Owner] = {}
    for stage in course.stages:
        for problem in stage.problems:
            for name in problem.blocks:
                if name in owners:
                    other = owners[name]
                    both = f"{other.stage.key} {other.problem.key} and {stage.key} {problem.key}"
                    message = f"block {name} is in two problems: {both}"
                    raise CourseError(
                        message, path=f"{stage.key}/{MANIFEST}", line=_line_with(course, stage, name, last=True)
                    )
                owners[name] = Owner(stage, problem)
    return owners


def check_blocks(course: Course, only: Collection[str] | None = None) -> dict[str, Block]:
    """Every block in exactly one problem, every listed block in a file. Returns the blocks by name.

    only: names of listed blocks; of all others nothing is asked, and none is returned.
    Raises CourseError: naming file and line of the first that is not so.
    """
    owners = block_owners(course)
    blocks = blocks_of(course, reference_tree(course, course.stages[-1].key))
    if only is not None:
        owners = {name: owner for name, owner in owners.items() if name in only}
    for name, owner in owners.items():
        if name not in blocks:
            near = difflib.get_close_matches(name, blocks, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            message = f"problem {owner.problem.key} lists block {name}, which no file has{hint}"
            line = _line_with(course, owner.stage, name)
            raise CourseError(message, path=f"{owner.stage.key}/{MANIFEST}", line=line)
    if only is not None:
        return {name: blocks[name] for name in owners}
    for name, block in blocks.items():
        if name not in owners:
            message = f"block {name} belongs to no problem; list it in a problem's blocks in an {MANIFEST}"
            raise CourseError(message, path=block.path, line=block.begin)
    return blocks


def check_withheld(course: Course) -> None:
    """Every withheld file is there, so that one that was renamed is still kept back. Raises CourseError: naming one."""
    for path in course.withheld:
        if not (course.root / path).is_file():
            line = _line_of_text(course, "course.toml", path)
            raise CourseError(f"withheld names {path}, which is no file", path="course.toml", line=line)


def editable_files(course: Course, stage_key: str) -> tuple[str, ...]:
    """The files that students may change: those that hold blocks of problems of stages up to `stage_key`.

    They follow from the manifest alone, so this holds in a student's repository whatever became of its markers.
    """
    names = [name for stage in course.upto(stage_key) for problem in stage.problems for name in problem.blocks]
    return tuple(sorted({locate(course.root, name) for name in names}))


def stub(block: Block, owner: Owner) -> str:
    """The body that students find in a block: it raises in the language's own way and says what is to do."""
    if block.cell is not None or block.path.endswith(".py"):
        return f'raise NotImplementedError("{owner.stage.key} {owner.problem.key}: {block.label}")'
    # What runs on a GPU cannot throw.
    begin = "needle::NotImplementedOnDevice" if block.on_device else "throw needle::NotImplemented"
    return f'{begin}("{block.label} ({owner.stage.key} {owner.problem.key})");'


def tree_digest(tree: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over paths and contents in the order of paths."""
    digest = hashlib.sha256()
    for path in sorted(tree):
        name = path.encode("utf-8")
        digest.update(b"%d:%s%d:" % (len(name), name, len(tree[path])))
        digest.update(tree[path])
    return digest.hexdigest()


def write_tree(tree: Mapping[str, bytes], folder: Path, *, mtime: float | None = None) -> None:
    """Write the files below `folder`, all with one modification time (seconds since the epoch) if one is given."""
    for path, content in tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if content.startswith(b"#!"):
            target.chmod(0o755)
        if mtime is not None:
            os.utime(target, (mtime, mtime))


def _read(course: Course, globs: Iterable[str], manifest: str, field: str) -> Tree:
    paths = _course_files(course)
    tree: Tree = {}
    for glob in globs:
        spec = pathspec.PathSpec.from_lines("gitignore", [glob])
        matched = [path for path in paths if spec.match_file(path)]
        if not matched:
            raise CourseError(
                f"{field}: {glob!r} matches no file", path=manifest, line=_line_of_text(course, manifest, glob)
            )
        for path in matched:
            if path.startswith(HIDDEN):
                message = f"{field}: {glob!r} would release the hidden file {path}"
                raise CourseError(message, path=manifest, line=_line_of_text(course, manifest, glob))
            if path in course.withheld:
                why = course.withheld[path]
                message = f"{field}: {glob!r} would release {path}, which course.toml withholds: {why}"
                raise CourseError(message, path=manifest, line=_line_of_text(course, manifest, glob))
            tree[path] = _read_file(course, path, manifest)
    return tree


def _read_file(course: Course, path: str, manifest: str) -> bytes:
    full = course.root / path
    if full.is_symlink():
        raise CourseError("is a symbolic link; a release holds plain files only", path=path)
    if not full.is_file():
        raise CourseError(f"names {path}, which is no file", path=manifest, line=_line_of_text(course, manifest, path))
    return full.read_bytes()


def _course_files(course: Course) -> list[str]:
    """The course's files, without what git ignores (where it is a git checkout) and what `course.toml` excludes."""
    if (course.root / ".git").exists():
        command = ["git", "-C", str(course.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
        paths = [path for path in dict.fromkeys(listed) if path and (course.root / path).is_file()]
    else:
        paths = [path.relative_to(course.root).as_posix() for path in course.root.rglob("*") if path.is_file()]
    excluded = pathspec.PathSpec.from_lines("gitignore", course.excluded)
    return sorted(path for path in paths if not excluded.match_file(path))


def _may_hold_markers(content: bytes) -> bool:
    """Whether a file is worth tokenising when only well-formed markers are looked for."""
    return b"BEGIN" in content


def _text(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CourseError(f"not UTF-8 at byte {error.start}", path=path) from error


def _line_of_text(course: Course, path: str, text: str) -> int | None:
    lines = (course.root / path).read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if f'"{text}"' in line), None)


def _line_with(course: Course, stage: Stage, text: str, *, last: bool = False) -> int | None:
    lines = (course.root / stage.key / MANIFEST).read_text(encoding="utf-8").splitlines()
    numbers = [number for number, line in enumerate(lines, 1) if f'"{text}"' in line]
    return (numbers[-1] if last else numbers[0]) if numbers else None
