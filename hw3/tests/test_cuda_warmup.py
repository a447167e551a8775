"""hw3, cuda_warmup: five small kernels beside NumPy, and what they load and store beside the closed formulas.

Traffic is counted on the emulated device, also where there is a GPU: the same kernels, compiled for the processor.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import mugrade
import numpy as np
import pytest
import warmup_kernels
from arrays import close, numbers, same
from needle.backend_ndarray import cuda_traffic


@pytest.fixture(scope="module")
def cuda() -> ModuleType:
    return warmup_kernels.kernels()


def whole(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Whole numbers: sums and products of these are exact, in whatever order they are added."""
    return rng.integers(-9, 10, size=shape).astype(np.float32)


def windows(a: np.ndarray) -> np.ndarray:
    """Sums of five neighbours, by another way than a kernel's."""
    sums = np.concatenate([[0.0], np.cumsum(a, dtype=np.float64)])
    return sums[5:] - sums[:-5]


# Around a warp, a block, and several blocks of which the last is not full
LENGTHS = [1, 2, 5, 31, 32, 33, 255, 256, 257, 511, 512, 513, 1000, 5000]


@pytest.mark.parametrize("n", LENGTHS)
def test_vector_add(cuda, rng, n):
    a, b = whole(rng, n), whole(rng, n)
    same(cuda.vector_add(a, b), a + b)
    same(cuda.vector_add(a, a), 2 * a)


@pytest.mark.parametrize("n", LENGTHS)
def test_window_sum(cuda, rng, n):
    a = whole(rng, n + 4)
    same(cuda.window_sum(a), windows(a))


def test_window_sum_of_fractions(cuda, rng):
    a = numbers(rng, 1500)
    close(cuda.window_sum(a), windows(a), atol=1e-5)


@pytest.mark.parametrize("place", [0, 3, 4, 100, 254, 255, 256, 257, 259, 260, 511, 512, 516, 599])
def test_window_sum_shows_which_windows_have_a_number(cuda, place):
    a = np.zeros(600, dtype=np.float32)
    a[place] = 1
    same(cuda.window_sum(a), windows(a))


THREADS = [1, 2, 3, 7, 31, 32, 33, 64, 100, 255, 256, 257, 1000, 1023, 1024]


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("columns", [1, 2, 5, 32, 100, 333, 2500])
def test_row_sum(cuda, rng, columns, threads):
    a = whole(rng, 3, columns)
    same(cuda.row_sum(a, threads), a.sum(axis=1))


def test_row_sum_of_many_rows(cuda, rng):
    a = whole(rng, 700, 9)
    same(cuda.row_sum(a), a.sum(axis=1))
    same(cuda.row_sum(a, threads=5), a.sum(axis=1))


def test_row_sum_of_one_long_row(cuda, rng):
    a = numbers(rng, 1, 100_000)
    close(cuda.row_sum(a, threads=1024), a.sum(axis=1, dtype=np.float64), rtol=1e-4, atol=1e-2)


MATRICES = [(1, 1), (1, 40), (40, 1), (32, 32), (31, 33), (33, 31), (32, 64), (64, 32), (5, 200), (100, 70)]


@pytest.mark.parametrize("shape", MATRICES, ids=str)
def test_transpose(cuda, rng, shape):
    a = numbers(rng, *shape)
    same(cuda.transpose(a), a.T)


def test_transpose_twice_is_the_same(cuda, rng):
    a = numbers(rng, 45, 77)
    same(cuda.transpose(cuda.transpose(a)), a)


SIZES = [
    (1, 1, 1),
    (1, 7, 1),
    (5, 1, 9),
    (32, 32, 32),
    (31, 32, 33),
    (33, 31, 32),
    (32, 33, 31),
    (64, 32, 96),
    (3, 200, 5),
    (100, 3, 2),
    (2, 3, 100),
    (70, 65, 40),
]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_matmul(cuda, rng, sizes):
    m, n, p = sizes
    a, b = whole(rng, m, n), whole(rng, n, p)
    same(cuda.matmul(a, b), a @ b)


def test_matmul_of_infinity(cuda, rng):
    """Infinity reaches its own row, and what lies beyond an edge reaches nothing."""
    a, b = whole(rng, 20, 33), np.ones((33, 10), dtype=np.float32)
    wanted = a @ b
    a[7, 32], wanted[7] = np.inf, np.inf
    same(cuda.matmul(a, b), wanted)


