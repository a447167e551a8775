"""A second look at native code that crashed or computed wrong values: the same files, built for sanitizers to watch.

An access outside an array may end a process somewhere else, much later, or never, with values that are merely wrong.
AddressSanitizer and UndefinedBehaviorSanitizer stop at the first one and name its line. So where a problem with a
native module fails, and the manifest says how to build that for sanitizers, its failing cases run once more, watched,
and what is found becomes a sentence in the problem's note.

This never changes a verdict, a score or a value. It has a time of its own, and whatever goes wrong with it is told to
instructors alone, in the problem's output. The box of a second look is that of the first, with the same rules, but for
three things: sanitizers' libraries are loaded before Python, the address space is not limited (memory is), and there
are files /proc/self/exe, the interpreter, and /proc/self/environ, the variables below: without them sanitizers name no
lines and know no settings. Both are plain files with nothing that the box does not have anyway; there is no /proc, and
no mount of one.

Reports come out with everything else that the box prints, and students can print what looks like one. Of a report that
is believed, the words are this side's own, chosen by its kind from a fixed list, with a number of bytes; its place must
be a line of the student's own file, and its function a name that stands there. A forged one can thus say no more than
an exception's place could.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from pydantic import ByteSize

from ..authoring.manifest import Build, Limits
from ..authoring.trees import tree_digest
from ..results import CaseResult, ProblemResult, Verdict
from ..sanitizers import Finding, Place, first_finding
from . import layout
from .apart import problem_alone
from .builds import Builder, Built
from .context import Context
from .kernel_faults import told
from .supervise import BoxError, Outcome, Stopped
from .workspace import Workspace

SECONDS = 20.0  # for one problem's second look: building what the student changed, and running the failing cases
_PREPARED = 256 * 1024**2  # bytes that a prepared build folder may have
_MORE_MEMORY = 1024**3  # bytes beyond the problem's limit: sanitizers' own
_EXIT = 86  # the status with which sanitizers end a process; no other meaning
_SETTLING = re.compile(r"^==\d{1,9}==WARNING: reading executable name failed.*\n", re.MULTILINE)  # no link, but a file
_KERNELS_SHOWN = 3  # of the things that an emulated GPU tells of a problem
_SHOWN = 4000  # characters of a report that instructors see
_WATCHED = {
    "ASAN_OPTIONS": f"exitcode={_EXIT}:detect_leaks=0:allocator_may_return_null=1:handle_abort=1:print_legend=0:"
    "quarantine_size_mb=16:malloc_context_size=1",
    "UBSAN_OPTIONS": f"exitcode={_EXIT}:print_stacktrace=1",
}

# Runs the cases of a context with a native module, within limits, with these variables in the environment.
Run = Callable[[Context, Built, Limits, Mapping[str, str]], Outcome]


class SecondLooks:
    """Takes second looks. Serves any number of threads."""

    def __init__(self, builder: Builder):
        self._builder = builder
        self._lock = threading.Lock()
        self._impossible: dict[str, str] = {}

    def noted(self, own: ProblemResult, context: Context, workspace: Workspace, run: Run) -> ProblemResult:
        """The result with what a second look found; the same result where there is nothing to look at.

        Raises Stopped: if the workspace was called off.
        """
        build = context.materials.stage.build_of(context.problem)
        # An emulated GPU watches kernels itself. What it tells needs no second look.
        kernels = {case.name: said for case in own.cases if (said := told(case, context))}
        if kernels:
            said = "; ".join(list(dict.fromkeys(kernels.values()))[:_KERNELS_SHOWN])
            own = own.model_copy(update={"note": f"{own.note}; {said}" if own.note else said})
        cases = [case for case in failing(own) if case not in kernels]
        if build is None or not build.sanitize or not cases:
            return own
        try:
            outcome = self._look(replace(context, cases=context.cases.only(cases)), build, workspace, run)
        except Stopped:
            raise
        except Exception as error:  # never the student's fault, and no reason to grade anew
            if workspace.called_off.is_set():
                raise Stopped from error
            return _told(own, f"it could not be taken: {type(error).__name__}: {error}")
        if isinstance(outcome, str):
            return _told(own, outcome)
        if outcome.ended != "exit":
            return _told(own, f"it was ended by its limit of {outcome.ended}")
        found = first_finding(outcome.printed) if outcome.status == _EXIT else None
        if found is None:
            return own if outcome.status == 0 else _told(own, f"it ended with status {outcome.status}, and no report")
        result, place = _told(own, _SETTLING.sub("", outcome.printed)[:_SHOWN]), _own_place(context, found)
        if place is None:
            return result
        said = found.sentence(place)
        return result.model_copy(update={"note": f"{own.note}; {said}" if own.note else said})

    def _look(self, context: Context, build: Build, workspace: Workspace, run: Run) -> Outcome | str:
        """How the watched run ended, or why there was none."""
        shared, stop = context.materials, workspace.called_off
        libraries = ":".join(layout.sanitizers())
        tree = workspace.tree
        if self._builder.module(shared, build, tree, stop).module is None:
            alone = problem_alone(shared, build, context.problem, tree)
            tree = tree if alone is None else alone
        watched = build.model_copy(update={"options": {**build.options, **build.sanitize}})
        impossible = self._prepared(context, watched, stop)
        if impossible:
            return impossible
        ends = time.monotonic() + SECONDS
        limited = watched.model_copy(update={"limits": _within(watched.limits, SECONDS)})
        # For all problems of this submission, and not kept: such modules are large, and nobody asks for them again.
        built = workspace.once(
            f"{build.key} {tree_digest(tree)}",
            lambda: self._builder.module(shared, limited, tree, stop, remember=False),
        )
        if built.module is None:
            ended = built.outcome.ended if built.outcome else "exit"
            how = "does not build" if ended == "exit" else f"was ended by its limit of {ended}"
            return f"the build that sanitizers watch {how}\n{built.log}"
        left = ends - time.monotonic()
        if left <= 0:
            return f"building took all of its {SECONDS:g} s"
        limits = _within(context.problem.limits, left)
        limits = limits.model_copy(update={"memory": ByteSize(int(limits.memory) + _MORE_MEMORY)})
        return run(context, built, limits, {"LD_PRELOAD": libraries, **_WATCHED})

    def _prepared(self, context: Context, watched: Build, stop: threading.Event) -> str | None:
        """Build the course's own files, once, in the time that builds have; why not, if that fails."""
        key = repr(watched)
        with self._lock:
            if key in self._impossible:
                return self._impossible[key]
        try:
            limits = watched.limits.model_copy(update={"output": ByteSize(max(int(watched.limits.output), _PREPARED))})
            self._builder.prepare(context.materials, watched.model_copy(update={"limits": limits}), stop)
        except BoxError as error:
            with self._lock:
                self._impossible[key] = f"the course's own files do not build for it: {error}"
            return self._impossible[key]
        return None


