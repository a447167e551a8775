"""Native modules: built in the box, cheap for one changed file, and no way for a student's C++ to reach anything."""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path

import pytest
from grader.authoring.manifest import Course, find_root
from grader.authoring.trees import reference_tree, released_tree, with_bodies
from grader.judge.builds import Builder, readable
from grader.judge.engine import Judge
from grader.results import Report, Verdict
from judge_course import hand_in

SCALE = "native/src/scale.cpp:scale"
FILE = "native/src/scale.cpp"
SEED = 5


@pytest.fixture
def graded(judge: Judge, tmp_path: Path):
    def grade_it(body: str | None = None, file: str | None = None) -> Report:
        tree = reference_tree(judge.course, "native")
        if body is not None:
            tree = with_bodies(tree, {SCALE: body})
        if file is not None:
            tree[FILE] = file.encode()
        return judge.grade(hand_in(tree, tmp_path / "work"), "native", seed=SEED)

    return grade_it


def scaled(report: Report):
    """The compiled problem's result; the other needs no build and must not suffer."""
    assert report.problems[1].verdict is Verdict.AC
    return report.problems[0]


def test_right_and_wrong(graded):
    assert graded().accepted


def test_a_wrong_answer_in_cpp(graded):
    assert scaled(graded("return 2.0 * x;")).verdict is Verdict.WA


def test_a_stub_in_cpp(judge, tmp_path):
    report = judge.grade(hand_in(released_tree(judge.course, "native"), tmp_path / "work"), "native", seed=SEED)
    assert [problem.verdict for problem in report.problems] == [Verdict.NI, Verdict.NI]
    assert report.problems[0].note == "scale is not filled in"


def test_what_does_not_compile_shows_the_compilers_words(graded, judge):
    problem = scaled(graded("return 3.0 * y;"))
    assert (problem.verdict, problem.score) == (Verdict.CE, 0.0)
    assert "was not declared in this scope" in problem.log or "undeclared identifier" in problem.log
    assert "native/src/scale.cpp:" in problem.log
    assert "/box" not in problem.log
    assert "/tmp" not in problem.log
    assert "FAILED" not in problem.log
    assert "-std=" not in problem.log, "the compiler's command line"
    lines = reference_tree(judge.course, "native")[FILE].decode().splitlines()
    line = 1 + next(number for number, text in enumerate(lines) if "return" in text)
    assert re.match(rf"{FILE}:{line}: .*\by\b", problem.note)
    assert all((case.right, case.values, case.failure) == (0, [], None) for case in problem.cases)


def test_an_error_within_a_header_names_the_students_line(graded):
    file = '#include <vector>\n#include "Python.h"\nstruct P { P(int); };\nstd::vector<P> p(3);\n'
    file += "double scale(double x) { return x; }\n"
    problem = scaled(graded(file=file))
    assert problem.verdict is Verdict.CE
    assert problem.note.startswith(f"{FILE}:4: ")
    assert sysconfig.get_path("include") not in problem.log
    assert sys.base_prefix not in problem.log


def test_a_build_that_fails_without_a_place_says_so(graded):
    problem = scaled(graded(file='#include "Python.h"\nPyMODINIT_FUNC PyInit_answer(void) { return nullptr; }\n'))
    assert problem.verdict is Verdict.CE
    assert "multiple definition" in problem.log or "duplicate symbol" in problem.log
    assert problem.note == "the C++ file does not build; what the compiler said is below"


def test_a_crash_in_cpp(graded):
    problem = scaled(graded("return *(volatile double*)8;"))
    assert problem.verdict is Verdict.RTE
    assert "SIGSEGV" in problem.note


@pytest.mark.parametrize(
    "trick",
    [
        '#include "/etc/passwd"',
        '#include "{root}/grader/hidden/native/scale.py"',
        'asm(".incbin \\"{root}/grader/hidden/native/scale.py\\"");',
        '#include "/proc/self/environ"',
        '#include "/box/prepared.tar/../../{root}/course.toml"',
    ],
)
def test_nothing_is_there_to_include(judge, graded, trick):
    text = reference_tree(judge.course, "native")[FILE].decode()
    problem = scaled(graded(file=trick.replace("{root}", str(judge.course.root)) + "\n" + text))
    assert problem.verdict is Verdict.CE
    assert "No such file" in problem.log or "file not found" in problem.log


