from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from grader.authoring.bodies import is_empty
from grader.authoring.manifest import Course
from grader.authoring.markers import Block, find_blocks, possible_paths
from grader.authoring.status import ProblemStatus, StageStatus, block_files, status
from grader.authoring.trees import released_tree, write_tree
from grader.errors import GraderError
from grader.report.status import next_step, print_status
from rich.console import Console

CONFTEST = "import pathlib, sys\n\nsys.path.insert(0, str(pathlib.Path(__file__).parent / 'hw0/src'))\n"
SUMS = "hw0/src/sums.py"


@pytest.fixture
def solved(tiny_root: Path) -> Course:
    (tiny_root / "conftest.py").write_text(CONFTEST)
    return Course.load(tiny_root)


@pytest.fixture
def handed_out(solved: Course, tmp_path: Path) -> Course:
    """What a student starts from: stubs, and nothing hidden."""
    folder = tmp_path / "student"
    write_tree(released_tree(solved, "hw0"), folder)
    (folder / "conftest.py").write_text(CONFTEST)
    return Course.load(folder)


def edit(course: Course, old: str, new: str, path: str = SUMS) -> None:
    file = course.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def by_key(stage: StageStatus) -> dict[str, ProblemStatus]:
    return {problem.key: problem for problem in stage.problems}


def printed(stage: StageStatus, width: int = 80) -> str:
    stream = io.StringIO()
    print_status(stage, Console(file=stream, width=width, color_system=None))
    return stream.getvalue()


def words(stage: StageStatus) -> str:
    return " ".join(printed(stage).split())


def test_everything_is_filled_and_passes_where_it_is_solved(solved):
    stage = status(solved, "hw0")
    assert [(problem.key, problem.points, problem.filled, problem.done) for problem in stage.problems] == [
        ("total", 4, 1, True),
        ("mean", 6, 1, True),
    ]
    assert "10 / 10" in words(stage)
    assert next_step(stage)[1] == ""


def test_a_student_starts_with_every_block_empty_and_every_test_failing(handed_out):
    assert not handed_out.has_hidden
    stage = status(handed_out, "hw0")
    for problem in stage.problems:
        (block,) = problem.blocks
        assert block.state == "empty"
        assert (problem.tests.passed, problem.tests.failed) == (0, 1)
    assert "0 / 10" in words(stage)
    line = next(
        number for number, text in enumerate((handed_out.root / SUMS).read_text().splitlines(), 1) if "raise" in text
    )
    assert f"total {SUMS}:{line} total" in words(stage)
    assert any(text.split() == [f"{SUMS}:{line}", "total"] for text in printed(stage).splitlines())
    assert next_step(stage) == (f"Write total in {SUMS}:{line}", "make test-hw0 K=total")


def test_one_block_written_is_one_problem_done(handed_out):
    edit(handed_out, 'raise NotImplementedError("hw0 total: total")', "return float(np.sum(x))")
    stage = by_key(status(handed_out, "hw0"))
    assert stage["total"].done
    assert stage["mean"].blocks[0].state == "empty"


def test_a_wrong_block_is_filled_and_its_test_is_named(handed_out):
    edit(handed_out, 'raise NotImplementedError("hw0 total: total")', "return 0.0")
    stage = status(handed_out, "hw0")
    total = by_key(stage)["total"]
    assert (total.filled, total.tests.failed, total.done) == (1, 1, False)
    said = "See why test_total_of_three fails (total is filled, and not right yet)"
    assert next_step(stage) == (said, "make test-hw0 K=total")


def test_what_is_written_and_wrong_comes_before_what_is_not_written(handed_out):
    edit(handed_out, 'raise NotImplementedError("hw0 mean: mean")', "return 0.0")
    stage = status(handed_out, "hw0")
    assert next_step(stage)[1] == "make test-hw0 K=mean"


