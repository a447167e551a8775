"""Is the submitted value the expected one, and if not, in which way not?

`compare` answers with the *kind* of difference, in words that a student may read: types, dtypes and shapes of both, how
many elements are off and by which order of magnitude. Never an expected value, an input, or text from the box.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..results import Difference
from .protocol import DTYPES, Named, Opaque

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
    wanted, came = _dtype_name(expected), _dtype_name(got)
    if wanted and came and wanted != came:
        return Difference(kind="dtype", message=f"expected dtype {wanted}, got {came}")
    if type(expected) is not type(got) or (isinstance(expected, Named) and expected.kind != got.kind):
        return _type(expected, got, names)
    if expected != got and isinstance(expected, Named) and expected.kind == "type":
        return _other_type(expected, got, names)
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
    with np.errstate(invalid="ignore"):  # a NaN may be of the sort that signals when it is converted
        left, right = expected.astype(precise), got.astype(precise)
    wanted_nan, came_nan = np.isnan(left), np.isnan(right)
    nan = int(np.count_nonzero(wanted_nan != came_nan))
    if nan:
        surplus = bool((came_nan & ~wanted_nan).any())
        what = "NaN where there should be none" if surplus else "a number where there should be NaN"
        return Difference(kind="nan", message=what + _share(nan, left.size))
    finite = np.isfinite(left) & np.isfinite(right)
    infinite = ~finite & ~np.isnan(left) & (left != right)
    if infinite.any():
        return _infinite(left, right, infinite)
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.where(finite, np.abs(left - right), 0.0)
        far = error > atol + rtol * np.where(finite, np.abs(left), 0.0)
    wrong = int(np.count_nonzero(far))
    if wrong == 0:
        return None
    largest = float(error.max())
    size = f"about 1e{math.floor(math.log10(largest)):+03d}" if math.isfinite(largest) else "beyond all numbers"
    return Difference(
        kind="close", message=f"not close: the {_largest(wrong)}error is {size}{_share(wrong, left.size)}"
    )


def _infinite(left: np.ndarray, right: np.ndarray, places: np.ndarray) -> Difference:
    """Infinity on one side only, or of another sign, at some places."""
    wanted, came = np.isinf(left[places]), np.isinf(right[places])
    if (came & ~wanted).any():
        what = "infinity where there should be a finite number"
    elif (wanted & ~came).any():
        what = "a finite number where there should be infinity"
    else:
        what = "infinity of the other sign"
    return Difference(kind="nan", message=what + _share(int(np.count_nonzero(places)), left.size))


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


def _other_type(expected: Named, got: Named, names: frozenset[str]) -> Difference:
    """Two types that were handed over, named where both names are nobody's secret."""
    shown = []
    for value in (expected, got):
        module, _, name = value.name.rpartition(".")
        built_in = module == "builtins" and isinstance(getattr(builtins, name, None), type)
        if not (built_in or name in names or _dtype_name(value)):
            return Difference(kind="type", message="another type than expected")
        shown.append(name)
    return Difference(kind="type", message=f"expected the type {shown[0]}, got {shown[1]}")


def _article(name: str) -> str:
    if name == "None":
        return name
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def _off(wrong: int, size: int) -> str:
    return "the value is wrong" if size == 1 else f"{wrong} of {size} elements {'is' if wrong == 1 else 'are'} wrong"


def _share(wrong: int, size: int) -> str:
    """How many elements are concerned, after words that say in which way; nothing where there is but one."""
    return "" if size == 1 else f" ({_off(wrong, size)})"


def _largest(wrong: int) -> str:
    return "" if wrong == 1 else "largest "


def _dtype_name(value: Any) -> str | None:
    """The name of a dtype that was handed over as itself, as NumPy's type or as a text, if it is one of NumPy's."""
    if isinstance(value, Named):
        name = value.name if value.kind == "dtype" else value.name.removeprefix("numpy.")
    else:
        name = value if isinstance(value, str) else ""
    return name if name in DTYPES else None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
