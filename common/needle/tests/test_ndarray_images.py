"""flip and pad of an NDArray: beside NumPy's, on every device, of views of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from ndarray_views import random_shape, random_view, same
from needle import backend_ndarray as nd

RUNS = range(12)


def random_axes(rng, ndim):
    """Some axes in any order, some of them counted from the end."""
    chosen = rng.permutation(ndim)[: rng.integers(0, ndim + 1)]
    return tuple(int(axis) - (ndim if rng.random() < 0.5 else 0) for axis in chosen)


@pytest.mark.parametrize("run", RUNS)
def test_flip(run, device, rng):
    expected, a = random_view(rng, random_shape(rng, empty=run % 4 == 0), device)
    axes = random_axes(rng, a.ndim)
    for each in (axes, list(axes), None, *range(-a.ndim, a.ndim)):
        by_numpy = np.flip(expected, tuple(each) if isinstance(each, list) else each)
        same(a.flip(each), by_numpy)
        same(nd.flip(a, each), by_numpy)
    same(a, expected)


@pytest.mark.parametrize("run", RUNS)
def test_flip_goes_on(run, device, rng):
    """What is done with a flipped array sees it flipped: other views, kernels, and another flip."""
    expected, a = random_view(rng, random_shape(rng, least=1), device)
    axes = random_axes(rng, a.ndim)
    flipped, by_numpy = a.flip(axes), np.flip(expected, axes)
    same(flipped.permute(tuple(range(a.ndim))[::-1]), by_numpy.T)
    same(flipped[1:], by_numpy[1:])
    same(flipped + a, by_numpy + expected)
    same(flipped.compact(), by_numpy)
    same(flipped.flip(axes), expected)
    same(flipped.sum(axis=0), by_numpy.sum(axis=0), rtol=1e-5, atol=1e-5)


def test_flip_is_exact_for_what_is_no_number(device):
    values = np.array([[np.nan, -0.0, np.inf], [1.0, 1e-45, -np.inf]], dtype="float32")
    found = nd.array(values, device=device).flip((0, 1)).numpy()
    assert found.tobytes() == values[::-1, ::-1].tobytes()


@pytest.mark.parametrize("axes", [(0, 0), (1, -1), (2,), 3, -3, (0, -4)], ids=str)
def test_flip_refuses(axes, device):
    a = nd.array(np.zeros((2, 3)), device=device)
    with pytest.raises(ValueError, match=r"flip: ax(is|es) .* of 2 axes"):
        a.flip(axes)
    with pytest.raises(ValueError, match=r"axis|axes"):
        np.flip(np.zeros((2, 3)), axes)


@pytest.mark.parametrize("run", RUNS)
def test_pad(run, device, rng):
    expected, a = random_view(rng, random_shape(rng, empty=run % 4 == 0), device)
    pairs = tuple((int(before), int(after)) for before, after in rng.integers(0, 4, size=(a.ndim, 2)))
    for each in (pairs, [list(pair) for pair in pairs]):
        same(a.pad(each), np.pad(expected, pairs) if pairs else expected)
        same(nd.pad(a, each), np.pad(expected, pairs) if pairs else expected)
    same(a, expected)


def test_pad_of_nothing_is_another_array(device, rng):
    """So that writing to one leaves the other alone, as in NumPy."""
    numbers = rng.normal(size=(2, 3)).astype("float32")
    a = nd.array(numbers, device=device)
    padded = a.pad(((0, 0), (0, 0)))
    padded.fill(7)
    same(a, numbers)


def test_pad_around_nothing(device):
    same(nd.array(np.zeros((2, 0, 3)), device=device).pad(((0, 0), (1, 2), (0, 1))), np.zeros((2, 3, 4)))


def test_pad_leaves_what_is_no_number_where_it_was(device):
    values = np.array([np.nan, np.inf, -0.0], dtype="float32")
    found = nd.array(values, device=device).pad(((1, 2),)).numpy()
    assert found.tobytes() == np.pad(values, (1, 2)).tobytes()


@pytest.mark.parametrize(
    "pairs",
    [(), ((1, 1),), ((1, 1), (1, 1), (1, 1)), (1, 1), ((1, 1), 1), ((1, 1), (1, 1, 1)), ((1, 1), (1,)), 1],
    ids=str,
)
def test_pad_wants_a_pair_for_every_axis(pairs, device):
    a = nd.array(np.zeros((2, 3)), device=device)
    with pytest.raises(ValueError, match=r"pad: expected a pair .* 2 axes of shape \(2, 3\), got "):
        a.pad(pairs)


@pytest.mark.parametrize("pairs", [((0, -1), (0, 0)), ((0, 0), (-2, 3))], ids=str)
def test_pad_cannot_take_away(pairs, device):
    a = nd.array(np.zeros((2, 3)), device=device)
    with pytest.raises(ValueError, match=r"pad: expected numbers of zeros, which are 0 or more, got .*-\d.* \(2, 3\)"):
        a.pad(pairs)


def test_pad_wants_whole_numbers(device):
    a = nd.array(np.zeros(2), device=device)
    with pytest.raises(TypeError, match="integer"):
        a.pad(((0.5, 1),))
