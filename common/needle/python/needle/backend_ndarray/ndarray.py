"""NDArray: shape and strides over a flat buffer of a device. You fill four functions that make views of one.

An array is a buffer and a way to read it: element (i, j, k) is the number at

    _offset + i * _strides[0] + j * _strides[1] + k * _strides[2]         (strides in elements, not in bytes)

of its buffer `_handle`. Another shape, other strides and another offset over the same buffer are another array that
shares its memory, made without touching a single element: a *view*. `reshape`, `permute`, `broadcast_to` and
`__getitem__` make views, and you write them.

An array is *compact* if its elements fill its buffer in order, row by row, as a new array's do:

    shape (2, 3, 4)    strides (12, 4, 1)    offset 0

Kernels that compute want compact arrays; `compact()` makes one. Everything is float32.

The file ends where shapes end: operators are in `arithmetic.py`, sums and products in `reductions.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import prod  # noqa: F401 - for solutions that want it
from types import EllipsisType
from typing import Any

import numpy as np

from .arithmetic import Arithmetic, as_float, is_number
from .devices import BackendDevice, default_device
from .reductions import Reductions
from .shapes import Shape, as_shape, completed, layout, permutation, strided, swapped

__all__ = ["NDArray"]

Index = int | slice | EllipsisType


class NDArray(Arithmetic, Reductions):
    """An array of float32 numbers on a device.

    other: a number, a (nested) list, a NumPy array or another NDArray; its numbers are copied
    device: None takes the other NDArray's own, else the default device
    Raises TypeError: if these are not real numbers in a rectangular arrangement; RuntimeError: if the device is not
    enabled; MemoryError: if there is no room.
    """

    # Of an array that is known to be compact, _dense is the very object that _strides is, and _count the size. Whoever
    # assigns other strides need not know of them.
    __slots__ = ("_count", "_dense", "_device", "_handle", "_offset", "_shape", "_strides")

    _shape: Shape
    _strides: Shape
    _offset: int
    _device: BackendDevice
    _handle: Any
    _dense: Shape | None
    _count: int

    # NumPy then leaves `array + ndarray` to NDArray.__radd__.
    __array_ufunc__ = None

    def __init__(self, other: Any, device: BackendDevice | None = None) -> None:
        if isinstance(other, NDArray):
            device = other._device if device is None else device
            compact = other.compact()
            same_buffer = compact if device == other._device else compact.to(device)
            made = same_buffer._copy() if same_buffer._handle is other._handle else same_buffer
        else:
            numbers = np.asarray(other)
            if numbers.dtype.kind not in "biuf":
                raise TypeError(f"NDArray: expected real numbers, got {type(other).__name__} of {numbers.dtype}")
            made = _new(numbers.shape, default_device() if device is None else device)
            made._device.mod.from_numpy(np.asarray(numbers, dtype=np.float32, order="C"), made._handle)
        for name in NDArray.__slots__:
            setattr(self, name, getattr(made, name))

    @staticmethod
    def make(
        shape: int | Sequence[int],
        strides: Sequence[int] | None = None,
        device: BackendDevice | None = None,
        handle: Any = None,
        offset: int = 0,
    ) -> NDArray:
        """An array over a buffer, which is shared: element (i, j) is at offset + i * strides[0] + j * strides[1].

        strides: in elements; None means those of a compact array
        device: whose buffer it is; None means the default device
        handle: the buffer; None means a new one, not initialised
        Raises ValueError: if there are not as many strides as sizes, or one of them is too large for 32 bits.
        """
        device = default_device() if device is None else device
        if strides is None and handle is None and not offset:
            return _new(as_shape(shape), device)
        array = NDArray.__new__(NDArray)
        if strides is None:
            array._shape, array._strides, _ = layout(as_shape(shape))
        else:
            array._shape, array._strides = strided(as_shape(shape), as_shape(strides))
        array._dense = None
        array._count = 0
        array._offset = offset
        array._device = device
        array._handle = device.allocate(math.prod(array._shape)) if handle is None else handle
        return array

    @staticmethod
    def compact_strides(shape: Sequence[int]) -> Shape:
        """The strides of a compact array of a shape: (12, 4, 1) for (2, 3, 4)."""
        return layout(as_shape(shape))[1]

    # What it is.

    @property
    def shape(self) -> Shape:
        return self._shape

    @property
    def strides(self) -> Shape:
        """In elements, not in bytes."""
        return self._strides

    @property
    def device(self) -> BackendDevice:
        return self._device

    @property
    def dtype(self) -> str:
        return "float32"

    @property
    def ndim(self) -> int:
        return len(self._shape)

    @property
    def size(self) -> int:
        return math.prod(self._shape)

    def is_compact(self) -> bool:
        """Whether the elements fill the buffer, in order. Strides of axes of size 1 do not matter."""
        if self._strides is self._dense and not self._offset:
            return True
        shape, dense, size = layout(self._shape)
        if self._offset or self._handle.size != size:
            return False
        if self._strides == dense:
            self._dense, self._count = self._strides, size
            return True
        # Nothing is ever multiplied by the stride of an axis of size 1.
        return not size or all(n == 1 or a == b for n, a, b in zip(shape, self._strides, dense, strict=True))

    # What it holds, elsewhere.

    def numpy(self) -> np.ndarray:
        """A NumPy array of its own, also of shape ()."""
        return self._device.mod.to_numpy(self._handle, self._shape, self._strides, self._offset)

    def to(self, device: BackendDevice) -> NDArray:
        """On another device; this very array, if it is there already."""
        return self if device == self._device else NDArray(self.numpy(), device=device)

    def item(self) -> float:
        """The number in an array of one."""
        if self.size != 1:
            raise ValueError(f"item: an array of shape {self._shape} has {self.size} elements, not one")
        return float(self.numpy().reshape(()))

    def compact(self) -> NDArray:
        """The same elements in order in a buffer of their own; no copy if they are already."""
        if self._strides is self._dense and not self._offset:
            return self
        if self.is_compact():
            dense = layout(self._shape)[1]
            return self if self._strides == dense else self.as_strided(self._shape, dense)
        return self._copy()

    def copy(self) -> NDArray:
        """A new compact array of the same elements."""
        return self._copy()

    def astype(self, dtype: Any) -> NDArray:
        """A copy: there is no dtype but float32."""
        return self._copy()

    def _copy(self) -> NDArray:
        out = _new(self._shape, self._device)
        if out._handle.size:
            # Kernels are spared the case of no axis at all.
            shape, strides = self._shape or (1,), self._strides or (1,)
            self._device.mod.compact(self._handle, out._handle, shape, strides, self._offset)
        return out

    def fill(self, value: float) -> None:
        """Set every element, and no others of its buffer, to a number."""
        number = as_float("fill", value)
        if self.is_compact():
            self._device.mod.fill(self._handle, number)
        else:
            self[...] = number

    def _similar(self) -> NDArray:
        """A new array, not initialised, of the shape of this one, which is compact."""
        if self._strides is not self._dense:
            return _new(self._shape, self._device)
        array = NDArray.__new__(NDArray)
        array._shape = self._shape
        array._strides = array._dense = self._strides
        array._count = self._count
        array._offset = 0
        array._device = self._device
        array._handle = self._device.allocate(self._count)
        return array

    # Views: other shapes and strides over the same buffer.

    def as_strided(self, shape: Sequence[int], strides: Sequence[int]) -> NDArray:
        """A view with these strides (in elements) from where this array begins. Nothing checks that it makes sense."""
        return NDArray.make(shape, strides=strides, device=self._device, handle=self._handle, offset=self._offset)

    @property
    def flat(self) -> NDArray:
        """All elements in one row, as a view. Raises ValueError: if the array is not compact."""
        return self.reshape((self.size,))

    def reshape(self, new_shape: int | Sequence[int]) -> NDArray:
        """A view of the same elements, in the same order, in another shape. One size of -1 stands for what is left.

        Raises ValueError: if the new shape has another number of elements, or if the array is not compact.
        """
        new_shape = completed(self._shape, new_shape)
        ### BEGIN SOLUTION
        if math.prod(new_shape) != self.size:
            raise ValueError(f"reshape: {self.size} elements of shape {self.shape} do not make shape {new_shape}")
        if not self.is_compact():
            raise ValueError(f"reshape: strides {self.strides} are not compact for {self.shape}: use compact() first")
        return self.as_strided(new_shape, self.compact_strides(new_shape))
        ### END SOLUTION

    def permute(self, new_axes: Sequence[int]) -> NDArray:
        """A view with the axes in another order: axis i of the result is axis new_axes[i] of this array.

        Images (batch, height, width, channels) become (batch, channels, height, width) by permute((0, 3, 1, 2)).
        Raises ValueError: if an axis is missing, or is named twice.
        """
        new_axes = permutation(as_shape(new_axes), self.ndim)
        ### BEGIN SOLUTION
        sizes = tuple(self._shape[axis] for axis in new_axes)
        steps = tuple(self._strides[axis] for axis in new_axes)
        return self.as_strided(sizes, steps)
        ### END SOLUTION

    def broadcast_to(self, new_shape: int | Sequence[int]) -> NDArray:
        """A view in which axes of size 1, and new axes in front, repeat: their stride is 0, as in NumPy.

        Raises AssertionError: if the size of another axis changes, or if the new shape has fewer axes.
        """
        new_shape = as_shape(new_shape)
        ### BEGIN SOLUTION
        added = len(new_shape) - self.ndim
        if added < 0 or any(old not in (1, new) for old, new in zip(self._shape, new_shape[added:], strict=True)):
            raise AssertionError(f"broadcast_to: shape {self._shape} cannot be repeated to {new_shape}")
        steps = (0 if size == 1 else step for size, step in zip(self._shape, self._strides, strict=True))
        return self.as_strided(new_shape, (0,) * added + tuple(steps))
        ### END SOLUTION

    def transpose(self, *axes: Any) -> NDArray:
        """A view with the axes in reverse order, or in the order of `axes`, as in NumPy."""
        if not axes or axes == (None,):
            return self.permute(range(self.ndim - 1, -1, -1))
        return self.permute(axes[0] if isinstance(axes[0], (tuple, list)) else axes)

    def swapaxes(self, axis1: int, axis2: int) -> NDArray:
        """A view with two axes swapped."""
        return self.permute(swapped(axis1, axis2, self.ndim))

    @property
    def T(self) -> NDArray:
        return self.transpose()

    # Elements by their indices.

    def process_slice(self, sl: slice, dim: int) -> slice:
        """A slice of an axis with `start`, `stop` and `step` as numbers: `::2` of an axis of size 5 is slice(0, 5, 2).

        It means the elements range(start, stop, step), which NumPy takes as well; of `::-1` that is range(4, -1, -1).
        Where there are none, stop is start.
        """
        start, stop, step = sl.indices(self._shape[dim])
        return slice(start, stop if (stop - start) * step > 0 else start, step)

    def __getitem__(self, idxs: Index | tuple[Index, ...]) -> NDArray:
        """A view of the elements at these indices: `a[1:3, ::2]`, `a[-1, ::-1]`.

        As in NumPy, but for one thing: no axis is dropped. A number i counts as the slice i:i+1, so `a[1]` of an array
        (4, 5) is (1, 5). Axes that are not named are taken whole.
        Raises IndexError: if a number is outside of its axis, or if there are more indices than axes; TypeError: if an
        index is neither a number nor a slice; ValueError: if the step of a slice is 0.
        """
        # From here on, one slice for each axis, with numbers for start, stop and step; the step may be negative.
        idxs = self._slices(idxs)
        ### BEGIN SOLUTION
        ranges = [range(each.start, each.stop, each.step) for each in idxs]
        sizes = tuple([len(chosen) for chosen in ranges])
        steps = tuple([chosen.step * stride for chosen, stride in zip(ranges, self._strides, strict=True)])
        first = sum([chosen.start * stride for chosen, stride in zip(ranges, self._strides, strict=True) if chosen])
        return self.make(sizes, steps, self._device, self._handle, self._offset + first)
        ### END SOLUTION

    def __setitem__(self, idxs: Index | tuple[Index, ...], other: Any) -> None:
        """Write to the elements at these indices: one number, as many as there are, or what broadcasts to them.

        Numbers that come from the same buffer are all read before the first is written.
        Raises as `__getitem__` does; ValueError: if the number of elements differs, or if the elements share memory, as
        those of a broadcast array do.
        """
        view = self[idxs]
        size = view.size
        if (
            0 in view._strides
            and size
            and any(n > 1 and not step for n, step in zip(view._shape, view._strides, strict=True))
        ):
            raise ValueError(f"cannot write to shape {view._shape} with strides {view._strides}: elements share memory")
        if size == 0 and not isinstance(other, NDArray):
            return
        place = view._handle, view._shape or (1,), view._strides or (1,), view._offset
        if is_number(other):
            self._device.mod.scalar_setitem(size, as_float("__setitem__", other), *place)
            return
        if not isinstance(other, NDArray):
            other = NDArray(other, device=self._device)
        if other._device != self._device:
            raise ValueError(
                f"cannot write from {other._device} to an array on {self._device}: use .to({self._device})"
            )
        if other.size != size:
            other = _repeated(other, view._shape)
        if size:
            # If this is the buffer itself, the kernel copies it before it writes.
            self._device.mod.ewise_setitem(other.compact()._handle, *place)

    def _slices(self, idxs: Any) -> tuple[slice, ...]:
        """Whatever stands between the brackets as one processed slice for each axis. Raises as `__getitem__` does."""
        given = idxs if isinstance(idxs, tuple) else (idxs,)
        if len(given) != len(self._shape) or Ellipsis in given:
            dots = [i for i, index in enumerate(given) if index is Ellipsis]
            missing = self.ndim - (len(given) - len(dots))
            if missing < 0 or len(dots) > 1:
                raise IndexError(f"{len(given)} indices for the {self.ndim} axes of an array of shape {self._shape}")
            cut = dots[0] if dots else len(given)
            given = given[:cut] + (slice(None),) * missing + given[cut + 1 :]
        return tuple(
            [
                self.process_slice(index, axis) if isinstance(index, slice) else self._one_index(index, axis)
                for axis, index in enumerate(given)
            ]
        )

    def _one_index(self, index: Any, axis: int) -> slice:
        if not isinstance(index, (int, np.integer)) or isinstance(index, (bool, np.bool_)):
            raise TypeError(f"an index is a number or a slice, not {type(index).__name__}")
        size = self._shape[axis]
        if not -size <= index < size:
            raise IndexError(f"index {index} is outside of axis {axis} of an array of shape {self._shape}")
        first = int(index) % size
        return slice(first, first + 1, 1)

    # As a sequence and as a number, where it is one.

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError("an array of shape () has no length")
        return self._shape[0]

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(f"an array of shape {self._shape} is neither true nor false")
        return bool(self.item())

    def __float__(self) -> float:
        return self.item()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """What NumPy's functions take it for."""
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __repr__(self) -> str:
        return f"NDArray({self.numpy()}, device={self._device})"

    def __str__(self) -> str:
        return str(self.numpy())


def _new(shape: Shape, device: BackendDevice) -> NDArray:
    """A new compact array, not initialised. Every operation ends here, so it does as little as possible."""
    array = NDArray.__new__(NDArray)
    array._shape, array._strides, array._count = layout(shape)
    array._dense = array._strides
    array._offset = 0
    array._device = device
    array._handle = device.allocate(array._count)
    return array


def _repeated(array: NDArray, shape: Shape) -> NDArray:
    """Broadcast to the shape that is written to. Raises ValueError: if it does not fit."""
    while array.ndim > len(shape) and array._shape[0] == 1:
        array = array.as_strided(array._shape[1:], array._strides[1:])
    try:
        return array.broadcast_to(shape)
    except AssertionError:
        raise ValueError(f"cannot write {array.size} numbers of shape {array._shape} to shape {shape}") from None
