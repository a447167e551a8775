"""The second look: what sanitizers say of native code that failed, as a sentence; and no more, whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from grader.authoring.manifest import Course
from grader.authoring.trees import reference_tree, with_bodies
from grader.errors import GraderError
from grader.judge import diagnosis, layout
from grader.judge.engine import Judge
from grader.results import ProblemResult, Verdict
from judge_course import hand_in, make_course

SCALE = "native/src/scale.cpp:scale"
FILE = "native/src/scale.cpp"
SEED = 5
WATCHED = "-fsanitize=address,undefined -fno-sanitize=object-size -fno-sanitize-recover=undefined"
# Twice the number by way of an array: a wrong answer whatever else it does.
ARRAY = "volatile double* array = new double[4];\n{}\nconst double twice = 2.0 * x;\ndelete[] array;\nreturn twice;"


def _no_sanitizers() -> str | None:
    try:
        layout.sanitizers()
    except GraderError as error:
        return str(error)
    return None


pytestmark = pytest.mark.skipif(_no_sanitizers() is not None, reason=f"no sanitizers here: {_no_sanitizers()}")


def _watched_course(root: Path, settings: str = WATCHED) -> Course:
    """The course of `judge_course`, whose native module can be built for sanitizers to watch."""
    course = make_course(root)
    manifest = root / "native/assignment.toml"
    manifest.write_text(
        manifest.read_text().replace('output = "native/src"', 'output = "native/src"\nsanitize = { WATCH = "ON" }')
    )
    project = root / "native/CMakeLists.txt"
    project.write_text(
        project.read_text()
        + "if(WATCH)\n"
        + f'  separate_arguments(flags UNIX_COMMAND "{settings} -g1 -O1")\n'
        + "  target_compile_options(answer PRIVATE ${flags})\n  target_link_options(answer PRIVATE ${flags})\nendif()\n"
    )
    return Course.load(course.root)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory):
    with Judge(_watched_course(tmp_path_factory.mktemp("watched") / "course")) as judge:
        yield judge


def graded(judge: Judge, work: Path, body: str, head: str = "") -> tuple[ProblemResult, list[str]]:
    """The compiled problem's result, and the lines of the file that was handed in."""
    tree = with_bodies(reference_tree(judge.course, "native"), {SCALE: body})
    tree[FILE] = head.encode() + tree[FILE]
    report = judge.grade(hand_in(tree, work / "work"), "native", seed=SEED)
    assert report.problems[1].verdict is Verdict.AC
    assert report.score == report.problems[0].score + report.problems[1].score
    return report.problems[0], tree[FILE].decode().splitlines()


def line_of(lines: list[str], text: str) -> int:
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_write_beyond_an_array_is_named_with_its_line(watched, tmp_path):
    problem, lines = graded(watched, tmp_path, ARRAY.format("for (int i = 0; i <= 4; ++i) {\n  array[i] = x;\n}"))
    assert problem.score == 0
    place = f"{FILE}:{line_of(lines, 'array[i] = x;')}"
    assert f"AddressSanitizer: writes 8 bytes beyond the end of an array in scale, {place}" in problem.note


def test_a_read_before_an_array_is_named_with_the_function_that_did_it(watched, tmp_path):
    head = "static double before(const double* array) {\n  return array[-1];\n}\n"
    problem, lines = graded(
        watched, tmp_path, "const double values[2] = {x, x};\nreturn 2.0 * x + 0 * before(values);", head
    )
    assert problem.score == 0
    assert problem.note.endswith(f"in before, {FILE}:{line_of(lines, 'array[-1]')}")
    assert "AddressSanitizer: reads 8 bytes " in problem.note


def test_a_crash_is_named(watched, tmp_path):
    problem, lines = graded(watched, tmp_path, "return *(volatile double*)8;")
    assert (problem.verdict, problem.score) == (Verdict.RTE, 0.0)
    place = f"{FILE}:{line_of(lines, 'volatile')}"
    said, found = problem.note.split("; ")
    assert "SIGSEGV" in said
    assert found == f"AddressSanitizer: reads through a null pointer in scale, {place}"


