"""Hidden cases of hw3, cuda_reductions: largest elements and sums of neighbouring elements, by the CUDA kernels."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import backend_ndarray as nd

CUDA = nd.cuda()
# Groups and their length. Groups: few, about a block of threads, and several blocks of which the last is not full.
SIZES = ((1, 1), (1, 9), (9, 1), (2, 7), (7, 2), (6, 6), (5, 33), (3, 600), (255, 3), (256, 2), (257, 4), (700, 5))


def put(values):
    values = np.asarray(values, dtype=np.float32)
    array = CUDA.Array(values.size)
    CUDA.from_numpy(values, array)
    return array


def get(array):
    return CUDA.to_numpy(array, (array.size,), (1,), 0)


def uniform(low, high, size):
    return np.random.uniform(low, high, size=size)


def eighths(size):
    """Multiples of 1/8: sums of these are exact, in whatever order they are added."""
    return np.random.randint(-40, 41, size=size) / 8


def hand_over(name, rows, out=None) -> None:
    """What a kernel makes of each row, in a new array or over what another holds."""
    rows = np.asarray(rows)
    out = CUDA.Array(len(rows)) if out is None else out
    getattr(CUDA, f"reduce_{name}")(put(rows), out, rows.shape[1])
    mugrade.submit(get(out))


def submit_max() -> None:
    """reduce_max: numbers of both signs, several sizes"""
    for size in SIZES:
        hand_over("max", uniform(-3, 3, size))


def submit_max_of_one_sign() -> None:
    """reduce_max: numbers below zero, and numbers above"""
    for size in SIZES:
        hand_over("max", uniform(-5, -1, size))
        hand_over("max", uniform(1, 5, size))


def submit_max_places() -> None:
    """reduce_max: the largest element at every place"""
    for length in (1, 4, 11, 300):
        rows = uniform(-9, -5, (length, length))
        rows[np.arange(length), np.arange(length)] = uniform(-3, -1, length)
        hand_over("max", rows)


def submit_max_infinite() -> None:
    """reduce_max: infinities and very large numbers"""
    hand_over("max", [[-np.inf] * 3, [-np.inf, 1, -2], [-3, np.inf, 5], [-1e30, -2e30, -3e30], [1e30, 2e30, -3e30]])


def submit_sum() -> None:
    """reduce_sum: several sizes"""
    for size in SIZES:
        hand_over("sum", uniform(0.5, 1.5, size))


def submit_sum_of_both_signs() -> None:
    """reduce_sum: numbers of both signs"""
    for size in SIZES:
        hand_over("sum", eighths(size))


def submit_sum_of_fractions() -> None:
    """reduce_sum: numbers between -1 and 1"""
    for size in SIZES:
        hand_over("sum", np.random.randint(1, 8, size=size) / 8)
        hand_over("sum", -np.random.randint(1, 8, size=size) / 8)


def submit_written_over() -> None:
    """Both: results that are written over other numbers"""
    for groups in (6, 300):
        for name in ("max", "sum"):
            out = put(uniform(100, 200, groups))
            for _ in range(2):
                hand_over(name, uniform(1, 2, (groups, 5)), out)


def submit_long() -> None:
    """Both: a group of many elements, and many groups"""
    for size in ((1, 3000), (2000, 2)):
        hand_over("max", uniform(-3, -1, size))
        hand_over("sum", eighths(size))
    for name in ("max", "sum"):
        rows, out = eighths((70_000, 3)), CUDA.Array(70_000)
        getattr(CUDA, f"reduce_{name}")(put(rows), out, 3)
        mugrade.submit(get(out)[::97])