def failing(result: ProblemResult) -> Collection[str]:
    """Names of the cases that a second look may explain: wrong values, or an end of the whole process."""
    return [case.name for case in result.cases if _may_be_memory(case)]


def _may_be_memory(case: CaseResult) -> bool:
    if case.verdict is Verdict.RTE and case.failure is not None:
        # An emulated GPU tells of a kernel's fault by an exception; from Python, one would have its place.
        return case.failure.type == "RuntimeError" and not case.failure.frames
    return case.verdict in (Verdict.WA, Verdict.RTE)


def _within(limits: Limits, seconds: float) -> Limits:
    return limits.model_copy(update={"wall": seconds, "cpu": seconds})


def _own_place(context: Context, found: Finding) -> Place | None:
    """The innermost of a report's places that is one in a file of the student's; a function only if it stands there."""
    for place in found.places:
        for file in context.materials.editable:
            if not f"/{place.file}".endswith(f"/{file}"):
                continue
            lines = context.lines(file) or []
            if 1 <= place.line <= len(lines):
                called = re.compile(rf"\b{re.escape(place.function)}\s*\(") if place.function else None
                known = called is not None and any(called.search(line) for line in lines)
                return Place(file, place.line, place.function if known else "")
    return None


def _told(result: ProblemResult, said: str) -> ProblemResult:
    """The result with a word for instructors behind what its box printed."""
    said = f"[second look, with sanitizers: {said.strip()}]"
    return result.model_copy(update={"output": f"{result.output}\n{said}" if result.output else said})
