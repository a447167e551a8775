"""One data set from the registry to the folder where the loaders find it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .checks import State, check
from .download import download
from .errors import DataError
from .folders import find, target
from .registry import DataSet
from .unpack import unpack


def fetch(dataset: DataSet, root: Path | None = None) -> Path:
    """See that `dataset` is at hand, downloading what is missing. Returns the folder that holds it.

    A complete, right copy in any searched folder is left alone; a wrong file is replaced once the right one is here.
    Raises DataError: if it cannot be had; nothing wrong or half-written then stands under a name that a loader reads.
    """
    folder = find(*dataset.names, root=root)
    if folder is not None and all(check(folder / item.name, item).usable for item in dataset.files):
        print(f"{dataset.key}: already in {folder}")
        return folder
    folder = target(root)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder):
            for item in dataset.downloads:
                state = check(folder / item.name, item)
                if state is State.WRONG:
                    print(f"{item.name}: {state.value}; it will be replaced")
                if not state.usable:
                    download(dataset, item, folder)
            if dataset.unpack is not None:
                print(f"{dataset.key}: unpacking", flush=True)
                unpack(dataset, folder)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be written to: {error.strerror or error}. "
            "Make room or rights there, or name another folder: NEEDLE_DATA=/some/folder make data"
        ) from error
    print(f"{dataset.key}: now in {folder}")
    return folder


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep a second download out of `folder`: two that append to one partial file would spoil it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f"another make data is writing to {folder}; wait until it is done") from None
        except OSError as error:
            # Some network file systems lock no folders; the checksum still keeps a spoilt file out.
            print(f"({folder} cannot be locked, {error.strerror}: do not run make data twice at the same time)")
        yield
    finally:
        os.close(descriptor)
