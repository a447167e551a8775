"""Shapes and axes as numbers: checked, completed and brought into order, before anything is computed."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence

Shape = tuple[int, ...]

# Kernels count sizes and strides in 32 bits.
LARGEST = 2**31 - 1


@functools.lru_cache(maxsize=4096)
def layout(shape: Shape) -> tuple[Shape, Shape, int]:
    """A shape, the strides of a compact array of that shape, and its size: (2, 3, 4) has (12, 4, 1) and 24.

    Kept for shapes that were seen before, since every result of every operation asks.
    Raises TypeError: if a size is not an integer; ValueError: if one is negative, or a size or stride has over 31 bits.
    """
    sizes = tuple(operator.index(size) for size in shape)
    strides = []
    stride = 1
    for size in reversed(sizes):
        strides.append(stride)
        stride *= size
    strides.reverse()
    return (*strided(sizes, tuple(strides)), stride)


@functools.lru_cache(maxsize=4096)
def strided(shape: Shape, strides: Shape) -> tuple[Shape, Shape]:
    """The shape and the strides of a view, as integers of Python's own.

    Raises TypeError: if one is no integer; ValueError: if there are not as many strides as sizes, or if a size is
    negative, or if one of them is more than kernels can count.
    """
    sizes, steps = (tuple(operator.index(each) for each in sequence) for sequence in (shape, strides))
    if len(sizes) != len(steps):
        raise ValueError(f"shape {sizes} needs as many strides, not {steps}")
    if any(size < 0 for size in sizes):
        raise ValueError(f"shape {sizes} has a negative size")
    if any(abs(each) > LARGEST for each in sizes + steps):
        raise ValueError(f"shape {sizes} with strides {steps} is too large: each must be at most {LARGEST}")
    return sizes, steps


def as_shape(shape: int | Sequence[int]) -> Shape:
    """A shape as a tuple; a number n is (n,)."""
    if type(shape) is tuple:
        return shape
    try:
        return tuple(shape)
    except TypeError:
        return (operator.index(shape),)


def completed(old: Shape, new: int | Sequence[int]) -> Shape:
    """A new shape in which one size of -1 is what is left of the old one; as it is, if nothing fits."""
    new = as_shape(new)
    if -1 not in new:
        return new
    known = math.prod(size for size in new if size != -1)
    total = math.prod(old)
    if new.count(-1) > 1 or not known or total % known:
        return new
    return tuple(total // known if size == -1 else size for size in new)


def one_axis(name: str, axis: int, ndim: int) -> int:
    """An axis counted from 0. Raises ValueError: if there is none such."""
    index = operator.index(axis)
    if not -ndim <= index < ndim:
        raise ValueError(f"{name}: axis {axis} is not one of {ndim} axes")
    return index % ndim


def some_axes(name: str, axes: int | Sequence[int] | None, ndim: int) -> list[int]:
    """Axes counted from 0; None is all of them. Raises ValueError: if one does not exist or is named twice."""
    if axes is None:
        return list(range(ndim))
    found = [one_axis(name, axis, ndim) for axis in (axes if isinstance(axes, (tuple, list)) else (axes,))]
    if len(set(found)) != len(found):
        raise ValueError(f"{name}: axes {axes} name one of {ndim} axes twice")
    return found


@functools.lru_cache(maxsize=1024)
def permutation(axes: Shape, ndim: int) -> Shape:
    """Axes counted from 0. Raises ValueError: unless each of `ndim` axes is there once."""
    if len(axes) != ndim:
        raise ValueError(f"permute: expected each of {ndim} axes once, got {axes}")
    return tuple(some_axes("permute", axes, ndim))


@functools.lru_cache(maxsize=1024)
def swapped(axis1: int, axis2: int, ndim: int) -> Shape:
    """All axes in order, but for two that have changed places."""
    order = list(range(ndim))
    i, j = one_axis("swapaxes", axis1, ndim), one_axis("swapaxes", axis2, ndim)
    order[i], order[j] = j, i
    return tuple(order)


def common_shape(name: str, lhs: Shape, rhs: Shape) -> Shape:
    """What two shapes broadcast to. Raises ValueError: if they do not."""
    longest = max(len(lhs), len(rhs))
    pairs = list(zip((1,) * (longest - len(lhs)) + lhs, (1,) * (longest - len(rhs)) + rhs, strict=True))
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        raise ValueError(f"{name}: shapes {lhs} and {rhs} do not go together")
    return tuple(n if m == 1 else m for m, n in pairs)
