"""What to do next about a problem that is not fully right: one hint, the places to look at, the command to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..results import ProblemResult, Verdict
from .selection import raised_at, telling_values

MOST_PLACES = 3

_BY_VERDICT = {
    Verdict.NI: "A block still raises NotImplementedError: it is waiting to be written.",
    Verdict.RTE: "An exception came out of the code. Start from the line named last: that is where it was raised.",
    Verdict.TLE: "The time ran out. Look for an endless loop, or a Python loop where an array would do it at once.",
    Verdict.MLE: "The memory ran out. Look for an array that grows with every step, or one far larger than its inputs.",
    Verdict.OLE: "The answers were far too large. Look at the shapes that come out, and for prints inside loops.",
    Verdict.CE: "The code could not be built or imported, so no case could run. Mend that first.",
    Verdict.SKIP: "This part was not graded.",
    Verdict.IE: "The grader itself failed here. It is no fault of yours, costs nothing, and will be graded again.",
}

_BY_KIND = {
    "type": "Compare what the function returns with what its docstring promises: a Tensor, an array, a number?",
    "shape": "Follow the shapes on paper through each step, with sizes that all differ, and for every axes argument.",
    "dtype": "The values have another dtype than they should: look for a float64 array or a Python float in them.",
    "nan": "NaN or infinity where there should be none, or the reverse: look at each exp, log and division.",
    "close": "The form is right and the numbers are not: check signs, factors such as 1/batch, which axis is meant.",
    "value": "Try the smallest input you can work out by hand, and compare.",
    "length": "The number of parts is not what it should be: check what the function returns, and for how many inputs.",
    "keys": "The names are not those that were expected: compare them with the docstring.",
    "missing": "Fewer values came back than expected: the code stopped early.",
    "extra": "More values came back than expected.",
}

KIND_NAMES = {
    "type": "type",
    "shape": "shape",
    "dtype": "dtype",
    "nan": "NaN",
    "close": "numbers",
    "value": "value",
    "length": "length",
    "keys": "names",
    "missing": "missing",
    "extra": "extra",
}


@dataclass(frozen=True)
class Advice:
    """Next steps for one problem. `places` are `file:line` or files; `command` is empty where none would help,
    `left_out` the number of further places."""

    hints: tuple[str, ...]
    places: tuple[str, ...]
    command: str
    left_out: int = 0

    @property
    def more(self) -> str:
        """What to write after the places: how many there are besides."""
        return f", and {self.left_out} more" if self.left_out else ""


def advise(stage: str, problem: ProblemResult, files: Mapping[str, Sequence[str]] | None = None) -> Advice:
    """Advice for a problem. files: problem key -> the files that hold its blocks, where they are known."""
    nothing_to_do = problem.verdict in (Verdict.AC, Verdict.SKIP, Verdict.IE)
    places = raised_at(problem.cases) or list((files or {}).get(problem.key, ()))
    return Advice(
        hints=tuple(_hints(problem)),
        places=() if nothing_to_do else tuple(places[:MOST_PLACES]),
        command="" if nothing_to_do else f"make test-{stage} K={problem.key}",
        left_out=0 if nothing_to_do else max(0, len(places) - MOST_PLACES),
    )


def _hints(problem: ProblemResult) -> list[str]:
    """One hint for the verdict that stands for the problem, and one for the commonest kind of difference."""
    hints = []
    if problem.verdict in _BY_VERDICT:
        hints.append(_BY_VERDICT[problem.verdict])
    values = [value for case in problem.cases for value in telling_values(case)]
    kinds = Counter(value.difference.kind for value in values if value.difference is not None)
    if kinds:
        hints.append(_BY_KIND[kinds.most_common(1)[0][0]])
    return hints
