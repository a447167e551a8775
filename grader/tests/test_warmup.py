"""What hw3 gives beside the blocks of its warm-up: which module is taken, what it refuses, pictures and the table."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from grader.authoring.manifest import Course, find_root
from grader.judge.materials import build_part
from grader.judge.materials import materials as derive

COURSE = Course.load(find_root(Path(__file__)))
LANES = np.arange(32)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(COURSE.root / "hw3/apps"), *sys.path])


@pytest.fixture
def emulated() -> ModuleType:
    import warmup_kernels

    return warmup_kernels.emulated()


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, dtype=np.float32)


# Which module


@pytest.mark.parametrize(
    ("on_gpu", "variable", "taken"),
    [
        (SimpleNamespace(enabled=lambda: True, reason=lambda: ""), "", "gpu"),
        (SimpleNamespace(enabled=lambda: True, reason=lambda: ""), "emulated", "gpu"),
        (SimpleNamespace(enabled=lambda: False, reason=lambda: "no GPU: none"), "emulated", "emulated"),
        (None, "emulated", "emulated"),
        (ImportError("libcudart.so: not found"), "emulated", "emulated"),
    ],
)
def test_kernels_are_those_of_the_gpu_or_emulated_ones(monkeypatch, on_gpu, variable, taken):
    import warmup_kernels

    emulated = SimpleNamespace()
    monkeypatch.setattr(warmup_kernels, "_find", finder({"cuda_warmup": on_gpu, "cuda_warmup_emulated": emulated}))
    monkeypatch.setenv("NEEDLE_CUDA", variable)
    assert warmup_kernels.kernels() is (on_gpu if taken == "gpu" else emulated)


@pytest.mark.parametrize(
    ("on_gpu", "words"),
    [
        (None, "cuda_warmup is not built"),
        (SimpleNamespace(enabled=lambda: False, reason=lambda: "no GPU: none is there"), "no GPU: none is there"),
        (ImportError("libcudart.so: not found"), "libcudart.so: not found"),
    ],
)
def test_without_a_gpu_and_without_leave_to_emulate_there_are_no_kernels(monkeypatch, on_gpu, words):
    import warmup_kernels

    monkeypatch.setattr(warmup_kernels, "_find", finder({"cuda_warmup": on_gpu}))
    monkeypatch.delenv("NEEDLE_CUDA", raising=False)
    with pytest.raises(RuntimeError, match=f"{words}.*NEEDLE_CUDA=emulated"):
        warmup_kernels.kernels()


def test_what_is_not_built_says_how_to_build_it(monkeypatch):
    import warmup_kernels

    monkeypatch.setattr(warmup_kernels, "_find", finder({"cuda_warmup_emulated": None}))
    with pytest.raises(ImportError, match="run `make lib`"):
        warmup_kernels.emulated()


def finder(modules: dict[str, Any]):
    def find(name: str) -> Any:
        if isinstance(modules[name], ImportError):
            raise modules[name]
        return modules[name]

    return find


# What the module refuses


@pytest.mark.parametrize(
    ("name", "arguments", "error", "message"),
    [
        ("vector_add", ([1.0], ones(1)), TypeError, "vector_add: a must be a NumPy array of float32, not list"),
        (
            "vector_add",
            (ones(2), np.ones(2)),
            TypeError,
            "b must be a NumPy array of float32, but its dtype is float64",
        ),
        ("vector_add", (ones(2), ones(3)), ValueError, "equally long, but their shapes are (2,) and (3,)"),
        ("vector_add", (ones(2, 2), ones(2, 2)), ValueError, "a must have one axis, but its shape is (2, 2)"),
        ("window_sum", (ones(3),), ValueError, "window_sum: a must have at least 4 elements"),
        ("window_sum_naive", (ones(3),), ValueError, "window_sum_naive: a must have at least 4 elements"),
        ("row_sum", (ones(4),), ValueError, "row_sum: a must have two axes, but its shape is (4,)"),
        ("row_sum", (ones(2, 2), 0), ValueError, "threads must be from 1 to 1024, not 0"),
        ("row_sum", (ones(2, 2), 1025), ValueError, "threads must be from 1 to 1024, not 1025"),
        ("transpose", (ones(2, 2).astype(int),), TypeError, "transpose: a must be a NumPy array of float32"),
        ("matmul", (ones(2, 3), ones(2, 3)), ValueError, "but their shapes are (2, 3) and (2, 3)"),
        ("matmul", (ones(2, 3), 7), TypeError, "matmul: b must be a NumPy array of float32, not int"),
        ("transpose", (np.broadcast_to(ones(1), (2**20 + 1, 1)),), ValueError, "at most 2^20 rows and columns"),
        ("vector_add", (np.broadcast_to(ones(1), 2**30 + 1),) * 2, ValueError, "at most 2^30 elements"),
        (
            "matmul",
            (np.broadcast_to(ones(1), (2**20, 1)), np.broadcast_to(ones(1), (1, 2**20))),
            ValueError,
            "the result would have more than 2^30 elements: (1048576, 1048576)",
        ),
    ],
)
def test_the_module_refuses_what_kernels_are_not_made_for(emulated, name, arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        getattr(emulated, name)(*arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("vector_add", (ones(0), ones(0)), np.zeros(0)),
        ("window_sum", (ones(4),), np.zeros(0)),
        ("row_sum", (ones(3, 0),), np.zeros(3)),
        ("row_sum", (ones(0, 3),), np.zeros(0)),
        ("transpose", (ones(0, 3),), np.zeros((3, 0))),
        ("matmul", (ones(2, 0), ones(0, 3)), np.zeros((2, 3))),
    ],
)
def test_arrays_without_elements_need_no_kernel(emulated, name, arguments, wanted):
    found = getattr(emulated, name)(*arguments)
    np.testing.assert_array_equal(found, wanted.astype(np.float32), strict=True)


def test_arrays_may_lie_in_memory_as_they_like(emulated):
    a = np.arange(200, dtype=np.float32).reshape(10, 20)
    for view in (a.T, a[::-2, 1::3], np.asfortranarray(a), np.broadcast_to(a[:1], (7, 20))):
        np.testing.assert_array_equal(emulated.transpose(view), view.T)
        np.testing.assert_array_equal(emulated.row_sum(view), view.sum(axis=1))


# The given kernels, the table and the pictures


@pytest.mark.parametrize("n", [1, 255, 256, 700])
def test_the_given_window_sum_is_right_and_loads_five_times_as_much(emulated, n):
    from needle.backend_ndarray import cuda_traffic

    a = np.random.default_rng(n).integers(-9, 10, size=n + 4).astype(np.float32)
    with cuda_traffic.counted(emulated) as traffic:
        sums = emulated.window_sum_naive(a)
    np.testing.assert_array_equal(sums, np.convolve(a, np.ones(5), "valid"))
    assert traffic["WindowSumNaiveKernel"].global_loads == 5 * n


@pytest.mark.parametrize("shape", [(1, 1), (33, 70), (64, 32)], ids=str)
def test_the_given_transpose_is_right_and_its_stores_are_scattered(emulated, shape):
    from needle.backend_ndarray import cuda_traffic
    from traffic_pictures import sectors_of

    a = np.random.default_rng(0).random(shape, dtype=np.float32)
    with cuda_traffic.counted(emulated) as traffic:
        turned = emulated.transpose_naive(a)
    np.testing.assert_array_equal(turned, a.T)
    if shape == (64, 32):  # 64 rows of one warp each, whose lanes store 64 numbers apart
        seen = traffic["TransposeNaiveKernel"]
        assert seen.global_load_sectors == 64 * sectors_of(LANES.tolist())
        assert seen.global_store_sectors == 64 * sectors_of((64 * LANES).tolist())


def test_the_table_counts_what_the_formulas_say(emulated):
    from warmup_traffic import measure

    rows = {(row.kernel, row.what): row for row in measure(n=1000, side=64)}
    assert rows["window_sum_naive", "loads"].counted == 5 * 1000
    assert rows["transpose_naive", "sectors stored"].counted == 64 * 64
    for (kernel, _), row in rows.items():
        if not kernel.endswith("naive"):
            assert (row.counted, row.verdict) == (row.expected, "as it should be")
    with pytest.raises(ValueError, match="side must be a multiple of 32, not 40"):
        measure(side=40)


@pytest.mark.parametrize("step", range(1, 70))
def test_pictures_count_sectors_and_banks_as_hardware_does(step):
    """Lanes that are `step` numbers apart meet in one of 32 / gcd(step, 32) banks, and fill sectors from the first."""
    from traffic_pictures import conflicts_of, sectors_of

    assert conflicts_of((step * LANES).tolist()) == math.gcd(step, 32) - 1
    assert sectors_of((step * LANES).tolist()) == (31 * step // 8 + 1 if step <= 8 else 32)


def test_lanes_that_want_the_same_number_share_it():
    from traffic_pictures import conflicts_of, sectors_of

    assert conflicts_of([7] * 32) == 0
    assert conflicts_of([7, 7 + 32] * 16) == 1
    assert sectors_of([7] * 32) == 1


@pytest.mark.parametrize("threads", range(1, 40))
def test_both_trees_add_every_share_once(threads):
    from traffic_pictures import _halves, _neighbours

    for rounds in (_neighbours(threads), _halves(threads)):
        shares = [1 << thread for thread in range(threads)]
        for pairs in rounds:
            touched = [place for pair in pairs for place in pair]
            assert len(set(touched)) == len(touched)  # within a round, in any order
            for to, source in pairs:
                shares[to] += shares[source]
        assert shares[0] == (1 << threads) - 1
        assert len(rounds) == math.ceil(math.log2(threads))


# How it is built


def test_the_build_reads_what_it_names_and_no_other_kernels():
    shared = derive(COURSE, "hw3")
    parts = {build.key: build_part(build, shared.reference) for build in shared.stage.builds}
    assert "common/needle/cuda_emulation.cmake" in parts["warmup"]
    assert "common/needle/cmake/translate_cuda.py" in parts["warmup"]
    assert not any(path.endswith(("ndarray_backend_cuda.cu", "ndarray_backend_cpu.cc")) for path in parts["warmup"])
    assert not any(path.startswith("common/needle/") for path in parts["ladder"])
