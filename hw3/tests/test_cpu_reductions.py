"""hw3, cpu_reductions: largest elements and sums in C++. See kernels_reductions.py."""

import mugrade
import numpy as np
import pytest
from arrays import same
from kernels_reductions import *  # noqa: F403 - the tests, which run on the device below
from kernels_reductions import reduced
from needle import backend_ndarray as nd


@pytest.fixture
def device(cpu):
    return cpu


def test_reduce_sum_of_nothing_is_zero(cpu):
    same(reduced(cpu, "sum", np.zeros((4, 0))), np.zeros(4))


def submit_cpu_reductions() -> None:
    """Sums and largest elements of rows"""
    np.random.seed(33)
    array = nd.array(np.random.uniform(-3.0, -1.0, size=(5, 12)), device=nd.cpu())
    for found in (array.max(axis=1), array.sum(axis=1), array.max(), array.sum()):
        mugrade.submit(found.numpy())
