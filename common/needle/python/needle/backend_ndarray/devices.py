"""Devices: where an NDArray lives, and the module of kernels that computes there.

    cpu()         kernels in C++, from the module `ndarray_backend_cpu` that `make lib` builds
    cuda()        kernels in CUDA, from `ndarray_backend_cuda`, on a machine with a toolkit and a GPU; elsewhere, if the
                  environment says NEEDLE_CUDA=emulated, from `ndarray_backend_cuda_emulated`: the same kernels,
                  compiled for the processor, thread by thread. `cuda().emulated` says which.
    cpu_numpy()   kernels in NumPy: slow, readable, always there

A device whose module is not built, or finds no GPU, is not enabled: `device.enabled()` is False and `device.reason`
says why. What is made without naming a device is on `default_device()`: cpu(), or cpu_numpy() while cpu() is not built.

A module is looked for beside this file, then at the top level; if NEEDLE_NATIVE names a folder, there alone, as for
the modules that sanitizers watch. Where the library's own fast kernels are built, as `ndarray_backend_fast` and
`ndarray_backend_cuda_fast`, devices take those; NEEDLE_KERNELS=exercise in the environment asks for the others
nevertheless.

`ndarray_backend_numpy.py` lists what a module has. Three of its kernels may be missing, and are done without then:
`ewise_power`, `reduce_sum_axis` and `reduce_max_axis`.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from . import ndarray_backend_numpy

if TYPE_CHECKING:
    from .ndarray import NDArray

__all__ = ["BackendDevice", "all_devices", "cpu", "cpu_numpy", "cuda", "default_device"]

KERNELS = os.environ.get("NEEDLE_KERNELS", "")
CUDA = os.environ.get("NEEDLE_CUDA", "")
NATIVE = os.environ.get("NEEDLE_NATIVE", "")
if NATIVE and NATIVE not in sys.path:
    sys.path.insert(0, NATIVE)


class BackendDevice:
    """A device by its name, and the module whose kernels it forwards as attributes: `device.ewise_add(a, b, out)`.

    mod: None if there is none, and then the reason says why
    tiles_matmul: whether matrices whose sizes are multiples of the tile's go through `matmul_tiled`, if there is one
    Devices of one name are equal.
    """

    def __init__(self, name: str, mod: ModuleType | None, reason: str = "", *, tiles_matmul: bool = True) -> None:
        self.name = name
        self.mod = mod
        self.reason = reason
        self.tiles_matmul = tiles_matmul and hasattr(mod, "matmul_tiled")
        # What makes a buffer: `Array` of an enabled device.
        self.allocate = self._refuse if mod is None else mod.Array

    def __repr__(self) -> str:
        return f"{self.name}()"

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, BackendDevice) and self.name == other.name)

    def __hash__(self) -> int:
        return hash(self.name)

    def __getattr__(self, name: str) -> Any:
        # Called only for what is not an attribute of the device itself.
        mod = self.__dict__.get("mod")
        if mod is None and not name.startswith("_"):
            raise AttributeError(f"{self} has no {name}: {self.__dict__.get('reason', '')}")
        return getattr(mod, name)

    def enabled(self) -> bool:
        return self.mod is not None

    @property
    def emulated(self) -> bool:
        """Whether its kernels, written for a GPU, run on the processor instead."""
        return bool(getattr(self.mod, "__emulated__", False))

    def randn(self, *shape: int, dtype: Any = "float32") -> NDArray:
        """Standard normal: one call of `np.random.randn(*shape)`, cast to float32."""
        return self._array(np.random.randn(*shape))

    def rand(self, *shape: int, dtype: Any = "float32") -> NDArray:
        """Uniform on [0, 1): one call of `np.random.rand(*shape)`, cast to float32, where it may become 1."""
        return self._array(np.random.rand(*shape))

    def one_hot(self, n: int, i: Any, dtype: Any = "float32") -> NDArray:
        """Rows of the identity: labels i of any shape (...) become (..., n)."""
        labels = np.asarray(i)
        rows = np.zeros((labels.size, n), dtype=np.float32)
        rows[np.arange(labels.size), labels.ravel()] = 1
        return self._array(rows.reshape((*labels.shape, n)))

    def empty(self, shape: int | Sequence[int], dtype: Any = "float32") -> NDArray:
        """Not initialised."""
        from .ndarray import NDArray

        return NDArray.make(shape, device=self)

    def full(self, shape: int | Sequence[int], fill_value: float, dtype: Any = "float32") -> NDArray:
        array = self.empty(shape)
        array.fill(fill_value)
        return array

    def zeros(self, *shape: int, dtype: Any = "float32") -> NDArray:
        return self.full(shape, 0.0)

    def ones(self, *shape: int, dtype: Any = "float32") -> NDArray:
        return self.full(shape, 1.0)

    def _array(self, data: Any) -> NDArray:
        from .ndarray import NDArray

        return NDArray(data, device=self)

    def _refuse(self, size: int) -> Any:
        raise RuntimeError(f"{self} is not enabled: {self.reason}")


@functools.cache
def cpu() -> BackendDevice:
    """The processor, by the kernels in C++.

    Raises ImportError: if the module is there and cannot be imported; nothing else is taken in its place.
    """
    mod = _fast("ndarray_backend_fast")
    if mod is not None:
        # Its own tiles are inside of its `matmul`.
        return BackendDevice("cpu", mod, tiles_matmul=False)
    mod = find_module("ndarray_backend_cpu")
    return BackendDevice("cpu", mod, "" if mod else "ndarray_backend_cpu is not built: run `make lib`")


@functools.cache
def cuda() -> BackendDevice:
    """A GPU of NVIDIA's; where there is none, and NEEDLE_CUDA is "emulated", the processor in its place."""
    device = _gpu()
    if device.enabled() or CUDA != "emulated":
        return device
    mod = find_module("ndarray_backend_cuda_emulated")
    if mod is None:
        reason = f"{device.reason}; and ndarray_backend_cuda_emulated is not built: run `make lib`"
        return BackendDevice("cuda", None, reason)
    return BackendDevice("cuda", mod)


