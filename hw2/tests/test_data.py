"""hw2, data: minibatches of a loader, images flipped and cropped beside a copy pixel by pixel, MNIST's files."""

import gzip
import itertools
import struct
import tempfile
from pathlib import Path

import mugrade
import needle as ndl
import numpy as np
import pytest
from needle.data import DataLoader, Dataset, MNISTDataset, NDArrayDataset, RandomCrop, RandomFlipHorizontal


def numbered(n):
    """n examples (x, label) of which each is known by its number: x is [i, i + 0.5], the label 100 + i."""
    return NDArrayDataset(np.arange(n)[:, None] + [0.0, 0.5], np.arange(100, 100 + n))


def one_pass(loader):
    """The numbers of the examples in each minibatch of a pass, after a look at whether x and label belong together."""
    batches = []
    for x, label in loader:
        x, label = x.numpy(), label.numpy()
        np.testing.assert_array_equal(x, (label - 100)[:, None] + [0.0, 0.5], err_msg="x and label of two examples")
        batches.append((label - 100).tolist())
    return batches


def image(height, width, channels, seed=71):
    return np.random.default_rng(seed).uniform(0.1, 1, size=(height, width, channels)).astype("float32")


def nothing_more_was_drawn(seed, draw):
    """Whether the global generator is where it is after that one draw."""
    after = np.random.rand()
    np.random.seed(seed)
    draw()
    return after == np.random.rand()


# DataLoader

SIZES = [(12, 4), (10, 3), (10, 9), (7, 1), (3, 10), (5, 5), (1, 1)]


@pytest.mark.parametrize(("n", "batch_size"), SIZES)
def test_minibatches_in_order(n, batch_size):
    """All as large as asked for, but for the last, which has what is left; with few examples it is the only one."""
    loader = DataLoader(numbered(n), batch_size)
    batches = one_pass(loader)
    assert list(itertools.chain(*batches)) == list(range(n))
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
    assert 0 < len(batches[-1]) <= batch_size
    assert len(loader) == len(batches)


@pytest.mark.parametrize("shuffle", [False, True])
def test_an_empty_data_set_has_no_minibatch(shuffle):
    assert one_pass(DataLoader(numbered(0), 4, shuffle=shuffle)) == []


def test_a_minibatch_is_a_tuple_of_tensors():
    arrays = np.ones((5, 2, 3), dtype="float32"), np.arange(5, dtype="uint8"), np.zeros(5)
    for batch in DataLoader(NDArrayDataset(*arrays), 2):
        assert isinstance(batch, tuple)
        assert [type(tensor) for tensor in batch] == [ndl.Tensor] * 3
        assert [tensor.dtype for tensor in batch] == [ndl.Tensor(array).dtype for array in arrays]
        assert not any(tensor.requires_grad for tensor in batch), "data are not trained"
    assert [len(batch) for batch in DataLoader(NDArrayDataset(np.zeros((3, 2))), 2)] == [1, 1]


def test_one_example_at_a_time_unless_asked_for_more():
    assert one_pass(DataLoader(numbered(3))) == [[0], [1], [2]]


@pytest.mark.parametrize("shuffle", [False, True])
def test_each_pass_goes_through_everything(shuffle):
    loader = DataLoader(numbered(10), 3, shuffle=shuffle)
    np.random.seed(0)
    for _ in range(3):
        batches = one_pass(loader)
        assert [len(batch) for batch in batches] == [3, 3, 3, 1]
        assert sorted(itertools.chain(*batches)) == list(range(10))


def test_a_pass_that_is_left_early_does_not_shorten_the_next():
    loader = DataLoader(numbered(6), 2)
    next(iter(loader))
    assert one_pass(loader) == [[0, 1], [2, 3], [4, 5]]


def test_each_pass_is_shuffled_anew():
    np.random.seed(1)
    loader = DataLoader(numbered(30), 30, shuffle=True)
    orders = [tuple(one_pass(loader)[0]) for _ in range(4)]
    assert tuple(range(30)) not in orders
    assert len(set(orders)) == 4, "two passes had the same order"


