"""The data sets as data: `registry.toml`, parsed and checked."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REGISTRY = Path(__file__).with_name("registry.toml")


@dataclass(frozen=True)
class Item:
    """A file. checksum, content: `sha256:HEX` or `md5:HEX`, of the file and of what is compressed in it, if known."""

    name: str
    bytes: int | None = None
    checksum: str | None = None
    content: str | None = None


@dataclass(frozen=True)
class DataSet:
    """downloads: come from a mirror; files: are read by the loaders; unpack: how the latter come from the former."""

    key: str
    title: str
    mirrors: tuple[str, ...]
    downloads: tuple[Item, ...]
    files: tuple[Item, ...]
    unpack: str | None = None

    def __post_init__(self) -> None:
        known = {text for item in self.downloads + self.files for text in (item.checksum, item.content) if text}
        for checksum in known:
            if not re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", checksum):
                raise ValueError(f"registry: {self.key}: {checksum!r} is no checksum, expected sha256:HEX or md5:HEX")
        if not self.mirrors or any(item.bytes is None or item.checksum is None for item in self.downloads):
            raise ValueError(f"registry: {self.key} needs a mirror, and bytes and a checksum for each download")
        if self.unpack is not None and len(self.downloads) != 1:
            raise ValueError(f"registry: {self.key} is unpacked, so it needs exactly one download")

    @property
    def names(self) -> tuple[str, ...]:
        """The files that the loaders read, relative to the data folder."""
        return tuple(item.name for item in self.files)

    def addresses(self, item: Item) -> list[str]:
        """Where to download `item` from: NEEDLE_MIRROR first, if it is set."""
        own = os.environ.get("NEEDLE_MIRROR")
        return [mirror.rstrip("/") + "/" + item.name for mirror in ((own,) if own else ()) + self.mirrors]


def load_registry(path: Path = REGISTRY) -> dict[str, DataSet]:
    """The data sets by key. Raises ValueError, TypeError or KeyError: if the file does not say what it must."""
    found = {}
    for key, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        downloads = tuple(Item(**entry) for entry in table["downloads"])
        files = tuple(Item(**entry) for entry in table.get("files", ())) or downloads
        found[key] = DataSet(key, table["title"], tuple(table["mirrors"]), downloads, files, table.get("unpack"))
    return found
