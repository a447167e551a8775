"""The kernels of the warm-up, on a GPU or without one.

    kernels()      the module to compute with: `cuda_warmup` where there is a GPU; where there is none, and the
                   environment says NEEDLE_CUDA=emulated, `cuda_warmup_emulated`, the same kernels on the processor
    emulated()     the second of these in any case: it can count what kernels load and store

`make lib` builds both, the first where nvcc is. Each has `vector_add(a, b)`, `window_sum(a)`, `row_sum(a, threads)`,
`transpose(a)` and `matmul(a, b)`, which take NumPy arrays of float32 and return a new one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

from needle.backend_ndarray.devices import find_module

__all__ = ["emulated", "kernels"]

_FOLDER = str(Path(__file__).resolve().parents[1] / "src")


def kernels() -> ModuleType:
    """The warm-up's kernels: on the GPU, or on the processor where there is none and NEEDLE_CUDA is "emulated".

    Raises RuntimeError: if there is no GPU, and nothing says to do without. ImportError: if they are not built.
    """
    try:
        on_gpu = _find("cuda_warmup")
        reason = "cuda_warmup is not built: `make lib` builds it where nvcc is" if on_gpu is None else on_gpu.reason()
    except ImportError as error:
        on_gpu, reason = None, f"{error} (is the CUDA runtime that it was built with installed?)"
    if on_gpu is not None and not reason:
        return on_gpu
    if os.environ.get("NEEDLE_CUDA") == "emulated":
        return emulated()
    raise RuntimeError(f"{reason}; with NEEDLE_CUDA=emulated in the environment, kernels run on the processor")


def emulated() -> ModuleType:
    """The warm-up's kernels on the processor. Raises ImportError: if they are not built."""
    module = _find("cuda_warmup_emulated")
    if module is None:
        raise ImportError("cuda_warmup_emulated is not built: run `make lib`")
    return module


def _find(name: str) -> ModuleType | None:
    if _FOLDER not in sys.path:
        sys.path.append(_FOLDER)
    return find_module(name)