def test_what_fails_at_another_empty_block_is_not_blamed(handed_out):
    edit(handed_out, 'raise NotImplementedError("hw0 mean: mean")', "return total(x) / len(x)")
    stage = status(handed_out, "hw0")
    assert by_key(stage)["mean"].tests.only_stubs
    assert next_step(stage)[0].startswith("Write total in ")


def test_what_waits_for_an_earlier_homework_is_not_called_wrong(handed_out):
    for old in ('raise NotImplementedError("hw0 mean: mean")', 'raise NotImplementedError("hw0 total: total")'):
        edit(handed_out, old, 'raise NotImplementedError("hw9 under: Floor.lay")  # as from below\n    return 0.0')
    marked = status(handed_out, "hw0")
    written = [
        replace(each, blocks=tuple(replace(block, state="filled") for block in each.blocks)) for each in marked.problems
    ]
    said = "Write Floor.lay of hw9 under: total is filled, and its tests stop there"
    assert next_step(replace(marked, problems=tuple(written))) == (said, "make test-hw9 K=under")


def test_a_module_that_is_not_built_is_one_line(solved):
    manifest = solved.root / "hw0/assignment.toml"
    text = manifest.read_text().replace('title = "A mean"', 'title = "A mean"\nbuild = "ext"')
    build = '[[build]]\nkey = "ext"\nsource = "hw0"\nmodule = "sums_ext"\noutput = "hw0/src"\n\n[[problem]]'
    manifest.write_text(text.replace("[[problem]]", build, 1))
    course = Course.load(solved.root)
    stage = status(course, "hw0")
    assert "mean: not built: run make lib" in words(stage)
    assert next_step(stage)[1] == "make lib"
    (solved.root / "hw0/src/sums_ext.cpython-311-x86_64-linux-gnu.so").touch()
    assert by_key(status(course, "hw0"))["mean"].done


def test_a_syntax_error_is_shown_with_its_place_and_other_files_still_count(solved):
    edit(solved, "    return total(x) / len(x)", "    return total(x) / len(x")
    stage = status(solved, "hw0")
    for problem in stage.problems:
        assert problem.blocks[0].state == "unreadable"
        assert problem.faults[0].startswith(f"{SUMS}:")
        assert "not valid Python" in problem.faults[0]
        assert "the tests could not be loaded" in (problem.tests.trouble or "")
        assert f"{SUMS}:" in (problem.tests.trouble or "")
    assert next_step(stage)[0].startswith(f"Mend {SUMS}:")
    assert "did not run" in words(stage)
    assert words(stage).count("not valid Python") == 2  # in the list and in the next step, not for each problem
    assert "could not be loaded" not in words(stage)
    assert by_key(status(solved, "hw1"))["square"].filled == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"x = '\xff\xfe'\n", "not UTF-8"), (b"\x00", "not valid Python"), (None, "the file is not there")],
    ids=["latin", "null byte", "missing"],
)
def test_a_file_that_cannot_be_read_is_said_so(solved, content, says):
    path = solved.root / SUMS
    if content is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + content)
    stage = status(solved, "hw0")
    assert says in stage.problems[0].faults[0]
    assert stage.problems[0].faults[0].startswith(SUMS)
    assert not stage.problems[0].done


def test_markers_that_were_deleted_are_said_so(solved):
    text = (solved.root / SUMS).read_text()
    (solved.root / SUMS).write_text(
        text.replace("    ### BEGIN SOLUTION\n", "", 1).replace("    ### END SOLUTION\n", "", 1)
    )
    stage = status(solved, "hw0")
    assert by_key(stage)["total"].blocks[0].state == "no markers"
    assert by_key(stage)["mean"].done
    assert by_key(stage)["total"].done
    assert "cannot tell whether these are filled (grading does not need them)" in words(stage)
    assert next_step(stage)[1] == ""


def test_each_problem_is_announced_as_it_is_done(solved):
    done: list[str] = []
    status(solved, "hw0", on_done=done.append)
    assert sorted(done) == ["mean", "total"]


