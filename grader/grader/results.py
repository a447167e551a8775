"""What grading says: verdicts and the report, the shared vocabulary of `judge`, `report` and `cli`.

A `Report` is plain data with a schema version. It holds what an instructor may see; `Report.for_student()` drops what a
student may not: exception messages (student code writes them and could fill them with a case's source) and the seed.
Nothing here ever holds an input, an expected value or a case's source.

A problem is graded as it stands. Where some case fails and the stage builds on earlier ones, it is graded again with
the reference's blocks of those stages: a `SoundResult` beside the `ProblemResult`. Its words for students are fewer,
because in that run the box holds solutions of the earlier stages, which must not leave it.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 3

CarryForward = Literal["sound", "own"]


class Verdict(str, Enum):
    """The outcome of a value, a case or a problem."""

    AC = "AC"
    WA = "WA"
    RTE = "RTE"
    TLE = "TLE"
    MLE = "MLE"
    OLE = "OLE"
    CE = "CE"
    NI = "NI"
    SKIP = "SKIP"
    IE = "IE"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Verdict.AC: "accepted",
    Verdict.WA: "wrong answer",
    Verdict.RTE: "exception or crash",
    Verdict.TLE: "out of time",
    Verdict.MLE: "out of memory",
    Verdict.OLE: "too much output",
    Verdict.CE: "does not compile",
    Verdict.NI: "not implemented",
    Verdict.SKIP: "skipped",
    Verdict.IE: "internal error of the grader",
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Difference(_Model):
    """The kind of difference between the expected and the submitted value, in words fit for a student."""

    kind: Literal["type", "shape", "dtype", "nan", "close", "value", "length", "keys", "missing", "extra"]
    message: str


class ValueResult(_Model):
    """One submitted value of a case, counted from 1."""

    number: int
    verdict: Verdict
    difference: Difference | None = None


class Frame(_Model):
    """A place in one of the student's own files."""

    file: str
    line: int
    function: str


class Failure(_Model):
    """An exception in the box. `type` is a built-in's or the library's exception name, else `an exception`."""

    type: str
    frames: list[Frame] = []
    message: str | None = Field(None, description="instructors only: student code writes it")


class CaseResult(_Model):
    """One hidden case. `title` is the first line of its docstring, written for students to read."""

    name: str
    title: str
    verdict: Verdict
    right: int
    total: int
    values: list[ValueResult] = []
    failure: Failure | None = None


def _score(data: dict[str, Any]) -> float:
    """What the work earns as it stands, unless something else is said: its score."""
    return data["score"]


class Blame(_Model):
    """A part of an earlier stage that cost points at this one."""

    name: str = Field(description="of the block; of the file, from the root, where it had to be replaced whole")
    label: str = Field(description="the block's name without its file; of a file, its path")
    stage: str
    problem: str | None = Field(None, description="the block's problem; null for a file")
    kind: Literal["wrong", "empty", "file"] = Field(description="empty: nobody has written the block")


class SoundResult(_Model):
    """The same problem, same inputs, on sound foundations: this stage's blocks are the student's, those of earlier
    stages the reference's."""

    stages: list[str] = Field(description="the earlier stages whose work was replaced")
    score: float
    verdict: Verdict
    cases: list[CaseResult] = Field([], description="those that are not right even so")
    blame: list[Blame] = Field([], description="a smallest set of earlier parts that makes the difference, if one was")
    exact: bool = Field(True, description="false: the search was broken off, and the difference lies among `blame`")
    runs: int = Field(1, description="how often the problem was run for this")
    note: str | None = None
    log: str | None = None
    output: str | None = None

    def for_student(self) -> SoundResult:
        """A copy with what differs by kind only: neither words nor places that student code could choose."""
        copy = self.model_copy(deep=True)
        copy.note = copy.log = copy.output = None
        for case in copy.cases:
            for value in case.values:
                if value.difference is not None:
                    value.difference.message = _BY_KIND[value.difference.kind]
            if case.failure is not None:
                case.failure = Failure(type=case.failure.type)
        return copy


_BY_KIND = {
    "type": "another type than expected",
    "shape": "another shape than expected",
    "dtype": "another dtype than expected",
    "nan": "NaN or infinity in other places than expected",
    "close": "not close to what was expected",
    "value": "another value than expected",
    "length": "another number of items than expected",
    "keys": "other keys than expected",
    "missing": "this value was not handed over",
    "extra": "more values than expected were handed over",
}


