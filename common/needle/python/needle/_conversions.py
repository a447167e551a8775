"""Where data enter the graph: what users pass and what operators return is made what a tensor holds, or refused."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy

from .backend_selection import Device, NDArray, array_api, default_device


def new_array(data: Any, device: Device | None, dtype: Any) -> NDArray:
    """A new array. device: None takes that of the data if they are on one of the backend's, else the default device.

    The nd backend knows float32 alone, and makes that of every real number, whatever dtype is named.
    Raises TypeError: if the data are not numbers in a rectangular arrangement.
    """
    if array_api is not numpy and isinstance(data, NDArray):
        return array_api.array(data, device=device)
    array = numpy.array(data, dtype=dtype) if array_api is numpy else numpy.asarray(data)
    if array.dtype.kind not in ("biufc" if array_api is numpy else "biuf"):
        raise TypeError(f"Tensor: expected numbers, got {described(data)}")
    if array_api is numpy:
        return array
    return array_api.array(array, device=default_device() if device is None else device)


def as_data(operator: object, result: Any) -> Any:
    """What an operator's `compute` returned, as a value keeps it: an array that may be written to, or a tuple of them.

    NumPy returns a scalar for a 0-d result and a read-only view for a broadcast one: these become arrays of their own.
    On the nd backend a result that is a view becomes compact, once, where each of its uses would make it so.
    Raises TypeError: if it is something else.
    """
    if isinstance(result, NDArray):
        if array_api is not numpy:
            return result.compact()
        return result if result.flags.writeable else numpy.array(result)
    if isinstance(result, (tuple, list)):
        return tuple(as_data(operator, each) for each in result)
    if isinstance(result, (numpy.generic, Number)):
        return array_api.array(result)
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
