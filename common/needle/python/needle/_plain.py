"""Objects as plain data, and back again to the bit: what JSON can write, and arrays beside it.

Numbers, texts and None are plain. Everything else becomes a dict of one entry that says what it was:

    {"tensor": name}, {"array": name}, {"scalar": name}      in the arrays beside it; a scalar is a number of NumPy's,
                                                             an array what tensors hold: NumPy's, or an NDArray
    {"numpy": name}                                          a NumPy array on the nd backend
    {"parameter": place}, {"id": place}                      params[place], and id(params[place]) as the key of a dict
    {"dict": [[key, value], ...]}, {"list": [value, ...]}, {"tuple": [value, ...]}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._conversions import new_array
from .autograd import Tensor
from .backend_selection import NDArray


def to_plain(name: str, value: Any, params: Sequence[Tensor]) -> tuple[Any, dict[str, np.ndarray]]:
    """A value as plain data, and its arrays by names that begin with `name`.

    params: the tensors that it may speak of, and which are not written themselves
    Raises ValueError: if it is, or holds, something of another kind; the message names the place.
    """
    places = {id(param): place for place, param in enumerate(params)}
    arrays: dict[str, np.ndarray] = {}

    def plain(name: str, value: Any) -> Any:
        if isinstance(value, Tensor) and id(value) in places:
            return {"parameter": places[id(value)]}
        if isinstance(value, (Tensor, NDArray, np.ndarray, np.generic)):
            arrays[name] = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
            if arrays[name].dtype.kind in "biuf":
                return {_kind(value): name}
        elif value is None or isinstance(value, (bool, int, float, str)):
            return value
        elif isinstance(value, dict):
            pairs = [(f"{name}.{i}", key, each) for i, (key, each) in enumerate(value.items())]
            return {"dict": [[plain_key(place, key), plain(place, each)] for place, key, each in pairs]}
        elif isinstance(value, (list, tuple)):
            kind = "list" if isinstance(value, list) else "tuple"
            return {kind: [plain(f"{name}.{i}", each) for i, each in enumerate(value)]}
        raise ValueError(f"{name}: cannot save a {type(value).__name__}: {value!r}")

    def plain_key(name: str, key: Any) -> Any:
        if isinstance(key, int) and key in places:
            return {"id": places[key]}
        before = len(arrays)
        found = plain(name, key)
        if len(arrays) != before:
            raise ValueError(f"{name}: cannot save a {type(key).__name__} as the key of a dict: {key!r}")
        return found

    return plain(name, value), arrays


def _kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return "tensor"
    return "array" if isinstance(value, NDArray) else "scalar" if np.isscalar(value) else "numpy"


def from_plain(value: Any, arrays: dict[str, np.ndarray], params: Sequence[Tensor]) -> Any:
    """What `to_plain` was given, for the parameters given here. A dict of a special kind becomes a plain one."""
    match value:
        case {"parameter": place}:
            return params[place]
        case {"id": place}:
            return id(params[place])
        case {"tensor": name}:
            return Tensor(arrays[name], device=params[0].device, requires_grad=False)
        case {"array": name}:
            return new_array(arrays[name], params[0].device, arrays[name].dtype)
        case {"numpy": name}:
            return arrays[name]
        case {"scalar": name}:
            return arrays[name][()]
        case {"dict": pairs}:
            return {from_plain(key, arrays, params): from_plain(each, arrays, params) for key, each in pairs}
        case {"list": items}:
            return [from_plain(each, arrays, params) for each in items]
        case {"tuple": items}:
            return tuple(from_plain(each, arrays, params) for each in items)
    return value
