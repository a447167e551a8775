"""The verb `grade`: one submission to one report, in as many formats as are asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import (
    CODES,
    FAULT,
    REJECTED,
    Audience,
    Sandbox,
    app,
    err,
    examples,
    load_course,
    out,
    pick_problems,
    pick_stage,
    require_hidden,
    say,
)

if TYPE_CHECKING:
    from ..results import Report

NO_SANDBOX = (
    "--sandbox none: the submission's code runs with your own rights, unconfined; do this only with code that you trust"
)


def parse_seed(text: str) -> int:
    """A seed as it is printed: decimal, or hexadecimal after 0x as in grades.csv."""
    try:
        seed = int(text, 0)
    except ValueError:
        seed = -1
    if not 0 <= seed < 1 << 63:
        raise typer.BadParameter(
            f"{text!r} is no seed; expected a number from 0 to {(1 << 63) - 1}, or one in hexadecimal after 0x"
        )
    return seed


@app.command(
    epilog=examples(
        "grader grade hw1 ada.zip",
        "grader grade hw1 ada/ --problem forward",
        "grader grade hw1 ada.zip --report ada.json --html ada.html",
        "grader grade hw1 ada.zip --seed 7 --audience instructor",
        codes=CODES,
    )
)
def grade(
    context: typer.Context,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="The homework, as hw1.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder, a zip, a tar or a git repository.")],
    problem: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="Grade this problem only; may be repeated.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", parser=parse_seed, help="The seed of an earlier report, to draw the same inputs."),
    ] = None,
    sandbox: Annotated[Sandbox, typer.Option(help="What confines the submission's code.")] = Sandbox.bubblewrap,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead of the report for reading.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report as one HTML page.")] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write everything as JSON, for instructors (see `show`).")
    ] = None,
    gradescope: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write Gradescope's results.json, for students.")
    ] = None,
    audience: Annotated[
        Audience, typer.Option(help="Whose eyes the terminal, --json and --html are for.")
    ] = Audience.student,
) -> None:
    """Grades one submission with the hidden cases, in a sandbox."""
    from ..authoring.status import block_files
    from ..judge.engine import grade as run

    course = load_course(context)
    require_hidden(course, "grade", f"`make test-{stage}` to test your work, and `make status` to see where you stand")
    chosen = pick_stage(course, stage)
    problems = pick_problems(chosen, problem)
    if sandbox is Sandbox.none:
        say(NO_SANDBOX)
    with err().status(f"Grading {chosen.key}"):
        result = run(_named(path), course, chosen.key, problems=problems, seed=seed, sandbox=sandbox.value)
    files = block_files(course.root, chosen)
    shown = result.for_student() if audience is Audience.student else result
    _write(result, shown, files, html=html, report=report, gradescope=gradescope)
    if json_:
        from ..report.json import dump_report

        typer.echo(dump_report(shown), nl=False)
    else:
        from ..report.terminal import print_report

        print_report(shown, out(), files=files)
    if result.internal_error:
        raise typer.Exit(FAULT)
    if not result.accepted:
        raise typer.Exit(REJECTED)


def _write(
    result: Report,
    shown: Report,
    files: dict[str, tuple[str, ...]],
    *,
    html: Path | None,
    report: Path | None,
    gradescope: Path | None,
) -> None:
    from ..files import write_atomically

    if report is not None:
        from ..report.json import dump_report

        write_atomically(report, dump_report(result))
    if html is not None:
        from ..report.page import render_page

        write_atomically(html, render_page(shown, files=files))
    if gradescope is not None:
        from ..report.gradescope import results

        write_atomically(gradescope, json.dumps(results(result, files=files), indent=2) + "\n")


def _named(path: Path) -> Path:
    """The same place with a name to show: `.` and `..` have none."""
    return path if path.name not in ("", "..") else path.resolve()
