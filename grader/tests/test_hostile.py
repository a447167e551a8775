"""Every attack of the corpus gets its verdict, harms nobody else and leaves nothing behind."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from grader.authoring.trees import reference_tree, write_tree
from grader.judge.engine import Judge
from grader.results import ProblemResult, Report, Verdict
from judge_course import MARKER, VICTIM, make_course

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CORPUS = Path(__file__).parent / "hostile"
PLANTED = ".planted"


@dataclass(frozen=True)
class Attack:
    name: str
    verdicts: tuple[Verdict, ...]
    score: float = 0.0
    unboxed: Verdict | None = None

    def files(self, root: Path, mark: Path) -> dict[str, bytes]:
        """The files that it hands in, with its places filled in.

        Those in a folder carry a suffix that comes off here: pytest, Python and pip run files by such names unasked.
        """
        folder, file = CORPUS / self.name, CORPUS / f"{self.name}.py"
        if folder.is_dir():
            planted = folder.rglob(f"*{PLANTED}")
            found = {path.relative_to(folder).as_posix().removesuffix(PLANTED): path for path in planted}
        else:
            found = {VICTIM: file}
        places = {b"@ROOT@": str(root).encode(), b"@MARK@": str(mark).encode()}
        files = {}
        for path, source in found.items():
            content = source.read_bytes()
            for name, place in places.items():
                content = content.replace(name, place)
            files[path] = content
        return files


def attacks() -> list[Attack]:
    rows = tomllib.loads((CORPUS / "corpus.toml").read_text())
    return [
        Attack(
            name,
            tuple(Verdict(verdict) for verdict in row["verdicts"]),
            row.get("score", 0.0),
            Verdict(row["unboxed"]) if "unboxed" in row else None,
        )
        for group in rows.values()
        for name, row in group.items()
    ]


ATTACKS = attacks()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("judged") / "course"


@pytest.fixture(scope="module")
def judge(root: Path):
    with Judge(make_course(root)) as judge:
        yield judge


@pytest.fixture(autouse=True)
def traceable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A secret to look for, and boxes that can be told from those of other judges on this machine."""
    monkeypatch.setenv("GRADER_SECRET", "a-secret-of-the-test")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def hand_in(attack: Attack, judge: Judge, tmp_path: Path) -> tuple[Report, Path]:
    mark = tmp_path / "mark"
    tree = reference_tree(judge.course, "hw0") | attack.files(judge.course.root, mark)
    (tmp_path / "submission").mkdir()
    write_tree(tree, tmp_path / "submission")
    return judge.grade(tmp_path / "submission", "hw0", seed=20260101), mark


def test_the_corpus_is_complete():
    """Each file is in the manifest and each row of the manifest has its file."""
    here = {path.stem for path in CORPUS.iterdir() if path.suffix == ".py" or (path.is_dir() and path.name[0] != "_")}
    assert {attack.name for attack in ATTACKS} == here
    plain = [path for folder in CORPUS.iterdir() if folder.is_dir() for path in folder.rglob("*") if path.is_file()]
    assert [path for path in plain if path.suffix != PLANTED] == [], "a tool may run such a file by its name"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack(attack: Attack, judge: Judge, tmp_path: Path):
    before = groups()
    report, mark = hand_in(attack, judge, tmp_path)
    victim, *others = report.problems
    assert victim.verdict in attack.verdicts, explain(victim)
    assert victim.score == pytest.approx(attack.score * victim.points), explain(victim)
    for other in others:
        assert other.verdict is Verdict.AC, explain(other)
        assert other.score == other.points
    assert not mark.exists(), "the attack wrote to the machine"
    assert MARKER not in report.for_student().model_dump_json(), "a student would read the hidden case"
    assert groups() == before, "a control group was left behind"
    assert leftovers(tmp_path) == [], "a process was left behind"
    left = [path.name for path in tmp_path.glob("grader-*") if "reference" not in path.name]  # the judge's own stays
    assert left == [], "a temporary folder was left behind"


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack.unboxed], ids=lambda attack: attack.name)
def test_attack_would_work_without_a_box(attack: Attack, root: Path, tmp_path: Path, judge: Judge):
    """The attacks whose failure is a right answer do succeed where nothing confines them."""
    with Judge(judge.course, sandbox="none") as unboxed:
        report, _ = hand_in(attack, unboxed, tmp_path)
    assert report.problems[0].verdict is attack.unboxed, explain(report.problems[0])


def explain(problem: ProblemResult) -> str:
    return f"{problem.key}: {problem.verdict.value} {problem.score}: {problem.note}\n{problem.cases}\n{problem.output}"


def groups() -> set[Path]:
    """The control groups of this process's boxes."""
    return set(Path("/sys/fs/cgroup").rglob(f"grader-{os.getpid()}-*"))


def leftovers(folder: Path) -> list[str]:
    """Living processes that see something of `folder`, as every box of this test does."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"{folder.name}/grader-" in (entry / "mountinfo").read_text():
                found.append(entry.name)
        except OSError:
            continue
    return found
