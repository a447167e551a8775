"""Hidden cases of hw3, cpu_matmul: products of matrices that lie row by row, and of matrices that lie in tiles."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import backend_ndarray as nd

CPU = nd.cpu()
TILE = 8


def put(values):
    values = np.asarray(values, dtype=np.float32)
    array = CPU.Array(values.size)
    CPU.from_numpy(values, array)
    return array


def get(array):
    return CPU.to_numpy(array, (array.size,), (1,), 0)


def whole(*shape):
    """Whole numbers: products of these are exact, in whatever order they are added."""
    return np.random.randint(-9, 10, size=shape)


def fractions(*shape):
    return np.random.uniform(0.1, 0.9, size=shape)


def in_tiles(matrix):
    rows, columns = matrix.shape
    return matrix.reshape(rows // TILE, TILE, columns // TILE, TILE).transpose(0, 2, 1, 3)


def hand_over_matmul(a, b, out=None) -> None:
    (m, n), p = a.shape, b.shape[1]
    out = CPU.Array(m * p) if out is None else out
    CPU.matmul(put(a), put(b), out, m, n, p)
    mugrade.submit(get(out).reshape(m, p))


def hand_over_tiled(a, b, out=None) -> None:
    (m, n), p = a.shape, b.shape[1]
    out = CPU.Array(m * p) if out is None else out
    CPU.matmul_tiled(put(in_tiles(a)), put(in_tiles(b)), out, m, n, p)
    tiles = get(out).reshape(m // TILE, p // TILE, TILE, TILE)
    mugrade.submit(tiles.transpose(0, 2, 1, 3).reshape(m, p))


def submit_matmul() -> None:
    """matmul: square matrices, rows and columns"""
    for m, n, p in ((1, 1, 1), (3, 3, 3), (8, 8, 8), (1, 6, 1), (5, 1, 7), (1, 4, 5), (5, 4, 1)):
        hand_over_matmul(whole(m, n), whole(n, p))


def submit_matmul_rectangular() -> None:
    """matmul: three different sizes in every order"""
    for m, n, p in ((2, 3, 4), (2, 4, 3), (3, 2, 4), (3, 4, 2), (4, 2, 3), (4, 3, 2), (17, 9, 30)):
        hand_over_matmul(whole(m, n), whole(n, p))


def submit_matmul_fractions() -> None:
    """matmul: numbers between 0 and 1"""
    for m, n, p in ((4, 5, 6), (13, 40, 11), (16, 16, 16)):
        hand_over_matmul(fractions(m, n), fractions(n, p))


def submit_matmul_sizes() -> None:
    """matmul: sizes around multiples of 8, 16 and 32"""
    for m, n, p in ((7, 8, 9), (9, 7, 8), (8, 9, 7), (15, 17, 16), (33, 31, 34), (65, 10, 63)):
        hand_over_matmul(whole(m, n), whole(n, p))


def submit_matmul_written_over() -> None:
    """matmul: a result that is written over other numbers"""
    out = put(whole(6 * 7) + 100)
    for _ in range(2):
        hand_over_matmul(whole(6, 5), whole(5, 7), out)


def submit_tiled_one() -> None:
    """matmul_tiled: one tile times one tile"""
    for draw in (whole, fractions):
        hand_over_tiled(draw(8, 8), draw(8, 8))
    for _ in range(4):
        hand_over_tiled(whole(8, 8), np.eye(8)[np.random.permutation(8)])


def submit_tiled_rows() -> None:
    """matmul_tiled: several tiles along one side"""
    for m, n, p in ((24, 8, 8), (8, 24, 8), (8, 8, 24)):
        hand_over_tiled(whole(m, n), whole(n, p))


def submit_tiled() -> None:
    """matmul_tiled: several tiles along every side, in different numbers"""
    for m, n, p in ((16, 16, 16), (16, 24, 32), (32, 16, 24), (24, 32, 16), (40, 8, 16)):
        hand_over_tiled(whole(m, n), whole(n, p))


def submit_tiled_fractions() -> None:
    """matmul_tiled: numbers between 0 and 1"""
    for m, n, p in ((8, 16, 8), (24, 40, 16)):
        hand_over_tiled(fractions(m, n), fractions(n, p))


def submit_tiled_written_over() -> None:
    """matmul_tiled: a result that is written over other numbers"""
    out = put(whole(16 * 24) + 100)
    for _ in range(2):
        hand_over_tiled(whole(16, 8), whole(8, 24), out)
