"""One course and one judge for the tests of a module: making them costs more than most tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from grader.authoring.manifest import Course
from grader.judge.engine import Judge
from judge_course import make_course


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course that no test changes; see `judge_course`."""
    return make_course(tmp_path_factory.mktemp("judged") / "course")


@pytest.fixture(scope="session")
def judge(course: Course):
    with Judge(course) as judge:
        yield judge


@pytest.fixture
def own_course(tmp_path: Path) -> Course:
    """A course of a test's own, with an empty cache and no secret."""
    return make_course(tmp_path / "own-course")
