"""The modules of kernels, each under a device's name, and what their tests need: arrays in and out, random views."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest

MODULES = {
    "cpu": "ndarray_backend_cpu",
    "fast": "ndarray_backend_fast",
    "numpy": "ndarray_backend_numpy",
    "cuda": "ndarray_backend_cuda",
    "cuda_fast": "ndarray_backend_cuda_fast",
}
# A folder with modules to test instead of the package's own, such as those that sanitizers watch.
FOLDER = os.environ.get("NEEDLE_NATIVE")


def load(device: str) -> ModuleType | str:
    """A device's module; or why there is none to test: it is not built, or has no GPU to run on."""
    name = MODULES[device]
    if FOLDER and device != "numpy":
        spec = importlib.machinery.PathFinder.find_spec(name, [FOLDER])
    else:
        spec = importlib.util.find_spec(f"needle.backend_ndarray.{name}")
    if spec is None:
        return f"{name} is not built: `make lib` builds it"
    module = sys.modules.get(spec.name)
    if module is None:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[spec.name] = module
    return module if getattr(module, "enabled", lambda: True)() else f"{name}: {module.reason()}"


LOADED = {device: load(device) for device in MODULES}
NATIVE = [device for device in MODULES if device != "numpy" and isinstance(LOADED[device], ModuleType)]
DEVICES = [*NATIVE, "numpy"]


def exercise() -> ModuleType:
    """The CPU module of the exercise. Skips the test where it is not built."""
    module = LOADED["cpu"]
    if isinstance(module, str):
        pytest.skip(module)
    return module


def put(module: ModuleType, values: Any) -> Any:
    """An array of the module with the values, row by row."""
    values = np.asarray(values, dtype=np.float32)
    array = module.Array(values.size)
    module.from_numpy(values, array)
    return array


def get(module: ModuleType, array: Any) -> np.ndarray:
    """All elements of an array."""
    return module.to_numpy(array, (array.size,), (1,), 0)


def numbers(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(np.float32)


@dataclass
class View:
    """A view as kernels are told of it, and the NumPy array over the same memory that says what is in it."""

    memory: np.ndarray
    seen: np.ndarray

    @property
    def arguments(self) -> tuple[Sequence[int], Sequence[int], int]:
        start = self.seen.__array_interface__["data"][0] - self.memory.__array_interface__["data"][0]
        return self.seen.shape, tuple(stride // 4 for stride in self.seen.strides), start // 4


def random_view(rng: np.random.Generator, ndim: int, *, repeat: bool) -> View:
    """Part of a compact array: every axis cut, many with a step or backwards, then permuted.

    repeat: whether an axis may be broadcast, with stride 0, so that many elements lie in one place
    """
    steps = rng.choice([-3, -2, -1, 1, 1, 2, 3], size=ndim)
    largest = 7 if ndim <= 4 else 3
    lengths = rng.integers(1, largest + 1, size=ndim)
    gaps = rng.integers(0, 3, size=(ndim, 2))
    shape = (lengths - 1) * np.abs(steps) + 1 + gaps.sum(axis=1)
    if shape.prod() > 300_000:
        return random_view(rng, ndim, repeat=repeat)
    memory = numbers(rng, *shape)
    cuts = []
    for length, step, (before, _) in zip(lengths, steps, gaps, strict=True):
        places = before + np.abs(step) * np.arange(length)[:: np.sign(step)]
        stop = places[-1] + step
        cuts.append(slice(places[0], None if stop < 0 else stop, step))
    seen = memory[(..., *cuts)].transpose(rng.permutation(ndim))
    if repeat and ndim:
        axis = rng.integers(ndim)
        index = (slice(None),) * axis
        one = seen[(*index, slice(0, 1))]
        seen = np.broadcast_to(one, (*one.shape[:axis], 4, *one.shape[axis + 1 :]))
    return View(memory.reshape(-1), seen)