class SpeedResult(_Model):
    """One rung of a problem that is graded by speed. Times are the judge's, of the best round, less what sending takes.

    What could not be measured, because a value was wrong or the code did not come to an end, is null.
    """

    function: str
    title: str
    verdict: Verdict
    share: float = Field(0.0, ge=0, le=1, description="of the rung's points")
    seconds: float | None = None
    reference: float | None = Field(None, description="seconds that the reference needed on this machine, in turn")
    limit: float | None = Field(None, description="the speed as a share of what one core of this machine can do")
    rounds: int = Field(0, description="how often both were timed")
    note: str | None = None

    @property
    def ratio(self) -> float | None:
        """The speed relative to the reference's: 1 is as fast, 0.5 takes twice as long."""
        return None if self.seconds is None or self.reference is None else self.reference / self.seconds


class ProblemResult(_Model):
    """One problem. Times in seconds, memory in bytes, both by the judge's clock and the kernel's accounting.

    `verdict`, `cases` and what is beside them tell of the work as it stands.
    """

    key: str
    title: str
    points: float
    optional: bool = Field(False, description="its points come on top of the stage's")
    score: float = Field(description="as it counts, by the course's policy")
    own_score: float = Field(default_factory=_score, description="of the work as it stands")
    sound: SoundResult | None = Field(None, description="on sound foundations, where that could matter")
    verdict: Verdict
    cases: list[CaseResult] = []
    speed: list[SpeedResult] = Field([], description="of a problem graded by speed, its rungs; else empty")
    note: str | None = Field(None, description="why, where the cases alone do not say: a limit, a build, a crash")
    log: str | None = Field(None, description="what the compiler said, where the build failed")
    output: str | None = Field(None, description="instructors only: the end of what student code printed")
    wall: float = 0.0
    cpu: float = 0.0
    memory: int | None = None


class SetAside(_Model):
    """A path of the submission that was not graded, and why."""

    path: str
    reason: str


class SubmissionInfo(_Model):
    """What was handed in: `digest` is the SHA-256 of the files taken, in a canonical order."""

    name: str
    digest: str
    taken: list[str]
    missing: list[str] = []
    set_aside: list[SetAside] = []


class Report(_Model):
    """The outcome of grading one submission at one stage."""

    schema_version: int = SCHEMA_VERSION
    audience: Literal["instructor", "student"] = "instructor"
    course: str
    stage: str
    title: str
    submission: SubmissionInfo
    seed: int | None
    score: float = Field(description="as it counts, by the course's policy")
    own_score: float = Field(default_factory=_score, description="of the work as it stands")
    sound_score: float = Field(default_factory=_score, description="with the reference's blocks of earlier stages")
    carry_forward: CarryForward = Field(
        "sound", description="the policy: sound, of each problem the better score counts; own, the work as it stands"
    )
    points: float = Field(description="without those of optional problems, which come on top")
    problems: list[ProblemResult]
    sandbox: str = Field(description="what the student's code was confined by")
    started: str = Field(description="ISO 8601, UTC")
    seconds: float

    @property
    def required(self) -> list[ProblemResult]:
        """The problems that have to be done; where only optional ones were graded, these."""
        return [problem for problem in self.problems if not problem.optional] or self.problems

    @property
    def accepted(self) -> bool:
        """Whether all that has to be done is right as it stands. Points that are granted on sound foundations do not
        make it so: the homework does not work yet in the student's own hands."""
        return all(problem.verdict in (Verdict.AC, Verdict.SKIP) for problem in self.required)

    @property
    def internal_error(self) -> bool:
        """Whether the grader failed somewhere, on sound foundations included: points may hang on it."""
        return any(
            Verdict.IE in (problem.verdict, problem.sound.verdict if problem.sound else None)
            for problem in self.problems
        )

    def for_student(self) -> Report:
        """A copy without what only instructors may see."""
        copy = self.model_copy(deep=True)
        copy.audience, copy.seed = "student", None
        for problem in copy.problems:
            problem.output = None
            if problem.sound is not None:
                problem.sound = problem.sound.for_student()
            for case in problem.cases:
                if case.failure is not None:
                    case.failure.message = None
        return copy
