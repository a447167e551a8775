"""What arrays of the two backends have under different names: new arrays like others, and views by strides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from ..backend_selection import NDArray, array_api

Shape = Sequence[int]


def full(shape: Shape, value: float, like: NDArray) -> NDArray:
    """A new array of one number, with the dtype and on the device of another array."""
    if array_api is numpy:
        return numpy.full(shape, value, dtype=like.dtype)
    return like.device.full(shape, value)


def zeros(shape: Shape, like: NDArray) -> NDArray:
    """A new array of zeros, with the dtype and on the device of another array."""
    return full(shape, 0.0, like)


def compact(a: NDArray) -> NDArray:
    """The same elements, in order in memory; a copy only if they are not already."""
    return numpy.ascontiguousarray(a) if array_api is numpy else a.compact()


def strides(a: NDArray) -> tuple[int, ...]:
    """How far apart neighbours along each axis are in memory, counted in elements."""
    return tuple(step // a.itemsize for step in a.strides) if array_api is numpy else a.strides


def as_strided(a: NDArray, shape: Shape, strides: Shape) -> NDArray:
    """A view with these strides, counted in elements, from where the array begins. Nothing checks that it makes sense.

    Elements may appear in it more than once, so it is for reading only.
    """
    if array_api is numpy:
        return numpy.lib.stride_tricks.as_strided(a, shape, [step * a.itemsize for step in strides], writeable=False)
    return a.as_strided(shape, strides)
