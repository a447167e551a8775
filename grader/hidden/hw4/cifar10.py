"""Hidden cases of hw4, CIFAR-10: small files of random pixels, made anew for each case."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import struct
import tempfile
from pathlib import Path

import mugrade
import numpy as np
from needle.data import CIFAR10Dataset, DataLoader, RandomCrop, RandomFlipHorizontal

TRAINING = [f"data_batch_{number}" for number in range(1, 6)]
PARTS = (True, False)


def pickled(pixels, labels):
    """A batch as Python 2 pickled those of CIFAR-10, so that whoever reads them can read this."""
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K"
        + bytes([len(pixels)])
        + b"M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        + b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T"
        + struct.pack("<I", pixels.size)
        + pixels.tobytes()
        + b"tb"
    )
    numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    return b"\x80\x02}(U\x0bbatch_labelU\x07a batchU\x06labels" + numbers + b"U\x04data" + array + b"u."


def cifar10(train, transforms=None, high=256, per_file=2, tested=3):
    """A part of a data set of random images, from its six files."""
    with tempfile.TemporaryDirectory() as folder:
        for name in [*TRAINING, "test_batch"]:
            count = per_file if name in TRAINING else tested
            pixels = np.random.randint(high, size=(count, 3072)).astype(np.uint8)
            Path(folder, name).write_bytes(pickled(pixels, np.random.randint(10, size=count).tolist()))
        return CIFAR10Dataset(folder, train, transforms=transforms)


def one(dataset, index):
    img, label = dataset[index]
    return [np.asarray(img), int(label)]


def several(dataset, index):
    images, labels = dataset[index]
    return [np.asarray(images), np.asarray(labels)]


def submit_training_items() -> None:
    """CIFAR10Dataset: training images, one at a time"""
    dataset = cifar10(train=True)
    for index in (0, int(np.random.randint(10)), 9, -1):
        mugrade.submit(one(dataset, index))


def submit_test_items() -> None:
    """CIFAR10Dataset: test images, one at a time"""
    dataset = cifar10(train=False)
    for index in (0, 1, 2, -3):
        mugrade.submit(one(dataset, index))


def submit_files() -> None:
    """CIFAR10Dataset: all images of the five training files and of the test file"""
    for train in PARTS:
        mugrade.submit(several(cifar10(train), slice(None)))


def submit_slices() -> None:
    """CIFAR10Dataset: several images at a time"""
    dataset = cifar10(train=True)
    for index in (slice(2, 5), slice(9, 0, -3), slice(6, 7), np.random.permutation(10)[:4], np.array([3, 3])):
        mugrade.submit(several(dataset, index))


def submit_labels() -> None:
    """CIFAR10Dataset: the label of each example"""
    for train in PARTS:
        dataset = cifar10(train, per_file=5, tested=15)
        mugrade.submit([one(dataset, index)[1] for index in range(15)])


def submit_attribute() -> None:
    """CIFAR10Dataset: the pixels of all images as an attribute, as they are without transforms"""
    for train in PARTS:
        dataset = cifar10(train, [RandomFlipHorizontal(1.0)])
        mugrade.submit(one(dataset, 1))
        mugrade.submit(np.asarray(dataset.X).reshape(-1))


def submit_dark() -> None:
    """CIFAR10Dataset: images without a white pixel"""
    for train in PARTS:
        mugrade.submit(several(cifar10(train, high=120), slice(0, 3)))


def submit_dtype() -> None:
    """CIFAR10Dataset: the dtype of the pixels, with transforms and without"""
    for transforms in (None, [RandomFlipHorizontal(1.0)]):
        dataset = cifar10(False, transforms)
        for index in (1, slice(0, 2)):
            images, _ = dataset[index]
            mugrade.submit(np.asarray(images).dtype)


def submit_length() -> None:
    """CIFAR10Dataset: how many examples each part has"""
    for train in PARTS:
        mugrade.submit([len(cifar10(train, per_file=count, tested=count + 7)) for count in (1, 3)])


def submit_transforms() -> None:
    """CIFAR10Dataset: transforms of one image, applied anew each time"""
    for train in PARTS:
        dataset = cifar10(train, [RandomFlipHorizontal(0.5), RandomCrop(6)])
        for index in (0, 0, 0, -1, 2):
            mugrade.submit(one(dataset, index))


def submit_transforms_of_slices() -> None:
    """CIFAR10Dataset: transforms of several images, each by itself"""
    for transforms in ([RandomFlipHorizontal(0.5)], [RandomCrop(4)], [RandomCrop(5), RandomFlipHorizontal(0.3)]):
        dataset = cifar10(True, transforms, per_file=1)
        for index in (slice(0, 5), np.random.permutation(5)[:3], slice(4, 5)):
            mugrade.submit(several(dataset, index))


def submit_transforms_in_order() -> None:
    """CIFAR10Dataset: the order of transforms, and the shape of the images that they are given"""
    shapes = []

    def darken(img):
        shapes.append(list(img.shape))
        return img * img

    dataset = cifar10(False, [lambda img: img + 0.5, darken, lambda img: img[::-1]])
    mugrade.submit([one(dataset, 1), several(dataset, slice(0, 3))])
    mugrade.submit(shapes)


def submit_rows_and_columns() -> None:
    """CIFAR10Dataset: a transform that swaps rows and columns, and one that swaps colours"""
    for transform in (lambda img: img.transpose(1, 0, 2), lambda img: img[:, :, ::-1]):
        dataset = cifar10(False, [transform])
        mugrade.submit([one(dataset, 2), several(dataset, np.array([1, 0]))])


def submit_draws() -> None:
    """CIFAR10Dataset: images with transforms that draw, and how many random numbers they draw"""
    for transforms in (None, [RandomFlipHorizontal()], [RandomCrop(2), RandomFlipHorizontal()]):
        dataset = cifar10(False, transforms)
        mugrade.submit([one(dataset, 0), np.random.rand(), several(dataset, slice(0, 3)), np.random.rand()])


def submit_loader() -> None:
    """CIFAR10Dataset in a shuffling DataLoader, with transforms: two passes"""
    loader = DataLoader(cifar10(True, [RandomFlipHorizontal(), RandomCrop(3)], per_file=1), 2, shuffle=True)
    for _ in range(2):
        mugrade.submit([[tensor.numpy() for tensor in batch] for batch in loader])
