"""The command, with the judge replaced by a few lines: what is tested here is what a person types and reads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import handmade_reports as handmade
import pytest
from grader.authoring import release as releasing
from grader.authoring.trees import released_tree, write_tree
from grader.cli import app, heartbeat, main
from grader.errors import GraderError
from grader.judge import engine
from grader.report.json import load_report
from grader.results import Verdict
from typer.testing import CliRunner

from grader import audit as auditing

VERBS = ["release", "audit", "grade", "grade-all", "status", "show", "pack"]


@pytest.fixture
def inside(tiny_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tiny_root)
    return tiny_root


@pytest.fixture
def students(tiny_course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "student"
    write_tree(released_tree(tiny_course, "hw0"), folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> dict:
    """A judge that notes what it was asked and answers with `judge["report"]`, or raises it."""
    asked: dict = {"report": handmade.tiny_report()}

    def grade(source, course, stage_key, **options):
        asked.update(source=source, stage=stage_key, **options)
        if isinstance(asked["report"], BaseException):
            raise asked["report"]
        return asked["report"]

    monkeypatch.setattr(engine, "grade", grade)
    return asked


# Help, mistakes, exit codes


@pytest.mark.parametrize("verb", VERBS)
def test_help_teaches_every_verb_by_example(verb):
    result = CliRunner().invoke(app, [verb, "--help"])
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert f"grader {verb}" in result.output


def test_help_lists_the_verbs_without_loading_what_they_need():
    code = "import sys; from grader.cli import main; main(['--help']); "
    code += "print(sorted({'numpy', 'pydantic', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for verb in VERBS:
        assert f" {verb} " in done.stdout
    assert done.stdout.rstrip().endswith("[]")


def test_the_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert re.fullmatch(r"grader \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grad", "hw0", "."], "grade"),
        (["status", "hw00"], "did you mean hw0?"),
        (["grade", "hw0", ".", "--problem", "totl"], "did you mean total?"),
        (["status", "hw2"], "hw2 is not in this repository yet: it is upcoming; here now: hw0, hw1\n"),
        (["grade", "hw0", ".", "--sandbox", "docker"], "bubblewrap"),
        (["grade", "hw0"], "PATH"),
        (["grade", "hw0", ".", "--seed", "-1"], "no seed"),
        (["grade", "hw0", ".", "--seed", "0xg"], "no seed"),
        (["show"], "--schema"),
        (["show", "missing.json"], "No such file"),
        (["--course", "elsewhere", "status"], "no course.toml"),
    ],
)
def test_a_mistake_is_answered_in_words_with_status_2(inside, judge, capsys, arguments, says):
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert "Traceback" not in printed.err


def test_outside_a_course_the_message_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["status"]) == 2
    assert "--course" in capsys.readouterr().err


def test_a_broken_manifest_is_named_with_its_line(inside, capsys):
    manifest = inside / "hw0/assignment.toml"
    manifest.write_text(manifest.read_text().replace("points = 10", "points = 11"))
    assert main(["status", "hw0"]) == 2
    assert "hw0/assignment.toml:3: the problems' points add up to 4 + 6 = 10" in capsys.readouterr().err


def test_an_internal_error_saves_its_traceback_and_exits_3(inside, judge, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    judge["report"] = RuntimeError("a bug of ours")
    assert main(["grade", "hw0", "."]) == 3
    printed = capsys.readouterr().err
    assert "RuntimeError: a bug of ours" in printed
    assert "Traceback" not in printed
    (saved,) = tmp_path.glob("grader-fault-*.txt")
    assert str(saved) in printed
    assert "Traceback" in saved.read_text()


def test_debug_shows_the_traceback(inside, judge, capsys):
    judge["report"] = RuntimeError("a bug of ours")
    assert main(["--debug", "grade", "hw0", "."]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_one_line_and_130(inside, judge, capsys):
    judge["report"] = KeyboardInterrupt()
    assert main(["grade", "hw0", "."]) == 130
    assert capsys.readouterr().err.strip().splitlines()[-1].startswith("grader: interrupted")


# grade


@pytest.mark.parametrize(
    ("verdict", "score", "code"),
    [(Verdict.AC, 10.0, 0), (Verdict.WA, 7.0, 1), (Verdict.RTE, 4.0, 1), (Verdict.IE, 10.0, 3)],
)
def test_grade_exits_as_the_verdicts_say(inside, judge, capsys, verdict, score, code):
    judge["report"] = handmade.tiny_report(verdict=verdict, score=score)
    assert main(["grade", "hw0", "."]) == code
    assert verdict.meaning.split()[0] in capsys.readouterr().out


def test_points_granted_on_sound_foundations_do_not_make_it_accepted(inside, judge, capsys):
    judge["report"] = handmade.carried()
    assert judge["report"].score == judge["report"].points
    assert main(["grade", "hw0", "."]) == 1
    assert "as it stands" in capsys.readouterr().out
    judge["report"] = handmade.carried(handmade.sound(0.0, Verdict.IE, blame=[]))
    assert main(["grade", "hw0", "."]) == 3


def test_grade_hands_over_what_was_asked(inside, judge, capsys):
    assert (
        main(["grade", "hw0", "hw0", "--problem", "mean", "--problem", "mean", "--seed", "7", "--sandbox", "none"]) == 0
    )
    assert (judge["source"], judge["stage"], judge["problems"], judge["seed"], judge["sandbox"]) == (
        Path("hw0"),
        "hw0",
        ["mean"],
        7,
        "none",
    )
    assert "unconfined" in capsys.readouterr().err
    assert main(["grade", "hw0", "hw0"]) == 0
    assert (judge["problems"], judge["seed"], judge["sandbox"]) == (None, None, "bubblewrap")
    assert main(["grade", "hw0", "hw0", "--seed", hex(1 << 62)]) == 0
    assert judge["seed"] == 1 << 62


def test_a_submission_has_a_name_wherever_the_command_stands(inside, judge, monkeypatch):
    main(["grade", "hw0", "."])
    assert judge["source"].name == inside.name
    monkeypatch.chdir(inside / "hw0")
    main(["grade", "hw0", ".."])
    assert judge["source"].name == inside.name


def test_a_refused_submission_is_a_mistake_not_a_crash(inside, judge, capsys):
    judge["report"] = GraderError("ada.zip: holds a link\x1b[2J, link.py")
    assert main(["grade", "hw0", "."]) == 2
    assert capsys.readouterr().err == "grader: ada.zip: holds a link, link.py\n"


def test_every_format_is_written_for_its_readers(inside, judge, capsys, tmp_path):
    judge["report"] = handmade.tiny_report(verdict=Verdict.RTE, score=4.0)
    names = {"--report": "all.json", "--html": "page.html", "--gradescope": "results.json"}
    outputs = [part for option, name in names.items() for part in (option, str(tmp_path / "new" / name))]
    assert main(["grade", "hw0", ".", *outputs]) == 1
    whole, page, gradescope = [(tmp_path / "new" / name).read_text() for name in names.values()]
    assert load_report(tmp_path / "new" / "all.json") == judge["report"]
    assert "secret 42" in whole
    for for_students in (page, gradescope, capsys.readouterr().out):
        assert "ValueError" in for_students
        assert "secret 42" not in for_students
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(names.values())


def test_json_alone_is_on_standard_output(inside, judge, capsys):
    assert main(["grade", "hw0", ".", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["audience"], data["seed"], data["score"]) == ("student", None, 10.0)
    assert main(["grade", "hw0", ".", "--json", "--audience", "instructor"]) == 0
    assert json.loads(capsys.readouterr().out)["seed"] == 123456789


def test_a_file_that_cannot_be_written_is_a_mistake(inside, judge, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert main(["grade", "hw0", ".", "--html", str(tmp_path / "file" / "page.html")]) == 2
    assert "page.html" in capsys.readouterr().err


@pytest.mark.parametrize(
    "verb", [["release", "hw0", "out"], ["audit"], ["grade", "hw0", "."], ["grade-all", "hw0", ".", "--out", "x"]]
)
def test_a_student_is_told_which_command_is_theirs(students, capsys, verb):
    assert main(verb) == 2
    printed = capsys.readouterr().err
    assert f"`grader {verb[0]}` is a command of the instructors" in printed
    assert "make test-hw" in printed


# status and show


def test_status_works_for_students_and_names_what_is_to_write(students, capsys):
    assert main(["status", "hw0"]) == 0
    printed = capsys.readouterr().out
    assert "Still to write" in printed
    assert "hw0/src/sums.py:" in printed
    assert "make test-hw0 K=total" in printed


def test_status_shows_every_homework_from_a_folder_below(inside, monkeypatch, capsys):
    monkeypatch.chdir(inside / "hw0/src")
    assert main(["status"]) == 0
    printed = capsys.readouterr().out
    assert "hw0  Sums" in printed
    assert "hw1  Squares" in printed


def test_show_reads_a_report_anywhere_and_for_both_audiences(inside, judge, capsys, tmp_path, monkeypatch):
    judge["report"] = handmade.tiny_report(verdict=Verdict.RTE, score=4.0)
    saved = tmp_path / "ada.json"
    main(["grade", "hw0", ".", "--report", str(saved)])
    capsys.readouterr()
    monkeypatch.chdir(tmp_path)
    assert main(["show", str(saved), "--html", str(tmp_path / "ada.html")]) == 0
    theirs = capsys.readouterr().out
    assert "4 of 10 points" in theirs
    assert "secret 42" not in theirs + (tmp_path / "ada.html").read_text()
    assert main(["show", str(saved), "--audience", "instructor"]) == 0
    assert "secret 42" in capsys.readouterr().out


def test_show_prints_the_schema(capsys):
    assert main(["show", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Report"


def test_show_into_a_closed_pipe_is_silent(tmp_path):
    from grader.report.json import dump_report

    problems = [handmade.problem(f"problem_{number}", cases=[handmade.wrong_case()] * 50) for number in range(50)]
    (tmp_path / "ada.json").write_text(dump_report(handmade.report(*problems)))
    command = f"{sys.executable} -c 'from grader.cli import main; raise SystemExit(main())' show ada.json | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == ""


# pack, release and audit


def test_a_student_packs_what_is_handed_in_and_nothing_else(students, capsys):
    assert main(["pack", "hw0", "hw0.tar.gz"]) == 0
    printed = capsys.readouterr()
    with tarfile.open(students / "hw0.tar.gz") as archive:
        assert archive.getnames() == printed.out.split() == ["hw0/src/sums.py"]
    assert "1 file in hw0.tar.gz" in printed.err


def test_release_prints_the_commits_and_the_next_step(inside, monkeypatch, capsys, tmp_path):
    result = releasing.ReleaseResult(tmp_path / "out", "main", {"hw0": "0123456789abcdef"}, 12, "cd out && make status")
    asked = []
    monkeypatch.setattr(releasing, "release", lambda course, key, out: asked.append((key, out)) or result)
    assert main(["release", "hw0", "out"]) == 0
    assert asked == [("hw0", Path("out"))]
    printed = capsys.readouterr().out
    assert "0123456789ab" in printed
    assert "cd out && make status" in printed


@pytest.mark.parametrize("passed", [True, False])
def test_audit_tells_what_holds_and_exits_1_if_something_does_not(inside, monkeypatch, capsys, passed):
    checks = [
        auditing.Check("hw0", "mutants", "forgets.py", True),
        auditing.Check("hw0", "stubs", "mean.submit_x", passed, "see mean.py"),
    ]
    result = auditing.AuditResult([auditing.Coverage("hw0", 2, 2, 3, 1)], checks)
    asked = {}

    def audit(course, keys, **options):
        asked.update(keys=list(keys), **options)
        options["on_task"](1, 2)
        return result

    monkeypatch.setattr(auditing, "audit", audit)
    assert main(["audit", "hw0", "--jobs", "2"]) == (0 if passed else 1)
    assert (asked["keys"], asked["jobs"], asked["sandbox"]) == (["hw0"], 2, "bubblewrap")
    printed = " ".join(capsys.readouterr().out.split())
    assert f"{auditing.KINDS['mutants']} 1 of 1" in printed
    assert ("see mean.py" in printed) is not passed
    assert ("2 of 2 checks hold" if passed else "1 of 2 checks hold") in printed


def test_audit_of_problems_asks_for_these_alone(inside, monkeypatch, capsys):
    asked = {}

    def audit(course, keys, **options):
        asked.update(keys=list(keys), **options)
        return auditing.AuditResult([auditing.Coverage("hw0", 1, 1, 1, 1)])

    monkeypatch.setattr(auditing, "audit", audit)
    assert main(["audit", "hw0", "--problem", "mean", "--problem", "total", "--problem", "mean"]) == 0
    assert (asked["keys"], asked["problems"]) == (["hw0"], ["mean", "total"])
    capsys.readouterr()
    assert main(["audit", "--problem", "mean"]) == 2
    assert "name that, as in `grader audit hw1 --problem forward`" in capsys.readouterr().err
    assert main(["audit", "hw0", "--problem", "meen"]) == 2
    assert "did you mean mean?" in capsys.readouterr().err


def test_audit_without_a_terminal_says_now_and_then_what_it_does(inside, monkeypatch, capsys):
    waited = threading.Event()

    def audit(course, keys, *, watch, **options):
        watch.total = 9

        def task():
            assert waited.wait(30), "no line came"
            return []

        watch.run(auditing.Task("hw0 mean: mutant forgets", task))
        return auditing.AuditResult([auditing.Coverage("hw0", 2, 2, 3, 1)])

    lines = []

    def say(line):
        lines.append(line)
        waited.set()

    monkeypatch.setattr(auditing, "audit", audit)
    monkeypatch.setattr(heartbeat, "SECONDS", 0.01)
    monkeypatch.setattr(heartbeat, "say", say)
    assert main(["audit", "hw0"]) == 0
    assert lines[0] == "audit: 0 of 9 steps done after 0 s; now hw0 mean: mutant forgets (for 0 s)"
    told = len(lines)
    time.sleep(0.05)
    assert len(lines) == told, "the heart beats on after the audit"
