"""Where data enter the graph: what users pass and what operators return is made what a tensor holds, or refused."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy

from .backend_selection import Device, NDArray, array_api


def new_array(data: Any, device: Device, dtype: Any) -> NDArray:
    """A new array on a device. Raises TypeError: if the data are not numbers in a rectangular arrangement."""
    if array_api is not numpy:
        return array_api.array(data, device=device, dtype=dtype)
    array = numpy.array(data, dtype=dtype)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"Tensor: expected numbers, got {described(data)}")
    return array


def as_data(operator: object, result: Any) -> Any:
    """What an operator's `compute` returned, as a value keeps it: an array that may be written to, or a tuple of them.

    NumPy returns a scalar for a 0-d result and a read-only view for a broadcast one: these become arrays of their own.
    Raises TypeError: if it is something else.
    """
    if isinstance(result, NDArray):
        return numpy.array(result) if array_api is numpy and not result.flags.writeable else result
    if isinstance(result, (tuple, list)):
        return tuple(as_data(operator, each) for each in result)
    if isinstance(result, (numpy.generic, Number)):
        return numpy.array(result) if array_api is numpy else result
    name = type(operator).__name__
    raise TypeError(f"{name}.compute: expected to return an array, got {described(result)}")


def as_number(operator: str, number: Any) -> Any:
    """A number as Python's own, which takes on a tensor's dtype where NumPy's would change it (float32 to float64).

    Raises TypeError: if it is no number.
    """
    if type(number) in (float, int):
        return number
    if isinstance(number, (Number, numpy.bool_)):
        return number.item() if isinstance(number, numpy.generic) else number
    raise TypeError(f"{operator}: a Tensor goes with a Tensor or a number, not with {described(number)}")


def described(thing: Any) -> str:
    """What an error calls a thing that should not be there."""
    hint = "; make it a Tensor with ndl.Tensor(...)" if isinstance(thing, (numpy.ndarray, list, tuple)) else ""
    shape = getattr(thing, "shape", None)
    return f"{type(thing).__name__}{'' if shape is None else f' of shape {shape}'}{hint}"
