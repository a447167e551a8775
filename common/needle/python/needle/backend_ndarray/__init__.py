"""The strided NDArray on its devices: what homework 3 builds, and what the nd backend computes with.

from needle import backend_ndarray as nd

x = nd.array([[1, 2], [3, 4]], device=nd.cpu())
(x.permute((1, 0)) + 1).numpy()
"""

# ruff: noqa: F401, F403, F405

from .. import _discovery
from .devices import BackendDevice, all_devices, cpu, cpu_numpy, cuda, default_device
from .functions import *
from .ndarray import NDArray

# Functions that later homeworks add.
globals().update(_discovery.public_names(__name__, __path__, prefix="functions_"))
