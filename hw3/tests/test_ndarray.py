"""hw3, ndarray: reshape, permute, broadcast_to and indexing make views. NumPy makes the same ones.

No kernel of yours runs here. Arrays are on nd.cpu() if its module is built, else on the device in NumPy, so this part
asks for no compiler.
"""

import itertools

import mugrade
import numpy as np
import pytest
from arrays import View, numbers, random_view, same
from needle import backend_ndarray as nd


def made(view):
    """The view as an NDArray, over memory of its own."""
    device, memory = nd.default_device(), nd.array(view.memory, device=nd.default_device())
    shape, strides, offset = view.arguments
    return nd.NDArray.make(shape, strides=strides, device=device, handle=memory._handle, offset=offset)


def compact(rng, *shape):
    """New numbers in NumPy, and an NDArray of them."""
    values = numbers(rng, *shape)
    return values, made(View(values.reshape(-1), values))


def check(found, base, memory, wanted):
    """`found` is over the memory of `base`, and `wanted` over `memory`, and in both lies the same where."""
    assert isinstance(found, nd.NDArray)
    assert found._handle.ptr() == base._handle.ptr(), "a view shares the memory of its array, and this one has its own"
    shape, strides, offset = View(memory, wanted).arguments
    assert found.shape == shape
    same(found.numpy(), wanted)
    if wanted.size:
        # Where there is one element only, nothing is ever multiplied by the stride.
        several = [axis for axis, size in enumerate(shape) if size > 1]
        assert [found.strides[axis] for axis in several] == [strides[axis] for axis in several]
        assert found._offset == offset


# reshape


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((12,), (3, 4)),
        ((3, 4), (12,)),
        ((3, 4), (4, 3)),
        ((2, 3, 4), (4, 1, 6)),
        ((2, 3, 4), (1, 24, 1)),
        ((1,), ()),
        ((), (1, 1)),
        ((2, 1, 3), (2, 3)),
        ((2,) * 9, (8, 64)),
        ((0, 3), (5, 0, 2)),
    ],
    ids=str,
)
def test_reshape(rng, old, new):
    values, array = compact(rng, *old)
    check(array.reshape(new), array, values, values.reshape(new))


@pytest.mark.parametrize("new", [(-1,), (-1, 6), (2, -1, 3), (4, 6, -1), (-1, 24)], ids=str)
def test_reshape_to_what_is_left(rng, new):
    values, array = compact(rng, 2, 3, 4)
    check(array.reshape(new), array, values, values.reshape(new))


def test_reshape_of_a_reshaped_array(rng):
    values, array = compact(rng, 6, 4)
    check(array.reshape((2, 12)).reshape((3, 8)), array, values, values.reshape(3, 8))


@pytest.mark.parametrize("new", [(11,), (3, 5), (13,), (), (0,), (2, 2, 2), (5, -1), (-1, -12), (12, 2)], ids=str)
def test_reshape_refuses_another_number_of_elements(rng, new):
    """In words of any kind."""
    _, array = compact(rng, 3, 4)
    with pytest.raises(ValueError, match=r"."):
        array.reshape(new)
    assert array.shape == (3, 4)


@pytest.mark.parametrize(
    "cut",
    [
        lambda x: x.T,
        lambda x: x[:, ::2],
        lambda x: x[1:],
        lambda x: x[:2],
        lambda x: x[::-1],
        lambda x: np.broadcast_to(x[:1], (2, 4)),
    ],
    ids=["transposed", "every second", "from the second row", "two rows", "backwards", "repeated"],
)
def test_reshape_refuses_what_is_not_compact(rng, cut):
    """A view in another order, or of a part of the memory, is copied first: by `compact()`, which says so."""
    values = numbers(rng, 4, 4)
    array = made(View(values, cut(values)))
    with pytest.raises(ValueError, match=r"."):
        array.reshape((array.size,))


# permute


@pytest.mark.parametrize("ndim", [1, 2, 3, 4])
def test_permute_in_every_order(rng, ndim):
    values, array = compact(rng, *range(2, 2 + ndim))
    for order in itertools.permutations(range(ndim)):
        check(array.permute(order), array, values, values.transpose(order))


