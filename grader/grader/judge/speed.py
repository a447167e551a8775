"""How fast: a problem's functions against the reference's, each in boxes of its own, in turn, by the judge's clock.

    judge    seeds ──────────────▶ box: inputs from the seeds ─▶ the student's function ─▶ the product's bytes ──▶ judge
    clock    starts                                                                                       stops, compare

Who attacks: as in `box`, and now for a time instead of a value. What they try, and what stops it:

    a patched clock                 The box's clocks decide nothing.
    work before the clock starts    The seeds are drawn when the box is ready and waits, and sent as the clock starts.
    results kept from before        Every round has fresh seeds and a fresh box, of which nothing is left.
    a quick wrong answer            All values are compared with the product that the judge made of the same seeds, and
                                    may differ by what sums in float32 do, not by what less precise ones do. One wrong
                                    value in any round, and the rung earns nothing.
    more cores                      The judge pins the box to one core before anything of it runs, and all that it
                                    starts stays there: threads share the core's time. What runs on after the answer is
                                    killed before the next box begins, so the reference has the core to itself.
    a library                       No distribution is in the box, NumPy neither, and no linear algebra of the system.
    slowing what is subtracted      What making inputs and sending an answer take is measured on the reference's box
                                    alone. A student who makes that faster gains at most that: a few milliseconds.

A module that is timed offers, beside its functions, `fill(matrix, seed)` (see `common/include/fresh_numbers.h`, and
`fresh_matrix` here) and `peak(seconds)`, the machine's limit in operations a second; the judge asks only the
reference's for the latter.

A busy machine only ever adds time: so each side's best round counts, and there are rounds until each has come close to
its best time twice. One problem is timed at a time, after all others of its submission.
"""

from __future__ import annotations

import math
import os
import secrets
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..authoring.manifest import Build, Problem, Rung, Speed
from ..results import CaseResult, ProblemResult, SpeedResult, Verdict
from . import layout
from .box import Box
from .expectations import ReferenceFault
from .layout import Mount
from .protocol import HEADER_LIMIT, ProtocolError, Raised, raised
from .protocol import frames as cut
from .supervise import Outcome
from .verdicts import BY_BASE, ENDED, worst

ECHO, WORK, PEAK = b"e", b"w", b"p"
_CHALLENGE = struct.Struct("<cQQ")
_SIZES = struct.Struct("<II")
_BUILT = f"{layout.BOX}/built"
_START = 5.0  # seconds that a box has to become ready, beside the work
_SLOWEST = 3.0  # times as long as what earns nothing: then a round is broken off
_CLOSE = 1.05  # times the best time, at most
_LEAST_NET = 0.1  # of the time until an answer is there, what at least counts as work
_ERROR = 2e-4  # that a sum of 1,024 products may have
_HEADER_ROOM = 64 * 1024  # bytes beside the answers' own
_one_at_a_time = threading.Lock()


@dataclass
class Turn:
    """One box's answers to a list of challenges, the `Dialogue` that it has with the judge.

    answers: (seconds from the challenge to the whole answer, its bytes), in the order of the challenges.
    """

    challenges: Sequence[bytes]
    core: int
    answers: list[tuple[float, bytes]] = field(default_factory=list)
    raised: Raised | None = None
    fault: str | None = None
    done: bool = False
    _position: int = 0
    _asked: float = 0.0

    def hear(self, frames: bytearray, now: float) -> bytes:
        """The next challenge, if the last was answered."""
        try:
            while not self.done:
                end = _end(frames, self._position)
                if end is None:
                    return b""
                begun, self._position = self._position, end
                if self._read(bytes(memoryview(frames)[begun:end]), now):
                    return self._next(len(frames))
        except ProtocolError as error:
            self.fault, self.done = str(error), True
        return b""

    def _read(self, frame: bytes, now: float) -> bool:
        """Take in one frame. Whether it is time for the next challenge."""
        header, payload = next(cut(frame))
        kind = header.get("k")
        if kind == "ready":
            return False
        if kind == "import":
            self.raised, self.done = raised(header), True
            return False
        if kind != ("answer" if self._asked else "loaded"):
            raise ProtocolError(f"a frame {kind!r} that was not asked for")
        if kind == "answer":
            self.answers.append((now - self._asked, bytes(payload)))
        self.done = len(self.answers) == len(self.challenges)
        return not self.done

    def _next(self, received: int) -> bytes:
        if received > self._position:
            raise ProtocolError("an answer before its question")
        self._asked = time.monotonic()
        return self.challenges[len(self.answers)]


