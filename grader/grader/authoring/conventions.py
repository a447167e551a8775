"""What every problem must come with, checked where it can be told from the files alone."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from ..errors import CourseError
from .manifest import Course, Problem, Stage

# A case that compares would tell the box what is right.
_DECIDING = frozenset({"allclose", "array_equal", "assert_allclose", "assert_array_equal", "isclose"})


def check_problem_files(course: Course, stage: Stage, only: Sequence[Problem] | None = None) -> None:
    """Public tests and hidden cases are there and of the right kind; the handout names each problem and its points.

    only: some of the stage's problems; then nothing is asked of the others, nor of the handout.
    Raises CourseError: naming the file and line of the first that is not so.
    """
    for problem in stage.problems if only is None else only:
        _check_public_tests(course, stage, problem)
        _check_hidden_cases(course, stage, problem)
    handout = f"{stage.key}/{stage.key}.ipynb"
    if only is None and (course.root / handout).is_file():
        _check_handout(course, stage, handout)


def _check_public_tests(course: Course, stage: Stage, problem: Problem) -> None:
    path = stage.public_tests(problem)
    names = _functions(course, path, problem)
    if not any(name.startswith("test_") for name in names):
        message = "holds no test: no function test_..., and takes in none by `from FILE import *`"
        raise CourseError(message, path=path)
    if f"submit_{problem.key}" not in names:
        raise CourseError(
            f"lacks submit_{problem.key}, the public case that `make submit-{stage.key}` sends", path=path
        )


def _functions(course: Course, path: str, problem: Problem) -> set[str]:
    """The functions of a file of public tests, and of files beside it whose tests it takes in whole."""
    body = _parse(course, path, problem).body
    names = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    for node in body:
        if isinstance(node, ast.ImportFrom) and [alias.name for alias in node.names] == ["*"]:
            beside = str(PurePosixPath(path).with_name(f"{node.module}.py"))
            if (course.root / beside).is_file():
                names |= _functions(course, beside, problem)
    return names


def _check_hidden_cases(course: Course, stage: Stage, problem: Problem) -> None:
    path = stage.hidden_cases(problem)
    module = _parse(course, path, problem)
    names = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    for rung in problem.speed.rungs if problem.speed else ():
        if rung.case not in names:
            raise CourseError(f"lacks {rung.case}, the case that {rung.function} needs before it is timed", path=path)
    for node in ast.walk(module):
        if isinstance(node, ast.Assert):
            raise CourseError(
                "a hidden case asserts; hand the value over by mugrade.submit", path=path, line=node.lineno
            )
        if isinstance(node, ast.Attribute) and node.attr in _DECIDING:
            message = f"a hidden case compares ({node.attr}); hand the value over by mugrade.submit"
            raise CourseError(message, path=path, line=node.lineno)


def _check_handout(course: Course, stage: Stage, path: str) -> None:
    cells = json.loads((course.root / path).read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    for problem in stage.problems:
        extra = " extra" if problem.optional else ""
        rows = re.findall(rf"^\| `{problem.key}` \| (\d[\d.]*){extra} \|", text, re.MULTILINE)
        if not rows:
            row = f"| `{problem.key}` | {problem.points:g}{extra} |"
            raise CourseError(f"its table of problems lacks a row {row}", path=path)
        wrong = [row for row in rows if float(row) != problem.points]
        if wrong:
            raise CourseError(f"gives {problem.key} {wrong[0]} points, the manifest {problem.points:g}", path=path)


def _parse(course: Course, path: str, problem: Problem) -> ast.Module:
    full = course.root / path
    if not full.is_file():
        raise CourseError(f"there is no such file, and problem {problem.key} needs it", path=path)
    try:
        return ast.parse(full.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise CourseError(f"not valid Python: {error.msg}", path=path, line=error.lineno) from error
