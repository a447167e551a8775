"""From what a box said and how it ended to a verdict and a score. Pure: no process, no file, no clock.

Also the one place that decides which of the box's words a report may repeat: names of types that are built in, NumPy's
or the library's, and places that exist in the student's own files. A frame's function is read from the file, not from
the box.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable

from ..authoring.manifest import Problem
from ..results import CaseResult, Difference, Failure, Frame, ProblemResult, ValueResult, Verdict
from .builds import Built
from .cases import Case, CaseFile
from .compare import compare
from .context import Context
from .expectations import Expected
from .notes import BUILT_APART, broken_off, empty_block, not_built, not_filled_in, not_imported
from .protocol import CaseRun, ProtocolError, Raised, Submitted, transcript
from .supervise import Outcome

_BUILT_IN = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)
_NUMPY = frozenset(
    {"LinAlgError", "AxisError", "DTypePromotionError", "TooHardError", "ComplexWarning", "VisibleDeprecationWarning"}
)
ENDED = {"wall": Verdict.TLE, "cpu": Verdict.TLE, "memory": Verdict.MLE, "output": Verdict.OLE, "exit": Verdict.RTE}
BY_BASE = {"NotImplementedError": Verdict.NI, "MemoryError": Verdict.MLE}
# A problem's verdict is the first of these that one of its cases has.
_WORST = (Verdict.IE, Verdict.CE, Verdict.MLE, Verdict.TLE, Verdict.OLE, Verdict.RTE, Verdict.WA, Verdict.NI)
_FRAMES = 5


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of what has parts with these."""
    there = set(verdicts)
    return next((verdict for verdict in _WORST if verdict in there), Verdict.AC)


def problem_result(context: Context, expected: Expected, outcome: Outcome) -> ProblemResult:
    try:
        said = transcript(outcome.frames)
    except ProtocolError as error:
        failure = Failure(type="an exception", message=str(error))
        said_wrong = "what the program answered was not in the judge's form"
        return _all(context, expected, Verdict.RTE, outcome, said_wrong, failure)
    if said.imported is not None:
        return _import_failure(context, expected, outcome, said.imported)
    results = []
    through = True
    for case in context.cases.cases:
        run, wanted = said.cases.get(case.name), expected.cases[case.name]
        finished = run is not None and (run.ended or run.raised is not None)
        through = through and finished
        broken = None if finished else ENDED[outcome.ended]
        if run is None:
            results.append(_never_began(case, wanted, ENDED[outcome.ended]))
        else:
            results.append(_case(context, case, wanted, run, broken))
    note = not_filled_in(context, said) if through else broken_off(context, said, outcome)
    return _result(context, results, outcome, note)


def built_apart(result: ProblemResult) -> ProblemResult:
    """The result of a run with a native module that had to be built without the other problems' code."""
    note = f"{result.note}; {BUILT_APART}" if result.note else BUILT_APART
    return result.model_copy(update={"note": note})


def build_failure(context: Context, expected: Expected, built: Built) -> ProblemResult:
    """Judge a problem whose native module could not be built."""
    outcome = built.outcome
    assert outcome is not None
    note = not_built(context, built.log, outcome)
    result = _all(context, expected, Verdict.CE if outcome.ended == "exit" else ENDED[outcome.ended], outcome, note)
    result.log = built.log
    return result


def unreadable(context: Context, expected: Expected) -> ProblemResult | None:
    """Judge a problem with a file of its own that is not text; None if there is no such file.

    Python reads some such files and refuses others, and not the same ones in each version: so it is not asked.
    """
    own = [path for path in context.materials.homes[context.problem.key] if path in context.faults]
    if not own:
        return None
    note = "; ".join(f"{path} is {context.faults[path]}" for path in own) + "; save it as UTF-8"
    return _all(context, expected, Verdict.CE, Outcome(b"", "", "exit", 0, 0.0, 0.0, None), note)


def internal_error(problem: Problem, cases: CaseFile, note: str) -> ProblemResult:
    """A problem that the grader failed to judge."""
    return ProblemResult(
        key=problem.key,
        title=problem.title,
        points=problem.points,
        optional=problem.optional,
        score=0.0,
        verdict=Verdict.IE,
        cases=[
            CaseResult(name=case.name, title=case.title, verdict=Verdict.IE, right=0, total=0) for case in cases.cases
        ],
        note=note,
    )


def _never_began(case: Case, expected: tuple[Submitted, ...], verdict: Verdict) -> CaseResult:
    """A case that the run did not come to: no value of it, right or wrong, is listed."""
    return CaseResult(name=case.name, title=case.title, verdict=verdict, right=0, total=len(expected))


