"""Results kept on disk by key: written in one step, checked when read. A damaged entry is as good as none."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from ..errors import GraderError
from ..files import write_atomically

_log = logging.getLogger(__name__)


def key(*parts: object) -> str:
    """A name for what `parts` determine: SHA-256 (hex) over their representations."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class Cache:
    """Bytes by kind and key, below one folder. Several judges may share it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def get(self, kind: str, name: str) -> bytes | None:
        """The entry, or None if there is none, or it is damaged."""
        path = self._path(kind, name)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        digest, data = content[:32], content[32:]
        if hashlib.sha256(data).digest() != digest:
            _log.warning("%s is damaged and will be made anew", path)
            return None
        return data

    def put(self, kind: str, name: str, data: bytes) -> None:
        """Keep an entry. A disk that is full or read-only costs time later, not this grading: it is logged."""
        try:
            write_atomically(self._path(kind, name), hashlib.sha256(data).digest() + data, durable=False)
        except GraderError as error:
            _log.warning("nothing is cached: %s", error)

    def _path(self, kind: str, name: str) -> Path:
        return self.folder / kind / name[:2] / name[2:]
