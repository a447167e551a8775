"""hw1, forward computation: each operator on tensors, beside the same thing done number by number."""

import math

import mugrade
import needle as ndl
import numpy as np
import pytest


def numbers(*shape, low=-2.0, high=2.0, seed=1):
    return np.random.default_rng(seed).uniform(low, high, size=shape)


def check(result, expected):
    """Values and shape, and that the result is a Tensor around a real array."""
    assert isinstance(result, ndl.Tensor)
    assert isinstance(result.numpy(), np.ndarray)
    assert result.shape == np.shape(expected)
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-6, atol=1e-12)


def one_by_one(function, *arrays):
    """A function of numbers, applied to one element after another."""
    result = np.empty(arrays[0].shape)
    for place in np.ndindex(result.shape):
        result[place] = function(*(float(array[place]) for array in arrays))
    return result


SHAPES = [(), (5,), (3, 4), (2, 1, 3)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scalar", [2, 3, -1, 0.5, 1])
def test_power_scalar(shape, scalar):
    a = numbers(*shape, low=0.5)
    check(ndl.Tensor(a) ** scalar, one_by_one(lambda x: math.pow(x, scalar), a))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_power(shape):
    a, b = numbers(*shape, low=0.5), numbers(*shape, seed=2)
    check(ndl.power(ndl.Tensor(a), ndl.Tensor(b)), one_by_one(math.pow, a, b))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_divide(shape):
    a, b = numbers(*shape), numbers(*shape, low=0.5, seed=2)
    check(ndl.divide(ndl.Tensor(a), ndl.Tensor(b)), one_by_one(lambda x, y: x * y**-1, a, b))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_divide_scalar(shape):
    a = numbers(*shape)
    check(ndl.divide_scalar(ndl.Tensor(a), 0.37), one_by_one(lambda x: x * 0.37**-1, a))


@pytest.mark.parametrize("axes", [None, (0, 1), (1, 0), (0, 2), (-1, 0), (0, -2), (-1, -3)], ids=str)
def test_transpose(axes):
    a = numbers(2, 3, 4)
    first, second = axes or (1, 2)
    expected = np.empty([a.shape[i] for i in swapped([0, 1, 2], first, second)])
    for place in np.ndindex(a.shape):
        expected[tuple(swapped(list(place), first, second))] = a[place]
    check(ndl.transpose(ndl.Tensor(a), axes), expected)


def swapped(items, first, second):
    items[first], items[second] = items[second], items[first]
    return items


def test_transpose_of_a_matrix():
    check(ndl.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).transpose(), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])


@pytest.mark.parametrize(
    ("old", "new"), [((6,), (2, 3)), ((2, 3, 4), (4, 6)), ((1,), ()), ((3, 4), (1, 12, 1))], ids=str
)
def test_reshape(old, new):
    a = numbers(*old)
    result = ndl.reshape(ndl.Tensor(a), new)
    check(result, result.numpy())
    assert result.shape == new
    assert result.numpy().ravel().tolist() == ndl.Tensor(a).numpy().ravel().tolist()


@pytest.mark.parametrize(
    ("old", "new"), [((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((1, 3, 1), (5, 4, 3, 2)), ((2,), (2,))], ids=str
)
def test_broadcast_to(old, new):
    a = numbers(*old)
    check(ndl.broadcast_to(ndl.Tensor(a), new), a + np.zeros(new))


@pytest.mark.parametrize("axes", [None, 0, 1, 2, -1, (0,), (0, 2), (2, 1), (-1, 0), (0, 1, 2)], ids=str)
def test_summation(axes):
    a = numbers(2, 3, 4)
    gone = {axis % 3 for axis in ([0, 1, 2] if axes is None else [axes] if isinstance(axes, int) else axes)}
    kept = [axis for axis in range(3) if axis not in gone]
    expected = np.zeros([a.shape[axis] for axis in kept])
    for place in np.ndindex(a.shape):
        expected[tuple(place[axis] for axis in kept)] += a[place]
    check(ndl.summation(ndl.Tensor(a), axes=axes), expected)


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        ((3, 4), (4, 2)),
        ((1, 5), (5, 1)),
        ((6, 3, 4), (6, 4, 2)),
        ((6, 3, 4), (4, 2)),
        ((3, 4), (6, 4, 2)),
        ((5, 1, 3, 4), (6, 4, 2)),
    ],
    ids=str,
)
def test_matmul(lhs, rhs):
    a, b = numbers(*lhs), numbers(*rhs, seed=2)
    check(ndl.matmul(ndl.Tensor(a), ndl.Tensor(b)), np.einsum("...mn,...np->...mp", a, b))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_negate(shape):
    a = numbers(*shape)
    check(ndl.negate(ndl.Tensor(a)), one_by_one(lambda x: 0 - x, a))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_log(shape):
    a = numbers(*shape, low=0.1)
    check(ndl.log(ndl.Tensor(a)), one_by_one(math.log, a))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_exp(shape):
    a = numbers(*shape)
    check(ndl.exp(ndl.Tensor(a)), one_by_one(math.exp, a))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_relu(shape):
    a = numbers(*shape)
    check(ndl.relu(ndl.Tensor(a)), one_by_one(lambda x: max(x, 0.0), a))


def test_relu_at_zero_and_below():
    check(ndl.relu(ndl.Tensor([-3.0, 0.0, 4.0])), [0.0, 0.0, 4.0])


def test_float32_stays_float32():
    a, b = (ndl.Tensor(numbers(2, 2, low=0.5), dtype="float32") for _ in range(2))
    results = [a**2, a**b, a / b, a / 3, a.transpose(), a.reshape((4,)), a.broadcast_to((3, 2, 2)), a.sum(), a @ b, -a]
    results += [ndl.log(a), ndl.exp(a), ndl.relu(a)]
    assert {str(result.dtype) for result in results} == {"float32"}


def submit_forward() -> None:
    """Each operator once"""
    np.random.seed(1)
    a, b = ndl.Tensor(np.random.rand(3, 4) + 0.5), ndl.Tensor(np.random.rand(3, 4) + 0.5)
    for result in (a**3, a**b, a / b, a / 4, -a, ndl.log(a), ndl.exp(a), ndl.relu(a + (-1.0))):
        mugrade.submit(result.numpy())
    for result in (a.transpose(), a.reshape((2, 6)), a.broadcast_to((2, 3, 4)), a.sum((1,)), a @ b.transpose()):
        mugrade.submit(result.numpy())
