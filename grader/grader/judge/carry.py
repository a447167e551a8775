"""Carry-forward: a problem graded again on sound foundations, and the earlier blocks that made the difference.

The cases, the seed and so the inputs and the expected values are those of the first grading; only the tree is another.
Nothing here is decided by what the box says of itself: the same comparison judges the same cases, and blocks are named
by the judge's own list of them. Student code can make a search long or its answer useless to its own author, up to the
budgets below; it cannot gain a point that the run on sound foundations did not earn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from ..authoring.manifest import CarryForward
from ..results import CaseResult, ProblemResult, SoundResult, Verdict
from .blame import Culprits, Spent, culprits
from .context import Graded
from .foundations import Foundations, Piece

TRIALS = 24  # runs of one problem's failing cases that a search for blocks may take
PATIENCE = 60.0  # seconds after which a search begins no further run
NARROWING = 3  # of these runs, how many are kept for finding out which of a stage's empty blocks matter

Run = Callable[[Graded, Collection[str] | None], ProblemResult]


def counted(own: ProblemResult, sound: SoundResult | None, policy: CarryForward) -> ProblemResult:
    """The result as it goes into the report: its score is the one that counts."""
    best = max(own.own_score, sound.score) if sound is not None and policy == "sound" else own.own_score
    return own.model_copy(update={"sound": sound, "score": best})


def on_sound_foundations(own: ProblemResult, foundations: Foundations, run: Run) -> SoundResult | None:
    """The problem on sound foundations; None where that cannot matter: nothing fails, or they are sound already.

    own: the result of the work as it stands. run: grades a tree, all cases or those named, with the same seed.
    """
    if own.verdict in (Verdict.AC, Verdict.SKIP, Verdict.IE) or not foundations.sound:
        return None
    runs, best = 0, None
    chosen: tuple[Piece, ...] = ()
    for pieces in foundations.sound:
        result = run(foundations.with_reference(pieces), None)
        runs += 1
        if best is None or result.score > best.score:
            chosen, best = pieces, result
        if result.verdict in (Verdict.AC, Verdict.IE):
            break
    assert best is not None
    sound = SoundResult(
        stages=list(dict.fromkeys(piece.stage for piece in chosen)),
        score=best.score,
        verdict=best.verdict,
        cases=[case for case in best.cases if case.verdict not in (Verdict.AC, Verdict.IE)],
        note=best.note,
        log=best.log,
        output=best.output,
        runs=runs,
    )
    if best.score > own.own_score:
        search = _Search(own, best, foundations, run)
        found = search.blamed(chosen)
        sound.blame = [blame for piece in found.suspects for blame in piece.blame()]
        sound.exact, sound.runs = found.exact, runs + search.runs
    return sound


class _Search:
    """Looks for the pieces that make the cases pass which sound foundations made pass."""

    def __init__(self, own: ProblemResult, sound: ProblemResult, foundations: Foundations, run: Run):
        self._foundations, self._run = foundations, run
        before = {case.name: case for case in own.cases}
        self._own = own
        self._wanted = {case.name: case for case in sound.cases if _better(case, before[case.name])}
        self._ends = time.monotonic() + PATIENCE
        self._results: dict[frozenset[Piece], ProblemResult] = {}
        self.runs = 0

    def blamed(self, pieces: tuple[Piece, ...]) -> Culprits[Piece]:
        found = culprits(self._in_one_language(pieces), self._passes, trials=TRIALS - NARROWING - self.runs)
        return Culprits(self._narrowed(found.suspects), found.exact)

    def _in_one_language(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """The pieces, or those in Python or in C++ alone if these make the difference.

        Neither question takes a compiler: the modules of the student's C++ and of the reference's are there. And if the
        answer is Python, none of those that follow does.
        """
        native = tuple(piece for piece in pieces if piece.native)
        python = tuple(piece for piece in pieces if not piece.native)
        if native and python:
            try:
                return next((some for some in (python, native) if self._passes(some)), pieces)
            except Spent:
                pass
        return pieces

    def _passes(self, pieces: Collection[Piece]) -> bool:
        result = self._results.get(frozenset(pieces))
        if result is None:
            if self.runs >= TRIALS or time.monotonic() > self._ends:
                raise Spent
            result = self._run(self._foundations.with_reference(pieces), self._wanted)
            self.runs += 1
            if result.verdict is Verdict.IE:
                raise Spent
            self._results[frozenset(pieces)] = result
        after = {case.name: case for case in result.cases}
        return not any(_better(case, after[name]) for name, case in self._wanted.items())

    def _narrowed(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """The pieces, with a stage's empty blocks only as far as they matter."""
        for piece in pieces:
            if piece.kind == "empty" and not self._foundations.is_whole_stage(piece):
                others = tuple(other for other in pieces if other is not piece)
                fewer = self._fewer(piece, others)
                pieces = tuple(fewer if other is piece else other for other in pieces)
        return pieces

    def _fewer(self, piece: Piece, others: tuple[Piece, ...]) -> Piece:
        """The empty blocks that cases met, if these make the difference; filling them shows what is met next."""
        last = self._results.get(frozenset(others), self._own)
        met: set[str] = set()
        for _ in range(NARROWING):
            met |= {message for name in self._wanted for message in _stubs_met(last, name)}
            blocks = tuple(earlier for earlier in piece.blocks if earlier.message in met)
            some = Piece("empty", piece.stage, blocks)
            if not blocks or len(blocks) == len(piece.blocks) or frozenset((*others, some)) in self._results:
                break
            try:
                if self._passes((*others, some)):
                    return some
            except Spent:
                break
            last = self._results[frozenset((*others, some))]
        return piece


def _better(case: CaseResult, other: CaseResult) -> bool:
    """Whether more of the case is right than of the other."""
    return case.right > other.right or (case.verdict is Verdict.AC and other.verdict is not Verdict.AC)


def _stubs_met(result: ProblemResult, name: str) -> list[str]:
    """The message of the stub that ended a case, if one did. Another's words merely match no stub."""
    failures = [case.failure for case in result.cases if case.name == name and case.verdict is Verdict.NI]
    return [failure.message for failure in failures if failure is not None and failure.message]
