"""The course as data: what is wrong in a manifest is named with file, line and both values."""

from __future__ import annotations

from pathlib import Path

import pytest
from grader.authoring.manifest import Course, find_root
from grader.errors import CourseError, GraderError


def change(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_stages_that_are_here_come_in_order(tiny_course):
    assert [stage.key for stage in tiny_course.stages] == ["hw0", "hw1"]
    assert [problem.key for problem in tiny_course.stage("hw0").problems] == ["total", "mean"]
    assert [stage.key for stage in tiny_course.upto("hw1")] == ["hw0", "hw1"]


def test_an_unknown_stage_lists_those_there_are(tiny_course):
    with pytest.raises(GraderError, match="no stage 'hw7'; here now: hw0, hw1"):
        tiny_course.stage("hw7")
    with pytest.raises(GraderError, match="hw2 is not in this repository yet"):
        tiny_course.stage("hw2")


def test_an_unknown_problem_lists_those_there_are(tiny_course):
    with pytest.raises(GraderError, match="hw0 has no problem 'median'; its problems are: total, mean"):
        tiny_course.stage("hw0").problem("median")


def test_points_that_do_not_add_up(tiny_root):
    change(tiny_root, "hw0/assignment.toml", "points = 6", "points = 7")
    with pytest.raises(CourseError, match=r"^hw0/assignment\.toml:3: .*4 \+ 7 = 11, but points = 10"):
        Course.load(tiny_root)


def test_an_unknown_field_is_named_with_its_line(tiny_root):
    change(tiny_root, "hw0/assignment.toml", 'title = "A mean"', 'title = "A mean"\nweight = 3')
    with pytest.raises(CourseError, match=r"^hw0/assignment\.toml:17: problem 2: unknown field 'weight'"):
        Course.load(tiny_root)


def test_a_misspelt_field_is_told_the_right_one(tiny_root):
    change(tiny_root, "hw0/assignment.toml", "points = 6", "point = 6")
    with pytest.raises(
        CourseError, match=r"problem 2: .*(unknown field 'point'; did you mean 'points'|'points' is missing)"
    ):
        Course.load(tiny_root)


def test_a_value_of_the_wrong_kind_is_shown(tiny_root):
    change(tiny_root, "hw0/assignment.toml", "points = 4", 'points = "four"')
    with pytest.raises(CourseError, match=r"^hw0/assignment\.toml:10: problem 1: points: .*not 'four'"):
        Course.load(tiny_root)


def test_toml_that_does_not_parse(tiny_root):
    change(tiny_root, "hw0/assignment.toml", 'key = "hw0"', "key = hw0")
    with pytest.raises(CourseError, match=r"^hw0/assignment\.toml:1: not valid TOML"):
        Course.load(tiny_root)


def test_a_problem_that_appears_twice(tiny_root):
    change(tiny_root, "hw0/assignment.toml", 'key = "mean"', 'key = "total"')
    with pytest.raises(CourseError, match=r"^hw0/assignment\.toml:15: problem 'total' appears twice"):
        Course.load(tiny_root)


def test_a_build_that_is_not_described(tiny_root):
    change(tiny_root, "hw0/assignment.toml", 'title = "A mean"', 'title = "A mean"\nbuild = "ext"')
    with pytest.raises(CourseError, match=r"problem 'mean' needs the build 'ext'; the stage's .* tables: none"):
        Course.load(tiny_root)


def test_the_root_is_found_from_below_and_missed_clearly(tiny_root, tmp_path):
    assert find_root(tiny_root / "hw0" / "src") == tiny_root
    with pytest.raises(GraderError, match=r"no course\.toml in .* or above it"):
        find_root(tmp_path)
