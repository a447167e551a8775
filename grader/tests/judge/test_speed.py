"""Problems graded by speed: what is timed, what is believed, and what a student who cheats gets for it.

No test here depends on how fast the machine is at the moment: what has to be slow takes thirty times as long as what it
is compared with, or sleeps for much longer than that.
"""

from __future__ import annotations

import re
import struct
import textwrap
from pathlib import Path

import numpy as np
import pytest
from grader.authoring.manifest import Course, Rung, Speed
from grader.authoring.trees import reference_tree, released_tree, with_bodies, write_tree
from grader.errors import CourseError
from grader.judge import layout
from grader.judge.engine import Judge
from grader.judge.speed import Turn, fresh_matrix, right, share
from grader.results import ProblemResult, Report, SpeedResult, Verdict
from judge_course import hand_in

HEADER = Path(__file__).parents[3] / "common/include"
KERNELS = "climb/src/kernels.cpp"
FIRST, SECOND = f"{KERNELS}:first", f"{KERNELS}:second"
SIZE = 256

PRODUCT = """
for (size_t i = 0; i < n * n; ++i) out[i] = 0.0f;
for (size_t i = 0; i < n; ++i)
    for (size_t k = 0; k < n; ++k)
        for (size_t j = 0; j < n; ++j) out[i * n + j] += a[i * n + k] * b[k * n + j];
"""

