"""hw0: softmax regression and a two-layer network in NumPy, trained by stochastic gradient descent.

You fill the solution blocks of `add`, `parse_mnist`, `softmax_loss`, `softmax_regression_epoch` and `nn_epoch`; the C++
version of an epoch is in `simple_ml_ext.cpp`. The rest is given: it trains on MNIST and prints how it goes.

    .venv/bin/python hw0/src/simple_ml.py       from the repository's root, once the blocks are filled
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "Progress",
    "add",
    "load_mnist",
    "loss_err",
    "nn_epoch",
    "parse_mnist",
    "softmax_loss",
    "softmax_regression_epoch",
    "softmax_regression_epoch_cpp",
    "train_nn",
    "train_softmax",
]


def add(x: Any, y: Any) -> Any:
    """The sum of two numbers, or of two arrays element by element.

    Two ints give an int, two float32 arrays a float32 array: the type of the arguments is kept.
    """
    ### BEGIN SOLUTION
    return x + y
    ### END SOLUTION


def parse_mnist(image_filename: str | Path, label_filename: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Read images and their labels from two gzipped files in MNIST's IDX format.

    Both files begin with 4-byte integers, most significant byte first. Images: 2051, the number n of images, rows,
    columns; then one byte a pixel, row by row. Labels: 2049, n; then one byte a label. `struct.unpack` and
    `np.frombuffer` read such things; http://yann.lecun.com/exdb/mnist/ is where the format was first described.

    Returns (X, y):
        X: float32 (n, rows * columns), (n, 784) for MNIST; pixel 0 becomes 0.0 and pixel 255 becomes 1.0
        y: uint8 (n,)
    """
    ### BEGIN SOLUTION
    with gzip.open(image_filename, "rb") as image_file:
        magic, count, height, width = struct.unpack(">4I", image_file.read(16))
        if magic != 2051:
            raise ValueError(f"{image_filename}: an IDX file of images starts with 2051, this one with {magic}")
        pixels = np.frombuffer(image_file.read(), dtype=np.uint8)
    with gzip.open(label_filename, "rb") as label_file:
        magic, label_count = struct.unpack(">2I", label_file.read(8))
        if magic != 2049:
            raise ValueError(f"{label_filename}: an IDX file of labels starts with 2049, this one with {magic}")
        labels = np.frombuffer(label_file.read(), dtype=np.uint8)
    if label_count != count:
        raise ValueError(f"{count} images, but {label_count} labels: the two files do not belong together")
    return pixels.reshape(count, height * width).astype(np.float32) / 255, labels
    ### END SOLUTION


def softmax_loss(Z: np.ndarray, y: np.ndarray) -> Any:
    """The softmax (cross-entropy) loss, averaged over the examples; a scalar.

    Logits of any size are fine: neither 10,000 nor -10,000 may overflow or turn into inf or nan.

    Z: (m, k) logits, a row for each example and a column for each class
    y: (m,) labels, integers in 0 .. k-1
    """
    ### BEGIN SOLUTION
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_partition = np.log(np.exp(shifted).sum(axis=1))
    return np.mean(log_partition - shifted[np.arange(len(y)), y])
    ### END SOLUTION


def softmax_regression_epoch(
    X: np.ndarray, y: np.ndarray, theta: np.ndarray, lr: float = 0.1, batch: int = 100
) -> None:
    """One epoch of SGD for softmax regression, whose logits are X @ theta. Changes theta in place, returns nothing.

    The minibatches are the examples in their order, `batch` at a time; each takes one step of size lr along the
    gradient of its own mean loss. If `batch` does not divide m, the last minibatch is shorter and its mean is over
    the examples that it has.

    X: (m, n) inputs
    y: (m,) labels in 0 .. k-1
    theta: (n, k) parameters
    """
    ### BEGIN SOLUTION
    for start in range(0, X.shape[0], batch):
        inputs, labels = X[start : start + batch], y[start : start + batch]
        logits = inputs @ theta
        probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        probabilities[np.arange(len(labels)), labels] -= 1
        theta -= (lr / len(labels)) * (inputs.T @ probabilities)
    ### END SOLUTION


def nn_epoch(X: np.ndarray, y: np.ndarray, W1: np.ndarray, W2: np.ndarray, lr: float = 0.1, batch: int = 100) -> None:
    """One epoch of SGD for the network relu(X @ W1) @ W2, without biases. Changes W1 and W2 in place, returns nothing.

    Minibatches as in `softmax_regression_epoch`. Both gradients of a step are taken at the weights before it. The
    derivative of relu at 0 is 0.

    X: (m, n) inputs
    y: (m,) labels in 0 .. k-1
    W1: (n, d) weights of the first layer
    W2: (d, k) weights of the second
    """
    ### BEGIN SOLUTION
    for begin in range(0, X.shape[0], batch):
        X_batch, y_batch = X[begin : begin + batch], y[begin : begin + batch]
        hidden = np.maximum(X_batch @ W1, 0)
        G2 = hidden @ W2
        G2 = np.exp(G2 - G2.max(axis=1, keepdims=True))
        G2 /= G2.sum(axis=1, keepdims=True)
        G2[np.arange(len(y_batch)), y_batch] -= 1
        G1 = (G2 @ W2.T) * (hidden > 0)
        step = lr / len(y_batch)
        W1 -= step * (X_batch.T @ G1)
        W2 -= step * (hidden.T @ G2)
    ### END SOLUTION


