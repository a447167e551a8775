"""What to do next about a problem that is not fully right: one hint, the places to look at, the command to run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..results import Difference, ProblemResult, Verdict
from .carried import commands, differing
from .selection import raised_at, telling_values, was_cut_off
from .text import one_line

MOST_PLACES = 3

_BY_VERDICT = {
    Verdict.NI: "A block still raises NotImplementedError: it is waiting to be written.",
    Verdict.RTE: "An exception came out of the code. Start from the line named last: that is where it was raised.",
    Verdict.TLE: "The time ran out. Look for an endless loop, whose condition never becomes false, then for a Python "
    "loop where an array would do it at once.",
    Verdict.MLE: "The memory ran out. Look for an array that grows with every step, or one far larger than its inputs.",
    Verdict.OLE: "The answers were far too large. Look at the shapes that come out, and for prints inside loops.",
    Verdict.CE: "The code could not be imported, so no case could run. Mend that first.",
    Verdict.SKIP: "This part was not graded.",
    Verdict.IE: "The grader itself failed here. It is no fault of yours, costs nothing, and will be graded again.",
}

_DOES_NOT_COMPILE = "Start from the compiler's first error: those after it often follow from it."
_BUILD_STOPPED = "The compiler did not come to an end. Look for a file that includes itself, or templates without end."
_NO_PLACE = "An exception came out of the code. The public tests show its traceback."
_NO_PLACE_IN_CPP = "A kernel was stopped for what it did. Run the public tests with SAN=1: that names the line."
_TOO_SLOW_IN_CPP = "The time ran out. Look for an endless loop: does its condition ever become false, its index change?"
_PROCESS_ENDED = (
    "The whole process ended, without an exception. Look for calls that exit, and for recursion without end."
)
_OUT_OF_BOUNDS = (
    "Memory was touched that is not an array's own: look for an index out of bounds, such as a loop that goes one too "
    "far, or rows and columns exchanged; then for recursion without end."
)
_BY_SIGNAL = {
    "SIGSEGV": _OUT_OF_BOUNDS,
    "SIGBUS": _OUT_OF_BOUNDS,
    "SIGABRT": "The program aborted itself. C++ does so when it finds its memory written over: look for an index out "
    "of bounds, then for memory freed twice, an assert, or an exception that nothing catches.",
    "SIGFPE": "An integer was divided by zero in compiled code: look at each / and % of integers.",
    "SIGILL": "Compiled code ran where none should: look for a function without a return, and an index out of bounds.",
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
_BY_KIND_IN_CPP = {
    "nan": "An element that was never written is NaN: does each element of out get a value, and from a place inside of "
    "the array?",
    "close": "The form is right and the numbers are not: check each index, rows and columns, strides and offset.",
}
_CPP = (".cc", ".cpp", ".cu")

KIND_NAMES = {
    "type": "type",
    "shape": "shape",
    "dtype": "dtype",
    "nan": "NaN, inf",
    "close": "numbers",
    "value": "value",
    "length": "length",
    "keys": "names",
    "missing": "missing",
    "extra": "extra",
}


@dataclass(frozen=True)
class Advice:
    """Next steps for one problem. `places` are files, or `file:line, line`; `command` is empty where none would help,
    `left_out` the number of further places."""

    hints: tuple[str, ...]
    places: tuple[str, ...]
    command: str
    left_out: int = 0

    @property
    def more(self) -> str:
        """What to write after the places: how many there are besides."""
        return f", and {self.left_out} more" if self.left_out else ""


def advise(
    stage: str,
    problem: ProblemResult,
    files: Mapping[str, Sequence[str]] | None = None,
    missing: Sequence[str] = (),
) -> Advice:
    """Advice for a problem.

    files: problem key -> the files that hold its blocks, where they are known. missing: the files that were not handed
    in; a problem that needs one gets no other advice than to hand it in.
    """
    if problem.verdict in (Verdict.AC, Verdict.SKIP, Verdict.IE):
        return Advice(hints=tuple(_hints(problem)), places=(), command="")
    homes = (files or {}).get(problem.key, ())
    absent = _absent(problem, homes, missing)
    if absent:
        return Advice(hints=absent, places=(), command="")
    sound = differing(problem)
    first: tuple[str, ...] = ()
    if sound is not None and sound.blame:
        if sound.verdict is Verdict.AC:
            return Advice(hints=(), places=(), command=commands(sound)[0])
        first = (f"Test what is to blame in the earlier homework first: {', '.join(commands(sound))}",)
        # What is left on sound foundations is this problem's own.
        own = {"verdict": sound.verdict, "cases": sound.cases, "note": sound.note, "log": sound.log}
        problem = problem.model_copy(update=own)
    places = _places(problem) or list(homes)
    return Advice(
        hints=(*first, *_hints(problem, native=bool(homes) and all(home.endswith(_CPP) for home in homes))),
        places=tuple(_joined(places[:MOST_PLACES])),
        command=f"make test-{stage} K={problem.key}",
        left_out=max(0, len(places) - MOST_PLACES),
    )


def _absent(problem: ProblemResult, homes: Sequence[str], missing: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each file that the problem needs, by its blocks or by the stubs it met, and that is missing."""
    failures = [case.failure for case in problem.cases if case.verdict is Verdict.NI]
    met = [failure.frames[-1].file for failure in failures if failure is not None and failure.frames]
    return tuple(
        f"{one_line(path)} was not in the submission, so its blocks count as not written: hand it in as well."
        for path in dict.fromkeys([*homes, *met])
        if path in missing
    )


