"""What a student's C++ does wrong in one function of hw3 costs that function's problem and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from grader.authoring.manifest import Course, find_root
from grader.authoring.trees import reference_tree, with_bodies, write_tree
from grader.judge.engine import Judge
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