def _gpu() -> BackendDevice:
    try:
        mod = _fast("ndarray_backend_cuda_fast") or find_module("ndarray_backend_cuda")
    except ImportError as error:
        return BackendDevice("cuda", None, f"{error} (is the CUDA runtime that it was built with installed?)")
    if mod is None:
        return BackendDevice("cuda", None, "ndarray_backend_cuda is not built: `make lib` builds it where nvcc is")
    return BackendDevice("cuda", mod) if mod.enabled() else BackendDevice("cuda", None, mod.reason())


@functools.cache
def cpu_numpy() -> BackendDevice:
    """The processor, by NumPy."""
    return BackendDevice("cpu_numpy", ndarray_backend_numpy, tiles_matmul=False)


def default_device() -> BackendDevice:
    """Where arrays, tensors and modules are made when no device is named: cpu(), or cpu_numpy() if it is not built."""
    return cpu() if cpu().enabled() else cpu_numpy()


def all_devices() -> list[BackendDevice]:
    """Every device there is a name for, enabled or not."""
    return [cpu(), cuda(), cpu_numpy()]


def _fast(name: str) -> ModuleType | None:
    return None if KERNELS == "exercise" else find_module(name)


def find_module(name: str) -> ModuleType | None:
    """A module beside this one, or at the top level, or where NEEDLE_NATIVE says; None if there is none.

    Raises ImportError: if there is one, and it cannot be imported.
    """
    for place in (name,) if NATIVE else (f"{__package__}.{name}", name):
        if importlib.util.find_spec(place) is not None:
            try:
                return importlib.import_module(place)
            except ImportError as error:
                raise ImportError(f"{name} is built, but cannot be imported; run `make lib` again: {error}") from error
    return None
