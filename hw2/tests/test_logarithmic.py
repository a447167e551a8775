"""hw2, logarithms of sums of exponentials: beside the plain formula, and where the plain formula overflows."""

import math

import mugrade
import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import check_gradients

# So large that every exponential overflows, and no larger than differences of 1 allow: float32, which the nd backend
# has, does not know 1e10 + 1.
LARGE = 1e10 if ndl.Tensor([1.0]).dtype == "float64" else 100.0


def numbers(*shape, low=-3.0, high=3.0, seed=31):
    return np.random.default_rng(seed).uniform(low, high, size=shape)


def kept_axes(axes, dimensions):
    gone = {axis % dimensions for axis in (range(dimensions) if axes is None else np.atleast_1d(axes).tolist())}
    return [axis for axis in range(dimensions) if axis not in gone]


def log_of_sums(a, axes):
    """The definition, one element after another: right for small numbers."""
    kept = kept_axes(axes, a.ndim)
    sums = np.zeros([a.shape[axis] for axis in kept])
    for place in np.ndindex(a.shape):
        sums[tuple(place[axis] for axis in kept)] += math.exp(a[place])
    return np.log(sums)


def check(result, expected, rtol=1e-9):
    assert isinstance(result, ndl.Tensor)
    assert result.shape == np.shape(expected)
    np.testing.assert_allclose(result.numpy(), expected, rtol=rtol, atol=1e-9)


AXES = [None, 0, 1, 2, -1, (0,), (0, 2), (2, 1), (-1, 0), (0, 1, 2)]


@pytest.mark.parametrize("axes", AXES, ids=str)
def test_logsumexp(axes):
    a = numbers(2, 3, 4)
    check(ndl.logsumexp(ndl.Tensor(a), axes=axes), log_of_sums(a, axes))


@pytest.mark.parametrize("shape", [(1,), (6,), (5, 1), (1, 5), (2, 1, 3, 2)], ids=str)
def test_logsumexp_of_all_elements(shape):
    a = numbers(*shape)
    check(ndl.logsumexp(ndl.Tensor(a)), log_of_sums(a, None))


@pytest.mark.parametrize("axes", AXES, ids=str)
@pytest.mark.parametrize("size", [1e10, -1e10])
def test_logsumexp_does_not_overflow(size, axes):
    """What is added to all elements is added to the result: here more than any exponential survives."""
    a = size + 1e5 * np.arange(24.0).reshape(2, 3, 4)
    # Neighbours are so far apart that only the largest counts.
    largest = a.max(axis=tuple(set(range(3)) - set(kept_axes(axes, 3))))
    check(ndl.logsumexp(ndl.Tensor(a), axes=axes), largest, rtol=1e-12)


def test_logsumexp_of_equal_large_numbers():
    for size in (1e10, -1e10, 800.0, -800.0):
        result = ndl.logsumexp(ndl.Tensor(np.full((2, 5), size)), axes=(1,))
        np.testing.assert_allclose(result.numpy(), [size + math.log(5)] * 2, rtol=1e-15, atol=1e-6)


def test_each_slice_has_its_own_largest_element():
    """Were the largest of all taken out, the small rows would vanish: log(0)."""
    a = np.array([[1000.0, 1001.0], [0.0, 1.0], [-1000.0, -999.0]])
    expected = np.array([1000.0, 0.0, -1000.0]) + math.log(1 + math.e)
    check(ndl.logsumexp(ndl.Tensor(a), axes=1), expected)
    check(ndl.logsumexp(ndl.Tensor(a.T), axes=(0,)), expected)


@pytest.mark.parametrize("axes", AXES, ids=str)
def test_gradients_of_logsumexp(axes):
    check_gradients(lambda a: ndl.logsumexp(a, axes=axes), [numbers(2, 3, 2)], order=2)


@pytest.mark.parametrize("shape", [(1,), (4,), (3, 1), (1, 3)], ids=str)
def test_gradients_of_logsumexp_of_all_elements(shape):
    check_gradients(lambda a: ndl.logsumexp(a), [numbers(*shape)], order=2)


@pytest.mark.parametrize("size", [0.0, LARGE, -LARGE])
def test_the_gradient_of_logsumexp_is_the_softmax(size):
    """Also of large numbers: differences of 1 are what counts, wherever they are."""
    a = ndl.Tensor(size + np.array([[0.0, 1.0, 2.0], [2.0, 0.0, 0.0]]))
    ndl.logsumexp(a, axes=(1,)).backward(ndl.Tensor([1.0, 10.0]))
    parts = np.exp([[0.0, 1.0, 2.0], [2.0, 0.0, 0.0]])
    expected = parts / parts.sum(axis=1, keepdims=True) * [[1.0], [10.0]]
    # Near 1e10 float64 itself is exact to 2e-6 only.
    np.testing.assert_allclose(a.grad.numpy(), expected, rtol=1e-4 if size else 1e-9)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 1), (5, 10)], ids=str)
def test_logsoftmax(shape):
    a = numbers(*shape)
    check(ndl.logsoftmax(ndl.Tensor(a)), a - log_of_sums(a, 1).reshape(-1, 1))


