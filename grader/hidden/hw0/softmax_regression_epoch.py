"""Hidden cases of hw0, stochastic gradient descent for softmax regression."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from simple_ml import softmax_regression_epoch


def draw(m: int, n: int, k: int, dtype: str = "float32") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    X, theta = np.random.randn(m, n).astype(dtype), np.random.randn(n, k).astype(dtype)
    return X, np.random.randint(0, k, size=m).astype(np.uint8), theta


def submit_one_step() -> None:
    """One minibatch, from theta = 0 and from elsewhere"""
    X, y, theta = draw(40, 6, 5)
    zero = np.zeros_like(theta)
    softmax_regression_epoch(X, y, zero, lr=1.0, batch=40)
    mugrade.submit(zero)
    softmax_regression_epoch(X, y, theta, lr=0.2, batch=40)
    mugrade.submit(theta)


def submit_minibatches() -> None:
    """Several minibatches of equal size"""
    X, y, theta = draw(60, 8, 4)
    softmax_regression_epoch(X, y, theta, lr=0.5, batch=10)
    mugrade.submit(theta)


def submit_short_last_minibatch() -> None:
    """A last minibatch that is shorter than the others"""
    X, y, theta = draw(23, 5, 3)
    softmax_regression_epoch(X, y, theta, lr=0.5, batch=10)
    mugrade.submit(theta)


def submit_batch_larger_than_all() -> None:
    """Fewer examples than a minibatch may have, and one example at a time"""
    X, y, theta = draw(15, 5, 3)
    softmax_regression_epoch(X, y, theta, lr=0.5, batch=64)
    mugrade.submit(theta)
    softmax_regression_epoch(X, y, theta, lr=0.1, batch=1)
    mugrade.submit(theta)


def submit_defaults() -> None:
    """The defaults of lr and batch"""
    X, y, theta = draw(150, 4, 3)
    softmax_regression_epoch(X, y, theta)
    mugrade.submit(theta)


def submit_rare_classes() -> None:
    """Classes that no example has, in float64"""
    X, y, theta = draw(20, 6, 12, "float64")
    softmax_regression_epoch(X, y % 5, theta, lr=0.3, batch=7)
    mugrade.submit(theta)


def submit_large_logits() -> None:
    """Logits in the thousands, of both signs and all below zero"""
    # Integers, so that float32 holds every logit exactly and no rounding is magnified.
    X = np.random.randint(100, 200, size=(12, 4)).astype(np.float32)
    y = np.random.randint(0, 3, size=12).astype(np.uint8)
    for height in (0, -20):
        theta = np.random.randint(-4, 5, size=(4, 3)).astype(np.float32) + np.float32(height)
        theta[0] = [height + 8, height, height - 8]
        softmax_regression_epoch(X, y, theta, lr=0.01, batch=12)
        mugrade.submit(theta)


def submit_inputs() -> None:
    """Nothing but theta changes"""
    X, y, theta = draw(20, 4, 3)
    softmax_regression_epoch(X, y, theta, lr=0.3, batch=6)
    mugrade.submit(theta)
    mugrade.submit(X)
    mugrade.submit(y)
