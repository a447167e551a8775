"""The whole path of a submission, with a student who makes three mistakes: `make demo`.

Releases hw0 and hw1 into a temporary folder, fills every block there as the reference does but for two that are wrong
and one that is left empty, runs the public tests as the student would, grades the work in the box and shows the report.
Exits with status 0 only if every score is exactly what the three mistakes imply: a problem's points times the share of
its values that do not depend on a mistake.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.manifest import Course, find_root
from grader.authoring.release import release
from grader.authoring.trees import blocks_of, reference_tree, released_tree, with_bodies, write_tree
from grader.errors import GraderError
from grader.files import write_atomically
from grader.judge.engine import grade
from grader.report.json import dump_report
from grader.report.page import render_page
from grader.report.terminal import print_report
from grader.results import Report
from needle_data import find
from needle_data.registry import load_registry
from rich.console import Console

ROOT = find_root(Path(__file__))


@dataclass(frozen=True)
class Mistake:
    """What the student got wrong in a block of hw1. body: what they wrote there; None: nothing.

    costs: problem -> hidden case -> how many of its values depend on the block; None: all of them.
    """

    block: str
    what: str
    body: str | None
    costs: dict[str, dict[str, int | None]]


MISTAKES = (
    Mistake(
        block="needle.ops.ops_mathematic:PowerScalar.gradient",
        what="wrong: forgets that the exponent falls by one",
        body="return out_grad * node.inputs[0] ** self.scalar * self.scalar",
        costs={"backward": {"submit_power_scalar": None}},
    ),
    Mistake(
        block="hw1/apps/simple_ml.py:nn_epoch",
        what="wrong: climbs the loss instead of descending it",
        body="""
            for first in range(0, X.shape[0], batch):
                last = min(first + batch, X.shape[0])
                one_hot = ndl.init.one_hot(W2.shape[1], y[first:last], dtype=W1.dtype)
                hidden = ndl.relu(ndl.Tensor(X[first:last], dtype=W1.dtype) @ W1)
                softmax_loss(hidden @ W2, one_hot).backward()
                W1, W2 = (ndl.Tensor(W.numpy() + lr * W.grad.numpy()) for W in (W1, W2))
            return W1, W2
        """,
        costs={
            "nn_epoch": {
                "submit_one_step": None,
                "submit_minibatches": None,
                "submit_short_minibatch": None,
                "submit_defaults": None,
                "submit_two_epochs": None,
                "submit_float32": None,
                "submit_leaves": 1,  # leaves they are
                "submit_dead_units": None,
            }
        },
    ),
    Mistake(
        block="needle.ops.ops_mathematic:EWisePow.compute",
        what="left empty",
        body=None,
        costs={"forward": {"submit_power": None}, "backward": {"submit_power": None}},
    ),
)


def main() -> int:
    console = Console()
    course = Course.load(ROOT)
    folder = Path(tempfile.mkdtemp(prefix="needle-demo-"))
    student = folder / "student"

    console.rule("[bold]1. Release hw0 and hw1 as a student repository")
    for stage in ("hw0", "hw1"):
        result = release(course, stage, student)
        console.print(f"{stage}: {result.files} files, commit {' '.join(sha[:10] for sha in result.commits.values())}")

    console.rule("[bold]2. A student fills every block, with three mistakes")
    fill(course, student)
    for mistake in MISTAKES:
        console.print(f"[yellow]{mistake.block}[/]: {mistake.what}")

    console.rule("[bold]3. The student runs the public tests: make test-hw1")
    tests_failed = run_public_tests(student)

    console.rule("[bold]4. The work is graded in the box")
    reports = {stage: grade(student, course, stage) for stage in ("hw0", "hw1")}
    for stage, report in reports.items():
        print_report(report.for_student(), console)
        page = folder / f"{stage}.html"
        write_atomically(page, render_page(report.for_student()))
        write_atomically(folder / f"{stage}.json", dump_report(report))
        console.print(f"The same as a page: {page}")

    console.rule("[bold]5. Are the scores what the mistakes imply?")
    right = tests_failed
    if not tests_failed:
        console.print("[red]make test-hw1 should have failed, and did not")
    for report in reports.values():
        right &= scores_are_as_implied(report, console)
    return 0 if right else 1


def fill(course: Course, student: Path) -> None:
    """Write the reference's bodies into the student's files, except for the mistakes."""
    reference = blocks_of(course, reference_tree(course, "hw1"))
    bodies = {name: block.body for name, block in reference.items()}
    for mistake in MISTAKES:
        if mistake.body is None:
            del bodies[mistake.block]
        else:
            bodies[mistake.block] = mistake.body
    stubs = released_tree(course, "hw1")
    filled = with_bodies(stubs, bodies)
    write_tree({path: content for path, content in filled.items() if content != stubs[path]}, student)


def run_public_tests(student: Path) -> bool:
    """Whether `make test-hw1` fails in the student's repository, which borrows this one's .venv to save a minute."""
    binaries = Path(sys.executable).parent
    environment = dict(os.environ)
    data = find(*load_registry()["mnist"].names, root=ROOT)
    if data is not None:
        environment["NEEDLE_DATA"] = str(data)  # the student's repository lies elsewhere
    command = ["make", "--no-print-directory", "test-hw1", f"BIN={binaries}", "READY="]
    return subprocess.run(command, cwd=student, env=environment).returncode != 0


def scores_are_as_implied(report: Report, console: Console) -> bool:
    """Compare each problem's score with the points times the share of values that no mistake costs; print both."""
    right = True
    for problem in report.problems:
        costs: dict[str, int | None] = {}
        for mistake in MISTAKES if report.stage == "hw1" else ():
            costs |= mistake.costs.get(problem.key, {})
        totals = {case.name: case.total for case in problem.cases}
        lost = sum(totals[name] if values is None else values for name, values in costs.items())
        implied = problem.points * (1 - lost / sum(totals.values()))
        same = abs(implied - problem.score) < 1e-6
        right &= same
        mark = "[green]as implied" if same else f"[red]but the mistakes imply {implied:.2f}"
        console.print(f"{report.stage} {problem.key:<30} {problem.score:6.2f} of {problem.points:g}  {mark}")
    return right


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GraderError as error:
        sys.exit(f"make demo: {error}")
