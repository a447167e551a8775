"""The audit: green on a sound course, and each kind of worthless test is found and named."""

from __future__ import annotations

from pathlib import Path

import pytest
from grader.audit import KINDS, audit
from grader.authoring.manifest import Course
from grader.errors import CourseError


def change(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def failures(root: Path, stage: str = "hw0") -> list[tuple[str, str]]:
    result = audit(Course.load(root), [stage])
    return [(check.kind, check.name) for check in result.checks if not check.passed]


def test_a_sound_course_passes_every_kind_of_check(tiny_course):
    done: list[tuple[int, int]] = []
    result = audit(tiny_course, on_task=lambda number, total: done.append((number, total)))
    assert [check for check in result.checks if not check.passed] == []
    assert result.passed
    assert {check.kind for check in result.checks} == set(KINDS) - {"apart"}, "which is of compiled problems"
    assert [(cover.stage, cover.blocks_in_problems, cover.blocks, cover.cases) for cover in result.coverage] == [
        ("hw0", 2, 2, 3),
        ("hw1", 2, 2, 1),
    ]
    assert result.count("hw0", "mutants") == (1, 1)
    assert result.count("hw1", "blocks") == (2, 2)
    assert done[-1][0] == done[-1][1] == len(done)


def test_a_case_that_passes_on_the_stubs_is_found(tiny_root):
    change(
        tiny_root,
        "grader/hidden/hw0/mean.py",
        "def submit_mean_of_vector",
        'def submit_nothing():\n    """nothing"""\n    mugrade.submit(1)\n\n\ndef submit_mean_of_vector',
    )
    assert failures(tiny_root) == [("stubs", "mean.submit_nothing")]


def test_a_block_that_no_case_of_its_problem_needs_is_found(tiny_root):
    change(
        tiny_root,
        "hw0/assignment.toml",
        'blocks = ["hw0/src/sums.py:mean"]',
        'blocks = ["hw0/src/sums.py:mean", "hw0/src/sums.py:mode"]',
    )
    change(
        tiny_root,
        "hw0/src/sums.py",
        "def mean",
        "def mode(x):\n    ### BEGIN SOLUTION\n    return max(x, key=x.count)\n    ### END SOLUTION\n\n\ndef mean",
    )
    assert failures(tiny_root) == [("blocks", "hw0/src/sums.py:mode")]


def test_a_mutant_that_survives_is_found_with_its_error(tiny_root):
    path = tiny_root / "grader/hidden/hw0/mutants/survivor.py"
    text = (tiny_root / "grader/hidden/hw0/mutants/mean_of_total.py").read_text()
    path.write_text(text.replace("forgets to divide", "only renames").replace("np.sum(x)", "np.mean(x)"))
    result = audit(Course.load(tiny_root), ["hw0"])
    (survivor,) = [check for check in result.checks if not check.passed]
    assert (survivor.kind, survivor.name) == ("mutants", "grader/hidden/hw0/mutants/survivor.py")
    assert "only renames" in survivor.detail


@pytest.mark.parametrize(
    ("body", "said"),
    [("return ((", "does not compile or import"), ("return boundd(x)", "a name that does not exist")],
)
def test_a_mutant_that_does_not_even_run_is_no_proof(tiny_root, body, said):
    path = tiny_root / "grader/hidden/hw0/mutants/broken.py"
    text = (tiny_root / "grader/hidden/hw0/mutants/mean_of_total.py").read_text()
    path.write_text(text.replace("return np.sum(x)", body))
    result = audit(Course.load(tiny_root), ["hw0"])
    (broken,) = [check for check in result.checks if not check.passed]
    assert (broken.kind, broken.name) == ("mutants", "grader/hidden/hw0/mutants/broken.py")
    assert said in broken.detail


def test_a_case_that_fails_on_the_reference_proves_nothing_of_mutants(tiny_root):
    change(
        tiny_root,
        "grader/hidden/hw0/mean.py",
        "mugrade.submit(mean(np.random.randn(6)))",
        "import time\n\n    mugrade.submit(mean([time.time_ns() % 1e9]))",
    )
    found = failures(tiny_root)
    assert ("reference", "mean.submit_mean_of_vector") in found
    assert ("mutants", "grader/hidden/hw0/mutants/mean_of_total.py") in found


def test_a_case_that_depends_on_what_ran_before_is_found(tiny_root):
    change(
        tiny_root,
        "grader/hidden/hw0/total.py",
        '    """total of a single number"""\n',
        '    """total of a single number"""\n    count.append(1)\n    mugrade.submit(total([len(count)]))\n',
    )
    change(
        tiny_root,
        "grader/hidden/hw0/total.py",
        '    """total of a vector"""\n',
        '    """total of a vector"""\n    count.append(1)\n',
    )
    change(
        tiny_root,
        "grader/hidden/hw0/total.py",
        "def submit_total_of_vector",
        "count = []\n\n\ndef submit_total_of_vector",
    )
    found = failures(tiny_root)
    assert ("alone", "total.submit_total_of_one") in found
    assert ("order", "total, submit_total_of_one first") in found


def test_a_public_test_that_passes_on_the_stubs_is_found(tiny_root):
    change(
        tiny_root,
        "hw0/tests/test_mean.py",
        "def test_mean_of_two",
        "def test_arithmetic():\n    assert 1 + 1 == 2\n\n\ndef test_mean_of_two",
    )
    (kind, name) = failures(tiny_root)[0]
    assert kind == "public stubs"
    assert name.endswith("test_arithmetic")


def test_a_public_test_that_fails_on_the_reference_is_found(tiny_root):
    change(tiny_root, "hw0/tests/test_mean.py", "== 1.5", "== 1.25")
    (kind, name) = failures(tiny_root)[0]
    assert kind == "public"
    assert name.endswith("test_mean_of_two")


SECOND_OPINION = """
def test_second_opinion():
    pytest.importorskip("no_such_oracle", reason="the oracle is not installed")
    assert mean([1, 2]) == 1.5
"""


def test_a_public_test_that_cannot_run_here_is_counted_with_its_reason(tiny_root):
    path = tiny_root / "hw0/tests/test_mean.py"
    path.write_text("import pytest\n" + path.read_text() + SECOND_OPINION)
    result = audit(Course.load(tiny_root), ["hw0"])
    assert result.passed
    assert [(skip.name, skip.reason) for skip in result.skips] == [
        ("hw0.tests.test_mean.test_second_opinion", "the oracle is not installed")
    ]


def test_a_problem_none_of_whose_public_tests_runs_is_found(tiny_root):
    path = tiny_root / "hw0/tests/test_mean.py"
    path.write_text("import pytest\n\npytestmark = pytest.mark.skip(reason='later')\n" + path.read_text())
    result = audit(Course.load(tiny_root), ["hw0"])
    (found,) = [check for check in result.checks if not check.passed]
    assert (found.kind, found.name, found.detail) == ("public", "hw0/tests/test_mean.py", "none of its tests runs here")
    assert {skip.reason for skip in result.skips} == {"later"}


def test_a_problem_without_hidden_cases_is_an_error(tiny_root):
    (tiny_root / "grader/hidden/hw0/mean.py").unlink()
    with pytest.raises(CourseError, match=r"^grader/hidden/hw0/mean\.py: "):
        audit(Course.load(tiny_root), ["hw0"])
