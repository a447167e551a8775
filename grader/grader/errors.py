"""Errors that are for people: a message that says what is wrong, where, and what to do.

The command line prints these without a traceback and exits 2 (see `cli`); anything else that escapes is
an internal error and exits 3.
"""

from __future__ import annotations

from pathlib import PurePath


class GraderError(Exception):
    """Something a person can mend: a manifest, a path, a submission, a missing program."""


class CourseError(GraderError):
    """A fault in the course's own files. `where` is `file` or `file:line`."""

    def __init__(self, message: str, *, path: PurePath | str | None = None, line: int | None = None):
        self.path = str(path) if path is not None else None
        self.line = line
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(where + message)
