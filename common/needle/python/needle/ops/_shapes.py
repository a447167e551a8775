"""Which shapes go together: the errors that operators raise before they compute.

Tensors are never broadcast by themselves, so two shapes that differ are an error here even where NumPy would go on and
compute something that was not meant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Shape = tuple[int, ...]


def require_equal(name: str, lhs: Shape, rhs: Shape) -> None:
    """Raises ValueError: if the shapes differ."""
    if lhs != rhs:
        raise ValueError(f"{name}: shapes {lhs} and {rhs} differ; use broadcast_to or reshape to make them equal")


def require_matmul(lhs: Shape, rhs: Shape) -> None:
    """Raises ValueError: unless they are (..., m, n) and (..., n, p), with batch dimensions (...) that broadcast."""
    if len(lhs) < 2 or len(rhs) < 2:
        raise ValueError(f"matmul: shapes {lhs} and {rhs} must both have two dimensions or more")
    if lhs[-1] != rhs[-2]:
        raise ValueError(f"matmul: shapes {lhs} and {rhs} do not match: {lhs[-1]} != {rhs[-2]}")
    for m, n in zip(reversed(lhs[:-2]), reversed(rhs[:-2]), strict=False):
        if m != n and 1 not in (m, n):
            raise ValueError(f"matmul: the batch dimensions of shapes {lhs} and {rhs} do not broadcast: {m} != {n}")


def require_same_size(name: str, old: Shape, new: Shape) -> None:
    """Raises ValueError: unless both shapes have as many elements. One size of the new may be -1: what is left."""
    known = math.prod(size for size in new if size != -1)
    free = tuple(new).count(-1)
    fits = math.prod(old) == known if free == 0 else free == 1 and known and math.prod(old) % known == 0
    if not fits:
        raise ValueError(f"{name}: shape {old} has {math.prod(old)} elements, which do not make the shape {new}")


def require_broadcast(name: str, old: Shape, new: Shape) -> None:
    """Raises ValueError: unless sizes agree, counted from the last, or the old one is 1; the new may have more."""
    if len(old) > len(new):
        raise ValueError(f"{name}: shape {old} has more dimensions than the shape {new}")
    for m, n in zip(reversed(old), reversed(new), strict=False):
        if m not in (1, n):
            raise ValueError(f"{name}: shape {old} does not broadcast to {new}: {m} is neither 1 nor {n}")


def require_axes(name: str, shape: Shape, axes: int | Sequence[int] | None) -> None:
    """Raises ValueError: if an axis is not one of the shape's, or is named twice."""
    named = () if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    for axis in named:
        if not -len(shape) <= axis < len(shape):
            raise ValueError(f"{name}: axis {axis} is not an axis of shape {shape}")
    if len({axis % len(shape) for axis in named}) != len(named):
        raise ValueError(f"{name}: axes {named} name an axis of shape {shape} twice")


def require_two_axes(name: str, shape: Shape, axes: Sequence[int] | None) -> None:
    """Raises ValueError: unless two axes of the shape are named, or it has two last ones."""
    if axes is None and len(shape) < 2:
        raise ValueError(f"{name}: shape {shape} does not have two axes to swap")
    if axes is not None and len(axes) != 2:
        raise ValueError(f"{name}: expected two axes to swap, got {axes}")
    for axis in axes or ():
        require_axes(name, shape, axis)


def require_dimensions(name: str, shape: Shape, dimensions: int) -> None:
    """Raises ValueError: unless the shape has so many dimensions."""
    if len(shape) != dimensions:
        raise ValueError(f"{name}: expected {dimensions} dimensions, got shape {shape}")


def require_elements(name: str, shape: Shape) -> None:
    """Raises ValueError: if there is nothing to compute with, where nothing has no value (a largest, a mean)."""
    if math.prod(shape) == 0:
        raise ValueError(f"{name}: shape {shape} has no elements")
