"""The verb `grade-all`, with the judge replaced by a few lines: what is written, what is graded again, what is kept."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import handmade_reports as handmade
import pytest
from grader.cli import main
from grader.cli.batch import names_of
from grader.cli.ledger import source_print
from grader.judge import batch
from grader.report.json import load_report
from grader.results import Verdict


@pytest.fixture
def inside(tiny_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tiny_root)
    return tiny_root


@pytest.fixture
def hand_in(tmp_path: Path) -> Path:
    folder = tmp_path / "submissions"
    for name, text in (("ada", "x = 1"), ("bob", "x = 2"), ("eve", "refuse")):
        (folder / name).mkdir(parents=True)
        (folder / name / "sums.py").write_text(text)
    return folder


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A batch judge that notes whom it graded: `refuse` is refused, `stop` interrupts it, `fault` is a fault."""
    graded: list[str] = []

    def grade_all(folder, course, stage_key, *, sources=None, **options):
        for source in sources if sources is not None else sorted(folder.iterdir()):
            text = (source / "sums.py").read_text()
            if text == "stop":
                raise KeyboardInterrupt
            graded.append(source.name)
            if text == "refuse":
                yield batch.Entry(source.name, source, error="=holds a link")
            else:
                verdict = Verdict.IE if text == "fault" else Verdict.AC
                yield batch.Entry(
                    source.name, source, report=handmade.tiny_report(source.name, verdict, score=4.0 + float(len(text)))
                )

    monkeypatch.setattr(batch, "grade_all", grade_all)
    return graded


