"""hw1, softmax loss: reading MNIST, and the loss as a graph of needle's operators."""

import gzip
import math
import struct

import mugrade
import needle as ndl
import numpy as np
import pytest
from apps.simple_ml import parse_mnist, softmax_loss
from needle.gradcheck import check_gradients


def logits_and_labels(m, k, seed=6, spread=3.0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-spread, spread, size=(m, k)), rng.integers(k, size=m)


def loss_of(Z, y):
    return softmax_loss(ndl.Tensor(Z), ndl.init.one_hot(Z.shape[1], y, dtype=Z.dtype))


def expected_loss(Z, y):
    """Minus the mean logarithm of the probability that softmax gives to the right label, one example at a time."""
    chances = [math.exp(row[label]) / sum(map(math.exp, row)) for row, label in zip(Z.tolist(), y, strict=True)]
    return -sum(map(math.log, chances)) / len(chances)


def test_parse_mnist_reads_what_was_written(tmp_path):
    pixels = np.arange(3 * 2 * 5, dtype=np.uint8).reshape(3, 2, 5) * 8
    labels = np.array([7, 0, 255], dtype=np.uint8)
    with gzip.open(tmp_path / "images.gz", "wb") as file:
        file.write(struct.pack(">IIII", 2051, 3, 2, 5) + pixels.tobytes())
    with gzip.open(tmp_path / "labels.gz", "wb") as file:
        file.write(struct.pack(">II", 2049, 3) + labels.tobytes())
    X, y = parse_mnist(tmp_path / "images.gz", tmp_path / "labels.gz")
    assert (X.dtype, y.dtype) == (np.float32, np.uint8)
    assert X.shape == (3, 10)
    assert y.tolist() == [7, 0, 255]
    np.testing.assert_allclose(X * 255, pixels.reshape(3, 10), rtol=1e-6)


def test_parse_mnist_on_real_digits(mnist_folder):
    images, labels = (mnist_folder / f"t10k-{part}-ubyte.gz" for part in ("images-idx3", "labels-idx1"))
    with gzip.open(images) as file:
        count = int.from_bytes(file.read(8)[4:], "big")
    X, y = parse_mnist(str(images), str(labels))
    assert X.shape == (count, 784)
    assert y.shape == (count,)
    assert (X.min(), X.max()) == (0.0, 1.0)
    assert set(y.tolist()) == set(range(10))


@pytest.mark.parametrize(("m", "k"), [(1, 2), (5, 3), (20, 10)])
def test_softmax_loss(m, k):
    Z, y = logits_and_labels(m, k)
    loss = loss_of(Z, y)
    assert isinstance(loss, ndl.Tensor)
    assert loss.shape == ()
    np.testing.assert_allclose(loss.numpy(), expected_loss(Z, y), rtol=1e-9)


def test_equal_logits_give_the_logarithm_of_the_number_of_classes():
    for m, k in ((4, 3), (7, 10)):
        np.testing.assert_allclose(
            loss_of(np.full((m, k), 1.5), np.zeros(m, dtype=int)).numpy(), math.log(k), rtol=1e-9
        )


def test_float32_stays_float32():
    Z, y = logits_and_labels(4, 3)
    assert loss_of(Z.astype("float32"), y).dtype == "float32"


@pytest.mark.parametrize("order", [1, 2])
def test_gradients(order):
    Z, y = logits_and_labels(4, 3)
    check_gradients(lambda logits: softmax_loss(logits, ndl.init.one_hot(3, y, dtype="float64")), [Z], order=order)


def submit_softmax_loss() -> None:
    """A loss and its gradient"""
    np.random.seed(4)
    Z = ndl.Tensor(np.random.randn(20, 5))
    loss = softmax_loss(Z, ndl.init.one_hot(5, np.random.randint(5, size=20), dtype="float64"))
    mugrade.submit(loss.numpy())
    loss.backward()
    mugrade.submit(Z.grad.numpy())