def test_the_order_of_a_pass_is_one_permutation():
    loader = DataLoader(numbered(8), 3, shuffle=True)
    np.random.seed(2)
    found = [list(itertools.chain(*one_pass(loader))) for _ in range(2)]
    after = np.random.rand()
    np.random.seed(2)
    assert found == [np.random.permutation(8).tolist() for _ in range(2)]
    assert after == np.random.rand(), "a pass draws one np.random.permutation, and no more"


def test_a_pass_in_order_draws_nothing():
    np.random.seed(3)
    assert one_pass(DataLoader(numbered(4), 2)) == [[0, 1], [2, 3]]
    assert nothing_more_was_drawn(3, lambda: None)


@pytest.mark.parametrize("shuffle", [False, True])
def test_two_passes_at_one_time(shuffle):
    """Each at its own place, as in a loop in a loop."""
    np.random.seed(4)
    loader = DataLoader(numbered(6), 2, shuffle=shuffle)
    pairs = [
        (first.numpy()[0] - 100, second.numpy()[0] - 100)
        for (_, first), (_, second) in itertools.product(loader, loader)
    ]
    assert len(pairs) == 9
    outer, inner = iter(loader), iter(loader)
    seen = [[], []]
    for which in (0, 0, 1, 0, 1, 1):
        _, labels = next((outer, inner)[which])
        seen[which] += (labels.numpy() - 100).tolist()
    assert [sorted(numbers) for numbers in seen] == [list(range(6))] * 2


