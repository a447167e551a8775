"""hw3, cpu_compact: views copied to compact arrays and written to, in C++. See kernels_compact.py."""

import mugrade
import numpy as np
import pytest
from arrays import View, get, numbers, put, same
from kernels_compact import *  # noqa: F403 - the tests, which run on the device below
from kernels_compact import check
from needle import backend_ndarray as nd


@pytest.fixture
def device(cpu):
    return cpu


def test_compact_and_setitem_of_many_axes(cpu, rng):
    memory = numbers(rng, 2**12)
    check(cpu, View(memory, memory.reshape((2,) * 12).transpose(rng.permutation(12))), rng)


def test_setitem_of_an_array_from_itself(cpu, rng):
    """All numbers are read before the first one is written."""
    values = numbers(rng, 12)
    array = put(cpu, values)
    cpu.ewise_setitem(array, array, (3, 4), (1, 3), 0)
    same(get(cpu, array), values.reshape(3, 4).T.ravel())


def submit_cpu_compact() -> None:
    """A permuted view copied, and written to"""
    np.random.seed(31)
    cpu = nd.cpu()
    array = nd.array(np.random.randn(4, 5, 6), device=cpu)
    view = nd.NDArray.make((6, 2, 3), strides=(1, 60, 6), device=cpu, handle=array._handle, offset=6)
    mugrade.submit(view.compact().numpy())
    other = nd.array(np.random.randn(6, 2, 3), device=cpu)
    cpu.ewise_setitem(other._handle, array._handle, view.shape, view.strides, 6)
    mugrade.submit(array.numpy())
    cpu.scalar_setitem(12, 0.5, array._handle, (4, 3), (30, -1), 5)
    mugrade.submit(array.numpy())
