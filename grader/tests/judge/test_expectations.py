"""Expected values: run once, remembered on disk, made anew where anything they depend on changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from grader.authoring.manifest import Course
from grader.judge.cache import Cache
from grader.judge.cases import read_cases
from grader.judge.engine import Judge
from grader.judge.expectations import Expectations, ReferenceFault
from grader.judge.materials import materials
from judge_course import VICTIM, hand_in, solved

SEED = 11


@pytest.fixture
def expectations(tmp_path):
    made = Expectations(Cache(tmp_path / "cache"))
    yield made
    made.close()


def expect(expectations: Expectations, course: Course, seed: int = SEED, stage: str = "hw0", problem: str = "double"):
    found = course.stage(stage)
    cases = read_cases(course, found, found.problem(problem))
    return expectations.expected(materials(course, stage), found.problem(problem), cases, seed)


def test_values_are_those_of_the_reference(expectations, course):
    expected = expect(expectations, course)
    vector, matrix = (submitted.value for submitted in expected.cases["submit_vector"])
    assert (vector.shape, matrix.shape) == ((5,), (2, 3))
    assert isinstance(expected.cases["submit_number"][0].value, float)


def test_a_second_grading_does_not_run_the_reference(own_course, tmp_path):
    """Not even in another judge, nor for a copy of the same work; other work has other inputs and needs it again."""
    runs = []
    for name, comment in (("one", ""), ("two", ""), ("three", "# other\n")):
        changed = {VICTIM: comment + "def double(x):\n    return 2.0 * x\n"}
        with Judge(own_course) as judge:
            assert judge.grade(hand_in(solved(own_course, "hw0", changed), tmp_path / name), "hw0").accepted
            runs.append(judge.expectations.runs)
            assert (judge.expectations._all == []) == (runs[-1] == 0), "not even a worker is started"
    assert runs == [3, 0, 3]


def test_what_the_key_depends_on(expectations, own_course):
    expect(expectations, own_course)
    assert expectations.runs == 1
    expect(expectations, own_course)
    assert expectations.runs == 1
    expect(expectations, own_course, seed=SEED + 1)
    assert expectations.runs == 2
    expect(expectations, own_course, problem="halve")
    assert expectations.runs == 3
    change(own_course.root / "grader/hidden/hw0/double.py", "randn(5)", "randn(6)")
    assert expect(expectations, own_course).cases["submit_vector"][0].value.shape == (6,)
    assert expectations.runs == 4
    change(own_course.root / VICTIM, "return 2.0 * x", "return x + x")
    expect(expectations, own_course)
    assert expectations.runs == 5
    change(own_course.root / "README.md", "A course", "Another course")
    expect(expectations, own_course)
    assert expectations.runs == 5


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:40] + b"X" + data[41:], lambda data: b""]
)
def test_a_damaged_entry_is_made_anew(course, tmp_path, damage):
    first = Expectations(Cache(tmp_path / "cache"))
    value = expect(first, course).cases["submit_number"][0].value
    first.close()
    (entry,) = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    entry.write_bytes(damage(entry.read_bytes()))
    second = Expectations(Cache(tmp_path / "cache"))
    assert expect(second, course).cases["submit_number"][0].value == value
    assert second.runs == 1
    second.close()


def test_a_disk_that_takes_nothing_costs_only_time(course, tmp_path, caplog):
    (tmp_path / "cache").write_text("a file where the cache's folder should be")
    made = Expectations(Cache(tmp_path / "cache"))
    assert expect(made, course).cases
    assert "nothing is cached" in caplog.text
    made.close()


def test_a_reference_that_hands_over_nothing_is_a_fault(expectations, own_course):
    change(own_course.root / "grader/hidden/hw0/halve.py", "mugrade.submit(halve(np.random.randn(5)))", "pass")
    with pytest.raises(ReferenceFault, match="submit_vector hands over no value"):
        expect(expectations, own_course, problem="halve")


def test_a_reference_that_dies_is_a_fault_and_the_next_request_works(expectations, own_course):
    path = own_course.root / "grader/hidden/hw0/halve.py"
    change(path, "import mugrade", "import os, mugrade\nos._exit(1)")
    with pytest.raises(ReferenceFault, match="did not end"):
        expect(expectations, own_course, problem="halve")
    assert expect(expectations, own_course).cases


def test_requests_do_not_see_each_other(expectations, own_course):
    """Each runs in a fork: what one case file does to modules, the next does not see."""
    change(
        own_course.root / "grader/hidden/hw0/halve.py", "import mugrade", "import mugrade, bystander\nbystander.x = 1"
    )
    change(
        own_course.root / "grader/hidden/hw0/total.py",
        "    mugrade.submit(total(np.ones(3)))",
        "    import bystander\n    mugrade.submit(hasattr(bystander, 'x'))",
    )
    expect(expectations, own_course, problem="halve")
    assert expect(expectations, own_course, problem="total").cases["submit_vector"][1].value is False


def test_a_closed_one_leaves_no_process(course, tmp_path):
    made = Expectations(Cache(tmp_path / "cache"))
    expect(made, course)
    (worker,) = made._all
    made.close()
    assert worker._process.returncode is not None
    with pytest.raises(ReferenceFault, match="closed"):
        expect(made, course, seed=99)
