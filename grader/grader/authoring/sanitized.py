"""What `scripts/sanitized.sh` needs of Python: which test runs, noted for when Python ends in it, and a short account.

Loaded by pytest as a plugin (`-p grader.authoring.sanitized`) it writes the name of each test to the folder that
NEEDLE_SANITIZED names before the test begins. `python -m grader.authoring.sanitized FOLDER` reads that and the reports
of sanitizers in the folder, prints what was found first, and exits with 1; with 0 if there is no report.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..sanitizers import Finding, Place, first_finding

_RUNNING = "running-test"
_SHOWN = 3  # places


def pytest_runtest_logstart(nodeid: str, location: tuple[str, int | None, str]) -> None:
    """pytest's hook: a test begins."""
    folder = os.environ.get("NEEDLE_SANITIZED")
    if folder:
        Path(folder, _RUNNING).write_text(nodeid, encoding="utf-8")


def account(folder: Path, root: Path) -> str | None:
    """What the first report in the folder says, in a few lines; None if there is none.

    root: the repository's, from which files are named.
    """
    reports = [path for path in folder.glob("*.*") if path.is_file()]
    if not reports:
        return None
    report = min(reports, key=lambda path: path.stat().st_mtime_ns)
    found = first_finding(report.read_text(encoding="utf-8", errors="replace"))
    lines = ["", _headline(found)]
    for number, place in enumerate(_telling(found.places, root) if found else ()):
        lines += _shown(place, root, "called from" if number else "in")
    running = folder / _RUNNING
    if running.is_file():
        lines += [f"  while {running.read_text(encoding='utf-8')} ran; the tests after it did not run"]
    return "\n".join([*lines, f"  all that is known of it: {_relative(report, root)}"])


def _headline(found: Finding | None) -> str:
    if found is None:
        return "A sanitizer ended Python; what it says is not one of the usual things:"
    return f"{found.tool}: {found.what} ({found.said})" if found.said else f"{found.tool}: {found.what}"


def _telling(places: Sequence[Place], root: Path) -> Sequence[Place]:
    """The first place in the repository, and what called it in the same file; or else the first place at all."""
    own = [place for place in places if Path(place.file).is_relative_to(root)]
    return [place for place in own if place.file == own[0].file][:_SHOWN] or places[:1]


def _shown(place: Place, root: Path, how: str) -> list[str]:
    function = f"{place.function}, " if place.function else ""
    lines = [f"  {how} {function}{_relative(Path(place.file), root)}:{place.line}"]
    try:
        line = Path(place.file).read_text(encoding="utf-8", errors="replace").splitlines()[place.line - 1].strip()
    except (OSError, IndexError):
        return lines
    return [*lines, f"      {line}"] if line else lines


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


if __name__ == "__main__":
    text = account(Path(sys.argv[1]).resolve(), Path.cwd())
    if text is not None:
        print(text)
    sys.exit(text is not None)
