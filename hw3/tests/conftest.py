"""What hw3's tests share: which kernels they run, the devices that have them, and random numbers.

Tests run the kernels that students write, and without a GPU those in CUDA are compiled for the processor. Whoever sets
NEEDLE_KERNELS or NEEDLE_CUDA in the environment chooses otherwise.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

# Read when needle is imported, which only tests do.
os.environ.setdefault("NEEDLE_KERNELS", "exercise")
os.environ.setdefault("NEEDLE_CUDA", "emulated")


# Tests that several files take in: their assertions are to explain themselves as well.
pytest.register_assert_rewrite("kernels_compact", "kernels_elementwise", "kernels_reductions")


def _enabled(name: str) -> Any:
    from needle import backend_ndarray as nd  # not above: the root's conftest.py first has to say where needle is

    device = getattr(nd, name)()
    if not device.enabled():
        pytest.fail(f"{device} cannot be tested: {device.reason}", pytrace=False)
    return device


@pytest.fixture(scope="session")
def cpu() -> Any:
    """`nd.cpu()`. Where its module is not built, every test that asks for it fails and says what to do."""
    return _enabled("cpu")


@pytest.fixture(scope="session")
def cuda() -> Any:
    """`nd.cuda()`, likewise."""
    return _enabled("cuda")


@pytest.fixture
def rng() -> np.random.Generator:
    """The same random numbers for each test, whatever ran before it."""
    return np.random.default_rng(3)
