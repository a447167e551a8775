"""The NumPy backend: arrays are `numpy.ndarray`, and the only device is the processor.

A device makes arrays. Random numbers come from NumPy's global generator, one call of it for each array.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

array_api = numpy
NDArray = numpy.ndarray


class Device:
    """Where an array lives, and what makes arrays there."""


class CPUDevice(Device):
    """The processor. Any two of them are equal."""

    def __repr__(self) -> str:
        return "needle.cpu()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CPUDevice)

    def __hash__(self) -> int:
        return hash(CPUDevice)

    def enabled(self) -> bool:
        return True

    def zeros(self, *shape: int, dtype: Any = "float32") -> NDArray:
        return numpy.zeros(shape, dtype=dtype)

    def ones(self, *shape: int, dtype: Any = "float32") -> NDArray:
        return numpy.ones(shape, dtype=dtype)

    def empty(self, shape: Sequence[int], dtype: Any = "float32") -> NDArray:
        return numpy.empty(shape, dtype=dtype)

    def full(self, shape: Sequence[int], fill_value: Any, dtype: Any = "float32") -> NDArray:
        return numpy.full(shape, fill_value, dtype=dtype)

    def one_hot(self, n: int, i: Any, dtype: Any = "float32") -> NDArray:
        """Rows of the identity: labels i of any shape (...) become (..., n)."""
        return numpy.eye(n, dtype=dtype)[i]

    def rand(self, *shape: int) -> NDArray:
        """Uniform on [0, 1), float64."""
        return numpy.random.rand(*shape)

    def randn(self, *shape: int) -> NDArray:
        """Standard normal, float64."""
        return numpy.random.randn(*shape)


def cpu() -> CPUDevice:
    return CPUDevice()


def default_device() -> CPUDevice:
    """Where tensors are made when no device is named."""
    return cpu()


def all_devices() -> list[Device]:
    return [cpu()]
