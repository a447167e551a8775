"""What hw4's tests share: the nd backend on the kernels of hw3, small files in CIFAR-10's format, a count of values.

Whoever sets NEEDLE_BACKEND, NEEDLE_KERNELS or NEEDLE_CUDA in the environment chooses otherwise.
"""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

# Read when needle is imported, which only tests do.
os.environ.setdefault("NEEDLE_BACKEND", "nd")
os.environ.setdefault("NEEDLE_KERNELS", "exercise")
os.environ.setdefault("NEEDLE_CUDA", "emulated")


def _write_batch(path: Path, pixels: np.ndarray, labels: list[int]) -> Path:
    """Pixels (n, 3072), from 0 to 255, and labels, as a file of CIFAR-10."""
    batch = {b"batch_label": b"a small one", b"labels": list(labels), b"data": pixels.astype(np.uint8)}
    path.write_bytes(pickle.dumps(batch, protocol=2))
    return path


def _values_alive() -> int:
    import needle as ndl  # not above: this file is read before the root's conftest.py says where needle is

    gc.collect()
    return ndl.autograd.TENSOR_COUNTER


@pytest.fixture
def write_batch() -> Callable[[Path, np.ndarray, list[int]], Path]:
    """`write_batch(path, pixels, labels)`: the path of the file that it writes."""
    return _write_batch


@pytest.fixture
def values_alive() -> Callable[[], int]:
    """`values_alive()`: how many nodes of graphs there are, once garbage is collected."""
    return _values_alive


@pytest.fixture
def rng() -> np.random.Generator:
    """The same random numbers for each test, whatever ran before it."""
    return np.random.default_rng(4)
