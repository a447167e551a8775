"""What of a case is worth a reader's time, the same in every format."""

from __future__ import annotations

from collections.abc import Sequence

from ..results import CaseResult, ValueResult, Verdict
from .text import one_line


def telling_values(case: CaseResult) -> list[ValueResult]:
    """The values that differ. After an exception those that never came say nothing that it does not say."""
    return [
        value
        for value in case.values
        if value.verdict is not Verdict.AC
        and not (case.failure is not None and value.difference is not None and value.difference.kind == "missing")
    ]


def raised_at(cases: Sequence[CaseResult]) -> list[str]:
    """`file:line` of where the cases' exceptions were raised, each place once, in order of the cases."""
    places = []
    for case in cases:
        if case.failure is not None and case.failure.frames:
            last = case.failure.frames[-1]
            places.append(f"{one_line(last.file)}:{last.line}")
    return list(dict.fromkeys(places))
