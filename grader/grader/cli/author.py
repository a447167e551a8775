"""The verbs of authoring: `release` and `audit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import app, examples, load_course, out, pick_stage, require_hidden

INSTEAD = "`make status` to see where you stand, and `make test-hw1` (as it may be) to test your work"


@app.command(
    epilog=examples("grader release hw0 ../students", "grader release hw1 ../students   (adds hw1 to what is there)")
)
def release(
    context: typer.Context,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="The last homework to release, as hw1.")],
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder, or a student repository made earlier.")],
) -> None:
    """Writes a student repository: the homeworks up to STAGE, without solutions, hidden cases or instructors' files."""
    from rich.text import Text

    from ..authoring.release import release as run

    course = load_course(context)
    require_hidden(course, "release", INSTEAD)
    chosen = pick_stage(course, stage)
    result = run(course, chosen.key, folder)
    console = out()
    for key, commit in result.commits.items():
        console.print(Text.assemble((f"{key:14}", "bold"), commit[:12]), soft_wrap=True)
    if result.commits:
        console.print(Text(f"{result.files} files on branch {result.branch} of {result.out}"), soft_wrap=True)
        console.print(Text.assemble("Next: ", (result.next_step, "bold")), soft_wrap=True)
    else:
        console.print(Text(result.next_step), soft_wrap=True)
