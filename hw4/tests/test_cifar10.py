"""hw4, cifar10: the data set on small files of random pixels, each image beside its bytes."""

import pickle
import tempfile
from pathlib import Path

import mugrade
import numpy as np
import pytest
from needle.data import CIFAR10Dataset, DataLoader, RandomCrop, RandomFlipHorizontal

COUNT = 3  # images in each of the six files


@pytest.fixture
def files(tmp_path, write_batch, rng):
    """A folder with six batches, and what is in each: {name: (pixels, labels)}."""
    # No pixel is white, so that whoever divides by the brightest is found out.
    content = {
        name: (rng.integers(205, size=(COUNT, 3072)), rng.integers(10, size=COUNT).tolist())
        for name in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
    }
    for name, (pixels, labels) in content.items():
        write_batch(tmp_path / name, pixels, labels)
    return tmp_path, content


def training_part(content):
    parts = [content[f"data_batch_{number}"] for number in range(1, 6)]
    return np.concatenate([pixels for pixels, _ in parts]), [label for _, labels in parts for label in labels]


def pictured(rows):
    """Rows of bytes as images: 1,024 reds, then the greens, then the blues, each 32 rows of 32."""
    images = np.zeros((len(rows), 3, 32, 32))
    for n, row in enumerate(np.asarray(rows)):
        for channel in range(3):
            for line in range(32):
                start = 1024 * channel + 32 * line
                images[n, channel, line] = row[start : start + 32] / 255
    return images


@pytest.mark.parametrize("train", [True, False])
def test_images_are_float32_from_zero_to_one_with_the_channel_first(files, train):
    folder, content = files
    rows, labels = training_part(content) if train else content["test_batch"]
    data = CIFAR10Dataset(folder, train=train)
    assert len(data) == len(rows)
    expected = pictured(rows)
    for i in range(len(rows)):
        img, label = data[i]
        assert isinstance(img, np.ndarray)
        assert img.dtype == np.float32
        assert img.shape == (3, 32, 32)
        np.testing.assert_allclose(img, expected[i], rtol=1e-5)
        assert label == labels[i]


def test_the_five_training_batches_come_in_their_order(files):
    folder, content = files
    _, labels = training_part(content)
    assert [int(label) for label in CIFAR10Dataset(folder, True).y] == labels
    assert [int(label) for label in CIFAR10Dataset(folder, False).y] == content["test_batch"][1]


def test_all_images_and_labels_are_attributes(files):
    folder, content = files
    data = CIFAR10Dataset(str(folder), True)
    np.testing.assert_allclose(np.reshape(data.X, (15, 3, 32, 32)), pictured(training_part(content)[0]), rtol=1e-5)
    assert data.X.dtype == np.float32
    assert len(data.y) == 15


@pytest.mark.parametrize(
    "index", [slice(2, 7), slice(None), slice(14, None), np.array([6, 0, 0, 13]), np.arange(1), -1], ids=str
)
def test_by_slices_and_arrays(files, index):
    """Several images are (n, 3, 32, 32), their labels (n,)."""
    folder, content = files
    rows, labels = training_part(content)
    images, found = CIFAR10Dataset(folder, True)[index]
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, pictured(rows)[index], rtol=1e-5)
    np.testing.assert_array_equal(found, np.array(labels)[index])


def test_beyond_the_end(files):
    """The error that ends `for example in dataset`, which asks for 0, 1, 2 and so on."""
    folder, content = files
    data = CIFAR10Dataset(folder, False)
    with pytest.raises(IndexError):
        data[COUNT]
    assert [int(label) for _, label in data] == content["test_batch"][1]


def test_transforms_are_applied_in_order(files):
    folder, content = files
    data = CIFAR10Dataset(folder, False, transforms=[lambda img: img + 1, lambda img: img * 2])
    for index in (1, slice(0, 2), np.array([2, 0])):
        images, _ = data[index]
        np.testing.assert_allclose(images, (pictured(content["test_batch"][0])[index] + 1) * 2, rtol=1e-5)


@pytest.mark.parametrize("index", [0, slice(0, 3), np.array([2, 1])], ids=str)
def test_a_transform_sees_height_width_and_channels(files, index):
    """As RandomFlipHorizontal and RandomCrop need it; what comes out of the data set has its channels first again."""
    folder, content = files
    shapes = []

    def look(img):
        shapes.append(img.shape)
        return img

    images, _ = CIFAR10Dataset(folder, False, transforms=[look])[index]
    np.testing.assert_allclose(images, pictured(content["test_batch"][0])[index], rtol=1e-5)
    assert shapes == [(32, 32, 3)] * (images.size // 3072)


def test_a_flip_swaps_left_and_right(files):
    folder, content = files
    images, _ = CIFAR10Dataset(folder, False, transforms=[RandomFlipHorizontal(p=1)])[:]
    np.testing.assert_allclose(images, pictured(content["test_batch"][0])[:, :, :, ::-1], rtol=1e-5)


def test_each_image_of_several_is_transformed_by_itself(files):
    """In order, with numbers of its own: a minibatch flipped as one would be all or nothing."""
    folder, _ = files
    plain, _ = CIFAR10Dataset(folder, True)[:]
    np.random.seed(8)
    images, _ = CIFAR10Dataset(folder, True, transforms=[RandomFlipHorizontal(), RandomCrop(4)])[np.arange(15)]
    np.random.seed(8)
    flip, crop = RandomFlipHorizontal(), RandomCrop(4)
    expected = [crop(flip(img.transpose(1, 2, 0))).transpose(2, 0, 1) for img in plain]
    np.testing.assert_array_equal(images, np.array(expected))


def test_transforms_work_on_a_copy(files):
    folder, content = files
    data = CIFAR10Dataset(folder, False, transforms=[lambda img: img * 0])
    for _ in range(2):
        assert not data[1][0].any()
        assert not data[0:2][0].any()
    data.transforms = None
    np.testing.assert_allclose(data[:][0], pictured(content["test_batch"][0]), rtol=1e-5)


def test_a_loader_of_images(files):
    folder, content = files
    rows, labels = training_part(content)
    batches = list(DataLoader(CIFAR10Dataset(folder, True), 6))
    assert [X.shape for X, _ in batches] == [(6, 3, 32, 32), (6, 3, 32, 32), (3, 3, 32, 32)]
    np.testing.assert_allclose(np.concatenate([X.numpy() for X, _ in batches]), pictured(rows), rtol=1e-5)
    assert np.concatenate([y.numpy() for _, y in batches]).tolist() == labels


def submit_cifar10() -> None:
    """Both parts of a small data set, by numbers, slices and arrays, and with transforms"""
    np.random.seed(41)
    with tempfile.TemporaryDirectory() as folder:
        for name in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]:
            batch = {b"data": np.random.randint(256, size=(2, 3072)).astype(np.uint8)}
            batch[b"labels"] = np.random.randint(10, size=2).tolist()
            Path(folder, name).write_bytes(pickle.dumps(batch, protocol=2))
        for train in (True, False):
            data = CIFAR10Dataset(folder, train, transforms=[RandomFlipHorizontal(), RandomCrop(2)])
            mugrade.submit(len(data))
            for index in (1, slice(0, 2)):
                for array in data[index]:
                    mugrade.submit(np.asarray(array, dtype="float32"))
