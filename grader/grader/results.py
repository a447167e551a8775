"""What grading says: verdicts and the report, the shared vocabulary of `judge`, `report` and `cli`.

A `Report` is plain data with a schema version. It holds what an instructor may see; `Report.for_student()` drops what a
student may not: exception messages (student code writes them and could fill them with a case's source) and the seed.
Nothing here ever holds an input, an expected value or a case's source.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1


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


class ProblemResult(_Model):
    """One problem. Times in seconds, memory in bytes, both by the judge's clock and the kernel's accounting."""

    key: str
    title: str
    points: float
    score: float
    verdict: Verdict
    cases: list[CaseResult] = []
    note: str | None = Field(None, description="why, where the cases alone do not say: a limit, a build, a crash")
    log: str | None = Field(None, description="the end of the compiler's output, where the build failed")
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
    score: float
    points: float
    problems: list[ProblemResult]
    sandbox: str = Field(description="what the student's code was confined by")
    started: str = Field(description="ISO 8601, UTC")
    seconds: float

    @property
    def accepted(self) -> bool:
        return all(problem.verdict in (Verdict.AC, Verdict.SKIP) for problem in self.problems)

    @property
    def internal_error(self) -> bool:
        return any(problem.verdict is Verdict.IE for problem in self.problems)

    def for_student(self) -> Report:
        """A copy without what only instructors may see."""
        copy = self.model_copy(deep=True)
        copy.audience, copy.seed = "student", None
        for problem in copy.problems:
            problem.output = None
            for case in problem.cases:
                if case.failure is not None:
                    case.failure.message = None
        return copy
