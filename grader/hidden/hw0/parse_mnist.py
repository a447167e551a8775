"""Hidden cases of hw0, reading MNIST: files written anew for each case."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import gzip
import struct
import tempfile
from pathlib import Path

import mugrade
import numpy as np
from simple_ml import parse_mnist


def parse(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the student's code reads from files that hold images (n, rows, columns) and labels (n,), both uint8."""
    with tempfile.TemporaryDirectory() as name:
        paths = Path(name) / "images.gz", Path(name) / "labels.gz"
        heads = struct.pack(">4I", 2051, *images.shape), struct.pack(">2I", 2049, len(labels))
        for path, head, content in zip(paths, heads, (images, labels), strict=True):
            path.write_bytes(gzip.compress(head + content.astype(np.uint8).tobytes(), compresslevel=1))
        return parse_mnist(*map(str, paths))


def submit_values() -> None:
    """Pixels from 0 to 255 and their labels"""
    X, y = parse(np.random.randint(0, 256, size=(6, 28, 28)), np.random.randint(0, 10, size=6))
    mugrade.submit(X)
    mugrade.submit(y)


def submit_dtypes() -> None:
    """X is float32, y is uint8"""
    X, y = parse(np.random.randint(0, 256, size=(2, 28, 28)), np.random.randint(0, 10, size=2))
    mugrade.submit(X.dtype)
    mugrade.submit(y.dtype)


def submit_dim_images() -> None:
    """Images without a white pixel: the scale is that of the format, not that of the file"""
    X, _ = parse(np.random.randint(0, 90, size=(3, 28, 28)), np.random.randint(0, 10, size=3))
    mugrade.submit(X)


def submit_many_small_images() -> None:
    """More than 255 images, which are not square"""
    X, y = parse(np.random.randint(0, 256, size=(300, 3, 5)), np.random.randint(0, 10, size=300))
    mugrade.submit(X)
    mugrade.submit(y)