def test_an_unknown_stage_is_an_error(solved):
    with pytest.raises(GraderError, match="here now: hw0, hw1"):
        status(solved, "hw9")


def block(body: str, path: str = "hw0/src/sums.py") -> Block:
    if path.endswith(".py"):
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        text = f"def f(x):\n    '''What it does.'''\n    ### BEGIN SOLUTION\n{lines}    ### END SOLUTION\n"
    else:
        text = f"void f(int n) {{\n  /// BEGIN SOLUTION\n  {body}\n  /// END SOLUTION\n}}\n"
    (found,) = find_blocks(path, text)
    return found


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        ('raise NotImplementedError("hw0 total: total")', True),
        ("raise NotImplementedError()", True),
        ("# a note to myself\n\nraise NotImplementedError()", True),
        ('"""a note"""\nraise NotImplementedError()', True),
        ("raise NotImplementedError()\nreturn 1", True),
        ("", True),
        ("# nothing yet", True),
        ("return 1", False),
        ("if x is None:\n    raise NotImplementedError()\nreturn 1", False),
        ("raise NotImplementedErrorOfMine()", False),
        ('text = "raise NotImplementedError()"', False),
    ],
)
def test_a_block_is_empty_while_its_first_statement_is_the_stubs(body, empty):
    assert is_empty(block(body)) is empty


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        ('throw needle::NotImplemented("f (hw0 f)");', True),
        ('// soon\n  /* or later */ throw needle::NotImplemented("f");', True),
        ("// soon", True),
        ("n += 1;", False),
        ('if (n) throw needle::NotImplemented("f");', False),
    ],
)
def test_the_same_in_cpp(body, empty):
    assert is_empty(block(body, "hw0/src/x.cpp")) is empty


@pytest.mark.parametrize(
    "path",
    [
        "common/needle/python/needle/ops/ops_mathematic.py",
        "common/needle/python/needle/init/__init__.py",
        "hw0/src/simple_ml.py",
        "hw0/src/simple_ml_ext.cpp",
        "common/needle/src/ndarray_backend_cpu.cc",
    ],
)
def test_a_blocks_name_leads_back_to_its_file(path):
    assert path in possible_paths(block("return 1" if path.endswith(".py") else "n += 1;", path).name)


def test_the_files_of_each_problem(solved):
    assert block_files(solved.root, solved.stage("hw0")) == {"total": (SUMS,), "mean": (SUMS,)}
    assert block_files(solved.root, solved.stage("hw1")) == {"square": ("common/needle/python/needle/ops.py",)}


def test_the_table_fits_80_columns(handed_out):
    os.rename(handed_out.root / SUMS, handed_out.root / "hw0/src/gone.py")
    assert max(len(line) for line in printed(status(handed_out, "hw0")).splitlines()) <= 80


def with_optional_total(course: Course) -> Course:
    """The course with its first problem, of 4 points, made optional: 6 are left to reach."""
    edit(course, 'key = "total"', 'key = "total"\noptional = true', "hw0/assignment.toml")
    edit(course, "points = 10", "points = 6", "hw0/assignment.toml")
    return Course.load(course.root)


def test_an_optional_problem_is_marked_and_does_not_come_first(handed_out):
    stage = status(with_optional_total(handed_out), "hw0")
    assert next_step(stage)[0].startswith("Write mean in ")
    row = next(line for line in printed(stage).splitlines() if " total " in line)
    assert row.rstrip().endswith("optional")


def test_optional_points_come_on_top(solved):
    stage = status(with_optional_total(solved), "hw0")
    assert "6 / 6" in words(stage)
    assert "+4" in words(stage)
    assert "optional" not in next_step(stage)[0], "it is done"
    left = replace(stage.problems[0], blocks=tuple(replace(one, state="empty") for one in stage.problems[0].blocks))
    sentence, command = next_step(replace(stage, problems=(left, stage.problems[1])))
    assert "total is optional: 4 more points" in sentence
    assert command == ""
