"""hw3, cpu_elementwise: the kernels in C++ that compute element by element. See kernels_elementwise.py."""

import mugrade
import numpy as np
import pytest
from kernels_elementwise import *  # noqa: F403 - the tests, which run on the device below
from needle import backend_ndarray as nd


@pytest.fixture
def device(cpu):
    return cpu


def submit_cpu_elementwise() -> None:
    """Some of the functions, of arrays and numbers"""
    np.random.seed(32)
    a, b = (nd.array(np.random.uniform(0.5, 2.0, size=(3, 7)), device=nd.cpu()) for _ in range(2))
    for found in (a * b, a / b, a**1.5, a.maximum(b), a.maximum(1.0), a >= b, a == a, a * 2.0, a / 3.0):
        mugrade.submit(found.numpy())
    for found in (a.log(), a.exp(), a.tanh()):
        mugrade.submit(found.numpy())
