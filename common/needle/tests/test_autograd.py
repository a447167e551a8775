"""Reverse mode on whole graphs: the lecture's example, higher orders, what is stored where, lazy mode."""

from __future__ import annotations

import gc
import math

import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import check_gradients


class Sin(ndl.autograd.TensorOp):
    """sin(a + shift): an operator as user code defines one. Its derivative is itself, a quarter of a period ahead."""

    def __init__(self, shift: float = 0.0) -> None:
        self.shift = shift

    def compute(self, a):
        return np.sin(a + self.shift)

    def gradient(self, out_grad, node):
        return out_grad * Sin(self.shift + math.pi / 2)(node.inputs[0])


def lecture(x1, x2):
    return ndl.log(x1) + x1 * x2 - Sin()(x2)


def test_the_lectures_example():
    """y = ln x1 + x1 x2 - sin x2 at (2, 5), and its derivatives by hand: 1 / x1 + x2 and x1 - cos x2."""
    x1, x2 = ndl.Tensor(2.0), ndl.Tensor(5.0)
    y = lecture(x1, x2)
    y.backward()
    np.testing.assert_allclose(y.numpy(), math.log(2) + 10 - math.sin(5), rtol=1e-12)
    np.testing.assert_allclose(y.numpy(), 11.65207, atol=5e-6)
    np.testing.assert_allclose(x1.grad.numpy(), 5.5, rtol=1e-12)
    np.testing.assert_allclose(x2.grad.numpy(), 1.71634, atol=5e-6)


def test_the_lectures_example_to_order_three():
    check_gradients(lecture, [np.array(2.0), np.array(5.0)], order=3)


def test_hessian_vector_product(rng):
    """The gradient of <grad f, v> is H v: for f(x) = sum log(1 + exp(A x)), with H = A' diag(s (1 - s)) A."""
    A, x, v = rng.normal(size=(4, 3)), rng.normal(size=(3, 1)), rng.normal(size=(3, 1))
    at = ndl.Tensor(x)
    ndl.log(ndl.exp(ndl.Tensor(A, requires_grad=False) @ at) + 1).sum().backward()
    (at.grad * ndl.Tensor(v, requires_grad=False)).sum().backward()
    chance = 1 / (1 + np.exp(-A @ x))
    np.testing.assert_allclose(at.grad.numpy(), A.T @ (chance * (1 - chance) * (A @ v)), rtol=1e-9)


def test_a_two_layer_network_to_order_two(rng):
    def loss(X, W1, W2):
        Z = ndl.relu(X @ W1) @ W2
        return (ndl.log(ndl.exp(Z).sum(axes=(1,))).sum() - Z.sum()) / X.shape[0]

    check_gradients(loss, [rng.uniform(0.5, 1, size=s) for s in ((4, 3), (3, 5), (5, 2))], modes=["projected"])


def test_every_node_gets_a_gradient_and_it_is_a_node():
    x = ndl.Tensor([1.0, 2.0])
    y = x * x
    z = y * y
    z.backward()
    for node in (x, y, z):
        assert isinstance(node.grad, ndl.Tensor)
        assert node.grad.shape == node.shape
    assert not x.grad.is_leaf()
    x.grad.backward()
    np.testing.assert_allclose(x.grad.numpy(), 12 * np.array([1.0, 2.0]) ** 2)


def test_gradients_are_assigned():
    x = ndl.Tensor([3.0])
    assert not hasattr(x, "grad")
    for _ in range(3):
        (x * x).backward()
        assert x.grad.numpy().tolist() == [6.0]
    x.reset_grad()
    assert x.grad is None


def test_a_result_that_is_no_number_means_its_sum(rng):
    values = rng.normal(size=(2, 3))
    x = ndl.Tensor(values)
    (x * x).backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * values)


def test_out_grad_must_fit():
    y = ndl.Tensor([1.0, 2.0]) * 2
    with pytest.raises(ValueError, match=r"backward: out_grad has shape \(1,\), but the tensor has \(2,\)"):
        y.backward(ndl.Tensor([1.0]))
    with pytest.raises(TypeError, match="backward: out_grad is not a Tensor but ndarray"):
        y.backward(np.ones(2))


def test_contributions_are_added_in_one_order_always(rng):
    """Bit for bit the same each time: floating point sums depend on their order."""
    values = rng.normal(size=50)

    def gradient():
        x = ndl.Tensor(values, dtype="float32")
        total = x * 0.1
        for factor in values:
            total = total + Sin()(x) * float(factor) * x
        total.backward()
        return x.grad.numpy().tobytes()

    assert len({gradient() for _ in range(3)}) == 1


def test_results_of_constants_forget_their_inputs():
    constant, variable = ndl.Tensor([2.0], requires_grad=False), ndl.Tensor([3.0])
    product = constant * constant
    assert product.is_leaf()
    assert not product.requires_grad
    mixed = product * variable
    assert [each is value for each, value in zip(mixed.inputs, (product, variable), strict=True)] == [True, True]
    assert mixed.requires_grad
    assert mixed.cached_data is not None


