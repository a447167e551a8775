"""What operators and elementwise functions of an NDArray compute, in terms of the kernels that a device has.

A device has few kernels: sum, product, quotient, maximum, ==, >=, log, exp, tanh, and a power with a number. All else
is made of them here: a - b is a + (-b), and a > b is (a >= b) where not (a == b). An array that nobody else has yet may
be the argument and the result of a kernel at once.

Shapes that differ broadcast, as in NumPy. (Operators of tensors refuse that before they come here.)
`a += b` makes a new array: another name for the old one still means the old one.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from .shapes import common_shape

if TYPE_CHECKING:
    from .ndarray import NDArray


class Arithmetic:
    """The part of NDArray that computes element by element."""

    __slots__ = ()
    __hash__ = None  # == compares elements

    def ewise_or_scalar(
        self: NDArray, other: NDArray | float, ewise_func: Callable[..., None], scalar_func: Callable[..., None]
    ) -> NDArray:
        """A new array by one kernel: `ewise_func(a, b, out)` with another array, `scalar_func(a, number, out)` else.

        Raises TypeError: if `other` is neither; ValueError: if the shapes do not broadcast, or if the arrays are on
        different devices.
        """
        if isinstance(other, Arithmetic):
            lhs, rhs = self, other
            if lhs._shape != rhs._shape or lhs._device is not rhs._device:
                lhs, rhs = _together(_called(ewise_func), lhs, rhs)
            # As `compact` begins, without calling it: small arrays feel every call.
            if lhs._strides is not lhs._dense or lhs._offset:
                lhs = lhs.compact()
            if rhs._strides is not rhs._dense or rhs._offset:
                rhs = rhs.compact()
            out = lhs._similar()
            ewise_func(lhs._handle, rhs._handle, out._handle)
            return out
        number = other if type(other) is float else as_float(_called(scalar_func), other)
        compact = self.compact()
        out = compact._similar()
        scalar_func(compact._handle, number, out._handle)
        return out

    def _unary(self: NDArray, kernel: Callable[..., None]) -> NDArray:
        compact = self.compact()
        out = compact._similar()
        kernel(compact._handle, out._handle)
        return out

    def _filled(self: NDArray, number: Any, name: str) -> NDArray:
        """A number, as often as this array has elements."""
        out = self.make(self._shape, device=self._device)
        out.fill(as_float(name, number))
        return out

    # Arithmetic.

    def __add__(self: NDArray, other: NDArray | float) -> NDArray:
        mod = self._device.mod
        return self.ewise_or_scalar(other, mod.ewise_add, mod.scalar_add)

    def __sub__(self: NDArray, other: NDArray | float) -> NDArray:
        if not isinstance(other, Arithmetic):
            return self + -as_float("sub", other)
        if self._shape != other._shape or self._device is not other._device:
            return self + -other
        lhs, out = self.compact(), -other
        self._device.mod.ewise_add(lhs._handle, out._handle, out._handle)
        return out

    def __mul__(self: NDArray, other: NDArray | float) -> NDArray:
        mod = self._device.mod
        return self.ewise_or_scalar(other, mod.ewise_mul, mod.scalar_mul)

    def __truediv__(self: NDArray, other: NDArray | float) -> NDArray:
        mod = self._device.mod
        return self.ewise_or_scalar(other, mod.ewise_div, mod.scalar_div)

    def __pow__(self: NDArray, other: NDArray | float) -> NDArray:
        """With a number, by the device; with an array there is no kernel, and NumPy computes on the processor."""
        mod = self._device.mod
        if isinstance(other, Arithmetic):
            kernel = getattr(mod, "ewise_power", _power_by_numpy(self))
            return self.ewise_or_scalar(other, kernel, mod.scalar_power)
        return self.ewise_or_scalar(other, mod.scalar_power, mod.scalar_power)

    def __neg__(self: NDArray) -> NDArray:
        compact = self.compact()
        out = compact._similar()
        self._device.mod.scalar_mul(compact._handle, -1.0, out._handle)
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self: NDArray, other: float) -> NDArray:
        return -self + other

    def __rtruediv__(self: NDArray, other: float) -> NDArray:
        return self._filled(other, "div") / self

    def __rpow__(self: NDArray, other: float) -> NDArray:
        return self._filled(other, "power") ** self

    def maximum(self: NDArray, other: NDArray | float) -> NDArray:
        """The larger, element by element."""
        mod = self._device.mod
        return self.ewise_or_scalar(other, mod.ewise_maximum, mod.scalar_maximum)

    # Comparisons: 1.0 where true, else 0.0. Of nan, only != is true.

    def __eq__(self: NDArray, other: object) -> NDArray:  # type: ignore[override]
        if not _compares(other):
            return NotImplemented
        mod = self._device.mod
        return self.ewise_or_scalar(other, mod.ewise_eq, mod.scalar_eq)

    def __ne__(self: NDArray, other: object) -> NDArray:  # type: ignore[override]
        if not _compares(other):
            return NotImplemented
        return (self == other) == 0

    def __ge__(self: NDArray, other: NDArray | float) -> NDArray:
        mod = self._device.mod
        return self.ewise_or_scalar(other, mod.ewise_ge, mod.scalar_ge)

    def __le__(self: NDArray, other: NDArray | float) -> NDArray:
        if isinstance(other, Arithmetic):
            return other >= self
        return -self >= -as_float("le", other)

    def __gt__(self: NDArray, other: NDArray | float) -> NDArray:
        if isinstance(other, Arithmetic):
            return (self >= other) * (self != other)
        # Above a float32 is what reaches the next one. Nothing is above inf, which has none, or nan.
        number = np.float32(as_float("gt", other))
        above = np.nextafter(number, np.float32(np.inf))
        return self >= (float(above) if above > number else np.nan)

    def __lt__(self: NDArray, other: NDArray | float) -> NDArray:
        if isinstance(other, Arithmetic):
            return other > self
        return -self > -as_float("lt", other)

    # Functions.

    def log(self: NDArray) -> NDArray:
        """The natural logarithm."""
        return self._unary(self._device.mod.ewise_log)

    def exp(self: NDArray) -> NDArray:
        return self._unary(self._device.mod.ewise_exp)

    def tanh(self: NDArray) -> NDArray:
        return self._unary(self._device.mod.ewise_tanh)


def is_number(thing: Any) -> bool:
    """Whether it counts as one number: Python's, NumPy's, or a NumPy array of shape ()."""
    if isinstance(thing, np.ndarray):
        return thing.ndim == 0 and thing.dtype.kind in "biuf"
    return isinstance(thing, (Real, np.bool_))


def as_float(name: str, number: Any) -> float:
    """A number as Python's own. Raises TypeError: if it is none."""
    if is_number(number):
        return float(number)
    shape = getattr(number, "shape", None)
    found = f"{type(number).__name__}{'' if shape is None else f' of shape {shape}'}"
    raise TypeError(f"{name}: an NDArray goes with another or with a number, not with {found}")


