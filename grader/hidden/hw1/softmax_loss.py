"""Hidden cases of hw1, reading MNIST and the softmax loss."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import gzip
import struct
import tempfile
from pathlib import Path

import mugrade
import needle as ndl
import numpy as np
from apps.simple_ml import parse_mnist, softmax_loss


def written(pixels, labels):
    """What `parse_mnist` reads from files with these images (n, rows, columns) and labels (n,)."""
    with tempfile.TemporaryDirectory() as folder:
        images, answers = Path(folder, "images.gz"), Path(folder, "labels.gz")
        with gzip.open(images, "wb") as file:
            file.write(struct.pack(">IIII", 2051, *pixels.shape) + pixels.tobytes())
        with gzip.open(answers, "wb") as file:
            file.write(struct.pack(">II", 2049, len(labels)) + labels.tobytes())
        return parse_mnist(str(images), str(answers))


def digits(*shape, high=256):
    return np.random.randint(high, size=shape).astype(np.uint8)


def logits_and_labels(m, k, spread=3.0, dtype="float64"):
    """Logits, and one-hot labels of the same dtype."""
    one_hot = np.zeros((m, k))
    one_hot[np.arange(m), np.random.randint(k, size=m)] = 1
    return ndl.Tensor(np.random.uniform(-spread, spread, size=(m, k)), dtype=dtype), ndl.Tensor(one_hot, dtype=dtype)


def submit_parse_mnist() -> None:
    """Images and labels from files of MNIST's size"""
    X, y = written(digits(30, 28, 28), digits(30, high=10))
    mugrade.submit(X)
    mugrade.submit(y)


def submit_parse_mnist_types() -> None:
    """The types of what is read"""
    X, y = written(digits(4, 28, 28), digits(4, high=10))
    mugrade.submit(X.dtype)
    mugrade.submit(y.dtype)
    mugrade.submit(list(X.shape))
    mugrade.submit(list(y.shape))


def submit_parse_mnist_dark() -> None:
    """Images without a white pixel"""
    X, y = written(digits(5, 28, 28, high=100), digits(5, high=10))
    mugrade.submit(X)
    mugrade.submit(y)


def submit_loss() -> None:
    """The loss for several numbers of examples and classes"""
    for m, k in ((1, 2), (5, 3), (30, 10), (3, 20)):
        mugrade.submit(softmax_loss(*logits_and_labels(m, k)).numpy())


def submit_sure() -> None:
    """The loss where the logits lie far apart"""
    for _ in range(2):
        mugrade.submit(softmax_loss(*logits_and_labels(10, 4, spread=20.0)).numpy())


def submit_float32() -> None:
    """The loss of float32 logits"""
    loss = softmax_loss(*logits_and_labels(20, 10, dtype="float32")).numpy()
    mugrade.submit(loss)
    mugrade.submit(loss.dtype)


def submit_gradient() -> None:
    """The gradient of the loss by the logits"""
    for m, k in ((1, 3), (20, 5)):
        Z, one_hot = logits_and_labels(m, k)
        softmax_loss(Z, one_hot).backward()
        mugrade.submit(Z.grad.numpy())


def submit_gradient_of_gradient() -> None:
    """The gradient of the loss's gradient in a direction"""
    Z, one_hot = logits_and_labels(6, 4)
    softmax_loss(Z, one_hot).backward()
    (Z.grad * ndl.Tensor(np.random.randn(6, 4))).backward()
    mugrade.submit(Z.grad.numpy())
