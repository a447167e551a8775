"""From what was downloaded to the files that the loaders read: everything beside its place first, then moved there."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path, PurePosixPath

from .checks import check
from .errors import DataError
from .registry import DataSet


def unpack(dataset: DataSet, folder: Path) -> None:
    """Make the files of `dataset` in `folder` from its download, which is then removed.

    Raises DataError: if the archive is damaged or unsafe or does not hold the files; nothing of it is then left.
    """
    source = folder / dataset.downloads[0].name
    staging = folder / f".{dataset.key}.unpacking"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        UNPACKERS[dataset.unpack or ""](source, dataset.names, staging)
        for item in dataset.files:
            state = check(staging / item.name, item)
            if not state.usable:
                raise DataError(f"{source.name}: {item.name} in it is not what it should be: {state.value}")
        _move_in(staging, dataset.names, folder)
    except DataError:
        source.unlink()
        raise
    finally:
        shutil.rmtree(staging)
    source.unlink()


def _move_in(staging: Path, names: Sequence[str], folder: Path) -> None:
    """Give the files their names: a new folder in one step, files in a folder that was there one by one."""
    for top in sorted({PurePosixPath(name).parts[0] for name in names}):
        if not (folder / top).exists():
            os.replace(staging / top, folder / top)
    for name in names:
        if (staging / name).exists():
            os.replace(staging / name, folder / name)


def unpack_tar(archive: Path, names: Sequence[str], into: Path) -> None:
    """Write the members `names` of a tar file below `into`; nothing else of it, no owners, modes or links.

    Raises DataError: if any member leads out of the archive or is no plain file or folder, or if one of `names` lacks.
    """
    try:
        with tarfile.open(archive) as tar:
            members = {str(PurePosixPath(member.name)): member for member in tar if _is_harmless(member, archive)}
            lacking = [name for name in names if name not in members]
            if lacking:
                raise DataError(f"{archive.name}: holds no {lacking[0]}")
            for name in sorted(names, key=lambda name: members[name].offset):  # forwards: a gzip cannot seek back
                content = tar.extractfile(members[name])
                if content is None:
                    raise DataError(f"{archive.name}: {name} in it is a folder, expected a file")
                (into / name).parent.mkdir(parents=True, exist_ok=True)
                with content, open(into / name, "wb") as file:
                    shutil.copyfileobj(content, file)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(f"{archive.name}: no readable tar archive: {error}") from error


def _is_harmless(member: tarfile.TarInfo, archive: Path) -> bool:
    """True, or DataError: no member may lead out of the archive, and none may be a link or a device."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise DataError(f"{archive.name}: refused, because its member {member.name!r} leads out of the archive")
    if not (member.isreg() or member.isdir()):
        raise DataError(f"{archive.name}: refused, because its member {member.name!r} is neither a file nor a folder")
    return True


def split_text(source: Path, names: Sequence[str], into: Path) -> None:
    """Write a text in the layout of the Penn Treebank, cut by line into 90 % (training), 5 % and 5 %.

    Each line is lower-cased and parted into words, which may have apostrophes inside, and signs, each with a blank on
    both sides; digits are dropped, and so are empty lines: `Speak, speak.` -> ` speak , speak . `
    """
    text = source.read_text(encoding="utf-8").lower()
    lines = [re.findall(r"[a-z]+(?:'[a-z]+)*|[.,:;?!-]", line) for line in text.splitlines()]
    kept = [f" {' '.join(tokens)} \n" for tokens in lines if tokens]
    cuts = (0, len(kept) * 90 // 100, len(kept) * 95 // 100, len(kept))
    for name, (first, last) in zip(names, pairwise(cuts), strict=True):
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_text("".join(kept[first:last]), encoding="utf-8", newline="\n")


UNPACKERS = {"tar": unpack_tar, "text": split_text}
