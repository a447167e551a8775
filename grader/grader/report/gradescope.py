"""`results.json` as Gradescope's autograder reads it. Built from the students' view: Gradescope shows it to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..results import SCHEMA_VERSION, CarryForward, CaseResult, Failure, ProblemResult, Report, Verdict
from .advice import KIND_NAMES, Advice, advise
from .carried import meaning, remaining, score_line, total_line
from .selection import ended_here, import_failure, never_ran_line, raised_at, ran, telling_values, was_cut_off
from .speed import HEADING, rung_line, rung_points
from .text import count, of_points, one_line, plain, tail

LOG_LINES = 40


def results(report: Report, *, files: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The results as plain data, one test a problem. Scores in points, time in seconds.

    files: problem key -> the files that hold its blocks, for the advice; None where the course is not at hand.
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
            "carry_forward": report.carry_forward,
            "own_score": round(report.own_score, 2),
            "sound_score": round(report.sound_score, 2),
            "verdicts": {problem.key: problem.verdict.value for problem in report.problems},
        },
        "tests": [
            _test(index, problem, report.carry_forward, advise(report.stage, problem, files, report.submission.missing))
            for index, problem in enumerate(report.problems, 1)
        ],
    }


def _test(index: int, problem: ProblemResult, policy: CarryForward, advice: Advice) -> dict[str, Any]:
    return {
        "score": round(problem.score, 2),
        # Points on top: Gradescope takes the total from the assignment's settings, and lets a score exceed it.
        "max_score": 0.0 if problem.optional else round(problem.points, 2),
        "status": "passed" if problem.verdict is Verdict.AC else "failed",
        "name": f"{problem.key}: {one_line(problem.title)}" + (" (optional)" if problem.optional else ""),
        "name_format": "text",
        "number": str(index),
        "output": "\n".join(_lines(problem, policy, advice)),
        "output_format": "text",
        "visibility": "visible",
        "extra_data": {
            "verdict": problem.verdict.value,
            "own_score": round(problem.own_score, 2),
            "sound_score": None if problem.sound is None else round(problem.sound.score, 2),
        },
    }


def _summary(report: Report) -> str:
    lines = [of_points(report.score, report.points)]
    both = total_line(report)
    lines += [f"{both}."] if both else []
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


def _lines(problem: ProblemResult, policy: CarryForward, advice: Advice) -> list[str]:
    lines = [f"{problem.verdict.value}: {problem.verdict.meaning}"]
    if problem.optional:
        lines.append(f"Optional: up to {of_points(problem.points, 0)} on top of the others.")
    both, sentences = score_line(problem), meaning(problem, policy)
    lines += ["", *([f"{both}."] if both else []), *sentences] if sentences else []
    lines += ["", "As it stands:"] if both else []
    if problem.note:
        lines.append(plain(problem.note))
    for case in ran(problem):
        lines += _case(case)
    unrun = never_ran_line(problem)
    lines += ["", unrun] if unrun else []
    stopped_by = import_failure(problem)
    lines += _failure(stopped_by) if stopped_by is not None else []
    if problem.speed:
        lines += ["", HEADING]
        lines += [f"  {rung.title}: {rung_line(rung)} ({rung_points(problem, rung)})" for rung in problem.speed]
    if problem.log:
        lines += ["", "The compiler said:", tail(problem.log, LOG_LINES)]
    left = remaining(problem)
    if left and problem.sound is not None:
        lines += ["", left]
        for case in problem.sound.cases:
            lines += _case(case)
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
        lines += _failure(case.failure)
    elif was_cut_off(case):
        lines.append(f"  {ended_here(case)}")
    return lines


def _failure(failure: Failure) -> list[str]:
    frames = [f"    {one_line(frame.file)}:{frame.line}, in {one_line(frame.function, 60)}" for frame in failure.frames]
    return [f"  {one_line(failure.type)}", *frames]
