"""A report as one HTML page that needs nothing else: no script, no network, light or dark, fit for print.

Everything a student wrote passes `plain` and then Jinja's escaping, both for every expression of the template, so that
no template line can forget it. The page's own policy forbids scripts and every other source, whatever slipped through.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from ..results import Report, Verdict
from .advice import KIND_NAMES, advise
from .carried import meaning, remaining, score_line, total_line
from .selection import ended_here, import_failure, never_ran_line, paths_of, ran, telling_values, was_cut_off
from .speed import HEADING, rung_line, rung_points
from .text import number, of_points, one_line, plain, tail

LOG_LINES = 200
_FOLDER = Path(__file__).parent / "templates"
_CLASSES = {Verdict.AC: "right", Verdict.NI: "todo", Verdict.SKIP: "quiet", Verdict.IE: "fault"}


def render_page(report: Report, *, files: Mapping[str, Sequence[str]] | None = None) -> str:
    """The page as HTML text. Shows what the report holds: hand over `report.for_student()` for students' eyes.

    files: problem key -> the files that hold its blocks, for the advice; None where the course is not at hand.
    """
    style = Markup((_FOLDER / "report.css").read_text(encoding="utf-8"))  # our own file
    return _template().render(
        report=report,
        advice={
            problem.key: advise(report.stage, problem, files, report.submission.missing) for problem in report.problems
        },
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii"),
        set_aside=paths_of(report.submission.set_aside),
        done=sum(problem.verdict is Verdict.AC for problem in report.required),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=number,
        one_line=one_line,
        tail=lambda text: tail(text, LOG_LINES),
        css=_css,
        share=_share,
        kind=KIND_NAMES.get,
        telling=telling_values,
        ran=ran,
        never_ran=never_ran_line,
        import_failure=import_failure,
        ended_here=ended_here,
        total_line=total_line,
        score_line=score_line,
        meaning=meaning,
        remaining=remaining,
        breakable=_breakable,
        rung_line=rung_line,
    )
    environment.tests.update(cut_off=was_cut_off)
    environment.globals.update(AC=Verdict.AC, NI=Verdict.NI, IE=Verdict.IE)
    environment.globals.update(of_points=of_points, speed_heading=HEADING, rung_points=rung_points)
    return environment.get_template("report.html.j2")


def _harmless(value: Any) -> Any:
    """What every expression of the template passes through before it is escaped."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _breakable(key: str) -> Markup:
    """A name that a narrow screen may break, after its underscores only."""
    return Markup("_<wbr>").join(escape(plain(part)) for part in key.split("_"))


def _css(verdict: Verdict) -> str:
    return _CLASSES.get(verdict, "wrong")


def _share(score: float, points: float) -> str:
    """How much of a bar of width 100 is filled."""
    return f"{100 * min(max(score / points, 0.0), 1.0) if points else 0.0:.2f}"