FILES = {
    "course.toml": """
name = "climbing"
title = "A Course to Climb"
stages = ["climb"]
shared_files = ["/course.toml", "common/include/*"]
""",
    "grader/hidden/CANARY": "climbing-course-canary-0123456789-do-not-distribute\n",
    "climb/assignment.toml": f"""
key = "climb"
title = "Climbing"
points = 3
files = ["climb/**/*"]
python_path = ["climb/src"]

[[build]]
key = "ladder"
source = "climb"
module = "ladder"
output = "climb/src"

[[problem]]
key = "one"
title = "Beside it"
points = 3
blocks = ["climb/src/one.py:one"]

[[problem]]
key = "climb"
title = "Two rungs"
points = 4
optional = true
blocks = ["{FIRST}", "{SECOND}"]
build = "ladder"

[problem.speed]
full = 0.4
none = 0.1
rounds = 6
enough = 2

[[problem.speed.rung]]
function = "first"
title = "the first rung"
size = {SIZE}
case = "submit_first"

[[problem.speed.rung]]
function = "second"
title = "the second rung"
size = {SIZE}
case = "submit_second"
""",
    "climb/CMakeLists.txt": """
cmake_minimum_required(VERSION 3.18...4.0)
project(ladder LANGUAGES CXX)
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module)
set(MODULE_OUTPUT_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/src" CACHE PATH "where the module is written")
Python_add_library(ladder MODULE WITH_SOABI src/ladder.cpp src/kernels.cpp)
target_include_directories(ladder PRIVATE ../common/include)
target_compile_features(ladder PRIVATE cxx_std_17)
set_target_properties(ladder PROPERTIES LIBRARY_OUTPUT_DIRECTORY "$<1:${MODULE_OUTPUT_DIRECTORY}>")
""",
    "climb/src/ladder.cpp": """
#include <Python.h>

#include "fresh_numbers.h"
#include "not_implemented.h"

void first(const float* a, const float* b, float* out, size_t n);
void second(const float* a, const float* b, float* out, size_t n);

template <void (*kernel)(const float*, const float*, float*, size_t)>
static PyObject* call(PyObject*, PyObject* arguments) {
    Py_buffer a, b, out;
    if (!PyArg_ParseTuple(arguments, "y*y*w*", &a, &b, &out)) return nullptr;
    size_t n = 1;
    while (n * n * sizeof(float) < static_cast<size_t>(out.len)) ++n;
    PyObject* result = Py_None;
    try {
        kernel(static_cast<float*>(a.buf), static_cast<float*>(b.buf), static_cast<float*>(out.buf), n);
    } catch (const needle::NotImplemented& error) {
        PyErr_SetString(PyExc_NotImplementedError, error.what());
        result = nullptr;
    }
    for (Py_buffer* view : {&a, &b, &out}) PyBuffer_Release(view);
    Py_XINCREF(result);
    return result;
}

static PyObject* fill(PyObject*, PyObject* arguments) {
    Py_buffer matrix;
    unsigned long long seed;
    if (!PyArg_ParseTuple(arguments, "w*K", &matrix, &seed)) return nullptr;
    needle::fill_fresh(static_cast<float*>(matrix.buf), matrix.len / sizeof(float), seed);
    PyBuffer_Release(&matrix);
    Py_RETURN_NONE;
}

static PyObject* peak(PyObject*, PyObject*) { return PyFloat_FromDouble(1e12); }

static PyMethodDef methods[] = {{"first", call<first>, METH_VARARGS, nullptr},
                                {"second", call<second>, METH_VARARGS, nullptr},
                                {"fill", fill, METH_VARARGS, nullptr},
                                {"peak", peak, METH_VARARGS, nullptr},
                                {nullptr, nullptr, 0, nullptr}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "ladder", nullptr, -1, methods};

PyMODINIT_FUNC PyInit_ladder(void) { return PyModule_Create(&module); }
""",
    KERNELS: f"""
#include <Python.h>
#include <dlfcn.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>

#include "not_implemented.h"

void first(const float* a, const float* b, float* out, size_t n) {{
    /// BEGIN SOLUTION
{textwrap.indent(PRODUCT.strip(), "    ")}
    /// END SOLUTION
}}

void second(const float* a, const float* b, float* out, size_t n) {{
    /// BEGIN SOLUTION
{textwrap.indent(PRODUCT.strip(), "    ")}
    // the same again
    /// END SOLUTION
}}
""",
    "climb/src/one.py": '''
"""Beside it."""


def one():
    """One."""
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION
''',
    "grader/hidden/climb/one.py": '''
"""Hidden cases of climb one."""

import mugrade
from one import one


def submit_one():
    """One"""
    mugrade.submit(one())
''',
    "grader/hidden/climb/climb.py": '''
"""Hidden cases of climb climb."""

import ladder
import mugrade
import numpy as np


def hand_over(rung):
    a, b = (np.random.randint(-4, 5, size=(8, 8)).astype(np.float32) for _ in range(2))
    out = np.empty_like(a)
    rung(a, b, out)
    mugrade.submit(out)


def submit_first():
    """The first"""
    hand_over(ladder.first)


def submit_second():
    """The second"""
    hand_over(ladder.second)
''',
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("climbing") / "course"
    headers = {f"common/include/{path.name}": path.read_bytes() for path in HEADER.glob("*.h")}
    write_tree({name: text.lstrip("\n").encode() for name, text in FILES.items()} | headers, root)
    return Course.load(root)


@pytest.fixture(scope="module")
def judge(course: Course):
    with Judge(course) as judge:
        yield judge


@pytest.fixture
def graded(judge: Judge, tmp_path: Path):
    def grade_it(first: str = PRODUCT, second: str = PRODUCT) -> Report:
        tree = with_bodies(reference_tree(judge.course, "climb"), {FIRST: first, SECOND: second})
        return judge.grade(hand_in(tree, tmp_path / "work"), "climb", seed=5)

    return grade_it


def climb(report: Report) -> ProblemResult:
    return report.problems[1]


def rungs(report: Report) -> tuple[SpeedResult, SpeedResult]:
    first, second = climb(report).speed
    return first, second


def for_timed(code: str) -> str:
    """A body that runs `code` on matrices of the timed size, and otherwise, as for the hidden cases, is right."""
    return f"if (n == {SIZE}) {{\n{code}\n}} else {{\n{PRODUCT}\n}}"


def python(source: str) -> str:
    return "".join(f"PyRun_SimpleString({_quoted(line)});\n" for line in [source])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def test_the_references_own_code_is_right_and_timed(graded):
    report = graded()
    for rung in rungs(report):
        assert (rung.verdict, rung.note) == (Verdict.AC, None)
        assert rung.seconds > 0
        assert rung.reference > 0
        assert rung.rounds >= 2
        assert rung.limit == pytest.approx(2 * SIZE**3 / rung.seconds / 1e12)
    assert climb(report).verdict is Verdict.AC
    assert climb(report).score == pytest.approx(sum(2.0 * rung.share for rung in rungs(report)))


def test_work_done_thirty_times_and_sleep_earn_less(graded):
    slow = f'for (int again = 0; again < 30; ++again) {{\n{PRODUCT}\nasm volatile("" : : "r"(out) : "memory");\n}}'
    first, second = rungs(graded(for_timed(slow)))
    assert first.verdict is second.verdict is Verdict.AC, "slow is not wrong"
    assert first.ratio < second.ratio
    assert first.share < second.share


def test_a_patched_clock_does_not_help(graded):
    patched = "import time\nfor name in ('time', 'monotonic', 'perf_counter'): setattr(time, name, lambda: 0.0)"
    slept = f"{python(patched)}\nusleep(1000000);\n{PRODUCT}"
    first, second = rungs(graded(for_timed(slept)))
    assert first.seconds >= 0.9
    assert first.share < second.share


def test_a_wrong_value_in_a_timed_round_costs_that_rung_alone(graded):
    first, second = rungs(report := graded(f"{PRODUCT}\nif (n == {SIZE}) out[n * n - 1] += 0.015625f;"))
    assert (first.verdict, first.share) == (Verdict.WA, 0.0)
    assert first.note == "a value was wrong while it was timed"
    assert second.verdict is Verdict.AC
    assert climb(report).verdict is Verdict.WA
    assert climb(report).score == pytest.approx(2.0 * second.share)


def test_what_is_not_written_is_wrong(graded):
    """Memory that a kernel leaves alone holds no right value, and no earlier product."""
    first, _ = rungs(graded(for_timed("return;")))
    assert first.verdict is Verdict.WA


def test_results_of_one_round_are_not_there_in_the_next(graded):
    """Kept in memory and in a file: were either still there in the next round, its product would be the last one's."""
    kept = f"""
static float memory[{SIZE * SIZE}];
static bool known = false;
FILE* file = fopen("/tmp/kept", "rb");
if (file && !known) known = fread(memory, sizeof(float), n * n, file) == n * n;
if (file) fclose(file);
if (known) {{
    for (size_t i = 0; i < n * n; ++i) out[i] = memory[i];
    return;
}}
{PRODUCT}
for (size_t i = 0; i < n * n; ++i) memory[i] = out[i];
known = true;
file = fopen("/tmp/kept", "wb");
if (file) fwrite(memory, sizeof(float), n * n, file), fclose(file);
"""
    first, second = rungs(graded(for_timed(kept)))
    assert (first.verdict, second.verdict) == (Verdict.AC, Verdict.AC)
    assert first.rounds >= 2


def test_no_library_of_linear_algebra_and_one_core(graded):
    """Each attempt that succeeds leaves the product out, which would be noticed."""
    numpy = 'if (PyObject* numpy = PyImport_ImportModule("numpy")) { Py_DECREF(numpy); return; }\nPyErr_Clear();\n'
    names = ("libopenblas.so.0", "libopenblas.so", "libblas.so.3", "libblas.so", "libgfortran.so.5", "libmkl_rt.so")
    libraries = "".join(f'if (dlopen("{name}", RTLD_NOW)) return;\n' for name in names)
    cores = """
cpu_set_t mine, all;
CPU_ZERO(&mine);
if (sched_getaffinity(0, sizeof mine, &mine) != 0 || CPU_COUNT(&mine) != 1) return;
for (int core = 0; core < CPU_SETSIZE; ++core) CPU_SET(core, &all);
if (sched_setaffinity(0, sizeof all, &all) == 0) return;
"""
    first, second = rungs(graded(for_timed(numpy + libraries + PRODUCT), for_timed(cores + PRODUCT)))
    assert (first.verdict, first.note) == (Verdict.AC, None)
    assert (second.verdict, second.note) == (Verdict.AC, None)


def test_an_answer_before_the_question_is_refused(graded):
    """Sent by the first call, before its own answer: the judge has asked for one."""
    forged = f"""
import json, os, struct, sys
header = json.dumps({{"k": "answer"}}).encode()
frame = struct.pack("<II", len(header), {4 * SIZE * SIZE}) + header + bytes({4 * SIZE * SIZE})
while frame:
    frame = frame[os.write(int(sys.argv[1]), frame):]
"""
    first, second = rungs(graded(for_timed(python(forged) + PRODUCT)))
    assert first.verdict is Verdict.WA
    assert first.share == 0.0
    assert second.verdict is Verdict.AC


def test_a_crash_and_an_exception_cost_their_rung(graded):
    first, second = rungs(
        graded(
            for_timed("*(volatile int*)8 = 1;"),
            for_timed('throw needle::NotImplemented("only the small ones");'),
        )
    )
    assert (first.verdict, second.verdict) == (Verdict.RTE, Verdict.NI)
    assert "SIGSEGV" in first.note
    assert first.share == second.share == 0.0


def test_what_is_wrong_in_its_case_is_not_timed(graded):
    first, second = rungs(report := graded("for (size_t i = 0; i < n * n; ++i) out[i] = a[i];"))
    assert (first.verdict, first.rounds, first.seconds) == (Verdict.WA, 0, None)
    assert "The first" in first.note
    assert second.verdict is Verdict.AC
    assert climb(report).score == pytest.approx(2.0 * second.share)


def test_what_does_not_compile_is_not_timed(graded):
    report = graded("return nothing;")
    assert [(rung.verdict, rung.rounds) for rung in rungs(report)] == [(Verdict.CE, 0)] * 2
    assert climb(report).score == 0.0


def test_an_optional_problem_that_is_not_done_costs_nothing(judge, tmp_path):
    tree = with_bodies(released_tree(judge.course, "climb"), {"climb/src/one.py:one": "return 1"})
    report = judge.grade(hand_in(tree, tmp_path / "work"), "climb", seed=5)
    assert climb(report).verdict is Verdict.NI
    assert climb(report).optional
    assert (report.score, report.points) == (3.0, 3.0)
    assert report.accepted


def test_an_optional_problem_earns_points_on_top(graded):
    report = graded()
    assert report.points == 3.0
    assert report.score == pytest.approx(3.0 + climb(report).score)


def test_only_optional_problems_asked_for(judge, tmp_path):
    work = hand_in(released_tree(judge.course, "climb"), tmp_path / "work")
    report = judge.grade(work, "climb", problems=["climb"], seed=5)
    assert (report.points, report.accepted) == (0.0, False)


def test_a_reference_that_is_wrong_is_the_courses_fault(course, tmp_path):
    root = tmp_path / "course"
    wrong = with_bodies(reference_tree(course, "climb"), {FIRST: for_timed("return;")})
    hidden = {path: text.lstrip("\n").encode() for path, text in FILES.items() if path.startswith("grader/")}
    write_tree({**wrong, **hidden}, root)
    other = Course.load(root)
    with Judge(other) as judge:
        report = judge.grade(hand_in(reference_tree(other, "climb"), tmp_path / "work"), "climb", seed=5)
    assert climb(report).verdict is Verdict.IE
    assert report.internal_error
    assert climb(report).note.startswith("the reference failed: first: ")


def test_the_reports_say_how_fast(graded, capsys):
    from grader.report.gradescope import results
    from grader.report.page import render_page
    from grader.report.terminal import print_report
    from rich.console import Console

    report = graded(second="return;").for_student()
    assert rungs(report)[0].verdict is Verdict.AC
    with (console := Console(width=100, no_color=True)).capture() as captured:
        print_report(report, console)
    test = results(report)["tests"][1]
    assert test["max_score"] == 0.0
    assert test["score"] == round(climb(report).score, 2)
    assert "(optional)" in test["name"]
    for text in (captured.get(), render_page(report), test["output"]):
        assert "the first rung" in text
        assert "of the course" in text
        assert re.search(r"\d\.\d\d of the course(&#39;|')s speed", text)
        assert "optional" in text.lower()


# The parts by themselves


def frame(kind: str, payload: bytes = b"") -> bytes:
    header = f'{{"k": "{kind}"}}'.encode()
    return struct.pack("<II", len(header), len(payload)) + header + payload


def test_a_challenge_goes_out_when_the_last_was_answered():
    turn = Turn((b"one", b"two"), core=0)
    heard = bytearray(frame("ready"))
    assert turn.hear(heard, 0.0) == b""
    heard += frame("loaded")
    assert turn.hear(heard, 0.0) == b"one"
    answer = frame("answer", b"1234")
    heard += answer[:-1]
    assert turn.hear(heard, 1e9) == b"", "not all of it is there"
    heard += answer[-1:]
    assert turn.hear(heard, 2e9) == b"two"
    heard += frame("answer", b"5")
    assert turn.hear(heard, 3e9) == b""
    assert turn.done
    assert turn.fault is None
    assert [payload for _, payload in turn.answers] == [b"1234", b"5"]
    assert 0 < turn.answers[0][0] < turn.answers[1][0], "by the times at which they came"


@pytest.mark.parametrize(
    "stream",
    [
        frame("ready") + frame("answer", b"1"),
        frame("ready") + frame("loaded") + frame("answer", b"1"),
        frame("ready") + frame("value"),
        struct.pack("<II", 2**31, 0) + b"{}",
        struct.pack("<II", 4, 0) + b"nope",
    ],
    ids=["without a question", "before the question", "another kind", "an endless header", "no JSON"],
)
def test_what_was_not_asked_for_ends_the_turn(stream):
    turn = Turn((b"one", b"two"), core=0)
    assert turn.hear(bytearray(stream), 1.0) == b""
    assert turn.done
    assert turn.fault
    assert turn.answers == []


def test_fresh_matrices_have_all_digits_and_are_unlike_each_other():
    one, other = fresh_matrix(2**64 - 1, 64), fresh_matrix(0, 64)
    assert one.dtype == np.float32
    whole = one.astype(np.float64) * 2**23
    assert np.array_equal(whole, whole.round())
    assert -(2**23) <= whole.min() < -(2**22)
    assert 2**22 < whole.max() < 2**23
    assert np.mean(whole % 2 == 1) == pytest.approx(0.5, abs=0.1), "the last digit counts"
    assert not np.any(one == other)


def test_a_product_may_err_as_float32_does_and_no_further():
    left, other = fresh_matrix(3, 1024), fresh_matrix(4, 1024)
    product = left.astype(np.float64) @ other.astype(np.float64)
    running = np.zeros((1024, 1024), dtype=np.float32)
    for k in range(1024):  # one product after the other, in float32: the worst order of adding
        running += left[:, k, None] * other[None, k]
    assert right(running.tobytes(), product)
    assert right((left @ other).tobytes(), product)
    rough = [np.round(matrix * 2**15) / np.float32(2**15) for matrix in (left, other)]
    halves = [matrix.astype(np.float16).astype(np.float32) for matrix in (left, other)]
    for a, b in (rough, halves):
        assert not right((a @ b).tobytes(), product)
    running[5, 5] = np.nan
    assert not right(running.tobytes(), product)
    assert not right(running.tobytes()[:-4], product)


def test_shares_are_logarithmic_between_their_bounds():
    speed = Speed(full=0.8, none=0.2, rung=(Rung(function="f", title="f", size=1, case="submit_f"),))
    assert share(0.8, speed) == share(3.0, speed) == 1.0
    assert share(0.2, speed) == share(0.01, speed) == 0.0
    assert share(0.4, speed) == pytest.approx(0.5)


def test_libraries_of_linear_algebra_are_found_wherever_they_lie(tmp_path):
    hidden = ["libopenblas.so.0", "triple/libblas.so.3.10", "triple/openblas-pthread/liblapack.so.3", "libmkl_rt.so.2"]
    seen = ["libc.so.6", "triple/libstdc++.so.6", "triple/libgomp.so.1", "libm.so.6"]
    for name in hidden + seen:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "libcblas.so").symlink_to("libother.so.1")
    (tmp_path / "libother.so.1").write_bytes(b"")
    found = layout.libraries([str(tmp_path)], layout.LINEAR_ALGEBRA)
    assert {str(path.relative_to(tmp_path)) for path in found} == {*hidden, "libother.so.1"}


def test_a_timed_problem_needs_a_build_and_sane_bounds(course, tmp_path):
    text = FILES["climb/assignment.toml"]
    for change, message in (
        (('build = "ladder"', ""), "is timed, so it needs a build"),
        (("none = 0.1", "none = 0.4"), "must be less than full"),
        (("points = 3\nfiles", "points = 7\nfiles"), "add up to 3"),
        (("rounds = 6", "round = 6"), "did you mean 'rounds'"),
    ):
        root = tmp_path / re.sub(r"\W", "", message)
        assert change[0] in text
        changed = {**FILES, "climb/assignment.toml": text.replace(*change)}
        write_tree({name: content.lstrip("\n").encode() for name, content in changed.items()}, root)
        with pytest.raises(CourseError, match=message):
            Course.load(root)
