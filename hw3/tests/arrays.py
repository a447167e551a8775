"""Arrays in and out of a device, and views of them, both as NumPy has them and as kernels are told of them.

Kernels are called by the names that a device forwards: `device.compact(array, out, *view.arguments)`. A new array of
the exercise's modules is all NaN, so an element that a kernel forgets to write shows in every comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


def put(device: Any, values: Any) -> Any:
    """A device's flat array of the values, row by row, as float32."""
    values = np.asarray(values, dtype=np.float32)
    array = device.Array(values.size)
    device.from_numpy(values, array)
    return array


def get(device: Any, array: Any) -> np.ndarray:
    """All elements of a device's array, one after the other."""
    return device.to_numpy(array, (array.size,), (1,), 0)


def numbers(rng: np.random.Generator, *shape: int, low: float = -3.0, high: float = 3.0) -> np.ndarray:
    """Uniform random numbers, as float32."""
    return rng.uniform(low, high, size=shape).astype(np.float32)


def same(found: np.ndarray, wanted: Any, message: str = "") -> None:
    """Equal in shape and in every bit that counts; NaN equals NaN."""
    np.testing.assert_array_equal(found, np.asarray(wanted, dtype=np.float32), err_msg=message, strict=True)


def close(found: np.ndarray, wanted: Any, rtol: float = 1e-5, atol: float = 1e-6, message: str = "") -> None:
    """As close as float32 and the order of a sum allow; NaN equals NaN, and infinity only itself."""
    assert found.shape == np.shape(wanted), message
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol, err_msg=message)


@dataclass(frozen=True)
class View:
    """A view of flat memory: `seen` is a NumPy array that shares the memory, so NumPy says what the view holds."""

    memory: np.ndarray
    seen: np.ndarray

    @property
    def arguments(self) -> tuple[Sequence[int], Sequence[int], int]:
        """Shape, strides and offset in elements, as kernels take them."""
        start = self.seen.__array_interface__["data"][0] - self.memory.__array_interface__["data"][0]
        return self.seen.shape, tuple(stride // 4 for stride in self.seen.strides), start // 4

    def __str__(self) -> str:
        shape, strides, offset = self.arguments
        return f"a view of shape {shape}, strides {strides}, offset {offset}"


def random_view(rng: np.random.Generator, ndim: int, *, repeat: bool = False) -> View:
    """Part of a larger array: each axis from some place on, in steps, many backwards; then the axes in another order.

    repeat: one axis is repeated, with stride 0
    """
    lengths = rng.integers(1, 6 if ndim < 4 else 4 if ndim == 4 else 3, size=ndim)
    steps, margins = rng.integers(1, 4, size=ndim), rng.integers(0, 3, size=ndim)
    whole = numbers(rng, *(margins + lengths * steps))
    seen = whole[tuple(slice(margin, None, step) for margin, step in zip(margins, steps, strict=True))]
    seen = seen[tuple(slice(None, None, direction) for direction in rng.choice([-1, 1], size=ndim))]
    seen = seen.transpose(rng.permutation(ndim))
    if repeat:
        axis = int(rng.integers(ndim))
        one = seen[(slice(None),) * axis + (slice(0, 1),)]
        seen = np.broadcast_to(one, (*one.shape[:axis], 4, *one.shape[axis + 1 :]))
    return View(whole.reshape(-1), seen)
