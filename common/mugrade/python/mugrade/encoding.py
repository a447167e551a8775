"""Values to JSON, as the service reads them.

    np.array([1., 2.])         {"_encoded_type": "np.ndarray", "data": [1.0, 2.0]}
    datetime(2024, 5, 6)       {"_encoded_type": "datetime", "data": "2024-05-06T00:00:00"}
    float, np.dtype("float32") {"_encoded_type": "type", "data": "<class 'float'>"}, {..., "data": "dtype('float32')"}
    (1, np.float32(2))         [1, 2.0]

Floats that JSON has no word for are written as Python's json module writes and reads them: NaN, Infinity, -Infinity.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import numpy as np

from .errors import EncodingError

MAX_DEPTH = 32
NUMBERS = "biuf"  # the kinds of NumPy dtype whose elements are plain numbers


def encode(value: Any) -> Any:
    """A copy of the value made of None, bool, int, float, str, list and dict alone.

    Raises EncodingError: for any other type, an array of anything but numbers, a key that is no str, or a value
    nested deeper than 32 levels.
    """
    return _encode(value, 0)


def dumps(encoded: Any) -> bytes:
    """JSON text of what `encode` returned."""
    return json.dumps(encoded, separators=(",", ":")).encode("utf-8")


def _encode(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise EncodingError(f"cannot hand over a value nested deeper than {MAX_DEPTH} levels: does it contain itself?")
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in NUMBERS:
            raise EncodingError(f"cannot hand over an array of dtype {value.dtype}: it must hold numbers or bools")
        return _tagged("np.ndarray", value.tolist())
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    if value is None or isinstance(value, str):
        return value if value is None else str(value)
    if isinstance(value, (list, tuple)):
        return [_encode(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_key(key): _encode(item, depth + 1) for key, item in value.items()}
    if isinstance(value, datetime):
        return _tagged("datetime", value.isoformat())
    if isinstance(value, (type, np.dtype)):
        return _tagged("type", repr(value))
    kind = type(value)
    advice = "hand over its .numpy()" if hasattr(value, "numpy") else "hand over numbers, text, arrays, lists or dicts"
    raise EncodingError(f"cannot hand over a value of type {kind.__module__}.{kind.__qualname__}: {advice}")


def _tagged(name: str, data: Any) -> dict[str, Any]:
    return {"_encoded_type": name, "data": data}


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise EncodingError(f"cannot hand over a dict with the key {key!r}: keys must be str, not {type(key).__name__}")
    return str(key)