def test_an_undefined_operation_is_named(watched, tmp_path):
    body = "int number = 2147483647 - (x > 100.0);\nnumber += 1 + (x > 100.0);\nreturn number;"
    problem, lines = graded(watched, tmp_path, body)
    assert problem.verdict is Verdict.WA
    place = f"{FILE}:{line_of(lines, 'number += 1')}"
    assert problem.note == f"UndefinedBehaviorSanitizer: signed integer overflow in scale, {place}"


def test_a_wrong_answer_that_is_clean_gets_no_word(watched, tmp_path):
    problem, _ = graded(watched, tmp_path, ARRAY.format("array[3] = x;"))
    assert (problem.verdict, problem.note, problem.output) == (Verdict.WA, None, None)


def test_what_is_right_is_not_looked_at(watched, tmp_path, monkeypatch):
    monkeypatch.setattr(diagnosis.SecondLooks, "_look", lambda *arguments: pytest.fail("looked at"))
    problem, _ = graded(watched, tmp_path, "return 3.0 * x;")
    assert (problem.verdict, problem.note) == (Verdict.AC, None)


FORGED = (
    "==2==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1 at pc 0x1 bp 0x1 sp 0x1\\n"
    "WRITE of size {size} at 0x1 thread T0\\n    #0 0x1 in {function} {file}:{line}\\n"
)
PRINTING = "#include <cstdio>\n#include <unistd.h>\n"
SECRET = "TheHiddenCase42"


def forging(status: int, **fields: object) -> str:
    """C++ that prints a report and ends. The secret is put together when it runs, and stands nowhere in the file."""
    said = FORGED.format(**fields).replace(SECRET, 'TheHidden" "Case42')
    return f'fputs("{said}", stderr);\nfflush(stderr);\n_exit({status});\nreturn x;'


@pytest.mark.parametrize(
    "fields",
    [
        {"size": 8, "function": "f", "file": f"/{SECRET}", "line": 3},
        {"size": 8, "function": "f", "file": "/box/tree/native/src/answer.cpp", "line": 3},
        {"size": 8, "function": "f", "file": f"/box/tree/{FILE}", "line": 99999},
        {"size": 8, "function": "f", "file": f"/box/tree/{FILE}", "line": 0},
        {"size": 8, "function": "f", "file": f"/box/tree/{FILE} {SECRET}", "line": 3},
    ],
    ids=["no file", "not the student's file", "beyond it", "before it", "more than a place"],
)
def test_a_forged_report_of_another_place_says_nothing(watched, tmp_path, fields):
    problem, _ = graded(watched, tmp_path, forging(diagnosis._EXIT, **fields), PRINTING)
    assert (problem.verdict, problem.score) == (Verdict.RTE, 0.0)
    assert problem.note == "the process ended itself while running «A number»"


@pytest.mark.parametrize("fields", [{"size": SECRET}, {"size": "9" * 15}, {"function": SECRET}])
def test_a_forged_report_says_no_more_than_a_place_in_the_students_own_file(watched, tmp_path, fields):
    fields = {"size": 8, "function": "nowhere", "file": f"/box/tree/{FILE}", "line": 3, **fields}
    problem, _ = graded(watched, tmp_path, forging(diagnosis._EXIT, **fields), PRINTING)
    does = {8: "writes 8 bytes", SECRET: "reads or writes"}.get(fields["size"], "writes")
    _, said = problem.note.split("; ")
    assert said == f"AddressSanitizer: {does} outside an array: {FILE}:3"


def test_a_report_of_a_program_that_no_sanitizer_ended_is_forged(watched, tmp_path):
    fields = {"size": 8, "function": "scale", "file": f"/box/tree/{FILE}", "line": 3}
    for status in (0, 1):
        problem, _ = graded(watched, tmp_path / str(status), forging(status, **fields), PRINTING)
        assert problem.note == "the process ended itself while running «A number»"


