"""hw0, a first function: `add` adds and keeps the type of what it is given."""

import mugrade
import numpy as np
import pytest
from simple_ml import add


@pytest.mark.parametrize(("first", "second"), [(5, 6), (-3, 3), (0, 0), (2**70, 1)])
def test_ints_give_an_int(first, second):
    total = add(first, second)
    assert type(total) is int
    assert total - first == second


def test_floats_give_a_float():
    total = add(5, 0.25)
    assert type(total) is float
    assert total == 5.25


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_arrays_are_added_element_by_element_and_keep_their_dtype(dtype):
    rng = np.random.default_rng(0)
    first, second = (rng.integers(-100, 100, size=(3, 4)).astype(dtype) for _ in range(2))
    total = add(first, second)
    assert total.dtype == dtype
    assert total.shape == (3, 4)
    for place in np.ndindex(3, 4):
        assert total[place] == first[place].item() + second[place].item()


def test_arguments_are_left_as_they_are():
    first, second = np.arange(3.0), np.ones(3)
    total = add(first, second)
    assert list(first) == [0.0, 1.0, 2.0]
    assert list(total) == [1.0, 2.0, 3.0]


def submit_add() -> None:
    """Integers, floats and arrays"""
    np.random.seed(1)
    mugrade.submit(add(int(np.random.randint(100)), int(np.random.randint(100))))
    mugrade.submit(add(float(np.random.rand()), 2))
    mugrade.submit(add(np.random.rand(3, 2), np.random.rand(3, 2)))
