"""Hidden cases of hw2, data sets, transforms and loaders: files and images are made anew for each case."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import gzip
import struct
import tempfile
from pathlib import Path

import mugrade
import numpy as np
from needle.data import DataLoader, MNISTDataset, NDArrayDataset, RandomCrop, RandomFlipHorizontal


def image(height=6, width=8, channels=3):
    return np.random.rand(height, width, channels).astype("float32") + 0.1


def examples(n):
    """Rows of random numbers, and as labels the numbers from 0 to n - 1, in random order."""
    return NDArrayDataset(np.random.randn(n, 3).astype("float32"), np.random.permutation(n))


def mnist(n, transforms=None, high=256):
    """A data set of n random images, from files."""
    pixels, labels = np.random.randint(high, size=(n, 28, 28)), np.random.randint(10, size=n)
    heads = struct.pack(">4I", 2051, n, 28, 28), struct.pack(">2I", 2049, n)
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "images.gz"), Path(folder, "labels.gz")
        for path, head, content in zip(paths, heads, (pixels, labels), strict=True):
            path.write_bytes(gzip.compress(head + content.astype(np.uint8).tobytes(), compresslevel=1))
        return MNISTDataset(str(paths[0]), str(paths[1]), transforms)


def read(batch):
    return [tensor.numpy() for tensor in batch]


def one(dataset, index):
    """One image, as a row of pixels, and its label."""
    pixels, label = dataset[index]
    return [np.asarray(pixels).reshape(-1), int(label)]


def several(dataset, index):
    """Several images, each a row of pixels, and their labels."""
    pixels, labels = dataset[index]
    return [np.asarray(pixels).reshape(len(pixels), -1), np.asarray(labels)]


def submit_loader() -> None:
    """DataLoader: minibatches in order"""
    for n, batch_size in ((12, 4), (5, 1), (6, 6)):
        mugrade.submit([read(batch) for batch in DataLoader(examples(n), batch_size)])


def submit_loader_short_minibatch() -> None:
    """DataLoader: a last minibatch with fewer examples than the others"""
    for n, batch_size in ((11, 4), (3, 100), (7, 6)):
        mugrade.submit([read(batch) for batch in DataLoader(examples(n), batch_size)])
        mugrade.submit([read(batch) for batch in DataLoader(examples(n), batch_size, shuffle=True)])


def submit_loader_arrays() -> None:
    """DataLoader: data sets of one array and of three"""
    X, y, weights = np.random.randn(7, 2, 3), np.random.randint(5, size=7), np.random.rand(7)
    for arrays in ((X,), (X, y, weights)):
        mugrade.submit([read(batch) for batch in DataLoader(NDArrayDataset(*arrays), 3)])
        mugrade.submit([read(batch) for batch in DataLoader(NDArrayDataset(*arrays), 3, shuffle=True)])


def submit_loader_shuffled() -> None:
    """DataLoader: a random order"""
    for n, batch_size in ((20, 5), (9, 1)):
        mugrade.submit([read(batch) for batch in DataLoader(examples(n), batch_size, shuffle=True)])


def submit_loader_passes() -> None:
    """DataLoader: one pass after another, in order and shuffled"""
    for shuffle in (False, True):
        loader = DataLoader(examples(15), 4, shuffle=shuffle)
        for _ in range(3):
            mugrade.submit([read(batch) for batch in loader])


def submit_loader_abandoned() -> None:
    """DataLoader: a pass after one that was abandoned"""
    for shuffle in (False, True):
        loader = DataLoader(examples(10), 3, shuffle=shuffle)
        for batch in loader:
            mugrade.submit(read(batch))
            break
        mugrade.submit([read(batch) for batch in loader])


def submit_loader_two_at_a_time() -> None:
    """DataLoader: two passes going on at one time"""
    for shuffle in (False, True):
        loader = DataLoader(examples(10), 3, shuffle=shuffle)
        first, second = [], []
        for left, right in zip(loader, loader, strict=True):
            first.append(read(left))
            second.append(read(right))
        mugrade.submit(first)
        mugrade.submit(second)


def submit_loader_draws() -> None:
    """DataLoader: how many random numbers a pass draws"""
    for shuffle in (False, True):
        seen = [read(batch) for batch in DataLoader(examples(9), 2, shuffle=shuffle)]
        mugrade.submit([seen, np.random.rand()])


def submit_flip() -> None:
    """RandomFlipHorizontal: always, and never"""
    for channels in (1, 3):
        for p in (1.0, 0.0):
            mugrade.submit(RandomFlipHorizontal(p)(image(channels=channels)))
    mugrade.submit(RandomFlipHorizontal(1.0)(image(5, 5, 5)))


def submit_flip_sometimes() -> None:
    """RandomFlipHorizontal: now and then"""
    for p in (0.5, 0.2, 0.8):
        flip = RandomFlipHorizontal(p)
        mugrade.submit([flip(image(2, 4)) for _ in range(12)])


def submit_flip_input() -> None:
    """RandomFlipHorizontal: the image that it was given"""
    given = image()
    flipped = RandomFlipHorizontal(1.0)(given)
    mugrade.submit([given, flipped])


def submit_crop() -> None:
    """RandomCrop: windows of images of several sizes"""
    for height, width, channels in ((6, 6, 1), (5, 9, 3), (9, 5, 2), (28, 28, 1)):
        crop = RandomCrop(padding=3)
        mugrade.submit([crop(image(height, width, channels)) for _ in range(6)])


def submit_crop_padding() -> None:
    """RandomCrop: no padding, the default, and more than the image is large"""
    mugrade.submit(RandomCrop(padding=0)(image()))
    mugrade.submit([RandomCrop()(image()) for _ in range(4)])
    for padding in (1, 10):
        crop = RandomCrop(padding)
        mugrade.submit([crop(image(4, 7)) for _ in range(8)])


def submit_crop_input() -> None:
    """RandomCrop: the image that it was given"""
    given = image()
    cropped = [RandomCrop(padding=2)(given) for _ in range(4)]
    mugrade.submit([given, cropped])


def submit_mnist_items() -> None:
    """MNISTDataset: one image at a time"""
    dataset = mnist(6)
    for index in (0, int(np.random.randint(6)), 5, -1):
        mugrade.submit(one(dataset, index))


def submit_mnist_slices() -> None:
    """MNISTDataset: several images at a time"""
    dataset = mnist(7)
    for index in (slice(2, 5), slice(None), slice(6, 0, -2), np.random.permutation(7)[:4], slice(3, 4)):
        mugrade.submit(several(dataset, index))


def submit_mnist_dark() -> None:
    """MNISTDataset: images without a white pixel"""
    mugrade.submit(several(mnist(4, high=100), slice(None)))


def submit_mnist_dtype() -> None:
    """MNISTDataset: the dtype of the pixels, with transforms and without"""
    for transforms in (None, [RandomFlipHorizontal(1.0)]):
        dataset = mnist(3, transforms)
        for index in (1, slice(0, 2)):
            pixels, _ = dataset[index]
            mugrade.submit(np.asarray(pixels).dtype)


def submit_mnist_length() -> None:
    """MNISTDataset: how many examples it has"""
    for n in (1, 5, 30):
        mugrade.submit(len(mnist(n)))


def submit_mnist_transforms() -> None:
    """MNISTDataset: transforms of one image at a time, applied anew each time"""
    dataset = mnist(4, [RandomFlipHorizontal(0.5), RandomCrop(4)])
    for index in (0, 0, 0, -1, 2):
        mugrade.submit(one(dataset, index))


def submit_mnist_transforms_of_slices() -> None:
    """MNISTDataset: transforms of several images, each by itself"""
    for transforms in ([RandomFlipHorizontal(0.5)], [RandomCrop()], [RandomCrop(5), RandomFlipHorizontal(0.3)]):
        dataset = mnist(6, transforms)
        for index in (slice(0, 6), np.random.permutation(6)[:3], slice(4, 5)):
            mugrade.submit(several(dataset, index))


def submit_mnist_transforms_in_order() -> None:
    """MNISTDataset: the order of transforms, and the shape of the images that they are given"""
    shapes = []

    def darken(img):
        shapes.append(list(img.shape))
        return img * img

    dataset = mnist(3, [lambda img: img + 0.5, darken, lambda img: img[::-1]])
    mugrade.submit([one(dataset, 1), several(dataset, slice(0, 3))])
    mugrade.submit(shapes)


def submit_mnist_loader() -> None:
    """MNISTDataset in a shuffling DataLoader, with transforms: two passes"""
    loader = DataLoader(mnist(7, [RandomFlipHorizontal(), RandomCrop()]), 3, shuffle=True)
    for _ in range(2):
        batches = [read(batch) for batch in loader]
        mugrade.submit([[pixels.reshape(len(pixels), -1), labels] for pixels, labels in batches])
