"""Data sets and loaders: the parts that students are given, and what loading must hold for every size."""

from __future__ import annotations

import needle as ndl
import numpy as np
import pytest
from needle.data import DataLoader, Dataset, NDArrayDataset, RandomCrop, RandomFlipHorizontal


class Squares(Dataset):
    """A data set of one's own: 0, 1, 4, 9..., made when asked for. Notes down what it was asked for."""

    def __init__(self, count):
        super().__init__()
        self.count, self.asked = count, []

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        self.asked.append(np.array(index).tolist())
        return (np.asarray(index) ** 2,)


def test_examples_by_number_slice_and_indices(rng):
    x, y = rng.normal(size=(5, 2, 3)), np.arange(5)
    data = NDArrayDataset(x, y)
    assert len(data) == 5
    for index in (0, -1, slice(1, 4), slice(None, None, 2), np.array([3, 0, 3]), [1, 2]):
        first, second = data[index]
        assert (first == x[index]).all()
        assert (second == y[index]).all()


def test_any_number_of_arrays(rng):
    arrays = [rng.normal(size=(4, n + 1)) for n in range(3)]
    for n in (1, 2, 3):
        data = NDArrayDataset(*arrays[:n])
        assert len(data[0]) == n
    with pytest.raises(IndexError):
        data[4]


def test_arrays_of_different_lengths():
    with pytest.raises(ValueError, match=r"NDArrayDataset: expected arrays of one length, got \[3, 4, 3\]"):
        NDArrayDataset(np.zeros(3), np.zeros((4, 2)), np.zeros(3))


def test_no_array_at_all():
    with pytest.raises(ValueError, match=r"expected arrays of one length, got \[\]"):
        NDArrayDataset()


def test_a_data_set_must_say_what_it_holds():
    class Unfinished(Dataset):
        pass

    with pytest.raises(NotImplementedError, match=r"Unfinished\.__getitem__"):
        Unfinished()[0]
    with pytest.raises(NotImplementedError, match=r"Unfinished\.__len__"):
        len(Unfinished())


def test_transforms_are_applied_in_order():
    image = np.ones((2, 2, 1))
    assert (Dataset([lambda x: x + 1, lambda x: x * 10]).apply_transforms(image) == 20).all()
    assert (Dataset([lambda x: x * 10, lambda x: x + 1]).apply_transforms(image) == 11).all()
    for none in (None, [], ()):
        assert Dataset(none).apply_transforms(image) is image


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_minibatch_of_nothing(batch_size):
    with pytest.raises(ValueError, match=f"DataLoader: a minibatch holds one example or more, not {batch_size}"):
        DataLoader(NDArrayDataset(np.zeros(3)), batch_size)


@pytest.mark.parametrize("shuffle", [False, True])
def test_an_empty_data_set_has_no_minibatch(shuffle):
    loader = DataLoader(NDArrayDataset(np.zeros((0, 3)), np.zeros(0)), 4, shuffle)
    assert len(loader) == 0
    assert list(loader) == []
    assert list(loader) == []


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 3, 5, 6, 7, 100])
@pytest.mark.parametrize("count", [1, 5, 6])
def test_every_example_once_in_minibatches_of_one_size(count, batch_size, shuffle):
    np.random.seed(51)
    loader = DataLoader(NDArrayDataset(np.arange(count), -np.arange(count)), batch_size, shuffle)
    for _ in range(2):
        batches = [(x.numpy(), y.numpy()) for x, y in loader]
        sizes = [len(x) for x, _ in batches]
        assert len(loader) == len(sizes) == int(np.ceil(count / batch_size))
        assert set(sizes[:-1]) <= {batch_size}
        assert sizes[-1] == count - batch_size * (len(sizes) - 1)
        assert sorted(np.concatenate([x for x, _ in batches]).tolist()) == list(range(count))
        assert all((x == -y).all() for x, y in batches)


def test_in_order_without_a_draw():
    np.random.seed(52)
    loader = DataLoader(NDArrayDataset(np.arange(7)), 3)
    assert [chosen.tolist() for chosen in loader.ordering] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [x.numpy().tolist() for (x,) in loader] == [[0, 1, 2], [3, 4, 5], [6]]
    after = np.random.rand()
    np.random.seed(52)
    assert after == np.random.rand()


