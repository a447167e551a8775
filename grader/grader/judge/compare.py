"""Is the submitted value the expected one, and if not, in which way not?

`compare` answers with the *kind* of difference, in words that a student may read: types, dtypes and shapes of both, how
many elements are off and by which order of magnitude. Never an expected value, an input, or text from the box.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..results import Difference
from .protocol import Named, Opaque

_CLASSES = {
    "b": "bool",
    "i": "integer",
    "u": "integer",
    "f": "floating point",
    "c": "complex",
}
_SHOWN_DIMENSIONS = 8


def compare(expected: Any, got: Any, rtol: float, atol: float, known: Iterable[str] = frozenset()) -> Difference | None:
    """None if `got` equals `expected` within the tolerances, else the first difference.

    Numbers and arrays must agree in dtype class (bool, integer, floating point, complex), shape, places of NaN and inf;
    floating point then within `atol + rtol * |expected|`, everything else exactly. A NumPy scalar or an array without
    dimensions is as good as a Python number, a tuple as good as a list.

    known: names of types (beside built-in ones) that a message may show.
    """
    names = frozenset(known)
    if isinstance(expected, (list, tuple)):
        return _compare_items(expected, got, rtol, atol, names)
    if isinstance(expected, dict):
        return _compare_dicts(expected, got, rtol, atol, names)
    if _is_number(expected):
        if not _is_number(got):
            return _type(expected, got, names)
        return _compare_numbers(np.asarray(expected), np.asarray(got), rtol, atol)
    if type(expected) is not type(got) or (isinstance(expected, Named) and expected.kind != got.kind):
        return _type(expected, got, names)
    if expected != got or isinstance(expected, Opaque):
        return Difference(kind="value", message=f"another {_name(expected, names)} than expected")
    return None


def _compare_items(expected: Any, got: Any, rtol: float, atol: float, names: frozenset[str]) -> Difference | None:
    if not isinstance(got, (list, tuple)):
        return _type(expected, got, names)
    if len(expected) != len(got):
        message = f"expected {_count(len(expected), 'item')}, got {len(got)}"
        return Difference(kind="length", message=message)
    for number, (left, right) in enumerate(zip(expected, got, strict=True), 1):
        difference = compare(left, right, rtol, atol, names)
        if difference is not None:
            return Difference(kind=difference.kind, message=f"item {number}: {difference.message}")
    return None


def _compare_dicts(expected: dict, got: Any, rtol: float, atol: float, names: frozenset[str]) -> Difference | None:
    if not isinstance(got, dict):
        return _type(expected, got, names)
    if expected.keys() != got.keys():
        missing, extra = len(expected.keys() - got.keys()), len(got.keys() - expected.keys())
        return Difference(kind="keys", message=f"{_count(missing, 'key')} missing, {extra} too many")
    for number, key in enumerate(expected, 1):
        difference = compare(expected[key], got[key], rtol, atol, names)
        if difference is not None:
            return Difference(kind=difference.kind, message=f"entry {number}: {difference.message}")
    return None


def _compare_numbers(expected: np.ndarray, got: np.ndarray, rtol: float, atol: float) -> Difference | None:
    wanted, came = _dtype_class(expected), _dtype_class(got)
    if expected.shape != got.shape:
        message = f"expected shape {_shape(expected)}, got {_shape(got)}"
        return Difference(kind="shape", message=message)
    if wanted != came:
        message = f"expected {wanted} numbers (dtype {_dtype(expected)}), got {came} ones (dtype {_dtype(got)})"
        return Difference(kind="dtype", message=message)
    if expected.size == 0:
        return None
    if wanted in ("bool", "integer"):
        wrong = int(np.count_nonzero(expected != got))
        return None if wrong == 0 else Difference(kind="value", message=_off(wrong, expected.size))
    precise = np.complex128 if wanted == "complex" else np.float64
    left, right = expected.astype(precise), got.astype(precise)
    nan = int(np.count_nonzero(np.isnan(left) != np.isnan(right)))
    if nan:
        what = "NaN where there should be none" if np.isnan(right).any() else "a number where there should be NaN"
        return Difference(kind="nan", message=f"{what} ({_off(nan, left.size)})")
    finite = np.isfinite(left) & np.isfinite(right)
    infinite = ~finite & ~np.isnan(left) & (left != right)
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.where(finite, np.abs(left - right), 0.0)
        far = (error > atol + rtol * np.where(finite, np.abs(left), 0.0)) | infinite
    wrong = int(np.count_nonzero(far))
    if wrong == 0:
        return None
    largest = float(error.max())
    size = (
        "infinite"
        if infinite.any() or not math.isfinite(largest)
        else f"about 1e{math.floor(math.log10(largest)):+03d}"
    )
    message = f"not close: the largest error is {size} ({_off(wrong, left.size)})"
    return Difference(kind="close", message=message)


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, np.ndarray, np.generic))


def _dtype_class(array: np.ndarray) -> str:
    # A Python integer beyond 64 bits becomes an object array.
    return _CLASSES.get(array.dtype.kind, "integer")


def _dtype(array: np.ndarray) -> str:
    return "int" if array.dtype.kind == "O" else array.dtype.name


def _shape(array: np.ndarray) -> str:
    """A shape as students write it. Of one with many dimensions, which nobody hands over by mistake, only how many."""
    return str(array.shape) if array.ndim <= _SHOWN_DIMENSIONS else f"of {array.ndim} dimensions"


def _type(expected: Any, got: Any, names: frozenset[str]) -> Difference:
    return Difference(
        kind="type", message=f"expected {_article(_name(expected, names))}, got {_article(_name(got, names))}"
    )


def _name(value: Any, names: frozenset[str]) -> str:
    if isinstance(value, Named):
        return value.kind
    if isinstance(value, Opaque):
        return value.name if value.name in names else "object of a type that cannot be handed over"
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return "array"
    if isinstance(value, np.generic):
        return _CLASSES.get(value.dtype.kind, "other") + " number"
    return type(value).__name__


def _article(name: str) -> str:
    if name == "None":
        return name
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def _off(wrong: int, size: int) -> str:
    return "the value is wrong" if size == 1 else f"{wrong} of {size} elements are wrong"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