def rows(folder: Path, name: str = "grades.csv") -> dict[str, dict[str, str]]:
    with open(folder / name, newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


def test_grade_all_writes_a_report_a_page_and_a_row_for_each(inside, many, hand_in, tmp_path, capsys):
    out = tmp_path / "grades"
    assert main(["grade-all", "hw0", str(hand_in), "--out", str(out)]) == 1
    assert {path.name for path in out.iterdir()} == {
        "ada.json",
        "ada.html",
        "bob.json",
        "bob.html",
        "grades.csv",
        ".ledger",
    }
    assert load_report(out / "ada.json").seed == 123456789
    assert "123456789" not in (out / "ada.html").read_text()
    table = rows(out)
    assert list(table) == ["ada", "bob", "eve"]
    assert (table["ada"]["score"], table["ada"]["mean verdict"]) == ("9.00", "AC")
    assert (table["eve"]["score"], table["eve"]["refusal"]) == ("0.00", "'=holds a link")
    printed = capsys.readouterr().out
    assert "3 graded now" in printed
    assert "eve  =holds a link" in printed


def test_a_second_call_grades_what_changed_and_no_more(inside, many, hand_in, tmp_path, capsys):
    command = ["grade-all", "hw0", str(hand_in), "--out", str(tmp_path / "grades")]
    main(command)
    many.clear()
    main(command)
    assert many == []
    assert "3 unchanged" in capsys.readouterr().out
    assert not (tmp_path / "grades/grades.csv.bak").exists()

    before = rows(tmp_path / "grades")
    (hand_in / "bob/sums.py").write_text("x = 222")
    (hand_in / "new").mkdir()
    (hand_in / "new/sums.py").write_text("x = 3")
    main(command)
    assert many == ["bob", "new"]
    assert rows(tmp_path / "grades", "grades.csv.bak") == before
    after = rows(tmp_path / "grades")
    assert after["bob"]["score"] != before["bob"]["score"]
    assert {name: after[name] for name in ("ada", "eve")} == {name: before[name] for name in ("ada", "eve")}

    many.clear()
    main([*command, "--again"])
    assert many == ["ada", "bob", "eve", "new"]


def test_a_changed_hidden_case_or_solution_grades_everything_again(inside, many, hand_in, tmp_path):
    command = ["grade-all", "hw0", str(hand_in), "--out", str(tmp_path / "grades")]
    for path in ("grader/hidden/hw0/mean.py", "hw0/src/sums.py"):
        main(command)
        many.clear()
        (inside / path).write_text((inside / path).read_text() + "\n# changed\n")
        main(command)
        assert many == ["ada", "bob", "eve"]


def test_a_lost_report_or_a_fault_of_the_grader_is_graded_again(inside, many, hand_in, tmp_path):
    (hand_in / "bob/sums.py").write_text("fault")
    command = ["grade-all", "hw0", str(hand_in), "--out", str(tmp_path / "grades")]
    assert main(command) == 3
    (tmp_path / "grades/ada.json").write_text("{")
    many.clear()
    assert main(command) == 3
    assert many == ["ada", "bob"]


def test_an_interrupted_run_keeps_what_it_has_and_goes_on(inside, many, hand_in, tmp_path, capsys):
    command = ["grade-all", "hw0", str(hand_in), "--out", str(tmp_path / "grades")]
    (hand_in / "bob/sums.py").write_text("stop")
    assert main(command) == 130
    assert list(rows(tmp_path / "grades")) == ["ada"]
    assert load_report(tmp_path / "grades/ada.json").submission.name == "ada"
    assert not list((tmp_path / "grades").rglob("*.part"))
    (hand_in / "bob/sums.py").write_text("x = 2")
    many.clear()
    assert main(command) == 1
    assert many == ["bob", "eve"]
    assert list(rows(tmp_path / "grades")) == ["ada", "bob", "eve"]


def test_rows_of_submissions_that_are_gone_are_kept_and_counted(inside, many, hand_in, tmp_path, capsys):
    command = ["grade-all", "hw0", str(hand_in), "--out", str(tmp_path / "grades")]
    main(command)
    shutil.rmtree(hand_in / "eve")
    capsys.readouterr()
    assert main(command) == 0
    assert list(rows(tmp_path / "grades")) == ["ada", "bob", "eve"]
    assert "keeps 1 row" in capsys.readouterr().out


def test_grades_of_another_homework_are_not_mixed_in(inside, many, hand_in, tmp_path, capsys):
    main(["grade-all", "hw0", str(hand_in), "--out", str(tmp_path / "grades")])
    before = rows(tmp_path / "grades")
    assert main(["grade-all", "hw1", str(hand_in), "--out", str(tmp_path / "grades")]) == 2
    assert "holds grades of hw0" in capsys.readouterr().err
    assert rows(tmp_path / "grades") == before


def test_an_empty_folder_is_a_mistake(inside, many, tmp_path, capsys):
    (tmp_path / "nothing").mkdir()
    assert main(["grade-all", "hw0", str(tmp_path / "nothing"), "--out", str(tmp_path / "grades")]) == 2
    assert "holds no submission" in capsys.readouterr().err
    assert not (tmp_path / "grades").exists()


def test_grades_are_not_written_among_the_submissions(inside, many, hand_in, capsys):
    before = sorted(hand_in.rglob("*"))
    for out in (hand_in, hand_in / "grades"):
        assert main(["grade-all", "hw0", str(hand_in), "--out", str(out)]) == 2
        assert "name a folder elsewhere" in capsys.readouterr().err
    assert sorted(hand_in.rglob("*")) == before


def test_submissions_that_would_share_a_name_keep_their_suffix():
    sources = [Path("in", name) for name in ("ada.zip", "ada", "Bob.tar.gz", "bob.zip", "eve.tar.gz", ".zip")]
    names = names_of(sources)
    assert list(names.values()) == ["ada.zip", "ada", "Bob.tar.gz", "bob.zip", "eve", ".zip"]


def test_a_submissions_print_tells_every_change_from_none(tmp_path):
    def build(folder: Path) -> Path:
        (folder / "a/b").mkdir(parents=True)
        (folder / "a/b/x.py").write_text("one")
        (folder / "a/y.py").write_text("two")
        (folder / "link").symlink_to("a/y.py")
        return folder

    first = source_print(build(tmp_path / "first"))
    assert source_print(build(tmp_path / "second")) == first
    changes = {
        "content": lambda folder: (folder / "a/y.py").write_text("2wo"),
        "name": lambda folder: (folder / "a/y.py").rename(folder / "a/z.py"),
        "place": lambda folder: (folder / "a/y.py").rename(folder / "a/b/y.py"),
        "more": lambda folder: (folder / "new").write_text(""),
        "link": lambda folder: ((folder / "link").unlink(), os.symlink("a/b/x.py", folder / "link")),
        "moved bytes": lambda folder: ((folder / "a/b/x.py").write_text("onet"), (folder / "a/y.py").write_text("wo")),
    }
    prints = {first}
    for name, change in changes.items():
        folder = build(tmp_path / name)
        change(folder)
        prints.add(source_print(folder))
    assert len(prints) == 1 + len(changes)


def test_what_sound_foundations_earn_is_counted(inside, hand_in, tmp_path, monkeypatch, capsys):
    def grade_all(folder, course, stage_key, *, sources=None, **options):
        for source in sources:
            report = handmade.carried() if source.name == "ada" else handmade.tiny_report(source.name)
            yield batch.Entry(source.name, source, report=report)

    monkeypatch.setattr(batch, "grade_all", grade_all)
    assert main(["grade-all", "hw0", str(hand_in), "--out", str(tmp_path / "grades")]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "On sound foundations 1 submission earns more, which counts" in printed
    ada, bob = (rows(tmp_path / "grades")[name] for name in ("ada", "bob"))
    assert (ada["score"], ada["own score"], ada["sound score"]) == ("15.00", "7.50", "15.00")
    assert bob["own score"] == bob["sound score"] == bob["score"]


def test_another_policy_grades_again(inside, many, hand_in, tmp_path):
    command = ["grade-all", "hw0", str(hand_in), "--out", str(tmp_path / "grades")]
    main(command)
    many.clear()
    manifest = inside / "course.toml"
    manifest.write_text(manifest.read_text().replace('name = "tiny"', 'name = "tiny"\ncarry_forward = "own"'))
    main(command)
    assert many == ["ada", "bob", "eve"]
