"""The verb `pack`: what a student hands in, as one small archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import app, examples, load_course, pick_stage, say


@app.command(epilog=examples("grader pack hw1 hw1.tar.gz"))
def pack(
    context: typer.Context,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="The homework, as hw1.")],
    archive: Annotated[Path, typer.Argument(metavar="OUT", help="The archive to write, as hw1.tar.gz.")],
) -> None:
    """Packs what you hand in: the files with solution blocks, of the homeworks up to STAGE."""
    from ..authoring.pack import pack as run
    from ..report.text import count

    course = load_course(context)
    chosen = pick_stage(course, stage)
    paths = run(course, chosen.key, archive)
    for path in paths:
        typer.echo(path)
    say(f"{count(len(paths), 'file')} in {archive}")
