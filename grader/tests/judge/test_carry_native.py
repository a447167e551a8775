"""Carry-forward where later Python runs an earlier homework's C++: who is blamed, and how little is compiled."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import pytest
from grader.authoring.manifest import Course, find_root
from grader.authoring.trees import Tree, reference_tree
from grader.judge.builds import Builder
from grader.judge.engine import Judge
from grader.judge.materials import materials as derive
from grader.results import ProblemResult, Report, Verdict
from judge_course import hand_in
from native_carry_course import KERNELS, NN, OTHER, make_course, stub_of, work

SEED = 20261121


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("native-carried") / "course")


@pytest.fixture(scope="module")
def judge(course: Course):
    with Judge(course) as judge:
        judge.grade(hand_in(work(course), course.root / "warm"), "hw2", seed=SEED)  # the course's own are built once
        yield judge


@pytest.fixture
def graded(judge: Judge, tmp_path: Path):
    """Grade a submission, given as a tree or by the bodies of blocks that are not the reference's."""
    count = itertools.count()

    def grade(tree: Tree | None = None, stage: str = "hw2", jobs: int = 1, **bodies: str) -> Report:
        tree = work(judge.course, stage, **bodies) if tree is None else tree
        return judge.grade(hand_in(tree, tmp_path / f"work-{next(count)}"), stage, seed=SEED, jobs=jobs)

    return grade


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The module of each build that ran the compiler, as it happens."""
    seen: list[str] = []
    real = Builder._build

    def build(self, tree, pristine, table, *arguments, **options):
        seen.append(table.module)
        return real(self, tree, pristine, table, *arguments, **options)

    monkeypatch.setattr(Builder, "_build", build)
    return seen


def by_key(report: Report) -> dict[str, ProblemResult]:
    return {problem.key: problem for problem in report.problems}


def blamed(problem: ProblemResult) -> list[tuple[str, str]]:
    assert problem.sound is not None
    return [(blame.label, blame.kind) for blame in problem.sound.blame]


def replaced(tree: Tree, path: str, old: str, new: str) -> Tree:
    text = tree[path].decode()
    assert old in text, old
    return {**tree, path: text.replace(old, new).encode()}


# Their own C++ is what counts first


def test_later_python_runs_on_the_students_own_module(graded, compiled):
    """Other C++ that is as good: built once for all problems, and not exchanged."""
    report = graded(twice="return x + x;  // of this test alone", jobs=4)
    assert report.accepted
    assert [problem.sound for problem in report.problems] == [None] * 3
    assert compiled == ["native_kernels"]


def test_a_module_that_two_problems_wait_for_is_built_once(judge, course, monkeypatch):
    shared = judge.materials("hw2")
    tree, began, calls = work(course, twice="return x * 2.0;  // of this test alone"), threading.Barrier(3), []
    real = Builder._build

    def build(self, *arguments, **options):
        calls.append(threading.current_thread().name)
        return real(self, *arguments, **options)

    def wanted():
        began.wait(30)
        modules.append(judge._builder.module(shared, shared.stage.builds[0], tree).module)

    modules: list = []
    monkeypatch.setattr(Builder, "_build", build)
    threads = [threading.Thread(target=wanted) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len(modules) == 3
    assert modules[0] is not None
    assert modules.count(modules[0]) == 3


def test_kernels_of_another_module_make_no_difference(judge, course, compiled, graded):
    """hw2 does not run them, so they are neither taken nor blamed, and what does not compile there does no harm."""
    report = graded(other="return nonsense;")
    assert report.accepted
    assert compiled == []
    assert OTHER not in report.submission.missing
    shared = judge.materials("hw1")
    first, second = (
        judge._builder.module(shared, shared.stage.builds[0], work(course, "hw1", other=body)).module
        for body in ("return x;", "return nonsense;")
    )
    assert first is not None
    assert first == second


# A student whose C++ is not right


def test_without_the_earlier_cpp_the_later_python_is_graded_on_the_courses(graded, compiled):
    problems = by_key(graded(twice=stub_of("twice"), thrice=stub_of("thrice")))
    double, triple, plain = problems["double"], problems["triple"], problems["plain"]
    assert (double.verdict, double.own_score, double.score) == (Verdict.NI, 0.0, 8.0)
    assert double.note == "twice is not filled in (it belongs to hw1 kernels)"
    assert blamed(double) == blamed(triple) == [("twice", "empty"), ("thrice", "empty")]
    assert double.sound.stages == ["hw1"]
    assert double.sound.runs == 1, "all of hw1's C++ is one cause"
    assert (plain.verdict, plain.sound) == (Verdict.AC, None)
    assert len(compiled) <= 1, "of the stubs; the solutions are the course's own"


def test_of_some_empty_kernels_those_are_named_that_matter(graded):
    problems = by_key(graded(thrice=stub_of("thrice")))
    assert problems["double"].sound is None
    assert blamed(problems["triple"]) == [("thrice", "empty")]


def test_cpp_that_does_not_compile_costs_its_points_in_its_own_homework(graded, course):
    tree = work(course, thrice="return x\n;;; nonsense")
    report = graded(tree)
    double = by_key(report)["double"]
    assert (double.verdict, double.own_score, double.score) == (Verdict.CE, 0.0, 8.0)
    assert double.note.startswith(f"{KERNELS}:")
    assert double.note.endswith("(the file belongs to hw1)")
    assert blamed(double) == blamed(by_key(report)["triple"]) == [("thrice", "wrong")]
    assert (report.own_score, report.score) == (4.0, 20.0)
    assert not report.accepted


def test_what_stands_around_the_kernels_may_not_compile(graded, course):
    """Exchanging blocks does not help, so the file is taken whole."""
    tree = replaced(work(course), KERNELS, "double twice", "static int helper() { return nothing; }\n\ndouble twice")
    problems = by_key(graded(tree))
    assert (problems["double"].verdict, problems["double"].score) == (Verdict.CE, 8.0)
    assert blamed(problems["double"]) == [(KERNELS, "file")]


def test_a_file_without_markers_is_taken_whole(graded, course):
    tree = work(course, twice="return 5.0 * x;")
    tree[KERNELS] = tree[KERNELS].replace(b"/// END SOLUTION", b"")
    assert blamed(by_key(graded(tree))["double"]) == [(KERNELS, "file")]


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("return *(volatile double*)8;", Verdict.RTE),
        ("for (volatile int i = 0;; i = 1) {}", Verdict.TLE),
        ("return 4.0 * x;", Verdict.WA),
    ],
    ids=["crash", "endless", "wrong"],
)
def test_a_kernel_that_fails_is_named(graded, body, verdict):
    problems = by_key(graded(thrice=body))
    triple = problems["triple"]
    assert (triple.verdict, triple.own_score, triple.score) == (verdict, 0.0, 8.0)
    assert blamed(triple) == [("thrice", "wrong")]
    assert problems["double"].sound is None


def test_helpers_around_kernels_survive_the_exchange(graded, course):
    tree = replaced(
        work(course, twice="return helper(x);", thrice="return 4.0 * x;"),
        KERNELS,
        "double twice",
        "static double helper(double x) { return 2.0 * x; }\n\ndouble twice",
    )
    problems = by_key(graded(tree))
    assert problems["double"].verdict is Verdict.AC
    assert blamed(problems["triple"]) == [("thrice", "wrong")]


def test_ones_own_fault_stays_ones_own(graded):
    triple = by_key(graded(twice="return x + x;", triple="return native().twice(x)"))["triple"]
    assert (triple.score, triple.sound.score, triple.sound.blame) == (0.0, 0.0, [])


# What it costs


def test_where_python_is_at_fault_nothing_is_compiled_to_find_out(graded, compiled):
    """The student's module and the course's are there; only their Python is exchanged."""
    bodies = {"twice": "return x + x;  // as it is here", "thrice": "return x + x + x;", "shift": "return x - 1.0"}
    problems = by_key(graded(**bodies))
    assert blamed(problems["double"]) == blamed(problems["plain"]) == [("shift", "wrong")]
    assert compiled == ["native_kernels"]


def test_problems_share_what_is_compiled_to_find_out(graded, compiled):
    """Both fail for the same kernel; the other one is right in other words, so a module with either is tried."""
    problems = by_key(graded(twice="return 5.0 * x;", thrice="return x + x + x;", shift="return 1.0 + x"))
    assert blamed(problems["double"]) == blamed(problems["triple"]) == [("twice", "wrong")]
    assert len(compiled) <= 3, "their own, and one with each kernel exchanged"


def test_a_problem_without_native_code_does_not_wait_for_a_compiler(graded):
    plain = by_key(graded(twice="return nonsense;", shift="return x - 1.0"))["plain"]
    assert (plain.verdict, plain.score) == (Verdict.WA, 4.0)
    assert blamed(plain) == [("shift", "wrong")]


def test_kernels_alone_are_not_graded_again_on_other_python(judge, course):
    """The cases of a problem that is all C++ see no Python of its author's: exchanging that changes nothing."""
    shared = judge.materials("hw1")
    assert shared.seen_by(shared.stage.problem("kernels")) == {KERNELS}
    later = judge.materials("hw2")
    assert KERNELS in later.seen_by(later.stage.problem("double"))
    assert later.seen_by(later.stage.problem("plain")) == later.seen_by(later.stage.problem("double")) - {KERNELS}
    assert NN in later.editable
    assert OTHER in later.elsewhere


def test_in_this_course_hw3s_kernels_stand_on_no_earlier_block():
    course = Course.load(find_root(Path(__file__)))
    shared = derive(course, "hw3")
    earlier = {block.block.path for block in shared.earlier}
    for problem in shared.stage.problems:
        assert bool(shared.seen_by(problem) & earlier) == (not shared.all_native(problem))


def test_the_reference_is_accepted(graded, course):
    assert graded(reference_tree(course, "hw2")).accepted
    assert graded(reference_tree(course, "hw1"), "hw1").accepted
