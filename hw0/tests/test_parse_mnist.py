"""hw0, reading MNIST: `parse_mnist` on small files written here, and on MNIST itself."""

import gzip
import tempfile
from pathlib import Path

import mugrade
import numpy as np
import pytest
from simple_ml import load_mnist, parse_mnist


def integers(*values: int) -> bytes:
    """Each value in 4 bytes, the most significant first."""
    return b"".join(value.to_bytes(4, "big") for value in values)


def write_idx(folder: Path, images: np.ndarray, labels: np.ndarray) -> tuple[Path, Path]:
    """Write images (n, rows, columns) and labels (n,) in MNIST's format; returns the two paths."""
    image_path, label_path = folder / "images.gz", folder / "labels.gz"
    with gzip.open(image_path, "wb") as file:
        file.write(integers(2051, *images.shape) + images.astype(np.uint8).tobytes())
    with gzip.open(label_path, "wb") as file:
        file.write(integers(2049, labels.size) + labels.astype(np.uint8).tobytes())
    return image_path, label_path


def test_shapes_and_dtypes(tmp_path):
    rng = np.random.default_rng(1)
    X, y = parse_mnist(*write_idx(tmp_path, rng.integers(0, 256, (7, 28, 28)), rng.integers(0, 10, 7)))
    assert X.shape == (7, 784)
    assert X.dtype == np.float32
    assert y.shape == (7,)
    assert y.dtype == np.uint8


def test_every_pixel_is_scaled_and_in_its_place(tmp_path):
    rng = np.random.default_rng(2)
    images, labels = rng.integers(0, 256, (3, 28, 28)), rng.integers(0, 10, 3)
    X, y = parse_mnist(*write_idx(tmp_path, images, labels))
    for example in range(3):
        assert y[example] == labels[example]
        for row, column in np.ndindex(28, 28):
            wanted = images[example, row, column].item() / 255
            assert X[example, 28 * row + column] == pytest.approx(wanted, abs=1e-7)


def test_black_is_zero_and_white_is_one(tmp_path):
    images = np.stack([np.zeros((28, 28)), np.full((28, 28), 255)])
    X, _ = parse_mnist(*write_idx(tmp_path, images, np.array([3, 9])))
    assert set(X[0]) == {0.0}
    assert set(X[1]) == {1.0}


def test_images_need_not_be_square(tmp_path):
    images = np.arange(2 * 3 * 5).reshape(2, 3, 5)
    X, y = parse_mnist(*write_idx(tmp_path, images, np.array([1, 0])))
    assert X.shape == (2, 15)
    np.testing.assert_allclose(X.reshape(-1) * 255, range(30), atol=1e-4)
    assert list(y) == [1, 0]


def test_mnist_itself(mnist_folder):
    X, y = parse_mnist(mnist_folder / "train-images-idx3-ubyte.gz", mnist_folder / "train-labels-idx1-ubyte.gz")
    with gzip.open(mnist_folder / "train-images-idx3-ubyte.gz") as file:
        count = int.from_bytes(file.read(8)[4:], "big")
    assert X.shape == (count, 784)
    assert y.shape == (count,)
    assert X.min() == 0.0
    assert X.max() == 1.0
    assert set(y) == set(range(10))
    # The corners of a digit's picture are empty and its middle is not.
    assert X[:, 0].mean() < 0.05 < X[:, 14 * 28 + 14].mean()


def test_load_mnist_finds_the_four_files_or_says_what_to_do(tmp_path, monkeypatch):
    rng = np.random.default_rng(3)
    for part, count in (("train", 5), ("t10k", 2)):
        images, labels = write_idx(tmp_path, rng.integers(0, 256, (count, 4, 4)), rng.integers(0, 10, count))
        images.rename(tmp_path / f"{part}-images-idx3-ubyte.gz")
        labels.rename(tmp_path / f"{part}-labels-idx1-ubyte.gz")
    assert [array.shape for array in load_mnist(tmp_path)] == [(5, 16), (5,), (2, 16), (2,)]
    monkeypatch.setenv("NEEDLE_DATA", str(tmp_path))
    assert [len(array) for array in load_mnist()] == [5, 5, 2, 2]
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"lacks t10k-labels-idx1-ubyte\.gz: .*put .*NEEDLE_DATA"):
        load_mnist()


def submit_parse_mnist() -> None:
    """Three small images"""
    np.random.seed(2)
    with tempfile.TemporaryDirectory() as folder:
        X, y = parse_mnist(
            *write_idx(Path(folder), np.random.randint(256, size=(3, 28, 28)), np.random.randint(10, size=3))
        )
    mugrade.submit(X)
    mugrade.submit(X.dtype)
    mugrade.submit(y)
