"""hw3, cpu_reductions: largest elements and sums in C++, beside NumPy's of the same numbers."""

import math

import mugrade
import numpy as np
import pytest
from arrays import close, get, numbers, put, same
from needle import backend_ndarray as nd


def reduced(cpu, name, rows):
    """The kernel's results for a matrix, one for each row."""
    array, out = put(cpu, rows), cpu.Array(len(rows))
    getattr(cpu, f"reduce_{name}")(array, out, rows.shape[1])
    same(get(cpu, array), rows.ravel(), "the input is read only")
    return get(cpu, out)


def sums(rows):
    """Each row's, without a rounding error."""
    return np.array([math.fsum(row) for row in rows.tolist()])


@pytest.mark.parametrize("length", [1, 2, 3, 8, 65, 300])
def test_reduce_max(cpu, rng, length):
    """Of numbers of both signs, then of numbers below 0 and above 0 only."""
    for groups in (1, 2, 5, 33, 200):
        for low, high in ((-3, 3), (-5, -1), (1, 5)):
            rows = numbers(rng, groups, length, low=low, high=high)
            same(reduced(cpu, "max", rows), rows.max(axis=1), f"{groups} groups")


@pytest.mark.parametrize("length", [1, 2, 3, 8, 65, 300])
def test_reduce_sum(cpu, rng, length):
    """The order of a sum changes its last digits: what is allowed for grows with its length."""
    for groups in (1, 2, 5, 33, 200):
        rows = numbers(rng, groups, length)
        close(reduced(cpu, "sum", rows), sums(rows), rtol=0, atol=length**1.5 * 2.0**-21, message=f"{groups} groups")
        whole = rng.integers(-9, 10, size=(groups, length)).astype(np.float32)  # exact in any order
        same(reduced(cpu, "sum", whole), whole.sum(axis=1), f"{groups} groups")


@pytest.mark.parametrize("length", [1, 2, 9])
def test_reduce_max_wherever_it_is(cpu, rng, length):
    for place in range(length):
        rows = numbers(rng, 3, length, low=-9, high=-5)
        rows[:, place] = [-1, -2, -3]
        same(reduced(cpu, "max", rows), [-1, -2, -3])


def test_reduce_max_of_infinities(cpu):
    """Where all are -inf, so is the largest."""
    rows = np.array([[-np.inf] * 3, [-np.inf, 1, -2], [-3, np.inf, 5], [np.inf, -np.inf, np.inf], [-1e38] * 3])
    same(reduced(cpu, "max", rows), rows.max(axis=1))


def test_reduce_max_hands_on_nan(cpu):
    rows = np.array([[np.nan, 1, 2], [1, np.nan, 2], [1, 2, np.nan], [np.inf, np.nan, np.inf], [3, 1, 2]])
    same(reduced(cpu, "max", rows), [np.nan, np.nan, np.nan, np.nan, 3])


def test_reduce_sum_hands_on_nan_and_infinities(cpu):
    """And no further than to its own group."""
    rows = np.array([[1, np.nan, 2], [np.inf, 1, 2], [3, 4, -np.inf], [np.inf, -np.inf, 0], [3, 1, 2]])
    same(reduced(cpu, "sum", rows), [np.nan, np.inf, -np.inf, np.nan, 6])


def test_reduce_sum_of_nothing_is_zero(cpu):
    same(reduced(cpu, "sum", np.zeros((4, 0))), np.zeros(4))


@pytest.mark.parametrize("name", ["max", "sum"])
def test_reduce_writes_over_what_is_there(cpu, rng, name):
    rows, out = rng.integers(-9, 10, size=(6, 5)).astype(np.float32), put(cpu, np.full(6, 1000))
    array = put(cpu, rows)
    for _ in range(2):
        getattr(cpu, f"reduce_{name}")(array, out, 5)
        same(get(cpu, out), getattr(rows, name)(axis=1))


def test_reduce_sum_of_fractions(cpu):
    """A sum of halves is no whole number on the way."""
    same(reduced(cpu, "sum", np.full((3, 5), 0.5)), [2.5] * 3)
    same(reduced(cpu, "sum", np.full((2, 4), -0.25)), [-1.0] * 2)


# As NDArray calls them


@pytest.mark.parametrize("name", ["max", "sum"])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 2, -1])
def test_reduce_of_an_array(cpu, rng, name, axis, keepdims):
    values = rng.integers(-9, 10, size=(3, 4, 5)).astype(np.float32)
    found = getattr(nd.array(values, device=cpu), name)(axis=axis, keepdims=keepdims)
    wanted = getattr(values, name)(axis=axis, keepdims=keepdims)
    same(found.numpy(), wanted if axis is not None or keepdims else wanted.reshape(1))


@pytest.mark.parametrize("name", ["max", "sum"])
@pytest.mark.parametrize("axis", [0, 1, (0, 2)], ids=str)
def test_reduce_over_other_axes(cpu, rng, name, axis):
    """Brought to the end first, by a view that `compact` copies."""
    values = rng.integers(-9, 10, size=(3, 4, 5)).astype(np.float32)
    same(getattr(nd.array(values, device=cpu), name)(axis=axis).numpy(), getattr(values, name)(axis=axis))


@pytest.mark.parametrize("name", ["max", "sum"])
def test_reduce_of_no_axes_and_to_nothing(cpu, name):
    same(getattr(nd.array(2.5, device=cpu), name)().numpy(), [2.5])
    same(getattr(nd.array(np.zeros((0, 3)), device=cpu), name)(axis=1).numpy(), np.zeros(0))
    same(getattr(nd.array([[1.0, 4.0, 2.0]], device=cpu), name)(axis=1).numpy(), [4 if name == "max" else 7])


def submit_cpu_reductions() -> None:
    """Sums and largest elements of rows"""
    np.random.seed(33)
    array = nd.array(np.random.uniform(-3.0, -1.0, size=(5, 12)), device=nd.cpu())
    for found in (array.max(axis=1), array.sum(axis=1), array.max(), array.sum()):
        mugrade.submit(found.numpy())
