"""Sums, maxima and matrix products of an NDArray.

The kernels for them know flat memory only: a reduction makes one number of each `n` neighbours, a product takes two
compact matrices. So the axes that are summed over are brought to the end first, and a batch of matrices is multiplied
as few large products where it can be. A device may have a kernel `matmul_batched` for whole batches, which takes
matrices as they lie in memory; it gets all products but those of two compact matrices.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .shapes import Shape, common_shape, some_axes

if TYPE_CHECKING:
    from .ndarray import NDArray

Axes = int | Sequence[int] | None


class Reductions:
    """The part of NDArray that sums up."""

    __slots__ = ()

    def reduce_view_out(self: NDArray, axis: Axes, keepdims: bool = False) -> tuple[NDArray, NDArray]:
        """An array whose last axis is what is to be reduced, and one for the result, not initialised.

        axis: one or several; None means all, and a result of shape (1,) unless `keepdims`, which keeps axes as 1
        Raises ValueError: if an axis does not exist or is named twice.
        """
        plan = _plan(self._shape, tuple(axis) if isinstance(axis, list) else axis, bool(keepdims))
        moved = self
        if plan.order is not None:
            shape, strides = self._shape, self._strides
            moved = self.as_strided([shape[i] for i in plan.order], [strides[i] for i in plan.order])
        if plan.several:
            moved = _reshaped(moved.compact(), plan.view_shape)
        return moved, self.make(plan.out_shape, device=self._device)

    def sum(self: NDArray, axis: Axes = None, keepdims: bool = False) -> NDArray:
        """Over one axis, several or (None) all, which gives shape (1,). A sum of nothing is 0."""
        return self._reduce("sum", axis, keepdims)

    def max(self: NDArray, axis: Axes = None, keepdims: bool = False) -> NDArray:
        """Over one axis, several or (None) all, which gives shape (1,).

        Raises ValueError: if there is nothing to take the largest of.
        """
        return self._reduce("max", axis, keepdims)

    def _reduce(self: NDArray, name: str, axis: Axes, keepdims: bool) -> NDArray:
        device = self._device
        plan = _plan(self._shape, tuple(axis) if isinstance(axis, list) else axis, bool(keepdims))
        if plan.nothing:
            return self._reduce_nothing(name, plan.out_shape)
        over_any_axis = getattr(device.mod, f"reduce_{name}_axis", None)
        if over_any_axis is not None and plan.blocks is not None and self.is_compact():
            out = self.make(plan.out_shape, device=device)
            over_any_axis(self._handle, out._handle, *plan.blocks)
            return out
        view, out = self.reduce_view_out(axis, keepdims)
        kernel = device.mod.reduce_sum if name == "sum" else device.mod.reduce_max
        kernel(view.compact()._handle, out._handle, view._shape[-1])
        return out

    def _reduce_nothing(self: NDArray, name: str, out_shape: Shape) -> NDArray:
        out = self.make(out_shape, device=self._device)
        if name == "sum":
            out.fill(0.0)
        elif out.size:
            raise ValueError(f"max: an array of shape {self._shape} has no elements to take the largest of")
        return out

    def __matmul__(self: NDArray, other: NDArray) -> NDArray:
        """Matrix products: (..., m, n) and (..., n, p) give (..., m, p). Batch dimensions (...) broadcast.

        Raises TypeError: if `other` is no NDArray; ValueError: if the shapes do not match, or the devices differ.
        """
        if not isinstance(other, Reductions):
            raise TypeError(f"matmul: an NDArray goes with another, not with {type(other).__name__}")
        a, b = self._shape, other._shape
        if self._device != other._device:
            raise ValueError(f"matmul: one array is on {self._device}, the other on {other._device}")
        if len(a) < 2 or len(b) < 2:
            raise ValueError(f"matmul: shapes {a} and {b} must both have two dimensions or more")
        if a[-1] != b[-2]:
            raise ValueError(f"matmul: shapes {a} and {b} do not match: {a[-1]} != {b[-2]}")
        if hasattr(self._device.mod, "matmul_batched"):
            return _native(self, other)
        if len(a) == 2 and len(b) == 2:
            return _product(self, other)
        if len(b) == 2:
            # The rows of all matrices are the rows of one.
            rows = math.prod(a[:-1])
            stacked = self.compact().as_strided((rows, a[-1]), (a[-1], 1))
            return _reshaped(_product(stacked, other), (*a[:-1], b[-1]))
        return _batched(self, other)


@dataclass(frozen=True)
class _Plan:
    """How to reduce arrays of one shape over some axes.

    out_shape: of the result
    order: that in which axes are to be, those that are reduced behind the others; None: they are
    several: whether these are then several, or none, and to be made the last axis of `view_shape`
    blocks: (outer, reduced, inner), if they stand side by side: the array is a compact one of that shape then
    nothing: whether there are no elements
    """

    out_shape: Shape
    order: Shape | None
    several: bool
    view_shape: Shape
    blocks: tuple[int, int, int] | None
    nothing: bool


@functools.lru_cache(maxsize=1024)
def _plan(shape: Shape, axis: Axes, keepdims: bool) -> _Plan:
    """Raises ValueError: if an axis does not exist or is named twice."""
    reduced = sorted(some_axes("reduce", axis, len(shape)))
    kept = [i for i in range(len(shape)) if i not in reduced]
    if keepdims:
        out_shape = tuple(1 if i in reduced else n for i, n in enumerate(shape))
    else:
        out_shape = (1,) if axis is None else tuple(shape[i] for i in kept)
    order = (*kept, *reduced)
    length = math.prod(shape[i] for i in reduced)
    first, end = (reduced[0], reduced[-1] + 1) if reduced else (0, 0)
    blocks = (math.prod(shape[:first]), length, math.prod(shape[end:])) if end - first == len(reduced) else None
    return _Plan(
        out_shape=out_shape,
        order=None if order == tuple(range(len(shape))) else order,
        several=len(reduced) != 1,
        view_shape=(*(shape[i] for i in kept), length),
        blocks=blocks,
        nothing=math.prod(shape) == 0,
    )


def _native(lhs: NDArray, rhs: NDArray) -> NDArray:
    """The products by a device that takes matrices as they lie in memory."""
    a, b = lhs._shape, rhs._shape
    if len(b) == 2 and (len(a) == 2 or lhs.is_compact()):
        # The rows of all matrices are the rows of one.
        rows = lhs if len(a) == 2 else lhs.as_strided((math.prod(a[:-1]), a[-1]), (a[-1], 1))
        if not (rhs.is_compact() and rows.is_compact() and rows.size and rhs.size):
            return _reshaped(_strided_product(rows, rhs, ()), (*a[:-1], b[-1]))
        return _reshaped(_product(rows, rhs), (*a[:-1], b[-1]))
    return _strided_product(lhs, rhs, a[:-2] if a[:-2] == b[:-2] else common_shape("matmul", a[:-2], b[:-2]))


def _strided_product(lhs: NDArray, rhs: NDArray, batch: Shape) -> NDArray:
    lhs_steps, rhs_steps = _repeated_steps(lhs, batch), _repeated_steps(rhs, batch)
    (m, n), p = lhs._shape[-2:], rhs._shape[-1]
    out = lhs.make((*batch, m, p), device=lhs._device)
    views = lhs._handle, (*batch, m, n), lhs_steps, lhs._offset, rhs._handle, (*batch, n, p), rhs_steps, rhs._offset
    lhs._device.mod.matmul_batched(*views, out._handle)
    return out


def _repeated_steps(array: NDArray, batch: Shape) -> Shape:
    """The strides of a batch of matrices once it is broadcast to another batch shape."""
    added = len(batch) - (len(array._shape) - 2)
    steps = [0 if size == 1 else step for size, step in zip(array._shape[:-2], array._strides[:-2], strict=True)]
    return (0,) * added + tuple(steps) + array._strides[-2:]


def _product(lhs: NDArray, rhs: NDArray) -> NDArray:
    """The product of two matrices (m, n) and (n, p)."""
    (m, n), p = lhs._shape, rhs._shape[1]
    device, tile = lhs._device, lhs._device.__tile_size__
    if not (m and n and p):
        return device.full((m, p), 0.0)
    if device.tiles_matmul and not (m % tile or n % tile or p % tile):
        out = lhs.make((m // tile, p // tile, tile, tile), device=device)
        device.mod.matmul_tiled(_tiles(lhs, tile)._handle, _tiles(rhs, tile)._handle, out._handle, m, n, p)
        # Rows of tiles, rows in them, columns of tiles, columns in them: in this order they are a matrix.
        order = [0, 2, 1, 3]
        rows = out.as_strided([out._shape[i] for i in order], [out._strides[i] for i in order])
        return _reshaped(rows.compact(), (m, p))
    out = lhs.make((m, p), device=device)
    device.mod.matmul(lhs.compact()._handle, rhs.compact()._handle, out._handle, m, n, p)
    return out


def _tiles(matrix: NDArray, tile: int) -> NDArray:
    """A matrix (m, n) tile by tile in memory: (m / tile, n / tile, tile, tile)."""
    (m, n), (down, right) = matrix._shape, matrix._strides
    return matrix.as_strided((m // tile, n // tile, tile, tile), (down * tile, right * tile, down, right)).compact()


def _batched(lhs: NDArray, rhs: NDArray) -> NDArray:
    """One product for each matrix of a batch."""
    batch = common_shape("matmul", lhs._shape[:-2], rhs._shape[:-2])
    (m, n), p = lhs._shape[-2:], rhs._shape[-1]
    count = math.prod(batch)
    lhs = _reshaped(lhs.broadcast_to((*batch, m, n)).compact(), (count, m, n))
    rhs = _reshaped(rhs.broadcast_to((*batch, n, p)).compact(), (count, n, p))
    out = lhs.make((count, m, p), device=lhs._device)
    for i in range(count):
        out[i] = _product(_matrix(lhs, i), _matrix(rhs, i))
    return _reshaped(out, (*batch, m, p))


def _matrix(batch: NDArray, i: int) -> NDArray:
    """Matrix i of a compact (count, m, n)."""
    _, m, n = batch._shape
    return batch.make((m, n), strides=(n, 1), device=batch._device, handle=batch._handle, offset=i * m * n)


def _reshaped(array: NDArray, shape: tuple[int, ...]) -> NDArray:
    """A compact array in another shape."""
    return array.as_strided(shape, array.compact_strides(shape))
