"""The course as data: `course.toml` and each stage's `hwN/assignment.toml`, parsed and checked in one place.

What a problem consists of follows from its key by convention, so nothing is registered twice:

    hwN/tests/test_KEY.py               its public tests (and public `submit_*` cases)
    grader/hidden/hwN/KEY.py            its hidden cases: one `submit_*` function each
    grader/hidden/hwN/mutants/*         typical wrong answers, each the body of one block

`Course.load(root)` works in the instructors' repository and in a student's, where the hidden files are absent.
"""

from __future__ import annotations

import difflib
import itertools
import re
import sys
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ByteSize, ConfigDict, Field, PrivateAttr, ValidationError

from ..errors import CourseError, GraderError
from ..results import CarryForward

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Table = TypeVar("Table", bound=BaseModel)
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
MANIFEST = "assignment.toml"


class _Table(BaseModel):
    """A TOML table: unknown keys are errors, values do not change after parsing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Table):
    """What one problem's box may use. Times in seconds, sizes in bytes (`"1GiB"` is understood)."""

    wall: float = Field(30.0, gt=0, description="seconds of real time")
    cpu: float = Field(20.0, gt=0, description="seconds of processor time, all processes together")
    memory: ByteSize = Field(ByteSize(2 * 1024**3), description="bytes of memory, all processes together")
    processes: int = Field(64, ge=1, description="processes and threads at one time")
    output: ByteSize = Field(ByteSize(32 * 1024**2), description="bytes of values the box may answer with")


class Rung(_Table):
    """One function of a timed problem: `function(a, b, out)` multiplies two (size, size) matrices of float32."""

    function: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="its name in the build's module")
    title: str = Field(description="what students read about it")
    size: int = Field(ge=1, le=4096, description="rows and columns of the matrices that it is timed on")
    case: str = Field(description="the hidden case that must be right before it is timed")


class Speed(_Table):
    """A problem graded by speed: each rung against the reference's same rung, on the same machine, in turn.

    Points are shared equally by the rungs. How the module serves the judge is described in `judge/speed.py`.
    """

    full: float = Field(0.7, gt=0, le=1, description="share of the reference's speed that earns all of a rung's points")
    none: float = Field(0.1, gt=0, description="share that earns nothing; in between, what the logarithm says")
    rounds: int = Field(20, ge=1, le=100, description="how often a rung is timed at most; the best round counts")
    enough: int = Field(3, ge=1, description="how often at least, even if the best times agree")
    rungs: tuple[Rung, ...] = Field(alias="rung", min_length=1)


class Problem(_Table):
    """One graded problem: its blocks, its points, how right values become points."""

    key: Key
    title: str
    points: float = Field(gt=0)
    blocks: tuple[str, ...] = Field(min_length=1, description="names of the solution blocks that make it up")
    scoring: Literal["share", "all-or-nothing"] = "share"
    rtol: float = Field(1e-4, ge=0, description="relative tolerance of a value, unless the case gives its own")
    atol: float = Field(1e-5, ge=0, description="absolute tolerance of a value, unless the case gives its own")
    build: Key | None = Field(None, description="which of the stage's native builds its cases need")
    optional: bool = Field(False, description="its points come on top of the stage's, and nobody has to do it")
    speed: Speed | None = Field(None, description="of a problem graded by speed: how; its values only have to be right")
    limits: Limits = Limits()


class Build(_Table):
    """A native module that problems of the stage need: a CMake project and the target in it that makes the module."""

    key: Key
    source: str = Field(description="folder of CMakeLists.txt, from the repository's root")
    also: tuple[str, ...] = Field((), description="other files and folders that the project reads, from the root")
    module: str = Field(description="the extension module's name, without suffix, and that of its target")
    output: str = Field(description="folder that the module is written to, from the repository's root")
    options: dict[str, str] = Field({}, description="CMake settings that the judge builds with")
    sanitize: dict[str, str] = Field(
        {}, description="further CMake settings, with which sanitizers watch the module; none: it cannot be watched"
    )
    kernels: tuple[str, ...] = Field(
        (),
        description="names of the sources that are taken from students, and that may call the C++ library alone: not "
        "Python, no other library or program; none: all sources of the project in which they have blocks, unchecked",
    )
    environment: dict[str, str] = Field({}, description="environment variables that cases which need it run with")
    limits: Limits = Limits(wall=180.0, cpu=180.0)


