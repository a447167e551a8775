"""Hidden cases of hw0, softmax regression in C++."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from simple_ml_ext import softmax_regression_epoch_cpp


def draw(m: int, n: int, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    X, theta = np.random.randn(m, n).astype(np.float32), np.random.randn(n, k).astype(np.float32)
    return X, np.random.randint(0, k, size=m).astype(np.uint8), theta


def submit_one_step() -> None:
    """One minibatch, from theta = 0 and from elsewhere"""
    X, y, theta = draw(40, 6, 5)
    zero = np.zeros_like(theta)
    softmax_regression_epoch_cpp(X, y, zero, 1.0, 40)
    mugrade.submit(zero)
    softmax_regression_epoch_cpp(X, y, theta, 0.2, 40)
    mugrade.submit(theta)


def submit_minibatches() -> None:
    """Several minibatches of equal size"""
    X, y, theta = draw(60, 8, 4)
    softmax_regression_epoch_cpp(X, y, theta, 0.5, 10)
    mugrade.submit(theta)


def submit_short_last_minibatch() -> None:
    """A last minibatch that is shorter than the others"""
    X, y, theta = draw(23, 5, 3)
    softmax_regression_epoch_cpp(X, y, theta, 0.5, 10)
    mugrade.submit(theta)


def submit_batch_larger_than_all() -> None:
    """Fewer examples than a minibatch may have, and one example at a time"""
    X, y, theta = draw(15, 5, 3)
    softmax_regression_epoch_cpp(X, y, theta, 0.5, 64)
    mugrade.submit(theta)
    softmax_regression_epoch_cpp(X, y, theta, 0.1, 1)
    mugrade.submit(theta)


def submit_more_classes_than_inputs() -> None:
    """More classes than columns of X; memory around theta is left alone"""
    X, y, start = draw(20, 3, 12)
    memory = np.random.randn(36 + 2 * 64).astype(np.float32)
    theta = memory[64:-64].reshape(3, 12)
    theta[:] = start
    softmax_regression_epoch_cpp(X, y, theta, 0.3, 6)
    mugrade.submit(memory)


def submit_digits_size() -> None:
    """Inputs of the size of MNIST's"""
    X = np.random.rand(60, 784).astype(np.float32)
    theta = np.zeros((784, 10), dtype=np.float32)
    softmax_regression_epoch_cpp(X, np.random.randint(0, 10, size=60).astype(np.uint8), theta, 0.01, 20)
    mugrade.submit(theta)


def submit_large_logits() -> None:
    """Logits in the thousands, of both signs and all below zero"""
    # Integers, so that float32 holds every logit exactly and no rounding is magnified.
    X = np.random.randint(100, 200, size=(12, 4)).astype(np.float32)
    y = np.random.randint(0, 3, size=12).astype(np.uint8)
    for height in (0, -20):
        theta = np.random.randint(-4, 5, size=(4, 3)).astype(np.float32) + np.float32(height)
        theta[0] = [height + 8, height, height - 8]
        softmax_regression_epoch_cpp(X, y, theta, 0.01, 12)
        mugrade.submit(theta)
