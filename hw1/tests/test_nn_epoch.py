"""hw1, training a two-layer network: each step must be lr times gradients that are measured here."""

import gc
import math

import mugrade
import needle as ndl
import numpy as np
import pytest
from apps.simple_ml import loss_err, nn_epoch, parse_mnist
from needle.gradcheck import numerical_gradient


def problem(m, n, d, k, seed=7, dtype="float64"):
    rng = np.random.default_rng(seed)
    X, W1, W2 = (rng.normal(size=shape).astype(dtype) for shape in ((m, n), (n, d), (d, k)))
    return X, rng.integers(k, size=m).astype(np.uint8), W1, W2


def mean_loss(X, y, W1, W2):
    """The loss from its definition, one example at a time."""
    logits = np.clip(X @ W1, 0, None) @ W2
    chances = [math.exp(z[label]) / sum(map(math.exp, z)) for z, label in zip(logits.tolist(), y, strict=True)]
    return -sum(map(math.log, chances)) / len(chances)


def measured_epoch(X, y, W1, W2, lr, batch):
    """What an epoch should make of the weights, in float64: downhill along finite differences."""
    pieces = range(batch, len(X), batch)
    for part, labels in zip(np.split(X.astype("float64"), pieces), np.split(y, pieces), strict=True):
        slopes = numerical_gradient(lambda *weights, at=(part, labels): mean_loss(*at, *weights), [W1, W2], eps=1e-6)
        W1, W2 = (weights - lr * slope for weights, slope in zip((W1, W2), slopes, strict=True))
    return [W1, W2]


def check(X, y, W1, W2, lr, batch, rtol=1e-5, atol=1e-7):
    results = nn_epoch(X, y, ndl.Tensor(W1), ndl.Tensor(W2), lr=lr, batch=batch)
    expected = measured_epoch(X, y, W1, W2, lr, batch)
    for name, found, right in zip(("W1", "W2"), results, expected, strict=True):
        assert isinstance(found, ndl.Tensor)
        np.testing.assert_allclose(found.numpy(), right, rtol=rtol, atol=atol, err_msg=name)


@pytest.mark.parametrize("lr", [1.0, 0.1])
def test_one_step(lr):
    check(*problem(20, 4, 6, 3), lr=lr, batch=20)


@pytest.mark.parametrize("batch", [1, 4, 12, 7, 100], ids="batch{}".format)
def test_minibatches_in_order(batch):
    """12 examples: one at a time, in three batches, in one, with a short last one, with a batch larger than all."""
    check(*problem(12, 4, 5, 3, seed=8), lr=0.2, batch=batch)


def test_float32_weights():
    check(*problem(12, 4, 5, 3, seed=9, dtype="float32"), lr=0.2, batch=5, rtol=1e-4, atol=1e-5)


def test_the_graph_of_a_step_is_not_kept():
    """The weights that come back are leaves, and ten epochs leave no more values alive than one."""
    X, y, *arrays = problem(12, 4, 5, 3)
    weights = nn_epoch(X, y, *map(ndl.Tensor, arrays), lr=0.1, batch=4)
    assert all(tensor.is_leaf() for tensor in weights)
    counts = []
    for _ in range(10):
        weights = nn_epoch(X, y, *weights, lr=0.1, batch=4)
        gc.collect()
        counts.append(ndl.autograd.TENSOR_COUNTER)
    assert len(set(counts)) == 1, f"values alive after each epoch: {counts}"


def test_it_learns_digits(mnist_folder):
    """Four epochs on at most 2,000 digits: the loss falls, and most digits that were not seen are told apart."""
    X, y = parse_mnist(mnist_folder / "train-images-idx3-ubyte.gz", mnist_folder / "train-labels-idx1-ubyte.gz")
    half = len(X) // 2
    train, test = slice(min(half, 2000)), slice(half, half + 500)
    rng = np.random.default_rng(10)
    W1, W2 = (ndl.Tensor((rng.normal(size=s) / math.sqrt(s[0])).astype("float32")) for s in ((784, 64), (64, 10)))

    def progress():
        return loss_err(ndl.relu(ndl.Tensor(X[test]) @ W1) @ W2, y[test])

    rows = [progress()]
    for _ in range(4):
        W1, W2 = nn_epoch(X[train], y[train], W1, W2, lr=0.2, batch=50)
        rows.append(progress())
    losses, errors = zip(*rows, strict=True)
    assert losses[0] > losses[1] > losses[4]
    assert errors[4] < 0.2


def submit_nn_epoch() -> None:
    """One epoch with a short last minibatch"""
    np.random.seed(5)
    X, y = np.random.randn(50, 6), np.random.randint(4, size=50).astype(np.uint8)
    W1, W2 = ndl.Tensor(np.random.randn(6, 7)), ndl.Tensor(np.random.randn(7, 4))
    W1, W2 = nn_epoch(X, y, W1, W2, lr=0.5, batch=20)
    mugrade.submit(W1.numpy())
    mugrade.submit(W2.numpy())