def test_logsoftmax_gives_logarithms_of_probabilities():
    probabilities = np.exp(ndl.logsoftmax(ndl.Tensor(numbers(6, 4, low=-50, high=50))).numpy())
    np.testing.assert_allclose(probabilities.sum(axis=1), np.ones(6), rtol=1e-9)


@pytest.mark.parametrize("size", [LARGE, -LARGE, 1000.0])
def test_logsoftmax_does_not_overflow(size):
    rows = np.array([[0.0, 2.0, 0.0], [4.0, 0.0, 2.0]])
    expected = rows - log_of_sums(rows, 1).reshape(2, 1)
    np.testing.assert_allclose(ndl.logsoftmax(ndl.Tensor(rows + size)).numpy(), expected, rtol=1e-5)


def test_logsoftmax_of_rows_far_apart():
    a = np.array([[1e10, 1e10], [-1e10, -1e10], [0.0, -1e10]])
    check(ndl.logsoftmax(ndl.Tensor(a)), [[-math.log(2)] * 2, [-math.log(2)] * 2, [0.0, -1e10]])


@pytest.mark.parametrize("shape", [(1, 4), (3, 1), (3, 4)], ids=str)
def test_gradients_of_logsoftmax(shape):
    check_gradients(ndl.logsoftmax, [numbers(*shape)], order=2)


@pytest.mark.parametrize("size", [1000.0, -1000.0, LARGE])
def test_the_gradient_of_logsoftmax_does_not_overflow(size):
    """It is that of the same rows without what is added to all their elements."""
    rows, out_grad = np.array([[0.0, 2.0, 0.0], [4.0, 0.0, 2.0]]), ndl.Tensor(numbers(2, 3))
    near, far = ndl.Tensor(rows), ndl.Tensor(rows + size)
    for a in (near, far):
        ndl.logsoftmax(a).backward(out_grad)
    softmax = np.exp(rows) / np.exp(rows).sum(axis=1, keepdims=True)
    expected = out_grad.numpy() - softmax * out_grad.numpy().sum(axis=1, keepdims=True)
    for a in (near, far):
        np.testing.assert_allclose(a.grad.numpy(), expected, rtol=1e-4, atol=1e-6)


def test_gradients_are_nodes_of_the_graph():
    """So that they can be differentiated again."""
    a = ndl.Tensor(numbers(2, 3))
    for out in (ndl.logsumexp(a, axes=1), ndl.logsoftmax(a)):
        (gradient,) = out.op.gradient_as_tuple(ndl.init.ones(*out.shape), out)
        assert not gradient.is_leaf(), f"{type(out.op).__name__}.gradient forgot where it came from"


def test_float32_stays_float32():
    a = ndl.Tensor(numbers(2, 3), dtype="float32")
    for out in (ndl.logsumexp(a), ndl.logsumexp(a, axes=1), ndl.logsoftmax(a)):
        out.backward()
        assert (out.dtype, a.grad.dtype) == ("float32", "float32"), type(out.op).__name__


def test_the_argument_stays_as_it_is():
    a = ndl.Tensor(numbers(3, 4))
    before = a.numpy().copy()
    for out in (ndl.logsumexp(a, axes=0), ndl.logsoftmax(a)):
        out.backward()
        np.testing.assert_array_equal(a.numpy(), before, err_msg=type(out.op).__name__)


@pytest.mark.parametrize("spread", [1.0, 1000.0])
def test_beside_pytorch(torch, spread):
    array, weights = numbers(4, 5, low=-spread, high=spread), numbers(4, 5, seed=32)
    a, theirs = ndl.Tensor(array), torch.tensor(array, requires_grad=True)
    pairs = [
        (ndl.logsumexp(a), torch.logsumexp(theirs, (0, 1))),
        (ndl.logsumexp(a, axes=(0,)), torch.logsumexp(theirs, 0)),
        (ndl.logsoftmax(a), torch.log_softmax(theirs, 1)),
    ]
    for mine, other in pairs:
        out_grad = np.resize(weights, mine.shape)
        theirs.grad = None
        other.backward(torch.tensor(out_grad))
        mine.backward(ndl.Tensor(out_grad))
        np.testing.assert_allclose(mine.numpy(), other.detach().numpy(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(a.grad.numpy(), theirs.grad.numpy(), rtol=1e-9, atol=1e-9)


def submit_logarithmic() -> None:
    """Both operators and their gradients, one of them on large numbers"""
    np.random.seed(22)
    a = ndl.Tensor(np.random.randn(3, 4))
    for out in (ndl.logsumexp(a), ndl.logsumexp(a, axes=(1,)), ndl.logsumexp(a, axes=0), ndl.logsoftmax(a)):
        mugrade.submit(out.numpy())
        out.backward(ndl.Tensor(np.random.rand(*out.shape)))
        mugrade.submit(a.grad.numpy())
    mugrade.submit(ndl.logsumexp(ndl.Tensor([[1e10, 9e9], [-1e10, -9e9]]), axes=(1,)).numpy())
