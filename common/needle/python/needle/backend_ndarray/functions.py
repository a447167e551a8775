"""Functions on NDArrays by the names that NumPy calls them: with them, operators are written once for both backends.

On the nd backend `array_api` is the package of this file, on the NumPy backend it is NumPy. What both have, with the
same arguments and, but for float32 alone, with the same results:

    new arrays      array empty full zeros ones empty_like full_like zeros_like ones_like
    elements        add subtract multiply divide power negative maximum minimum abs square sqrt exp log tanh where
                    equal not_equal greater greater_equal less less_equal
    shapes          reshape broadcast_to transpose swapaxes squeeze expand_dims
    all together    sum max min mean (axis: None, one or several; keepdims), matmul
    operators       + - * / ** @ and comparisons, of arrays (whose shapes broadcast) and numbers
    methods         .shape .ndim .size .dtype .T .sum .max .reshape .transpose .swapaxes .astype .copy .item

`sum(a)` and `max(a)` of all elements are arrays of shape () here, as in NumPy; the methods `a.sum()` and `a.max()` give
shape (1,). `reshape(a, shape)` copies where it must; the method does not, and raises ValueError instead. Indexing never
drops an axis. Arguments may be numbers where NumPy takes them: `maximum(a, 0)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .devices import BackendDevice, default_device
from .ndarray import NDArray
from .shapes import as_shape, one_axis, some_axes

__all__ = [
    "abs",
    "absolute",
    "add",
    "amax",
    "amin",
    "array",
    "broadcast_to",
    "divide",
    "empty",
    "empty_like",
    "equal",
    "exp",
    "expand_dims",
    "float32",
    "full",
    "full_like",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "log",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "ones",
    "ones_like",
    "power",
    "reshape",
    "sqrt",
    "square",
    "squeeze",
    "subtract",
    "sum",
    "swapaxes",
    "tanh",
    "transpose",
    "true_divide",
    "where",
    "zeros",
    "zeros_like",
]

Shape = int | Sequence[int]
Axes = int | Sequence[int] | None

float32 = "float32"


# New arrays. A dtype may be named, and is float32 whatever is named.


def array(a: Any, dtype: Any = float32, device: BackendDevice | None = None) -> NDArray:
    """A new array of the numbers of a list, a NumPy array or an NDArray."""
    return NDArray(a, device=device)


def empty(shape: Shape, dtype: Any = float32, device: BackendDevice | None = None) -> NDArray:
    """Not initialised."""
    return NDArray.make(shape, device=device)


def full(shape: Shape, fill_value: float, dtype: Any = float32, device: BackendDevice | None = None) -> NDArray:
    return (device or default_device()).full(shape, fill_value)


def zeros(shape: Shape, dtype: Any = float32, device: BackendDevice | None = None) -> NDArray:
    return full(shape, 0.0, device=device)


def ones(shape: Shape, dtype: Any = float32, device: BackendDevice | None = None) -> NDArray:
    return full(shape, 1.0, device=device)


def empty_like(a: NDArray) -> NDArray:
    return NDArray.make(a.shape, device=a.device)


def full_like(a: NDArray, fill_value: float) -> NDArray:
    return a.device.full(a.shape, fill_value)


def zeros_like(a: NDArray) -> NDArray:
    return full_like(a, 0.0)


def ones_like(a: NDArray) -> NDArray:
    return full_like(a, 1.0)


# Element by element.


def add(x1: Any, x2: Any) -> NDArray:
    return x1 + x2


def subtract(x1: Any, x2: Any) -> NDArray:
    return x1 - x2


def multiply(x1: Any, x2: Any) -> NDArray:
    return x1 * x2


def divide(x1: Any, x2: Any) -> NDArray:
    return x1 / x2


def power(x1: Any, x2: Any) -> NDArray:
    return x1**x2


def negative(a: NDArray) -> NDArray:
    return -a


def maximum(a: Any, b: Any) -> NDArray:
    return a.maximum(b) if isinstance(a, NDArray) else _array(b).maximum(a)


def minimum(a: Any, b: Any) -> NDArray:
    return -maximum(-a, -b)


def abs(a: NDArray) -> NDArray:
    return _array(a).maximum(-a)


def square(a: NDArray) -> NDArray:
    return a * a


def sqrt(a: NDArray) -> NDArray:
    return _array(a) ** 0.5


def exp(a: NDArray) -> NDArray:
    return _array(a).exp()


def log(a: NDArray) -> NDArray:
    return _array(a).log()


def tanh(a: NDArray) -> NDArray:
    return _array(a).tanh()


def where(condition: NDArray, x: Any, y: Any) -> NDArray:
    """x where the condition is not 0, else y. No device has a kernel for it: NumPy computes it on the processor."""
    chosen = np.where(*(each.numpy() if isinstance(each, NDArray) else each for each in (condition != 0, x, y)))
    return NDArray(chosen, device=condition.device)


def equal(x1: Any, x2: Any) -> NDArray:
    return x1 == x2


def not_equal(x1: Any, x2: Any) -> NDArray:
    return x1 != x2


def greater(x1: Any, x2: Any) -> NDArray:
    return x1 > x2


def greater_equal(x1: Any, x2: Any) -> NDArray:
    return x1 >= x2


def less(x1: Any, x2: Any) -> NDArray:
    return x1 < x2


def less_equal(x1: Any, x2: Any) -> NDArray:
    return x1 <= x2


# Shapes. Views where that is possible.


def reshape(a: NDArray, shape: Shape) -> NDArray:
    """The same elements in another shape; a view of a compact array, else a copy."""
    return _array(a).compact().reshape(shape)


def broadcast_to(a: NDArray, shape: Shape) -> NDArray:
    """A view in which axes of size 1, and new axes in front, repeat."""
    a, shape = _array(a), as_shape(shape)
    added = len(shape) - a.ndim
    if added > 0:
        a = a.as_strided((1,) * added + a.shape, (0,) * added + a.strides)
    return a.broadcast_to(shape)


def transpose(a: NDArray, axes: Sequence[int] | None = None) -> NDArray:
    """A view with the axes in reverse, or in another order."""
    return a.transpose(axes)


def swapaxes(a: NDArray, axis1: int, axis2: int) -> NDArray:
    return a.swapaxes(axis1, axis2)


def squeeze(a: NDArray, axis: Axes = None) -> NDArray:
    """Without axes of size 1: all of them, or those that are named."""
    gone = [i for i, n in enumerate(a.shape) if n == 1] if axis is None else some_axes("squeeze", axis, a.ndim)
    if wrong := [i for i in gone if a.shape[i] != 1]:
        raise ValueError(f"squeeze: axis {wrong[0]} of shape {a.shape} has size {a.shape[wrong[0]]}, not 1")
    kept = [i for i in range(a.ndim) if i not in gone]
    return a.as_strided([a.shape[i] for i in kept], [a.strides[i] for i in kept])


def expand_dims(a: NDArray, axis: int) -> NDArray:
    """With a new axis of size 1."""
    place = one_axis("expand_dims", axis, a.ndim + 1)
    return a.as_strided((*a.shape[:place], 1, *a.shape[place:]), (*a.strides[:place], 0, *a.strides[place:]))


# All together.


def sum(a: NDArray, axis: Axes = None, keepdims: bool = False) -> NDArray:
    """Over one axis, several, or (None) all, which gives shape ()."""
    return _reduced(a, _array(a).sum(axis, keepdims), axis, keepdims)


def max(a: NDArray, axis: Axes = None, keepdims: bool = False) -> NDArray:
    """Over one axis, several, or (None) all, which gives shape ()."""
    return _reduced(a, _array(a).max(axis, keepdims), axis, keepdims)


def min(a: NDArray, axis: Axes = None, keepdims: bool = False) -> NDArray:
    return -max(-a, axis, keepdims)


def mean(a: NDArray, axis: Axes = None, keepdims: bool = False) -> NDArray:
    count = 1
    for i in some_axes("mean", axis, a.ndim):
        count *= a.shape[i]
    return sum(a, axis, keepdims) / count


def matmul(x1: NDArray, x2: NDArray) -> NDArray:
    return x1 @ x2


amax, amin, absolute, true_divide = max, min, abs, divide


def _array(a: Any) -> NDArray:
    return a if isinstance(a, NDArray) else NDArray(a)


def _reduced(a: NDArray, result: NDArray, axis: Axes, keepdims: bool) -> NDArray:
    """All elements reduced to one make an array of shape (), not (1,)."""
    return result if axis is not None or keepdims else result.as_strided((), ())
