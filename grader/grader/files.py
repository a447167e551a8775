"""Writing files so that a reader, a crash, a full disk or Ctrl-C never sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import GraderError


def write_atomically(path: Path, data: bytes | str, *, mode: int = 0o644, durable: bool = True) -> None:
    """Write `data` to `path` by way of a neighbour that takes its place in one step; missing parents are made.

    data: text is written as UTF-8. mode: the file's permissions, set before its name is visible. durable: wait until
    the content is on the disk, so that it survives a loss of power.
    Raises GraderError: if the disk is full or the place cannot be written; whatever was at `path` is then untouched.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    neighbour: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, neighbour = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            if durable:
                os.fsync(file.fileno())
        os.replace(neighbour, path)
        neighbour = None
    except OSError as error:
        raise GraderError(f"{path} could not be written: {error.strerror or error}") from error
    finally:
        if neighbour is not None:
            Path(neighbour).unlink(missing_ok=True)
