"""The verb `grade-all`: a folder of submissions to a folder of reports and a table."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import GraderError
from .app import CODES, FAULT, REJECTED, Sandbox, app, err, examples, load_course, out, pick_stage, require_hidden, say
from .grade import NO_SANDBOX

if TYPE_CHECKING:
    from ..judge.batch import Entry
    from .ledger import Ledger

TABLE_EVERY = 2.0  # seconds between two writings of the table; the reports themselves are written at once

_SUFFIXES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".txz", ".tar", ".zip", ".bundle", ".git")


@app.command(
    name="grade-all",
    epilog=examples(
        "grader grade-all hw1 submissions/ --out grades/",
        "grader grade-all hw1 submissions/ --out grades/ --workers 8",
        codes=CODES,
    ),
)
def grade_all(
    context: typer.Context,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="The homework, as hw1.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Holds one folder or archive for each submission.")],
    into: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where NAME.json, NAME.html and grades.csv go.")],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Submissions graded at one time; the processors if left out.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Grade everything anew, also what has not changed.")] = False,
    sandbox: Annotated[Sandbox, typer.Option(help="What confines the submissions' code.")] = Sandbox.bubblewrap,
) -> None:
    """Grades every submission in a folder, and only those that changed if some were graded before.

    NAME.json is the whole report, for instructors; NAME.html is the student's page; grades.csv is the table, one row a
    submission. Stopped half-way, the command goes on where it was.
    """
    from ..authoring.status import block_files
    from ..judge.batch import grade_all as run
    from ..judge.batch import submissions
    from .ledger import TABLE, Ledger, course_print, source_print

    course = load_course(context)
    require_hidden(course, "grade-all", f"`make test-{stage}` to test your work")
    chosen = pick_stage(course, stage)
    if folder.resolve() in (into.resolve(), *into.resolve().parents):
        raise GraderError(
            f"--out {into} lies in {folder}, where it would be taken for a submission; name a folder elsewhere"
        )
    sources = submissions(folder)
    if sandbox is Sandbox.none:
        say(NO_SANDBOX)
    ledger = Ledger(into, chosen, course_print(course, chosen), block_files(course.root, chosen))
    names, prints = names_of(sources), {source: source_print(source) for source in sources}
    to_do = [source for source in sources if again or not ledger.is_current(names[source], prints[source])]
    try:
        if to_do:
            graded = run(folder, course, chosen.key, sources=to_do, workers=workers, sandbox=sandbox.value)
            with closing(graded) as entries:
                _keep(entries, ledger, names, prints, total=len(to_do))
    finally:
        ledger.write_table()
    _summarise(ledger, list(names.values()), graded=len(to_do), table=into / TABLE)


def _keep(
    entries: Iterable[Entry], ledger: Ledger, names: dict[Path, str], prints: dict[Path, str], *, total: int
) -> None:
    """Write each submission's files as it is graded, and the table now and then."""
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from ..report.table import Row
    from ..report.text import one_line

    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    written = time.monotonic()
    with Progress(*columns, console=err(), transient=True) as progress:
        task = progress.add_task("", total=total)
        for entry in entries:
            name = names[entry.source]
            ledger.add(Row(name, entry.report, entry.error), prints[entry.source])
            progress.update(task, advance=1, description=escape(one_line(name, 40)))
            if time.monotonic() - written > TABLE_EVERY:
                ledger.write_table()
                written = time.monotonic()


def names_of(sources: Sequence[Path]) -> dict[Path, str]:
    """What each submission's files are called: its name, without the archive's suffix unless two would be the same."""
    short = {source: _without_suffix(source.name) for source in sources}
    taken = Counter(name.casefold() for name in short.values())
    return {source: name if taken[name.casefold()] == 1 else source.name for source, name in short.items()}


def _without_suffix(name: str) -> str:
    suffix = next((suffix for suffix in _SUFFIXES if name.casefold().endswith(suffix) and len(name) > len(suffix)), "")
    return name[: len(name) - len(suffix)]


def _summarise(ledger: Ledger, names: Sequence[str], *, graded: int, table: Path) -> None:
    """Print what came of it. Raises typer.Exit: with the command's exit code, unless all are accepted."""
    from rich.table import Table
    from rich.text import Text

    from ..report.text import count, number, one_line

    rows = [ledger.rows[name] for name in names]
    reports = [row.report for row in rows if row.report is not None]
    refused = [row for row in rows if row.report is None]
    faults = [row for row in rows if row.report is not None and row.report.internal_error]
    accepted = sum(report.accepted for report in reports)
    console = out()
    grid = Table.grid(padding=(0, 2))
    grid.add_row(
        "Submissions", f"{len(rows)}: {graded} graded now, {len(rows) - graded} unchanged since an earlier run"
    )
    grid.add_row("All accepted", f"{accepted}")
    if reports:
        middle = number(statistics.median(report.score for report in reports))
        grid.add_row("Median", f"{middle} of {number(ledger.stage.points)} points")
    carried = sum(report.sound_score > report.own_score for report in reports)
    if carried:
        policy = reports[0].carry_forward
        counts = "which counts" if policy == "sound" else "which does not count"
        grid.add_row("On sound foundations", f"{count(carried, 'submission earns', 'submissions earn')} more, {counts}")
    grid.add_row("Table", Text(str(table)))
    earlier = len(ledger.rows) - len(rows)
    if earlier > 0:
        grid.add_row("", f"It keeps {count(earlier, 'row')} of submissions that are not in this folder.")
    console.print(grid)
    for title, some in (
        ("Refused:", refused),
        ("A fault of the grader; run the command again to grade them again:", faults),
    ):
        if some:
            console.print(Text(f"\n{title}", "bold"))
            for row in some:
                console.print(Text(f"  {one_line(row.name, 60)}  {one_line(row.refusal or '', 400)}"), soft_wrap=True)
    if faults:
        raise typer.Exit(FAULT)
    if accepted < len(rows):
        raise typer.Exit(REJECTED)
