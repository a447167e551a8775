"""The search for culprits, against all subsets tried one by one."""

from __future__ import annotations

import math
import random
from itertools import combinations

import pytest
from grader.judge.blame import Spent, culprits


class Trial:
    """Answers by a rule on sets, and keeps the questions."""

    def __init__(self, rule):
        self.rule, self.asked = rule, []

    def __call__(self, chosen):
        assert chosen not in self.asked, "the same question twice"
        self.asked.append(chosen)
        return self.rule(set(chosen))


@pytest.mark.parametrize("seed", range(40))
def test_the_culprits_are_found_in_few_trials(seed):
    """All of a few guilty ones must be changed, and anything may be changed besides."""
    draw = random.Random(seed)
    suspects = list(range(draw.randint(1, 30)))
    guilty = set(draw.sample(suspects, min(len(suspects), draw.randint(1, 4))))
    trial = Trial(lambda chosen: chosen >= guilty)
    found = culprits(suspects, trial, trials=1000)
    assert set(found.suspects) == guilty
    assert list(found.suspects) == sorted(guilty)
    assert found.exact
    k, n = len(guilty), len(suspects)
    subsets = 2**k - 2
    assert len(trial.asked) <= 2 * k * (math.ceil(math.log2(n / k)) + 1) + subsets


@pytest.mark.parametrize("seed", range(60))
def test_what_is_found_is_enough_and_minimal_whatever_the_rule(seed):
    """Rules without any order, over few suspects: yes for all, no for none, at random in between."""
    draw = random.Random(1000 + seed)
    suspects = list("abcdefg"[: draw.randint(1, 7)])
    subsets = [frozenset(chosen) for size in range(len(suspects) + 1) for chosen in combinations(suspects, size)]
    answers = {subset: draw.random() < draw.choice([0.1, 0.5]) for subset in subsets}
    answers[frozenset(suspects)], answers[frozenset()] = True, False
    found = culprits(suspects, lambda chosen: answers[frozenset(chosen)], trials=10_000)
    assert found.exact
    assert answers[frozenset(found.suspects)]
    below = [subset for subset in subsets if subset < set(found.suspects)]
    assert not any(answers[subset] for subset in below)


def test_a_pair_that_fits_together_is_not_blamed():
    """Changing one of a pair breaks what worked; changing both or neither does not."""
    pair, guilty = {"encode", "decode"}, "square"
    trial = Trial(lambda chosen: guilty in chosen and len(chosen & pair) != 1)
    for order in (["encode", "decode", "square"], ["encode", "square", "decode"], ["square", "encode", "decode"]):
        trial.asked.clear()
        assert culprits(order, trial, trials=24).suspects == ("square",)


def test_a_single_suspect_needs_no_trial():
    trial = Trial(lambda chosen: True)
    assert culprits(["a"], trial, trials=0).suspects == ("a",)
    assert trial.asked == []


def test_a_spent_search_says_so_and_names_what_is_known_to_be_enough():
    suspects = list(range(32))
    guilty = {3, 17}
    for trials in range(12):
        trial = Trial(lambda chosen: chosen >= guilty)
        found = culprits(suspects, trial, trials=trials)
        assert len(trial.asked) <= trials
        assert set(found.suspects) >= guilty
        assert not found.exact or set(found.suspects) == guilty
    assert not culprits(suspects, Trial(lambda chosen: chosen >= guilty), trials=2).exact


def test_a_trial_can_end_the_search():
    def trial(chosen):
        raise Spent

    found = culprits(["a", "b"], trial, trials=10)
    assert (found.suspects, found.exact) == (("a", "b"), False)
