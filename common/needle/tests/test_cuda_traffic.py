"""Counted memory traffic against closed formulas, and against NumPy for accesses without order.

The kernels of cuda_traffic_kernels.cu are compiled once by GCC and once by clang, where these are, and both must give
the same counts.
"""

from __future__ import annotations

import dataclasses
import doctest
import re
import threading
import types
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from needle import backend_ndarray as nd
from needle.backend_ndarray import cuda_traffic
from needle.backend_ndarray.cuda_traffic import KernelTraffic
from needle.backend_ndarray.devices import find_module
from traffic_kernels import COMPILERS, Kernels, build_kernels, build_runtime, compiler

EMULATED = "ndarray_backend_cuda_emulated"
FLOAT = 4  # bytes
SECTOR = 32

Generator = np.random.Generator


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    found = compiler("gcc") or compiler("clang")
    if found is None:
        pytest.skip("neither GCC nor clang is here: nothing can be compiled")
    return build_runtime(found, tmp_path_factory.mktemp("runtime"))


@pytest.fixture(scope="module", params=COMPILERS)
def kernels(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, runtime: list[Path]) -> Kernels:
    found = compiler(request.param)
    if found is None:
        pytest.skip(f"no {request.param} here: nothing can be compiled by it")
    return Kernels(build_kernels(request.param, found, runtime, tmp_path_factory.mktemp("traffic")))


def matrices(rng: Generator, n: int) -> tuple[np.ndarray, ...]:
    a, b = rng.integers(-4, 5, (2, n, n)).astype(np.float32)
    return a, b, np.full((n, n), np.nan, dtype=np.float32)


def counts(traffic: KernelTraffic, *names: str) -> tuple[int, ...]:
    return tuple(getattr(traffic, name) for name in names)


LOADS = ("global_loads", "global_load_bytes", "global_load_requests", "global_load_sectors")
STORES = ("global_stores", "global_store_bytes", "global_store_requests", "global_store_sectors")


# ---- matrix products ----


