"""Carry-forward on a course of two homeworks: what counts, which earlier blocks are named, how often anything runs."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from carry_course import EARLIER, GRAPH, MIXED, NN, OPS, REFERENCE, make_course, replaced, stub_of, work
from grader.authoring.manifest import Course
from grader.authoring.trees import Tree
from grader.errors import CourseError
from grader.judge import carry
from grader.judge import engine as engine_module
from grader.judge.box import Box
from grader.judge.context import Graded
from grader.judge.engine import Judge
from grader.judge.foundations import Foundations
from grader.judge.materials import materials as derive
from grader.results import ProblemResult, Report, Verdict
from judge_course import hand_in

SEED = 20260202


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("carried") / "course")


@pytest.fixture(scope="module")
def judge(course: Course):
    with Judge(course) as judge:
        yield judge


@pytest.fixture
def graded(judge: Judge, tmp_path: Path):
    """Grade a submission to hw2, given as a tree or by the bodies of blocks that are not the reference's."""
    count = itertools.count()

    def grade(tree: Tree | None = None, problems: list[str] | None = None, jobs: int = 1, **bodies: str) -> Report:
        tree = work(judge.course, **bodies) if tree is None else tree
        folder = hand_in(tree, tmp_path / f"work-{next(count)}")
        return judge.grade(folder, "hw2", problems=problems, seed=SEED, jobs=jobs)

    return grade


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The cases of each run in a box, as they happen."""
    seen: list[list[str]] = []
    real = Box.run

    def run(self, job, *arguments, **options):
        seen.append([case["name"].removeprefix("submit_") for case in job["cases"]])
        return real(self, job, *arguments, **options)

    monkeypatch.setattr(Box, "run", run)
    return seen


def by_key(report: Report) -> dict[str, ProblemResult]:
    return {problem.key: problem for problem in report.problems}


def blamed(problem: ProblemResult) -> list[str]:
    assert problem.sound is not None
    return [blame.label for blame in problem.sound.blame]


# What counts


def test_perfect_work_runs_once(graded, boxes):
    report = graded()
    assert report.accepted
    assert [problem.sound for problem in report.problems] == [None] * 4
    assert (report.score, report.own_score, report.sound_score) == (20.0, 20.0, 20.0)
    assert len(boxes) == 4


def test_perfect_work_on_other_foundations_runs_once(graded, boxes, course):
    """Blocks that say something else and are as good, and a helper beside them."""
    tree = replaced(work(course, double="return x + x", square="return x**2"), OPS, '"""Four ops."""', "import math")
    assert graded(tree).accepted
    assert len(boxes) == 4


def test_an_earlier_fault_costs_its_points_in_its_own_homework_only(graded):
    report = graded(double="return 3.0 * x")
    problems = by_key(report)
    linear = problems["linear"]
    assert (linear.verdict, linear.own_score, linear.score) == (Verdict.WA, 2.5, 10.0)
    assert (linear.sound.score, linear.sound.verdict, linear.sound.cases) == (10.0, Verdict.AC, [])
    (blame,) = linear.sound.blame
    assert (blame.name, blame.label, blame.stage, blame.problem, blame.kind) == (
        "needle.ops:double",
        "double",
        "hw1",
        "ops",
        "wrong",
    )
    assert linear.sound.exact
    assert linear.sound.stages == ["hw1"]
    assert (problems["power"].own_score, problems["power"].score) == (0.0, 4.0)
    assert problems["trip"].sound is problems["alone"].sound is None
    assert (report.own_score, report.sound_score, report.score) == (8.5, 20.0, 20.0)
    assert not report.accepted, "the homework does not work in the student's own hands"
    assert not report.internal_error


def test_ones_own_fault_stays_ones_own(graded):
    """Foundations that differ and are right, a wrong block of this homework: nothing is granted, nobody is blamed."""
    problem = by_key(graded(double="return x + x", linear="return ops.double(x) + 4.0"))["linear"]
    assert (problem.own_score, problem.score, problem.sound.score) == (2.5, 2.5, 2.5)
    assert problem.sound.blame == []
    assert problem.sound.runs == 1
    assert [case.name for case in problem.sound.cases] == ["submit_linear", "submit_wide", "submit_again"]


def test_both_faults_leave_the_later_one(graded):
    problem = by_key(graded(double="return 3.0 * x", shift="return x"))["linear"]
    assert (problem.own_score, problem.score) == (0.0, 7.5)
    assert blamed(problem) == ["double"]
    assert [case.name for case in problem.sound.cases] == ["submit_shift"]


def test_foundations_that_fit_only_together_with_the_later_work_count_as_well(graded):
    """The student's pair scales instead of shifting, and their later block knows that; another case is wrong."""
    bodies = {"encode": "return 3.0 * x", "decode": "return x / 3.0", "linear": "return ops.encode(x) - x + 3.0"}
    problem = by_key(graded(**bodies, shift="return x"))["linear"]
    assert (problem.own_score, problem.sound.score, problem.score) == (7.5, 0.0, 7.5)
    assert problem.sound.blame == []


