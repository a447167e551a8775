"""Which of many suspects make the difference: a smallest set of them, by few trials.

QuickXplain (Junker, 2004), with which a set of k culprits among n suspects takes O(k log(n/k)) trials. A trial may
answer yes for a set and no for a larger one: two suspects that agree with each other, and with nobody else, fail where
one of them alone is changed. What is found is right even so, but may then hold an innocent pair; so its own subsets are
tried as well while trials are left, the smallest first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

Suspect = TypeVar("Suspect")


class Spent(Exception):
    """No trial is left. A trial may raise it as well, to end the search."""


@dataclass(frozen=True)
class Culprits(Generic[Suspect]):
    """A set for which the trial answers yes, in the order of the suspects. exact: whether the search came to its end;
    if not, the culprits are among these."""

    suspects: tuple[Suspect, ...]
    exact: bool


def culprits(
    suspects: Sequence[Suspect], trial: Callable[[tuple[Suspect, ...]], bool], *, trials: int
) -> Culprits[Suspect]:
    """The culprits among `suspects`, at least one.

    trial: whether these alone make the difference; known to answer yes for all suspects and no for none of them.
    trials: how many there may be; the same question is never asked twice.
    """
    search = _Search(suspects, trial, trials)
    exact = False
    try:
        found = search.needed((), fresh=False, among=tuple(range(len(suspects))))
        search.best, exact = found, True
        for size in range(1, len(found)):
            for subset in combinations(found, size):
                if search.passes(subset):
                    return Culprits(tuple(suspects[index] for index in subset), True)
    except Spent:
        pass
    return Culprits(tuple(suspects[index] for index in search.best), exact)


class _Search(Generic[Suspect]):
    """Asks the trial about sets of indices, and remembers the answers and the smallest set with a yes."""

    def __init__(self, suspects: Sequence[Suspect], trial: Callable[[tuple[Suspect, ...]], bool], trials: int):
        self._suspects, self._trial, self._left = suspects, trial, trials
        self.best = tuple(range(len(suspects)))
        self._answers = {self.best: True, (): False}

    def passes(self, chosen: tuple[int, ...]) -> bool:
        chosen = tuple(sorted(chosen))
        if chosen not in self._answers:
            if self._left <= 0:
                raise Spent
            self._left -= 1
            self._answers[chosen] = self._trial(tuple(self._suspects[index] for index in chosen))
            if self._answers[chosen] and len(chosen) < len(self.best):
                self.best = chosen
        return self._answers[chosen]

    def needed(self, base: tuple[int, ...], *, fresh: bool, among: tuple[int, ...]) -> tuple[int, ...]:
        """A part of `among` with which `base` passes, as base and all of them do; none can be left out.

        fresh: whether `base` has changed since it was known to fail.
        """
        if fresh and self.passes(base):
            return ()
        if len(among) == 1:
            return among
        half = len(among) // 2
        first, second = among[:half], among[half:]
        late = self.needed(base + first, fresh=True, among=second)
        early = self.needed(base + late, fresh=bool(late), among=first)
        return early + late
