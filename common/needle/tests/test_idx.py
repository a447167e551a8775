"""Reading IDX files: every byte where it belongs, and for each kind of damage an error that names the file."""

from __future__ import annotations

import gzip
import re
import struct

import numpy as np
import pytest
from needle.data import MNISTDataset, read_idx


def idx(array, *, magic=None, shape=None):
    """The bytes of an IDX file, of which the header may lie."""
    shape = array.shape if shape is None else shape
    start = bytes([0, 0, 8, array.ndim]) if magic is None else magic
    return start + struct.pack(f">{len(shape)}I", *shape) + array.astype("uint8").tobytes()


def images(rng, *shape):
    return rng.integers(256, size=shape, dtype="uint8")


@pytest.fixture
def written(tmp_path):
    """A function that writes bytes, gzipped unless told otherwise, and returns the file."""

    def write(content, name="file.gz", *, zipped=True):
        path = tmp_path / name
        path.write_bytes(gzip.compress(content) if zipped else content)
        return path

    return write


@pytest.mark.parametrize("shape", [(5, 4, 3), (1, 28, 28), (300, 1, 2), (0, 28, 28)], ids=str)
def test_images(shape, written, rng):
    array = images(rng, *shape)
    found = read_idx(written(idx(array)), axes=3)
    assert found.dtype == np.uint8
    assert found.shape == shape
    assert (found == array).all()


def test_labels_and_names_as_text(written, rng):
    labels = images(rng, 300)
    found = read_idx(str(written(idx(labels))), axes=1)
    assert found.tolist() == labels.tolist()


def test_a_file_of_several_gzip_members(written, rng):
    array = images(rng, 4, 2, 2)
    content = idx(array)
    path = written(gzip.compress(content[:9]) + gzip.compress(content[9:]), zipped=False)
    assert (read_idx(path, axes=3) == array).all()


def test_a_missing_file(tmp_path):
    path = tmp_path / "none.gz"
    with pytest.raises(FileNotFoundError, match=re.escape(f"there is no file {path}; `make data` downloads MNIST")):
        read_idx(path, axes=3)


@pytest.mark.parametrize("kept", [1, 2, 5, 12, -1, -4, -8, -9])
def test_a_truncated_file(kept, written, rng):
    path = written(gzip.compress(idx(images(rng, 50, 5, 5)))[:kept], zipped=False)
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        read_idx(path, axes=3)
    assert "is not a whole gzip file" in str(caught.value)
    assert "remove it and run `make data`" in str(caught.value)


def test_any_flipped_bit_is_noticed(written, rng):
    """In the header of gzip, in what it compressed, or in its checksum: an error, or at worst the same array."""
    array = images(rng, 6, 5, 5)
    content = bytearray(gzip.compress(idx(array)))
    noticed = 0
    for place in range(len(content)):
        content[place] ^= 0x10
        path = written(bytes(content), zipped=False)
        content[place] ^= 0x10
        try:
            found = read_idx(path, axes=3)
        except ValueError:
            noticed += 1
        else:
            assert (found == array).all()
    assert noticed > 0.9 * len(content)


@pytest.mark.parametrize("content", [b"not gzip at all", b"\x00" * 40, b"<html>404</html>"], ids=repr)
def test_no_gzip_at_all(content, written):
    with pytest.raises(ValueError, match="is not a whole gzip file"):
        read_idx(written(content, zipped=False), axes=3)


def test_a_file_that_nobody_compressed(written, rng):
    with pytest.raises(ValueError, match="is not a whole gzip file"):
        read_idx(written(idx(images(rng, 2, 3, 3)), zipped=False), axes=3)


@pytest.mark.parametrize("magic", [[0, 0, 9, 3], [0, 0, 8, 2], [1, 0, 8, 3], [3, 8, 0, 0]], ids=str)
def test_another_magic_number(magic, written, rng):
    path = written(idx(images(rng, 2, 3, 3), magic=bytes(magic)))
    message = f"{path} is no IDX file of images: it begins with {magic}, not [0, 0, 8, 3]"
    with pytest.raises(ValueError, match=re.escape(message)):
        read_idx(path, axes=3)


@pytest.mark.parametrize("content", [b"", b"\x00", bytes([0, 0, 8, 3]), bytes([0, 0, 8, 3, 0, 0, 0, 1])], ids=repr)
def test_a_header_that_ends_early(content, written):
    with pytest.raises(ValueError, match="is no IDX file of images: it begins with"):
        read_idx(written(content), axes=3)


def test_labels_given_as_images_and_images_as_labels(written, rng):
    labels, pictures = written(idx(images(rng, 20)), "labels.gz"), written(idx(images(rng, 20, 2, 2)), "images.gz")
    with pytest.raises(ValueError, match=r"labels\.gz is no IDX file of images: .*\[0, 0, 8, 1\], not \[0, 0, 8, 3\]"):
        read_idx(labels, axes=3)
    with pytest.raises(ValueError, match=r"images\.gz is no IDX file of labels: .*\[0, 0, 8, 3\], not \[0, 0, 8, 1\]"):
        MNISTDataset(pictures, pictures)


@pytest.mark.parametrize("shape", [(3, 3, 3), (1, 3, 3), (2, 3, 4), (2**32 - 1,) * 3], ids=str)
def test_sizes_that_do_not_fit(shape, written, rng):
    """Also sizes whose product no computer could hold: nothing is allocated for them."""
    path = written(idx(images(rng, 2, 3, 3), shape=shape))
    announced = shape[0] * shape[1] * shape[2]
    message = f"{path} announces {announced} bytes for shape {shape}, but has 18"
    with pytest.raises(ValueError, match=re.escape(message)):
        read_idx(path, axes=3)


@pytest.mark.parametrize(("count", "labels"), [(3, 4), (4, 3), (0, 1)])
def test_images_and_labels_of_different_lengths(count, labels, written, rng):
    pictures = written(idx(images(rng, count, 28, 28)), "images.gz")
    answers = written(idx(images(rng, labels)), "labels.gz")
    message = f"{pictures} holds {count} images, {answers} {labels} labels"
    with pytest.raises(ValueError, match=re.escape(message)):
        MNISTDataset(pictures, answers)
