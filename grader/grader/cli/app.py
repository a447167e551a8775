"""What all verbs share: the course they work on, how errors reach people, exit codes.

Exit codes: 0 all accepted, 1 something was not accepted, 2 a mistake in the command or the course (a message, no
traceback), 3 a fault of the grader itself, 130 interrupted.
"""

from __future__ import annotations

import difflib
import sys
import tempfile
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import GraderError

if TYPE_CHECKING:
    from rich.console import Console

    from ..authoring.manifest import Course, Stage

REJECTED, MISTAKE, FAULT, INTERRUPTED = 1, 2, 3, 130
CODES = "0 all accepted, 1 not all accepted, 2 a mistake in the command, 3 a fault of the grader"


class Sandbox(str, Enum):
    """What confines a submission's code."""

    bubblewrap = "bubblewrap"
    none = "none"


class Audience(str, Enum):
    """Whose eyes a report is for."""

    student = "student"
    instructor = "instructor"


@dataclass
class State:
    """The global options."""

    course: Path | None = None
    debug: bool = False


# A paragraph is one line: the command wraps it to the terminal, and keeps line breaks that are in it.
HELP = (
    "Releases, audits and grades the course's homeworks.\n\n"
    "Instructors release homeworks as student repositories, audit that the hidden cases notice every wrong answer, and "
    "grade what students hand in. Students use [bold]status[/bold] and [bold]show[/bold]."
)


def examples(*lines: str, codes: str = "") -> str:
    """An epilog: example commands, one a line, and what the exit codes mean."""
    parts = ["Examples:", *(f"  [cyan]{line}[/cyan]" for line in lines)]
    return "\n\n".join([*parts, f"Exit codes: {codes}."] if codes else parts)


app = typer.Typer(
    name="grader",
    help=HELP,
    epilog=examples(
        "grader status hw1", "grader grade hw1 ada.zip", "grader grade --help   (each verb explains itself)"
    ),
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"grader {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    context: typer.Context,
    course: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The course's repository. Found upward from the current folder if left out."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    state = state_of(context)
    state.course, state.debug = course, debug


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code. The entry point of `grader`."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character shows a question mark, not a traceback
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    state = State()
    try:
        app(args=None if arguments is None else list(arguments), prog_name="grader", obj=state)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else REJECTED if stop.code else 0
    except GraderError as error:
        say(f"grader: {error}")
        code = MISTAKE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        _report_fault(error, state.debug)
        code = FAULT
    else:
        code = 0
    if code == INTERRUPTED:
        say("grader: interrupted; every file is whole, either as it was or as it is now")
    return code


def state_of(context: typer.Context) -> State:
    return context.ensure_object(State)


def load_course(context: typer.Context) -> Course:
    """The course that the command works on. Raises GraderError: if there is none, or its files are at fault."""
    from ..authoring.manifest import Course, find_root

    named = state_of(context).course
    if named is not None and not (named / "course.toml").is_file():
        raise GraderError(f"--course {named}: there is no course.toml in it; name the root of the course's repository")
    return Course.load(named if named is not None else find_root(Path.cwd()))


def pick_stage(course: Course, key: str) -> Stage:
    """The stage of that name. Raises GraderError: if there is none; the message names the nearest there is."""
    try:
        return course.stage(key)
    except GraderError as error:
        if key in course.stage_keys:  # spelt right, and merely not here yet
            raise
        raise GraderError(f"{error}{nearest(key, [stage.key for stage in course.stages])}") from None


def pick_problems(stage: Stage, keys: Sequence[str] | None) -> list[str] | None:
    """The problems asked for, each once; None for all. Raises GraderError: as `pick_stage` does."""
    for key in keys or ():
        try:
            stage.problem(key)
        except GraderError as error:
            raise GraderError(f"{error}{nearest(key, [problem.key for problem in stage.problems])}") from None
    return list(dict.fromkeys(keys)) if keys else None


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean hw1?` if one of the known words is like this one, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def require_hidden(course: Course, verb: str, instead: str) -> None:
    """Raises GraderError: in a student's repository, which has no hidden cases. instead: what serves students."""
    if not course.has_hidden:
        raise GraderError(
            f"`grader {verb}` is a command of the instructors: it needs the hidden cases, "
            f"which a student's repository does not hold.\nHere, use {instead}."
        )


def out() -> Console:
    """Where results go."""
    from rich.console import Console

    return Console(highlight=False)


def err() -> Console:
    """Where progress and remarks go, so that results can be piped."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def say(message: str) -> None:
    """One remark on standard error, as it is: no markup, no wrapping."""
    from ..report.text import plain

    typer.echo(plain(message), err=True)


def _report_fault(error: Exception, debug: bool) -> None:
    text = "".join(traceback.format_exception(error))
    if debug:
        typer.echo(text, err=True)
        where = "the traceback is above"
    else:
        try:
            with tempfile.NamedTemporaryFile(
                "w", prefix="grader-fault-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
            ) as file:
                file.write(text)
            where = f"its traceback is in {file.name}"
        except OSError:
            where = "run the command with --debug to see its traceback (grader --debug ...)"
    say(
        f"grader: an internal error, {type(error).__name__}: {error}\n"
        f"This is a fault of the grader, of no one's work; {where}."
    )