@pytest.mark.parametrize("ndim", [2, 3, 4, 5, 6])
def test_permute_of_a_view(rng, ndim):
    """One that has strides and an offset of its own already."""
    for _ in range(5):
        view, order = random_view(rng, ndim, repeat=True), rng.permutation(ndim).tolist()
        array = made(view)
        check(array.permute(order), array, view.memory, view.seen.transpose(order))


def test_permute_images():
    values = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
    array = made(View(values, values))
    found = array.permute((0, 3, 1, 2))
    assert (found.shape, found.strides) == ((2, 5, 3, 4), (60, 1, 20, 5))
    check(found, array, values, values.transpose(0, 3, 1, 2))


def test_permute_counts_negative_axes_from_the_end(rng):
    values, array = compact(rng, 2, 3, 4)
    check(array.permute((-1, 0, -2)), array, values, values.transpose(2, 0, 1))


def test_permute_of_no_axes_and_of_no_elements(rng):
    values, array = compact(rng)
    check(array.permute(()), array, values, values)
    values, array = compact(rng, 2, 0, 3)
    check(array.permute((2, 0, 1)), array, values, values.transpose(2, 0, 1))


def test_transpose_and_swapaxes_are_permutations(rng):
    values, array = compact(rng, 2, 3, 4)
    check(array.T, array, values, values.T)
    check(array.swapaxes(0, -1), array, values, values.swapaxes(0, -1))


# broadcast_to


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((1,), (5,)),
        ((3, 1), (3, 4)),
        ((1, 4), (3, 4)),
        ((1, 1), (3, 4)),
        ((2, 1, 4), (2, 3, 4)),
        ((1, 3, 1), (2, 3, 4)),
        ((1, 3, 1), (1, 3, 5)),
        ((2, 3), (2, 3)),
        ((1, 3), (0, 3)),
        ((1, 0), (4, 0)),
    ],
    ids=str,
)
def test_broadcast_to(rng, old, new):
    values, array = compact(rng, *old)
    check(array.broadcast_to(new), array, values, np.broadcast_to(values, new))


@pytest.mark.parametrize(("old", "new"), [((), (2, 3)), ((3,), (2, 3)), ((2, 1), (4, 1, 2, 3))], ids=str)
def test_broadcast_to_more_axes(rng, old, new):
    """New ones are in front."""
    values, array = compact(rng, *old)
    check(array.broadcast_to(new), array, values, np.broadcast_to(values, new))


