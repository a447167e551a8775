"""Find a homework's `submit_*` cases, run them, and collect what they hand over.

Values belong to a `Collector`, and `submit` finds the one that is active in its own context: there is no global list
that a second case, a thread or a test could write into.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from .encoding import encode
from .errors import NotCollecting, UsageError
from .select import matches

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass
class Collector:
    """The values that one case has handed over, in order, each encoded at that moment: later changes do not count."""

    encoded: list[Any] = field(default_factory=list)

    def add(self, value: Any) -> None:
        self.encoded.append(encode(value))


_active: ContextVar[Collector | None] = ContextVar("mugrade_collector", default=None)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Within the `with`, `submit` hands its values to the collector that this yields."""
    collector = Collector()
    token = _active.set(collector)
    try:
        yield collector
    finally:
        _active.reset(token)


def submit(value: Any, *, rtol: float | None = None, atol: float | None = None) -> None:
    """Hand over a value for judging; a `submit_*` case calls this once for each.

    value: a number, bool, str, None, numpy array, dtype, type or datetime, or tuples, lists and dicts of these
    rtol, atol: tolerances other than the problem's. They count where the expected value is computed, so they are
        not sent from here.
    Raises NotCollecting: if no collector is active, as when a case is called by hand. EncodingError: for other values.
    """
    collector = _active.get()
    if collector is None:
        message = (
            "mugrade.submit was called, but nothing collects values here. Run the cases by `make submit-hw1` or "
            "`python -m mugrade submit KEY hw1`; to see the values of one, call it inside "
            "`with mugrade.collecting() as values:` and look at values.encoded."
        )
        raise NotCollecting(message)
    collector.add(value)


@dataclass(frozen=True)
class CaseFile:
    """The public tests of one problem, `hwN/tests/test_KEY.py`, in which its cases are."""

    problem: str
    path: Path


@dataclass(frozen=True)
class Homework:
    """What the client needs to know of a homework; read from `hwN/assignment.toml`."""

    key: str
    python_path: tuple[Path, ...]
    files: tuple[CaseFile, ...]

    @classmethod
    def load(cls, root: Path, key: str) -> Homework:
        """Raises UsageError: if the repository has no such homework; the message lists those it has."""
        manifest = root / key / "assignment.toml"
        if Path(key).name != key or not manifest.is_file():
            here = ", ".join(sorted(path.parent.name for path in root.glob("*/assignment.toml"))) or "none"
            raise UsageError(f"there is no homework {key!r} in {root}; here now: {here}")
        try:
            table = tomllib.loads(manifest.read_text(encoding="utf-8"))
            problems = [str(problem["key"]) for problem in table["problem"]]
            python_path = tuple(root / folder for folder in table["python_path"])
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{manifest} cannot be read: {error!r}; restore it from the course") from error
        files = tuple(CaseFile(name, root / key / "tests" / f"test_{name}.py") for name in problems)
        return cls(key, python_path, files)

    def problems(self, pattern: str | None) -> tuple[CaseFile, ...]:
        """The problems that the pattern picks: all without one, that problem alone if it is a problem's key.

        Raises UsageError: if it picks none.
        """
        exact = tuple(file for file in self.files if pattern in (None, file.problem))
        picked = exact or tuple(file for file in self.files if matches(pattern or "", f"submit_{file.problem}"))
        if not picked:
            known = ", ".join(file.problem for file in self.files)
            raise UsageError(f"-k {pattern!r} matches no problem of {self.key}; its problems are: {known}")
        return picked

    @contextmanager
    def importable(self) -> Iterator[None]:
        """Within the `with`, cases can import what the homework's `python_path` holds."""
        before = sys.path[:]
        sys.path[:0] = map(str, self.python_path)
        try:
            yield
        finally:
            sys.path[:] = before


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds `course.toml`. Raises UsageError: if none does."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "course.toml").is_file():
            return folder
    raise UsageError(f"no course.toml in {start.resolve()} or above it: run this inside the course's repository")


def cases(file: CaseFile) -> list[Callable[[], object]]:
    """The `submit_*` functions of a file, in the order they are written. Imports the file, and so student code.

    Raises UsageError: if the file is missing. Whatever importing it raises.
    """
    if not file.path.is_file():
        raise UsageError(f"{file.path} is missing: restore it from the course's repository")
    module = _import(file.path)
    named = [item for name, item in vars(module).items() if name.startswith("submit_") and callable(item)]
    return [item for item in named if getattr(item, "__module__", None) == module.__name__]


def run(case: Callable[[], object]) -> list[Any]:
    """Run a case to its end and return the encoded values it handed over. Whatever it raises passes through."""
    with collecting() as collector:
        case()
    return collector.encoded


def _import(path: Path) -> ModuleType:
    name = f"mugrade_cases_{path.parent.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
