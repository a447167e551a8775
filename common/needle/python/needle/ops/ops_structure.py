"""Operators that move numbers: stack and split, flip, pad, dilate. And tanh, which recurrent networks are made of.

They are all linear, each with an adjoint among them: what goes to an element from another goes back the same way.
Images are (batch, height, width, channels) here, but these operators take any shape.
`Pad` is there as an example.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

from ..autograd import NDArray, Tensor, TensorOp, TensorTuple, TensorTupleOp
from ..backend_selection import array_api
from . import _arrays, _shapes
from ._slices import Slices
from .ops_tuple import make_tuple

__all__ = [
    "Dilate",
    "Flip",
    "Pad",
    "Split",
    "Stack",
    "Tanh",
    "UnDilate",
    "dilate",
    "flip",
    "pad",
    "split",
    "stack",
    "tanh",
    "undilate",
]

Axes = int | Sequence[int] | None


class Tanh(TensorOp):
    """The hyperbolic tangent, element by element."""

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return array_api.tanh(a)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return out_grad * (1 - node * node)
        ### END SOLUTION


def tanh(a: Tensor) -> Tensor:
    return Tanh()(a)


class Stack(TensorOp):
    """k arrays of one shape as one array with a new axis of size k: three of shape (4, 5), along axis 1, are (4, 3, 5).

    Its input is one TensorTuple, so `compute` is given one tuple of arrays, and the gradient is a TensorTuple too.
    axis: of the result; a negative one is counted from its end
    """

    def __init__(self, axis: int) -> None:
        self.axis = operator.index(axis)

    def check(self, args: tuple[NDArray, ...]) -> None:
        if not args:
            raise ValueError("stack: expected one array or more, got none")
        for array in args:
            _shapes.require_equal("stack", args[0].shape, array.shape)
        _shapes.require_axes("stack", (len(args), *args[0].shape), self.axis)

    def compute(self, args: tuple[NDArray, ...]) -> NDArray:
        ### BEGIN SOLUTION
        shape = args[0].shape
        axis = self.axis % (len(shape) + 1)
        stacked = _arrays.zeros((*shape[:axis], len(args), *shape[axis:]), like=args[0])
        for i, array in enumerate(args):
            stacked[(slice(None),) * axis + (slice(i, i + 1),)] = array_api.expand_dims(array, axis)
        return stacked
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> TensorTuple:
        ### BEGIN SOLUTION
        return split(out_grad, self.axis)
        ### END SOLUTION


def stack(args: TensorTuple | Sequence[Tensor], axis: int) -> Tensor:
    """Tensors of one shape as one tensor, along a new axis."""
    if not isinstance(args, (TensorTuple, list, tuple)):
        raise TypeError(f"stack: expected a TensorTuple or a list of Tensors, got {type(args).__name__}")
    return Stack(axis)(args if isinstance(args, TensorTuple) else make_tuple(*args))


class Split(TensorTupleOp):
    """The slices of an array along an axis, which is gone from them: (4, 3, 5) along axis 1 is three of (4, 5).

    Its result is a TensorTuple, so `compute` returns a tuple of arrays, and the adjoint of the result is a TensorTuple.
    """

    def __init__(self, axis: int) -> None:
        self.axis = operator.index(axis)

    def __call__(self, *args: Tensor) -> TensorTuple:
        return Slices.make_from_op(self, args)

    def check(self, a: NDArray) -> None:
        _shapes.require_axes("split", a.shape, self.axis)

    def compute(self, a: NDArray) -> tuple[NDArray, ...]:
        ### BEGIN SOLUTION
        axis = self.axis % a.ndim
        rest = a.shape[:axis] + a.shape[axis + 1 :]
        before = (slice(None),) * axis
        return tuple(array_api.reshape(a[(*before, slice(i, i + 1))], rest) for i in range(a.shape[axis]))
        ### END SOLUTION

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> Tensor:
        ### BEGIN SOLUTION
        return stack(out_grad, self.axis)
        ### END SOLUTION


def split(a: Tensor, axis: int) -> TensorTuple:
    return Split(axis)(a)


class Flip(TensorOp):
    """The elements in reverse order along some axes. axes: one or several, negative ones from the end; None: all."""

    def __init__(self, axes: Axes = None) -> None:
        self.axes = tuple(axes) if isinstance(axes, list) else axes

    def check(self, a: NDArray) -> None:
        _shapes.require_axes("flip", a.shape, self.axes)

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return array_api.flip(a, self.axes)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return flip(out_grad, self.axes)
        ### END SOLUTION


def flip(a: Tensor, axes: Axes = None) -> Tensor:
    return Flip(axes)(a)


class Pad(TensorOp):
    """Zeros before and after the elements along each axis; a negative number takes as many elements away instead.

    axes: a pair (before, after) for every axis: ((1, 1), (0, -1)) makes (4, 5) to (6, 4)
    """

    def __init__(self, axes: Sequence[tuple[int, int]]) -> None:
        self.axes = tuple((operator.index(before), operator.index(after)) for before, after in axes)

    def check(self, a: NDArray) -> None:
        if len(self.axes) != len(a.shape):
            found = f"got {len(self.axes)} for shape {a.shape}: {self.axes}"
            raise ValueError(f"pad: expected a pair (before, after) for each axis, {found}")
        for size, pair in zip(a.shape, self.axes, strict=True):
            if size + sum(number for number in pair if number < 0) < 0:
                raise ValueError(f"pad: {pair} takes more elements away than there are: shape {a.shape}, {self.axes}")

    def compute(self, a: NDArray) -> NDArray:
        sizes = zip(a.shape, self.axes, strict=True)
        kept = a[tuple(slice(max(-before, 0), size - max(-after, 0)) for size, (before, after) in sizes)]
        added = tuple((max(before, 0), max(after, 0)) for before, after in self.axes)
        return array_api.pad(kept, added) if any(map(any, added)) else kept

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        """What was added goes, and where elements were taken away there are zeros now."""
        return pad(out_grad, tuple((-before, -after) for before, after in self.axes))


def pad(a: Tensor, axes: Sequence[tuple[int, int]]) -> Tensor:
    return Pad(axes)(a)


class Dilate(TensorOp):
    """`dilation` zeros after every element along some axes, the last one included: size n becomes n * (dilation + 1).

    With dilation 1, [1, 2, 3] becomes [1, 0, 2, 0, 3, 0]; with 0, nothing changes.
    axes: one or several, negative ones from the end; those that the array does not have are ignored
    """

    def __init__(self, axes: int | Sequence[int], dilation: int) -> None:
        self.axes = _as_tuple(axes)
        self.dilation = _checked_dilation("dilate", dilation)

    def check(self, a: NDArray) -> None:
        _shapes.require_axes("dilate", a.shape, tuple(axis for axis in self.axes if axis < len(a.shape)))

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        wider = list(a.shape)
        places = [slice(None)] * a.ndim
        for axis in self.axes:
            if axis < a.ndim:
                wider[axis] *= self.dilation + 1
                places[axis] = slice(None, None, self.dilation + 1)
        dilated = _arrays.zeros(tuple(wider), like=a)
        dilated[tuple(places)] = a
        return dilated
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return undilate(out_grad, self.axes, self.dilation)
        ### END SOLUTION


def dilate(a: Tensor, axes: int | Sequence[int], dilation: int) -> Tensor:
    return Dilate(axes, dilation)(a)


class UnDilate(TensorOp):
    """The inverse of Dilate: every (dilation + 1)-th element along some axes, beginning with the first.

    Sizes along these axes must be multiples of dilation + 1, as those of what Dilate made are.
    """

    def __init__(self, axes: int | Sequence[int], dilation: int) -> None:
        self.axes = _as_tuple(axes)
        self.dilation = _checked_dilation("undilate", dilation)

    def check(self, a: NDArray) -> None:
        named = tuple(axis for axis in self.axes if axis < len(a.shape))
        _shapes.require_axes("undilate", a.shape, named)
        for axis in named:
            if a.shape[axis] % (self.dilation + 1):
                expected = f"expected a multiple of {self.dilation + 1} along axis {axis}"
                raise ValueError(f"undilate: {expected} for dilation {self.dilation}, got shape {a.shape}")

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        chosen = [slice(None)] * a.ndim
        for axis in self.axes:
            if axis < a.ndim:
                chosen[axis] = slice(None, None, self.dilation + 1)
        return a[tuple(chosen)]
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return dilate(out_grad, self.axes, self.dilation)
        ### END SOLUTION


def undilate(a: Tensor, axes: int | Sequence[int], dilation: int) -> Tensor:
    return UnDilate(axes, dilation)(a)


def _as_tuple(axes: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(map(operator.index, axes)) if isinstance(axes, (tuple, list)) else (operator.index(axes),)


def _checked_dilation(name: str, dilation: int) -> int:
    number = operator.index(dilation)
    if number < 0:
        raise ValueError(f"{name}: expected a dilation of 0 or more, got {dilation}")
    return number
