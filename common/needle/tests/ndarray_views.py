"""Random views of random arrays, as NumPy and as needle have them: what tests of NDArray draw."""

from __future__ import annotations

from typing import Any

import numpy as np
from needle import backend_ndarray as nd

Generator = np.random.Generator
Shape = tuple[int, ...]


def random_shape(rng: Generator, least: int = 0, most: int = 4, *, empty: bool = False) -> Shape:
    """Sizes from 1 to 5 (from 0, if `empty`), of so many axes."""
    ndim = int(rng.integers(least, most + 1))
    return tuple(int(size) for size in rng.integers(0 if empty else 1, 6, size=ndim))


def random_slice(rng: Generator, size: int, *, empty: bool = False) -> slice:
    """Any start and stop, inside and outside, in both directions, and steps from -3 to 3."""
    while True:
        start, stop = (None if rng.random() < 0.3 else int(rng.integers(-size - 2, size + 3)) for _ in range(2))
        found = slice(start, stop, int(rng.choice([-3, -2, -1, 1, 2, 3])))
        if empty or size == 0 or len(range(*found.indices(size))):
            return found


def indexed(a: np.ndarray, *indices: Any) -> np.ndarray:
    """What NumPy makes of indices, but no axis is dropped: a number i is the slice of one element."""
    return a[tuple(i if isinstance(i, slice) else slice(i, i + 1 or None) for i in indices)]


def random_view(
    rng: Generator, shape: Shape, device: nd.BackendDevice, *, low: float = -2.0, high: float = 2.0
) -> tuple[np.ndarray, nd.NDArray]:
    """An array of that shape twice, NumPy's and needle's: compact, or a permuted, sliced, reversed, repeated view.

    Built backwards: from a larger array whose slices, in another order of axes, have the shape.
    """
    if rng.random() < 0.25:
        base = rng.uniform(low, high, size=shape).astype("float32")
        return base, nd.array(base, device=device)
    order = [int(axis) for axis in rng.permutation(len(shape))]
    inner = [shape[axis] for axis in order]
    steps = [int(step) for step in rng.choice([-2, -1, 1, 2], size=len(shape))]
    margins = rng.integers(0, 2, size=(len(shape), 2)).tolist()
    repeated = [rng.random() < 0.2 for _ in inner]
    sizes, slices = [], []
    for n, step, (before, after), repeat in zip(inner, steps, margins, repeated, strict=True):
        if repeat:
            sizes.append(1)
            slices.append(slice(None))
            continue
        span = (max(n, 1) - 1) * abs(step) + 1 if n else 0
        sizes.append(before + span + after)
        forwards = slice(before, before + span, abs(step))
        if step > 0 or not n:
            slices.append(forwards)
        else:
            last = before + (n - 1) * abs(step)
            slices.append(slice(last, before - 1 if before else None, step))
    base = rng.uniform(low, high, size=sizes).astype("float32")
    back = np.argsort(order) if order else []
    expected = np.broadcast_to(base[tuple(slices)], inner).transpose([int(axis) for axis in back])
    found = nd.array(base, device=device)[tuple(slices)].broadcast_to(tuple(inner))
    return expected, found.permute(tuple(int(axis) for axis in back))


def same(found: nd.NDArray, expected: Any, rtol: float = 0.0, atol: float = 0.0) -> None:
    """Shape, dtype and every number; nan is equal to nan."""
    values = found.numpy()
    assert isinstance(values, np.ndarray)
    assert values.dtype == np.float32
    assert found.dtype == "float32"
    assert found.shape == values.shape == np.shape(expected)
    np.testing.assert_allclose(values, expected, rtol=rtol, atol=atol)
