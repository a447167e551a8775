"""Is a file what it should be?"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from enum import Enum
from pathlib import Path

from pooch import file_hash

from .registry import Item


class State(Enum):
    """What became of comparing a file with the registry."""

    MISSING = "missing"
    WRONG = "wrong checksum: not the original, or damaged"
    RIGHT = "checksum right"
    REPACKED = "content right (compressed anew)"
    UNCHECKED = "there (made from its download)"

    @property
    def usable(self) -> bool:
        """Whether there is no need to download."""
        return self not in (State.MISSING, State.WRONG)


def checksum_of(path: Path, like: str) -> str:
    """The file's checksum by the algorithm of `like`, in the same form: `sha256:HEX`."""
    algorithm = like.partition(":")[0]
    return f"{algorithm}:{file_hash(str(path), alg=algorithm)}"


def check(path: Path, item: Item) -> State:
    """Compare the file at `path` with what the registry knows of it."""
    if not path.is_file():
        return State.MISSING
    if item.checksum is None:
        return State.UNCHECKED
    if item.bytes in (None, path.stat().st_size) and checksum_of(path, item.checksum) == item.checksum:
        return State.RIGHT
    if item.content is not None and _content_checksum(path, item.content) == item.content:
        return State.REPACKED
    return State.WRONG


def _content_checksum(path: Path, like: str) -> str | None:
    """The checksum of what is compressed in a gzip file; None if it is damaged."""
    algorithm = like.partition(":")[0]
    digest = hashlib.new(algorithm)
    try:
        with gzip.open(path) as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return None
    return f"{algorithm}:{digest.hexdigest()}"
