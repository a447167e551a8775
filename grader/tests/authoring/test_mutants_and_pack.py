"""Mutants are read with their block and their error; a hand-in holds what students may change and nothing else."""

from __future__ import annotations

import tarfile

import pytest
from grader.authoring.mutants import mutants
from grader.authoring.pack import pack
from grader.errors import CourseError, GraderError


def test_a_mutant_is_a_body_with_its_block_and_what_a_student_got_wrong(tiny_course):
    (mutant,) = mutants(tiny_course, tiny_course.stage("hw0"))
    assert (mutant.name, mutant.block) == ("mean_of_total", "hw0/src/sums.py:mean")
    assert mutant.error == "forgets to divide"
    assert "return np.sum(x)" in mutant.body
    assert "block:" not in mutant.body
    assert mutants(tiny_course, tiny_course.stage("hw1")) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("return 0\n", "begins with two comment lines"),
        ("# block: hw0/src/sums.py:mean\nreturn 0\n", "begins with two comment lines"),
        ("# block: hw0/src/sums.py:mode\n# error: no such thing\nreturn 0\n", "is no block of hw0"),
        ("# block: needle.ops:Square.compute\n# error: another stage's\nreturn 0\n", "is no block of hw0"),
    ],
)
def test_a_mutant_of_nothing_is_an_error(tiny_course, text, said):
    path = tiny_course.root / "grader/hidden/hw0/mutants/wrong.py"
    path.write_text(text)
    with pytest.raises(CourseError, match=rf"^grader/hidden/hw0/mutants/wrong\.py:1: .*{said}"):
        mutants(tiny_course, tiny_course.stage("hw0"))


def test_a_pack_holds_the_editable_files_of_all_stages_so_far(tiny_course, tmp_path):
    out = tmp_path / "hw1.tar.gz"
    pack(tiny_course, "hw1", out)
    with tarfile.open(out) as archive:
        packed = {member.name: archive.extractfile(member).read() for member in archive.getmembers()}
    names = ["common/needle/python/needle/ops.py", "hw0/src/sums.py"]
    assert packed == {name: (tiny_course.root / name).read_bytes() for name in names}


def test_a_missing_file_is_named_and_nothing_is_written(tiny_course, tmp_path):
    (tiny_course.root / "hw0/src/sums.py").unlink()
    with pytest.raises(GraderError, match=r"cannot pack hw0: hw0/src/sums\.py is missing"):
        pack(tiny_course, "hw0", tmp_path / "hw0.tar.gz")
    assert not (tmp_path / "hw0.tar.gz").exists()