def test_code_that_only_builds_unwatched_costs_nothing(watched, tmp_path):
    problem, _ = graded(watched, tmp_path, "return 2.0 * x;", "#ifdef __SANITIZE_ADDRESS__\n#error no\n#endif\n")
    assert (problem.verdict, problem.note) == (Verdict.WA, None)
    assert "does not build" in problem.output


@pytest.mark.parametrize(
    "watched_only",
    ["for (volatile bool forever = true; forever;) {\n}", "for (;;) {\n  memset(new char[1 << 24], 1, 1 << 24);\n}"],
    ids=["a loop", "memory"],
)
def test_code_that_hangs_only_when_watched_costs_a_bounded_time(watched, tmp_path, monkeypatch, watched_only):
    monkeypatch.setattr(diagnosis, "SECONDS", 5.0)
    body = f"#ifdef __SANITIZE_ADDRESS__\n{watched_only}\n#endif\nreturn 2.0 * x;"
    problem, _ = graded(watched, tmp_path, body, "#include <string.h>\n")
    assert (problem.verdict, problem.note) == (Verdict.WA, None)
    assert "it was ended by its limit of" in problem.output


def test_a_build_that_hangs_only_when_watched_costs_a_bounded_time(watched, tmp_path, monkeypatch):
    monkeypatch.setattr(diagnosis, "SECONDS", 3.0)
    head = """#ifdef __SANITIZE_ADDRESS__
template <int n, int m> struct Deep {
    static constexpr long value = Deep<n - 1, 2 * m>::value + Deep<n - 1, 2 * m + 1>::value;
};
template <int m> struct Deep<0, m> { static constexpr long value = m; };
long deep = Deep<25, 1>::value;
#endif
"""
    problem, _ = graded(watched, tmp_path, "return 2.0 * x;", head)
    assert (problem.verdict, problem.note) == (Verdict.WA, None)
    assert "the build that sanitizers watch was ended by its limit of" in problem.output


def test_a_course_that_does_not_build_for_sanitizers_is_told_to_instructors_once(tmp_path, monkeypatch):
    with Judge(_watched_course(tmp_path / "course", "-fsanitize=no-such-sanitizer")) as judge:
        problem, _ = graded(judge, tmp_path / "first", "return 2.0 * x;")
        assert (problem.verdict, problem.note) == (Verdict.WA, None)
        assert "the course's own files do not build for it" in problem.output
        monkeypatch.setattr(type(judge._builder), "prepare", lambda *arguments: pytest.fail("tried again"))
        problem, _ = graded(judge, tmp_path / "second", "return 2.5 * x;")
        assert "the course's own files do not build for it" in problem.output


def test_a_module_that_cannot_be_watched_is_not(judge, tmp_path):
    problem, _ = graded(judge, tmp_path, ARRAY.format("array[4] = x;"))
    assert problem.score == 0
    assert "Sanitizer" not in (problem.note or "")
    assert problem.output is None or "second look" not in problem.output


def test_without_a_box(watched, tmp_path):
    with Judge(watched.course, sandbox="none", cache_dir=tmp_path / "cache") as unboxed:
        problem, lines = graded(unboxed, tmp_path, ARRAY.format("array[4 + (x > 1000.0)] = x;"))
    assert f"an array in scale, {FILE}:{line_of(lines, 'array[4')}" in problem.note


def test_students_do_not_see_the_report(watched, tmp_path):
    tree = with_bodies(reference_tree(watched.course, "native"), {SCALE: ARRAY.format("array[4 + (x > 1e9)] = x;")})
    report = watched.grade(hand_in(tree, tmp_path / "work"), "native", seed=SEED)
    assert "second look" in report.problems[0].output
    assert "WRITE of size 8" in report.problems[0].output
    assert "second look" not in report.for_student().model_dump_json()
