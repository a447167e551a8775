"""What a folder of grades already holds, so that grading can stop and go on, and nothing is lost.

Beside NAME.json (the whole report), NAME.html (the student's page) and grades.csv, the folder has `.ledger/NAME.json`:
from which bytes, by which course, that report came. A submission is graded again when either has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ..authoring.manifest import Course, Stage
from ..errors import GraderError
from ..files import write_atomically
from ..report.json import dump_report, load_report
from ..report.page import render_page
from ..report.table import Row, grades_csv
from ..results import SCHEMA_VERSION, Report

FOLDER = ".ledger"
TABLE = "grades.csv"
BACKUP = "grades.csv.bak"


class Ledger:
    """The rows of one folder of grades, by the submission's name."""

    def __init__(self, folder: Path, stage: Stage, course_print: str, files: dict[str, tuple[str, ...]]):
        """Read what is there. Raises GraderError: if the folder holds the grades of another homework."""
        self.folder, self.stage, self.course_print, self.files = folder, stage, course_print, files
        self.rows: dict[str, Row] = {}
        self._prints: dict[str, tuple[str, str]] = {}
        self._backed_up = False
        for path in sorted((folder / FOLDER).glob("*.json")):
            self._read(path)

    def is_current(self, name: str, source_print: str) -> bool:
        """Whether this submission was graded, from these bytes, by this course, without a fault of the grader."""
        row = self.rows.get(name)
        settled = row is not None and (row.report is None or not row.report.internal_error)
        return settled and self._prints.get(name) == (source_print, self.course_print)

    def add(self, row: Row, source_print: str) -> None:
        """Write a submission's files, its entry last: what is interrupted before that is simply graded again."""
        (self.folder / FOLDER / f"{row.name}.json").unlink(missing_ok=True)
        if row.report is not None:
            write_atomically(self.folder / f"{row.name}.json", dump_report(row.report))
            write_atomically(self.folder / f"{row.name}.html", render_page(row.report.for_student(), files=self.files))
        entry = {
            "name": row.name,
            "stage": self.stage.key,
            "source": source_print,
            "course": self.course_print,
            "refusal": row.refusal,
        }
        write_atomically(self.folder / FOLDER / f"{row.name}.json", json.dumps(entry, indent=2) + "\n")
        self.rows[row.name] = row
        self._prints[row.name] = (source_print, self.course_print)

    def write_table(self) -> None:
        """Write grades.csv. What another run left there is kept as grades.csv.bak, once, if anything changes."""
        table = self.folder / TABLE
        new = grades_csv(self.stage, self.rows.values()).encode("utf-8")
        old = table.read_bytes() if table.is_file() else None
        if new == old:
            return
        if old is not None and not self._backed_up:
            write_atomically(self.folder / BACKUP, old)
        self._backed_up = True
        write_atomically(table, new)

    def _read(self, path: Path) -> None:
        try:
            entry = json.loads(path.read_text(encoding="utf-8"))
            name, stage, refusal = entry["name"], entry["stage"], entry["refusal"]
            prints = (entry["source"], entry["course"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GraderError(
                f"{path}: a damaged entry ({error!r}); remove it, and the submission is graded again"
            ) from error
        if stage != self.stage.key:
            raise GraderError(
                f"{self.folder} holds grades of {stage}, not of {self.stage.key}; name another folder with --out"
            )
        report: Report | None = None
        if refusal is None:
            try:
                report = load_report(self.folder / f"{name}.json")
            except GraderError:
                return  # removed, damaged or of another version: without a row here, it is graded again
        self.rows[name] = Row(name, report, refusal)
        self._prints[name] = prints


def source_print(path: Path) -> str:
    """A SHA-256 of a submission as it lies there: the names, kinds and bytes of its files. Links are not followed."""
    digest = hashlib.sha256()
    for name, file in _walk(path):
        kind = os.lstat(file).st_mode
        digest.update(f"{stat.S_IFMT(kind):o} {len(os.fsencode(name))} ".encode() + os.fsencode(name))
        if stat.S_ISREG(kind):
            with open(file, "rb") as stream:
                digest.update(f" {os.fstat(stream.fileno()).st_size} ".encode())
                while part := stream.read(1 << 20):
                    digest.update(part)
        elif stat.S_ISLNK(kind):
            digest.update(os.fsencode(os.readlink(file)))
    return digest.hexdigest()


def course_print(course: Course, stage: Stage) -> str:
    """A SHA-256 of what decides a grade besides the submission: the stage's files solved, hidden cases, policy."""
    from .. import __version__
    from ..authoring.trees import reference_tree, tree_digest

    tree = dict(reference_tree(course, stage.key))
    for problem in stage.problems:
        path = stage.hidden_cases(problem)
        tree[path] = (course.root / path).read_bytes() if (course.root / path).is_file() else b""
    return f"{__version__}:{SCHEMA_VERSION}:{course.carry_forward}:{tree_digest(tree)}"


def _walk(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_symlink() or not path.is_dir():
        yield "", path
        return
    for folder, folders, files in os.walk(path):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in sorted([*files, *links]):
            full = Path(folder, name)
            yield os.path.relpath(full, path), full
