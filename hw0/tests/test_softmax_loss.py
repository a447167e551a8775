"""hw0, softmax loss: `softmax_loss` against plain loops in float64, and where a naive formula breaks."""

import math
import warnings

import mugrade
import numpy as np
import pytest
from simple_ml import softmax_loss


@pytest.mark.parametrize("shape", [(1, 2), (5, 1), (8, 3), (100, 10)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_random_logits(mean_loss, shape, dtype):
    rng = np.random.default_rng(3)
    logits, labels = rng.normal(size=shape).astype(dtype) * 3, rng.integers(0, shape[1], shape[0])
    assert softmax_loss(logits, labels) == pytest.approx(mean_loss(logits, labels), rel=1e-5, abs=1e-6)


def test_the_result_is_a_scalar():
    assert np.ndim(softmax_loss(np.zeros((4, 3), dtype=np.float32), np.array([0, 1, 2, 0], dtype=np.uint8))) == 0


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_equal_logits_cost_the_log_of_the_number_of_classes(classes):
    labels = (np.arange(6) % classes).astype(np.uint8)
    assert softmax_loss(np.full((6, classes), 1.5), labels) == pytest.approx(math.log(classes))


def test_a_constant_added_to_a_row_changes_nothing():
    rng = np.random.default_rng(4)
    logits, labels = rng.normal(size=(20, 5)), rng.integers(0, 5, 20)
    moved = logits + rng.normal(size=(20, 1))
    assert softmax_loss(moved, labels) == pytest.approx(softmax_loss(logits, labels))


@pytest.mark.parametrize("size", [1e4, -1e4])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_logits(size, dtype):
    """A row with one logit of +-10,000 and else zeros: the loss is 0 or 10,000 (or, where two classes share, log 2)."""
    logits = np.zeros((3, 3), dtype=dtype)
    logits[np.arange(3), [0, 1, 2]] = size
    sure = 0.0 if size > 0 else math.log(2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        on_it = softmax_loss(logits, np.array([0, 1, 2]))
        beside_it = softmax_loss(logits, np.array([1, 2, 0]))
    assert on_it == pytest.approx(sure if size > 0 else 1e4 + math.log(2), abs=1e-5)
    assert beside_it == pytest.approx(1e4 if size > 0 else sure, abs=1e-5)


def test_all_logits_very_negative(mean_loss):
    rng = np.random.default_rng(5)
    small, labels = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    assert softmax_loss(small - 1e4, labels) == pytest.approx(mean_loss(small, labels), abs=1e-6)


def test_logits_are_left_as_they_are():
    rng = np.random.default_rng(6)
    logits, labels = rng.normal(size=(4, 3)), rng.integers(0, 3, 4)
    before = logits.tolist()
    assert softmax_loss(logits, labels) > 0
    assert logits.tolist() == before


def submit_softmax_loss() -> None:
    """Small and large logits"""
    np.random.seed(3)
    Z, y = np.random.randn(20, 10).astype(np.float32), np.random.randint(10, size=20).astype(np.uint8)
    mugrade.submit(softmax_loss(Z, y))
    mugrade.submit(softmax_loss(1000 * Z, y))
