"""Pack what a student hands in: the files that students may change, of every stage up to one, in a small archive."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from ..errors import GraderError
from ..files import write_atomically
from .manifest import Course
from .trees import editable_files


def pack(course: Course, stage_key: str, out: Path) -> tuple[str, ...]:
    """Write `out` (.tar.gz) with the editable files of the stages up to `stage_key`, and return their paths.

    Raises GraderError: if one of them is missing, or the stage is unknown; `out` is then as it was.
    """
    paths = editable_files(course, stage_key)
    missing = [path for path in paths if not (course.root / path).is_file()]
    if missing:
        raise GraderError(
            f"cannot pack {stage_key}: {missing[0]} is missing; `git checkout -- {missing[0]}` brings it back"
        )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path in paths:
            content = (course.root / path).read_bytes()
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    write_atomically(out, buffer.getvalue())
    return paths
