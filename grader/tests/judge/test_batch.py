"""Many submissions: each graded or refused, in whatever order they end."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from grader.authoring.manifest import Course
from grader.errors import GraderError
from grader.judge.batch import close_all, grade_all, submissions
from grader.judge.engine import Judge
from judge_course import VICTIM, hand_in, solved


@pytest.fixture
def folder(course, tmp_path):
    """Right, half right, another homework, damaged; and a file that is no submission."""
    root = tmp_path / "submissions"
    hand_in(solved(course, "hw0"), root / "alice")
    hand_in(solved(course, "hw0", {VICTIM: "def double(x):\n    return x\n"}), root / "bob")
    hand_in({"common/needle/python/needle/ops.py": b""}, root / "carol")
    (root / "dave.zip").write_bytes(b"PK\x03\x04 and nothing more")
    (root / "notes.txt").write_text("not a submission")
    return root


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor], ids=["threads", "executor"])
def test_each_is_graded_or_refused(course, folder, tmp_path, executor):
    heard = []
    pool = executor(2) if executor else None
    found = grade_all(
        folder, course, "hw0", workers=2, on_done=heard.append, executor=pool, cache_dir=tmp_path / "cache"
    )
    entries = {entry.name: entry for entry in found}
    if pool:
        pool.shutdown()
        close_all()
    assert {entry.name for entry in heard} == set(entries) == {"alice", "bob", "carol", "dave.zip"}
    assert entries["alice"].report.score == 10
    assert entries["bob"].report.score == 7
    assert entries["bob"].report.seed != entries["alice"].report.seed
    assert "looks like hw1" in entries["carol"].error
    assert "damaged" in entries["dave.zip"].error
    assert all((entry.report is None) != (entry.error is None) for entry in entries.values())


def test_nothing_to_grade(course, tmp_path):
    with pytest.raises(GraderError, match="not a folder"):
        submissions(tmp_path / "absent")
    with pytest.raises(GraderError, match="holds no submissions"):
        list(grade_all(tmp_path, course, "hw0"))


def test_unknown_names_are_refused_before_anything_runs(course, folder):
    with pytest.raises(GraderError, match="no stage 'hw9'"):
        list(grade_all(folder, course, "hw9"))
    with pytest.raises(GraderError, match="no problem 'x'"):
        list(grade_all(folder, course, "hw0", problems=["x"]))


def test_stopping_early_ends_boxes_that_run(own_course, tmp_path):
    """A caller that stops asking does not wait for a sleeper to use up its time."""
    manifest = own_course.root / "hw0/assignment.toml"
    manifest.write_text(manifest.read_text().replace("wall = 3.0", "wall = 60.0"))
    course = Course.load(own_course.root)
    hand_in(solved(course, "hw0"), tmp_path / "all/alice")
    sleeper = {VICTIM: "import time\n\n\ndef double(x):\n    time.sleep(100)\n"}
    hand_in(solved(course, "hw0", sleeper), tmp_path / "all/bob")
    began = time.monotonic()
    found = grade_all(tmp_path / "all", course, "hw0", workers=2)
    assert next(found).name == "alice"
    found.close()
    assert time.monotonic() - began < 30


def test_stopping_early_ends_everything(course, folder, tmp_path, monkeypatch):
    judges = []
    real = Judge.close
    monkeypatch.setattr(Judge, "close", lambda self: (judges.append(self), real(self))[1])
    found = grade_all(folder, course, "hw0", workers=1, cache_dir=tmp_path / "cache")
    next(found)
    found.close()
    assert judges
    assert all(worker._process.returncode is not None for judge in judges for worker in judge.expectations._all)
