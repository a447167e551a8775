"""Which backend computes: chosen once, at import, by the environment variable NEEDLE_BACKEND.

`np` is NumPy and the default. `nd` is the strided NDArray that homework 3 builds.
"""

from __future__ import annotations

import importlib.util
import os

BACKEND = os.environ.get("NEEDLE_BACKEND", "np")

if BACKEND == "np":
    from .backend_numpy import Device, NDArray, all_devices, array_api, cpu, default_device
elif BACKEND != "nd":
    raise ValueError(f"NEEDLE_BACKEND must be 'np' or 'nd', not {BACKEND!r}")
elif importlib.util.find_spec(f"{__package__}.backend_ndarray") is None:
    raise ImportError(
        "NEEDLE_BACKEND is 'nd', but the NDArray backend comes with hw3 and is not here yet: "
        "unset NEEDLE_BACKEND, or set it to 'np'"
    )
else:
    from . import backend_ndarray as array_api
    from .backend_ndarray import BackendDevice as Device
    from .backend_ndarray import NDArray, all_devices, cpu, cpu_numpy, cuda, default_device  # noqa: F401

__all__ = ["BACKEND", "Device", "NDArray", "all_devices", "array_api", "cpu", "default_device"]
__all__ += ["cpu_numpy", "cuda"] if BACKEND == "nd" else []