def test_a_compile_bomb_is_stopped(own_course, tmp_path):
    manifest = own_course.root / "native/assignment.toml"
    manifest.write_text(
        manifest.read_text().replace(
            'output = "native/src"', 'output = "native/src"\nlimits = { wall = 20.0, cpu = 6.0, memory = "1GiB" }'
        )
    )
    bomb = """
template <int n, int m> struct Deep {
    static constexpr long value = Deep<n - 1, 2 * m>::value + Deep<n - 1, 2 * m + 1>::value;
};
template <int m> struct Deep<0, m> { static constexpr long value = m; };
#include "not_implemented.h"
double scale(double x) { return x * Deep<25, 1>::value; }
"""
    tree = reference_tree(type(own_course).load(own_course.root), "native") | {FILE: bomb.encode()}
    with Judge(type(own_course).load(own_course.root)) as judge:
        problem = scaled(judge.grade(hand_in(tree, tmp_path / "work"), "native", seed=SEED))
    assert problem.verdict in (Verdict.TLE, Verdict.MLE, Verdict.CE)
    assert problem.score == 0


def test_only_the_changed_file_is_compiled(judge, tmp_path):
    """The build starts from the pristine build folder: one compiler run and one link."""
    shared = judge.materials("native")
    tree = with_bodies(shared.reference, {SCALE: "return 5.0 * x; // only here"})
    built = Builder(judge._box(shared.stage), None).module(shared, shared.stage.builds[0], tree)
    assert built.module is not None
    assert "scale.cpp.o" in built.log
    assert "answer.cpp.o" not in built.log
    assert "[2/2]" in built.log


def test_a_build_is_remembered(judge, monkeypatch):
    shared = judge.materials("native")
    tree = with_bodies(shared.reference, {SCALE: "return 7.0 * x;"})
    first = judge._builder.module(shared, shared.stage.builds[0], tree)
    monkeypatch.setattr(Builder, "_build", lambda *arguments, **more: pytest.fail("built again"))
    assert judge._builder.module(shared, shared.stage.builds[0], tree).module == first.module
    fresh = Builder(judge._box_with(()), judge._cache)
    assert fresh.module(shared, shared.stage.builds[0], tree).module == first.module


def test_a_course_that_does_not_build_is_an_internal_error(own_course, tmp_path, monkeypatch):
    path = own_course.root / "native/CMakeLists.txt"
    path.write_text(path.read_text() + 'message(FATAL_ERROR "broken by the course")\n')
    work = hand_in(reference_tree(own_course, "native"), tmp_path / "work")
    runs, real = [], Builder._build
    monkeypatch.setattr(Builder, "_build", lambda *arguments, **more: (runs.append(1), real(*arguments, **more))[1])
    with Judge(own_course) as judge:
        problem = scaled(judge.grade(work, "native", seed=SEED))
    assert problem.verdict is Verdict.IE
    assert "broken by the course" in problem.note
    assert len(runs) == 1, "what the compiler said once it would say again"


def test_without_a_box(judge, tmp_path):
    with Judge(judge.course, sandbox="none", cache_dir=tmp_path / "cache") as unboxed:
        work = hand_in(reference_tree(judge.course, "native"), tmp_path / "work")
        assert unboxed.grade(work, "native", seed=SEED).accepted


def test_readable_logs():
    log = "\x1b[31merror\x1b[0m: /box/tree/native/src/scale.cpp:3\x07\n" * 100
    lines = readable(log, ("/box/tree", "/box/build")).splitlines()
    assert lines == ["error: native/src/scale.cpp:3"] * 40


def test_readable_logs_begin_at_the_first_error_and_show_no_command():
    error = "hw0/a.cpp:3:7: error: no such thing"
    log = ["[1/2] Building CXX object a.cpp.o", "FAILED: [code=1] a.cpp.o", "/usr/bin/c++ -I/box/site/x -c a.cpp"]
    log += [f"note {number}" for number in range(30)] + [error] + ["    | ~~~"] * 90 + ["ninja: build stopped."]
    lines = readable("\n".join(log), ()).splitlines()
    assert lines[:4] == ["note 27", "note 28", "note 29", error]
    assert len(lines) == 40
    assert not [line for line in lines if "c++" in line or "ninja" in line or "FAILED" in line]


def test_the_courses_own_module_builds_without_a_box_as_well(tmp_path):
    """It needs pybind11, which lies elsewhere there."""
    course = Course.load(find_root(Path(__file__)))
    work = hand_in(reference_tree(course, "hw0"), tmp_path / "work")
    with Judge(course, sandbox="none", cache_dir=tmp_path / "cache") as judge:
        report = judge.grade(work, "hw0", problems=["softmax_regression_epoch_cpp"], seed=SEED)
    assert report.accepted, report.problems[0].note