class Stage(_Table):
    """One homework: `hwN/assignment.toml`."""

    key: Key
    title: str
    points: float = Field(gt=0, description="must be the sum of the problems' points, optional ones aside")
    files: tuple[str, ...] = Field(
        description="globs, from the root, of what this stage adds to a student's repository"
    )
    python_path: tuple[str, ...] = Field(description="folders, from the root, that cases and tests import from")
    packages: tuple[str, ...] = Field(("numpy",), description="installed distributions that the box offers")
    builds: tuple[Build, ...] = Field((), alias="build")
    problems: tuple[Problem, ...] = Field(alias="problem", min_length=1)

    def problem(self, key: str) -> Problem:
        """Raises GraderError: if there is no such problem; the message lists those there are."""
        for problem in self.problems:
            if problem.key == key:
                return problem
        known = ", ".join(problem.key for problem in self.problems)
        raise GraderError(f"{self.key} has no problem {key!r}; its problems are: {known}")

    def build_of(self, problem: Problem) -> Build | None:
        """The native module that a problem's cases need; None if they need none."""
        return next((build for build in self.builds if build.key == problem.build), None)

    def public_tests(self, problem: Problem) -> str:
        return f"{self.key}/tests/test_{problem.key}.py"

    def hidden_cases(self, problem: Problem) -> str:
        return f"grader/hidden/{self.key}/{problem.key}.py"

    @property
    def mutants(self) -> str:
        return f"grader/hidden/{self.key}/mutants"


class Course(_Table):
    """`course.toml` and the stages it lists that are here, in order."""

    name: str
    title: str
    stage_keys: tuple[Key, ...] = Field(alias="stages", description="all stages, in the order they are released")
    shared_files: tuple[str, ...] = Field(
        description="globs of what every student repository holds from its first commit"
    )
    renamed: dict[str, str] = Field({}, description="released file -> the file here that becomes it")
    excluded: tuple[str, ...] = Field((), description="globs of what is never released, whoever lists it")
    upcoming: dict[str, str] = Field({}, description="stages that are not here yet -> what they will be")
    withheld: dict[str, str] = Field({}, description="files of the library that no stage may bring yet -> why")
    carry_forward: CarryForward = Field(
        "sound",
        description="which score counts where a problem fails on the student's own earlier homeworks. sound: the "
        "better of the work as it stands and the same work on the course's earlier homeworks, so that an earlier "
        "mistake costs its points once. own: the work as it stands; the report shows the other score beside it",
    )
    submit_root: str = Field("needle", description="what students' archives are called")
    _root: Path = PrivateAttr()
    _stages: tuple[Stage, ...] = PrivateAttr()

    @classmethod
    def load(cls, root: Path) -> Course:
        """Read the course below `root`.

        Raises CourseError: naming the file and the field of whatever is missing, unknown or does not add up.
        """
        root = root.resolve()
        course = _parse(cls, root, "course.toml")
        stages = []
        for key in course.stage_keys:
            if (root / key / MANIFEST).is_file():
                stage = _parse(Stage, root, f"{key}/{MANIFEST}")
                _check(stage, key, f"{key}/{MANIFEST}", root)
                stages.append(stage)
        course._root, course._stages = root, tuple(stages)
        return course

    @property
    def root(self) -> Path:
        return self._root

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that are here, in order of release."""
        return self._stages

    @cached_property
    def has_hidden(self) -> bool:
        """Whether this is the instructors' repository."""
        return (self.root / "grader/hidden").is_dir()

    def stage(self, key: str) -> Stage:
        """Raises GraderError: if the stage is unknown or not here yet; the message lists those that are."""
        for stage in self._stages:
            if stage.key == key:
                return stage
        here = ", ".join(stage.key for stage in self._stages) or "none"
        if key in self.stage_keys:
            what = f" ({self.upcoming[key]})" if key in self.upcoming else ""
            raise GraderError(f"{key} is not in this repository yet: it is upcoming{what}; here now: {here}")
        raise GraderError(f"there is no stage {key!r}; here now: {here}")

    def upto(self, key: str) -> tuple[Stage, ...]:
        """The stages from the first to `key`, both included."""
        last = self.stage(key)
        return self._stages[: self._stages.index(last) + 1]


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds `course.toml`. Raises GraderError: if none does."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "course.toml").is_file():
            return folder
    raise GraderError(
        f"no course.toml in {start.resolve()} or above it: "
        "run this inside the course's repository, or name it with --course"
    )


