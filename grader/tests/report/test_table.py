from __future__ import annotations

import csv
import io

import handmade_reports as handmade
import pytest
from grader.authoring.manifest import Stage
from grader.report.table import Row, grades_csv

PROBLEMS = [
    {"key": key, "title": key, "points": points, "blocks": [f"x:{key}"]}
    for key, points in (("forward", 10), ("backward", 25), ("topo_sort", 20))
]
STAGE = Stage.model_validate(
    {"key": "hw1", "title": "AD", "points": 55, "files": ["hw1/*"], "python_path": ["hw1"], "problem": PROBLEMS}
)


def table(*rows: Row) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(grades_csv(STAGE, rows))))


def test_a_row_a_submission_in_order_of_names_points_to_two_decimals():
    report = handmade.report()
    report.problems[1].score, report.score = 50 / 3, 10 + 50 / 3
    rows = table(Row("zoe", report), Row("ada", handmade.report()))
    assert [row["submission"] for row in rows] == ["ada", "zoe"]
    zoe = rows[1]
    assert (zoe["score"], zoe["points"], zoe["forward"], zoe["backward"], zoe["topo_sort"]) == (
        "26.67",
        "55.00",
        "10.00",
        "16.67",
        "0.00",
    )
    assert (zoe["forward verdict"], zoe["backward verdict"], zoe["topo_sort verdict"]) == ("AC", "WA", "NI")
    assert (zoe["refusal"], zoe["digest"]) == ("", report.submission.digest)
    assert zoe["seed"].startswith("0x")
    assert int(zoe["seed"], 16) == report.seed


def test_a_refused_submission_has_a_row_that_says_why():
    (row,) = table(Row("eve", refusal="eve.zip: holds a link"))
    assert (row["score"], row["points"], row["forward"], row["refusal"]) == (
        "0.00",
        "55.00",
        "",
        "eve.zip: holds a link",
    )


def test_a_problem_that_was_not_graded_is_empty_not_zero():
    (row,) = table(Row("ada", handmade.report(handmade.report().problems[0])))
    assert (row["forward"], row["backward"], row["backward verdict"]) == ("10.00", "", "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "＝1", "\x1b[0m=1"])
def test_no_cell_is_a_formula(name):
    (row,) = table(Row(name, refusal=name))
    for cell in (row["submission"], row["refusal"]):
        assert cell.startswith("'")


def test_a_name_cannot_add_cells_or_rows():
    rows = table(Row('a","b\n"c', refusal='x",=1'), Row("plain"))
    assert len(rows) == 2
    assert {row["submission"] for row in rows} == {'a","b "c', "plain"}
    assert {len(row) for row in rows} == {len(rows[0])}
    assert None not in rows[0]
