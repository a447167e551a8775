"""Public tests of hw3, the matmul ladder (optional): that each rung is right. `hw3/apps/ladder.py` shows how fast."""

from __future__ import annotations

from collections.abc import Callable

import matmul_ladder
import mugrade
import numpy as np
import pytest

Rung = Callable[[np.ndarray, np.ndarray, np.ndarray], None]

RUNGS = {
    "naive": matmul_ladder.matmul_naive,
    "register_tiled": matmul_ladder.matmul_register_tiled,
    "cache_tiled": matmul_ladder.matmul_cache_tiled,
    "packed": matmul_ladder.matmul_packed,
}


@pytest.fixture(params=RUNGS)
def rung(request: pytest.FixtureRequest) -> Rung:
    return RUNGS[request.param]


def whole_numbers(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two matrices whose product float32 holds exactly, in whatever order it is summed."""
    return tuple(rng.integers(-9, 10, size=(n, n)).astype(np.float32) for _ in range(2))


@pytest.mark.parametrize("n", [128, 256, 384, 640])
def test_ladder_multiplies(rung: Rung, rng: np.random.Generator, n: int):
    a, b = whole_numbers(rng, n)
    product = np.full((n, n), np.nan, dtype=np.float32)  # what out holds before must not matter
    rung(a, b, product)
    np.testing.assert_array_equal(product, a.astype(np.int64) @ b.astype(np.int64))


def test_ladder_multiplies_fractions(rung: Rung, rng: np.random.Generator):
    a, b = (rng.standard_normal((256, 256)).astype(np.float32) for _ in range(2))
    product = np.zeros_like(a)
    rung(a, b, product)
    np.testing.assert_allclose(product, a.astype(np.float64) @ b.astype(np.float64), rtol=1e-4, atol=1e-4)


def test_ladder_twice_is_the_same(rung: Rung, rng: np.random.Generator):
    """Nothing of the first product is left in the second, and neither factor has changed."""
    a, b = whole_numbers(rng, 128)
    before = a.copy(), b.copy()
    first, second = np.zeros_like(a), np.zeros_like(a)
    rung(b, a, first)
    rung(a, b, second)
    np.testing.assert_array_equal(second, before[0] @ before[1])
    np.testing.assert_array_equal(a, before[0])
    np.testing.assert_array_equal(b, before[1])


def test_ladder_stays_within_out(rung: Rung, rng: np.random.Generator):
    """Memory before and after out belongs to somebody else."""
    a, b = whole_numbers(rng, 128)
    memory = np.full(128 * 128 + 512, 7.0, dtype=np.float32)
    rung(a, b, memory[256:-256].reshape(128, 128))
    np.testing.assert_array_equal(memory[256:-256].reshape(128, 128), a @ b)
    assert set(memory[:256]) == set(memory[-256:]) == {7.0}


def submit_ladder() -> None:
    """Every rung, on the same two matrices"""
    np.random.seed(11)
    a, b = (np.random.randint(-5, 6, size=(128, 128)).astype(np.float32) for _ in range(2))
    for function in RUNGS.values():
        product = np.zeros_like(a)
        function(a, b, product)
        mugrade.submit(product)
