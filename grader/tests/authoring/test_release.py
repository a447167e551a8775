"""Releases: what a student gets, what they must never get, and how a later stage reaches their work."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest
from grader.authoring.manifest import Course
from grader.authoring.release import release
from grader.authoring.trees import (
    block_owners,
    blocks_of,
    check_blocks,
    editable_files,
    reference_tree,
    released_tree,
    tree_digest,
    with_bodies,
)
from grader.errors import CourseError, GraderError

SOLUTIONS = [
    "accumulated = np.sum(x)",
    "return accumulated",
    "return total(x) / len(x)",
    "return a * a * 1.0",
    "return 2.0 * a * out_grad",
]


def change(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def all_bytes(folder: Path) -> bytes:
    """Every byte below a folder, git's objects unpacked."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found.append(content)
            if "objects" in path.parts and len(path.name) == 38:
                found.append(zlib.decompress(content))
    return b"\0".join(found)


def test_a_released_tree_has_stubs_that_say_what_is_to_do(tiny_course):
    tree = released_tree(tiny_course, "hw1")
    assert 'raise NotImplementedError("hw0 total: total")' in tree["hw0/src/sums.py"].decode()
    assert (
        'raise NotImplementedError("hw1 square: Square.gradient")'
        in tree["common/needle/python/needle/ops.py"].decode()
    )
    assert tree["README.md"] == b"# Welcome\n"
    assert not [path for path in tree if "hidden" in path]


def test_an_earlier_stage_holds_nothing_of_a_later_one(tiny_course):
    assert not [path for path in released_tree(tiny_course, "hw0") if path.startswith(("hw1", "common"))]
    assert editable_files(tiny_course, "hw0") == ("hw0/src/sums.py",)
    assert editable_files(tiny_course, "hw1") == ("common/needle/python/needle/ops.py", "hw0/src/sums.py")


def test_the_references_bodies_fill_a_release_back_to_the_reference(tiny_course):
    reference, released = reference_tree(tiny_course, "hw1"), released_tree(tiny_course, "hw1")
    bodies = {name: block.body for name, block in blocks_of(tiny_course, reference).items()}
    assert released != reference
    assert with_bodies(released, bodies) == reference
    assert tree_digest(with_bodies(released, bodies)) == tree_digest(reference) != tree_digest(released)


def test_a_body_for_no_block_is_an_error(tiny_course):
    with pytest.raises(KeyError, match=r"no such block: hw0/src/sums\.py:median"):
        with_bodies(reference_tree(tiny_course, "hw0"), {"hw0/src/sums.py:median": "pass"})


def test_a_release_is_a_history_of_one_commit_a_stage_that_only_adds(tiny_course, tmp_path, git):
    out = tmp_path / "student"
    result = release(tiny_course, "hw1", out)
    assert list(result.commits) == ["hw0", "hw1"]
    assert git(out, "log", "--format=%s", "--reverse").splitlines() == ["hw0: Sums", "hw1: Squares"]
    statuses = {line[0] for line in git(out, "log", "--name-status", "--format=", "main").splitlines() if line}
    assert statuses == {"A"}
    assert git(out, "status", "--porcelain") == ""


def test_no_solution_and_no_canary_in_any_byte(tiny_course, tmp_path):
    out = tmp_path / "student"
    release(tiny_course, "hw1", out)
    content = all_bytes(out)
    assert b"raise NotImplementedError" in content
    for line in [*SOLUTIONS, "tiny-course-canary"]:
        assert line.encode() not in content


def test_a_later_stage_merges_into_students_work(tiny_course, tmp_path, git):
    out = tmp_path / "student"
    release(tiny_course, "hw0", out)
    change(out, "hw0/src/sums.py", 'raise NotImplementedError("hw0 total: total")', "return sum(x)")
    git(out, "commit", "-qam", "Fill total")
    result = release(tiny_course, "hw1", out)
    assert result.next_step == f"cd {out} && git merge release"
    assert not (out / "hw1").exists()
    git(out, "merge", "-q", "--no-edit", "release")
    assert "return sum(x)" in (out / "hw0/src/sums.py").read_text()
    assert (out / "hw1/assignment.toml").is_file()
    assert git(out, "status", "--porcelain") == ""


def test_a_later_stage_appears_at_once_where_nobody_has_worked(tiny_course, tmp_path, git):
    out = tmp_path / "student"
    release(tiny_course, "hw0", out)
    release(tiny_course, "hw1", out)
    assert (out / "hw1/assignment.toml").is_file()
    assert git(out, "status", "--porcelain") == ""


