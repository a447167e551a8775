"""How far a stage is: for each problem which of its blocks are filled and which of its public tests pass.

Works in a student's repository and in the instructors'. A file that cannot be read costs its own blocks and nothing
else; the tests of one problem run apart from the others' (see `public_tests`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import CourseError
from .bodies import STUB_IN_CPP, is_empty
from .manifest import Course, Problem, Stage
from .markers import Block, find_blocks, locate
from .public_tests import TIMEOUT, TestsStatus, run_tests

State = Literal["filled", "empty", "no markers", "unreadable"]


@dataclass(frozen=True)
class BlockStatus:
    """One block. `line` is where to write: that of the stub's exception, or the first of the body; None where the file
    has no such block or cannot be read."""

    name: str
    label: str
    file: str
    line: int | None
    state: State

    @property
    def where(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True)
class ProblemStatus:
    """One problem. `faults` are what is wrong with its files, each with file and line where they are known."""

    key: str
    title: str
    points: float
    blocks: tuple[BlockStatus, ...]
    tests: TestsStatus
    faults: tuple[str, ...] = ()
    optional: bool = False

    @property
    def filled(self) -> int:
        return sum(block.state == "filled" for block in self.blocks)

    @property
    def unmarked(self) -> int:
        """Blocks of which nothing can be said, because their markers are gone. Grading does not need them."""
        return sum(block.state == "no markers" for block in self.blocks)

    @property
    def written(self) -> bool:
        """Whether no block is known to be empty."""
        return self.filled + self.unmarked == len(self.blocks)

    @property
    def done(self) -> bool:
        """No block empty, as far as can be told, and every public test passing."""
        return self.written and self.tests.good


@dataclass(frozen=True)
class StageStatus:
    """One stage, problem by problem in the manifest's order."""

    key: str
    title: str
    points: float
    problems: tuple[ProblemStatus, ...]


def status(
    course: Course,
    stage_key: str,
    *,
    timeout: float = TIMEOUT,
    jobs: int | None = None,
    on_done: Callable[[str], None] | None = None,
) -> StageStatus:
    """Read the blocks of a stage and run its public tests with this Python.

    timeout: seconds for the tests of one problem.
    jobs: problems tested at one time; by default the processors, at most 4.
    on_done: called with a problem's key when its tests have run, from a thread of the pool.
    Raises GraderError: if there is no such stage. A student's mistake is part of the answer, never an error.
    """
    stage = course.stage(stage_key)
    files = _Files(course.root)

    def test(problem: Problem) -> TestsStatus:
        if not is_built(course.root, stage, problem):
            tests = TestsStatus(trouble="not built: run make lib", unbuilt=True)
        else:
            tests = run_tests(course.root, stage.public_tests(problem), timeout)
        if on_done is not None:
            on_done(problem.key)
        return tests

    with ThreadPoolExecutor(jobs or min(4, os.cpu_count() or 1)) as pool:
        outcomes = list(pool.map(test, stage.problems))
    problems = [_problem(files, problem, tests) for problem, tests in zip(stage.problems, outcomes, strict=True)]
    return StageStatus(stage.key, stage.title, stage.points, tuple(problems))


def is_built(root: Path, stage: Stage, problem: Problem) -> bool:
    """Whether a problem's native module is there, whatever suffix this platform gives it. True if it needs none."""
    build = stage.build_of(problem)
    if build is None:
        return True
    folder = root / build.output
    return any(path for suffix in (".so", ".pyd") for path in folder.glob(f"{build.module}*{suffix}"))


def block_files(root: Path, stage: Stage) -> dict[str, tuple[str, ...]]:
    """Problem key -> the files that hold its blocks, in the manifest's order, each once."""
    return {
        problem.key: tuple(dict.fromkeys(locate(root, name) for name in problem.blocks)) for problem in stage.problems
    }


def _first_line(block: Block) -> int:
    """The line of the stub's exception if the block holds one, else of the first line after its marker."""
    stub = re.compile(rf"\s*(?:raise\s+NotImplementedError\b|{STUB_IN_CPP})")
    lines = block.body.splitlines()
    return block.begin + 1 + next((number for number, line in enumerate(lines) if stub.match(line)), 0)


def _problem(files: _Files, problem: Problem, tests: TestsStatus) -> ProblemStatus:
    blocks = tuple(files.block(name) for name in problem.blocks)
    faults = dict.fromkeys(files.faults[block.file] for block in blocks if block.file in files.faults)
    return ProblemStatus(
        problem.key, problem.title, problem.points, blocks, tests, tuple(faults), optional=problem.optional
    )


class _Files:
    """The files of a tree as they are asked for, each read once."""

    def __init__(self, root: Path):
        self.root = root
        self.faults: dict[str, str] = {}
        self._blocks: dict[str, dict[str, Block]] = {}

    def block(self, name: str) -> BlockStatus:
        path = locate(self.root, name)
        label = name.rsplit(":", 1)[1]
        block = self._read(path).get(name)
        if block is not None:
            return BlockStatus(name, label, path, _first_line(block), "empty" if is_empty(block) else "filled")
        return BlockStatus(name, label, path, None, "unreadable" if path in self.faults else "no markers")

    def _read(self, path: str) -> dict[str, Block]:
        if path not in self._blocks:
            self._blocks[path] = {block.name: block for block in self._find(path)}
        return self._blocks[path]

    def _find(self, path: str) -> Iterable[Block]:
        try:
            return find_blocks(path, (self.root / path).read_text(encoding="utf-8"))
        except CourseError as error:
            self.faults[path] = str(error)
        except UnicodeDecodeError as error:
            self.faults[path] = f"{path}: not UTF-8 text at byte {error.start}; save it as UTF-8"
        except FileNotFoundError:
            self.faults[path] = f"{path}: the file is not there"
        except OSError as error:
            self.faults[path] = f"{path}: cannot be read: {error.strerror}"
        except (ValueError, RecursionError) as error:  # a null byte, or nesting beyond what Python parses
            self.faults[path] = f"{path}: not valid Python: {error}"
        return ()
