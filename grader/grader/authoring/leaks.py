"""The last look before a release: nothing of a solution, nothing hidden, in any byte of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from ..errors import CourseError
from .manifest import Course
from .markers import MARKER, Block
from .trees import HIDDEN, Tree

SHORTEST = 10  # characters; a shorter line gives nothing away


def solution_lines(blocks: Iterable[Block]) -> dict[str, Block]:
    """The lines of solutions that a release must not hold, stripped, and the block each is from."""
    lines: dict[str, Block] = {}
    for block in blocks:
        for line in block.body.splitlines():
            stripped = line.strip()
            if len(stripped) >= SHORTEST and not MARKER.match(stripped):
                lines.setdefault(stripped, block)
    return lines


def canary(course: Course) -> str:
    """The line that every hidden file carries. Raises CourseError: if `grader/hidden/CANARY` is not one long line."""
    path = f"{HIDDEN}CANARY"
    text = (course.root / path).read_text(encoding="utf-8").strip()
    if len(text) < 32 or "\n" in text:
        raise CourseError("must be one line of at least 32 characters", path=path)
    return text


def check_hidden_files(course: Course) -> None:
    """Every hidden case and mutant carries the canary. Raises CourseError: naming the first that does not."""
    mark = canary(course)
    for path in sorted((course.root / HIDDEN).rglob("*")):
        if (
            path.is_file()
            and path.suffix in (".py", ".cpp", ".cc", ".cu")
            and mark not in path.read_text(encoding="utf-8")
        ):
            message = f"a hidden file must carry the canary of {HIDDEN}CANARY in a comment"
            raise CourseError(message, path=path.relative_to(course.root))


def check_tree(tree: Tree, blocks: Mapping[str, Block], mark: str) -> None:
    """Refuse a tree that holds a solution line or the canary.

    Raises CourseError: naming the file and line, and the block whose solution it is.
    """
    lines = solution_lines(blocks.values())
    encoded = [(line, line.encode("utf-8"), block) for line, block in lines.items()]
    for path, content in tree.items():
        for place, part in _parts(path, content):
            if mark.encode() in part:
                raise CourseError("holds the canary of hidden material", path=place, line=_line(part, mark.encode()))
            for line, needle, block in encoded:
                if needle in part:
                    solution = f"the solution {block.name} ({block.where})"
                    message = f"holds a line of {solution}: {line!r}; phrase one of the two differently"
                    raise CourseError(message, path=place, line=_line(part, needle))


def _parts(path: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file as it is read: a notebook cell by cell, so that JSON's escapes hide nothing, and then whole."""
    if path.endswith(".ipynb"):
        for cell in json.loads(content)["cells"]:
            yield f"{path}[{cell.get('id', '?')}]", "".join(cell["source"]).encode("utf-8")
    yield path, content


def _line(content: bytes, part: bytes) -> int:
    return content.count(b"\n", 0, content.index(part)) + 1
