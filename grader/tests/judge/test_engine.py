"""From a submission to a report: verdicts, scores, what students may read, replays, internal errors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from grader.authoring.trees import reference_tree, released_tree, with_bodies
from grader.errors import CourseError, GraderError
from grader.judge import engine as engine_module
from grader.judge import workspace as workspace_module
from grader.judge.engine import Judge, grade, run_cases
from grader.results import Report, Verdict
from judge_course import MARKER, VICTIM, hand_in, make_course, solved

DOUBLE = "hw0/src/victim.py:double"
SEED = 20260101


@pytest.fixture
def graded(judge: Judge, tmp_path: Path):
    """Grade hw0 with the block `double` replaced, or with another whole file for it."""
    count = iter(range(100))

    def grade_it(body: str | None = None, *, file: str | bytes | None = None, seed: int | None = SEED) -> Report:
        tree = reference_tree(judge.course, "hw0")
        if body is not None:
            tree = with_bodies(tree, {DOUBLE: textwrap.dedent(body)})
        if file is not None:
            tree[VICTIM] = file if isinstance(file, bytes) else textwrap.dedent(file).encode()
        return judge.grade(hand_in(tree, tmp_path / f"submission-{next(count)}"), "hw0", seed=seed)

    return grade_it


def victim(report: Report):
    """The result of `double`, the others being right."""
    for other in report.problems[1:]:
        assert other.verdict is Verdict.AC, other
    return report.problems[0]


def test_everything_right(graded):
    report = graded()
    assert report.accepted
    assert (report.score, report.points) == (10.0, 10.0)
    assert [problem.verdict for problem in report.problems] == [Verdict.AC] * 3
    assert (report.course, report.stage, report.seed) == ("A Course to Judge", "hw0", SEED)
    assert report.sandbox.startswith("bubblewrap")
    case = report.problems[0].cases[0]
    assert (case.name, case.title, case.right, case.total) == ("submit_vector", "A vector and a matrix", 2, 2)


def test_nothing_filled_in(judge, tmp_path):
    report = judge.grade(hand_in(released_tree(judge.course, "hw0"), tmp_path / "work"), "hw0", seed=SEED)
    assert report.score == 0
    assert [problem.verdict for problem in report.problems] == [Verdict.NI] * 3
    assert report.problems[0].note == "double is not filled in"


def test_another_problems_stub_is_named(judge, tmp_path):
    tree = released_tree(judge.course, "hw0")
    tree[VICTIM] = b"from bystander import halve\n\n\ndef double(x):\n    return 4 * halve(x)\n"
    report = judge.grade(hand_in(tree, tmp_path / "work"), "hw0", seed=SEED)
    assert report.problems[0].verdict is Verdict.NI
    assert report.problems[0].note == "halve is not filled in (it belongs to halve)"


def test_a_problems_own_empty_block_is_named_first(judge, tmp_path):
    tree = released_tree(judge.course, "hw0")
    text = tree[VICTIM].decode()
    tree[VICTIM] = (
        text.replace('"""Twice x."""', '"""Twice x."""\n    halve(x)').encode() + b"\nfrom bystander import halve\n"
    )
    report = judge.grade(hand_in(tree, tmp_path / "work"), "hw0", seed=SEED)
    assert report.problems[0].verdict is Verdict.NI
    assert report.problems[0].note == "double is not filled in, and neither is halve (it belongs to halve)"


def test_points_are_shared_by_values(graded):
    problem = victim(graded("return 2.0 * x if getattr(x, 'ndim', 0) == 1 else 3.0 * x"))
    assert problem.verdict is Verdict.WA
    assert problem.score == pytest.approx(3.0 * 1 / 3)
    assert [value.verdict for value in problem.cases[0].values] == [Verdict.AC, Verdict.WA]


def test_all_or_nothing(judge, tmp_path):
    tree = reference_tree(judge.course, "hw0")
    tree = with_bodies(tree, {"hw0/src/bystander.py:total": "return 3.0"})
    report = judge.grade(hand_in(tree, tmp_path / "work"), "hw0", seed=SEED)
    problem = report.problems[2]
    assert (problem.cases[0].right, problem.cases[0].total) == (1, 2)
    assert (problem.verdict, problem.score) == (Verdict.WA, 0.0)


def test_what_was_handed_over_before_an_exception_counts(graded):
    problem = victim(graded("if isinstance(x, float): raise ValueError('no floats')\nreturn 2.0 * x"))
    assert problem.verdict is Verdict.RTE
    assert [(case.right, case.total) for case in problem.cases] == [(2, 2), (0, 1)]
    assert problem.score == pytest.approx(2.0)
    failure = problem.cases[1].failure
    assert (failure.type, failure.message) == ("ValueError", "no floats")
    assert [(frame.file, frame.function) for frame in failure.frames] == [(VICTIM, "double")]


def test_a_frame_names_its_line(graded):
    file = "def helper():\n    return {}['x']\n\n\ndef double(x):\n    return helper()\n"
    frames = victim(graded(file=file)).cases[0].failure.frames
    assert [(frame.line, frame.function) for frame in frames] == [(6, "double"), (2, "helper")]


def test_numpys_and_the_librarys_exceptions_are_named(graded):
    assert victim(graded("import numpy as np\nnp.linalg.inv(np.zeros((2, 2)))")).cases[0].failure.type == "LinAlgError"
    assert victim(graded("raise LibraryError('x')")).cases[0].failure.type == "LibraryError"


def test_a_students_own_exception_is_not_named(graded):
    failure = victim(graded("class Mine(ValueError): pass\nraise Mine('x')")).cases[0].failure
    assert failure.type == "an exception"


def test_a_crash_names_its_signal_and_case(graded):
    crash = "import os, signal\nif isinstance(x, float): os.kill(os.getpid(), signal.SIGSEGV)\nreturn 2.0 * x"
    problem = victim(graded(crash))
    assert problem.verdict is Verdict.RTE
    assert problem.note == "the process was ended by SIGSEGV while running «A number»"
    assert [(case.verdict, case.right) for case in problem.cases] == [(Verdict.AC, 2), (Verdict.RTE, 0)]


def test_cases_that_never_began_are_counted_and_say_nothing(graded):
    problem = victim(graded("import os\nos.abort()"))
    ending = "while running «A vector and a matrix»; the case after it did not run"
    assert problem.note == f"the process was ended by SIGABRT {ending}"
    running, never = problem.cases
    assert [value.difference.kind for value in running.values] == ["missing"] * 2
    assert (never.verdict, never.right, never.total) == (Verdict.RTE, 0, 1)
    assert (never.values, never.failure) == ([], None)


def test_an_end_while_importing_is_said(graded):
    problem = victim(graded(file="import os\nos._exit(0)\n"))
    assert problem.note == "the process ended itself before the first case began"
    assert all((case.right, case.values) == (0, []) for case in problem.cases)


def test_limits_are_said(graded):
    where = "while running «A vector and a matrix»; the case after it did not run"
    assert victim(graded("while True: pass")).note == f"stopped after 1 s, the limit of processor time, {where}"
    assert victim(graded("import time\ntime.sleep(99)")).note == f"stopped after 3 s, the limit of real time, {where}"
    assert f"4 MiB of output, the limit, {where}" in victim(graded("while True: print('x' * 9999)")).note


@pytest.mark.parametrize(
    ("file", "note"),
    [
        ("def double(x):\n    return (2.0 * x\n", f"{VICTIM}:2: SyntaxError: '(' was never closed"),
        ("import nothing_of_the_kind\n", f"{VICTIM}:1: ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        (
            "def double(x):\n  return 2.0 * x\n\n 1 / 0\n",
            f"{VICTIM}:4: IndentationError: unindent does not match any outer indentation level",
        ),
        ("x = 1\n\n1 / 0\n", f"{VICTIM}:3: ZeroDivisionError while the files were being imported"),
    ],
)
def test_what_cannot_be_imported_names_file_and_line_and_reason_once(graded, file, note):
    problem = victim(graded(file=file))
    assert (problem.verdict, problem.note, problem.score) == (Verdict.CE, note, 0.0)
    assert problem.cases[0].failure.type in note
    assert all(case.failure is None for case in problem.cases[1:])
    assert all((case.right, case.values) == (0, []) for case in problem.cases)


def test_a_deep_or_long_file_harms_nobody(graded):
    """What the interpreter gives up on in the box is never parsed by the judge."""
    for file in ("x = " + "(" * 100_000, "x = " + "-" * 200_000 + "1\n"):
        assert victim(graded(file=file)).verdict in (Verdict.CE, Verdict.RTE, Verdict.MLE)


@pytest.mark.parametrize(
    "text",
    [
        "raise SyntaxError(str(sys.modules['hidden_cases'].__dict__.get('SECRET', MARK)))",
        "raise ModuleNotFoundError(f\"No module named '{MARK}'\")",
        "raise NameError(f\"name '{MARK}' is not defined\")",
        'raise SyntaxError(f"invalid syntax ({MARK}, line 1)" * 2)',
        "raise SyntaxError('invalid syntax\\n' + MARK)",
    ],
)
def test_an_imports_message_carries_nothing_out(graded, text):
    problem = victim(graded(file=f"import sys\nMARK = 'm' + 'arked'\n{text}\n"))
    assert problem.verdict is Verdict.CE
    assert problem.note.startswith(f"{VICTIM}:3: ")
    assert problem.note.endswith("while the files were being imported")


def test_a_wrong_encoding_names_file_and_byte(graded):
    problem = victim(graded(file="# für\n\n\ndef double(x):\n    return 2.0 * x\n".encode("latin-1")))
    assert problem.verdict is Verdict.CE
    assert f"{VICTIM} is not UTF-8: byte 3 is 0xfc" in problem.note


def test_windows_line_ends_and_a_byte_order_mark_are_fine(graded):
    assert graded(file=b"\xef\xbb\xbfdef double(x):\r\n    return 2.0 * x\r\n").accepted


@pytest.mark.parametrize("marker", ["### BEGIN YOUR SOLUTION", "### BEGIN YOUR CODE", "# begin soluton", ""])
def test_markers_do_not_matter(graded, marker):
    """The original course's, mistyped or deleted ones: the file is taken whole."""
    assert graded(file=f"def double(x):\n    {marker}\n    return 2.0 * x\n").accepted