class Squares(Dataset):
    """Computes its examples when it is asked for them, and remembers for which."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def __getitem__(self, index):
        self.asked.append(np.asarray(index).tolist())
        return (np.asarray(index) ** 2,)

    def __len__(self):
        return 5


def test_the_data_set_is_asked_for_a_minibatch_by_its_indices():
    """Once for each, with all its indices: a data set may have a fast way to get many."""
    data = Squares()
    assert [batch[0].numpy().tolist() for batch in DataLoader(data, 2)] == [[0, 1], [4, 9], [16]]
    assert data.asked == [[0, 1], [2, 3], [4]]


# RandomFlipHorizontal, RandomCrop

IMAGES = [(4, 4, 1), (3, 5, 2), (5, 3, 3), (1, 6, 1)]


@pytest.mark.parametrize("shape", IMAGES, ids=str)
def test_a_flip_swaps_left_and_right(shape):
    img = image(*shape)
    flipped = RandomFlipHorizontal(p=1)(img)
    height, width, _ = shape
    assert flipped.shape == shape
    for row, column in np.ndindex(height, width):
        assert flipped[row, column].tolist() == img[row, width - 1 - column].tolist()
    assert flipped.dtype == img.dtype


def test_a_flip_with_probability_zero_never_happens_and_twice_is_none_at_all():
    img = image(4, 5, 2)
    never, always = RandomFlipHorizontal(p=0), RandomFlipHorizontal(p=1)
    for _ in range(20):
        assert never(img).tolist() == img.tolist()
    assert always(always(img)).tolist() == img.tolist()


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_a_flip_is_decided_by_one_number(p):
    img, flip = image(2, 3, 1), RandomFlipHorizontal(p=p)
    np.random.seed(5)
    found = [flip(img).tolist() != img.tolist() for _ in range(500)]
    np.random.seed(5)
    assert found == [np.random.rand() < p for _ in range(500)]
    np.testing.assert_allclose(np.mean(found), p, atol=0.08)


def cropped(img, down, right):
    """The image seen through a window that is moved by so many rows and columns: zero beyond its border."""
    seen = np.zeros_like(img)
    rows, columns = img.shape[:2]
    for row, column in np.ndindex(rows, columns):
        if 0 <= row + down < rows and 0 <= column + right < columns:
            seen[row, column] = img[row + down, column + right]
    return seen


@pytest.mark.parametrize("padding", [0, 1, 3, 8])
@pytest.mark.parametrize("shape", IMAGES, ids=str)
def test_a_crop_moves_the_window_by_the_numbers_drawn(shape, padding):
    """The first of the two by so many rows down, the second by so many columns to the right."""
    img, crop = image(*shape), RandomCrop(padding)
    for seed in range(12):
        np.random.seed(seed)
        found = crop(img)
        np.random.seed(seed)
        down, right = np.random.randint(low=-padding, high=padding + 1, size=2)
        assert found.shape == shape
        assert found.dtype == img.dtype
        message = f"moved by {down} rows and {right} columns"
        np.testing.assert_array_equal(found, cropped(img, down, right), err_msg=message)


def test_a_crop_goes_by_three_pixels_at_most_unless_asked_for_more():
    img, crop = image(10, 10, 1), RandomCrop()
    np.random.seed(6)
    moves = {(down, right): cropped(img, down, right).tolist() for down in range(-3, 4) for right in range(-3, 4)}
    for _ in range(50):
        assert crop(img).tolist() in moves.values()


@pytest.mark.parametrize("transform", [RandomFlipHorizontal(p=1), RandomCrop(2)], ids=["flip", "crop"])
def test_the_image_itself_stays_as_it_is(transform):
    img = image(5, 4, 2)
    before = img.copy()
    np.random.seed(7)
    transform(img)
    np.testing.assert_array_equal(img, before)


# MNISTDataset


@pytest.fixture
def digits(tmp_path, write_mnist):
    """Seven images of random pixels with labels: their files and what is in them."""
    rng = np.random.default_rng(72)
    # No pixel is white, so that whoever divides by the brightest is found out.
    pixels, labels = rng.integers(205, size=(7, 28, 28)), np.array([3, 1, 4, 1, 5, 9, 0])
    pixels[0, 0, :2] = 0, 204
    return write_mnist(tmp_path, pixels, labels), pixels, labels


def test_mnist_images_are_float32_from_zero_to_one(digits):
    files, pixels, labels = digits
    data = MNISTDataset(*files)
    assert len(data) == 7
    for i in range(7):
        img, label = data[i]
        assert img.dtype == np.float32
        assert img.shape == (28, 28, 1), "height, width and one channel"
        np.testing.assert_allclose(img[:, :, 0], pixels[i] / 255, rtol=1e-6)
        assert label == labels[i]
    img, _ = data[0]
    assert img[0, :2, 0].tolist() == [0.0, np.float32(0.8)], "0 is black and 255, were it there, 1"


@pytest.mark.parametrize(
    "index",
    [slice(2, 5), slice(None), slice(None, None, 3), slice(5, None), np.array([6, 0, 0, 3]), np.arange(1), -1],
    ids=str,
)
def test_mnist_by_slices_and_arrays(digits, index):
    """Several images are (n, 28, 28, 1), their labels (n,)."""
    files, pixels, labels = digits
    images, found = MNISTDataset(*files)[index]
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, pixels[index][..., None] / 255, rtol=1e-6)
    np.testing.assert_array_equal(found, labels[index])


def test_mnist_paths_may_be_texts(digits):
    files, _, _ = digits
    assert len(MNISTDataset(*map(str, files))) == 7


def test_mnist_beyond_its_end(digits):
    """The error that ends `for example in dataset`, which asks for 0, 1, 2 and so on."""
    files, _, labels = digits
    data = MNISTDataset(*files)
    with pytest.raises(IndexError):
        data[7]
    assert [label for _, label in data] == labels.tolist()


def test_transforms_are_applied_in_order(digits):
    files, pixels, _ = digits
    data = MNISTDataset(*files, transforms=[lambda img: img + 1, lambda img: img * 2])
    for index in (3, slice(1, 4), np.array([5, 2])):
        images, _ = data[index]
        np.testing.assert_allclose(images, (pixels[index][..., None] / 255 + 1) * 2, rtol=1e-5)


@pytest.mark.parametrize("index", [slice(0, 4), np.array([0, 1, 2, 3])], ids=["slice", "array"])
def test_each_image_of_several_is_transformed_by_itself(digits, index):
    """Each as (28, 28, 1), in order, with numbers of its own: a minibatch flipped as one would be all or nothing."""
    files, _, _ = digits
    plain, shapes = MNISTDataset(*files)[index][0], []

    def remember(img):
        shapes.append(img.shape)
        return img

    np.random.seed(8)
    images, _ = MNISTDataset(*files, transforms=[RandomFlipHorizontal(), RandomCrop(3), remember])[index]
    assert shapes == [(28, 28, 1)] * 4
    np.random.seed(8)
    flip, crop = RandomFlipHorizontal(), RandomCrop(3)
    np.testing.assert_array_equal(images, np.array([crop(flip(img)) for img in plain]))


def test_transforms_work_on_a_copy(digits):
    """An image that was flipped once must not be so for ever."""
    files, pixels, _ = digits

    def blacken(img):
        return img * 0

    data = MNISTDataset(*files, transforms=[blacken])
    for _ in range(2):
        assert not data[2][0].any()
        assert not data[1:3][0].any()
    data.transforms = None
    np.testing.assert_allclose(data[2][0][:, :, 0], pixels[2] / 255, rtol=1e-6)


def test_a_loader_of_transformed_images(digits):
    files, _, labels = digits
    data = MNISTDataset(*files, transforms=[RandomFlipHorizontal(p=1)])
    plain, _ = MNISTDataset(*files)[:]
    batches = list(DataLoader(data, 3))
    assert [X.shape for X, _ in batches] == [(3, 28, 28, 1), (3, 28, 28, 1), (1, 28, 28, 1)]
    np.testing.assert_array_equal(np.concatenate([X.numpy() for X, _ in batches]), plain[:, :, ::-1])
    assert np.concatenate([y.numpy() for _, y in batches]).tolist() == labels.tolist()


def test_real_digits(mnist_folder):
    """Beside a reading of the same bytes, of which a file has 16 before its images and 8 before its labels."""
    files = [mnist_folder / f"t10k-{part}-ubyte.gz" for part in ("images-idx3", "labels-idx1")]
    images, labels = (np.frombuffer(gzip.decompress(file.read_bytes()), dtype=np.uint8) for file in files)
    data = MNISTDataset(*files)
    assert len(data) == len(labels) - 8
    some = np.random.default_rng(73).integers(len(data), size=100)
    pixels, found = data[some]
    np.testing.assert_allclose(pixels.reshape(100, 784) * 255, images[16:].reshape(-1, 784)[some], rtol=1e-5)
    np.testing.assert_array_equal(found, labels[8:][some])
    assert set(data[:][1].tolist()) == set(range(10))


def submit_data() -> None:
    """A loader, shuffled and not, both transforms, and MNIST's files"""
    np.random.seed(25)
    data = NDArrayDataset(np.random.rand(10, 2), np.arange(10))
    for loader in (DataLoader(data, 4), DataLoader(data, 3, shuffle=True)):
        for batch in loader:
            for tensor in batch:
                mugrade.submit(tensor.numpy())
    img = np.random.rand(6, 5, 2)
    for transform in (RandomFlipHorizontal(), RandomCrop(2)):
        for _ in range(4):
            mugrade.submit(transform(img))
    pixels, labels = (np.random.randint(256, size=size).astype(np.uint8) for size in ((3, 28, 28), (3,)))
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "images.gz"), Path(folder, "labels.gz")
        for file, array in zip(files, (pixels, labels), strict=True):
            header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            file.write_bytes(gzip.compress(header + array.tobytes()))
        digits = MNISTDataset(*files, transforms=[RandomCrop(1)])
    mugrade.submit(len(digits))
    for index in (2, slice(0, 2)):
        for array in digits[index]:
            mugrade.submit(np.asarray(array))
