"""Hidden cases of hw0, a two-layer network.

Most weights are float64 or exact in float32: where rounding moves a unit across zero, two right answers would differ.
"""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from simple_ml import nn_epoch


def draw(m: int, n: int, d: int, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    X, W1, W2 = np.random.randn(m, n), np.random.randn(n, d), np.random.randn(d, k)
    return X, np.random.randint(0, k, size=m).astype(np.uint8), W1, W2


def submit_one_step() -> None:
    """One minibatch"""
    X, y, W1, W2 = draw(30, 5, 7, 4)
    nn_epoch(X, y, W1, W2, lr=0.5, batch=30)
    mugrade.submit(W1)
    mugrade.submit(W2)


def submit_minibatches() -> None:
    """Several minibatches of equal size"""
    X, y, W1, W2 = draw(48, 6, 9, 5)
    nn_epoch(X, y, W1, W2, lr=0.2, batch=8)
    mugrade.submit(W1)
    mugrade.submit(W2)


def submit_short_last_minibatch() -> None:
    """A last minibatch that is shorter than the others"""
    X, y, W1, W2 = draw(22, 4, 6, 3)
    nn_epoch(X, y, W1, W2, lr=0.3, batch=8)
    mugrade.submit(W1)
    mugrade.submit(W2)


def submit_batch_larger_than_all() -> None:
    """Fewer examples than a minibatch may have, and one example at a time"""
    X, y, W1, W2 = draw(9, 4, 5, 3)
    nn_epoch(X, y, W1, W2, lr=0.3, batch=50)
    mugrade.submit(W1)
    nn_epoch(X, y, W1, W2, lr=0.1, batch=1)
    mugrade.submit(W2)


def submit_defaults() -> None:
    """The defaults of lr and batch, and classes that no example has"""
    X, y, W1, W2 = draw(130, 4, 5, 11)
    nn_epoch(X, y % 3, W1, W2)
    mugrade.submit(W1)
    mugrade.submit(W2)


def submit_units_at_zero() -> None:
    """In float32, units whose input is exactly 0"""
    X, y, _, W2 = draw(24, 3, 6, 4)
    X, W1 = np.sign(np.round(X)).astype(np.float32), np.random.randint(-1, 2, size=(3, 6)).astype(np.float32)
    W2 = W2.astype(np.float32)
    nn_epoch(X, y, W1, W2, lr=0.5, batch=24)
    mugrade.submit(W1)
    mugrade.submit(W2)


def submit_large_logits() -> None:
    """Logits in the thousands"""
    X = np.random.randint(100, 200, size=(10, 3)).astype(np.float64)
    W1 = np.random.randint(-1, 2, size=(3, 5)).astype(np.float64)
    W2 = np.random.randint(-3, 4, size=(5, 3)).astype(np.float64)
    W1[:, 0], W2[0] = 2, [9, 0, -9]
    nn_epoch(X, np.random.randint(0, 3, size=10).astype(np.uint8), W1, W2, lr=0.001, batch=10)
    mugrade.submit(W1)
    mugrade.submit(W2)


def submit_inputs() -> None:
    """Nothing but the weights changes"""
    X, y, W1, W2 = draw(12, 4, 5, 3)
    nn_epoch(X, y, W1, W2, lr=0.3, batch=5)
    mugrade.submit(W1)
    mugrade.submit(X)
    mugrade.submit(y)
