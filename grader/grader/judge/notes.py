"""The sentence beside a problem's verdict: how a run ended and where, which block is empty, why nothing could start.

Every word is the judge's own. Titles of cases are written for students; names and places are those of the student's
own files.
"""

from __future__ import annotations

import re

from ..authoring.manifest import Limits
from ..results import Failure
from .context import Context
from .protocol import Raised, Transcript
from .reasons import reason
from .sizes import size
from .supervise import Outcome

_NAMED = 3  # empty blocks that are named one by one
_COMPILER_ERROR = re.compile(r"(?P<file>[^:\s][^:\n]*):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<words>.+)")
# Of an error in a header: the line of the student's file that led there.
_COMPILER_TRACE = re.compile(
    r"(?P<file>[^:\s][^:\n]*):(?P<line>\d+):(?:\d+:)? +(?:note: )?(?P<words>required from here|in instantiation of .+)"
)
_WORDS = 160
_STUB = ("raise NotImplementedError(", "throw needle::NotImplemented(", "needle::NotImplementedOnDevice(")
BUILT_APART = "built without the code of other problems, some of which does not compile"


def broken_off(context: Context, said: Transcript, outcome: Outcome) -> str:
    """How a run ended before its cases were through, in which case, and how many never began."""
    how = _how(context.problem.limits, outcome)
    pause = "," if outcome.ended in ("wall", "cpu", "output") else ""
    begun = [case for case in context.cases.cases if case.name in said.cases]
    left = len(context.cases.cases) - len(begun)
    if not begun:
        return f"{how}{pause} before the first case began"
    running = [case for case in begun if not (said.cases[case.name].ended or said.cases[case.name].raised)]
    title = (running or begun[-1:])[0].title.rstrip(".")
    where = f"while running «{title}»" if running else f"after «{title}»"
    rest = {0: "", 1: "; the case after it did not run"}.get(left, f"; the {left} cases after it did not run")
    return f"{how}{pause} {where}{rest}"


def _how(limits: Limits, outcome: Outcome) -> str:
    if outcome.ended == "wall":
        return f"stopped after {limits.wall:g} s, the limit of real time"
    if outcome.ended == "cpu":
        return f"stopped after {limits.cpu:g} s, the limit of processor time"
    if outcome.ended == "memory":
        return f"stopped for using more than {size(int(limits.memory))} of memory"
    if outcome.ended == "output":
        return f"stopped after {size(int(limits.output))} of output, the limit"
    if outcome.signal is not None:
        return f"the process was ended by {outcome.signal}"
    return "the process ended itself"


def not_filled_in(context: Context, said: Transcript) -> str | None:
    """Which empty blocks stopped cases; None if none did."""
    notes = (empty_block(context, run.raised) for run in said.cases.values() if run.raised is not None)
    return next((note for note in notes if note), None)


def empty_block(context: Context, raised: Raised) -> str | None:
    """Which blocks are empty, if it was an empty one that raised: known by the message that its stub carries.

    The problem's own come first: another problem's may merely have been met earlier.
    """
    block = context.materials.stubs.get(raised.message) if raised.base == "NotImplementedError" else None
    if block is None:
        return None
    label, problem = block
    own = _own_empty(context)
    if problem == context.problem.key:
        return f"{_listed(own or [label])} not filled in"
    if not own:
        return f"{label} is not filled in (it belongs to {problem})"
    return f"{_listed(own)} not filled in, and neither is {label} (it belongs to {problem})"


def _own_empty(context: Context) -> list[str]:
    """Labels of the problem's own blocks whose stubs stand in the graded files."""
    stubs = []
    for file in context.materials.homes[context.problem.key]:
        lines = context.lines(file) or []
        stubs += [line.strip() for line in lines if line.strip().startswith(_STUB)]
    return [
        label
        for message, (label, problem) in context.materials.stubs.items()
        if problem == context.problem.key and any(f'"{message}"' in line for line in stubs)
    ]


def _listed(labels: list[str]) -> str:
    if len(labels) > _NAMED:
        return f"{', '.join(labels[:_NAMED])} and {len(labels) - _NAMED} more are"
    return f"{labels[0]} is" if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]} are"


def not_imported(context: Context, raised: Raised, failure: Failure) -> str:
    """Why the files could not be imported. Begins with `file:line: ` where one is known."""
    place, why = "", None
    if failure.frames:
        last = failure.frames[-1]
        place = f"{last.file}:{last.line}: "
        why = reason(raised, context.lines(last.file) or [], last.line)
    note = f"{place}{failure.type}: {why}" if why else f"{place}{failure.type} while the files were being imported"
    faults = [f"{path} is {fault}" for path, fault in sorted(context.faults.items())]
    return "; ".join([note, *faults])


def not_built(context: Context, log: str, outcome: Outcome) -> str:
    """Why there is no native module. Begins with `file:line: ` where the compiler named one of the student's.

    Of a file of an earlier homework, it says so.
    """
    if outcome.ended != "exit":
        limits = context.building
        limit = {
            "wall": f"{limits.wall:g} s of real time",
            "cpu": f"{limits.cpu:g} s of processor time",
            "memory": f"{size(int(limits.memory))} of memory",
            "output": f"{size(int(limits.output))} of output",
        }[outcome.ended]
        return f"building the C++ file was stopped: it used more than the limit of {limit}"
    for pattern in (_COMPILER_ERROR, _COMPILER_TRACE):
        for match in filter(None, map(pattern.match, log.splitlines())):
            lines = context.lines(match["file"])
            if lines is not None and 1 <= int(match["line"]) <= len(lines):
                return f"{match['file']}:{match['line']}: {match['words'][:_WORDS]}{_whose(context, match['file'])}"
    if "kernels may call what they define" in log:
        return log
    return "the C++ file does not build; what the compiler said is below"


def _whose(context: Context, file: str) -> str:
    """To which earlier homework a file belongs; empty for one of this homework."""
    if any(file in homes for homes in context.materials.homes.values()):
        return ""
    stage = next((earlier.stage for earlier in context.materials.earlier if earlier.block.path == file), None)
    return f" (the file belongs to {stage})" if stage else ""
