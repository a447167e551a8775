"""The readable device: what every kernel of a device computes, said in NumPy.

A device is a module of kernels over flat buffers of float32. Whoever calls them has done all thinking about shapes:
elementwise kernels get compact arrays of one size, and a view is given as `shape, strides, offset` beside its buffer,
counted in elements: its element (i, j) is at offset + i * strides[0] + j * strides[1]. Strides may be 0 or negative.

The C++ and CUDA modules have the same functions with the same arguments, so this one says what theirs must do, nan,
inf and zero-size arrays included: `maximum` is nan where either is, a comparison with nan is 0 and nothing ever warns.
It is also the device on which everything runs while none of them is built.

Raises ValueError, in every kernel: if sizes do not fit, or if a view reaches outside its buffer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

__device_name__ = "numpy"

# The side of the square tiles of `matmul_tiled`.
__tile_size__ = 8


class Array:
    """A buffer of `size` numbers, float32, not initialised."""

    __slots__ = ("buffer", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.buffer = np.empty(size, dtype=np.float32)

    def ptr(self) -> int:
        """The address of the first number: equal for two arrays that share their memory."""
        return self.buffer.__array_interface__["data"][0]


# Moving numbers: in and out, from views and to views.


def to_numpy(a: Array, shape: Sequence[int], strides: Sequence[int], offset: int) -> np.ndarray:
    """A copy of a view, as a NumPy array of that shape."""
    return _view(a, shape, strides, offset).copy()


def from_numpy(a: np.ndarray, out: Array) -> None:
    """The numbers of a NumPy array in C order."""
    _require_sizes("from_numpy", out.size, a.size)
    out.buffer[:] = a.ravel()


def fill(out: Array, val: float) -> None:
    out.buffer.fill(val)


def compact(a: Array, out: Array, shape: Sequence[int], strides: Sequence[int], offset: int) -> None:
    """out = the elements of the view of `a`, one after the other, the last axis fastest."""
    view = _view(a, shape, strides, offset)
    _require_sizes("compact", out.size, view.size)
    out.buffer.reshape(shape)[...] = view


def ewise_setitem(a: Array, out: Array, shape: Sequence[int], strides: Sequence[int], offset: int) -> None:
    """The view of `out` = the elements of the compact `a`, which may be `out`: all are read before one is written."""
    view = _view(out, shape, strides, offset)
    _require_sizes("ewise_setitem", a.size, view.size)
    view[...] = a.buffer.reshape(shape)


def scalar_setitem(
    size: int, val: float, out: Array, shape: Sequence[int], strides: Sequence[int], offset: int
) -> None:
    """The view of `out`, which has `size` elements, = one number."""
    view = _view(out, shape, strides, offset)
    _require_sizes("scalar_setitem", size, view.size)
    view[...] = val


# Element by element, of compact arrays.


def ewise_add(a: Array, b: Array, out: Array) -> None:
    _ewise(np.add, a, b, out)


def scalar_add(a: Array, val: float, out: Array) -> None:
    _scalar(np.add, a, val, out)


def ewise_mul(a: Array, b: Array, out: Array) -> None:
    _ewise(np.multiply, a, b, out)


def scalar_mul(a: Array, val: float, out: Array) -> None:
    _scalar(np.multiply, a, val, out)


def ewise_div(a: Array, b: Array, out: Array) -> None:
    _ewise(np.divide, a, b, out)


def scalar_div(a: Array, val: float, out: Array) -> None:
    _scalar(np.divide, a, val, out)


def scalar_power(a: Array, val: float, out: Array) -> None:
    _scalar(np.power, a, val, out)


def ewise_maximum(a: Array, b: Array, out: Array) -> None:
    _ewise(np.maximum, a, b, out)


def scalar_maximum(a: Array, val: float, out: Array) -> None:
    _scalar(np.maximum, a, val, out)


def ewise_eq(a: Array, b: Array, out: Array) -> None:
    """out = 1 where a == b, else 0."""
    _ewise(np.equal, a, b, out)


def scalar_eq(a: Array, val: float, out: Array) -> None:
    _scalar(np.equal, a, val, out)


def ewise_ge(a: Array, b: Array, out: Array) -> None:
    """out = 1 where a >= b, else 0."""
    _ewise(np.greater_equal, a, b, out)


def scalar_ge(a: Array, val: float, out: Array) -> None:
    _scalar(np.greater_equal, a, val, out)


def ewise_log(a: Array, out: Array) -> None:
    _unary(np.log, a, out)


def ewise_exp(a: Array, out: Array) -> None:
    _unary(np.exp, a, out)


def ewise_tanh(a: Array, out: Array) -> None:
    _unary(np.tanh, a, out)


# Products and reductions, of compact arrays.


def matmul(a: Array, b: Array, out: Array, m: int, n: int, p: int) -> None:
    """out (m, p) = a (m, n) times b (n, p)."""
    _require_sizes("matmul", (a.size, b.size, out.size), (m * n, n * p, m * p))
    with np.errstate(all="ignore"):
        np.matmul(a.buffer.reshape(m, n), b.buffer.reshape(n, p), out=out.buffer.reshape(m, p))


def matmul_tiled(a: Array, b: Array, out: Array, m: int, n: int, p: int) -> None:
    """`matmul` of matrices that lie in memory tile by tile, as (m/T, n/T, T, T), (n/T, p/T, T, T), (m/T, p/T, T, T)."""
    t = __tile_size__
    if m % t or n % t or p % t:
        raise ValueError(f"matmul_tiled: sizes must be multiples of {t}, not {(m, n, p)}")
    _require_sizes("matmul_tiled", (a.size, b.size, out.size), (m * n, n * p, m * p))
    tiles = [
        each.buffer.reshape(rows // t, columns // t, t, t)
        for each, rows, columns in ((a, m, n), (b, n, p), (out, m, p))
    ]
    with np.errstate(all="ignore"):
        np.einsum("ikrs,kjsc->ijrc", *tiles[:2], out=tiles[2])


def reduce_max(a: Array, out: Array, reduce_size: int) -> None:
    """out[i] = the largest of the `reduce_size` numbers from a[i * reduce_size] on."""
    with np.errstate(all="ignore"):
        _rows("reduce_max", a, out, reduce_size).max(axis=1, out=out.buffer)


def reduce_sum(a: Array, out: Array, reduce_size: int) -> None:
    """out[i] = the sum of the `reduce_size` numbers from a[i * reduce_size] on."""
    with np.errstate(all="ignore"):
        _rows("reduce_sum", a, out, reduce_size).sum(axis=1, out=out.buffer)


# Kernels that a device may do without.


def ewise_power(a: Array, b: Array, out: Array) -> None:
    _ewise(np.power, a, b, out)


def reduce_max_axis(a: Array, out: Array, outer: int, reduced: int, inner: int) -> None:
    """out (outer, inner) = the largest over the middle axis of a (outer, reduced, inner)."""
    with np.errstate(all="ignore"):
        _blocks("reduce_max_axis", a, out, outer, reduced, inner).max(axis=1, out=out.buffer.reshape(outer, inner))


def reduce_sum_axis(a: Array, out: Array, outer: int, reduced: int, inner: int) -> None:
    """out (outer, inner) = the sum over the middle axis of a (outer, reduced, inner)."""
    with np.errstate(all="ignore"):
        _blocks("reduce_sum_axis", a, out, outer, reduced, inner).sum(axis=1, out=out.buffer.reshape(outer, inner))


def _blocks(name: str, a: Array, out: Array, outer: int, reduced: int, inner: int) -> np.ndarray:
    _require_sizes(name, (a.size, out.size), (outer * reduced * inner, outer * inner))
    return a.buffer.reshape(outer, reduced, inner)


def _view(a: Array, shape: Sequence[int], strides: Sequence[int], offset: int) -> np.ndarray:
    """A view of a buffer as a NumPy array that shares its memory."""
    if math.prod(shape) == 0:
        return np.empty(shape, dtype=np.float32)
    try:
        return np.ndarray(shape, np.float32, a.buffer, offset=4 * offset, strides=[4 * stride for stride in strides])
    except (ValueError, TypeError) as error:
        view = f"shape {tuple(shape)}, strides {tuple(strides)}, offset {offset}"
        raise ValueError(f"a view of {view} reaches outside of a buffer of {a.size} numbers") from error


def _rows(name: str, a: Array, out: Array, reduce_size: int) -> np.ndarray:
    _require_sizes(name, a.size, out.size * reduce_size)
    return a.buffer.reshape(out.size, reduce_size)


def _ewise(function: np.ufunc, a: Array, b: Array, out: Array) -> None:
    _require_sizes(function.__name__, (a.size, b.size), (out.size, out.size))
    with np.errstate(all="ignore"):
        function(a.buffer, b.buffer, out=out.buffer)


def _scalar(function: np.ufunc, a: Array, val: float, out: Array) -> None:
    _require_sizes(function.__name__, a.size, out.size)
    with np.errstate(all="ignore"):
        function(a.buffer, np.float32(val), out=out.buffer)


def _unary(function: np.ufunc, a: Array, out: Array) -> None:
    _require_sizes(function.__name__, a.size, out.size)
    with np.errstate(all="ignore"):
        function(a.buffer, out=out.buffer)


def _require_sizes(name: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise ValueError(f"{name}: expected arrays of {expected} numbers, got {found}")
