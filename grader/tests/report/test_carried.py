"""Two scores of one problem, in every format: what counts, why, and what to mend; and silence where they are one."""

from __future__ import annotations

import csv
import io
import json
import re

import handmade_reports as handmade
import pytest
from grader.authoring.manifest import Stage
from grader.report.carried import commands, meaning, remaining, score_line, total_line
from grader.report.gradescope import results
from grader.report.json import dump_report, parse_report
from grader.report.page import render_page
from grader.report.table import Row, grades_csv
from grader.report.terminal import print_report
from grader.results import Report, Verdict
from rich.console import Console

BOTH = "2.5 of 10 as it stands, 10 on the course's hw1; hw1 backward: MatMul.gradient cost the difference"
WORDS = ("as it stands", "As it stands", "the course's hw1", "Mend")


def terminal(report: Report) -> str:
    out = io.StringIO()
    print_report(report, Console(file=out, width=100, color_system=None))
    return " ".join(out.getvalue().split())


def page(report: Report) -> str:
    body = render_page(report).split("</style>")[1]
    return " ".join(re.sub(r"<[^>]*>", " ", body).replace("&#39;", "'").split())


def gradescope(report: Report) -> str:
    data = results(report)
    return " ".join("\n".join([data["output"], *(test["output"] for test in data["tests"])]).split())


FORMATS = pytest.mark.parametrize("shown", [terminal, page, gradescope])


@FORMATS
def test_both_scores_and_the_block_are_told(shown):
    text = shown(handmade.carried().for_student())
    assert f"{BOTH}." in text
    assert "The score of 10 counts: what is wrong or missing in hw1 costs its points there, not again here." in text
    assert "Mend it all the same: what comes next builds on it." in text
    assert "Your own code of this problem is right." in text
    assert "15 of 15 points" in text
    assert "7.5 as it stands, 15 on the course's hw1." in text
    assert "make test-hw1 K=backward" in text
    assert "make test-hw2 K=modules" not in text
    assert "Everything is right" not in text
    assert text.index("As it stands:") < text.index("MatMul sums out")


@FORMATS
def test_where_the_work_as_it_stands_counts_it_is_said(shown):
    text = shown(handmade.carried(policy="own").for_student())
    assert f"{BOTH}." in text
    assert "In this course the work counts as it stands. Mend it, and the rest counts as well." in text
    assert "7.5 of 15 points" in text
    assert "The score of 10 counts" not in text


@FORMATS
def test_nothing_is_said_where_the_scores_are_one(shown):
    same = handmade.sound(2.5, Verdict.WA, cases=[handmade.wrong_case()])
    for report in (handmade.report(), handmade.carried(same)):
        text = shown(report.for_student())
        assert not [words for words in WORDS if words in text]


@FORMATS
def test_what_is_left_on_sound_foundations_is_told_by_kind(shown):
    left = handmade.sound(7.5, Verdict.WA, cases=[handmade.wrong_case(), handmade.raised_case()])
    report = handmade.carried(left)
    text = shown(report.for_student())
    left_part = text.split("Not right on the course's hw1 either, so to be mended here:")[1]
    assert "MatMul sums out broadcast batch dimensions" in left_part
    assert "another shape than expected" in left_part
    assert "expected shape (2, 3)" not in left_part
    assert handmade.OPS not in left_part.split("Files")[0]
    assert "make test-hw2 K=modules" in text
    assert "make test-hw1 K=backward" in text
    assert "Your own code of this problem is right." not in text


@FORMATS
def test_better_on_ones_own_foundations(shown):
    text = shown(handmade.carried(handmade.sound(1.0, Verdict.WA, blame=[])).for_student())
    assert "2.5 of 10 as it stands, 1 on the course's hw1." in text
    assert "Your own hw1 and this work fit together, so the work counts as it stands." in text
    assert "Mend" not in text
    assert "make test-hw1" not in text


@FORMATS
def test_a_fault_of_the_second_grading_is_no_ones(shown):
    fault = handmade.sound(0.0, Verdict.IE, blame=[], stages=[], note="secret 42")
    report = handmade.carried(fault)
    assert report.internal_error
    text = shown(report.for_student())
    assert "the grader failed; this will be graded again and costs nothing" in text
    assert "met a fault of the grader" in text
    assert "secret 42" not in text


@FORMATS
def test_a_name_in_it_is_text(shown):
    attack = handmade.blame("<script>[red]x\x1b[2J\u202e", None, "file")
    raw = {terminal: terminal, page: render_page, gradescope: lambda report: json.dumps(results(report))}[shown]
    text = raw(handmade.carried(handmade.sound(10.0, Verdict.AC, attack)))
    for acting in ("\x1b", "\u202e", "<script>" if shown is page else "\x1b"):
        assert acting not in text


# The sentences


def line(*blames, exact: bool = True) -> str:
    return score_line(handmade.carried(handmade.sound(10.0, Verdict.AC, *blames, exact=exact)).problems[1])


def test_blocks_are_grouped_by_problem_and_counted_where_many_are_empty():
    both = line(handmade.blame(), handmade.blame("Exp.gradient"), handmade.blame("find_topo_sort", "topo_sort"))
    named = "hw1 backward: MatMul.gradient and Exp.gradient, and hw1 topo_sort: find_topo_sort"
    assert both.endswith(f"; {named} together cost the difference")
    assert line(handmade.blame(kind="empty")).endswith("; hw1 backward: MatMul.gradient (empty) cost the difference")
    many = line(*(handmade.blame(f"block_{number}", kind="empty") for number in range(26)))
    assert many.endswith("; 26 empty blocks of hw1 (block_0, block_1, block_2 and 23 more) cost the difference")
    assert line(handmade.blame("a/b.py", None, "file")).endswith("; hw1: a/b.py as a whole cost the difference")
    unsure = line(handmade.blame(), handmade.blame("Exp.gradient"), exact=False)
    assert unsure.endswith("; the difference lies among hw1 backward: MatMul.gradient and Exp.gradient")