def test_uncommitted_work_is_left_alone(tiny_course, tmp_path):
    out = tmp_path / "student"
    release(tiny_course, "hw0", out)
    change(out, "hw0/src/sums.py", 'raise NotImplementedError("hw0 total: total")', "return sum(x)")
    release(tiny_course, "hw1", out)
    assert "return sum(x)" in (out / "hw0/src/sums.py").read_text()


def test_releasing_again_says_that_nothing_changed_and_a_correction_is_a_commit(tiny_root, tmp_path, git):
    out = tmp_path / "student"
    release(Course.load(tiny_root), "hw0", out)
    assert "up to date" in release(Course.load(tiny_root), "hw0", out).next_step
    change(tiny_root, "hw0/tests/test_total.py", "7.0", "7")
    result = release(Course.load(tiny_root), "hw0", out)
    assert list(result.commits) == ["hw0 (corrections)"]
    assert "== 7\n" in (out / "hw0/tests/test_total.py").read_text()


def test_an_earlier_stage_cannot_be_released_over_a_later_one(tiny_course, tmp_path):
    out = tmp_path / "student"
    release(tiny_course, "hw1", out)
    with pytest.raises(GraderError, match="has hw1 already"):
        release(tiny_course, "hw0", out)


def test_a_folder_of_something_else_is_left_alone(tiny_course, tmp_path):
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.txt").write_text("words")
    with pytest.raises(GraderError, match="neither empty nor a student repository"):
        release(tiny_course, "hw0", out)
    assert [path.name for path in out.iterdir()] == ["chapter.txt"]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "hw0/src/sums.py",
            "### BEGIN SOLUTION\n    acc",
            "## BEGIN SOLUTION\n    acc",
            r"^hw0/src/sums\.py:8: .*nearly a marker",
        ),
        (
            "hw0/src/sums.py",
            "    ### END SOLUTION\n\n\ndef mean",
            "\n\ndef mean",
            r"^hw0/src/sums\.py:8: .*END SOLUTION is missing",
        ),
        (
            "hw0/assignment.toml",
            '"hw0/src/sums.py:mean"',
            '"hw0/src/sums.py:median"',
            r"^hw0/assignment\.toml:18: .*which no file has; did you mean hw0/src/sums\.py:mean",
        ),
        (
            "hw0/assignment.toml",
            '["hw0/src/sums.py:mean"]',
            '["hw0/src/sums.py:mean", "hw0/src/sums.py:total"]',
            r"^hw0/assignment\.toml:18: .*in two problems",
        ),
        (
            "hw0/assignment.toml",
            '["hw0/src/sums.py:mean"]',
            '["hw0/src/sums.py:mean", "hw0/src/sums.py:mode"]',
            r"^hw0/assignment\.toml:18: .*which no file has",
        ),
        (
            "hw0/assignment.toml",
            '["hw0/**/*"]',
            '["hw0/**/*", "grader/**/*"]',
            r"^hw0/assignment\.toml:4: .*hidden file grader/hidden/",
        ),
        (
            "course.toml",
            "shared_files",
            'withheld = { "hw0/src/sums.py" = "it says too much" }\nshared_files',
            r"^hw0/assignment\.toml:4: .*hw0/src/sums\.py, which course\.toml withholds: it says too much",
        ),
        (
            "course.toml",
            "shared_files",
            'withheld = { "hw0/src/sum.py" = "it says too much" }\nshared_files',
            r"^course\.toml:\d+: withheld names hw0/src/sum\.py, which is no file",
        ),
        (
            "hw0/assignment.toml",
            '["hw0/**/*"]',
            '["hw0/**/*", "hw0/notes/*"]',
            r"^hw0/assignment\.toml:4: .*matches no file",
        ),
        (
            "hw0/tests/test_mean.py",
            "assert",
            "# return total(x) / len(x)\n    assert",
            r"^hw0/tests/test_mean\.py:6: .*solution hw0/src/sums\.py:mean",
        ),
        (
            "hw0/tests/test_mean.py",
            "from",
            "# tiny-course-canary-0123456789-do-not-distribute\nfrom",
            r"^hw0/tests/test_mean\.py:2: .*canary",
        ),
        (
            "hw0/assignment.toml",
            'blocks = ["hw0/src/sums.py:mean"]',
            'blocks = ["hw1/src/other.py:mean"]',
            r"^hw0/assignment\.toml:18: .*which no file has",
        ),
        (
            "hw0/tests/test_mean.py",
            "def submit_mean",
            "def send_mean",
            r"^hw0/tests/test_mean\.py: lacks submit_mean",
        ),
        (
            "hw0/tests/test_mean.py",
            "def test_mean_of_two",
            "def mean_of_two",
            r"^hw0/tests/test_mean\.py: holds no test",
        ),
        (
            "grader/hidden/hw0/mean.py",
            "    mugrade.submit(mean(",
            "    assert mean([1.0]) == 1.0\n    mugrade.submit(mean(",
            r"^grader/hidden/hw0/mean\.py:11: a hidden case asserts",
        ),
        (
            "grader/hidden/hw0/mean.py",
            "    mugrade.submit(mean(",
            "    mugrade.submit(np.allclose(mean([1.0]), 1.0))\n    mugrade.submit(mean(",
            r"^grader/hidden/hw0/mean\.py:11: a hidden case compares \(allclose\)",
        ),
        (
            "grader/hidden/hw0/mean.py",
            "# tiny-course-canary",
            "# tiny",
            r"^grader/hidden/hw0/mean\.py: .*must carry the canary",
        ),
    ],
)
def test_what_must_not_be_released_is_an_error_and_nothing_is_written(tiny_root, tmp_path, name, old, new, said):
    change(tiny_root, name, old, new)
    out = tmp_path / "student"
    with pytest.raises(CourseError, match=said):
        release(Course.load(tiny_root), "hw1", out)
    assert not out.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["course"]


