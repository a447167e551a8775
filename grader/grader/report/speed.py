"""What to say of a problem that is graded by speed: the same words in every format."""

from __future__ import annotations

from ..results import ProblemResult, SpeedResult, Verdict
from .text import number

HEADING = "Speed, beside the course's own code on the same machine, and the limit of one core of it:"


def rung_points(problem: ProblemResult, rung: SpeedResult) -> str:
    """`1.75 / 2.5`: the rungs share a problem's points equally."""
    each = problem.points / len(problem.speed)
    return f"{number(each * rung.share)} / {number(each)}"


def rung_line(rung: SpeedResult) -> str:
    """How fast a rung is, or why that is not known."""
    if rung.verdict is not Verdict.AC or rung.ratio is None:
        return rung.note or rung.verdict.meaning
    line = f"{_ratio(rung.ratio)} of the course's speed"
    return line if rung.limit is None else f"{line}, {_percent(rung.limit)} of the limit"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
