"""hw3, cuda_reductions: largest elements and sums in CUDA. See kernels_reductions.py."""

import mugrade
import numpy as np
import pytest
from kernels_reductions import *  # noqa: F403 - the tests, which run on the device below
from needle import backend_ndarray as nd


@pytest.fixture
def device(cuda):
    return cuda


def submit_cuda_reductions() -> None:
    """Sums and largest elements of rows"""
    np.random.seed(43)
    array = nd.array(np.random.uniform(-3.0, -1.0, size=(300, 12)), device=nd.cuda())
    for found in (array.max(axis=1), array.sum(axis=1), array.max(), array.sum()):
        mugrade.submit(found.numpy())
