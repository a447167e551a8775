"""The audit: green on a sound course, and each kind of worthless test is found and named."""

from __future__ import annotations

from pathlib import Path

import native_carry_course
import pytest
from grader.audit import KINDS, Check, Task, Watch, audit
from grader.authoring.manifest import Course
from grader.errors import CourseError, GraderError
from grader.judge.engine import Judge

from grader import audit as auditing


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


def test_a_few_mutants_of_each_problem_are_drawn_by_the_seed(tiny_root):
    mutants = tiny_root / "grader/hidden/hw0/mutants"
    text = (mutants / "mean_of_total.py").read_text()
    for number in range(4):
        (mutants / f"mean_of_total_{number}.py").write_text(text)

    def tried(seed: int, most: int | None) -> list[str]:
        result = audit(Course.load(tiny_root), ["hw0"], seed=seed, most_mutants=most)
        assert result.passed
        assert [coverage.mutants for coverage in result.coverage] == [5]
        return sorted(check.name for check in result.checks if check.kind == "mutants")

    assert len(tried(0, None)) == 5
    assert tried(0, 2) == tried(0, 2)
    assert len(tried(0, 2)) == 2
    assert len({tuple(tried(seed, 1)) for seed in range(12)}) > 1, "another seed draws others"


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


# One problem alone


def test_a_problem_is_audited_alone_whatever_its_neighbours_are(tiny_root):
    """The other problem has no case, no test and no block of the name it lists, and a file with a block of nobody's."""
    (tiny_root / "grader/hidden/hw0/total.py").unlink()
    (tiny_root / "hw0/tests/test_total.py").unlink()
    change(tiny_root, "hw0/assignment.toml", '"hw0/src/sums.py:total"', '"hw0/src/sums.py:totals"')
    course = Course.load(tiny_root)
    result = audit(course, ["hw0"], problems=["mean"])
    assert [check for check in result.checks if not check.passed] == []
    assert {check.kind for check in result.checks} == set(KINDS) - {"apart"}
    assert [(cover.blocks_in_problems, cover.blocks, cover.cases) for cover in result.coverage] == [(1, 1, 1)]
    assert not any(check.name.startswith("total") for check in result.checks)
    assert result.count("hw0", "mutants") == (1, 1)
    assert result.count("hw0", "public") == (1, 1)


def test_of_a_problem_audited_alone_its_own_faults_are_found(tiny_root):
    change(tiny_root, "grader/hidden/hw0/mean.py", "mugrade.submit(mean(np.random.randn(6)))", "mugrade.submit(mean)")
    result = audit(Course.load(tiny_root), ["hw0"], problems=["mean"])
    assert ("reference", "mean.submit_mean_of_vector") in {
        (check.kind, check.name) for check in result.checks if not check.passed
    }
    assert audit(Course.load(tiny_root), ["hw0"], problems=["total"]).passed


def test_a_block_that_no_file_has_is_an_error_of_its_own_problem(tiny_root):
    change(tiny_root, "hw0/assignment.toml", '"hw0/src/sums.py:total"', '"hw0/src/sums.py:totals"')
    with pytest.raises(CourseError, match=r"totals, which no file has; did you mean hw0/src/sums.py:total\?"):
        audit(Course.load(tiny_root), ["hw0"], problems=["total"])


@pytest.mark.parametrize("stages", [[], ["hw0", "hw1"]])
def test_problems_are_of_one_named_stage(tiny_course, stages):
    with pytest.raises(GraderError, match="name the one homework"):
        audit(tiny_course, stages, problems=["mean"])


def test_a_watch_tells_what_runs_and_how_much_is_done():
    watch = Watch()
    seen = []

    def run() -> list[Check]:
        seen.extend(watch.running())
        return []

    watch.run(Task("hw0 mean: its stub", run))
    ((label, seconds),) = seen
    assert label == "hw0 mean: its stub"
    assert 0 <= seconds < 60
    assert (watch.running(), watch.done) == ([], 1)


def test_every_task_of_an_audit_is_watched_under_a_name_of_its_own(tiny_course):
    class Log(Watch):
        labels: tuple[str, ...] = ()

        def run(self, task):
            self.labels += (task.label,)
            return super().run(task)

    watch = Log()
    audit(tiny_course, ["hw0"], watch=watch)
    assert watch.done == watch.total == len(watch.labels)
    assert set(watch.labels) == {
        "hw0 total: on the reference",
        "hw0 total: on the stubs",
        "hw0 total: without total",
        "hw0 mean: on the reference",
        "hw0 mean: on the stubs",
        "hw0 mean: without mean",
        "hw0 mean: mutant mean_of_total",
        "hw0: public tests",
    }


def test_a_problem_is_tried_apart_if_it_is_compiled_with_others(tmp_path):
    """Python that runs an earlier homework's C++ is not compiled with anything."""
    course = native_carry_course.make_course(tmp_path / "course")
    with Judge(course) as judge:
        labels = {
            stage.key: [task.label for task in auditing._StageAudit(judge, stage, 0, None).tasks()]
            for stage in course.stages
        }
    apart = [label for label in labels["hw1"] if label.endswith("without the other problems' code")]
    assert apart == [f"hw1 {key}: without the other problems' code" for key in ("kernels", "other")]
    assert labels["hw2"]
    assert not any(label.endswith("without the other problems' code") for label in labels["hw2"])