def _end(frames: bytearray, position: int) -> int | None:
    """Where the frame that begins at a position ends; None while it is not all there."""
    if len(frames) - position < _SIZES.size:
        return None
    header, payload = _SIZES.unpack_from(frames, position)
    if header > HEADER_LIMIT:
        raise ProtocolError(f"a header of {header} bytes; at most {HEADER_LIMIT} are allowed")
    end = position + _SIZES.size + header + payload
    return end if end <= len(frames) else None


@dataclass(frozen=True)
class Race:
    """What all rungs of one problem have in common: boxes, the two folders with a module each, the core to run on."""

    problem: Problem
    speed: Speed
    build: Build
    box: Box
    reference: Path
    student: Path | None
    stop: threading.Event | None

    def result(self, cases: ProblemResult) -> ProblemResult:
        """The problem's result: that of its hidden cases, with what its rungs' speed earns.

        Raises ReferenceFault: if the course's own code is at fault; BoxError, SandboxUnusable, Stopped: as `Box.run`.
        """
        verdicts = {case.name: case for case in cases.cases}
        with _one_at_a_time:
            rungs = [self._rung(rung, verdicts.get(rung.case)) for rung in self.speed.rungs]
        score = self.problem.points * sum(rung.share for rung in rungs) / len(rungs)
        verdict = worst([cases.verdict, *(rung.verdict for rung in rungs)])
        return cases.model_copy(update={"speed": rungs, "score": score, "own_score": score, "verdict": verdict})

    def _rung(self, rung: Rung, case: CaseResult | None) -> SpeedResult:
        result = SpeedResult(function=rung.function, title=rung.title, verdict=Verdict.AC)
        if case is None:
            raise ReferenceFault(f"there is no hidden case {rung.case!r}, which is to guard {rung.function}")
        if case.verdict is not Verdict.AC or self.student is None:
            result.verdict = case.verdict
            if case.verdict is not Verdict.NI:
                result.note = f"not timed: «{case.title.rstrip('.')}» is not right"
            return result
        overhead, peak = math.inf, 0.0
        reference: list[float] = []
        student: list[float] = []
        for number in range(1, self.speed.rounds + 1):
            seeds = _seeds()
            left, other = (fresh_matrix(seed, rung.size).astype(np.float64) for seed in seeds)
            product = left @ other
            echo, work = _CHALLENGE.pack(ECHO, *_seeds()), _CHALLENGE.pack(WORK, *seeds)
            ours, outcome = self._turn(rung, self.reference, (echo, work, _CHALLENGE.pack(PEAK, 0, 0)), math.inf)
            if len(ours.answers) < 3 or not right(ours.answers[1][1], product):
                raise ReferenceFault(f"{rung.function}: {_what(ours, outcome)[1]}")
            overhead = min(overhead, ours.answers[0][0])
            reference.append(ours.answers[1][0])
            peak = max(peak, *struct.unpack("<d", ours.answers[2][1]))
            patience = _START + _SLOWEST * min(reference) / self.speed.none
            theirs, outcome = self._turn(rung, self.student, (echo, work), patience)
            if len(theirs.answers) < 2 or not right(theirs.answers[1][1], product):
                result.verdict, result.note = _what(theirs, outcome)
                return result
            student.append(theirs.answers[1][0])
            if number >= self.speed.enough and _settled(reference) and _settled(student):
                break
        ours_best, theirs_best = (max(min(times) - overhead, _LEAST_NET * min(times)) for times in (reference, student))
        result.reference, result.seconds, result.rounds = ours_best, theirs_best, len(student)
        result.share = share(ours_best / theirs_best, self.speed)
        result.limit = 2.0 * rung.size**3 / theirs_best / peak if peak > 0 else None
        return result

    def _turn(self, rung: Rung, folder: Path, challenges: Sequence[bytes], patience: float) -> tuple[Turn, Outcome]:
        limits = self.problem.limits
        output = 3 * 4 * rung.size**2 + _HEADER_ROOM
        limits = limits.model_copy(update={"output": output, "wall": min(limits.wall, patience)})
        turn = Turn(challenges, max(os.sched_getaffinity(0)))
        seen = _BUILT if self.box.tree else str(folder)
        job = {
            "kind": "timed",
            "tree": seen,
            "path": [seen],
            "site": "",
            "environment": self.build.environment,
            "module": self.build.module,
            "function": rung.function,
            "size": rung.size,
        }
        outcome = self.box.run(job, [Mount(str(folder), _BUILT)], limits, dialogue=turn, stop=self.stop)
        return turn, outcome


