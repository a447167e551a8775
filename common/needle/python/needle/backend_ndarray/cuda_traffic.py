"""How much memory traffic CUDA kernels make: counted, access by access, on the emulated device.

    >>> from needle import backend_ndarray as nd
    >>> from needle.backend_ndarray import cuda_traffic
    >>> a = nd.array([1.0] * 1024, device=nd.cuda())
    >>> with cuda_traffic.counted(nd.cuda()) as traffic:
    ...     b = a + 1
    >>> traffic["ScalarAddKernel"].global_loads
    1024
    >>> traffic["ScalarAddKernel"].global_load_requests  # 32 lanes of a warp load at once
    32
    >>> print(traffic)  # doctest: +SKIP

What is counted:

- `..._loads`, `..._stores`: what single threads do. 32 threads that load one number each are 32 loads.
- `..._requests`: what warps do. The loads that the 32 lanes of a warp make together are one request.
- `..._bytes`: the bytes of all loads or stores, those that several threads load as often as they are loaded.
- `..._sectors`: global memory moves in sectors of 32 bytes, and a request needs all that its lanes touch any byte of.
  32 lanes that load neighbouring floats need 4 sectors; with 8 floats from lane to lane they need 32. `sectors_ideal`
  is how many would do if the bytes that a request touches lay side by side.
- `bank_conflicts`: shared memory has 32 banks, and word i (of 4 bytes) lies in bank i % 32. A bank gives one word at a
  time, to all lanes that want that word; for each other word of the same bank, the whole request waits one more turn.
  Of 8 bytes a lane, 16 lanes are served at a time; of 16 bytes, 8 lanes.
- `..._atomics`: what atomicAdd and the like do. They are no loads and no stores, as in NVIDIA's profiler.

NVIDIA's Nsight Compute measures the same on a GPU: `l1tex__t_requests_pipe_lsu_mem_global_op_ld`,
`l1tex__t_sectors_pipe_lsu_mem_global_op_ld`, `l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_ld` and so on.

What is not counted, or not as one might think:

- Variables of a thread, and arrays of its own such as `float sums[4]`: a GPU keeps them in registers. Arguments of
  the kernel, and what is `__constant__`.
- A load that the compiler need not make. In `for (...) sum += a[0] * b[i]`, a[0] may be loaded once and kept; in
  `for (...) out[0] += a[i]` it may not, since a could be where out is. The compiler is the host's, which keeps less in
  registers than CUDA's.
- Loads belong to one request if they stand in one place of the code, and each lane has come there equally often since
  the last barrier that it shared with the others. Lanes that pass over some turns of a loop are counted as if they
  passed over its last ones.
- Caches: a sector counts each time a request needs it, whether or not it would still be in a cache.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .devices import BackendDevice, cuda

__all__ = ["KernelTraffic", "Traffic", "counted"]


@dataclass(frozen=True)
class KernelTraffic:
    """The traffic of one launch of a kernel, or of several launches together: `launches` says how many.

    kernel: as its launch names it, such as "MatmulKernel<4>"
    """

    kernel: str
    launches: int
    threads: int
    global_loads: int
    global_load_bytes: int
    global_load_requests: int
    global_load_sectors: int
    global_load_sectors_ideal: int
    global_stores: int
    global_store_bytes: int
    global_store_requests: int
    global_store_sectors: int
    global_store_sectors_ideal: int
    global_atomics: int
    shared_loads: int
    shared_load_bytes: int
    shared_load_requests: int
    shared_load_bank_conflicts: int
    shared_stores: int
    shared_store_bytes: int
    shared_store_requests: int
    shared_store_bank_conflicts: int
    shared_atomics: int

    @property
    def global_requests(self) -> int:
        return self.global_load_requests + self.global_store_requests

    @property
    def global_sectors(self) -> int:
        return self.global_load_sectors + self.global_store_sectors

    @property
    def shared_requests(self) -> int:
        return self.shared_load_requests + self.shared_store_requests

    @property
    def bank_conflicts(self) -> int:
        return self.shared_load_bank_conflicts + self.shared_store_bank_conflicts

    @property
    def sectors_per_request(self) -> float:
        """Of global memory, loads and stores together; 0 without any. 4 if each warp takes 32 neighbouring floats."""
        return _ratio(self.global_sectors, self.global_requests)

    @property
    def sectors_per_load_request(self) -> float:
        return _ratio(self.global_load_sectors, self.global_load_requests)

    @property
    def sectors_per_store_request(self) -> float:
        return _ratio(self.global_store_sectors, self.global_store_requests)

    @property
    def ideal_sectors_per_load_request(self) -> float:
        """If the bytes that each request loads lay side by side."""
        return _ratio(self.global_load_sectors_ideal, self.global_load_requests)

    @property
    def ideal_sectors_per_store_request(self) -> float:
        return _ratio(self.global_store_sectors_ideal, self.global_store_requests)

    @property
    def conflicts_per_request(self) -> float:
        """Of shared memory: 0 if no lane waits for another, 31 if all 32 want another word of one bank."""
        return _ratio(self.bank_conflicts, self.shared_requests)

    def __str__(self) -> str:
        return _table([self])


_COUNTS = [field.name for field in dataclasses.fields(KernelTraffic) if field.name not in ("kernel", "launches")]


class Traffic:
    """What `counted` has counted: `traffic["Kernel"]`, `traffic.launches`, `traffic.total`; str(traffic) is a table.

    It may be looked at while it is still counting.
    """

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._number: int | None = module.traffic_begin()
        self._launches: list[KernelTraffic] = []

    def _stop(self) -> None:
        self._launches = self.launches
        number, self._number = self._number, None
        self._module.traffic_end(number)

    @property
    def launches(self) -> list[KernelTraffic]:
        """Launch by launch, in the order in which they ended. One that fails is not among them."""
        if self._number is None:
            return list(self._launches)
        return [KernelTraffic(name, 1, **counts) for name, counts in self._module.traffic_counted(self._number)]

    @property
    def kernels(self) -> dict[str, KernelTraffic]:
        """Each kernel with the sum of its launches, by its name as launched, in the order of the first launches."""
        launches: dict[str, list[KernelTraffic]] = {}
        for launch in self.launches:
            launches.setdefault(launch.kernel, []).append(launch)
        return {name: _sum(name, of_kernel) for name, of_kernel in launches.items()}

    @property
    def total(self) -> KernelTraffic:
        """The sum of all launches."""
        return _sum("total", self.launches)

    def __getitem__(self, kernel: str) -> KernelTraffic:
        """The sum of a kernel's launches.

        kernel: the name alone, "MatmulKernel", for all launches of that name; or as a launch has it,
            "MatmulKernel<4>", for those alone
        Raises KeyError: if no such kernel was launched.
        """
        launches = self.launches
        exact = [launch for launch in launches if launch.kernel == kernel]
        found = exact or [launch for launch in launches if _plain(launch.kernel) == kernel]
        if not found:
            names = ", ".join(dict.fromkeys(launch.kernel for launch in launches)) or "none"
            raise KeyError(f"no kernel {kernel} was launched while traffic was counted; launched were: {names}")
        return _sum(kernel, found)

    def __contains__(self, kernel: object) -> bool:
        return any(kernel in (launch.kernel, _plain(launch.kernel)) for launch in self.launches)

    def __iter__(self) -> Iterator[str]:
        return iter(self.kernels)

    def __len__(self) -> int:
        return len(self.kernels)

    def __str__(self) -> str:
        kernels = list(self.kernels.values())
        if not kernels:
            return "no kernel was launched while traffic was counted"
        return _table(kernels + [self.total] * (len(kernels) > 1))


@contextmanager
def counted(device: BackendDevice | ModuleType | None = None) -> Iterator[Traffic]:
    """Counts the traffic of all kernels that a device or a module of kernels launches inside of `with`.

    device: cuda(), if it is the emulated one, or a module such as `ndarray_backend_cuda_emulated`; None for cuda()
    Kernels run more slowly meanwhile. Counts may be inside of each other, and each gets everything.
    Raises RuntimeError: if the device or module is not emulated, or is a build that cannot count.
    """
    traffic = Traffic(_module_of(cuda() if device is None else device))
    try:
        yield traffic
    finally:
        traffic._stop()


def _module_of(device: Any) -> ModuleType:
    module = device.mod if isinstance(device, BackendDevice) else device
    name = repr(device) if isinstance(device, BackendDevice) else getattr(module, "__name__", repr(module))
    emulated = (
        "counting memory traffic needs the emulated CUDA device, in a process that starts with NEEDLE_CUDA=emulated"
    )
    if module is None:
        raise RuntimeError(f"{emulated}: {name} is not enabled here: {device.reason}")
    if not hasattr(module, "traffic_begin"):
        what = "runs on a GPU" if getattr(module, "__device_name__", "") == "cuda" else "is no emulated CUDA device"
        raise RuntimeError(f"{emulated}: {name} {what}, where accesses cannot be seen")
    reason = module.traffic_reason()
    if reason:
        raise RuntimeError(f"{name} does not count memory traffic: {reason}")
    return module


def _plain(kernel: str) -> str:
    """The name of a kernel alone: "needle::cuda::MatmulKernel<4>" -> "MatmulKernel"."""
    return kernel.partition("<")[0].rpartition("::")[2].strip()


def _sum(kernel: str, launches: list[KernelTraffic]) -> KernelTraffic:
    counts = {name: sum(getattr(launch, name) for launch in launches) for name in _COUNTS}
    return KernelTraffic(kernel, sum(launch.launches for launch in launches), **counts)


def _ratio(count: int, of: int) -> float:
    return count / of if of else 0.0


_SECTORS = ("requests", "sectors", "sectors_ideal")
_TITLES = ["kernel", "", "by threads", "by warps", "bytes", "sectors/request (ideal)", "bank conflicts"]


def _rows(traffic: KernelTraffic) -> list[list[str]]:
    """What the table says of a kernel: a row for each kind of access that it makes, and two at least."""
    made: list[list[str]] = []
    for name in ("global_load", "global_store", "global_atomic", "shared_load", "shared_store", "shared_atomic"):
        count = getattr(traffic, f"{name}s")
        if not count:
            continue
        row = [f"{name.replace('_', ' ')}s", f"{count:,}", "", "", "", ""]
        if not name.endswith("atomic"):
            row[2:4] = [f"{getattr(traffic, f'{name}_{what}'):,}" for what in ("requests", "bytes")]
        if name in ("global_load", "global_store"):
            requests, sectors, ideal = (getattr(traffic, f"{name}_{what}") for what in _SECTORS)
            row[4] = f"{sectors / requests:.2f} ({ideal / requests:.2f})"
        if name in ("shared_load", "shared_store"):
            row[5] = f"{getattr(traffic, f'{name}_bank_conflicts'):,}"
        made.append(row)
    made = made or [["no memory traffic"] + [""] * 5]
    made += [[""] * 6] * (len(made) < 2)
    launches = f"  {traffic.launches:,} launch{'es' * (traffic.launches != 1)}, {traffic.threads:,} threads"
    firsts = [traffic.kernel, launches, *[""] * (len(made) - 2)]
    return [[first, *row] for first, row in zip(firsts, made, strict=True)]


def _table(kernels: list[KernelTraffic]) -> str:
    rows = [_TITLES, *(row for kernel in kernels for row in _rows(kernel))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        words = [text.ljust(width) for text, width in zip(row[:2], widths[:2], strict=True)]
        numbers = [text.rjust(width) for text, width in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join([*words, *numbers]).rstrip())
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])