def _places(problem: ProblemResult) -> list[str]:
    """`file:line` of the note or of the compiler's first error, or of what the cases raised that gave the verdict."""
    if problem.verdict is Verdict.CE:
        named = re.match(r"([^\s:/][^:\n]*):(\d+): ", problem.note or "")
        if named:
            return [f"{one_line(named[1])}:{named[2]}"]
    if problem.log is not None:
        error = re.search(r"^([^\s:/][^:\n]*):(\d+):(?:\d+:)? (?:fatal )?error:", problem.log, re.MULTILINE)
        return [f"{one_line(error[1])}:{error[2]}"] if error else []
    exceptions = problem.verdict in (Verdict.RTE, Verdict.WA)  # an empty block is not what is wrong with either
    told = (Verdict.RTE, Verdict.WA) if exceptions else (problem.verdict,)
    return raised_at([case for case in problem.cases if case.verdict in told])


def _joined(places: Sequence[str]) -> list[str]:
    """The places with the lines of one file together: `ops.py:117, 138`."""
    lines: dict[str, list[str]] = {}
    for place in places:
        file, colon, line = place.rpartition(":")
        lines.setdefault(file if colon else place, []).extend([line] if colon else [])
    return [f"{file}:{', '.join(numbers)}" if numbers else file for file, numbers in lines.items()]


def _hints(problem: ProblemResult, *, native: bool = False) -> list[str]:
    """One hint for the verdict that stands for the problem, and one for the commonest kind of difference.

    native: whether the problem is written in C++ or CUDA.
    """
    hints = [_verdict_hint(problem, native)] if problem.verdict in _BY_VERDICT else []
    values = [value for case in problem.cases for value in telling_values(case)]
    kinds = Counter(_kind(value.difference) for value in values if value.difference is not None)
    if kinds:
        kind = kinds.most_common(1)[0][0]
        hints.append(_BY_KIND_IN_CPP.get(kind, _BY_KIND[kind]) if native else _BY_KIND[kind])
    return hints


def _verdict_hint(problem: ProblemResult, native: bool) -> str:
    if problem.log is not None:
        return _DOES_NOT_COMPILE if problem.verdict is Verdict.CE else _BUILD_STOPPED
    if problem.verdict is Verdict.RTE:
        if any(was_cut_off(case) for case in problem.cases):
            ended_by = re.search(r"\bSIG[A-Z]+\b", problem.note or "")
            return _BY_SIGNAL.get(ended_by[0] if ended_by else "", _PROCESS_ENDED)
        if not _places(problem):
            return _NO_PLACE_IN_CPP if native else _NO_PLACE
    if native and problem.verdict is Verdict.TLE:
        return _TOO_SLOW_IN_CPP
    return _BY_VERDICT[problem.verdict]


def _kind(difference: Difference) -> str:
    """The kind of hint that helps: an error beyond all numbers comes from the same places as NaN does."""
    endless = difference.kind == "close" and "error is beyond all numbers" in difference.message
    return "nan" if endless else difference.kind
