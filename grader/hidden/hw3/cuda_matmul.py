"""Hidden cases of hw3, cuda_matmul: products of matrices by a CUDA kernel, whatever tiles it has."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import backend_ndarray as nd

CUDA = nd.cuda()


def put(values):
    values = np.asarray(values, dtype=np.float32)
    array = CUDA.Array(values.size)
    CUDA.from_numpy(values, array)
    return array


def get(array):
    return CUDA.to_numpy(array, (array.size,), (1,), 0)


def whole(*shape):
    """Whole numbers: products of these are exact, in whatever order they are added."""
    return np.random.randint(-9, 10, size=shape)


def fractions(*shape):
    return np.random.uniform(0.1, 0.9, size=shape)


def product(a, b, out=None):
    (m, n), p = a.shape, b.shape[1]
    out = CUDA.Array(m * p) if out is None else out
    CUDA.matmul(put(a), put(b), out, m, n, p)
    return get(out).reshape(m, p)


def submit_small() -> None:
    """matmul: small matrices, rows and columns"""
    for m, n, p in ((1, 1, 1), (3, 3, 3), (4, 4, 4), (8, 8, 8), (1, 6, 1), (5, 1, 7), (1, 4, 5), (5, 4, 1)):
        mugrade.submit(product(whole(m, n), whole(n, p)))


def submit_rectangular() -> None:
    """matmul: three different sizes in every order"""
    for m, n, p in ((2, 3, 4), (2, 4, 3), (3, 2, 4), (3, 4, 2), (4, 2, 3), (4, 3, 2), (17, 9, 30)):
        mugrade.submit(product(whole(m, n), whole(n, p)))


def submit_one_block() -> None:
    """matmul: as many rows, columns and terms as tiles have"""
    for size in (16, 32, 64):
        mugrade.submit(product(whole(size, size), whole(size, size)))


def submit_around_a_block() -> None:
    """matmul: one more or less than tiles have"""
    for m, n, p in ((15, 17, 16), (16, 15, 17), (17, 16, 15), (33, 31, 34), (31, 33, 32), (65, 10, 63), (63, 66, 65)):
        mugrade.submit(product(whole(m, n), whole(n, p)))


def submit_blocks() -> None:
    """matmul: several blocks along one side and along both, in different numbers"""
    for m, n, p in ((200, 5, 3), (3, 5, 200), (64, 16, 128), (128, 16, 64), (70, 30, 135), (135, 30, 70)):
        mugrade.submit(product(whole(m, n), whole(n, p)))


def submit_many_terms() -> None:
    """matmul: few elements, each of which is a sum of many products"""
    for m, n, p in ((2, 64, 2), (5, 129, 6), (20, 300, 18), (1, 2000, 1), (33, 128, 20)):
        mugrade.submit(product(whole(m, n), whole(n, p)))


def submit_fractions() -> None:
    """matmul: numbers between 0 and 1"""
    for m, n, p in ((4, 5, 6), (13, 40, 11), (48, 48, 48), (66, 100, 67)):
        mugrade.submit(product(fractions(m, n), fractions(n, p)))


def submit_any() -> None:
    """matmul: any sizes"""
    for m, n, p in np.random.randint(1, 90, size=(6, 3)):
        mugrade.submit(product(whole(m, n), whole(n, p)))


def submit_without_terms() -> None:
    """matmul: sums of no products at all"""
    for m, p in ((1, 1), (5, 7), (40, 70)):
        mugrade.submit(product(whole(m, 0), whole(0, p)))


def submit_written_over() -> None:
    """matmul: a result that is written over other numbers"""
    for m, n, p in ((6, 5, 7), (40, 33, 70)):
        out = put(whole(m, p) + 100)
        for _ in range(2):
            mugrade.submit(product(whole(m, n), whole(n, p), out))


def submit_infinite() -> None:
    """matmul: infinities, which reach their own row or column and no other"""
    for m, n, p in ((6, 5, 7), (20, 19, 21), (64, 32, 64)):
        for column in (0, n - 1):
            a, b = whole(m, n).astype(float), whole(n, p)
            a[m // 2, column] = np.inf
            b[column] = np.random.choice([-1, 1], size=p)
            mugrade.submit(product(a, b))
        for row in (0, n - 1):
            a, b = whole(m, n), whole(n, p).astype(float)
            b[row, p // 2] = -np.inf
            a[:, row] = np.random.choice([-1, 1], size=m)
            mugrade.submit(product(a, b))


def submit_tall_and_wide() -> None:
    """matmul: more rows, and more columns, than a grid can have blocks in y"""
    for m, p in ((70_000, 1), (1, 70_000)):
        mugrade.submit(product(whole(m, 2), whole(2, p)).ravel()[::97])
