"""What a fault in hw1 costs in hw2: `make demo-carry`.

A perfect hw2 stands on a hw1 with one planted fault, and on one that nobody has written. Each is graded as it stands
and on the course's hw1; the table shows both scores and the block that the judge names. Exits with status 0 only if hw2
keeps all its points on sound foundations and the named blocks are those that were planted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from grader.authoring.manifest import Course, find_root
from grader.authoring.mutants import mutants
from grader.authoring.trees import block_owners, blocks_of, reference_tree, stub, with_bodies, write_tree
from grader.errors import GraderError
from grader.judge.engine import Judge
from grader.results import Report
from rich.console import Console
from rich.progress import track
from rich.table import Column, Table

ROOT = find_root(Path(__file__))
STAGE, EARLIER = "hw2", "hw1"
FAULTS = ("divide_sign", "broadcast_gradient_mean", "topo_pre_order")  # mutants of hw1


def main() -> int:
    console = Console()
    course = Course.load(ROOT)
    known = {mutant.name: mutant for mutant in mutants(course, course.stage(EARLIER))}
    works: dict[str, dict[str, str]] = {known[name].error: {known[name].block: known[name].body} for name in FAULTS}
    works["nothing of hw1 is written"] = stubs(course)
    named_blocks = Column("the judge names", no_wrap=True)
    table = Table("fault planted in hw1", "as it is", "on ours", "counts", named_blocks, "s")
    table.title, table.title_justify = f"A perfect {STAGE}, of 100 points", "left"
    right = True
    with Judge(course) as judge:
        for fault, bodies in track(list(works.items()), "grading"):
            started = time.perf_counter()
            report = grade(judge, course, bodies)
            named = blamed(report)
            as_planted = named == set(bodies) if len(bodies) == 1 else named <= set(bodies) and bool(named)
            sound = report.sound_score == report.points == report.score
            right &= as_planted and sound and report.own_score < report.points
            scores = (f"{score:.1f}" for score in (report.own_score, report.sound_score, report.score))
            names = [name.rpartition(":")[2] for name in sorted(named)]
            names = names if len(names) <= 3 else [f"{len(names)} empty blocks"]
            mark = "" if as_planted and sound else " [red](not as planted)"
            table.add_row(fault, *scores, "\n".join(names) + mark, f"{time.perf_counter() - started:.1f}")
    console.print(table)
    return 0 if right else 1


def stubs(course: Course) -> dict[str, str]:
    """Every block of hw1 as a release has it."""
    owners = block_owners(course)
    blocks = blocks_of(course, reference_tree(course, EARLIER))
    return {name: stub(block, owners[name]) for name, block in blocks.items() if owners[name].stage.key == EARLIER}


def grade(judge: Judge, course: Course, bodies: Mapping[str, str]) -> Report:
    """The report of a work that is the course's own but for some bodies."""
    with tempfile.TemporaryDirectory(prefix="needle-carry-") as folder:
        write_tree(with_bodies(reference_tree(course, STAGE), bodies), Path(folder))
        return judge.grade(Path(folder), STAGE)


def blamed(report: Report) -> set[str]:
    """The blocks that the report names as the cause of what was lost."""
    return {blame.name for problem in report.problems if problem.sound for blame in problem.sound.blame}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GraderError as error:
        sys.exit(f"make demo-carry: {error}")