def test_code_outside_blocks_is_allowed(graded):
    assert graded(file="TWO = 2.0\n\n\ndef twice(x):\n    return TWO * x\n\n\ndouble = twice\n").accepted


def test_a_missing_file_is_a_stub(judge, tmp_path):
    tree = solved(judge.course, "hw0")
    del tree[VICTIM]
    report = judge.grade(hand_in(tree, tmp_path / "work"), "hw0", seed=SEED)
    assert report.submission.missing == [VICTIM]
    assert victim(report).verdict is Verdict.NI


def test_students_read_neither_messages_nor_seed_nor_source(graded):
    body = f"import sys\nprint('{MARKER}')\nraise ValueError(sys.modules['hidden_cases'].SECRET)"
    report = graded(body)
    assert MARKER in report.model_dump_json(), "an instructor does read it"
    student = report.for_student()
    assert MARKER not in student.model_dump_json()
    assert student.seed is None


def test_inputs_are_fresh_for_each_submission_and_replay_with_the_seed(judge, tmp_path):
    """The printed inputs of three gradings: the same files twice, other files once, then a replay."""

    def inputs(name: str, comment: str, seed: int | None = None) -> tuple[str, int]:
        tree = reference_tree(judge.course, "hw0")
        tree[VICTIM] = f"# {comment}\ndef double(x):\n    print(x)\n    return 2.0 * x\n".encode()
        report = judge.grade(hand_in(tree, tmp_path / name), "hw0", problems=["double"], seed=seed)
        assert report.accepted
        return report.problems[0].output, report.seed

    first, again, other = inputs("a", "one"), inputs("b", "one"), inputs("c", "two")
    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]
    assert inputs("d", "two", seed=first[1])[0] == first[0]


