"""Hidden cases of hw0, a first function."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from simple_ml import add


def submit_integers() -> None:
    """Two integers give an integer"""
    first, second = (int(value) for value in np.random.randint(-1000, 1000, size=2))
    mugrade.submit(add(first, second))
    mugrade.submit(add(10**20 * first, second))


def submit_floats() -> None:
    """Floats, and a float with an integer"""
    first, second = (float(value) for value in np.random.randn(2))
    mugrade.submit(add(first, second))
    mugrade.submit(add(first, 3))


def submit_arrays() -> None:
    """Arrays are added element by element and keep their dtype"""
    for dtype in ("int64", "float32", "float64"):
        total = add(*(np.random.randint(-50, 50, size=(4, 3)).astype(dtype) for _ in range(2)))
        mugrade.submit(total)
        mugrade.submit(total.dtype)


def submit_arguments() -> None:
    """The arguments are left as they are"""
    first, second = np.random.randn(5), np.random.randn(5)
    mugrade.submit(add(first, second))
    mugrade.submit(first)
    mugrade.submit(second)
