"""The verb `audit`: what the hidden cases and public tests are proved to notice, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from .app import REJECTED, Sandbox, app, err, examples, load_course, out, pick_stage, require_hidden
from .author import INSTEAD

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..audit import AuditResult, Coverage

MOST_FAILURES = 40


@app.command(
    epilog=examples("grader audit", "grader audit hw1 --jobs 2", codes="0 everything is proved, 1 something is not")
)
def audit(
    context: typer.Context,
    stages: Annotated[
        list[str] | None, typer.Argument(metavar="[STAGE]...", help="Homeworks, as hw1. All that are here if left out.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Checks run at one time; the processors if left out.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the hidden cases' inputs.")] = 0,
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

    from ..audit import audit as run

    course = load_course(context)
    require_hidden(course, "audit", INSTEAD)
    keys = [pick_stage(course, key).key for key in stages or ()]
    columns = (TextColumn("Auditing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err(), transient=True) as progress:
        task = progress.add_task("audit", total=None)
        result = run(
            course,
            keys,
            jobs=jobs,
            seed=seed,
            sandbox=sandbox.value,
            on_task=lambda done, total: progress.update(task, completed=done, total=total),
        )
    out().print(Group(*_parts(result)), highlight=False)
    if not result.passed:
        raise typer.Exit(REJECTED)


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
        table.add_row(
            Text("✓" if good else "✗", "green" if good else "red"), Text(meaning), Text(f"{passed} of {total}")
        )
    table.add_row("", Text("hidden cases, all together", "dim"), Text(str(coverage.cases), "dim"))
    return table
