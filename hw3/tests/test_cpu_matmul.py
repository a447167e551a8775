"""hw3, cpu_matmul: products of matrices in C++, row by row and in tiles, beside NumPy's in float64."""

import mugrade
import numpy as np
import pytest
from arrays import get, numbers, put, same
from needle import backend_ndarray as nd


def close(found, a, b):
    """Within the rounding errors of sums of n products each, in whatever order they are added."""
    exact = a.astype(np.float64) @ b.astype(np.float64)
    bound = (a.shape[1] + 1) * 2.0**-24 * (np.abs(a).astype(np.float64) @ np.abs(b).astype(np.float64))
    assert found.shape == exact.shape
    error = np.abs(found - exact)
    assert (error <= bound + 1e-30).all(), f"off by up to {error.max()}, in {(error > bound).sum()} of {error.size}"


def multiplied(cpu, a, b):
    (m, n), p = a.shape, b.shape[1]
    out = cpu.Array(m * p)
    cpu.matmul(put(cpu, a), put(cpu, b), out, m, n, p)
    return get(cpu, out).reshape(m, p)


def in_tiles(matrix, tile=8):
    """Tile by tile, each row by row. A loop over tiles, so that the layout can be read off."""
    rows, columns = matrix.shape
    corners = [(i, j) for i in range(0, rows, tile) for j in range(0, columns, tile)]
    return np.concatenate([matrix[i : i + tile, j : j + tile].ravel() for i, j in corners])


def from_tiles(flat, rows, columns, tile=8):
    """The matrix that lies tile by tile in `flat`."""
    matrix = np.empty((rows, columns), dtype=flat.dtype)
    corners = [(i, j) for i in range(0, rows, tile) for j in range(0, columns, tile)]
    for (i, j), values in zip(corners, flat.reshape(-1, tile, tile), strict=True):
        matrix[i : i + tile, j : j + tile] = values
    return matrix


def multiplied_in_tiles(cpu, a, b, out=None):
    (m, n), p = a.shape, b.shape[1]
    out = cpu.Array(m * p) if out is None else out
    cpu.matmul_tiled(put(cpu, in_tiles(a)), put(cpu, in_tiles(b)), out, m, n, p)
    return from_tiles(get(cpu, out), m, p)


SIZES = [
    (1, 1, 1),
    (1, 7, 1),
    (5, 1, 9),
    (2, 3, 4),
    (4, 3, 2),
    (8, 8, 8),
    (7, 8, 9),
    (16, 5, 3),
    (3, 17, 31),
    (33, 64, 17),
    (72, 72, 72),
    (74, 73, 72),
    (100, 3, 2),
    (2, 300, 65),
]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_matmul(cpu, rng, sizes):
    m, n, p = sizes
    a, b = numbers(rng, m, n), numbers(rng, n, p)
    close(multiplied(cpu, a, b), a, b)


def test_matmul_of_random_sizes(cpu, rng):
    for _ in range(20):
        m, n, p = rng.integers(1, 50, size=3)
        a, b = numbers(rng, m, n), numbers(rng, n, p)
        close(multiplied(cpu, a, b), a, b)


@pytest.mark.parametrize(
    "blocks", [(1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2), (2, 3, 4), (4, 1, 3), (3, 5, 2)], ids=str
)
def test_matmul_tiled(cpu, rng, blocks):
    m, n, p = (8 * count for count in blocks)
    a, b = numbers(rng, m, n), numbers(rng, n, p)
    close(multiplied_in_tiles(cpu, a, b), a, b)


def test_matmul_tiled_of_one_tile_adds_up_rows_times_columns(cpu):
    """With a single 1 in each matrix it shows which row, column and tile goes where."""
    for i, j, k in np.random.default_rng(3).integers(8, size=(20, 3)):
        a, b, wanted = np.zeros((8, 8)), np.zeros((8, 8)), np.zeros((8, 8))
        a[i, j], b[j, k], wanted[i, k] = 2, 3, 6
        same(multiplied_in_tiles(cpu, a, b), wanted)