@pytest.mark.usefixtures("lazy")
def test_lazy_mode_computes_when_asked(rng):
    values = rng.normal(size=(2, 2))
    x = ndl.Tensor(values)
    y = x @ x + x
    assert y.cached_data is None
    assert y.inputs[0].cached_data is None
    np.testing.assert_allclose(y.numpy(), values @ values + values)
    assert y.inputs[0].cached_data is not None
    y.backward()
    assert x.grad.cached_data is None
    ones = np.ones((2, 2))
    np.testing.assert_allclose(x.grad.numpy(), ones @ values.T + values.T @ ones + ones)


@pytest.mark.usefixtures("lazy")
def test_lazy_mode_keeps_constants_in_the_graph():
    y = ndl.Tensor([1.0], requires_grad=False) * 2
    assert not y.is_leaf()
    assert not y.requires_grad


@pytest.mark.usefixtures("lazy")
def test_lazy_mode_computes_each_node_once():
    calls = []

    class Counted(ndl.autograd.TensorOp):
        def compute(self, a):
            calls.append(1)
            return a + 1

    x = Counted()(ndl.Tensor([1.0]))
    y = (x + x) * x
    assert y.numpy().tolist() == [8.0]
    assert len(calls) == 1


@pytest.mark.usefixtures("lazy")
def test_lazy_mode_reports_shapes_when_it_computes():
    y = ndl.Tensor([1.0]) + ndl.Tensor([1.0, 2.0])
    with pytest.raises(ValueError, match=r"add: shapes \(1,\) and \(2,\) differ"):
        y.realize_cached_data()


def test_lazy_mode_is_read_at_run_time():
    x = ndl.Tensor([1.0])
    ndl.autograd.LAZY_MODE = True
    try:
        lazy = x * 2
    finally:
        ndl.autograd.LAZY_MODE = False
    eager = x * 2
    assert lazy.cached_data is None
    assert eager.cached_data is not None


def test_the_counter_counts_what_is_alive(alive):
    x = ndl.Tensor([1.0])
    assert alive[0] + 1 == ndl.autograd.TENSOR_COUNTER
    y = x * x
    assert alive[0] + 2 == ndl.autograd.TENSOR_COUNTER
    y.backward()
    assert alive[0] + 2 < ndl.autograd.TENSOR_COUNTER
    del x, y
    gc.collect()
    assert alive[0] == ndl.autograd.TENSOR_COUNTER


def test_the_counter_survives_a_tensor_that_was_never_finished(alive):
    with pytest.raises(TypeError, match="expected numbers"):
        ndl.Tensor(["a", "b"])
    gc.collect()
    assert alive[0] == ndl.autograd.TENSOR_COUNTER


def wrong_gradient(result):
    class Wrong(ndl.autograd.TensorOp):
        def compute(self, a, b):
            return a + b

        def gradient(self, out_grad, node):
            return result(out_grad)

    out = Wrong()(ndl.Tensor([1.0, 2.0]), ndl.Tensor([3.0, 4.0]))
    return lambda: out.op.gradient_as_tuple(ndl.Tensor([1.0, 1.0]), out)


def test_what_a_gradient_may_not_be():
    with pytest.raises(ValueError, match=r"Wrong\.gradient: expected a gradient for each of 2 inputs, got 1"):
        wrong_gradient(lambda g: g)()
    with pytest.raises(TypeError, match=r"Wrong\.gradient: expected a Tensor for input 1, got ndarray"):
        wrong_gradient(lambda g: (g, g.numpy()))()
    with pytest.raises(ValueError, match=r"the gradient for input 0 has shape \(1,\), but the input has \(2,\)"):
        wrong_gradient(lambda g: (g.sum().reshape((1,)), g))()
    assert len(wrong_gradient(lambda g: [g, g])()) == 2


@pytest.mark.parametrize("result", [None, "text", {}])
def test_what_compute_may_not_return(result):
    class Wrong(ndl.autograd.TensorOp):
        def compute(self, a):
            return result

    with pytest.raises(TypeError, match=rf"Wrong\.compute: expected to return an array, got {type(result).__name__}"):
        Wrong()(ndl.Tensor([1.0]))


def test_compute_may_not_return_a_tensor():
    class Wrong(ndl.autograd.TensorOp):
        def compute(self, a):
            return ndl.Tensor(a)

    with pytest.raises(TypeError, match=r"Wrong\.compute: expected to return an array, got Tensor of shape \(1,\)"):
        Wrong()(ndl.Tensor([1.0]))


def test_an_operator_without_compute_or_gradient_says_so():
    class Nothing(ndl.autograd.TensorOp):
        pass

    with pytest.raises(NotImplementedError, match=r"Nothing\.compute"):
        Nothing()(ndl.Tensor([1.0]))
    with pytest.raises(NotImplementedError, match="neither a TensorOp nor a TensorTupleOp"):
        ndl.autograd.Op()(ndl.Tensor([1.0]))
