"""Where the blocks are in files that students wrote, and what stands in them: found in a process of its own.

The judge parses no student's file itself: one that nests deep enough ends an interpreter, and one of a hundred thousand
blocks keeps it busy for hours. So a child reads them, with little time and memory, and says of each what it found.
Where it dies, the file at hand counts as one that cannot be read, and another child goes on with those after it.

This module imports little, because the child starts with it.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..authoring.bodies import essence, is_empty, rest
from ..authoring.markers import Block, find_blocks
from ..errors import CourseError

_CHILDREN = 3  # of one reading; files that are left after the last has died count as unreadable
_SECONDS = 5  # of processor time, a child
_PATIENCE = 15.0  # seconds of real time, a child
_MEMORY = 1024**3
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = "import sys; sys.path.insert(0, sys.argv[1]); from grader.judge.anatomy import child; child()"


@dataclass(frozen=True)
class Anatomy:
    """A file that could be read.

    blocks: in order. essences: block name -> SHA-256 of what its body says (see `bodies.essence`). empty: names of the
    blocks that nobody has written. rest: SHA-256 of what the file says around its blocks.
    """

    blocks: tuple[Block, ...]
    essences: dict[str, str]
    empty: frozenset[str]
    rest: str


def anatomy(path: str, text: str) -> Anatomy:
    """The anatomy of a file of the course's own. Raises CourseError: as `find_blocks` does."""
    blocks = tuple(find_blocks(path, text))
    return Anatomy(
        blocks=blocks,
        essences={block.name: _digest(essence(path, block.body)) for block in blocks},
        empty=frozenset(block.name for block in blocks if is_empty(block)),
        rest=_digest(rest(path, text, blocks)),
    )


def anatomies(files: Mapping[str, str]) -> dict[str, Anatomy]:
    """The anatomies of students' files, by path; those that cannot be read are not among them."""
    found: dict[str, Anatomy] = {}
    left = dict(files)
    for _ in range(_CHILDREN):
        for path, seen in _children_answer(left):
            left.pop(path)
            if seen is not None:
                found[path] = seen
        if not left:
            break
        left.pop(next(iter(left)))  # the one that it died of
    return found


def _children_answer(files: Mapping[str, str]) -> Iterator[tuple[str, Anatomy | None]]:
    """What a child says of each file, in their order, as far as it came."""
    if not files:
        return
    command = [sys.executable, "-I", "-S", "-B", "-c", _COMMAND, str(_ROOT)]
    try:
        done = subprocess.run(
            command, input=json.dumps(files).encode(), capture_output=True, timeout=_PATIENCE, env={"LANG": "C.UTF-8"}
        )
        answer = done.stdout
        if done.returncode > 0 and b"MemoryError" not in done.stderr:
            raise RuntimeError(f"the reader of students' files does not run: {done.stderr.decode()[-500:]}")
    except subprocess.TimeoutExpired as error:
        answer = error.stdout or b""
    for line in answer.splitlines(keepends=True):
        if line.endswith(b"\n"):  # its last may be cut off
            path, seen = json.loads(line)
            yield path, None if seen is None else _read(seen)


def _read(seen: dict[str, Any]) -> Anatomy:
    blocks = tuple(Block(**block) for block in seen["blocks"])
    return Anatomy(blocks, seen["essences"], frozenset(seen["empty"]), seen["rest"])


def child() -> None:
    """What the child does: files as JSON on standard input, a line of JSON for each on standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for path, text in json.load(sys.stdin.buffer).items():
        try:
            seen = anatomy(path, text)
        except (CourseError, SyntaxError, ValueError, RecursionError, MemoryError):
            answer = None
        else:
            answer = {**asdict(seen), "empty": sorted(seen.empty)}
        print(json.dumps([path, answer]), flush=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