def test_a_new_order_for_each_pass_by_one_permutation():
    loader = DataLoader(NDArrayDataset(np.arange(50)), 8, shuffle=True)
    np.random.seed(53)
    passes = [np.concatenate([x.numpy() for (x,) in loader]).tolist() for _ in range(3)]
    after = np.random.rand()
    np.random.seed(53)
    assert passes == [np.random.permutation(50).tolist() for _ in range(3)]
    assert after == np.random.rand()
    assert len({tuple(order) for order in passes}) == 3


@pytest.mark.parametrize("shuffle", [False, True])
def test_two_passes_at_one_time(shuffle):
    np.random.seed(54)
    loader = DataLoader(NDArrayDataset(np.arange(9)), 2, shuffle)
    passes = zip(*((x.numpy(), y.numpy()) for (x,), (y,) in zip(loader, loader, strict=True)), strict=True)
    for batches in passes:
        assert sorted(np.concatenate(batches).tolist()) == list(range(9))


def test_a_pass_that_is_left_early_does_not_disturb_the_next():
    loader = DataLoader(NDArrayDataset(np.arange(6)), 2)
    for _ in loader:
        break
    assert [x.numpy().tolist() for (x,) in loader] == [[0, 1], [2, 3], [4, 5]]


def test_what_a_minibatch_is(rng):
    x, y = rng.normal(size=(4, 2)).astype("float32"), np.arange(4, dtype="uint8")
    batch = next(iter(DataLoader(NDArrayDataset(x, y), 3)))
    assert isinstance(batch, tuple)
    assert all(isinstance(part, ndl.Tensor) and not part.requires_grad for part in batch)
    assert [str(part.dtype) for part in batch] == ["float32", "uint8"]
    batch[0].numpy()[:] = 7
    assert (x != 7).all(), "a minibatch must not be a window on the data"


def test_it_asks_a_data_set_for_one_minibatch_at_a_time():
    data = Squares(5)
    loader = DataLoader(data, 2)
    assert data.asked == []
    batches = iter(loader)
    assert next(batches)[0].numpy().tolist() == [0, 1]
    assert data.asked == [[0, 1]]
    assert [x.numpy().tolist() for (x,) in batches] == [[4, 9], [16]]


def test_a_draw_while_loading_does_not_change_the_order():
    """Transforms and dropout draw from the same generator as the shuffle, in the midst of a pass."""
    loader = DataLoader(NDArrayDataset(np.arange(20)), 4, shuffle=True)
    orders = []
    for disturb in (False, True):
        np.random.seed(55)
        order = []
        for (x,) in loader:
            order += x.numpy().tolist()
            if disturb:
                np.random.rand(100)
        orders.append(order)
    assert orders[0] == orders[1]


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_a_flip_with_an_impossible_probability(p):
    with pytest.raises(ValueError, match=f"RandomFlipHorizontal: a probability is from 0 to 1, not {p}"):
        RandomFlipHorizontal(p)


def test_a_crop_with_negative_padding():
    with pytest.raises(ValueError, match="RandomCrop: the padding must be 0 or more, not -1"):
        RandomCrop(-1)


@pytest.mark.parametrize("shape", [(6, 4, 3), (1, 5, 1)], ids=str)
@pytest.mark.parametrize("padding", [0, 1, 3, 10])
def test_a_crop_is_a_shifted_image_in_a_field_of_zeros(padding, shape, rng):
    image = rng.normal(size=shape)
    for seed in range(20):
        np.random.seed(seed)
        found, after = RandomCrop(padding)(image), np.random.rand()
        np.random.seed(seed)
        down, right = np.random.randint(-padding, padding + 1, size=2)
        assert after == np.random.rand()
        expected = np.zeros(shape)
        for row in range(shape[0]):
            for column in range(shape[1]):
                if 0 <= row + down < shape[0] and 0 <= column + right < shape[1]:
                    expected[row, column] = image[row + down, column + right]
        assert found.shape == shape
        assert (found == expected).all()


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_a_flip_by_one_draw(p, rng):
    image = rng.normal(size=(3, 5, 2))
    before = image.copy()
    flips = 0
    for seed in range(40):
        np.random.seed(seed)
        found, after = RandomFlipHorizontal(p)(image), np.random.rand()
        np.random.seed(seed)
        flip = np.random.rand() < p
        flips += flip
        assert after == np.random.rand()
        assert (found == (np.flip(image, 1) if flip else image)).all()
        assert (image == before).all()
    assert flips in {0.0: [0], 1.0: [40]}.get(p, range(1, 40))
