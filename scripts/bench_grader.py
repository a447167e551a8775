"""How fast grading is: `make bench-grader`.

Every figure is a ratio measured in one run, ours and the peer in turn, medians of several rounds after a warm-up;
absolute times mean nothing on a shared machine. Each round grades a submission that has never been seen, so that
nothing is cached.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from grader.authoring.manifest import Course, find_root
from grader.authoring.trees import editable_files, reference_tree, write_tree
from grader.judge.batch import grade_all
from grader.judge.engine import grade
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = find_root(Path(__file__))
STAGE = "hw1"
ROUNDS = 7
SUBMISSIONS = 50

# The peer runs the same cases in one bare process: no sandbox, no comparison, no report.
PEER = """
import importlib.util, inspect, random, sys, types
from pathlib import Path
import numpy as np
import pytest

client = types.ModuleType("mugrade")
client.submit = lambda value, **tolerances: None
sys.modules["mugrade"] = client
FOLDER = Path({folder!r})


def cases():
    for path in sorted(FOLDER.glob("*.py")):
        spec = importlib.util.spec_from_file_location("cases_" + path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name in dir(module):
            if name.startswith("submit_") and not inspect.signature(getattr(module, name)).parameters:
                yield pytest.param(getattr(module, name), id=path.stem + "." + name)


@pytest.mark.parametrize("case", list(cases()))
def test_case(case):
    np.random.seed(1)
    random.seed(1)
    case()
"""


def main() -> int:
    console = Console()
    course = Course.load(ROOT)
    with tempfile.TemporaryDirectory(prefix="bench-grader-") as scratch:
        folder = Path(scratch)
        console.print(
            f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        )
        table = Table("work", "ours", "peer", "ratio", "bound", title="Grading, medians", title_justify="left")
        for row in (*one_submission(course, folder), many_submissions(course, folder), second_grading(course, folder)):
            table.add_row(*row)
        console.print(table)
    return 0


def one_submission(course: Course, folder: Path) -> list[tuple[str, ...]]:
    """Submission bytes to report beside the same cases under bare pytest; by call, and as a whole command."""
    command = [str(Path(sys.executable).parent / "grader"), "grade", STAGE]
    peer = peer_command(course, folder)
    calls, commands, peers = [], [], []
    for number in track(range(ROUNDS + 1), "one submission"):
        by_call = submission(course, folder / f"call-{number}.zip")
        by_command = submission(course, folder / f"command-{number}.zip")
        calls.append(seconds(lambda source=by_call: grade(source, course, STAGE, cache_dir=folder / "cache")))
        peers.append(seconds(lambda: run(peer)))
        commands.append(seconds(lambda source=by_command: run([*command, str(source)])))
        peers.append(seconds(lambda: run(peer)))
    ours, whole, theirs = (statistics.median(times) for times in (calls[1:], commands[1:], peers[2:]))
    return [
        row("one hw1 submission, bytes to report", ours, "bare pytest", theirs, "<= 2", ours / theirs),
        row("the same, as the command `grader grade`", whole, "bare pytest", theirs, "", whole / theirs),
    ]


def many_submissions(course: Course, folder: Path) -> tuple[str, ...]:
    """A folder of submissions on one worker beside the same number on two."""
    times: dict[int, list[float]] = {1: [], 2: []}
    for round_ in track(range(3), "many submissions"):
        for workers in times:
            batch = folder / f"batch-{round_}-{workers}"
            batch.mkdir()
            for number in range(SUBMISSIONS):
                submission(course, batch / f"student-{number}.zip")
            start = time.perf_counter()
            entries = list(grade_all(batch, course, STAGE, workers=workers, cache_dir=folder / "cache"))
            times[workers].append(time.perf_counter() - start)
            assert len(entries) == SUBMISSIONS, "a submission was lost"
    one, two = statistics.median(times[1]), statistics.median(times[2])
    return row(f"{SUBMISSIONS} submissions on two workers", two, "one worker", one, ">= 1.8 x as fast", one / two)


def second_grading(course: Course, folder: Path) -> tuple[str, ...]:
    """The same submission again: its expected values are not computed anew."""
    firsts, seconds_ = [], []
    for number in track(range(ROUNDS), "a second grading"):
        source = submission(course, folder / f"again-{number}.zip")
        for times in (firsts, seconds_):
            times.append(seconds(lambda source=source: grade(source, course, STAGE, cache_dir=folder / "cache")))
    first, second = statistics.median(firsts), statistics.median(seconds_)
    return row("the same submission again", second, "the first time", first, "", second / first)


def submission(course: Course, path: Path) -> Path:
    """A full solution as a zip whose bytes nobody has handed in before."""
    tree = reference_tree(course, STAGE)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in editable_files(course, STAGE):
            comment = f"\n# {path}\n".encode() if name.endswith(".py") else b""
            archive.writestr(name, tree[name] + comment)
    return path


def peer_command(course: Course, folder: Path) -> list[str]:
    """Bare pytest on the hidden cases of the stage, in one process."""
    root = folder / "peer"
    write_tree(reference_tree(course, STAGE), root)
    test = root / "test_peer.py"
    test.write_text(PEER.format(folder=str(course.root / "grader/hidden" / STAGE)), encoding="utf-8")
    (root / "conftest.py").unlink()
    os.environ["PYTHONPATH"] = os.pathsep.join(str(root / path) for path in course.stage(STAGE).python_path)
    return [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", str(test)]


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def row(work: str, ours: float, peer: str, theirs: float, bound: str, ratio: float) -> tuple[str, ...]:
    return work, f"{ours:.3f} s", f"{theirs:.3f} s ({peer})", f"{ratio:.2f}", bound


if __name__ == "__main__":
    sys.exit(main())
