"""A problem's hidden cases, read by the trusted side: their source, their names, the titles that students see."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass

from ..authoring.manifest import Course, Problem, Stage
from ..errors import CourseError


@dataclass(frozen=True)
class Case:
    """One `submit_*` function without parameters. `title` is the first line of its docstring."""

    name: str
    title: str


@dataclass(frozen=True)
class CaseFile:
    """A problem's case file: its text, and its cases in the order they stand in."""

    source: str
    cases: tuple[Case, ...]

    def ordered(self, names: tuple[str, ...]) -> CaseFile:
        """The same cases in another order. Raises ValueError: if `names` are not exactly the cases' names."""
        by_name = {case.name: case for case in self.cases}
        if sorted(names) != sorted(by_name):
            raise ValueError(f"case_order must name each of {sorted(by_name)} once, not {list(names)}")
        return CaseFile(self.source, tuple(by_name[name] for name in names))

    def only(self, names: Collection[str]) -> CaseFile:
        """Some of the cases, in their order here."""
        return CaseFile(self.source, tuple(case for case in self.cases if case.name in names))


def read_cases(course: Course, stage: Stage, problem: Problem) -> CaseFile:
    """Read the hidden cases of a problem.

    Raises CourseError: if the file is missing, is not Python, or holds no case, or a case without a title.
    """
    name = stage.hidden_cases(problem)
    path = course.root / name
    if not path.is_file():
        where = "hidden cases are in the instructors' repository only" if not course.has_hidden else "file not found"
        raise CourseError(where, path=name)
    source = path.read_text(encoding="utf-8")
    try:
        module = ast.parse(source)
    except SyntaxError as error:
        raise CourseError(f"not valid Python: {error.msg}", path=name, line=error.lineno) from error
    cases = []
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("submit_") and not _parameters(node):
            title = (ast.get_docstring(node) or "").strip().splitlines()
            if not title:
                raise CourseError(
                    f"{node.name} has no docstring; its first line is what students read", path=name, line=node.lineno
                )
            cases.append(Case(node.name, title[0]))
    if not cases:
        raise CourseError("holds no case: no function submit_...", path=name)
    return CaseFile(source, tuple(cases))


def _parameters(node: ast.FunctionDef) -> bool:
    """Whether a function takes arguments. One called `submit_*` that does is a helper of cases."""
    given = node.args
    return bool(given.posonlyargs or given.args or given.vararg or given.kwonlyargs or given.kwarg)