def test_only_some_problems(judge, tmp_path):
    work = hand_in(solved(judge.course, "hw0"), tmp_path / "work")
    report = judge.grade(work, "hw0", problems=["total"], seed=SEED)
    assert [problem.key for problem in report.problems] == ["total"]
    assert (report.score, report.points) == (4.0, 4.0)
    with pytest.raises(GraderError, match="its problems are: double, halve, total"):
        judge.grade(work, "hw0", problems=["tripel"])
    with pytest.raises(GraderError, match="there is no stage 'hw7'"):
        judge.grade(work, "hw7")


def test_one_job_or_many_give_the_same_report(judge, tmp_path):
    work = hand_in(solved(judge.course, "hw0", {VICTIM: "def double(x):\n    return 2.001 * x\n"}), tmp_path / "work")
    timing = {"problems": {"__all__": {"wall", "cpu", "memory"}}, "started": True, "seconds": True}
    reports = [judge.grade(work, "hw0", seed=SEED, jobs=jobs).model_dump(exclude=timing) for jobs in (1, 4)]
    assert reports[0] == reports[1]


def test_a_grade_of_its_own(own_course, tmp_path):
    """The function form, with a cache elsewhere: the course's folder gets nothing but the secret."""
    work = hand_in(solved(own_course, "hw0"), tmp_path / "work")
    report = grade(work, own_course, "hw0", cache_dir=tmp_path / "cache")
    assert report.accepted
    assert [path.name for path in (own_course.root / ".grader").iterdir()] == ["secret"]
    assert (own_course.root / ".grader/secret").stat().st_mode & 0o777 == 0o600
    assert any((tmp_path / "cache").rglob("*"))


def test_run_cases_judges_any_tree(course, tmp_path):
    """What the audit uses: a mutant is noticed, the reference is not, in whichever order."""
    stage = course.stage("hw0")
    problem = stage.problem("double")
    tree = reference_tree(course, "hw0")
    for order in (["submit_vector", "submit_number"], ["submit_number", "submit_vector"]):
        runs = run_cases(tree, course, stage, problem, SEED, case_order=order, cache_dir=tmp_path)
        assert runs.verdict is Verdict.AC
    mutant = with_bodies(tree, {DOUBLE: "return 2 * abs(x)"})
    assert run_cases(mutant, course, stage, problem, SEED, cache_dir=tmp_path).verdict is Verdict.WA
    with pytest.raises(ValueError, match="name each of"):
        run_cases(tree, course, stage, problem, SEED, case_order=["submit_vector"], cache_dir=tmp_path)


