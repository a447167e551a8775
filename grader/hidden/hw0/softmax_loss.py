"""Hidden cases of hw0, softmax loss."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from simple_ml import softmax_loss


def labels(m: int, k: int) -> np.ndarray:
    return np.random.randint(0, k, size=m).astype(np.uint8)


def submit_random() -> None:
    """Random logits in float32 and float64"""
    mugrade.submit(softmax_loss(np.random.randn(30, 7).astype(np.float32), labels(30, 7)))
    mugrade.submit(softmax_loss(3 * np.random.randn(7, 7), labels(7, 7)))


def submit_one_example() -> None:
    """One example; two classes"""
    mugrade.submit(softmax_loss(np.random.randn(1, 5), labels(1, 5)))
    mugrade.submit(softmax_loss(np.random.randn(9, 2), labels(9, 2)))


def submit_rare_classes() -> None:
    """Classes that no example has"""
    mugrade.submit(softmax_loss(np.random.randn(12, 20), labels(12, 4)))


def submit_large_logits() -> None:
    """Logits of some 10,000"""
    Z = np.random.uniform(-1e4, 1e4, size=(10, 6))
    mugrade.submit(softmax_loss(Z, labels(10, 6)))
    # Code that works in float32 has three digits left here, which is as good as can be.
    mugrade.submit(softmax_loss(np.random.randn(10, 6) + 1e4, labels(10, 6)), rtol=2e-3, atol=2e-3)


def submit_far_apart_rows() -> None:
    """Rows of very different height, down to -10,000"""
    heights = np.array([[-1e4], [0.0], [1e4], [-500.0]])
    mugrade.submit(softmax_loss(np.random.randn(4, 5) + heights, labels(4, 5)), rtol=2e-3, atol=2e-3)


def submit_arguments() -> None:
    """The logits are left as they are"""
    Z = np.random.randn(6, 4)
    mugrade.submit(softmax_loss(Z, labels(6, 4)))
    mugrade.submit(Z)
