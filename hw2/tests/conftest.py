"""What hw2's tests share: small files in MNIST's format, a count of living values, and PyTorch if it is installed."""

from __future__ import annotations

import gc
import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


def _write_idx(path: Path, array: np.ndarray) -> Path:
    """An array of bytes as a gzipped IDX file: see `needle/data/data_idx.py`."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.astype(np.uint8).tobytes(), compresslevel=1))
    return path


def _write_mnist(folder: Path, images: np.ndarray, labels: np.ndarray, part: str = "train") -> tuple[Path, Path]:
    """Images (n, rows, columns) and labels (n,), numbers from 0 to 255, in two files with MNIST's names."""
    return (
        _write_idx(folder / f"{part}-images-idx3-ubyte.gz", images),
        _write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels),
    )


def _values_alive() -> int:
    import needle as ndl  # not above: this file is read before the root's conftest.py says where needle is

    gc.collect()
    return ndl.autograd.TENSOR_COUNTER


@pytest.fixture
def write_mnist() -> Callable[..., tuple[Path, Path]]:
    """`write_mnist(folder, images, labels, part="train")`: the paths of the two files that it writes."""
    return _write_mnist


@pytest.fixture
def values_alive() -> Callable[[], int]:
    """`values_alive()`: how many nodes of graphs there are, once garbage is collected."""
    return _values_alive


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch, for a second opinion. What it says is also checked without it, by the test beside."""
    return pytest.importorskip("torch", reason="PyTorch is not installed; it only gives a second opinion here")
