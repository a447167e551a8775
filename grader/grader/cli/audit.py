"""The verb `audit`: what the hidden cases and public tests are proved to notice, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import GraderError
from . import heartbeat
from .app import REJECTED, Sandbox, app, err, examples, load_course, out, pick_problems, pick_stage, require_hidden
from .author import INSTEAD

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..audit import AuditResult, Coverage, Watch

MOST_FAILURES = 40


@app.command(
    epilog=examples(
        "grader audit",
        "grader audit hw1 --jobs 2",
        "grader audit hw1 --problem forward   (while the others are being written)",
        "grader audit --mutants 5             (in minutes: five mutants of each problem, drawn by --seed)",
        codes="0 everything is proved, 1 something is not",
    )
)
def audit(
    context: typer.Context,
    stages: Annotated[
        list[str] | None, typer.Argument(metavar="[STAGE]...", help="Homeworks, as hw1. All that are here if left out.")
    ] = None,
    problem: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="One problem of one homework alone, without the release; may be repeated."),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Checks run at one time; the processors if left out.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the hidden cases' inputs.")] = 0,
    mutants: Annotated[
        int | None, typer.Option(min=0, help="So many mutants of each problem, drawn by the seed; all if left out.")
    ] = None,
    sandbox: Annotated[
        Sandbox, typer.Option(help="What confines the code; it is the course's own.")
    ] = Sandbox.bubblewrap,
) -> None:
    """Proves that every graded test is worth its points.

    Every case passes on the reference and fails on the stubs; every block's stub and every typical wrong answer is
    noticed by its own problem.
    """
    from rich.console import Group
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ..audit import Watch
    from ..audit import audit as run

    course = load_course(context)
    require_hidden(course, "audit", INSTEAD)
    picked = [pick_stage(course, key) for key in stages or ()]
    if problem and len(picked) != 1:
        raise GraderError("--problem is of one homework: name that, as in `grader audit hw1 --problem forward`")
    problems = (pick_problems(picked[0], problem) if problem else None) or []
    watch, console = Watch(), err()
    columns = (TextColumn("Auditing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ExitStack() as shown:
        progress = shown.enter_context(Progress(*columns, console=console, transient=True))
        task = progress.add_task("audit", total=None)
        if not console.is_terminal:
            shown.enter_context(heartbeat.Heartbeat(lambda seconds: _line(watch, seconds), heartbeat.SECONDS))
        result = run(
            course,
            [stage.key for stage in picked],
            problems=problems,
            jobs=jobs,
            seed=seed,
            most_mutants=mutants,
            sandbox=sandbox.value,
            on_task=lambda done, total: progress.update(task, completed=done, total=total),
            watch=watch,
        )
    out().print(Group(*_parts(result)), highlight=False)
    if not result.passed:
        raise typer.Exit(REJECTED)


def _line(watch: Watch, seconds: float) -> str:
    """How far an audit is, and what has kept it busy longest."""
    running = watch.running()
    line = f"audit: {watch.done} of {watch.total} steps done after {seconds:.0f} s"
    if running:
        label, spent = running[0]
        others = f", and {len(running) - 1} more" if len(running) > 1 else ""
        line += f"; now {label} (for {spent:.0f} s){others}"
    return line


def _parts(result: AuditResult) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    for coverage in result.coverage:
        yield Text()
        yield Padding(Text(coverage.stage, "bold"), (0, 1))
        yield _table(result, coverage)
    failed = [check for check in result.checks if not check.passed]
    yield Text()
    for check in failed[:MOST_FAILURES]:
        yield Padding(
            Text.assemble((f"{check.stage} {check.kind}: ", "red"), check.name, "\n    ", (check.detail, "dim")), (0, 1)
        )
    if len(failed) > MOST_FAILURES:
        yield Padding(Text(f"and {len(failed) - MOST_FAILURES} more", "dim"), (0, 1))
    for (stage, reason), number in Counter((skip.stage, skip.reason) for skip in result.skips).items():
        what = f"{number} public test{'' if number == 1 else 's'} of {stage} cannot run here, so nothing was proved of "
        yield Padding(Text.assemble(what + ("it" if number == 1 else "them"), f": {reason}", style="yellow"), (0, 1))
    summary = f"{len(result.checks) - len(failed)} of {len(result.checks)} checks hold."
    yield Padding(Text(summary, "red" if failed else "green"), (0, 1))
    yield Text()


def _table(result: AuditResult, coverage: Coverage) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from ..audit import KINDS

    table = Table(box=None, padding=(0, 1), show_header=False)
    table.add_column("")
    table.add_column("", min_width=52)
    table.add_column("", justify="right", no_wrap=True)
    rows = [("blocks that belong to a problem", coverage.blocks_in_problems, coverage.blocks)]
    rows += [(meaning, *result.count(coverage.stage, kind)) for kind, meaning in KINDS.items()]
    compiled = any(result.count(coverage.stage, "apart"))
    for meaning, passed, total in rows:
        if meaning == KINDS["apart"] and not compiled:
            continue
        good = passed == total and total > 0
        if meaning == KINDS["mutants"] and total < coverage.mutants:
            meaning += f" (drawn from {coverage.mutants})"
            good = passed == total
        table.add_row(
            Text("✓" if good else "✗", "green" if good else "red"), Text(meaning), Text(f"{passed} of {total}")
        )
    table.add_row("", Text("hidden cases, all together", "dim"), Text(str(coverage.cases), "dim"))
    return table