@pytest.mark.parametrize(("policy", "counts"), [("own", 2.5), ("sound", 10.0)])
def test_the_policy_decides_which_score_counts(tmp_path, policy, counts, course):
    course = make_course(tmp_path / "course", policy)
    with Judge(course) as judge:
        folder = hand_in(work(course, double="return 3.0 * x"), tmp_path / "work")
        report = judge.grade(folder, "hw2", problems=["linear"], seed=SEED)
    problem = report.problems[0]
    assert (report.carry_forward, report.score, problem.score) == (policy, counts, counts)
    assert (report.own_score, report.sound_score) == (2.5, 10.0)
    assert blamed(problem) == ["double"]


def test_an_unknown_policy_is_a_fault_of_the_course(tmp_path):
    with pytest.raises(CourseError, match=r"course\.toml:\d+: carry_forward: .*'sound' or 'own'.* not 'both'"):
        make_course(tmp_path / "course", "both")


def test_the_first_homework_stands_on_nothing(judge, boxes, tmp_path):
    tree = work(judge.course, double="return 3.0 * x")
    report = judge.grade(hand_in(tree, tmp_path / "work"), "hw1", seed=SEED)
    assert report.problems[0].verdict is Verdict.WA
    assert [problem.sound for problem in report.problems] == [None, None]
    assert len(boxes) == 2


def test_equal_foundations_are_not_graded_again(graded, boxes, course):
    """Only comments and layout differ from the reference."""
    tree = work(course, linear="return x", double=f"# twice\n{REFERENCE} = (2.0 *\n    x)\n\nreturn {REFERENCE}")
    report = graded(tree, ["linear"])
    assert report.problems[0].sound is None
    assert len(boxes) == 1


# Who is named


def test_two_faults_that_cost_a_case_together_are_named_together(graded):
    problem = by_key(graded(double="return 3.0 * x", square="return x"))["power"]
    assert blamed(problem) == ["double", "square"]
    assert (problem.own_score, problem.score) == (0.0, 4.0)


def test_each_problem_names_its_own_culprit(graded):
    problems = by_key(graded(double="return 3.0 * x", square="return x", order="return x", first="return x"))
    assert blamed(problems["linear"]) == ["double"]
    assert blamed(problems["trip"]) == ["square"]


def test_a_pair_that_fits_together_is_not_blamed(graded):
    pair = {"encode": "return 3.0 * x", "decode": "return x / 3.0"}
    problem = by_key(graded(**pair, square="return x"))["trip"]
    assert blamed(problem) == ["square"]
    assert problem.sound.exact
    assert by_key(graded(**pair))["trip"].sound is None


def test_a_dead_homework_costs_one_run_and_no_points(graded, boxes):
    empty = {name.split(":")[1]: stub_of(name.split(":")[1]) for name in EARLIER}
    report = graded(**empty, problems=["linear"])
    problem = report.problems[0]
    assert (problem.own_score, problem.score) == (2.5, 10.0)
    assert sorted(blame.name for blame in problem.sound.blame) == sorted(f"needle.{name}" for name in EARLIER)
    assert {blame.kind for blame in problem.sound.blame} == {"empty"}
    assert len(boxes) == 2


def test_only_this_homework_handed_in(graded, judge):
    """The earlier files are missing, so stubs stand in for them."""
    tree = {path: text for path, text in work(judge.course).items() if path in (NN, MIXED)}
    report = graded(tree)
    assert report.submission.missing == [GRAPH, OPS]
    assert by_key(report)["linear"].note == "double is not filled in (it belongs to hw1 ops)"
    assert (report.own_score, report.score) == (2.5 + 2.0, 20.0)


