"""What to say of a problem that earns another score on sound foundations: the same words in every format.

Nothing is said where the scores are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..results import Blame, CarryForward, ProblemResult, Report, SoundResult, Verdict
from .text import count, number, one_line

MOST_BLOCKS = 3  # that are named one by one where many are empty or suspected
_LEAST = 0.005  # points: what two decimals show


def differing(problem: ProblemResult) -> SoundResult | None:
    """The result on sound foundations, if it earns another score than the work as it stands."""
    sound = problem.sound
    if sound is None or sound.verdict is Verdict.IE or abs(sound.score - problem.own_score) < _LEAST:
        return None
    return sound


def total_line(report: Report) -> str:
    """Both totals, where some problem has two scores; else empty."""
    sounds = list(filter(None, map(differing, report.problems)))
    if not sounds:
        return ""
    stages = [stage for sound in sounds for stage in sound.stages]
    line = f"{number(report.own_score)} as it stands, {number(report.sound_score)} on {foundations(stages)}"
    if report.score > max(report.own_score, report.sound_score) + _LEAST:
        return f"{line}; of each problem the better counts"
    return line


def score_line(problem: ProblemResult) -> str:
    """Both scores and what made the difference; empty if there is none."""
    sound = differing(problem)
    if sound is None:
        return ""
    line = f"{number(problem.own_score)} of {number(problem.points)} as it stands, "
    line += f"{number(sound.score)} on {foundations(sound.stages)}"
    return f"{line}; {_blamed(sound)}" if sound.blame else line


def meaning(problem: ProblemResult, policy: CarryForward) -> list[str]:
    """What counts, why, and what to mend, in sentences; empty if the scores are the same."""
    if problem.sound is not None and problem.sound.verdict is Verdict.IE:
        return ["On the course's earlier homeworks the grader failed; this will be graded again and costs nothing."]
    sound = differing(problem)
    if sound is None:
        return []
    theirs = _stages(sound.stages)
    if sound.score < problem.own_score:
        return [f"Your own {theirs} and this work fit together, so the work counts as it stands."]
    if policy == "own":
        first = "In this course the work counts as it stands."
    else:
        why = f"what is wrong or missing in {theirs} costs its points there, not again here"
        first = f"The score of {number(problem.score)} counts: {why}."
    lines = [first]
    if sound.blame:
        verb = "Fill" if all(blame.kind == "empty" for blame in sound.blame) else "Mend"
        them = "it" if len(sound.blame) == 1 else "them" if sound.exact else "what is wrong among them"
        again = "and the rest counts as well" if policy == "own" else "all the same: what comes next builds on it"
        lines.append(f"{verb} {them}{',' if policy == 'own' else ''} {again}.")
    if sound.verdict is Verdict.AC:
        lines.append("Your own code of this problem is right.")
    return lines


def remaining(problem: ProblemResult) -> str:
    """A heading for the cases that are not right even on sound foundations; empty if none is told."""
    sound = differing(problem)
    if sound is None or sound.score < problem.own_score or not sound.cases:
        return ""
    return f"Not right on {foundations(sound.stages)} either, so to be mended here:"


def foundations(stages: Sequence[str]) -> str:
    """`the course's hw1`."""
    return f"the course's {_stages(stages)}"


def _stages(stages: Sequence[str]) -> str:
    return _and(sorted(set(stages)))


def commands(sound: SoundResult) -> list[str]:
    """What to run for the blocks that are to blame: for each stage its tests, of one problem if that is all."""
    found = []
    for stage in dict.fromkeys(blame.stage for blame in sound.blame):
        keys = {blame.problem for blame in sound.blame if blame.stage == stage}
        (key,) = keys if len(keys) == 1 else (None,)
        found.append(f"make test-{stage}" + (f" K={key}" if key else ""))
    return found


def _blamed(sound: SoundResult) -> str:
    named = _listed(sound.blame)
    if not sound.exact:
        return f"the difference lies among {named}"
    together = " together" if len(sound.blame) > 1 and any(blame.kind != "empty" for blame in sound.blame) else ""
    return f"{named}{together} cost the difference"


def _listed(blamed: Sequence[Blame]) -> str:
    """`hw1 backward: MatMul.gradient and Exp.gradient, and hw1 topo_sort: topo_sort_dfs`."""
    groups: list[str] = []
    for stage in dict.fromkeys(blame.stage for blame in blamed):
        here = [blame for blame in blamed if blame.stage == stage]
        empty = [blame for blame in here if blame.kind == "empty"]
        others = [blame for blame in here if blame.kind != "empty"]
        if len(empty) > MOST_BLOCKS:
            groups.append(f"{count(len(empty), 'empty block')} of {stage} ({_some(empty)})")
        else:
            others = here
        for problem in dict.fromkeys(blame.problem for blame in others):
            some = [blame for blame in others if blame.problem == problem]
            groups.append(f"{stage} {problem}: {_some(some)}" if problem else f"{stage}: {_some(some)} as a whole")
    return ", and ".join(groups)


def _some(blamed: Sequence[Blame]) -> str:
    many = len(blamed) > MOST_BLOCKS
    shown = blamed[:MOST_BLOCKS] if many else blamed
    labels = [one_line(blame.label) + (" (empty)" if blame.kind == "empty" and not many else "") for blame in shown]
    return ", ".join(labels) + f" and {len(blamed) - MOST_BLOCKS} more" if many else _and(labels)


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
