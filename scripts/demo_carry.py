"""What a fault in an earlier homework costs in a later one: `make demo-carry`.

A perfect hw2 stands on a hw1 with one planted fault, and on one that nobody has written; a perfect hw4 on C++ of hw3
that is wrong, crashes, does not compile or was left out. Each is graded as it stands and on the course's own earlier
homework; the tables show both scores and the blocks that the judge names. Exits with status 0 only if all points are
kept on sound foundations and the named blocks are those that were planted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.authoring.manifest import Course, find_root
from grader.authoring.mutants import mutants
from grader.authoring.trees import block_owners, blocks_of, reference_tree, stub, with_bodies, write_tree
from grader.errors import GraderError
from grader.judge.engine import Judge
from grader.judge.materials import is_native
from grader.results import Report
from rich.console import Console
from rich.progress import track
from rich.table import Column, Table

ROOT = find_root(Path(__file__))
KERNELS = "ndarray_backend_cpu.cc"


@dataclass(frozen=True)
class Experiment:
    """A perfect `stage` on an `earlier` one with faults.

    mutants: of the earlier stage, one a row. bodies: fault -> a block and what is written there. skipped: what of the
    earlier stage is left out altogether in a last row, in words; native: whether that is its C++ and CUDA only.
    """

    stage: str
    earlier: str
    skipped: str
    native: bool
    mutants: tuple[str, ...]
    bodies: dict[str, dict[str, str]] = field(default_factory=dict)


EXPERIMENTS = (
    Experiment(
        stage="hw2",
        earlier="hw1",
        skipped="nothing of hw1 is written",
        native=False,
        mutants=("divide_sign", "broadcast_gradient_mean", "topo_pre_order"),
    ),
    Experiment(
        stage="hw4",
        earlier="hw3",
        skipped="none of hw3's C++ is written",
        native=True,
        mutants=("cpu_compact_offset_forgotten", "cpu_matmul_remainder_dropped"),
        bodies={
            "crashes": {f"{KERNELS}:EwiseMul": "*(volatile scalar_t*)8 = a.ptr[0];"},
            "does not compile": {f"{KERNELS}:ReduceMax": "return the largest;"},
        },
    ),
)


def main() -> int:
    console = Console()
    course = Course.load(ROOT)
    right = True
    with Judge(course) as judge:
        for experiment in EXPERIMENTS:
            table, as_planted = carried_out(judge, course, experiment)
            console.print(table)
            right &= as_planted
    return 0 if right else 1


def carried_out(judge: Judge, course: Course, experiment: Experiment) -> tuple[Table, bool]:
    """A row for each fault, and whether the judge found all of them and took no points."""
    stage, earlier = experiment.stage, experiment.earlier
    known = {mutant.name: mutant for mutant in mutants(course, course.stage(earlier))}
    works = {known[name].error: {known[name].block: known[name].body} for name in experiment.mutants}
    works |= experiment.bodies
    works[experiment.skipped] = stubs(course, earlier, native=experiment.native)
    named_blocks = Column("the judge names", no_wrap=True)
    table = Table(f"fault planted in {earlier}", "as it is", "on ours", "counts", named_blocks, "s")
    table.title = f"A perfect {stage}, of {course.stage(stage).points:g} points"
    table.title_justify = "left"
    right = True
    for fault, bodies in track(list(works.items()), f"grading {stage}"):
        started = time.perf_counter()
        report = grade(judge, course, stage, bodies)
        named = blamed(report)
        as_planted = named == set(bodies) if len(bodies) == 1 else named <= set(bodies) and bool(named)
        sound = report.sound_score == report.points == report.score
        right &= as_planted and sound and report.own_score < report.points
        scores = (f"{score:.1f}" for score in (report.own_score, report.sound_score, report.score))
        names = [name.rpartition(":")[2] for name in sorted(named)]
        names = names if len(names) <= 3 else [f"{len(names)} empty blocks"]
        mark = "" if as_planted and sound else " [red](not as planted)"
        table.add_row(fault, *scores, "\n".join(names) + mark, f"{time.perf_counter() - started:.1f}")
    return table, right


def stubs(course: Course, stage: str, *, native: bool) -> dict[str, str]:
    """Every block of a stage as a release has it. native: those in C++ and CUDA only."""
    owners = block_owners(course)
    return {
        name: stub(block, owners[name])
        for name, block in blocks_of(course, reference_tree(course, stage)).items()
        if owners[name].stage.key == stage and (is_native(block.path) or not native)
    }


def grade(judge: Judge, course: Course, stage: str, bodies: Mapping[str, str]) -> Report:
    """The report of a work that is the course's own but for some bodies."""
    with tempfile.TemporaryDirectory(prefix="needle-carry-") as folder:
        write_tree(with_bodies(reference_tree(course, stage), bodies), Path(folder))
        return judge.grade(Path(folder), stage)


def blamed(report: Report) -> set[str]:
    """The blocks that the report names as the cause of what was lost."""
    return {blame.name for problem in report.problems if problem.sound for blame in problem.sound.blame}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GraderError as error:
        sys.exit(f"make demo-carry: {error}")
