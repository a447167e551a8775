"""hw4, flip_pad: each element of a flipped or a padded array beside the place that a loop over all places finds."""

import mugrade
import numpy as np
import pytest
from needle import backend_ndarray as nd

# The same view of an NDArray and of a NumPy array: `xp` is the module of either.
VIEWS = {
    "new": lambda xp, a: a,
    "permuted": lambda xp, a: a.transpose((2, 0, 1)),
    "part": lambda xp, a: a[1:3, ::2, 2:],
    "part, permuted": lambda xp, a: a[2:, 1:, 1::2].transpose((1, 2, 0)),
    "repeated": lambda xp, a: xp.broadcast_to(a[1:2], (4, 5, 6)),
    "backwards": lambda xp, a: a[::-1, 1:4, ::-2],
}


def both(rng, *shape):
    """Random numbers as NumPy has them, and as an NDArray."""
    values = rng.uniform(-3, 3, size=shape).astype(np.float32)
    return values, nd.array(values, device=nd.default_device())


def same(found, wanted):
    """Moving numbers changes none of them."""
    assert isinstance(found, nd.NDArray)
    np.testing.assert_array_equal(found.numpy(), wanted, strict=True)


def flipped(values, axes):
    """By a loop: what stood at place i of n is at place n - 1 - i."""
    wanted = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        there = list(place)
        for i in axes:
            there[i] = values.shape[i] - 1 - place[i]
        wanted[tuple(there)] = values[place]
    return wanted


def padded(values, pairs):
    """By a loop: each element moves by as many places as there are zeros in front."""
    wanted = np.zeros([n + sum(pair) for n, pair in zip(values.shape, pairs, strict=True)], dtype=np.float32)
    for place in np.ndindex(values.shape):
        wanted[tuple(i + pair[0] for i, pair in zip(place, pairs, strict=True))] = values[place]
    return wanted


# flip


@pytest.mark.parametrize("shape", [(1,), (5,), (3, 4), (2, 3, 4), (2, 3, 2, 5)], ids=str)
def test_flip_one_axis(rng, shape):
    values, array = both(rng, *shape)
    for axis in range(len(shape)):
        same(array.flip((axis,)), flipped(values, [axis]))


@pytest.mark.parametrize("axes", [(0, 1), (2, 0), (1, 2), (0, 1, 2), (2, 1, 0), ()], ids=str)
def test_flip_several_axes(rng, axes):
    values, array = both(rng, 2, 3, 4)
    same(array.flip(axes), flipped(values, axes))


def test_flip_counts_negative_axes_from_the_end(rng):
    values, array = both(rng, 2, 3, 4)
    same(array.flip((-1,)), flipped(values, [2]))
    same(array.flip((0, -2)), flipped(values, [0, 1]))
    same(array.flip(-3), flipped(values, [0]))


def test_flip_of_a_number_of_an_axis_and_of_all(rng):
    values, array = both(rng, 2, 3, 4)
    same(array.flip(1), flipped(values, [1]))
    same(array.flip(None), flipped(values, [0, 1, 2]))
    same(array.flip(), flipped(values, [0, 1, 2]))


@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 2), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_flip_of_a_view(rng, view, axes):
    """One that has strides and an offset of its own already."""
    values, array = both(rng, 4, 5, 6)
    same(view(nd, array).flip(axes), flipped(view(np, values), axes))


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_two_flips_undo_each_other(rng, view):
    values, array = both(rng, 4, 5, 6)
    same(view(nd, array).flip((0, 2)).flip((2, 0)), np.array(view(np, values)))


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_views_of_a_flipped_array(rng, view):
    values, array = both(rng, 4, 5, 6)
    same(view(nd, array.flip((0, 2))), np.array(view(np, flipped(values, [0, 2]))))


def test_a_flipped_array_in_kernels(rng):
    values, array = both(rng, 3, 4)
    _, matrix = both(rng, 4, 2)
    turned, wanted = array.flip((1,)), flipped(values, [1])
    same(turned.compact(), wanted)
    same(turned + array, wanted + values)
    same(turned.compact().reshape((2, 6)), wanted.reshape(2, 6))
    np.testing.assert_allclose((turned @ matrix).numpy(), wanted @ matrix.numpy(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(turned.sum(axis=0).numpy(), wanted.sum(axis=0), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_flip_leaves_the_array_as_it_is(rng, view):
    values, array = both(rng, 4, 5, 6)
    base = view(nd, array)
    before = base.shape, base.strides
    base.flip((0, 1))
    assert (base.shape, base.strides) == before
    same(base, np.array(view(np, values)))


# pad


@pytest.mark.parametrize(
    "pairs",
    [
        ((1, 1),),
        ((0, 3),),
        ((2, 0),),
        ((1, 1), (2, 2)),
        ((0, 0), (1, 2)),
        ((3, 1), (0, 2)),
        ((1, 0), (0, 1), (2, 3)),
        ((0, 0), (0, 0), (0, 0)),
        ((0, 1), (2, 0), (1, 1), (3, 2)),
    ],
    ids=str,
)
def test_pad(rng, pairs):
    values, array = both(rng, *range(2, 2 + len(pairs)))
    same(array.pad(pairs), padded(values, pairs))


@pytest.mark.parametrize("width", [1, 2, 4])
def test_pad_images(rng, width):
    """Height and width, but neither the images nor their channels."""
    values, array = both(rng, 2, 4, 5, 3)
    found = array.pad(((0, 0), (width, width), (width, width), (0, 0)))
    assert found.shape == (2, 4 + 2 * width, 5 + 2 * width, 3)
    same(found[:, width : width + 4, width : width + 5], values)
    assert np.count_nonzero(found.numpy()) == np.count_nonzero(values)


@pytest.mark.parametrize("pairs", [((1, 1), (1, 1), (1, 1)), ((0, 2), (1, 0), (3, 1))], ids=str)
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_pad_of_a_view(rng, view, pairs):
    """One that has strides and an offset of its own."""
    values, array = both(rng, 4, 5, 6)
    same(view(nd, array).pad(pairs), padded(view(np, values), pairs))


def test_pad_twice(rng):
    values, array = both(rng, 2, 3)
    first, second = ((1, 0), (0, 2)), ((0, 1), (3, 0))
    same(array.pad(first).pad(second), padded(values, ((1, 1), (3, 2))))


def test_pad_around_what_is_flipped(rng):
    values, array = both(rng, 3, 4)
    same(array.flip((0, 1)).pad(((1, 2), (0, 1))), padded(flipped(values, [0, 1]), ((1, 2), (0, 1))))


def test_pad_makes_a_new_array(rng):
    """What is written to it later leaves the other one alone."""
    values, array = both(rng, 3, 4)
    larger = array.pad(((1, 0), (0, 1)))
    larger.fill(7.0)
    same(array, values)


def submit_flip_pad() -> None:
    """A new array and a view of it, flipped along several axes and padded by several numbers of zeros"""
    np.random.seed(40)
    array = nd.array(np.random.randn(3, 4, 5), device=nd.default_device())
    for each in (array, array[1:, ::2].permute((2, 0, 1))):
        for axes in ((0,), (2,), (0, 1)):
            mugrade.submit(each.flip(axes).numpy())
        for pairs in (((1, 1), (0, 0), (2, 2)), ((0, 1), (2, 0), (0, 3))):
            mugrade.submit(each.pad(pairs).numpy())
