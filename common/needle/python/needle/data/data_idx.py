"""The IDX format, in which MNIST comes: gzipped arrays of bytes.

A file begins with two zero bytes, the type of its elements (8 for unsigned bytes) and the number of its axes; then each
axis' size as a 4-byte integer, most significant byte first; then the elements, the last axis fastest.
"""

from __future__ import annotations

import gzip
import math
import os
import zlib

import numpy as np

__all__ = ["read_idx"]

_UNSIGNED_BYTES = 8


def read_idx(path: str | os.PathLike[str], *, axes: int) -> np.ndarray:
    """The array of a gzipped IDX file of unsigned bytes.

    axes: how many the file must have: 3 for images (n, rows, columns), 1 for labels (n,)
    Returns a uint8 array. Raises FileNotFoundError: if there is no such file; ValueError: if it is damaged or another.
    """
    try:
        with gzip.open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}; `make data` downloads MNIST") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is not a whole gzip file ({error}); remove it and run `make data`") from error
    header = 4 * (1 + axes)
    if len(content) < header or content[:4] != bytes([0, 0, _UNSIGNED_BYTES, axes]):
        wanted = {1: "labels", 3: "images"}.get(axes, f"{axes} axes")
        raise ValueError(
            f"{path} is no IDX file of {wanted}: it begins with {list(content[:4])}, not [0, 0, 8, {axes}]"
        )
    shape = tuple(int(size) for size in np.frombuffer(content, dtype=">u4", count=axes, offset=4))
    if len(content) - header != math.prod(shape):
        raise ValueError(
            f"{path} announces {math.prod(shape)} bytes for shape {shape}, but has {len(content) - header}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)