def _compares(other: object) -> bool:
    return isinstance(other, Arithmetic) or is_number(other)


def _called(kernel: Callable[..., None]) -> str:
    """What errors call an operation: `add` for the kernel ewise_add."""
    return getattr(kernel, "__name__", "operation").removeprefix("ewise_").removeprefix("scalar_")


def _together(name: str, lhs: NDArray, rhs: NDArray) -> tuple[NDArray, NDArray]:
    """Two arrays of one shape on one device. Raises ValueError: if they do not go together."""
    if lhs._device != rhs._device:
        raise ValueError(
            f"{name}: one array is on {lhs._device}, the other on {rhs._device}; "
            f"bring one to the other's device, as by .to({lhs._device})"
        )
    if lhs._shape == rhs._shape:
        return lhs, rhs
    shape = common_shape(name, lhs._shape, rhs._shape)
    return lhs.broadcast_to(shape), rhs.broadcast_to(shape)


def _power_by_numpy(like: NDArray) -> Callable[..., None]:
    """A kernel `ewise_power(a, b, out)` for a device that has none: there, by NumPy, and back."""
    mod = like._device.mod

    def ewise_power(a: Any, b: Any, out: Any) -> None:
        bases, exponents = (mod.to_numpy(each, (each.size,), (1,), 0) for each in (a, b))
        with np.errstate(all="ignore"):
            mod.from_numpy(np.power(bases, exponents), out)

    return ewise_power