def softmax_regression_epoch_cpp(
    X: np.ndarray, y: np.ndarray, theta: np.ndarray, lr: float = 0.1, batch: int = 100
) -> None:
    """`softmax_regression_epoch` by the compiled extension: your `simple_ml_ext.cpp`, built by `make lib`.

    X: float32 (m, n); y: uint8 (m,); theta: float32 (n, k), C-contiguous and writable, changed in place
    Raises ImportError: if the extension is not built, or not for this Python. TypeError, ValueError: if an argument
    is not as above; a converted copy of theta would lose the update, so none is made.
    """
    try:
        import simple_ml_ext
    except ImportError as error:
        version = ".".join(map(str, sys.version_info[:3]))
        message = f"the C++ extension simple_ml_ext is not built for this Python {version} ({error}): run `make lib`"
        raise ImportError(message, name="simple_ml_ext") from error
    simple_ml_ext.softmax_regression_epoch_cpp(X, y, theta, lr, batch)


# ---- given: training, and what it prints ----


class Progress(NamedTuple):
    """Where training stands after an epoch: mean losses, and the shares of examples that are classified wrongly."""

    train_loss: float
    train_err: float
    test_loss: float
    test_err: float


def loss_err(h: np.ndarray, y: np.ndarray) -> tuple[Any, Any]:
    """The softmax loss and the error rate of logits h (m, k) for labels y (m,)."""
    return softmax_loss(h, y), np.mean(h.argmax(axis=1) != y)


def train_softmax(
    X_tr: np.ndarray,
    y_tr: np.ndarray,
    X_te: np.ndarray,
    y_te: np.ndarray,
    epochs: int = 10,
    lr: float = 0.5,
    batch: int = 100,
    cpp: bool = False,
) -> list[Progress]:
    """Train softmax regression from theta = 0 and print a row for each epoch; with `cpp`, by the C++ extension.

    X_tr: (m, n) float32; y_tr: (m,) uint8; X_te, y_te: the same for the examples that only measure
    Returns the rows of the table.
    """
    theta = np.zeros((X_tr.shape[1], int(y_tr.max()) + 1), dtype=np.float32)
    run_epoch = softmax_regression_epoch_cpp if cpp else softmax_regression_epoch

    def epoch() -> Progress:
        run_epoch(X_tr, y_tr, theta, lr=lr, batch=batch)
        return Progress(*map(float, (*loss_err(X_tr @ theta, y_tr), *loss_err(X_te @ theta, y_te))))

    return list(_table(epoch, epochs))


def train_nn(
    X_tr: np.ndarray,
    y_tr: np.ndarray,
    X_te: np.ndarray,
    y_te: np.ndarray,
    hidden_dim: int = 500,
    epochs: int = 10,
    lr: float = 0.5,
    batch: int = 100,
) -> list[Progress]:
    """Train the two-layer network from random weights (seed 0) and print a row for each epoch.

    Arguments and result as for `train_softmax`; hidden_dim: the width of the hidden layer
    """
    classes = int(y_tr.max()) + 1
    np.random.seed(0)
    W1 = np.random.randn(X_tr.shape[1], hidden_dim).astype(np.float32) / math.sqrt(hidden_dim)
    W2 = np.random.randn(hidden_dim, classes).astype(np.float32) / math.sqrt(classes)

    def logits(inputs: np.ndarray) -> np.ndarray:
        return np.maximum(inputs @ W1, 0) @ W2

    def epoch() -> Progress:
        nn_epoch(X_tr, y_tr, W1, W2, lr=lr, batch=batch)
        return Progress(*map(float, (*loss_err(logits(X_tr), y_tr), *loss_err(logits(X_te), y_te))))

    return list(_table(epoch, epochs))


def _table(epoch: Callable[[], Progress], epochs: int) -> Iterator[Progress]:
    """Run `epoch` again and again, printing and passing on what each call returns."""
    print("| epoch | train loss | train error | test loss | test error |")
    for number in range(epochs):
        row = epoch()
        print(f"| {number:5d} | {row[0]:10.5f} | {row[1]:11.5f} | {row[2]:9.5f} | {row[3]:10.5f} |", flush=True)
        yield row


# ---- given: the data ----


def load_mnist(folder: str | Path | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """X_tr, y_tr, X_te, y_te of MNIST, by `parse_mnist`.

    folder: where the four files are; default: the environment's NEEDLE_DATA, or `data` in the current folder
    Raises FileNotFoundError: if one of them is missing; the message says what to do.
    """
    place = Path(folder or os.environ.get("NEEDLE_DATA") or "data")
    names = [f"{part}-{what}-ubyte.gz" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1")]
    missing = [name for name in names if not (place / name).is_file()]
    if missing:
        advice = "put MNIST's four files there, or set NEEDLE_DATA to the folder that has them"
        raise FileNotFoundError(f"{place.absolute()} lacks {', '.join(missing)}: {advice}")
    train_images, train_labels, test_images, test_labels = (place / name for name in names)
    return *parse_mnist(train_images, train_labels), *parse_mnist(test_images, test_labels)


def main() -> int:
    """Train both models on MNIST as the notebook describes. Returns the exit status."""
    try:
        X_tr, y_tr, X_te, y_te = load_mnist()
        print("Softmax regression")
        train_softmax(X_tr, y_tr, X_te, y_te, epochs=10, lr=0.2, batch=100)
        print("\nA two-layer network of 100 hidden units")
        train_nn(X_tr, y_tr, X_te, y_te, hidden_dim=100, epochs=20, lr=0.2, batch=100)
    except (FileNotFoundError, NotImplementedError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