@pytest.mark.parametrize("product", [multiplied, multiplied_in_tiles])
def test_matmul_by_the_identity(cpu, rng, product):
    a = numbers(rng, 16, 24)
    same(product(cpu, a, np.eye(24)), a)
    same(product(cpu, np.eye(16), a), a)


@pytest.mark.parametrize("product", [multiplied, multiplied_in_tiles])
def test_matmul_of_whole_numbers_is_exact(cpu, rng, product):
    a, b = rng.integers(-9, 10, size=(24, 40)), rng.integers(-9, 10, size=(40, 16))
    same(product(cpu, a, b), a @ b)


def test_matmul_writes_over_what_is_there(cpu, rng):
    a, b = rng.integers(-9, 10, size=(16, 8)), rng.integers(-9, 10, size=(8, 24))
    out = put(cpu, np.full(16 * 24, 1000))
    cpu.matmul(put(cpu, a), put(cpu, b), out, 16, 8, 24)
    same(get(cpu, out).reshape(16, 24), a @ b)
    for _ in range(2):
        same(multiplied_in_tiles(cpu, a, b, out), a @ b)


@pytest.mark.parametrize("kernel", ["matmul", "matmul_tiled"])
def test_matmul_reads_its_inputs_only(cpu, rng, kernel):
    a, b = numbers(rng, 8 * 16), numbers(rng, 16 * 8)
    arrays, out = (put(cpu, a), put(cpu, b)), cpu.Array(8 * 8)
    getattr(cpu, kernel)(*arrays, out, 8, 16, 8)
    assert np.isfinite(get(cpu, out)).all()
    same(get(cpu, arrays[0]), a)
    same(get(cpu, arrays[1]), b)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("product", [multiplied, multiplied_in_tiles])
def test_matmul_of_special_values(cpu, rng, product, value):
    """One number reaches its row, or its column, and no more; 0 times infinity is NaN."""
    a, b = numbers(rng, 16, 8), numbers(rng, 8, 24)
    a[3, 5], b[5, 9] = value, 0
    with np.errstate(all="ignore"):
        wanted = a.astype(np.float64) @ b
    found = product(cpu, a, b)
    for kind in (np.isnan, np.isposinf, np.isneginf):
        np.testing.assert_array_equal(kind(found), kind(wanted))


@pytest.mark.parametrize("product", [multiplied, multiplied_in_tiles])
def test_matmul_of_nothing_is_zero(cpu, product):
    """Of (8, 0) and (0, 16)."""
    out = cpu.Array(8 * 16)
    kernel = cpu.matmul if product is multiplied else cpu.matmul_tiled
    kernel(cpu.Array(0), cpu.Array(0), out, 8, 0, 16)
    same(get(cpu, out), np.zeros(8 * 16))


# As `@` of NDArray calls them: in tiles where all sizes are multiples of 8, else row by row


@pytest.mark.parametrize("sizes", [(8, 16, 24), (40, 8, 16), (8, 16, 23), (5, 6, 7)], ids=str)
def test_matmul_of_arrays(cpu, rng, sizes):
    m, n, p = sizes
    a, b = numbers(rng, m, n), numbers(rng, n, p)
    close((nd.array(a, device=cpu) @ nd.array(b, device=cpu)).numpy(), a, b)


def test_matmul_of_views(cpu, rng):
    """Views are copied first, by `compact`."""
    for m, n, p in ((16, 8, 24), (6, 5, 7)):
        a, b = numbers(rng, n, m), numbers(rng, p, n)
        close((nd.array(a, device=cpu).T @ nd.array(b, device=cpu).T).numpy(), a.T, b.T)


def submit_cpu_matmul() -> None:
    """Products of matrices in two sizes"""
    np.random.seed(34)
    for m, n, p in ((5, 6, 7), (16, 8, 24)):
        a, b = (nd.array(np.random.randn(*shape), device=nd.cpu()) for shape in ((m, n), (n, p)))
        mugrade.submit((a @ b).numpy())
