"""Seeds: from the secret and the submission alone, and unrelated wherever either differs."""

from __future__ import annotations

import errno
import os
import stat
import threading

import pytest
from grader.errors import GraderError
from grader.judge.seeds import case_seed, course_secret, submission_seed

SECRET = b"x" * 32


def test_a_seed_is_determined_and_has_63_bits():
    seeds = [submission_seed(SECRET, "hw1", str(number)) for number in range(500)]
    assert seeds == [submission_seed(SECRET, "hw1", str(number)) for number in range(500)]
    assert len(set(seeds)) == 500
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**61


def test_everything_matters():
    seeds = {
        submission_seed(SECRET, "hw1", "ab"),
        submission_seed(SECRET, "hw2", "ab"),
        submission_seed(SECRET, "hw1", "ac"),
        submission_seed(b"y" * 32, "hw1", "ab"),
        submission_seed(SECRET, "hw1a", "b"),
    }
    assert len(seeds) == 5


def test_case_seeds_fit_numpy_and_differ():
    seeds = [case_seed(seed, case) for seed in (1, 2, 2**63 - 1) for case in ("a", "b", "")]
    assert len(set(seeds)) == 9
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_the_secret_is_made_once_and_for_the_owner_alone(own_course):
    secrets = []
    threads = [threading.Thread(target=lambda: secrets.append(course_secret(own_course))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) == 8
    assert len(set(secrets)) == 1
    assert len(secrets[0]) >= 32
    folder = own_course.root / ".grader"
    assert [path.name for path in folder.iterdir()] == ["secret"]
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600


def test_the_variable_goes_first(own_course, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "from the environment")
    assert course_secret(own_course) == b"from the environment"
    assert not (own_course.root / ".grader").exists()
    monkeypatch.setenv("GRADER_SECRET", "short")
    with pytest.raises(GraderError, match="holds 5 characters"):
        course_secret(own_course)


def test_a_place_that_cannot_be_used_is_said(own_course):
    (own_course.root / ".grader").write_text("a file")
    with pytest.raises(GraderError, match=r"cannot be made: .*GRADER_SECRET"):
        course_secret(own_course)


def test_a_folder_that_cannot_be_written_is_said(own_course, monkeypatch):
    """Root may write anywhere, so the refusal is played."""

    def refuse(path, *arguments, **more):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(GraderError) as error:
        course_secret(own_course)
    folder = own_course.root / ".grader"
    assert f"{folder}/secret is not there yet and cannot be made: Permission denied" in str(error.value)
    assert f"Let this user write to {folder} once, or set the variable GRADER_SECRET" in str(error.value)


def test_a_secret_that_cannot_be_read_is_said(own_course):
    (own_course.root / ".grader/secret").mkdir(parents=True)
    with pytest.raises(GraderError, match=r"secret cannot be read: Is a directory\. Let this user read it"):
        course_secret(own_course)
