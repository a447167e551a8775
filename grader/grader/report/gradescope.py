"""`results.json` as Gradescope's autograder reads it. Built from the students' view: Gradescope shows it to them."""

from __future__ import annotations

from typing import Any

from ..results import SCHEMA_VERSION, CaseResult, ProblemResult, Report, Verdict
from .advice import KIND_NAMES, advise
from .selection import raised_at, telling_values
from .text import count, number, one_line, plain, tail

LOG_LINES = 40


def results(report: Report) -> dict[str, Any]:
    """The results as plain data, one test a problem. Scores in points, time in seconds.

    Whatever the report's audience, nothing is in it that a student may not see.
    """
    report = report.for_student()
    return {
        "score": round(report.score, 2),
        "execution_time": round(report.seconds, 2),
        "output": _summary(report),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "schema_version": SCHEMA_VERSION,
            "stage": report.stage,
            "digest": report.submission.digest,
            "verdicts": {problem.key: problem.verdict.value for problem in report.problems},
        },
        "tests": [_test(report.stage, index, problem) for index, problem in enumerate(report.problems, 1)],
    }


def _test(stage: str, index: int, problem: ProblemResult) -> dict[str, Any]:
    return {
        "score": round(problem.score, 2),
        "max_score": round(problem.points, 2),
        "status": "passed" if problem.verdict is Verdict.AC else "failed",
        "name": f"{problem.key}: {one_line(problem.title)}",
        "name_format": "text",
        "number": str(index),
        "output": "\n".join(_lines(stage, problem)),
        "output_format": "text",
        "visibility": "visible",
        "extra_data": {"verdict": problem.verdict.value},
    }


def _summary(report: Report) -> str:
    lines = [f"{number(report.score)} of {number(report.points)} points"]
    if report.internal_error:
        lines.append("Some problems met a fault of the grader; they will be graded again and cost nothing.")
    info = report.submission
    if info.missing:
        lines += ["", "Not in the submission, so graded as they were handed out:"]
        lines += [f"  {one_line(path)}" for path in info.missing]
    if info.set_aside:
        lines += ["", "In the submission, but set aside:"]
        lines += [f"  {one_line(item.path)}: {one_line(item.reason)}" for item in info.set_aside]
    return "\n".join(lines)


def _lines(stage: str, problem: ProblemResult) -> list[str]:
    lines = [f"{problem.verdict.value}: {problem.verdict.meaning}"]
    if problem.note:
        lines.append(plain(problem.note))
    for case in problem.cases:
        lines += _case(case)
    if problem.log:
        lines += ["", "The compiler said, at the end:", tail(problem.log, LOG_LINES)]
    advice = advise(stage, problem)
    lines += ["", *advice.hints] if advice.hints else []
    lines += [f"Look at {', '.join(advice.places)}{advice.more}"] if advice.places else []
    lines += [f"Then run: {advice.command}"] if advice.command else []
    return lines


def _case(case: CaseResult) -> list[str]:
    tally = f" ({case.right} of {count(case.total, 'value')} right)" if case.total else ""
    lines = ["", f"[{case.verdict.value}] {one_line(case.title, 240)}{tally}"]
    for value in telling_values(case):
        if value.difference is not None:
            kind = KIND_NAMES[value.difference.kind]
            lines.append(f"  value {value.number}: {kind}: {one_line(value.difference.message, 300)}")
        else:
            lines.append(f"  value {value.number}: {value.verdict.meaning}")
    if case.failure is not None and case.verdict is Verdict.NI:
        lines += [f"  not written yet: {place}" for place in raised_at([case])]
    elif case.failure is not None:
        lines.append(f"  {one_line(case.failure.type)}")
        lines += [
            f"    {one_line(frame.file)}:{frame.line}, in {one_line(frame.function, 60)}"
            for frame in case.failure.frames
        ]
    return lines
