"""Hidden cases of hw3, the matmul ladder: that each rung is right. How fast it is, the judge finds out by itself."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

from collections.abc import Callable

import matmul_ladder
import mugrade
import numpy as np

Rung = Callable[[np.ndarray, np.ndarray, np.ndarray], None]


def product(rung: Rung, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """What a rung makes of a and b, on memory that holds other numbers before."""
    out = np.full_like(a, 1e6)
    rung(a, b, out)
    return out


def hand_over(rung: Rung) -> None:
    for size in (128, 384):
        a, b = (np.random.randint(-8, 9, size=(size, size)).astype(np.float32) for _ in range(2))
        mugrade.submit(product(rung, a, b))
    a, b = (np.random.rand(256, 256).astype(np.float32) for _ in range(2))
    mugrade.submit(product(rung, a, b))
    # A permutation of the rows of b: each number of out is one of b, unchanged.
    a = np.zeros((256, 256), dtype=np.float32)
    a[np.arange(256), np.random.permutation(256)] = 1.0
    mugrade.submit(product(rung, a, b))


def submit_naive() -> None:
    """The naive rung: whole numbers, fractions, rows in another order"""
    hand_over(matmul_ladder.matmul_naive)


def submit_register_tiled() -> None:
    """Tiles in registers: whole numbers, fractions, rows in another order"""
    hand_over(matmul_ladder.matmul_register_tiled)


def submit_cache_tiled() -> None:
    """Blocks in the cache: whole numbers, fractions, rows in another order"""
    hand_over(matmul_ladder.matmul_cache_tiled)


def submit_packed() -> None:
    """Packed copies: whole numbers, fractions, rows in another order"""
    hand_over(matmul_ladder.matmul_packed)
