"""A student's course: each stage released into the work on the one before, graded at every step, to full marks."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest
from grader.authoring.manifest import Course, find_root
from grader.authoring.release import BRANCH, release
from grader.authoring.trees import (
    block_owners,
    blocks_of,
    reference_tree,
    released_tree,
    stub,
    with_bodies,
    write_tree,
)
from grader.judge.engine import Judge
from grader.judge.materials import is_native
from grader.results import Verdict

COURSE = Course.load(find_root(Path(__file__)))
STAGES = [stage.key for stage in COURSE.stages]


class Student:
    """A clone of the course's releases, with commits of the student's own on `main`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), "-c", "user.name=A Student", "-c", "user.email=student@example.org"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True)
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def fill(self, stage: str) -> None:
        """Write the solutions of one stage into the blocks, and a helper of one's own beside them; commit."""
        solved = blocks_of(COURSE, reference_tree(COURSE, stage))
        own = {name for problem in COURSE.stage(stage).problems for name in problem.blocks}
        files = {solved[name].path for name in own}
        here = {path: (self.folder / path).read_bytes() for path in files}
        filled = with_bodies(here, {name: solved[name].body for name in own})
        write_tree(filled, self.folder)
        (self.folder / f"notes-{stage}.md").write_text(f"What I learned in {stage}.\n", encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", f"My {stage}")


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> tuple[Student, dict[str, float]]:
    """The student after the last stage, and the share of points that each stage earned when it was just filled."""
    student = Student(tmp_path_factory.mktemp("journey") / "student")
    shares: dict[str, float] = {}
    with Judge(COURSE) as judge:
        for stage in STAGES:
            release(COURSE, stage, student.folder)
            if stage != STAGES[0]:
                student.git("merge", "--quiet", "--no-edit", BRANCH)
            student.fill(stage)
            report = judge.grade(student.folder, stage)
            earned = sum(problem.own_score for problem in report.problems if not problem.optional)
            shares[stage] = earned / report.points
    return student, shares


def test_every_stage_earns_full_marks_as_it_stands(journey):
    _, shares = journey
    assert shares == dict.fromkeys(STAGES, 1.0)


def test_stages_arrive_by_merges_without_a_conflict(journey):
    student, _ = journey
    merges = student.git("log", "--merges", "--format=%s", "main").splitlines()
    assert merges == [f"Merge branch '{BRANCH}'"] * (len(STAGES) - 1)
    own = student.git("log", "--no-merges", "--author=A Student", "--reverse", "--format=%s", "main").splitlines()
    assert own == [f"My {stage}" for stage in STAGES]
    assert student.git("status", "--porcelain") == ""


def test_a_stage_leaves_the_work_on_those_before_as_it_is(journey):
    student, _ = journey
    touched = student.git("diff", "--name-only", BRANCH, "main").splitlines()
    solved = blocks_of(COURSE, reference_tree(COURSE, STAGES[-1]))
    notes = [f"notes-{stage}.md" for stage in STAGES]
    assert touched == sorted({block.path for block in solved.values()} | set(notes))


def test_the_course_of_releases_is_one_commit_a_stage_that_only_adds(journey):
    student, _ = journey
    commits = student.git("log", "--reverse", "--format=%H", BRANCH).splitlines()
    assert len(commits) == len(STAGES)
    for before, after in itertools.pairwise(commits):
        changes = student.git("diff", "--name-status", "--no-renames", before, after).splitlines()
        assert {change[0] for change in changes} == {"A"}
    assert set(student.git("ls-tree", "-r", "--name-only", BRANCH).splitlines()) == set(
        released_tree(COURSE, STAGES[-1])
    )


def test_who_left_out_the_kernels_of_hw3_keeps_the_points_of_hw4(tmp_path):
    """Graded on the course's own C++; the report names the student's, which is not written, and nothing else."""
    solved, owners = reference_tree(COURSE, "hw4"), block_owners(COURSE)
    blocks = blocks_of(COURSE, solved)
    left_out = {
        name: stub(block, owners[name])
        for name, block in blocks.items()
        if is_native(block.path) and owners[name].stage.key == "hw3"
    }
    write_tree(with_bodies(solved, left_out), tmp_path / "work")
    with Judge(COURSE) as judge:
        report = judge.grade(tmp_path / "work", "hw4")
    assert report.own_score < report.sound_score == report.score == report.points
    for problem in report.problems:
        assert problem.verdict in (Verdict.AC, Verdict.NI)
        if problem.verdict is Verdict.NI:
            assert problem.sound is not None
            assert {blame.name for blame in problem.sound.blame} <= left_out.keys()
            assert {(blame.stage, blame.kind) for blame in problem.sound.blame} == {("hw3", "empty")}
    assert sum(problem.verdict is Verdict.NI for problem in report.problems) >= 5
