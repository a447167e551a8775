"""hw1, gradients of each operator: one call of `gradient`, beside finite differences.

The operators are checked alone, so these tests need neither the topological sort nor reverse mode. A message such as

    EWiseDiv, order 1, elementwise, argument 1 of shape (5,): 5 of 5 differ, most at [2]: gradient 0.6, finite
    difference -0.6 (allowed 6.1e-06, eps 1e-05)

says which operator, which of its inputs, which element of it, what `gradient` returned and what it should have.
"""

import mugrade
import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import check_gradients


def numbers(*shape, low=-2.0, high=2.0, seed=3):
    return np.random.default_rng(seed).uniform(low, high, size=shape)


def check(f, *args):
    check_gradients(f, args, order=1, through="op")


SHAPES = [(), (5,), (3, 4), (2, 1, 3)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scalar", [2, 3, -1, 0.5, 1])
def test_power_scalar(shape, scalar):
    check(lambda a: ndl.power_scalar(a, scalar), numbers(*shape, low=0.5))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_power(shape):
    check(lambda a, b: ndl.power(a, b), numbers(*shape, low=0.5), numbers(*shape, seed=4))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_divide(shape):
    check(lambda a, b: ndl.divide(a, b), numbers(*shape), numbers(*shape, low=0.5, seed=4))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_divide_scalar(shape):
    check(lambda a: ndl.divide_scalar(a, 0.37), numbers(*shape))


@pytest.mark.parametrize("axes", [None, (0, 1), (1, 0), (0, 2), (-1, 0), (0, -2), (-1, -3)], ids=str)
def test_transpose(axes):
    check(lambda a: ndl.transpose(a, axes), numbers(2, 3, 4))


@pytest.mark.parametrize(
    ("old", "new"), [((6,), (2, 3)), ((2, 3, 4), (4, 6)), ((1,), ()), ((3, 4), (1, 12, 1))], ids=str
)
def test_reshape(old, new):
    check(lambda a: ndl.reshape(a, new), numbers(*old))


@pytest.mark.parametrize(
    ("old", "new"),
    [((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((1, 3, 1), (5, 4, 3, 2)), ((2,), (2,)), ((1, 3), (1, 3))],
    ids=str,
)
def test_broadcast_to(old, new):
    check(lambda a: ndl.broadcast_to(a, new), numbers(*old))


@pytest.mark.parametrize("axes", [None, 0, 1, 2, -1, (0,), (0, 2), (2, 1), (-1, 0), (0, 1, 2)], ids=str)
def test_summation(axes):
    check(lambda a: ndl.summation(a, axes=axes), numbers(2, 3, 4))


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
    check(lambda a, b: ndl.matmul(a, b), numbers(*lhs), numbers(*rhs, seed=4))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_negate(shape):
    check(lambda a: ndl.negate(a), numbers(*shape))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_log(shape):
    check(lambda a: ndl.log(a), numbers(*shape, low=0.1))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_exp(shape):
    check(lambda a: ndl.exp(a), numbers(*shape))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_relu(shape):
    a = numbers(*shape)
    check(lambda a: ndl.relu(a), a + np.sign(a) * 0.1)


def test_relu_passes_nothing_at_zero():
    out = ndl.relu(ndl.Tensor([-1.0, 0.0, 2.0]))
    (gradient,) = out.op.gradient_as_tuple(ndl.Tensor([5.0, 6.0, 7.0]), out)
    assert gradient.numpy().tolist() == [0.0, 0.0, 7.0]


def test_gradients_are_nodes_of_the_graph():
    """A gradient made by operators from the inputs can be differentiated again; one made from arrays cannot."""
    a, b = ndl.Tensor([1.0, 2.0]), ndl.Tensor([3.0, 4.0])
    for out in (a / b, ndl.log(a), ndl.exp(a), a**3, a**b, a.reshape((1, 2)) @ b.reshape((2, 1))):
        for gradient in out.op.gradient_as_tuple(ndl.init.ones(*out.shape), out):
            assert not gradient.is_leaf(), f"{type(out.op).__name__}.gradient forgot where it came from"


def submit_backward() -> None:
    """The gradient of each operator once"""
    np.random.seed(2)
    a, b = ndl.Tensor(np.random.rand(3, 4) + 0.5), ndl.Tensor(np.random.rand(3, 4) + 0.5)
    outputs = [a**3, a**b, a / b, a / 4, -a, ndl.log(a), ndl.exp(a), ndl.relu(a + (-1.0)), a.transpose()]
    outputs += [a.reshape((2, 6)), a.broadcast_to((2, 3, 4)), a.sum((1,)), a @ b.reshape((4, 3))]
    for out in outputs:
        out_grad = ndl.Tensor(np.random.rand(*out.shape))
        for gradient in out.op.gradient_as_tuple(out_grad, out):
            mugrade.submit(gradient.numpy())