def _case(
    context: Context, case: Case, expected: tuple[Submitted, ...], run: CaseRun, broken: Verdict | None
) -> CaseResult:
    values = []
    for number, wanted in enumerate(expected, 1):
        if number > len(run.values):
            difference: Difference | None = Difference(kind="missing", message="this value was not handed over")
        else:
            difference = compare(
                wanted.value,
                run.values[number - 1].value,
                context.problem.rtol if wanted.rtol is None else wanted.rtol,
                context.problem.atol if wanted.atol is None else wanted.atol,
                context.materials.known_types,
            )
        verdict = Verdict.AC if difference is None else Verdict.WA
        values.append(ValueResult(number=number, verdict=verdict, difference=difference))
    right = sum(value.verdict is Verdict.AC for value in values)
    extra = len(run.values) - len(expected)
    if extra > 0:
        difference = Difference(kind="extra", message=f"{extra} more values than expected were handed over")
        values.append(ValueResult(number=len(expected) + 1, verdict=Verdict.WA, difference=difference))
    failure = None
    if broken is not None:
        verdict = broken
    elif run.raised is not None:
        verdict = BY_BASE.get(run.raised.base, Verdict.RTE)
        failure = _failure(context, run.raised)
    else:
        verdict = Verdict.AC if right == len(values) else Verdict.WA
    total = len(expected) + max(0, extra)
    return CaseResult(
        name=case.name, title=case.title, verdict=verdict, right=right, total=total, values=values, failure=failure
    )


def _import_failure(context: Context, expected: Expected, outcome: Outcome, raised: Raised) -> ProblemResult:
    verdict = BY_BASE.get(raised.base, Verdict.CE)
    failure = _failure(context, raised)
    if verdict is Verdict.NI:
        note = empty_block(context, raised) or (
            "the file calls something that is not implemented while it is being imported"
        )
    else:
        note = not_imported(context, raised, failure)
    return _all(context, expected, verdict, outcome, note, failure)


def _all(
    context: Context,
    expected: Expected,
    verdict: Verdict,
    outcome: Outcome,
    note: str,
    failure: Failure | None = None,
) -> ProblemResult:
    """Every case with the same verdict, none of them begun. What stopped them all stands once, with the first."""
    cases = [_never_began(case, expected.cases[case.name], verdict) for case in context.cases.cases]
    cases[0].failure = failure
    return _result(context, cases, outcome, note)


def _result(context: Context, cases: list[CaseResult], outcome: Outcome, note: str | None) -> ProblemResult:
    problem = context.problem
    right, total = sum(case.right for case in cases), sum(case.total for case in cases)
    accepted = all(case.verdict is Verdict.AC for case in cases)
    share = float(accepted) if problem.scoring == "all-or-nothing" else right / total
    return ProblemResult(
        key=problem.key,
        title=problem.title,
        points=problem.points,
        optional=problem.optional,
        score=problem.points * share,
        verdict=worst(case.verdict for case in cases),
        cases=cases,
        note=note,
        output=outcome.printed or None,
        wall=outcome.wall,
        cpu=outcome.cpu,
        memory=outcome.memory,
    )


def _failure(context: Context, raised: Raised) -> Failure:
    ours = raised.type in context.materials.known_types or (raised.type in _NUMPY and raised.module.startswith("numpy"))
    shown = raised.type if ours or (raised.type in _BUILT_IN and raised.module == "builtins") else "an exception"
    if raised.base == "MemoryError" and raised.module.startswith("numpy"):
        shown = "MemoryError"
    frames = [_frame(context, file, line) for file, line in raised.frames]
    kept = [frame for frame in frames if frame is not None]
    return Failure(type=shown, frames=kept[-_FRAMES:], message=raised.message or None)


def _frame(context: Context, file: str, line: int) -> Frame | None:
    """The place, if it is one in a file that the student may change."""
    lines = context.lines(file)
    if lines is None or not 1 <= line <= max(1, len(lines)):
        return None
    return Frame(file=file, line=line, function=_function(lines, line))


_DEFINITION = re.compile(r"(\s*)(?:async\s+)?def\s+(\w+)", re.ASCII)


def _function(lines: list[str], line: int) -> str:
    """The function that a line belongs to, by indentation: the file may not even parse."""
    if line > len(lines):
        return "<module>"
    indent = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    for text in reversed(lines[: line - 1]):
        match = _DEFINITION.match(text)
        if match and len(match[1]) < indent:
            return match[2][:100]
    return "<module>"