def test_of_some_empty_blocks_those_are_named_that_matter(graded):
    """A run with the first one filled shows which is met next."""
    problems = by_key(graded(double=stub_of("double"), square=stub_of("square"), encode=stub_of("encode")))
    assert blamed(problems["linear"]) == ["double"]
    assert blamed(problems["power"]) == ["double", "square"]
    assert blamed(problems["trip"]) == ["square", "encode"]
    assert {blame.kind for problem in problems.values() if problem.sound for blame in problem.sound.blame} == {"empty"}


def test_an_empty_and_a_wrong_block(graded):
    problem = by_key(graded(double=stub_of("double"), encode=stub_of("encode"), square="return x"))["power"]
    assert [(blame.label, blame.kind) for blame in problem.sound.blame] == [("square", "wrong"), ("double", "empty")]


# Files that cannot be read block by block


def test_a_syntax_error_in_an_earlier_file_is_that_files(graded, course):
    tree = replaced(work(course), OPS, "def encode(x):", "def encode(x:")
    report = graded(tree)
    problem = by_key(report)["linear"]
    assert (problem.verdict, problem.own_score, problem.score) == (Verdict.CE, 0.0, 10.0)
    assert [(blame.name, blame.problem, blame.kind) for blame in problem.sound.blame] == [(OPS, None, "file")]
    assert report.score == 20.0


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe not text", b"x = 1\0", b"x = " + b"(" * 100_000, b"", b"raise SystemExit\n"],
    ids=["bytes", "nul", "nested", "empty", "exits"],
)
def test_whatever_an_earlier_file_is_the_later_work_is_graded(graded, content, course):
    tree = {**work(course), OPS: content}
    problem = by_key(graded(tree, ["linear"]))["linear"]
    assert problem.own_score < problem.score == 10.0
    assert blamed(problem) == [OPS]


def test_without_markers_the_whole_file_is_taken(graded, course):
    tree = work(course, double="return 3.0 * x")
    tree[OPS] = b"".join(line for line in tree[OPS].splitlines(keepends=True) if b"###" not in line)
    problem = by_key(graded(tree, ["linear"]))["linear"]
    assert (problem.own_score, problem.score) == (2.5, 10.0)
    assert blamed(problem) == [OPS]


def test_a_helper_beside_the_blocks_serves_later_work(graded, course):
    tree = work(course, double="return 3.0 * x", linear="return ops.twice(x) + 3.0 + 0.0 * ops.double(x)")
    tree[OPS] += b"\n\ndef twice(x):\n    return double(x)\n"
    problem = by_key(graded(tree, ["linear"]))["linear"]
    assert (problem.own_score, problem.score) == (2.5, 10.0)
    assert blamed(problem) == ["double"]


def test_what_stands_around_the_blocks_can_be_at_fault(graded, course):
    """Every block is the reference's, and one is thrown away below."""
    tree = work(course)
    tree[OPS] += b"\n\ndef double(x):\n    return 3.0 * x\n"
    problem = by_key(graded(tree, ["linear"]))["linear"]
    assert (problem.own_score, problem.score) == (2.5, 10.0)
    assert blamed(problem) == [OPS]


def test_a_file_of_both_homeworks(graded, course):
    """Its earlier block is exchanged and its later one is not."""
    tree = work(course, first="raise ValueError", second="return x + 20.0 + 0.0 * first(x)")
    problem = by_key(graded(tree, ["alone"]))["alone"]
    assert (problem.own_score, problem.score) == (1.0, 2.0)
    assert blamed(problem) == ["first"]


def test_a_file_of_both_homeworks_without_markers_stays_the_students(graded, course):
    tree = work(course, first="raise ValueError", second="return x + 20.0 + 0.0 * first(x)")
    tree[MIXED] = tree[MIXED].replace(b"    ### END SOLUTION\n", b"", 1)
    problem = by_key(graded(tree, ["alone"]))["alone"]
    assert (problem.own_score, problem.score, problem.sound) == (1.0, 1.0, None)


SCALE = "common/needle/src/scale.cc"
CPP = """#include "mine.h"

float scale(float x) {
    /// BEGIN SOLUTION
    return 3.0f * x;
    /// END SOLUTION
}
"""


