"""The verbs that only look: `status` and `show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import GraderError
from .app import Audience, app, err, examples, load_course, out, pick_stage, say, state_of

if TYPE_CHECKING:
    from rich.status import Status


@app.command(epilog=examples("grader status", "grader status hw1"))
def status(
    context: typer.Context,
    stages: Annotated[
        list[str] | None, typer.Argument(metavar="[STAGE]...", help="Homeworks, as hw1. All that are here if left out.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1.0, help="Seconds for all public tests of one problem.")] = 60.0,
) -> None:
    """Shows, for each problem, which blocks are filled and which public tests pass."""
    from ..authoring import status as read
    from ..report.status import print_status

    course = load_course(context)
    chosen = [pick_stage(course, key) for key in stages] if stages else list(course.stages)
    if not chosen:
        raise GraderError(f"no homework is in {course.root} yet")
    console, remarks = out(), err()
    for stage in chosen:
        waiting = {problem.key for problem in stage.problems}
        with remarks.status(f"Testing {stage.key}") as spinner:

            def done(key: str, waiting: set[str] = waiting, spinner: Status = spinner, name: str = stage.key) -> None:
                waiting.discard(key)
                spinner.update(f"Testing {name}: {len(waiting)} to go")

            found = read.status(course, stage.key, timeout=timeout, on_done=done)
        print_status(found, console)


@app.command(epilog=examples("grader show ada.json", "grader show ada.json --html ada.html", "grader show --schema"))
def show(
    context: typer.Context,
    report: Annotated[
        Path | None, typer.Argument(metavar="REPORT.json", help="A report that `grade --report` or `grade-all` wrote.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as one HTML page as well.")] = None,
    audience: Annotated[Audience, typer.Option(help="Whose eyes it is for.")] = Audience.student,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of reports and stop.")] = False,
) -> None:
    """Shows a report that was saved as JSON."""
    from ..report import json as reports

    if schema:
        typer.echo(reports.schema(), nl=False)
        return
    if report is None:
        raise typer.BadParameter("name the report to show (or ask for --schema)", param_hint="REPORT.json")
    from ..report.terminal import print_report

    loaded = reports.load_report(report)
    if audience is Audience.student:
        loaded = loaded.for_student()
    elif loaded.audience == "student":
        say(f"{report} was written for students: what only instructors see is not in it")
    files = _files_of(context, loaded.stage)
    if html is not None:
        from ..files import write_atomically
        from ..report.page import render_page

        write_atomically(html, render_page(loaded, files=files))
        say(f"wrote {html}")
    print_report(loaded, out(), files=files)


def _files_of(context: typer.Context, stage_key: str) -> dict[str, tuple[str, ...]] | None:
    """Where the blocks of a stage stand, if the course is at hand: a report can be read anywhere."""
    from ..authoring.status import block_files

    try:
        course = load_course(context)
        return block_files(course.root, course.stage(stage_key))
    except GraderError:
        if state_of(context).course is not None:
            raise
        return None
