"""New tensors filled with constants, with random numbers or with one-hot rows.

Random numbers come from NumPy's global generator (`np.random.seed`), by one call for each tensor: `rand` and `randb`
call `np.random.rand(*shape)`, `randn` calls `np.random.randn(*shape)`. Who compares results relies on that.

Shapes are given as separate numbers: `rand(3, 4)`. A device of None is the default device.
"""

from __future__ import annotations

from typing import Any

import numpy

from ..autograd import Tensor
from ..backend_selection import Device, default_device

__all__ = ["constant", "one_hot", "ones", "ones_like", "rand", "randb", "randn", "zeros", "zeros_like"]


def rand(
    *shape: int,
    low: float = 0.0,
    high: float = 1.0,
    device: Device | None = None,
    dtype: Any = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """Uniform random numbers in [low, high)."""
    device = device or default_device()
    array = device.rand(*shape) * (high - low) + low
    return Tensor(array, device=device, dtype=dtype, requires_grad=requires_grad)


def randn(
    *shape: int,
    mean: float = 0.0,
    std: float = 1.0,
    device: Device | None = None,
    dtype: Any = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """Normal random numbers of a mean and a standard deviation."""
    device = device or default_device()
    array = device.randn(*shape) * std + mean
    return Tensor(array, device=device, dtype=dtype, requires_grad=requires_grad)


def randb(
    *shape: int,
    p: float = 0.5,
    device: Device | None = None,
    dtype: Any = "bool",
    requires_grad: bool = False,
) -> Tensor:
    """True with probability p: where a uniform number is at most p."""
    device = device or default_device()
    array = device.rand(*shape) <= p
    return Tensor(array, device=device, dtype=dtype, requires_grad=requires_grad)


def constant(
    *shape: int,
    c: float = 1.0,
    device: Device | None = None,
    dtype: Any = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """The number c everywhere."""
    device = device or default_device()
    return Tensor(device.full(shape, c, dtype=dtype), device=device, dtype=dtype, requires_grad=requires_grad)


def ones(
    *shape: int,
    device: Device | None = None,
    dtype: Any = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """One everywhere."""
    return constant(*shape, c=1.0, device=device, dtype=dtype, requires_grad=requires_grad)


def zeros(
    *shape: int,
    device: Device | None = None,
    dtype: Any = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """Zero everywhere."""
    return constant(*shape, c=0.0, device=device, dtype=dtype, requires_grad=requires_grad)


def ones_like(array: Tensor, *, device: Device | None = None, requires_grad: bool = False) -> Tensor:
    """One everywhere, with the shape, the dtype and (unless another is named) the device of a tensor."""
    device = device or array.device
    return ones(*array.shape, device=device, dtype=array.dtype, requires_grad=requires_grad)


def zeros_like(array: Tensor, *, device: Device | None = None, requires_grad: bool = False) -> Tensor:
    """Zero everywhere, with the shape, the dtype and (unless another is named) the device of a tensor."""
    device = device or array.device
    return zeros(*array.shape, device=device, dtype=array.dtype, requires_grad=requires_grad)


def one_hot(
    n: int,
    i: Any,
    device: Device | None = None,
    dtype: Any = "float32",
    requires_grad: bool = False,
) -> Tensor:
    """One-hot rows of length n.

    i: labels from 0 to n-1, a Tensor, array or list of shape (...); the result has shape (..., n).
    Raises ValueError: if a label is not below n, is negative, or is no whole number.
    """
    device = device or default_device()
    given = numpy.asarray(i.numpy() if isinstance(i, Tensor) else i)
    if given.dtype.kind == "f" and not (numpy.isfinite(given) & (given == numpy.floor(given))).all():
        raise ValueError("one_hot: labels must be whole numbers, but some are fractions, nan or infinite")
    labels = given.astype("int64")
    if labels.size and (labels.min() < 0 or labels.max() >= n):
        raise ValueError(f"one_hot: labels must be from 0 to {n - 1}, but go from {labels.min()} to {labels.max()}")
    return Tensor(device.one_hot(n, labels, dtype=dtype), device=device, dtype=dtype, requires_grad=requires_grad)