def test_what_to_do_fits_what_is_to_blame():
    def told(*blames, **more) -> str:
        return " ".join(
            meaning(handmade.carried(handmade.sound(10.0, Verdict.AC, *blames, **more)).problems[1], "sound")
        )

    one, other = handmade.blame("a", "forward", "empty"), handmade.blame("b", "backward", "empty")
    assert "Fill it all the same" in told(one)
    assert "Fill them all the same" in told(one, other)
    assert "Mend them all the same" in told(one, handmade.blame())
    assert "Mend what is wrong among them all the same" in told(handmade.blame(), handmade.blame("x"), exact=False)


def test_the_tests_of_one_problem_or_of_the_whole_homework_are_named():
    one, other = handmade.blame(), handmade.blame("find_topo_sort", "topo_sort")
    assert commands(handmade.sound(10.0, Verdict.AC, one, handmade.blame("x"))) == ["make test-hw1 K=backward"]
    assert commands(handmade.sound(10.0, Verdict.AC, one, other)) == ["make test-hw1"]
    assert commands(handmade.sound(10.0, Verdict.AC, handmade.blame("a.py", None, "file"))) == ["make test-hw1"]


def test_of_several_problems_the_better_of_each_counts():
    report = handmade.carried(handmade.sound(10.0), handmade.sound(1.0, Verdict.WA, blame=[]))
    assert (report.score, report.own_score, report.sound_score) == (17.5, 10.0, 16.0)
    assert total_line(report) == "10 as it stands, 16 on the course's hw1; of each problem the better counts"


def test_several_earlier_homeworks_are_named():
    report = handmade.carried(handmade.sound(stages=["hw2", "hw1"]))
    assert total_line(report) == "7.5 as it stands, 15 on the course's hw1 and hw2"


def test_a_problem_graded_once_has_no_words():
    problem = handmade.report().problems[1]
    assert (score_line(problem), meaning(problem, "sound"), remaining(problem)) == ("", [], "")


# Model and data


def test_not_accepted_although_all_points_count():
    report = handmade.carried()
    assert report.score == report.points
    assert not report.accepted
    assert not report.internal_error


def test_students_get_kinds_without_words_places_and_output():
    hidden = {"note": "secret 42", "log": "secret 42", "output": "secret 42"}
    cases = [handmade.wrong_case(), handmade.raised_case()]
    report = handmade.carried(handmade.sound(7.5, Verdict.WA, cases=cases, **hidden))
    theirs = report.for_student().problems[1].sound
    assert (theirs.note, theirs.log, theirs.output) == (None, None, None)
    assert theirs.cases[1].failure.model_dump() == {"type": "ValueError", "frames": [], "message": None}
    assert [value.difference.kind for value in theirs.cases[0].values if value.difference] == ["shape", "close"]
    text = theirs.model_dump_json()
    assert not [words for words in ("secret 42", "(2, 3)", "1e-01", handmade.OPS) if words in text]
    assert report.problems[1].sound.cases[1].failure.message == "secret 42", "the instructors' report is not changed"


def test_every_kind_of_difference_has_words_for_students():
    kinds = handmade.Difference.model_fields["kind"].annotation.__args__
    for kind in kinds:
        case = handmade.wrong_case()
        case.values[1].difference = handmade.Difference(kind=kind, message="expected shape (2, 3)")
        theirs = handmade.sound(7.5, Verdict.WA, cases=[case]).for_student()
        assert theirs.cases[0].values[1].difference.message not in ("", "expected shape (2, 3)")


def test_a_report_with_two_scores_is_read_back_and_an_old_one_has_one_score():
    report = handmade.carried(handmade.sound(7.5, Verdict.WA, cases=[handmade.wrong_case()]))
    assert parse_report(json.loads(dump_report(report)), "x") == report
    old = json.loads(dump_report(handmade.report()))
    for field in ("own_score", "sound_score", "carry_forward"):
        del old[field]
    for problem in old["problems"]:
        del problem["own_score"], problem["sound"]
    read = parse_report({**old, "schema_version": 1}, "x")
    assert (read.own_score, read.sound_score) == (read.score, read.score)
    assert [problem.own_score for problem in read.problems] == [problem.score for problem in read.problems]


def test_gradescope_gets_the_score_that_counts_and_both_beside_it():
    data = results(handmade.carried())
    assert (data["score"], data["extra_data"]["own_score"], data["extra_data"]["sound_score"]) == (15.0, 7.5, 15.0)
    assert data["extra_data"]["carry_forward"] == "sound"
    first, second = data["tests"]
    assert (second["score"], second["status"]) == (10.0, "failed")
    assert second["extra_data"] == {"verdict": "WA", "own_score": 2.5, "sound_score": 10.0}
    assert first["extra_data"]["sound_score"] is None


def test_the_table_has_all_three_totals():
    problems = [{"key": key, "title": key, "points": 10, "blocks": [f"x:{key}"]} for key in ("init", "modules")]
    fields = {"key": "hw2", "title": "NN", "points": 20, "files": ["x"], "python_path": ["x"], "problem": problems}
    rows = [Row("ada", handmade.carried()), Row("eve", refusal="no")]
    ada, eve = csv.DictReader(io.StringIO(grades_csv(Stage.model_validate(fields), rows)))
    assert (ada["score"], ada["own score"], ada["sound score"], ada["modules"]) == ("15.00", "7.50", "15.00", "10.00")
    assert (eve["score"], eve["own score"], eve["sound score"], eve["refusal"]) == ("0.00", "0.00", "0.00", "no")
