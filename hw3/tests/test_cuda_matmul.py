"""hw3, cuda_matmul: products of matrices in CUDA, beside NumPy's in float64."""

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


def multiplied(cuda, a, b, out=None):
    (m, n), p = a.shape, b.shape[1]
    out = cuda.Array(m * p) if out is None else out
    cuda.matmul(put(cuda, a), put(cuda, b), out, m, n, p)
    return get(cuda, out).reshape(m, p)


def whole(rng, *shape):
    """Products of whole numbers are exact, in whatever order they are added."""
    return rng.integers(-9, 10, size=shape)


SIZES = [
    (1, 1, 1),
    (1, 7, 1),
    (5, 1, 9),
    (2, 3, 4),
    (4, 3, 2),
    (8, 8, 8),
    (16, 16, 16),
    (15, 16, 17),
    (32, 32, 32),
    (33, 31, 34),
    (64, 64, 64),
    (65, 63, 66),
    (128, 32, 64),
    (3, 17, 131),
    (131, 17, 3),
    (74, 73, 72),
    (100, 100, 100),
    (2, 700, 5),
]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_matmul(cuda, rng, sizes):
    m, n, p = sizes
    a, b = numbers(rng, m, n), numbers(rng, n, p)
    close(multiplied(cuda, a, b), a, b)
    a, b = whole(rng, m, n), whole(rng, n, p)
    same(multiplied(cuda, a, b), a @ b)


def test_matmul_of_random_sizes(cuda, rng):
    for _ in range(20):
        m, n, p = rng.integers(1, 100, size=3)
        a, b = whole(rng, m, n), whole(rng, n, p)
        same(multiplied(cuda, a, b), a @ b, f"({m}, {n}) times ({n}, {p})")


@pytest.mark.parametrize("sizes", [(70_000, 2, 1), (1, 2, 70_000)], ids=str)
def test_matmul_of_tall_and_wide_matrices(cuda, rng, sizes):
    """More rows or columns than a grid can have blocks in y."""
    m, n, p = sizes
    a, b = whole(rng, m, n), whole(rng, n, p)
    same(multiplied(cuda, a, b), a @ b)


def test_matmul_shows_which_row_meets_which_column(cuda, rng):
    """With a single number in each matrix."""
    for i, j, k in rng.integers(20, size=(20, 3)):
        a, b, wanted = np.zeros((20, 20)), np.zeros((20, 20)), np.zeros((20, 20))
        a[i, j], b[j, k], wanted[i, k] = 2, 3, 6
        same(multiplied(cuda, a, b), wanted)


def test_matmul_by_the_identity(cuda, rng):
    a = numbers(rng, 16, 24)
    same(multiplied(cuda, a, np.eye(24)), a)
    same(multiplied(cuda, np.eye(16), a), a)


@pytest.mark.parametrize("sizes", [(6, 5, 7), (70, 33, 40)], ids=str)
def test_matmul_writes_over_what_is_there(cuda, rng, sizes):
    m, n, p = sizes
    out = put(cuda, np.full(m * p, 1000))
    for _ in range(2):
        a, b = whole(rng, m, n), whole(rng, n, p)
        same(multiplied(cuda, a, b, out), a @ b)


def test_matmul_reads_its_inputs_only(cuda, rng):
    a, b = numbers(rng, 20 * 30), numbers(rng, 30 * 10)
    arrays, out = (put(cuda, a), put(cuda, b)), cuda.Array(20 * 10)
    cuda.matmul(*arrays, out, 20, 30, 10)
    assert np.isfinite(get(cuda, out)).all()
    same(get(cuda, arrays[0]), a)
    same(get(cuda, arrays[1]), b)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("sizes", [(6, 5, 7), (16, 16, 16), (33, 20, 70)], ids=str)
def test_matmul_of_special_values(cuda, rng, sizes, value):
    """One number reaches its row, or its column, and no more; 0 times infinity is NaN."""
    m, n, p = sizes
    for i, j in ((m // 2, 0), (m // 2, n - 1), (0, n // 2), (m - 1, n // 2)):
        a, b = numbers(rng, m, n), numbers(rng, n, p)
        a[i, j], b[j, p // 2] = value, 0
        with np.errstate(all="ignore"):
            wanted = a.astype(np.float64) @ b
        found = multiplied(cuda, a, b)
        for kind in (np.isnan, np.isposinf, np.isneginf):
            np.testing.assert_array_equal(kind(found), kind(wanted))


def test_matmul_of_nothing_is_zero(cuda):
    """Of (8, 0) and (0, 16)."""
    out = cuda.Array(8 * 16)
    cuda.matmul(cuda.Array(0), cuda.Array(0), out, 8, 0, 16)
    same(get(cuda, out), np.zeros(8 * 16))


# As `@` of NDArray calls it


@pytest.mark.parametrize("sizes", [(8, 16, 24), (4, 4, 4), (8, 16, 23), (5, 6, 7)], ids=str)
def test_matmul_of_arrays(cuda, rng, sizes):
    m, n, p = sizes
    a, b = numbers(rng, m, n), numbers(rng, n, p)
    close((nd.array(a, device=cuda) @ nd.array(b, device=cuda)).numpy(), a, b)


def test_matmul_of_views(cuda, rng):
    """Views are copied first, by `compact`."""
    for m, n, p in ((16, 8, 24), (6, 5, 7)):
        a, b = numbers(rng, n, m), numbers(rng, p, n)
        close((nd.array(a, device=cuda).T @ nd.array(b, device=cuda).T).numpy(), a.T, b.T)


def submit_cuda_matmul() -> None:
    """Products of matrices in two sizes"""
    np.random.seed(44)
    for m, n, p in ((5, 6, 7), (70, 33, 40)):
        a, b = (nd.array(np.random.randn(*shape), device=nd.cuda()) for shape in ((m, n), (n, p)))
        mugrade.submit((a @ b).numpy())