def _parse(model: type[Table], root: Path, name: str) -> Table:
    path = root / name
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise CourseError("file not found", path=name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found = re.search(r"line (\d+)", str(error))
        raise CourseError(f"not valid TOML: {error}", path=name, line=int(found[1]) if found else None) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        line = _line_of(text, first["loc"])
        raise CourseError(
            _explain(model, first["loc"], first["type"], first["msg"], first["input"]), path=name, line=line
        ) from error


def _explain(model: type[BaseModel], location: tuple[str | int, ...], kind: str, message: str, value: object) -> str:
    """A validation error in words: which field of which table, what it must be, what it is."""
    field = str(location[-1])
    table = " ".join(str(part + 1) if isinstance(part, int) else part for part in location[:-1])
    where = f"{table}: " if table else ""
    if kind == "extra_forbidden":
        known = [
            field.alias or name
            for table in (model, Problem, Build, Speed, Rung, Limits)
            for name, field in table.model_fields.items()
        ]
        near = difflib.get_close_matches(field, known, n=1)
        return f"{where}unknown field {field!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    if kind == "missing":
        return f"{where}the field {field!r} is missing"
    return f"{where}{field}: {message[0].lower()}{message[1:]}, not {value!r}"


def _line_of(text: str, location: tuple) -> int:
    """The line of a field in TOML text, by its last name, from the n-th `[[table]]` on if one is meant."""
    lines, start = text.splitlines(), 0
    for table, index in itertools.pairwise(location):
        if isinstance(index, int):
            heads = [number for number, line in enumerate(lines) if line.strip() == f"[[{table}]]"]
            start = heads[index] if index < len(heads) else start
    name = next((part for part in reversed(location) if isinstance(part, str)), "")
    pattern = re.compile(rf"^\s*{re.escape(name)}\s*=")
    return next((number + 1 for number, line in enumerate(lines[start:], start) if pattern.match(line)), start + 1)


def _check(stage: Stage, key: str, name: str, root: Path) -> None:
    text = (root / name).read_text(encoding="utf-8")
    if stage.key != key:
        message = f"key is {stage.key!r}, but the folder is {key!r}"
        raise CourseError(message, path=name, line=_line_of(text, ("key",)))
    required = [problem.points for problem in stage.problems if not problem.optional]
    total = sum(required)
    if abs(total - stage.points) > 1e-9:
        parts = " + ".join(f"{points:g}" for points in required)
        message = f"the problems' points add up to {parts} = {total:g}, but points = {stage.points:g}"
        raise CourseError(message, path=name, line=_line_of(text, ("points",)))
    seen: set[str] = set()
    for index, problem in enumerate(stage.problems):
        line = _line_of(text, ("problem", index, "key"))
        if problem.key in seen:
            raise CourseError(f"problem {problem.key!r} appears twice", path=name, line=line)
        if problem.build and stage.build_of(problem) is None:
            known = ", ".join(build.key for build in stage.builds) or "none"
            message = (
                f"problem {problem.key!r} needs the build {problem.build!r}; the stage's [[build]] tables: {known}"
            )
            raise CourseError(message, path=name, line=line)
        if problem.speed is not None and not problem.build:
            raise CourseError(f"problem {problem.key!r} is timed, so it needs a build", path=name, line=line)
        if problem.speed is not None and problem.speed.none >= problem.speed.full:
            message = f"problem {problem.key!r}: none = {problem.speed.none:g} must be less than full = "
            raise CourseError(f"{message}{problem.speed.full:g}", path=name, line=line)
        seen.add(problem.key)