def fresh_matrix(seed: int, size: int) -> np.ndarray:
    """The (size, size) matrix of float32 that `fill` makes from a seed: see `common/include/fresh_numbers.h`."""
    words = np.uint64(seed) + np.arange((size * size + 1) // 2, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    words ^= words >> np.uint64(31)
    digits = (words.astype("<u8").view("<u4") & np.uint32(0xFFFFFF))[: size * size]
    return ((digits.astype(np.int32) - 0x800000).astype(np.float32) / np.float32(2**23)).reshape(size, size)


def right(answer: bytes, product: np.ndarray) -> bool:
    """Whether an answer's bytes are the product, float64, of two fresh matrices, as sums in float32 give it.

    The largest error of a million sums of 1,024 products in float32, one after the other, is about 4e-5; in numbers of
    16 bits, a thousandth and more.
    """
    if len(answer) != 4 * product.size:
        return False
    came = np.frombuffer(answer, dtype="<f4").reshape(product.shape)
    with np.errstate(invalid="ignore"):
        return bool((np.abs(came - product) <= _ERROR * math.sqrt(len(product) / 1024)).all())


def share(ratio: float, speed: Speed) -> float:
    """Of a rung's points, what a speed relative to the reference's earns: 1 from `full` on, 0 up to `none`."""
    return min(max(math.log(ratio / speed.none) / math.log(speed.full / speed.none), 0.0), 1.0)


def _seeds() -> tuple[int, int]:
    return secrets.randbits(64), secrets.randbits(64)


def _settled(times: Sequence[float]) -> bool:
    """Whether the best time was come close to once more, so that it is the program's and not the moment's."""
    return len(times) > 1 and sorted(times)[1] <= _CLOSE * min(times)


def _what(turn: Turn, outcome: Outcome) -> tuple[Verdict, str]:
    """The verdict of a turn that did not end in the right product, and a note in the judge's own words."""
    if turn.raised is not None:
        verdict = BY_BASE.get(turn.raised.base, Verdict.RTE)
        return verdict, "raised an exception while it was timed" if verdict is Verdict.RTE else verdict.meaning
    if turn.fault is not None:
        return Verdict.RTE, "what the program answered was not in the judge's form"
    if turn.done:
        return Verdict.WA, "a value was wrong while it was timed"
    verdict = ENDED[outcome.ended]
    return verdict, {
        Verdict.RTE: f"the process was ended by {outcome.signal}" if outcome.signal else "the process ended itself",
        Verdict.TLE: f"stopped after {outcome.wall:.1f} s, many times as long as the course's own takes",
    }.get(verdict, verdict.meaning)
