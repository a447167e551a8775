"""The course of this repository: complete, releasable, and nothing of it leaks."""

from __future__ import annotations

import ast
import zlib
from pathlib import Path

import pytest
from grader.authoring.conventions import check_problem_files
from grader.authoring.leaks import canary, solution_lines
from grader.authoring.manifest import Course, find_root
from grader.authoring.mutants import mutants
from grader.authoring.release import release
from grader.authoring.trees import blocks_of, check_blocks, reference_tree, with_bodies, write_tree
from grader.judge.cases import read_cases

COURSE = Course.load(find_root(Path(__file__)))
PROBLEMS = [(stage, problem) for stage in COURSE.stages for problem in stage.problems]
IDS = [f"{stage.key}-{problem.key}" for stage, problem in PROBLEMS]


@pytest.mark.parametrize(("stage", "problem"), PROBLEMS, ids=IDS)
def test_a_problem_has_public_tests_and_titled_hidden_cases_that_decide_nothing(stage, problem):
    check_problem_files(COURSE, stage, [problem])  # of the public tests, written or taken in
    hidden = ast.parse((COURSE.root / stage.hidden_cases(problem)).read_text(encoding="utf-8"))
    assert read_cases(COURSE, stage, problem).cases
    names = {node.attr for node in ast.walk(hidden) if isinstance(node, ast.Attribute)}
    assert not names & {"allclose", "isclose", "array_equal", "assert_allclose"}
    assert not [node for node in ast.walk(hidden) if isinstance(node, ast.Assert)]


def test_every_file_of_the_library_is_brought_by_a_stage_or_withheld_with_a_reason():
    package = COURSE.root / "common/needle/python"
    files = {path.relative_to(COURSE.root).as_posix() for path in package.rglob("*.py")}
    brought = set(reference_tree(COURSE, COURSE.stages[-1].key))
    assert files - brought == set(COURSE.withheld)
    assert all(COURSE.withheld.values())


@pytest.mark.parametrize("stage", COURSE.stages, ids=[stage.key for stage in COURSE.stages])
def test_every_mutant_differs_from_the_solution_and_can_be_spliced(stage):
    reference = reference_tree(COURSE, stage.key)
    for mutant in mutants(COURSE, stage):
        tree = with_bodies(reference, {mutant.block: mutant.body})
        changed = [path for path in tree if tree[path] != reference[path]]
        assert len(changed) == 1, mutant.path
        if changed[0].endswith(".py"):
            compile(tree[changed[0]], mutant.path, "exec")


@pytest.fixture(scope="module")
def student_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("release") / "student"
    release(COURSE, COURSE.stages[-1].key, out)
    return out


def test_no_solution_line_and_no_canary_in_any_byte_of_a_release(student_repository):
    contents = []
    for path in student_repository.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            contents += [content, path.name.encode()]
            if "objects" in path.parts and len(path.name) == 38:
                contents.append(zlib.decompress(content))
    everything = b"\0".join(contents)
    lines = solution_lines(check_blocks(COURSE).values())
    assert len(lines) > 50
    assert b"raise NotImplementedError" in everything
    assert [line for line in [*lines, canary(COURSE)] if line.encode() in everything] == []


def test_the_students_course_is_the_same_course_without_what_is_hidden(student_repository):
    theirs = Course.load(student_repository)
    assert [stage.key for stage in theirs.stages] == [stage.key for stage in COURSE.stages]
    assert not theirs.has_hidden
    tree = reference_tree_of(student_repository)
    assert set(blocks_of(theirs, tree)) == set(check_blocks(COURSE))


def reference_tree_of(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_tree_written_and_read_back_is_the_same(tmp_path):
    tree = reference_tree(COURSE, COURSE.stages[0].key)
    write_tree(tree, tmp_path)
    assert reference_tree_of(tmp_path) == tree
