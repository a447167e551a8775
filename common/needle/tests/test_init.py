"""New tensors: their values, and how many numbers they draw from NumPy's global generator, in which order."""

from __future__ import annotations

import needle as ndl
import numpy as np
import pytest

SHAPES = [(), (3,), (2, 3, 4)]


def reseeded(seed=11):
    np.random.seed(seed)


def test_rand_is_one_draw_scaled_in_float64():
    for shape in SHAPES:
        reseeded()
        found, after = ndl.init.rand(*shape, low=-3.0, high=2.0), np.random.rand()
        reseeded()
        expected, expected_after = np.asarray(np.random.rand(*shape) * (2.0 - -3.0) + -3.0), np.random.rand()
        assert found.dtype == "float32"
        assert found.shape == shape
        assert found.numpy().tolist() == expected.astype("float32").tolist()
        assert after == expected_after


def test_randn_is_one_draw_scaled_in_float64():
    for shape in SHAPES:
        reseeded()
        found, after = ndl.init.randn(*shape, mean=1.5, std=0.1), np.random.rand()
        reseeded()
        expected, expected_after = np.asarray(np.random.randn(*shape) * 0.1 + 1.5), np.random.rand()
        assert found.dtype == "float32"
        assert found.numpy().tolist() == expected.astype("float32").tolist()
        assert after == expected_after


def test_randb_is_one_uniform_draw():
    for shape in SHAPES:
        reseeded()
        found, after = ndl.init.randb(*shape, p=0.3), np.random.rand()
        reseeded()
        expected, expected_after = np.asarray(np.random.rand(*shape) <= 0.3), np.random.rand()
        assert found.dtype == "bool"
        assert found.numpy().tolist() == expected.tolist()
        assert after == expected_after


def test_random_numbers_are_where_they_should_be():
    reseeded()
    uniform = ndl.init.rand(100_000, low=-1.0, high=3.0).numpy()
    assert -1.0 <= uniform.min() < -0.99
    assert 2.99 < uniform.max() <= 3.0
    normal = ndl.init.randn(100_000, mean=2.0, std=3.0).numpy()
    assert abs(normal.mean() - 2.0) < 0.05
    assert abs(normal.std() - 3.0) < 0.05
    assert abs(ndl.init.randb(100_000, p=0.2).numpy().mean() - 0.2) < 0.01


def test_constants_draw_nothing():
    reseeded()
    ndl.init.ones(3)
    ndl.init.one_hot(3, [1])
    after = np.random.rand()
    reseeded()
    assert after == np.random.rand()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_constants(shape):
    for made, number in ((ndl.init.ones, 1.0), (ndl.init.zeros, 0.0), (ndl.init.constant, 1.0)):
        tensor = made(*shape)
        assert tensor.shape == shape
        assert tensor.dtype == "float32"
        assert set(tensor.numpy().ravel().tolist()) == {number}
    assert set(ndl.init.constant(*shape, c=2.5).numpy().ravel().tolist()) == {2.5}


@pytest.mark.parametrize("made", [ndl.init.rand, ndl.init.randn, ndl.init.randb, ndl.init.ones, ndl.init.zeros])
def test_options(made):
    tensor = made(2, device=ndl.cpu(), dtype="float64", requires_grad=True)
    assert tensor.dtype == "float64"
    assert tensor.device == ndl.cpu()
    assert tensor.requires_grad
    assert not made(2).requires_grad


def test_like():
    pattern = ndl.Tensor(np.zeros((2, 3)), dtype="int32")
    for made, number in ((ndl.ones_like, 1), (ndl.zeros_like, 0)):
        tensor = made(pattern)
        assert tensor.shape == (2, 3)
        assert tensor.dtype == "int32"
        assert not tensor.requires_grad
        assert set(tensor.numpy().ravel().tolist()) == {number}
        assert made(pattern, requires_grad=True).requires_grad


@pytest.mark.parametrize("labels", [[2, 0, 1], np.array([2, 0, 1], dtype="uint8"), ndl.Tensor([2, 0, 1])], ids=type)
def test_one_hot(labels):
    rows = ndl.init.one_hot(4, labels)
    assert rows.dtype == "float32"
    assert rows.numpy().tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0]]


def test_one_hot_of_a_matrix_of_labels():
    rows = ndl.init.one_hot(3, [[0, 1], [2, 2]], dtype="int64")
    assert rows.shape == (2, 2, 3)
    assert rows.numpy().argmax(-1).tolist() == [[0, 1], [2, 2]]


@pytest.mark.parametrize("labels", [[3], [0, -1]], ids=str)
def test_one_hot_refuses_other_labels(labels):
    with pytest.raises(ValueError, match="one_hot: labels must be from 0 to 2, but go from"):
        ndl.init.one_hot(3, labels)


@pytest.mark.parametrize("labels", [[0.5, 1.0], [1.0, np.nan], [np.inf]])
def test_one_hot_refuses_labels_that_are_not_whole(labels):
    with pytest.raises(ValueError, match="one_hot: labels must be whole numbers"):
        ndl.init.one_hot(3, labels)


def test_the_top_level_has_the_common_ones():
    assert ndl.ones is ndl.init.ones
    assert ndl.zeros is ndl.init.zeros
    assert ndl.ones_like is ndl.init.ones_like
    assert ndl.zeros_like is ndl.init.zeros_like
