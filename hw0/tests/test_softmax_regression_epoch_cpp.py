"""hw0, softmax regression in C++: the compiled epoch against finite differences, and what it refuses.

Needs the extension: `make lib` builds it. Every test runs an epoch, so none passes before the block is filled.
"""

import importlib.util

import mugrade
import numpy as np
import pytest
from simple_ml import softmax_regression_epoch_cpp, train_softmax


@pytest.fixture(autouse=True)
def built():
    """One line for each test instead of a traceback where there is no extension to test."""
    if importlib.util.find_spec("simple_ml_ext") is None:
        pytest.fail(
            "simple_ml_ext is not built: run `make lib`, which shows the compiler's error if there is one",
            pytrace=False,
        )


def linear(X, theta):
    return X @ theta


def problem(m, n, k, seed):
    rng = np.random.default_rng(seed)
    X, theta = rng.normal(size=(m, n)).astype(np.float32), rng.normal(size=(n, k)).astype(np.float32)
    return X, rng.integers(0, k, m).astype(np.uint8), theta


@pytest.mark.parametrize("lr", [1.0, 0.1])
def test_one_step_from_zero(descend, lr):
    X, y, _ = problem(30, 5, 4, seed=18)
    theta = np.zeros((5, 4), dtype=np.float32)
    (wanted,) = descend(linear, X, y, [theta], lr, batch=30)
    softmax_regression_epoch_cpp(X, y, theta, lr, 30)
    np.testing.assert_allclose(theta, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 4, 12, 7, 100], ids="batch{}".format)
def test_minibatches_in_order(descend, batch):
    """12 examples: one at a time, in three batches, in one, with a short last one, with a batch larger than all."""
    X, y, theta = problem(12, 5, 3, seed=19)
    (wanted,) = descend(linear, X, y, [theta], 0.3, batch)
    softmax_regression_epoch_cpp(X=X, y=y, theta=theta, lr=0.3, batch=batch)
    np.testing.assert_allclose(theta, wanted, rtol=1e-4, atol=1e-5)


def test_nothing_beyond_theta_is_written(descend):
    X, y, start = problem(20, 4, 3, seed=20)
    (wanted,) = descend(linear, X, y, [start], 0.5, 8)
    memory = np.full(12 + 40, 7, dtype=np.float32)
    theta = memory[20:32].reshape(4, 3)
    theta[:] = start
    softmax_regression_epoch_cpp(X, y, theta, 0.5, 8)
    np.testing.assert_allclose(theta, wanted, rtol=1e-4, atol=1e-5)
    assert set(memory[:20]) | set(memory[32:]) == {7.0}


def test_large_logits_do_not_overflow():
    """With logits beyond 1,000, all probability is on one class: the step moves it, and nothing becomes nan."""
    X = np.full((1, 2), 100, dtype=np.float32)
    theta = np.array([[10, 0, -10], [10, 0, -10]], dtype=np.float32)
    softmax_regression_epoch_cpp(X, np.array([1], dtype=np.uint8), theta, 0.01, 1)
    np.testing.assert_allclose(theta, [[9, 1, -10], [9, 1, -10]], rtol=1e-6)


def test_inputs_may_lie_in_memory_in_any_way(descend):
    X, y, theta = problem(12, 5, 3, seed=21)
    (wanted,) = descend(linear, X, y, [theta], 0.3, 5)
    wide, spaced = np.zeros((12, 10), dtype=np.float32), np.zeros(24, dtype=np.uint8)
    wide[:, ::2], spaced[::2] = X, y
    for inputs, labels in ((np.asfortranarray(X), y), (wide[:, ::2], spaced[::2])):
        again = theta.copy()
        softmax_regression_epoch_cpp(inputs, labels, again, 0.3, 5)
        np.testing.assert_allclose(again, wanted, rtol=1e-4, atol=1e-5)


def read_only(array):
    array.flags.writeable = False
    return array


