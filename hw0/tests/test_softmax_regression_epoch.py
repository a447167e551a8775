"""hw0, SGD for softmax regression: each step must be lr times the gradient, measured here by finite differences."""

import mugrade
import numpy as np
import pytest
from simple_ml import parse_mnist, softmax_regression_epoch, train_softmax


def linear(X, theta):
    return X @ theta


def problem(m, n, k, seed, dtype="float32"):
    rng = np.random.default_rng(seed)
    X, theta = rng.normal(size=(m, n)).astype(dtype), rng.normal(size=(n, k)).astype(dtype)
    return X, rng.integers(0, k, m).astype(np.uint8), theta


@pytest.mark.parametrize("lr", [1.0, 0.1])
def test_one_step_from_zero(descend, lr):
    X, y, _ = problem(30, 5, 4, seed=7)
    theta = np.zeros((5, 4), dtype=np.float32)
    (wanted,) = descend(linear, X, y, [theta], lr, batch=30)
    softmax_regression_epoch(X, y, theta, lr=lr, batch=30)
    np.testing.assert_allclose(theta, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 4, 12, 7, 100], ids="batch{}".format)
def test_minibatches_in_order(descend, batch):
    """12 examples: one at a time, in three batches, in one, with a short last one, with a batch larger than all."""
    X, y, theta = problem(12, 5, 3, seed=8)
    (wanted,) = descend(linear, X, y, [theta], 0.3, batch)
    softmax_regression_epoch(X, y, theta, lr=0.3, batch=batch)
    np.testing.assert_allclose(theta, wanted, rtol=1e-4, atol=1e-5)


def test_defaults_are_a_step_of_a_tenth_and_batches_of_a_hundred(descend):
    X, y, theta = problem(130, 3, 2, seed=9)
    (wanted,) = descend(linear, X, y, [theta], 0.1, 100)
    softmax_regression_epoch(X, y, theta)
    np.testing.assert_allclose(theta, wanted, rtol=1e-4, atol=1e-5)


def test_float64_stays_float64_and_is_more_exact(descend):
    X, y, theta = problem(10, 4, 3, seed=10, dtype="float64")
    (wanted,) = descend(linear, X, y, [theta], 0.5, 5)
    softmax_regression_epoch(X, y, theta, lr=0.5, batch=5)
    assert theta.dtype == np.float64
    np.testing.assert_allclose(theta, wanted, rtol=1e-8, atol=1e-9)


def test_only_theta_changes():
    X, y, theta = problem(10, 4, 3, seed=11)
    inputs, labels, parameters = X.tolist(), y.tolist(), theta.tolist()
    assert softmax_regression_epoch(X, y, theta, lr=0.5, batch=5) is None
    assert X.tolist() == inputs
    assert y.tolist() == labels
    assert theta.tolist() != parameters


def test_large_logits_do_not_overflow():
    """With logits beyond 1,000, all probability is on one class: the step moves it, and nothing becomes nan."""
    X = np.full((1, 2), 100, dtype=np.float32)
    theta = np.array([[10, 0, -10], [10, 0, -10]], dtype=np.float32)
    softmax_regression_epoch(X, np.array([1], dtype=np.uint8), theta, lr=0.01, batch=1)
    np.testing.assert_allclose(theta, [[9, 1, -10], [9, 1, -10]], rtol=1e-6)


def test_it_learns_to_read_digits(mnist_folder):
    X, y = parse_mnist(mnist_folder / "train-images-idx3-ubyte.gz", mnist_folder / "train-labels-idx1-ubyte.gz")
    X, y = X[:1000], y[:1000]
    theta = np.zeros((784, 10), dtype=np.float32)
    for _ in range(10):
        softmax_regression_epoch(X, y, theta, lr=0.2, batch=50)
    assert np.mean((X @ theta).argmax(axis=1) != y) < 0.1


def test_train_softmax_learns_and_prints_a_row_for_each_epoch(capsys):
    """Three clouds of points, well apart: after some epochs nearly none is taken for another's."""
    rng = np.random.default_rng(25)
    y = np.arange(300, dtype=np.uint8) % 3
    X = (rng.normal(size=(300, 2)) * 0.3 + np.array([[0, 2], [2, -1], [-2, -1]])[y]).astype(np.float32)
    rows = train_softmax(X[:200], y[:200], X[200:], y[200:], epochs=8, lr=0.5, batch=20)
    assert len(rows) == 8
    assert rows[-1].train_loss < rows[0].train_loss
    assert rows[-1].test_err < 0.02
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 9
    assert all(f"{row.train_loss:.5f}" in line for row, line in zip(rows, printed[1:], strict=True))


def submit_softmax_regression_epoch() -> None:
    """One epoch with a short last minibatch"""
    np.random.seed(4)
    X, y = np.random.randn(50, 6).astype(np.float32), np.random.randint(4, size=50).astype(np.uint8)
    theta = np.zeros((6, 4), dtype=np.float32)
    softmax_regression_epoch(X, y, theta, lr=0.5, batch=20)
    mugrade.submit(theta)