@pytest.mark.parametrize("n", [32, 64, 96])
def test_naive_matmul(kernels: Kernels, rng: Generator, n: int) -> None:
    """n^2 threads load a row and a column, n numbers each: 2 n^3 loads and n^2 stores.

    The 32 lanes of a warp are neighbours in a row of the product. They load one number of a, 1 sector, and 32
    neighbouring ones of b, 4 sectors.
    """
    a, b, out = matrices(rng, n)
    found = kernels.counted("naive_matmul", a, b, out, n)
    np.testing.assert_array_equal(out, a @ b)
    assert found.threads == n**2
    assert counts(found, *LOADS) == (2 * n**3, 2 * n**3 * FLOAT, 2 * n**3 // 32, n**3 // 32 * (1 + 4))
    assert counts(found, *STORES) == (n**2, n**2 * FLOAT, n**2 // 32, n**2 // 32 * 4)
    assert (found.shared_loads, found.shared_stores, found.global_atomics, found.shared_atomics) == (0, 0, 0, 0)


@pytest.mark.parametrize("side", [8, 16, 32])
@pytest.mark.parametrize("n", [32, 64, 96])
def test_matmul_by_shared_tiles(kernels: Kernels, rng: Generator, n: int, side: int) -> None:
    """With tiles of side S in shared memory, each number that is loaded serves S threads: 2 n^3 / S loads.

    All that is loaded is stored to shared memory, from where each of n^2 threads loads its 2n numbers. No lane waits
    for another: a warp's rows of threads want numbers of one column, and 32 / S numbers S words apart lie in different
    banks.
    """
    a, b, out = matrices(rng, n)
    found = kernels.counted("shared_matmul", a, b, out, n, side)
    np.testing.assert_array_equal(out, a @ b)
    assert (found.global_loads, found.global_stores) == (2 * n**3 // side, n**2)
    assert (found.shared_loads, found.shared_stores) == (2 * n**3, 2 * n**3 // side)
    assert (found.shared_load_bytes, found.shared_store_bytes) == (2 * n**3 * FLOAT, 2 * n**3 // side * FLOAT)
    assert found.bank_conflicts == 0


@pytest.mark.parametrize("side", [2, 4])
@pytest.mark.parametrize("n", [32, 64, 96])
def test_matmul_by_register_tiles(kernels: Kernels, rng: Generator, n: int, side: int) -> None:
    """A thread that computes V x V elements loads 2V numbers for V^2 of them: 2 n^3 / V loads. What it keeps in
    registers is no traffic."""
    a, b, out = matrices(rng, n)
    found = kernels.counted("register_matmul", a, b, out, n, side)
    np.testing.assert_array_equal(out, a @ b)
    assert found.threads == n**2 // side**2
    assert (found.global_loads, found.global_stores) == (2 * n**3 // side, n**2)
    assert (found.shared_loads, found.shared_stores) == (0, 0)


@pytest.mark.parametrize("n", [32, 64, 96])
def test_matmul_by_both(kernels: Kernels, rng: Generator, n: int) -> None:
    """Global traffic falls by the side of the shared tiles, L = 32, shared traffic by that of the register tiles,
    V = 4."""
    a, b, out = matrices(rng, n)
    found = kernels.counted("tiled_matmul", a, b, out, n)
    np.testing.assert_array_equal(out, a @ b)
    assert (found.global_loads, found.global_stores) == (2 * n**3 // 32, n**2)
    assert (found.shared_loads, found.shared_stores) == (2 * n**3 // 4, 2 * n**3 // 32)


# ---- window sums ----


@pytest.mark.parametrize("n", [128, 1000, 4096])
def test_window_sum(kernels: Kernels, rng: Generator, n: int) -> None:
    """Five loads for each of n sums. With shared memory a block of 128 threads loads its 128 numbers and the 4 behind
    them: n + 4 * blocks, and the five loads are of shared memory."""
    values, blocks = rng.integers(-9, 10, n + 4).astype(np.float32), -(-n // 128)
    expected = np.lib.stride_tricks.sliding_window_view(values, 5).sum(axis=1)
    for shared in (0, 1):
        out = np.zeros(n, dtype=np.float32)
        found = kernels.counted("window", values, out, n, shared)
        np.testing.assert_array_equal(out, expected)
        once = n + 4 * blocks
        assert (found.global_loads, found.global_stores) == (once if shared else 5 * n, n)
        assert (found.shared_loads, found.shared_stores) == ((5 * n, once) if shared else (0, 0))
        assert found.bank_conflicts == 0


# ---- transposes ----


@pytest.mark.parametrize("n", [32, 64, 160])
def test_transposes(kernels: Kernels, rng: Generator, n: int) -> None:
    """A warp loads 32 neighbours of a row, 4 sectors. Stored to a column they are 32 sectors; by way of a tile in
    shared memory 4, but a column of 32 x 32 words lies in one bank: 31 lanes wait. In rows of 33 words it does not."""
    values, requests = rng.standard_normal((n, n)).astype(np.float32), n**2 // 32
    for width, sectors, conflicts in ((0, 32, 0), (32, 4, 31), (33, 4, 0)):
        out = np.zeros_like(values)
        found = kernels.counted("transpose", values, out, n, width)
        np.testing.assert_array_equal(out, values.T)
        assert counts(found, *LOADS) == (n**2, n**2 * FLOAT, requests, 4 * requests)
        assert counts(found, *STORES) == (n**2, n**2 * FLOAT, requests, sectors * requests)
        assert (found.sectors_per_store_request, found.ideal_sectors_per_store_request) == (sectors, 4)
        assert found.shared_requests == (2 * requests if width else 0)
        assert (found.shared_load_bank_conflicts, found.shared_store_bank_conflicts) == (conflicts * requests, 0)
        assert found.bank_conflicts == conflicts * requests


# ---- which sectors, which banks ----


@pytest.mark.parametrize("stride", [1, 2, 3, 7, 8, 9, 100])
@pytest.mark.parametrize("offset", [0, 1, 8])
def test_strides(kernels: Kernels, rng: Generator, stride: int, offset: int) -> None:
    """32 lanes, `stride` floats apart, touch as many sectors as there are different multiples of 32 bytes."""
    n = 1000  # the last warp is not whole
    size = n * stride + offset
    values, out = rng.standard_normal(size).astype(np.float32), np.zeros(size, dtype=np.float32)
    found = kernels.counted("strided_copy", values, out, size, n, stride, offset)
    places = np.arange(n) * stride + offset
    np.testing.assert_array_equal(out[places], values[places])
    sectors = sum(len(set((places[first : first + 32] * FLOAT // SECTOR).tolist())) for first in range(0, n, 32))
    assert counts(found, *LOADS) == counts(found, *STORES) == (n, n * FLOAT, 32, sectors)
    assert found.global_load_sectors_ideal == 31 * 4 + 1  # 8 lanes are left for the last warp
    if stride >= 8:
        assert found.sectors_per_request == n / 32  # each lane its own


@pytest.mark.parametrize("stride", [1, 2, 5])
def test_bytes(kernels: Kernels, rng: Generator, stride: int) -> None:
    n, size = 256, 256 * stride
    values, out = rng.integers(0, 256, size, dtype=np.uint8), np.zeros(size, dtype=np.uint8)
    found = kernels.counted("strided_copy_bytes", values, out, size, n, stride, 0)
    assert counts(found, *LOADS) == (n, n, n // 32, n // 32 * stride)
    assert found.ideal_sectors_per_load_request == 1


def sectors_of(index: np.ndarray, size: int) -> int:
    """The sectors that warp after warp touches, which takes elements of so many bytes by their index."""
    total = 0
    for first in range(0, len(index), 32):
        begin = index[first : first + 32, None].astype(np.int64) * size + np.arange(size)
        total += len(np.unique(begin // SECTOR))
    return total


def conflicts_of(index: np.ndarray, size: int) -> int:
    """The turns beyond the first that shared memory takes for the same: of as many lanes at a time as make 128 bytes,
    all different words that lie in one bank come one after another."""
    total, lanes = 0, 128 // size
    for first in range(0, len(index), lanes):
        words = np.unique(index[first : first + lanes, None] * (size // 4) + np.arange(size // 4))
        total += np.bincount(words % 32).max() - 1
    return int(total)


@pytest.mark.parametrize("floats", [1, 2, 4])
@pytest.mark.parametrize("order", ["in order", "all the same", "backwards", "every second", "every 32nd", "any", "few"])
def test_gathers(kernels: Kernels, rng: Generator, order: str, floats: int) -> None:
    """What threads take by an index, as float, float2 and float4, from global and from shared memory."""
    n = 600
    index = {
        "in order": np.arange(n),
        "all the same": np.full(n, 77),
        "backwards": np.arange(n)[::-1],
        "every second": np.arange(n) * 2 % n,
        "every 32nd": np.arange(n) * 32 % n,
        "any": rng.integers(0, n, n),
        "few": rng.choice(rng.integers(0, n, 9), n),
    }[order]
    index, size = np.ascontiguousarray(index, dtype=np.int32), floats * FLOAT
    values = rng.standard_normal((n, floats)).astype(np.float32)
    requests = -(-n // 32)
    indices = sectors_of(np.arange(n), FLOAT)
    for shared in (0, 1):
        out = np.zeros_like(values)
        found = kernels.counted("gather", values, index, out, n, floats, shared)
        np.testing.assert_array_equal(out, values[index])
        in_order = sectors_of(np.arange(n), size)
        taken = in_order if shared else sectors_of(index, size)
        assert counts(found, *LOADS) == (2 * n, n * (FLOAT + size), 2 * requests, indices + taken)
        assert counts(found, *STORES) == (n, n * size, requests, in_order)
        if shared:
            assert (found.shared_loads, found.shared_stores) == (n, n)
            assert (found.shared_load_bytes, found.shared_store_bytes) == (n * size, n * size)
            assert (found.shared_load_requests, found.shared_store_requests) == (requests, requests)
            assert found.shared_load_bank_conflicts == conflicts_of(index, size)
            assert found.shared_store_bank_conflicts == 0


@pytest.mark.parametrize("fours", [32, 100, 256])
def test_fours_are_taken_at_once(kernels: Kernels, rng: Generator, fours: int) -> None:
    """A float4 is one load of 16 bytes, also if single numbers of it are changed; 32 of them fill 16 sectors."""
    values, out = rng.standard_normal((fours, 4)).astype(np.float32), np.zeros((fours, 4), dtype=np.float32)
    found = kernels.counted("scale_by_fours", values, out, fours)
    x, y, z, w = values.T
    np.testing.assert_array_equal(out, np.stack([x * 2, y, z, w + y], axis=1))
    assert counts(found, *LOADS) == (fours, fours * 16, -(-fours // 32), fours // 2)
    assert counts(found, *STORES) == counts(found, *LOADS)


# ---- lanes that go different ways ----


@pytest.mark.parametrize("n", [32, 64, 256])
def test_branches(kernels: Kernels, rng: Generator, n: int) -> None:
    """Even lanes load one number, odd ones two: three requests for a warp, as the two ways are gone one by one."""
    values, out = rng.standard_normal(n + 1).astype(np.float32), np.zeros(n, dtype=np.float32)
    found = kernels.counted("branches", values, out, n)
    np.testing.assert_array_equal(out, np.where(np.arange(n) % 2 == 0, values[:-1] + 1, values[:-1] * values[1:]))
    assert found.global_loads == n // 2 * (1 + 2)
    assert found.global_load_requests == n // 32 * 3
    assert found.global_stores == n


@pytest.mark.parametrize("n", [32, 96])
def test_loops_of_different_lengths(kernels: Kernels, rng: Generator, n: int) -> None:
    """Lane i goes i + 1 times round: a warp 32 times, and 528 = 1 + 2 + ... + 32 loads. In turn k lanes k to 31 load
    neighbouring floats."""
    values, out = rng.integers(-9, 10, (32, n)).astype(np.float32), np.zeros(n, dtype=np.float32)
    found = kernels.counted("loops", values, out, n)
    np.testing.assert_array_equal(out, [values[: i % 32 + 1, i].sum() for i in range(n)])
    sectors = sum(4 - k // 8 for k in range(32))
    assert counts(found, *LOADS) == (528 * n // 32, 528 * n // 32 * FLOAT, n, n // 32 * sectors)


@pytest.mark.parametrize("of_warp", [0, 1], ids=["of block", "of warp"])
def test_a_barrier_parts_requests(kernels: Kernels, rng: Generator, of_warp: int) -> None:
    """Half a warp loads before a barrier and half behind it, by one place in the code: that is two requests."""
    values, out = rng.standard_normal(128).astype(np.float32), np.zeros(128, dtype=np.float32)
    found = kernels.counted("turns", values, out, 128, of_warp)
    np.testing.assert_array_equal(out, values)
    assert counts(found, *LOADS) == (128, 128 * FLOAT, 2 * 4, 2 * 4 * 2)


# ---- what is no load and no store ----


def test_atomics_are_counted_apart(kernels: Kernels, rng: Generator) -> None:
    n, blocks = 1000, 8
    values, totals = rng.integers(0, 16, n, dtype=np.int32), np.zeros(16, dtype=np.int32)
    found = kernels.counted("histogram", values, totals, n)
    np.testing.assert_array_equal(totals, np.bincount(values, minlength=16))
    assert (found.shared_atomics, found.global_atomics) == (n, 16 * blocks)
    assert (found.global_loads, found.global_stores) == (n, 0)
    assert (found.shared_loads, found.shared_stores) == (16 * blocks, 16 * blocks)


def test_arrays_of_a_thread_and_arguments_are_no_traffic(kernels: Kernels) -> None:
    out = np.zeros(64, dtype=np.float32)
    found = kernels.counted("local", out, 64)
    assert counts(found, "global_loads", "global_stores", "shared_loads", "shared_stores") == (0, 64, 0, 0)


# ---- counts are safe ----


def test_counts_are_the_same_every_time(kernels: Kernels, rng: Generator) -> None:
    """Also of launches whose blocks run on several cores, from several threads of Python at once."""
    a, b, out = matrices(rng, 96)
    expected = kernels.counted("shared_matmul", a, b, out, 96, 16)
    with cuda_traffic.counted(kernels) as traffic:
        threads = [
            threading.Thread(target=kernels.call, args=("shared_matmul", a, b, np.zeros_like(out), 96, 16))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [dataclasses.replace(launch, kernel="total") == expected for launch in traffic.launches] == [True] * 4


def test_memory_for_counting_is_bounded(kernels: Kernels, rng: Generator) -> None:
    """A loop without a barrier is counted however long it is, if its addresses have an order; else up to a limit, and
    then the launch fails in words."""
    values, out = rng.standard_normal(5000).astype(np.float32), np.zeros(64, dtype=np.float32)
    found = kernels.counted("scattered", values, out, 5000, 64, 1000)
    assert found.global_loads == 64 * 1000
    with cuda_traffic.counted(kernels) as traffic:
        said = kernels.call("scattered", values, out, 5000, 32, 1_000_000)
    assert re.search(r"kernel ScatteredKernel .*accesses memory too often between two barriers", said), said
    assert traffic.launches == []
    assert kernels.call("scattered", values, out, 5000, 32, 10_000) == ""
    ones = np.ones((128, 128), dtype=np.float32)
    assert kernels.counted("naive_matmul", ones, ones, np.zeros_like(ones), 128).global_loads == 2 * 128**3


def test_launches_that_fail_are_left_out(kernels: Kernels, rng: Generator) -> None:
    values, out = rng.standard_normal(32).astype(np.float32), np.zeros(32, dtype=np.float32)
    with cuda_traffic.counted(kernels) as traffic:
        assert "calls __trap" in kernels.call("failing", values, out, 32)
        assert kernels.call("strided_copy", values, out, 32, 32, 1, 0) == ""
    assert [launch.kernel for launch in traffic.launches] == ["StridedCopyKernel<float>"]
    assert traffic["StridedCopyKernel"].global_loads == 32


# ---- what Python gets ----


def test_kernels_by_name(kernels: Kernels, rng: Generator) -> None:
    values, index = rng.standard_normal((64, 4)).astype(np.float32), np.arange(64, dtype=np.int32)
    with cuda_traffic.counted(kernels) as traffic:
        kernels.call("strided_copy", values, values.copy(), 256, 200, 1, 0)
        kernels.call("strided_copy_bytes", values, values.copy(), 256, 100, 1, 0)
        kernels.call("strided_copy", values, values.copy(), 256, 50, 1, 0)
        seen = traffic["StridedCopyKernel<float>"]
        kernels.call("gather", values, index, values.copy(), 64, 4, 0)
    assert seen == traffic["StridedCopyKernel<float>"]
    assert (seen.launches, seen.global_loads) == (2, 250)
    assert (traffic["StridedCopyKernel"].launches, traffic["StridedCopyKernel"].global_loads) == (3, 350)
    names = ["StridedCopyKernel<float>", "StridedCopyKernel<unsigned char>", "GatherKernel<T>"]
    assert list(traffic) == list(traffic.kernels) == names
    assert (len(traffic), "GatherKernel" in traffic, "Gather" in traffic) == (3, True, False)
    assert [launch.global_loads for launch in traffic.launches] == [200, 100, 50, 128]
    assert (traffic.total.launches, traffic.total.global_loads) == (4, 478)
    with pytest.raises(KeyError, match=r"no kernel Copy was launched .*: StridedCopyKernel<float>, Strided"):
        traffic["Copy"]


def test_counts_inside_of_counts(kernels: Kernels, rng: Generator) -> None:
    values, out = rng.standard_normal(32).astype(np.float32), np.zeros(32, dtype=np.float32)

    def copy() -> None:
        assert kernels.call("strided_copy", values, out, 32, 32, 1, 0) == ""

    copy()
    with cuda_traffic.counted(kernels) as outer:
        copy()
        with suppress(ZeroDivisionError), cuda_traffic.counted(kernels) as inner:
            copy()
            raise ZeroDivisionError
        copy()
    copy()
    assert (len(outer.launches), len(inner.launches)) == (3, 1)


def test_the_table(kernels: Kernels, rng: Generator) -> None:
    n = 160
    values = rng.standard_normal((n, n)).astype(np.float32)
    with cuda_traffic.counted(kernels) as traffic:
        assert str(traffic) == "no kernel was launched while traffic was counted"
        kernels.call("transpose", values, values.copy(), n, 32)
        alone = str(traffic)
        kernels.call("transpose", values, values.copy(), n, 0)
    assert alone == str(traffic["SharedTransposeKernel<32>"])
    lines = str(traffic).splitlines()
    assert max(map(len, lines)) <= 120
    shared = next(i for i, line in enumerate(lines) if line.startswith("SharedTransposeKernel<32> "))
    assert lines[shared].split()[1:] == ["global", "loads", "25,600", "800", "102,400", "4.00", "(4.00)"]
    assert " ".join(lines[shared + 1].split()) == (
        "1 launch, 25,600 threads global stores 25,600 800 102,400 4.00 (4.00)"
    )
    assert lines[shared + 2].split() == ["shared", "loads", "25,600", "800", "102,400", "24,800"]
    naive = next(i for i, line in enumerate(lines) if line.startswith("NaiveTransposeKernel "))
    assert lines[naive + 1].endswith(" 32.00 (4.00)")
    assert lines[naive + 2].startswith("total ")


# ---- the device ----


@pytest.fixture
def device() -> nd.BackendDevice:
    module = find_module(EMULATED)
    assert module is not None, f"{EMULATED} is not built: run `make lib`"
    reason = module.traffic_reason()
    if reason:
        pytest.skip(reason)
    return nd.BackendDevice("cuda", module)


def test_the_emulated_device(device: nd.BackendDevice, rng: Generator) -> None:
    for size in (256, 1000, 4096):
        x, y = rng.standard_normal((2, size)).astype(np.float32)
        a, b = (nd.array(values, device=device) for values in (x, y))
        with cuda_traffic.counted(device) as traffic:
            total = a + b
        np.testing.assert_array_equal(total.numpy(), x + y)
        found = traffic["EwiseAddKernel"]
        warps, sectors = -(-size // 32), 2 * sectors_of(np.arange(size), FLOAT)
        assert counts(found, *LOADS) == (2 * size, 2 * size * FLOAT, 2 * warps, sectors)
        assert counts(found, *STORES) == (size, size * FLOAT, warps, sectors // 2)
        assert found.threads == -(-size // 256) * 256
        with cuda_traffic.counted(device.mod) as of_module:
            _ = a + b
        assert of_module.launches == traffic.launches


def test_the_example(device: nd.BackendDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nd, "cuda", lambda: device)
    found = doctest.testmod(cuda_traffic)
    assert found.attempted > 5
    assert found.failed == 0


def test_counting_needs_the_emulation(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = types.ModuleType("ndarray_backend_cuda")
    gpu.__device_name__, gpu.Array = "cuda", None  # type: ignore[attr-defined]
    off = nd.BackendDevice("cuda", None, "no GPU: no NVIDIA driver is installed")
    watched = types.ModuleType("watched")
    watched.traffic_begin, watched.traffic_reason = None, lambda: "something else watches"  # type: ignore[attr-defined]
    cases: list[tuple[Any, str]] = [
        (
            nd.BackendDevice("cuda", gpu),
            r"needs the emulated CUDA device.*NEEDLE_CUDA=emulated: cuda\(\) runs on a GPU",
        ),
        (gpu, "ndarray_backend_cuda runs on a GPU"),
        (off, r"cuda\(\) is not enabled here: no GPU: no NVIDIA driver"),
        (nd.cpu_numpy(), r"cpu_numpy\(\) is no emulated CUDA device"),
        (watched, "watched does not count memory traffic: something else watches"),
    ]
    for device, message in cases:
        with pytest.raises(RuntimeError, match=message), cuda_traffic.counted(device):
            raise AssertionError("it counts what it cannot see")
    monkeypatch.setattr(cuda_traffic, "cuda", lambda: off)
    with pytest.raises(RuntimeError, match="no NVIDIA driver"), cuda_traffic.counted():
        raise AssertionError("it counts on a device that is not there")