@pytest.mark.parametrize("ndim", [1, 2, 3, 4, 5])
def test_broadcast_to_from_a_view(rng, ndim):
    """One that has strides and an offset of its own already."""
    for _ in range(5):
        view = random_view(rng, ndim)
        axis = int(rng.integers(ndim))
        view = View(view.memory, view.seen[(slice(None),) * axis + (slice(-1, None),)])
        new = tuple(6 if i == axis else size for i, size in enumerate(view.seen.shape))
        array = made(view)
        check(array.broadcast_to(new), array, view.memory, np.broadcast_to(view.seen, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [((2, 3), (2, 4)), ((2, 3), (4, 3)), ((2, 3), (2, 6)), ((3, 1), (1, 4)), ((2, 3), (2, 0)), ((1, 3), (5, 1))],
    ids=str,
)
def test_broadcast_to_refuses_another_size_than_1(rng, old, new):
    _, array = compact(rng, *old)
    with pytest.raises(AssertionError):
        array.broadcast_to(new)


# Indices and slices. No axis is dropped, so NumPy is given the slice i:i+1 for a number i.

SLICED = {
    "part": np.s_[1:3, 2:5],
    "from": np.s_[2:, 3:],
    "to": np.s_[:2, :4],
    "all": np.s_[:, :],
    "steps": np.s_[::2, ::3],
    "steps from": np.s_[1::2, 2::3],
    "steps to": np.s_[:3:2, 1:5:2],
    "uneven steps": np.s_[0:4:3, 0:5:4],
    "last": np.s_[-1:, -2:],
    "all but the last": np.s_[:-1, :-2],
    "negative and steps": np.s_[-4:-1:2, -5::2],
    "beyond the end": np.s_[2:100, -100:3],
    "one": np.s_[3:4, 5:6],
    "none": np.s_[2:2, :],
    "none, backwards": np.s_[:, 4:2],
}


@pytest.mark.parametrize("index", SLICED.values(), ids=SLICED)
def test_getitem_of_slices(rng, index):
    values, array = compact(rng, 4, 6)
    check(array[index], array, values, values[index])


@pytest.mark.parametrize(
    ("index", "slices"),
    [
        ((2, 3), np.s_[2:3, 3:4]),
        ((0, 0), np.s_[:1, :1]),
        ((-1, -6), np.s_[3:, :1]),
        ((1, slice(None)), np.s_[1:2, :]),
        ((slice(1, 3), -2), np.s_[1:3, 4:5]),
        ((np.int64(2), slice(0, 6, 2)), np.s_[2:3, ::2]),
    ],
    ids=str,
)
def test_getitem_of_a_number_keeps_the_axis(rng, index, slices):
    values, array = compact(rng, 4, 6)
    check(array[index], array, values, values[slices])


def test_getitem_of_fewer_indices_than_axes(rng):
    values, array = compact(rng, 3, 4, 5)
    check(array[1], array, values, values[1:2])
    check(array[1:, 2], array, values, values[1:, 2:3])
    check(array[..., -1], array, values, values[..., 4:])
    check(array[0, ..., 1:3], array, values, values[:1, :, 1:3])


def test_getitem_backwards(rng):
    values, array = compact(rng, 4, 6)
    for index in np.s_[::-1, :], np.s_[::-1, ::-2], np.s_[3:0:-2, 4::-3], np.s_[:1:-1, 1:4]:
        check(array[index], array, values, values[index])


def test_getitem_of_no_axes_and_of_no_elements(rng):
    values, array = compact(rng)
    check(array[...], array, values, values)
    values, array = compact(rng, 2, 0, 3)
    check(array[1:, :, ::2], array, values, values[1:, :, ::2])


@pytest.mark.parametrize("ndim", [1, 2, 3, 4, 5])
def test_getitem_of_a_view(rng, ndim):
    """Offsets add up, and steps multiply the strides that are there already."""
    for _ in range(10):
        view = random_view(rng, ndim, repeat=bool(rng.integers(2)))
        index = []
        for size in view.seen.shape:
            start = int(rng.integers(size))
            index.append(slice(start, int(rng.integers(start, size)) + 1, int(rng.integers(1, 4))))
        array = made(view)
        check(array[tuple(index)], array, view.memory, view.seen[tuple(index)])


# All four


def test_views_of_views_of_views(rng):
    """Indexed, permuted, indexed, broadcast, permuted."""
    for _ in range(10):
        sizes = rng.integers(3, 7, size=4).tolist()
        values, array = compact(rng, *sizes)
        order, back = rng.permutation(4).tolist(), rng.permutation(4).tolist()
        first, second = np.s_[1:, ::2, :-1, 1:3], np.s_[:, 1:2, ::2, :]
        found = array[first].permute(order)[second]
        wanted = values[first].transpose(order)[second]
        repeated = (wanted.shape[0], 7, *wanted.shape[2:])
        found, wanted = found.broadcast_to(repeated).permute(back), np.broadcast_to(wanted, repeated).transpose(back)
        check(found, array, values, wanted)


@pytest.mark.parametrize(
    "make",
    [
        lambda a: a.reshape((4, 3, 1)),
        lambda a: a.permute((2, 1, 0)),
        lambda a: a.broadcast_to((3, 5, 4)),
        lambda a: a[1:, :, ::2],
    ],
    ids=["reshape", "permute", "broadcast_to", "getitem"],
)
def test_a_view_shows_what_is_written_later_and_changes_nothing(rng, make):
    values, array = compact(rng, 3, 1, 4)
    view = make(array)
    assert (array.shape, array.strides, array._offset) == ((3, 1, 4), (4, 4, 1), 0), "a view is another object"
    same(array.numpy(), values)
    array.fill(7.0)
    same(view.numpy(), np.full(view.shape, 7))


def submit_ndarray() -> None:
    """Views of an array: shapes, strides, elements"""
    np.random.seed(30)
    array = nd.array(np.random.randn(4, 1, 6), device=nd.default_device())
    for view in (array.reshape((2, 12)), array.permute((2, 0, 1)), array.broadcast_to((4, 3, 6)), array[1:, :, ::2]):
        mugrade.submit(view.shape)
        mugrade.submit(view.strides)
        mugrade.submit(view.numpy())
