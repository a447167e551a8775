"""Tuples of tensors: made, taken apart, added, differentiated."""

from __future__ import annotations

import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import check_gradients


class Halves(ndl.autograd.TensorTupleOp):
    """The first and the second half of a vector, as user code would write it."""

    def compute(self, a):
        middle = len(a) // 2
        return a[:middle], a[middle:]

    def gradient(self, out_grad, node):
        return Joined()(out_grad[0], out_grad[1])


class Joined(ndl.autograd.TensorOp):
    """Two vectors, one after the other."""

    def compute(self, a, b):
        return np.concatenate([a, b])

    def gradient(self, out_grad, node):
        return Halves()(out_grad).tuple()


def test_an_operator_that_makes_a_tuple():
    halves = Halves()(ndl.Tensor([1.0, 2.0, 3.0, 4.0]))
    assert isinstance(halves, ndl.autograd.TensorTuple)
    assert len(halves) == 2
    assert [half.numpy().tolist() for half in halves.tuple()] == [[1.0, 2.0], [3.0, 4.0]]
    assert halves[-1].numpy().tolist() == [3.0, 4.0]
    assert repr(halves) == "needle.TensorTuple(needle.Tensor([1. 2.]), needle.Tensor([3. 4.]))"


def test_an_index_that_is_not_there():
    halves = ndl.make_tuple(ndl.Tensor([1.0]), ndl.Tensor([2.0]))
    for index in (2, -3):
        with pytest.raises(IndexError, match=f"index {index} is not in a TensorTuple of 2"):
            halves[index]
    assert len(list(halves)) == 2


def test_tuples_are_added_element_by_element():
    total = ndl.make_tuple(ndl.Tensor([1.0]), ndl.Tensor([2.0, 3.0])) + ndl.make_tuple(
        ndl.Tensor([10.0]), ndl.Tensor([20.0, 30.0])
    )
    assert [part.numpy().tolist() for part in total.tuple()] == [[11.0], [22.0, 33.0]]
    with pytest.raises(ValueError, match="a TensorTuple of 2 needs another of 2"):
        total + ndl.make_tuple(ndl.Tensor([1.0]))


def test_detach():
    x = ndl.Tensor([1.0, 2.0])
    cut = Halves()(x).detach()
    assert cut.is_leaf()
    assert not cut.requires_grad
    assert [part.numpy().tolist() for part in cut.tuple()] == [[1.0], [2.0]]


def test_gradients_through_tuples(rng):
    def both_parts(a):
        halves = Halves()(a)
        return halves[0] * halves[1] * halves[0]

    def one_part(a):
        return Halves()(a * a)[1]

    def made(a, b):
        pair = ndl.make_tuple(a * b, b)
        return pair[0] + pair[-1] * a

    check_gradients(both_parts, [rng.normal(size=4)])
    check_gradients(one_part, [rng.normal(size=4)])
    check_gradients(made, [rng.normal(size=3), rng.normal(size=3)])


@pytest.mark.usefixtures("lazy")
def test_lazy_tuples(rng):
    values = rng.normal(size=4)
    halves = Halves()(ndl.Tensor(values))
    assert halves.cached_data is None
    np.testing.assert_allclose((halves[0] * halves[1]).numpy(), values[:2] * values[2:])


def test_a_tensor_is_no_tuple():
    with pytest.raises(TypeError, match="tuple_get_item: expected a TensorTuple, got Tensor"):
        ndl.tuple_get_item(ndl.Tensor([1.0]), 0)
