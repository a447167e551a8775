"""hw1, reverse mode: gradients of whole graphs, beside finite differences, up to gradients of gradients."""

import mugrade
import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import check_gradients


def numbers(*shape, low=0.5, high=2.0, seed=5):
    return np.random.default_rng(seed).uniform(low, high, size=shape)


def test_a_product():
    x, y = ndl.Tensor([2.0]), ndl.Tensor([5.0])
    (x * y).backward()
    assert x.grad.numpy().tolist() == [5.0]
    assert y.grad.numpy().tolist() == [2.0]


def test_contributions_are_added():
    """x reaches the result three times over: twice as a factor, once as a term."""
    x = ndl.Tensor([3.0])
    (x * x + x).backward()
    assert x.grad.numpy().tolist() == [7.0]


def test_contributions_through_paths_of_different_length():
    x = ndl.Tensor([2.0])
    square = x * x
    (square * x + square).backward()
    assert x.grad.numpy().tolist() == [3 * 4 + 2 * 2]
    assert square.grad.numpy().tolist() == [2.0 + 1.0]


def test_every_node_gets_its_gradient():
    x = ndl.Tensor([1.0, 2.0])
    doubled = x * 2
    result = doubled * doubled
    result.backward()
    assert result.grad.numpy().tolist() == [1.0, 1.0]
    assert doubled.grad.numpy().tolist() == [4.0, 8.0]
    assert x.grad.numpy().tolist() == [8.0, 16.0]


def test_gradients_are_assigned_and_not_accumulated():
    x = ndl.Tensor([3.0])
    for _ in range(2):
        (x * x).backward()
        assert x.grad.numpy().tolist() == [6.0]


def test_a_given_out_grad():
    x, y = ndl.Tensor([1.0, 2.0]), ndl.Tensor([3.0, 4.0])
    result = x * y
    out_grad = ndl.Tensor([10.0, 100.0])
    result.backward(out_grad)
    assert x.grad.numpy().tolist() == [30.0, 400.0]
    assert y.grad.numpy().tolist() == [10.0, 200.0]
    assert result.grad.numpy().tolist() == [10.0, 100.0]


def test_gradient_of_a_gradient():
    """x^3 by products alone: its derivatives at 2 are 12, 12 and 6."""
    x = ndl.Tensor([2.0])
    (x * x * x).backward()
    first = x.grad
    assert isinstance(first, ndl.Tensor)
    first.backward()
    second = x.grad
    second.backward()
    assert [g.numpy().tolist() for g in (first, second, x.grad)] == [[12.0], [12.0], [6.0]]


GIVEN = {
    "polynomial": (lambda x: x * x * x + x * 2 + 1, [(3,)]),
    "two arguments": (lambda x, y: (x + y) * (x * y) + y, [(2, 2), (2, 2)]),
    "reused": (lambda x, y: (x * y) * (x * y) + (x * y), [(4,), (4,)]),
}
YOURS = {
    "quotient": (lambda x, y: (x * y + 1) / (x**2 + y), [(3,), (3,)]),
    "powers": (lambda x, y: x**y + 2**x - 1 / y, [(2, 2), (2, 2)]),
    "a layer": (lambda X, W, b: ndl.exp(-(X @ W + b.broadcast_to((4, 2)))), [(4, 3), (3, 2), (1, 2)]),
    "normalised": (lambda x: x / x.sum(axes=1).reshape((3, 1)).broadcast_to((3, 4)), [(3, 4)]),
    "a quadratic form": (lambda x, A: x.transpose() @ A @ x, [(3, 1), (3, 3)]),
    "batched": (lambda A, B: ndl.log(A @ B).sum((0, 2)), [(2, 3, 4), (4, 2)]),
}


@pytest.mark.parametrize(("f", "shapes"), GIVEN.values(), ids=GIVEN)
def test_with_given_operators(f, shapes):
    check_gradients(f, [numbers(*shape, seed=i) for i, shape in enumerate(shapes)], order=2)


@pytest.mark.parametrize(("f", "shapes"), YOURS.values(), ids=YOURS)
def test_with_all_operators(f, shapes):
    check_gradients(f, [numbers(*shape, seed=i) for i, shape in enumerate(shapes)], order=2)


def test_a_long_sum_in_a_wide_graph():
    """300 paths from x to the result, each with its own factor."""
    x = ndl.Tensor([1.0])
    total = x * 1
    for factor in range(2, 301):
        total = total + x * factor
    total.backward()
    assert x.grad.numpy().tolist() == [300 * 301 / 2]


def submit_compute_gradient() -> None:
    """First and second derivatives of an expression with shared parts"""
    np.random.seed(3)
    x, y = ndl.Tensor(np.random.rand(3)), ndl.Tensor(np.random.rand(3))
    shared = x * y + x
    (shared * shared * y).backward()
    first = x.grad
    mugrade.submit(first.numpy())
    mugrade.submit(y.grad.numpy())
    mugrade.submit(shared.grad.numpy())
    first.backward()
    mugrade.submit(x.grad.numpy())
    mugrade.submit(y.grad.numpy())