CONTIGUOUS = r"theta must be C-contiguous .* strides are \("
REFUSED = {  # the error, what its message says, and the arguments made wrong
    "X float64": (TypeError, "X .*float32, not float64", lambda X, y, t: (X.astype(np.float64), y, t)),
    "y int64": (TypeError, "y .*uint8, not int64", lambda X, y, t: (X, y.astype(np.int64), t)),
    "theta float64": (TypeError, "theta .*float32, not float64", lambda X, y, t: (X, y, t.astype(np.float64))),
    "theta a list": (TypeError, "theta .*float32, not list", lambda X, y, t: (X, y, t.tolist())),
    "X flat": (ValueError, r"X .*\(m, n\).*not \(40,\)", lambda X, y, t: (X.ravel(), y, t)),
    "y a column": (ValueError, r"y .*\(m,\).*not \(10, 1\)", lambda X, y, t: (X, y[:, None], t)),
    "theta flat": (ValueError, r"theta .*\(n, k\).*not \(12,\)", lambda X, y, t: (X, y, t.ravel())),
    "a label too few": (ValueError, "10 rows, but y has 9 labels", lambda X, y, t: (X, y[1:], t)),
    "a column too few": (ValueError, "3 columns, but theta has 4 rows", lambda X, y, t: (X[:, 1:].copy(), y, t)),
    "theta by columns": (ValueError, CONTIGUOUS, lambda X, y, t: (X, y, np.asfortranarray(t))),
    "theta a slice": (ValueError, CONTIGUOUS, lambda X, y, t: (X, y, np.hstack([t, t])[:, :3])),
    "theta read-only": (ValueError, "theta must be writable", lambda X, y, t: (X, y, read_only(t))),
    "a label too large": (ValueError, "label 4, but theta has 3 columns", lambda X, y, t: (X, y + 2, t)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    """A call that cannot work says what was expected and what came; it never works on a copy of theta."""
    error, message, spoil = REFUSED[name]
    X, _, theta = problem(10, 4, 3, seed=22)
    y = (np.arange(10) % 3).astype(np.uint8)
    before = theta.tolist()
    softmax_regression_epoch_cpp(X, y, theta, 0.5, 5)
    assert theta.tolist() != before

    arguments = spoil(X, y, theta)
    values = np.array(arguments[2])
    with pytest.raises(error, match=message):
        softmax_regression_epoch_cpp(*arguments, 0.5, 5)
    np.testing.assert_array_equal(arguments[2], values)


@pytest.mark.parametrize("batch", [0, -3])
def test_refused_batch(batch):
    X, y, theta = problem(10, 4, 3, seed=23)
    before = theta.tolist()
    softmax_regression_epoch_cpp(X, y, theta, 0.5, 5)
    assert theta.tolist() != before
    with pytest.raises(ValueError, match=f"batch must be at least 1, not {batch}"):
        softmax_regression_epoch_cpp(X, y, theta, 0.5, batch)


def test_no_examples_change_nothing():
    X, y, theta = problem(10, 4, 3, seed=24)
    softmax_regression_epoch_cpp(X, y, theta, 0.5, 5)
    before = theta.tolist()
    softmax_regression_epoch_cpp(X[:0], y[:0], theta, 0.5, 5)
    assert theta.tolist() == before


def test_train_softmax_learns_and_prints_a_row_for_each_epoch(capsys):
    """Three clouds of points, well apart: after some epochs nearly none is taken for another's."""
    rng = np.random.default_rng(25)
    y = np.arange(300, dtype=np.uint8) % 3
    X = (rng.normal(size=(300, 2)) * 0.3 + np.array([[0, 2], [2, -1], [-2, -1]])[y]).astype(np.float32)
    rows = train_softmax(X[:200], y[:200], X[200:], y[200:], epochs=8, lr=0.5, batch=20, cpp=True)
    assert len(rows) == 8
    assert rows[-1].train_loss < rows[0].train_loss
    assert rows[-1].test_err < 0.02
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 9
    assert all(f"{row.train_loss:.5f}" in line for row, line in zip(rows, printed[1:], strict=True))


def submit_softmax_regression_epoch_cpp() -> None:
    """One epoch with a short last minibatch"""
    np.random.seed(6)
    X, y = np.random.randn(50, 6).astype(np.float32), np.random.randint(4, size=50).astype(np.uint8)
    theta = np.zeros((6, 4), dtype=np.float32)
    softmax_regression_epoch_cpp(X, y, theta, 0.5, 20)
    mugrade.submit(theta)
