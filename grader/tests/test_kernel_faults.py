"""What a student's C++ does wrong in one function of hw3 costs that function's problem and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from grader.authoring.manifest import Course, find_root
from grader.authoring.trees import reference_tree, released_tree, with_bodies, write_tree
from grader.judge.apart import problem_alone
from grader.judge.engine import Judge
from grader.judge.materials import materials as derive
from grader.results import Report, Verdict

COURSE = Course.load(find_root(Path(__file__)))
CPU = "ndarray_backend_cpu.cc"
FAULTS = {
    f"{CPU}:Compact": "volatile bool forever = true;\nwhile (forever) {\n}",
    f"{CPU}:EwiseMul": "*reinterpret_cast<volatile float*>(8) = a.ptr[0];",
    f"{CPU}:ReduceSum": "for (size_t at = 0; at < (size_t{1} << 32); ++at) {\n  out->ptr[at] = 0.0f;\n}",
    f"{CPU}:Matmul": "out->pointer[0] = a.ptr[0];",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One submission with all four faults, beside which everything is right."""
    work = tmp_path_factory.mktemp("faults") / "work"
    write_tree(with_bodies(reference_tree(COURSE, "hw3"), FAULTS), work)
    required = [problem.key for problem in COURSE.stage("hw3").problems if problem.key != "ladder"]
    with Judge(COURSE) as judge:
        return judge.grade(work, "hw3", problems=required)


def test_each_fault_loses_its_own_problem_alone(report):
    verdicts = {problem.key: problem.verdict for problem in report.problems}
    wrong = {
        "cpu_compact": Verdict.TLE,
        "cpu_elementwise": Verdict.RTE,
        "cpu_reductions": Verdict.RTE,
        "cpu_matmul": Verdict.CE,
    }
    assert verdicts == {key: wrong.get(key, Verdict.AC) for key in verdicts}
    for problem in report.problems:
        assert (problem.own_score == problem.points) == (problem.key not in wrong)


def test_the_report_says_of_each_what_happened(report):
    notes = {problem.key: problem.note or "" for problem in report.problems}
    assert re.search("the limit of (processor|real) time", notes["cpu_compact"])
    assert "SIGSEGV" in notes["cpu_elementwise"]
    assert "was ended by SIG" in notes["cpu_reductions"]
    lines = with_bodies(reference_tree(COURSE, "hw3"), FAULTS)[f"common/needle/src/{CPU}"].decode().splitlines()
    line = 1 + next(number for number, text in enumerate(lines) if "out->pointer[0]" in text)
    assert notes["cpu_matmul"].startswith(f"common/needle/src/{CPU}:{line}: ")
    assert "pointer" in notes["cpu_matmul"]
    for key in ("cpu_compact", "cpu_elementwise", "cpu_reductions"):
        assert "built without the code of other problems" in notes[key]


SWAP = """
from . import devices as _devices, ndarray_backend_numpy as _numpy
_made = _devices.BackendDevice.__init__
_devices.BackendDevice.__init__ = lambda self, name, mod, *rest, **more: _made(self, name, _numpy, **more)
"""
ASK_NUMPY = 'PyRun_SimpleString("import numpy");\nMatmulTiled(a, b, out, m, n, p);'


@pytest.fixture(scope="module")
def cheats(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Nothing of the C++ is written but a call of Python, and the student's ndarray.py puts NumPy in its place."""
    bodies = {f"{CPU}:Matmul": ASK_NUMPY}
    tree = with_bodies(released_tree(COURSE, "hw3"), bodies)
    source = f"common/needle/src/{CPU}"
    tree[source] = tree[source].replace(
        b"#include <vector>", b'#include <vector>\nextern "C" int PyRun_SimpleString(const char*);'
    )
    tree["common/needle/python/needle/backend_ndarray/ndarray.py"] += SWAP.encode()
    work = tmp_path_factory.mktemp("cheats") / "work"
    write_tree(tree, work)
    with Judge(COURSE) as judge:
        return judge.grade(work, "hw3", problems=["cpu_elementwise", "cpu_matmul", "cuda_reductions"])


def test_python_of_the_students_does_not_reach_the_kernels(cheats):
    elementwise, _, reductions = cheats.problems
    assert (elementwise.verdict, elementwise.score) == (Verdict.NI, 0.0)
    assert (reductions.verdict, reductions.score) == (Verdict.NI, 0.0)


def test_a_kernel_that_calls_python_does_not_build(cheats):
    matmul = cheats.problems[1]
    assert (matmul.verdict, matmul.score) == (Verdict.CE, 0.0)
    assert f"{CPU}: calls PyRun_SimpleString; kernels may call what they define" in matmul.note


@pytest.mark.parametrize("odd", ["\u2028", "\x85", "\x0c", "\x0b", "\x1c"])
def test_an_odd_character_in_a_comment_does_not_shift_lines(odd):
    materials = derive(COURSE, "hw3")
    stage = materials.stage
    problem = stage.problem("cpu_elementwise")
    build = stage.build_of(problem)
    source = f"common/needle/src/{CPU}"
    text = materials.reference[source].decode()
    plain = {**materials.reference, source: text.encode()}
    strange = {**plain, source: text.replace("#include <vector>", f"#include <vector>  // a{odd}b").encode()}
    expected = problem_alone(materials, build, problem, plain)[source].decode()
    found = problem_alone(materials, build, problem, strange)[source].decode()
    assert found == expected.replace("#include <vector>", f"#include <vector>  // a{odd}b")
