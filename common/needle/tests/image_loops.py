"""Convolution and pooling by loops over every index, in float64: what tests of images compare with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Generator = np.random.Generator


def padded(a: np.ndarray, padding: int, value: float = 0.0) -> np.ndarray:
    """Images (N, H, W, C) with one number around them."""
    images, height, width, channels = a.shape
    out = np.full((images, height + 2 * padding, width + 2 * padding, channels), value)
    out[:, padding : padding + height, padding : padding + width] = a
    return out


def looped_conv(a: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Seven loops: images, rows, columns, features; and in each window, rows, columns and channels."""
    around = padded(a, padding)
    down, right, channels, features = b.shape
    rows, columns = ((size - k) // stride + 1 for size, k in zip(around.shape[1:3], b.shape[:2], strict=True))
    out = np.zeros((len(a), rows, columns, features))
    for n, i, j, o in np.ndindex(out.shape):
        for u, v, c in np.ndindex(down, right, channels):
            out[n, i, j, o] += around[n, stride * i + u, stride * j + v, c] * b[u, v, c, o]
    return out


def looped_conv_adjoints(
    a: np.ndarray, b: np.ndarray, out_grad: np.ndarray, stride: int, padding: int
) -> tuple[np.ndarray, np.ndarray]:
    """The same loops backwards: each product gives its factors what it gave the sum, times the other factor."""
    around = padded(a, padding)
    by_a, by_b = np.zeros_like(around), np.zeros_like(b)
    for n, i, j, o in np.ndindex(out_grad.shape):
        for u, v, c in np.ndindex(*b.shape[:3]):
            pixel = (n, stride * i + u, stride * j + v, c)
            by_a[pixel] += out_grad[n, i, j, o] * b[u, v, c, o]
            by_b[u, v, c, o] += out_grad[n, i, j, o] * around[pixel]
    height, width = a.shape[1:3]
    return by_a[:, padding : padding + height, padding : padding + width], by_b


def looped_pool(a: np.ndarray, kernel: int, stride: int, padding: int, reduce: str) -> np.ndarray:
    """`max` (where padding is never the largest) or `mean` (where padding counts as 0) of each window."""
    around = padded(a, padding, -np.inf if reduce == "max" else 0.0)
    rows, columns = ((size - kernel) // stride + 1 for size in around.shape[1:3])
    out = np.zeros((len(a), rows, columns, a.shape[3]))
    for n, i, j, c in np.ndindex(out.shape):
        window = around[n, stride * i : stride * i + kernel, stride * j : stride * j + kernel, c]
        out[n, i, j, c] = getattr(window, reduce)()
    return out


@dataclass(frozen=True)
class Sizes:
    """A convolution that makes sense."""

    images: tuple[int, int, int, int]
    weights: tuple[int, int, int, int]
    stride: int
    padding: int

    def draw(self, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
        return rng.normal(size=self.images), rng.normal(size=self.weights)


def random_sizes(rng: Generator, *, largest: int = 7, square: bool = False) -> Sizes:
    """Kernels of 1 to 3, strides of 1 to 3, paddings of 0 to 3 that may be larger than the kernel."""
    stride, padding = int(rng.integers(1, 4)), int(rng.integers(0, 4))
    count, channels, features = (int(n) for n in rng.integers(1, 4, size=3))
    down, right = (int(k) for k in rng.integers(1, 4, size=2))
    right = down if square else right
    height, width = (int(rng.integers(max(k - 2 * padding, 1), largest)) for k in (down, right))
    return Sizes((count, height, width, channels), (down, right, channels, features), stride, padding)