# ---------------------------------------------------------------------------------------- the grader's own faults


def test_a_reference_that_fails_is_an_internal_error(own_course, tmp_path):
    path = own_course.root / "grader/hidden/hw0/halve.py"
    path.write_text(path.read_text().replace("halve(np", "halve(nothing + np"))
    with Judge(own_course) as judge:
        report = judge.grade(hand_in(solved(own_course, "hw0"), tmp_path / "work"), "hw0", seed=SEED)
    problem = report.problems[1]
    assert report.internal_error
    assert (problem.verdict, problem.score) == (Verdict.IE, 0.0)
    assert "submit_vector raised NameError" in problem.note
    assert [other.verdict for other in report.problems if other is not problem] == [Verdict.AC] * 2


def test_a_fault_of_the_judge_is_tried_again(judge, tmp_path, monkeypatch):
    real, calls = engine_module.problem_result, []

    def flaky(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise RuntimeError("a bug")
        return real(*arguments)

    monkeypatch.setattr(engine_module, "problem_result", flaky)
    work = hand_in(solved(judge.course, "hw0"), tmp_path / "work")
    report = judge.grade(work, "hw0", problems=["double"], seed=SEED)
    assert report.accepted
    assert len(calls) == 2
    monkeypatch.setattr(engine_module, "problem_result", lambda *arguments: 1 / 0)
    problem = judge.grade(work, "hw0", problems=["double"], seed=SEED).problems[0]
    assert problem.verdict is Verdict.IE
    assert problem.note == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def submit_x(:\n", "double.py:1: not valid Python"),
        ("x = 1\n", "holds no case"),
        ("def submit_x():\n    pass\n", "double.py:1: submit_x has no docstring"),
    ],
)
def test_a_faulty_case_file_is_the_courses_fault(own_course, tmp_path, text, message):
    (own_course.root / "grader/hidden/hw0/double.py").write_text(text)
    with Judge(own_course) as judge, pytest.raises(CourseError, match=message):
        judge.grade(hand_in(solved(own_course, "hw0"), tmp_path / "work"), "hw0", seed=SEED)


def test_without_hidden_cases(own_course, tmp_path):
    (own_course.root / "grader/hidden/hw0/double.py").unlink()
    with Judge(own_course) as judge, pytest.raises(CourseError, match=r"double\.py: file not found"):
        judge.grade(hand_in(solved(own_course, "hw0"), tmp_path / "work"), "hw0", seed=SEED)


def test_a_full_disk_is_said_and_leaves_nothing(judge, tmp_path, monkeypatch):
    import tempfile

    def full(tree, folder, **more):
        raise OSError(28, "No space left on device")

    work = hand_in(solved(judge.course, "hw0"), tmp_path / "work")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(workspace_module, "write_tree", full)
    with pytest.raises(GraderError, match="No space left on device"):
        judge.grade(work, "hw0", seed=SEED)
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


def test_interrupting_leaves_nothing_behind(tmp_path):
    """Ctrl-C in the middle of a grading, in a process of its own: no process, group, folder or half of a file stays."""
    course = make_course(tmp_path / "course")
    sleeper = "import time\n\n\ndef double(x):\n    print('begun', flush=True)\n    time.sleep(100)\n"
    manifest = course.root / "hw0/assignment.toml"
    manifest.write_text(manifest.read_text().replace("wall = 3.0", "wall = 60.0"))
    work = hand_in(solved(course, "hw0", {VICTIM: sleeper}), tmp_path / "work")
    (tmp_path / "temporary").mkdir()
    script = (
        # What runs in the background of a shell has SIGINT ignored, and hands that on.
        "import signal, sys; from pathlib import Path\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from grader.authoring.manifest import Course\nfrom grader.judge.engine import grade\n"
        "try:\n    grade(Path(sys.argv[2]), Course.load(Path(sys.argv[1])), 'hw0')\n"
        "except KeyboardInterrupt:\n    sys.exit(130)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(course.root), str(work)],
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while not boxes(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    assert boxes(process.pid), "the grading never began"
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(20) == 130
    assert boxes(process.pid) == []
    assert list((tmp_path / "temporary").iterdir()) == []
    assert list(Path("/sys/fs/cgroup").rglob(f"grader-{process.pid}-*")) == []
    assert list(course.root.rglob("*.part")) == []


def boxes(parent: int) -> list[str]:
    """Processes named bwrap below a process."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == parent and "bwrap" in (entry / "cmdline").read_text():
                    found.append(entry.name)
        except OSError:
            continue
    return found
