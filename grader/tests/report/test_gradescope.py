from __future__ import annotations

import json

import handmade_reports as handmade
from grader.report.gradescope import results
from grader.results import SCHEMA_VERSION, Verdict

TOP = {"score", "execution_time", "output", "output_format", "visibility", "stdout_visibility", "extra_data", "tests"}
TEST = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "visibility"}


def test_the_fields_are_gradescopes():
    data = results(handmade.report())
    assert set(data) >= TOP
    assert data["visibility"] in ("hidden", "after_due_date", "after_published", "visible")
    for test in data["tests"]:
        assert set(test) >= TEST
        assert test["status"] in ("passed", "failed")
        assert 0 <= test["score"] <= test["max_score"]
    assert data["extra_data"]["schema_version"] == SCHEMA_VERSION
    json.dumps(data, allow_nan=False)


def test_one_test_a_problem_in_order_with_its_points():
    report = handmade.report()
    data = results(report)
    assert [(test["score"], test["max_score"], test["status"], test["number"]) for test in data["tests"]] == [
        (10.0, 10.0, "passed", "1"),
        (10.0, 25.0, "failed", "2"),
        (0.0, 20.0, "failed", "3"),
    ]
    assert data["score"] == sum(test["score"] for test in data["tests"])
    assert data["extra_data"]["verdicts"] == {"forward": "AC", "backward": "WA", "topo_sort": "NI"}


def test_the_output_tells_each_case_and_what_to_do():
    output = results(handmade.report())["tests"][1]["output"]
    assert "[WA] MatMul sums out broadcast batch dimensions (1 of 3 values right)" in output
    assert "value 2: shape: expected shape (2, 3), got (5, 2, 3)" in output
    assert f"{handmade.OPS}:214, in helper" in output
    assert "make test-hw1 K=backward" in output


def test_nothing_for_instructors_is_in_it_and_nothing_acts_on_the_page():
    report = handmade.report(
        handmade.problem(verdict=Verdict.CE, log="\x1b[31merror\x1b[0m: \u202ereversed", output="hidden output")
    )
    report.problems[0].cases = [handmade.raised_case()]
    text = json.dumps(results(report), ensure_ascii=False)
    for absent in ("secret 42", "hidden output", "123456789", "\\u001b", "\u202e"):
        assert absent not in text
    assert "error: \\\\u202ereversed" in text


def test_a_killed_process_is_told_in_few_lines():
    problem = handmade.problem(verdict=Verdict.RTE, note="ended by SIGSEGV", cases=handmade.killed_cases())
    output = results(handmade.report(problem), files={"backward": ("hw0/src/x.cpp",)})["tests"][0]["output"]
    assert "the process ended in this case" in output
    assert "2 cases after that never ran." in output
    assert "Look at hw0/src/x.cpp" in output
    assert "not handed over" not in output
    assert "Never begun" not in output
