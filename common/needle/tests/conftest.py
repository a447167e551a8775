"""What the library's tests share: a generator of their own, and lazy mode."""

from __future__ import annotations

import gc
import zlib
from collections.abc import Iterator

import needle as ndl
import numpy as np
import pytest


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Seeded by the test's name: the same numbers alone and in any order, others in each test."""
    return np.random.default_rng(zlib.crc32(request.node.nodeid.encode()))


@pytest.fixture
def lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switches lazy mode on for one test, as user code does."""
    monkeypatch.setattr(ndl.autograd, "LAZY_MODE", True)


@pytest.fixture
def alive() -> Iterator[list[int]]:
    """A list with one number: how many values were alive before the test. Garbage is collected around it."""
    gc.collect()
    yield [ndl.autograd.TENSOR_COUNTER]
    gc.collect()
