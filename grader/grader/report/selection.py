"""What of a problem is worth a reader's time, the same in every format."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..results import CaseResult, Failure, ProblemResult, SetAside, ValueResult, Verdict
from .text import count, one_line

_ENDED_HERE = {
    Verdict.RTE: "the process ended in this case",
    Verdict.TLE: "the time ran out in this case",
    Verdict.MLE: "the memory ran out in this case",
    Verdict.OLE: "the limit of output was reached in this case",
}


def telling_values(case: CaseResult) -> list[ValueResult]:
    """The values that differ. After an exception or a killed process those that never came say nothing more."""
    stopped = case.failure is not None or was_cut_off(case)
    return [
        value
        for value in case.values
        if value.verdict is not Verdict.AC
        and not (stopped and value.difference is not None and value.difference.kind == "missing")
    ]


def was_cut_off(case: CaseResult) -> bool:
    """Whether the case began and the end of the whole process, not an exception in it, kept it from its end."""
    return _not_through(case) and bool(case.values)


def ended_here(case: CaseResult) -> str:
    """What to say of the case in which the process ended."""
    return _ENDED_HERE[case.verdict]


def never_ran(problem: ProblemResult) -> list[CaseResult]:
    """The cases that a failed build or import, or the end of the process in a case before them, kept from running."""
    if problem.log is not None:
        return list(problem.cases)
    if problem.verdict is Verdict.CE:
        return [case for case in problem.cases if case.verdict is Verdict.CE]
    in_which_it_ended = next((case for case in problem.cases if was_cut_off(case)), None)
    return [case for case in problem.cases if _not_through(case) and case is not in_which_it_ended]


def ran(problem: ProblemResult) -> list[CaseResult]:
    """The other cases, in their order."""
    absent = {case.name for case in never_ran(problem)}
    return [case for case in problem.cases if case.name not in absent]


def never_ran_line(problem: ProblemResult) -> str:
    """One line for all cases that never ran; empty if all did, or if the problem's note says so already."""
    absent = len(never_ran(problem))
    if not absent or "did not run" in (problem.note or ""):
        return ""
    if absent == len(problem.cases):
        return "Its only case could not run." if absent == 1 else f"None of its {absent} cases could run."
    return f"{count(absent, 'case')} after that never ran."


def import_failure(problem: ProblemResult) -> Failure | None:
    """The exception that kept every case from running, where it says more than the problem's note does."""
    absent = never_ran(problem)
    failure = absent[0].failure if absent else None
    if failure is None or (problem.note and not failure.message and len(failure.frames) < 2):
        return None
    return failure


def _not_through(case: CaseResult) -> bool:
    return case.failure is None and case.verdict in _ENDED_HERE


def raised_at(cases: Sequence[CaseResult]) -> list[str]:
    """`file:line` of where the cases' exceptions were raised, each place once, in order of the cases."""
    places = []
    for case in cases:
        if case.failure is not None and case.failure.frames:
            last = case.failure.frames[-1]
            places.append(f"{one_line(last.file)}:{last.line}")
    return list(dict.fromkeys(places))


def paths_of(entries: Sequence[SetAside]) -> int:
    """How many paths the entries stand for: one each, but the judge folds a full folder into one entry, which counts
    its files, and ends a long list with `and 43 more`."""
    total = 0
    for entry in entries:
        folder = re.match(r"([\d,]+) files, ", entry.reason) if entry.path.endswith("/") else None
        rest = re.fullmatch(r"and ([\d,]+) more", entry.path) if entry is entries[-1] else None
        several = folder or rest
        total += int(several[1].replace(",", "")) if several else 1
    return total
