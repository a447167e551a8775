"""What hw0's tests compare with: losses from their definition, and descent along gradients that are measured.

Nothing here knows a formula for a gradient. A step is right if it is lr times the slope of the loss, and the slope is
found by changing each weight a little and looking at the loss: slow, simple and independent of what is tested.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest


def _mean_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """The mean softmax loss of logits (m, k) for labels (m,), one example at a time: log(sum of e^z) - z_label."""
    losses = []
    for z, label in zip(logits.tolist(), labels.tolist(), strict=True):
        losses.append(math.log(sum(math.exp(value) for value in z)) - z[label])
    return math.fsum(losses) / len(losses)


def _slope(function: Callable[[], float], at: np.ndarray, eps: float = 1e-6) -> np.ndarray:
    """The gradient of function() with respect to each element of the float64 array `at`, by central differences."""
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        value = at[place]
        at[place] = value + eps
        above = function()
        at[place] = value - eps
        below = function()
        at[place] = value
        found[place] = (above - below) / (2 * eps)
    return found


def _descend(
    model: Callable[..., np.ndarray], X: np.ndarray, y: np.ndarray, weights: Sequence[np.ndarray], lr: float, batch: int
) -> list[np.ndarray]:
    """What one epoch of SGD should make of `weights`, in float64; the arguments are left as they are.

    model: (X, *weights) -> logits
    """
    current = [weight.astype(np.float64) for weight in weights]
    pieces = range(batch, len(X), batch)
    for part, answers in zip(np.split(X.astype(np.float64), pieces), np.split(y, pieces), strict=True):

        def loss(part: np.ndarray = part, answers: np.ndarray = answers) -> float:
            return _mean_loss(model(part, *current), answers)

        slopes = [_slope(loss, weight) for weight in current]
        for weight, slope in zip(current, slopes, strict=True):
            weight -= lr * slope
    return current


@pytest.fixture
def mean_loss() -> Callable[[np.ndarray, np.ndarray], float]:
    """`mean_loss(logits, labels)`: the softmax loss from its definition."""
    return _mean_loss


@pytest.fixture
def descend() -> Callable[..., list[np.ndarray]]:
    """`descend(model, X, y, weights, lr, batch)`: the weights after an epoch, by measured gradients."""
    return _descend
