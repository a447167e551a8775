"""Largest elements and sums, beside NumPy's of the same numbers: the tests that every device's kernels have to pass.

`test_cpu_reductions.py` and `test_cuda_reductions.py` take them in and say what `device` is.
"""

import math

import numpy as np
import pytest
from arrays import close, get, numbers, put, same
from needle import backend_ndarray as nd

# Groups: few, around one block of 256 threads, and several blocks of which the last is not full.
GROUPS = (1, 2, 5, 33, 255, 256, 257, 700)


def reduced(device, name, rows):
    """The kernel's results for a matrix, one for each row."""
    array, out = put(device, rows), device.Array(len(rows))
    getattr(device, f"reduce_{name}")(array, out, rows.shape[1])
    same(get(device, array), rows.ravel(), "the input is read only")
    return get(device, out)


def sums(rows):
    """Each row's, without a rounding error."""
    return np.array([math.fsum(row) for row in rows.tolist()])


@pytest.mark.parametrize("length", [1, 2, 3, 8, 65, 300])
def test_reduce_max(device, rng, length):
    """Of numbers of both signs, then of numbers below 0 and above 0 only."""
    for groups in GROUPS:
        for low, high in ((-3, 3), (-5, -1), (1, 5)):
            rows = numbers(rng, groups, length, low=low, high=high)
            same(reduced(device, "max", rows), rows.max(axis=1), f"{groups} groups")


@pytest.mark.parametrize("length", [1, 2, 3, 8, 65, 300])
def test_reduce_sum(device, rng, length):
    """The order of a sum changes its last digits: what is allowed for grows with its length."""
    for groups in GROUPS:
        rows = numbers(rng, groups, length)
        close(reduced(device, "sum", rows), sums(rows), rtol=0, atol=length**1.5 * 2.0**-21, message=f"{groups} groups")
        whole = rng.integers(-9, 10, size=(groups, length)).astype(np.float32)  # exact in any order
        same(reduced(device, "sum", whole), whole.sum(axis=1), f"{groups} groups")


@pytest.mark.parametrize("name", ["max", "sum"])
@pytest.mark.parametrize("shape", [(1, 5000), (70_000, 2)], ids=str)
def test_reduce_long_groups_and_many(device, rng, name, shape):
    rows = rng.integers(-9, 10, size=shape).astype(np.float32)
    same(reduced(device, name, rows), getattr(rows, name)(axis=1))


@pytest.mark.parametrize("length", [1, 2, 9])
def test_reduce_max_wherever_it_is(device, rng, length):
    for place in range(length):
        rows = numbers(rng, 3, length, low=-9, high=-5)
        rows[:, place] = [-1, -2, -3]
        same(reduced(device, "max", rows), [-1, -2, -3])


def test_reduce_max_of_infinities(device):
    """Where all are -inf, so is the largest."""
    rows = np.array([[-np.inf] * 3, [-np.inf, 1, -2], [-3, np.inf, 5], [np.inf, -np.inf, np.inf], [-1e38] * 3])
    same(reduced(device, "max", rows), rows.max(axis=1))


def test_reduce_max_hands_on_nan(device):
    rows = np.array([[np.nan, 1, 2], [1, np.nan, 2], [1, 2, np.nan], [np.inf, np.nan, np.inf], [3, 1, 2]])
    same(reduced(device, "max", rows), [np.nan, np.nan, np.nan, np.nan, 3])


def test_reduce_sum_hands_on_nan_and_infinities(device):
    """And no further than to its own group."""
    rows = np.array([[1, np.nan, 2], [np.inf, 1, 2], [3, 4, -np.inf], [np.inf, -np.inf, 0], [3, 1, 2]])
    same(reduced(device, "sum", rows), [np.nan, np.inf, -np.inf, np.nan, 6])


@pytest.mark.parametrize("name", ["max", "sum"])
def test_reduce_writes_over_what_is_there(device, rng, name):
    rows, out = rng.integers(-9, 10, size=(300, 5)).astype(np.float32), put(device, np.full(300, 1000))
    array = put(device, rows)
    for _ in range(2):
        getattr(device, f"reduce_{name}")(array, out, 5)
        same(get(device, out), getattr(rows, name)(axis=1))


def test_reduce_sum_of_fractions(device):
    """A sum of halves is no whole number on the way."""
    same(reduced(device, "sum", np.full((3, 5), 0.5)), [2.5] * 3)
    same(reduced(device, "sum", np.full((2, 4), -0.25)), [-1.0] * 2)


# As NDArray calls them


@pytest.mark.parametrize("name", ["max", "sum"])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 2, -1])
def test_reduce_of_an_array(device, rng, name, axis, keepdims):
    values = rng.integers(-9, 10, size=(3, 4, 5)).astype(np.float32)
    found = getattr(nd.array(values, device=device), name)(axis=axis, keepdims=keepdims)
    wanted = getattr(values, name)(axis=axis, keepdims=keepdims)
    same(found.numpy(), wanted if axis is not None or keepdims else wanted.reshape(1))


@pytest.mark.parametrize("name", ["max", "sum"])
@pytest.mark.parametrize("axis", [0, 1, (0, 2)], ids=str)
def test_reduce_over_other_axes(device, rng, name, axis):
    """Brought to the end first, by a view that `compact` copies."""
    values = rng.integers(-9, 10, size=(3, 4, 5)).astype(np.float32)
    same(getattr(nd.array(values, device=device), name)(axis=axis).numpy(), getattr(values, name)(axis=axis))


@pytest.mark.parametrize("name", ["max", "sum"])
def test_reduce_of_no_axes_and_to_nothing(device, name):
    same(getattr(nd.array(2.5, device=device), name)().numpy(), [2.5])
    same(getattr(nd.array(np.zeros((0, 3)), device=device), name)(axis=1).numpy(), np.zeros(0))
    same(getattr(nd.array([[1.0, 4.0, 2.0]], device=device), name)(axis=1).numpy(), [4 if name == "max" else 7])