def test_blocks_in_cpp_are_exchanged_like_others(tmp_path):
    """Composed only: a stage whose build reads an earlier stage's C++."""
    root = make_course(tmp_path / "course").root
    first, second = root / "hw1/assignment.toml", root / "hw2/assignment.toml"
    manifest = first.read_text().replace('"hw1/**/*"]', f'"hw1/**/*", "{SCALE}"]')
    first.write_text(manifest.replace('"needle.graph:order"', '"needle.graph:order", "scale.cc:scale"'))
    build = (
        '[[build]]\nkey = "ext"\nsource = "common/needle"\nmodule = "native"\noutput = "common/needle/python/needle"\n'
    )
    second.write_text(second.read_text().replace("\n[[problem]]", f"\n{build}\n[[problem]]", 1))
    (root / SCALE).parent.mkdir(parents=True)
    (root / SCALE).write_text(CPP)
    materials = derive(Course.load(root), "hw2")

    def sound(text: str) -> tuple[list[str], str]:
        foundations = Foundations(materials, Graded({**materials.reference, SCALE: text.encode()}))
        pieces = foundations.sound[0] if foundations.sound else ()
        names = [blame.name for piece in pieces for blame in piece.blame()]
        return names, foundations.with_reference(pieces).tree[SCALE].decode()

    assert sound(CPP.replace("3.0f * x;", "3.0f*x; // so")) == ([], CPP.replace("3.0f * x;", "3.0f*x; // so"))
    assert sound(CPP.replace("3.0f * x", "4.0f * x")) == (["scale.cc:scale"], CPP)
    helper = CPP.replace("float scale", "static float mine(float x) { return x; }\n\nfloat scale")
    assert sound(helper.replace("3.0f * x", "mine(x)")) == (["scale.cc:scale"], helper)
    assert sound(CPP.replace("/// END SOLUTION", "")) == ([SCALE], CPP)


# Cost


def test_the_reference_runs_once_for_all_gradings(own_judge, tmp_path):
    folder = hand_in(
        work(own_judge.course, double="return 3.0 * x", square="return x", order="return x"), tmp_path / "w"
    )
    report = own_judge.grade(folder, "hw2", seed=SEED)
    assert sum(problem.sound.runs for problem in report.problems if problem.sound) >= 3
    assert own_judge.expectations.runs == 4


def test_a_search_runs_failing_cases_only(graded, boxes):
    graded(problems=["linear"], double="return 3.0 * x", square="return x**2", encode="return 1.0 + x")
    whole = ["linear", "wide", "again", "shift"]
    assert boxes[:2] == [whole, whole]
    assert boxes[2:]
    assert all(cases == ["linear", "wide", "again"] for cases in boxes[2:])


def test_a_search_that_is_broken_off_says_so(graded, boxes, monkeypatch):
    monkeypatch.setattr(carry, "PATIENCE", -1.0)
    problem = by_key(graded(problems=["linear"], double="return 3.0 * x", square="return x**2"))["linear"]
    assert problem.score == 10.0
    assert (blamed(problem), problem.sound.exact) == (["double", "square"], False)
    assert len(boxes) == 2


def test_a_search_takes_no_more_runs_than_it_may(graded, monkeypatch):
    """Two runs would show which two of the three empty blocks matter."""
    monkeypatch.setattr(carry, "TRIALS", 1)
    empty = {name: stub_of(name) for name in ("double", "square", "encode")}
    problem = by_key(graded(problems=["power"], **empty))["power"]
    assert problem.score == 4.0
    assert blamed(problem) == ["double", "square", "encode"]
    assert problem.sound.runs == 2


def test_code_that_makes_the_search_long_is_given_up(graded, monkeypatch):
    """It hangs wherever one of two blocks is exchanged and the other is not."""
    monkeypatch.setattr(carry, "PATIENCE", 1.0)
    hang = f"""
    import inspect
    exchanged = ["{REFERENCE}" in inspect.getsource(block) for block in (ops.double, ops.square)]
    while exchanged[0] != exchanged[1]:
        pass
    return ops.double(x) + 3.0
    """
    bodies = {"double": "return 3.0 * x", "square": "return x**2", "encode": "return 1.0 + x", "decode": "return x - 1"}
    problem = by_key(graded(problems=["linear"], linear=hang, **bodies))["linear"]
    assert problem.score == 10.0
    assert (blamed(problem), problem.sound.exact) == (["double", "square"], False)
    assert problem.sound.runs == 3


# Trust


def test_one_job_or_many_give_the_same_report(graded):
    timing = {"problems": {"__all__": {"wall", "cpu", "memory"}}, "started": True, "seconds": True, "submission": True}
    bodies = {"double": "return 3.0 * x", "square": "return x", "encode": stub_of("encode"), "order": stub_of("order")}
    reports = [graded(**bodies, jobs=jobs).model_dump(exclude=timing) for jobs in (1, 4)]
    assert reports[0] == reports[1]


