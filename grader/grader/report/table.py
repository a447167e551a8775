"""The table of a whole class, as CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from ..authoring.manifest import Stage
from ..results import Report
from .text import one_line

# A cell that begins like this is a formula to some spreadsheet; the full-width forms are to some East Asian ones.
_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Row:
    """One submission: its report, or the reason why there is none."""

    name: str
    report: Report | None = None
    refusal: str | None = None


def grades_csv(stage: Stage, rows: Iterable[Row]) -> str:
    """The table: a row a submission in order of names, points to two decimals, all cells quoted.

    Columns: submission, score, points, own score (of the work as it stands), sound score (on the course's earlier
    homeworks; `score` is what counts of the two), each problem's points, each problem's verdict, refusal, digest, seed.
    A refused submission scores 0.00; a problem that was not graded is empty. The seed is in hexadecimal: as a decimal
    number a spreadsheet would round it to 15 digits.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    keys = [problem.key for problem in stage.problems]
    writer.writerow(
        [
            "submission",
            "score",
            "points",
            "own score",
            "sound score",
            *keys,
            *(f"{key} verdict" for key in keys),
            "refusal",
            "digest",
            "seed",
        ]
    )
    for row in sorted(rows, key=lambda row: row.name):
        writer.writerow([_cell(value) for value in _values(row, keys, stage.points)])
    return out.getvalue()


def _values(row: Row, keys: list[str], points: float) -> list[str]:
    report = row.report
    if report is None:
        return [
            row.name,
            _decimals(0.0),
            _decimals(points),
            _decimals(0.0),
            _decimals(0.0),
            *[""] * (2 * len(keys)),
            row.refusal or "not graded",
            "",
            "",
        ]
    problems = {problem.key: problem for problem in report.problems}
    scores = [_decimals(problems[key].score) if key in problems else "" for key in keys]
    verdicts = [problems[key].verdict.value if key in problems else "" for key in keys]
    seed = "" if report.seed is None else hex(report.seed)
    return [
        row.name,
        _decimals(report.score),
        _decimals(report.points),
        _decimals(report.own_score),
        _decimals(report.sound_score),
        *scores,
        *verdicts,
        row.refusal or "",
        report.submission.digest,
        seed,
    ]


def _decimals(points: float) -> str:
    return f"{points:.2f}"


def _cell(value: str) -> str:
    """The text on one line, with an apostrophe before what a spreadsheet would compute."""
    quoted = value.startswith(_FORMULA)
    shown = one_line(value, 1000)
    return f"'{shown}" if quoted or shown.startswith(_FORMULA) else shown