# Traffic


def count(call: Callable[..., Any], *arguments: Any) -> cuda_traffic.KernelTraffic:
    """What the kernels that a function of the emulated module launches load and store, all together."""
    kernels = warmup_kernels.emulated()
    with cuda_traffic.counted(kernels) as traffic:
        call(kernels, *arguments)
    return traffic.total


def groups(count: int, size: int) -> int:
    return -(-count // size)


@pytest.mark.parametrize("n", [256, 1000, 5000])
def test_traffic_of_vector_add(rng, n):
    """Each number once, 32 neighbours at a time: n / 8 sectors of 8 numbers for each of a, b and out."""
    seen = count(lambda cuda, a, b: cuda.vector_add(a, b), whole(rng, n), whole(rng, n))
    assert (seen.global_load_bytes, seen.global_store_bytes) == (8 * n, 4 * n)
    assert (seen.global_load_sectors, seen.global_store_sectors) == (2 * groups(n, 8), groups(n, 8))


@pytest.mark.parametrize("n", [256, 1000, 5000])
def test_traffic_of_window_sum(rng, n):
    """About n loads instead of 5 n: a block loads 4 numbers more than it has threads."""
    seen = count(lambda cuda, a: cuda.window_sum(a), whole(rng, n + 4))
    assert seen.global_load_bytes <= 4 * (n + 4 * groups(n, 256))
    assert seen.global_store_sectors == groups(n, 8)
    assert seen.shared_load_bytes + seen.shared_store_bytes > 0


@pytest.mark.parametrize("threads", [32, 100, 256, 1000])
def test_traffic_of_row_sum(rng, threads):
    """Each number once, 8 to a sector, and nobody waits for a bank of shared memory."""
    rows, columns = 3, 1600
    seen = count(lambda cuda, a: cuda.row_sum(a, threads), whole(rng, rows, columns))
    assert seen.global_load_bytes == 4 * rows * columns
    if threads % 8 == 0:  # or else warps do not begin where sectors do
        assert seen.global_load_sectors == rows * columns // 8
    assert seen.global_stores == rows
    assert seen.bank_conflicts == 0


@pytest.mark.parametrize("shape", [(32, 32), (64, 96), (160, 32)], ids=str)
def test_traffic_of_transpose(rng, shape):
    """Coalesced on both sides, and the turn in shared memory costs no bank conflict."""
    size = shape[0] * shape[1]
    seen = count(lambda cuda, a: cuda.transpose(a), numbers(rng, *shape))
    assert (seen.global_load_bytes, seen.global_store_bytes) == (4 * size, 4 * size)
    assert seen.global_load_sectors == size // 8
    assert seen.global_store_sectors == size // 8
    assert seen.bank_conflicts == 0


@pytest.mark.parametrize("sizes", [(32, 32, 32), (64, 96, 64), (40, 50, 70)], ids=str)
def test_traffic_of_matmul(rng, sizes):
    """A number of a is loaded for each tile across, one of b for each tile down: not for each element."""
    m, n, p = sizes
    seen = count(lambda cuda, a, b: cuda.matmul(a, b), whole(rng, m, n), whole(rng, n, p))
    loads = m * n * groups(p, 32) + n * p * groups(m, 32)
    assert seen.global_load_bytes <= 4 * loads
    assert seen.global_store_bytes == 4 * m * p
    if all(size % 32 == 0 for size in sizes):
        assert seen.global_load_sectors <= loads // 8


def submit_cuda_warmup() -> None:
    """Each kernel's values, on sizes that no block divides"""
    np.random.seed(40)
    cuda = warmup_kernels.kernels()
    a, b = (np.random.randint(-9, 10, size=(70, 45)).astype(np.float32) for _ in range(2))
    mugrade.submit(cuda.vector_add(a.ravel(), b.ravel()))
    mugrade.submit(cuda.window_sum(a.ravel()))
    mugrade.submit(cuda.row_sum(a, 24))
    mugrade.submit(cuda.transpose(a))
    mugrade.submit(cuda.matmul(a, cuda.transpose(b)))
