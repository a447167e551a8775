"""The fused operator: one input, two results, each with its own way into the gradient."""

from __future__ import annotations

import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import check_gradients


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values(shape, dtype, rng):
    x = ndl.Tensor(rng.normal(size=shape), dtype=dtype)
    pair = ndl.fused_add_scalars(x, 1.5, -2)
    assert isinstance(pair, ndl.autograd.TensorTuple)
    assert len(pair) == 2
    for part, number in zip(pair.tuple(), (1.5, -2), strict=True):
        assert isinstance(part.numpy(), np.ndarray)
        assert (part.shape, part.dtype) == (shape, dtype)
        np.testing.assert_allclose(part.numpy(), x.numpy() + number, rtol=1e-6)


def test_one_node_makes_both_results(alive):
    x = ndl.Tensor([1.0])
    pair = ndl.fused_add_scalars(x, 1, 2)
    assert alive[0] + 2 == ndl.autograd.TENSOR_COUNTER
    first, second = pair[0], pair[1]
    assert first.inputs[0] is second.inputs[0] is pair
    assert pair.inputs == [x]


@pytest.mark.parametrize("used", [(0,), (1,), (0, 1), (0, 0, 1)], ids=str)
def test_a_gradient_for_each_use(used):
    """Each use of either result adds its own adjoint, once."""
    x = ndl.Tensor([1.0, 2.0])
    pair = ndl.fused_add_scalars(x, 10.0, 20.0)
    total = sum((pair[i] * (place + 3.0)).sum() for place, i in enumerate(used))
    total.backward()
    assert x.grad.numpy().tolist() == [sum(place + 3.0 for place in range(len(used)))] * 2


def test_gradients_to_order_two(rng):
    def product(x):
        pair = ndl.fused_add_scalars(x, 0.7, -1.3)
        return pair[0] * pair[1]

    def one_of_two(x):
        return ndl.exp(ndl.fused_add_scalars(x * x, 0.7, -1.3)[1])

    def nested(x, y):
        inner = ndl.fused_add_scalars(x, 1.0, 2.0)
        outer = ndl.fused_add_scalars(inner[0] * y, 3.0, 4.0)
        return outer[0] * outer[1] + inner[1]

    shape = (2, 3)
    check_gradients(product, [rng.normal(size=shape)])
    check_gradients(one_of_two, [rng.normal(size=shape)])
    check_gradients(nested, [rng.normal(size=shape), rng.normal(size=shape)])


def test_the_product_of_both_is_a_parabola():
    """(x + a) (x + b): the derivative is 2 x + a + b, its derivative 2."""
    x = ndl.Tensor([5.0])
    pair = ndl.fused_add_scalars(x, 2.0, 3.0)
    (pair[0] * pair[1]).backward()
    first = x.grad
    assert first.numpy().tolist() == [15.0]
    first.backward()
    assert x.grad.numpy().tolist() == [2.0]


def test_a_constant_gives_constants():
    pair = ndl.fused_add_scalars(ndl.init.ones(2), 1.0, 2.0)
    assert pair.is_leaf()
    assert not pair[0].requires_grad


@pytest.mark.usefixtures("lazy")
def test_lazily():
    x = ndl.Tensor([1.0, 2.0])
    pair = ndl.fused_add_scalars(x, 1.0, 2.0)
    assert pair.cached_data is None
    out = (pair[0] * pair[1]).sum()
    out.backward()
    assert float(out.numpy()) == 2 * 3 + 3 * 4
    assert x.grad.numpy().tolist() == [5.0, 7.0]


def test_something_else_than_a_tensor():
    with pytest.raises(TypeError, match="FusedAddScalars: argument 0 is not a Tensor but ndarray"):
        ndl.fused_add_scalars(np.ones(2), 1, 2)