LEAK = f"""
import inspect
source = inspect.getsource(ops.double)
print(source)
if "{REFERENCE}" in source:
    import numpy as np
    return np.zeros([0, *map(ord, "{REFERENCE}"[:6])])
return x
"""
RAISE = f"""
import inspect
source = inspect.getsource(ops.double)
if "{REFERENCE}" in source:
    raise ValueError(source)
return ops.double(x) + 4.0
"""


@pytest.mark.parametrize("body", [LEAK, RAISE], ids=["shapes", "messages"])
def test_solutions_of_earlier_homeworks_do_not_come_out(graded, body):
    """Later code reads the reference that stands in for its author's; students read kinds of differences only."""
    report = graded(
        problems=["linear"], double="return 3.0 * x", linear=body, shift="return x + 3.0 + 0.0 * ops.double(x)"
    )
    problem = report.problems[0]
    assert problem.sound is not None
    student = report.for_student()
    code = ", ".join(str(ord(letter)) for letter in REFERENCE[:6])
    instructors = json.dumps(problem.sound.model_dump())
    assert REFERENCE in instructors or f"got shape (0, {code})" in instructors, "the attack does not work"
    text = json.dumps(student.problems[0].sound.model_dump())
    assert REFERENCE not in text
    assert code not in text
    for case in student.problems[0].sound.cases:
        assert case.failure is None or (case.failure.message, case.failure.frames) == (None, [])
        for value in case.values:
            assert value.difference is None or not any(letter.isdigit() for letter in value.difference.message)
    assert student.problems[0].sound.output is None


def test_no_line_of_a_replaced_file_is_shown(graded):
    """Frames name lines of the student's files, and an exchanged file is not one of them."""
    problem = by_key(graded(problems=["linear"], double="return 3.0 * x", linear="return ops.double(None)"))["linear"]
    own = {frame.file for case in problem.cases if case.failure for frame in case.failure.frames}
    sound = {frame.file for case in problem.sound.cases if case.failure for frame in case.failure.frames}
    assert own == {NN, OPS}
    assert sound == {NN}


def test_code_that_points_at_others_gains_nothing(graded):
    """It raises another stub's exception on purpose, and claims to be right wherever it finds the reference."""
    forged = 'raise NotImplementedError("hw1 graph: order")'
    bodies = {"double": stub_of("double"), "order": stub_of("order"), "encode": stub_of("encode")}
    problem = by_key(graded(problems=["linear"], linear=forged, **bodies))["linear"]
    assert (problem.own_score, problem.score) == (2.5, 2.5)
    assert problem.sound.blame == []


def test_forged_frames_and_patched_clients_decide_nothing(graded):
    """What a later block does to the process it runs in does not make its values right on sound foundations either."""
    forge = """
    import sys
    import mugrade
    mugrade.submit = lambda *values, **more: None
    sys.stdout.write('{"verdict": "AC"}')
    return ops.double(x) + 3.5
    """
    problem = by_key(graded(problems=["linear"], double="return 3.0 * x", linear=forge))["linear"]
    assert problem.score <= 2.5
    assert problem.sound.score <= 2.5


# The grader's own faults


def test_a_fault_of_the_second_grading_is_shown_as_one(graded, monkeypatch):
    def fail(self, pieces):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Foundations, "with_reference", fail)
    report = graded(double="return 3.0 * x", problems=["linear"])
    problem = report.problems[0]
    assert report.internal_error
    assert (problem.verdict, problem.score, problem.sound.verdict) == (Verdict.WA, 2.5, Verdict.IE)
    assert "a bug" in problem.sound.note
    assert report.for_student().problems[0].sound.note is None


def test_a_box_that_fails_on_sound_foundations_is_a_fault_of_the_grader(graded, monkeypatch):
    real, calls = engine_module.problem_result, itertools.count()
    monkeypatch.setattr(
        engine_module, "problem_result", lambda *arguments: real(*arguments) if next(calls) == 0 else 1 / 0
    )
    report = graded(double="return 3.0 * x", problems=["linear"])
    assert report.internal_error
    assert report.problems[0].sound.verdict is Verdict.IE
    assert report.score == 2.5


@pytest.fixture
def own_judge(tmp_path: Path):
    with Judge(make_course(tmp_path / "course")) as judge:
        yield judge
