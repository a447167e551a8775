"""hw1: the two-layer network of hw0 once more, with needle finding the gradients.

You fill the solution blocks of `parse_mnist` (yours from hw0 will do), `softmax_loss` and `nn_epoch`.
"""

from __future__ import annotations

import gzip
import os
import struct

import needle as ndl
import numpy as np

__all__ = ["loss_err", "nn_epoch", "parse_mnist", "softmax_loss"]


def parse_mnist(
    image_filename: str | os.PathLike[str], label_filename: str | os.PathLike[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Read images and their labels from two gzipped files in MNIST's IDX format, as in hw0.

    Both files begin with 4-byte integers, most significant byte first. Images: 2051, the number n of images, rows,
    columns; then one byte a pixel. Labels: 2049, n; then one byte a label.

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


def softmax_loss(Z: ndl.Tensor, y_one_hot: ndl.Tensor) -> ndl.Tensor:
    """The softmax (cross-entropy) loss, averaged over the examples: a Tensor of shape ().

    The exponentials of the logits must not overflow: logits from -80 to 80 are safe in float32. hw2 lifts this limit.

    Z: (m, k) logits, a row for each example and a column for each class
    y_one_hot: (m, k), 1 where the column is the example's label and 0 elsewhere
    Raises ValueError: if the shapes are not as above.
    """
    if len(Z.shape) != 2 or Z.shape != y_one_hot.shape:
        raise ValueError(f"softmax_loss: logits and one-hot labels must both be (m, k): {Z.shape}, {y_one_hot.shape}")
    ### BEGIN SOLUTION
    log_partition = ndl.log(ndl.exp(Z).sum(axes=1))
    label_logits = (Z * y_one_hot).sum(axes=1)
    return (log_partition - label_logits).sum() / Z.shape[0]
    ### END SOLUTION


def nn_epoch(
    X: np.ndarray, y: np.ndarray, W1: ndl.Tensor, W2: ndl.Tensor, lr: float = 0.1, batch: int = 100
) -> tuple[ndl.Tensor, ndl.Tensor]:
    """One epoch of SGD for the network relu(X @ W1) @ W2, without biases. Returns the new (W1, W2), as leaf tensors.

    The minibatches are the examples in their order, `batch` at a time; each takes one step of size lr along the
    gradient of its own mean loss, at the weights before the step. If `batch` does not divide m, the last minibatch is
    shorter.

    X: (m, n) inputs
    y: (m,) labels in 0 .. k-1
    W1: (n, d) weights of the first layer
    W2: (d, k) weights of the second
    Raises TypeError, ValueError: if an argument is not as above.
    """
    _check_network(X, y, W1, W2, batch)
    ### BEGIN SOLUTION
    for start in range(0, len(X), batch):
        inputs = ndl.Tensor(X[start : start + batch], dtype=W1.dtype, requires_grad=False)
        targets = ndl.init.one_hot(W2.shape[1], y[start : start + batch], dtype=W1.dtype)
        batch_loss = softmax_loss(ndl.relu(inputs @ W1) @ W2, targets)
        batch_loss.backward()
        # New leaves, made from data alone: the graph of one step is not carried into the next.
        W1 = ndl.Tensor(W1.data - lr * W1.grad.data)
        W2 = ndl.Tensor(W2.data - lr * W2.grad.data)
    return W1, W2
    ### END SOLUTION


def loss_err(h: ndl.Tensor, y: np.ndarray) -> tuple[np.ndarray, np.floating]:
    """The softmax loss and the error rate of logits h (m, k) for labels y (m,)."""
    one_hot_rows = ndl.init.one_hot(h.shape[1], y, dtype=h.dtype)
    return softmax_loss(h, one_hot_rows).numpy(), np.mean(h.numpy().argmax(axis=1) != y)


def _check_network(X: np.ndarray, y: np.ndarray, W1: ndl.Tensor, W2: ndl.Tensor, batch: int) -> None:
    """Raise what `nn_epoch` promises to raise."""
    for name, weights in (("W1", W1), ("W2", W2)):
        if not isinstance(weights, ndl.Tensor):
            raise TypeError(f"nn_epoch: {name} must be a Tensor, not {type(weights).__name__}")
    shapes = [value.shape for value in (X, W1, W2)]
    if [len(shape) for shape in shapes] != [2, 2, 2] or X.shape[1] != W1.shape[0] or W1.shape[1] != W2.shape[0]:
        raise ValueError(f"nn_epoch: X, W1 and W2 must be (m, n), (n, d) and (d, k), but are {shapes}")
    if y.shape != X.shape[:1]:
        raise ValueError(f"nn_epoch: {len(X)} examples need labels of shape ({len(X)},), not {y.shape}")
    if batch < 1:
        raise ValueError(f"nn_epoch: a minibatch holds one example or more, not {batch}")
