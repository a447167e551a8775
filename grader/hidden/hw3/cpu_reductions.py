"""Hidden cases of hw3, cpu_reductions: largest elements and sums of neighbouring elements."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import backend_ndarray as nd

CPU = nd.cpu()
# Groups and their length: more groups than elements in each, as many, and fewer.
SIZES = ((1, 1), (1, 9), (9, 1), (2, 7), (7, 2), (6, 6), (5, 16), (40, 33), (3, 500))


def put(values):
    values = np.asarray(values, dtype=np.float32)
    array = CPU.Array(values.size)
    CPU.from_numpy(values, array)
    return array


def get(array):
    return CPU.to_numpy(array, (array.size,), (1,), 0)


def uniform(low, high, size):
    return np.random.uniform(low, high, size=size)


def hand_over(name, rows, out=None) -> None:
    """What a kernel makes of each row, in a new array or over what another holds."""
    rows = np.asarray(rows)
    out = CPU.Array(len(rows)) if out is None else out
    getattr(CPU, f"reduce_{name}")(put(rows), out, rows.shape[1])
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
    for length in (1, 4, 11):
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
        # Multiples of 1/8: sums of these are exact, in whatever order they are added.
        hand_over("sum", np.random.randint(-40, 41, size=size) / 8)


def submit_sum_of_fractions() -> None:
    """reduce_sum: numbers between -1 and 1"""
    for size in SIZES:
        hand_over("sum", np.random.randint(1, 8, size=size) / 8)
        hand_over("sum", -np.random.randint(1, 8, size=size) / 8)


def submit_written_over() -> None:
    """Both: results that are written over other numbers"""
    for name in ("max", "sum"):
        out = put(uniform(100, 200, 6))
        for _ in range(2):
            hand_over(name, uniform(1, 2, (6, 5)), out)


def submit_long() -> None:
    """Both: a group of many elements, and many groups"""
    for size in ((1, 3000), (2000, 2)):
        hand_over("max", uniform(-3, -1, size))
        hand_over("sum", np.random.randint(-40, 41, size=size) / 8)