def test_a_problem_without_public_tests_is_not_released(tiny_root, tmp_path):
    (tiny_root / "hw0/tests/test_mean.py").unlink()
    with pytest.raises(
        CourseError, match=r"^hw0/tests/test_mean\.py: there is no such file, and problem mean needs it"
    ):
        release(Course.load(tiny_root), "hw0", tmp_path / "student")


def test_public_tests_may_be_taken_in_from_a_file_beside(tiny_root, tmp_path):
    """As the tests of one kernel on two devices are; from which file does not matter, that there are tests does."""
    change(tiny_root, "hw0/tests/test_mean.py", "def test_mean_of_two", "from means import *\n\n\ndef mean_of_two")
    with pytest.raises(CourseError, match=r"^hw0/tests/test_mean\.py: holds no test"):
        release(Course.load(tiny_root), "hw0", tmp_path / "student")
    (tiny_root / "hw0/tests/means.py").write_text("def check_three():\n    assert True\n")
    with pytest.raises(CourseError, match=r"^hw0/tests/test_mean\.py: holds no test"):
        release(Course.load(tiny_root), "hw0", tmp_path / "student")
    (tiny_root / "hw0/tests/means.py").write_text("def test_three():\n    assert 1 + 2 == 3\n")
    assert release(Course.load(tiny_root), "hw0", tmp_path / "student").commits


def test_a_handout_must_name_each_problem_with_its_points(tiny_root, tmp_path):
    def handout(rows: str) -> None:
        cells = [
            {
                "cell_type": "markdown",
                "id": "how",
                "source": f"| problem | points |\n| --- | --- |\n{rows}",
                "metadata": {},
            }
        ]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (tiny_root / "hw0/hw0.ipynb").write_text(json.dumps(notebook))

    handout("| `total` | 4 |\n| `mean` | 5 |\n")
    with pytest.raises(CourseError, match=r"^hw0/hw0\.ipynb: gives mean 5 points, the manifest 6"):
        release(Course.load(tiny_root), "hw0", tmp_path / "student")
    handout("| `total` | 4 |\n")
    with pytest.raises(CourseError, match=r"^hw0/hw0\.ipynb: .* lacks a row \| `mean` \| 6 \|"):
        release(Course.load(tiny_root), "hw0", tmp_path / "student")
    handout("| `total` | 4 |\n| `mean` | 6 |\n")
    assert release(Course.load(tiny_root), "hw0", tmp_path / "student").commits


def test_a_solution_line_in_a_notebook_is_found_behind_jsons_escapes(tiny_root, tmp_path):
    change(tiny_root, "hw0/src/sums.py", "return accumulated", 'return accumulated + len("")')
    cells = [
        {
            "cell_type": "code",
            "id": "c7",
            "source": 'x = 1\nreturn accumulated + len("")',
            "outputs": [],
            "metadata": {},
        }
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tiny_root / "hw0/extra.ipynb").write_text(json.dumps(notebook))
    with pytest.raises(
        CourseError, match=r"^hw0/extra\.ipynb\[c7\]:2: holds a line of the solution hw0/src/sums\.py:total"
    ):
        release(Course.load(tiny_root), "hw0", tmp_path / "student")


def test_a_release_that_is_cut_off_leaves_nothing(tiny_course, tmp_path, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.authoring.release.write_tree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        release(tiny_course, "hw0", tmp_path / "student")
    assert [path.name for path in tmp_path.iterdir()] == ["course"]


def test_every_block_has_its_owner(tiny_course):
    owners = block_owners(tiny_course)
    assert set(check_blocks(tiny_course)) == set(owners)
    assert owners["needle.ops:Square.compute"].problem.key == "square"
