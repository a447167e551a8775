"""What tests of sequence models share: numbers in and out, draws of weights, and slopes of what loops compute."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import needle as ndl
import numpy as np


def numbers(rng: np.random.Generator, *shape: int, size: float = 1.0) -> np.ndarray:
    """Normal random numbers that float32 can hold, as float64."""
    return (size * rng.normal(size=shape)).astype("float32").astype("float64")


def tensor(values: Any) -> ndl.Tensor:
    return ndl.Tensor(values, dtype="float32")


def close(found: ndl.Tensor, wanted: Any, message: str = "", rtol: float = 1e-4, atol: float = 2e-5) -> None:
    """A tensor of this shape and, up to rounding, of these numbers."""
    assert isinstance(found, ndl.Tensor), f"{message}: expected a Tensor, not {type(found).__name__}"
    assert found.shape == np.shape(wanted), message
    np.testing.assert_allclose(found.numpy(), wanted, rtol=rtol, atol=atol, err_msg=message)


def uniform(bound: float, *shape: int) -> np.ndarray:
    """What a parameter that is uniform on [-bound, bound) draws from `np.random`."""
    return (2 * np.random.rand(*shape) - 1) * bound


def slopes(function: Callable[[], float], array: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """How fast a function of an array changes with each of its elements: its gradient, by central differences."""
    found = np.zeros(array.shape)
    for place in np.ndindex(*array.shape):
        middle, ends = array[place], []
        for array[place] in (middle + step, middle - step):
            ends.append(function())
        array[place] = middle
        found[place] = (ends[0] - ends[1]) / (2 * step)
    return found


def check_gradients(
    outs: Sequence[ndl.Tensor],
    expected: Callable[[], Iterable[np.ndarray]],
    pairs: Iterable[tuple[str, ndl.Tensor, np.ndarray]],
    rng: np.random.Generator,
) -> None:
    """Gradients of several results, each times random numbers, by some tensors.

    expected: what the results should be, computed in float64 from arrays that it knows
    pairs: a name, a tensor that the results depend on, and the array that `expected` has in its place
    """
    along = [numbers(rng, *out.shape) for out in outs]
    total = sum((out * tensor(each)).sum() for out, each in zip(outs, along, strict=True))
    total.backward()

    def in_float64() -> float:
        return sum(float((out * each).sum()) for out, each in zip(expected(), along, strict=True))

    for name, leaf, array in pairs:
        close(leaf.grad, slopes(in_float64, array), f"the gradient by {name}", rtol=1e-3, atol=1e-4)
