"""hw0, a two-layer network: each step must be lr times both gradients, measured here by finite differences."""

import mugrade
import numpy as np
import pytest
from simple_ml import nn_epoch, train_nn


def two_layers(X, W1, W2):
    return np.clip(X @ W1, 0, None) @ W2


def problem(m, n, d, k, seed, dtype="float32"):
    rng = np.random.default_rng(seed)
    X, W1, W2 = (rng.normal(size=shape).astype(dtype) for shape in ((m, n), (n, d), (d, k)))
    return X, rng.integers(0, k, m).astype(np.uint8), W1, W2


@pytest.fixture
def check(descend):
    """Run an epoch and compare both weights with the same epoch by measured gradients."""

    def run_and_compare(X, y, W1, W2, lr, batch, rtol=1e-4, atol=1e-5):
        first, second = descend(two_layers, X, y, [W1, W2], lr, batch)
        nn_epoch(X, y, W1, W2, lr=lr, batch=batch)
        np.testing.assert_allclose(W2, second, rtol=rtol, atol=atol, err_msg="W2")
        np.testing.assert_allclose(W1, first, rtol=rtol, atol=atol, err_msg="W1")

    return run_and_compare


@pytest.mark.parametrize("lr", [1.0, 0.1])
def test_one_step(check, lr):
    check(*problem(20, 4, 6, 3, seed=12), lr=lr, batch=20)


@pytest.mark.parametrize("batch", [1, 4, 12, 7, 100], ids="batch{}".format)
def test_minibatches_in_order(check, batch):
    """12 examples: one at a time, in three batches, in one, with a short last one, with a batch larger than all."""
    check(*problem(12, 4, 5, 3, seed=13), lr=0.2, batch=batch)


def test_float64_stays_float64_and_is_more_exact(check):
    X, y, W1, W2 = problem(10, 3, 4, 3, seed=14, dtype="float64")
    check(X, y, W1, W2, lr=0.5, batch=5, rtol=1e-7, atol=1e-8)
    assert W1.dtype == W2.dtype == np.float64


def test_only_the_weights_change():
    X, y, W1, W2 = problem(10, 3, 4, 3, seed=15)
    inputs, labels, weights = X.tolist(), y.tolist(), (W1.tolist(), W2.tolist())
    assert nn_epoch(X, y, W1, W2, lr=0.5, batch=5) is None
    assert X.tolist() == inputs
    assert y.tolist() == labels
    assert W1.tolist() != weights[0]
    assert W2.tolist() != weights[1]


def test_the_derivative_of_relu_at_zero_is_zero():
    """A unit whose input is exactly 0 for every example passes nothing back: its column of W1 stays."""
    X = np.ones((4, 2), dtype=np.float32)
    W1 = np.array([[1, 2], [-1, 1]], dtype=np.float32)
    W2 = np.array([[1, -1], [2, 1]], dtype=np.float32)
    nn_epoch(X, np.array([0, 1, 1, 1], dtype=np.uint8), W1, W2, lr=0.5, batch=4)
    assert W1[:, 0].tolist() == [1, -1]
    assert W1[:, 1].tolist() != [2, 1]


def test_large_logits_do_not_overflow():
    X, y, W1, W2 = problem(8, 3, 4, 3, seed=16)
    nn_epoch(1000 * X, y, W1, W2, lr=1e-6, batch=8)
    assert np.isfinite(W1).all()
    assert np.isfinite(W2).all()


def test_it_learns_what_no_linear_model_can():
    """Exclusive or: the label says whether exactly one of the two inputs is 1; the third input is constant."""
    X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=np.float32)
    y = np.array([0, 1, 1, 0], dtype=np.uint8)
    rng = np.random.default_rng(17)
    W1, W2 = rng.normal(size=(3, 16)).astype(np.float32), rng.normal(size=(16, 2)).astype(np.float32)
    for _ in range(500):
        nn_epoch(X, y, W1, W2, lr=0.2, batch=4)
    assert two_layers(X, W1, W2).argmax(axis=1).tolist() == y.tolist()


def test_train_nn_learns_and_prints_a_row_for_each_epoch(capsys):
    """Three clouds of points, well apart: after some epochs nearly none is taken for another's."""
    rng = np.random.default_rng(25)
    y = np.arange(300, dtype=np.uint8) % 3
    X = (rng.normal(size=(300, 2)) * 0.3 + np.array([[0, 2], [2, -1], [-2, -1]])[y]).astype(np.float32)
    rows = train_nn(X[:200], y[:200], X[200:], y[200:], hidden_dim=16, epochs=8, lr=0.5, batch=20)
    assert len(rows) == 8
    assert rows[-1].train_loss < rows[0].train_loss
    assert rows[-1].test_err < 0.02
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 9
    assert all(f"{row.train_loss:.5f}" in line for row, line in zip(rows, printed[1:], strict=True))


def submit_nn_epoch() -> None:
    """One epoch with a short last minibatch"""
    np.random.seed(5)
    X, y = np.random.randn(50, 6), np.random.randint(4, size=50).astype(np.uint8)
    W1, W2 = np.random.randn(6, 7), np.random.randn(7, 4)
    nn_epoch(X, y, W1, W2, lr=0.5, batch=20)
    mugrade.submit(W1)
    mugrade.submit(W2)
