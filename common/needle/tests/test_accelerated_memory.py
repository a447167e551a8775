"""Graphs go as soon as nobody has them, without the garbage collector; gradients stay with who holds a value."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import needle as ndl
import numpy as np
import pytest
from needle import nn


@pytest.fixture
def no_collector() -> Iterator[None]:
    """What circles keep alive stays alive."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def tensor(rng: np.random.Generator, *shape: int) -> ndl.Tensor:
    return ndl.Tensor(rng.standard_normal(shape))


def test_training_steps_leave_nothing_behind(rng, no_collector):
    np.random.seed(0)
    layers = (
        nn.Linear(6, 8),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Residual(nn.Linear(8, 8)),
        nn.LayerNorm1d(8),
        nn.Linear(8, 3),
    )
    model, loss_fn = nn.Sequential(*layers), nn.SoftmaxLoss()
    opt = ndl.optim.Adam(model.parameters(), lr=1e-3)
    counts = []
    for _ in range(5):
        inputs = ndl.Tensor(rng.standard_normal((4, 6)), requires_grad=False)
        labels = ndl.Tensor(rng.integers(0, 3, 4), requires_grad=False)
        logits = model(inputs)
        loss = loss_fn(logits, labels)
        opt.reset_grad()
        loss.backward()
        opt.step()
        counts.append(ndl.autograd.TENSOR_COUNTER)
    assert len(set(counts[1:])) == 1, counts


def test_a_recurrent_network_leaves_nothing_behind(rng, no_collector):
    np.random.seed(0)
    model = nn.LSTM(3, 4, num_layers=2)
    opt = ndl.optim.SGD(model.parameters(), lr=0.1)
    state, counts = None, []
    for _ in range(5):
        outputs, state = model(ndl.Tensor(rng.standard_normal((5, 2, 3)), requires_grad=False), state)
        loss = (outputs * outputs).sum()
        opt.reset_grad()
        loss.backward()
        opt.step()
        state = tuple(each.detach() for each in state)
        counts.append(ndl.autograd.TENSOR_COUNTER)
    assert len(set(counts[1:])) == 1, counts


@pytest.mark.parametrize("named", [False, True], ids=["of an expression", "of a variable"])
def test_whoever_holds_a_value_has_its_gradient(rng, named):
    def middle() -> tuple[ndl.Tensor, ndl.Tensor]:
        x = tensor(rng, 3)
        square = x * x
        if named:
            total = (square * x).sum()
            total.backward()
        else:
            (square * x).sum().backward()
        return x, square

    x, square = middle()
    np.testing.assert_allclose(square.grad.numpy(), x.numpy(), rtol=1e-5)
    np.testing.assert_allclose(x.grad.numpy(), 3 * x.numpy() ** 2, rtol=1e-5)


def test_values_that_share_a_gradient(rng):
    """Addition hands one tensor on to both of its arguments."""
    x, y = tensor(rng, 3), tensor(rng, 3)
    left, right = x * y, x * 2
    ((left + right) * x).sum().backward()
    np.testing.assert_array_equal(left.grad.numpy(), x.numpy())
    np.testing.assert_array_equal(right.grad.numpy(), x.numpy())
    np.testing.assert_allclose(x.grad.numpy(), (2 * x * y + 4 * x).numpy(), rtol=1e-5)
    np.testing.assert_allclose(y.grad.numpy(), (x * x).numpy(), rtol=1e-5)


@pytest.mark.parametrize("op", [ndl.exp, ndl.tanh, lambda x: x**2], ids=["exp", "tanh", "square"])
def test_the_collector_takes_no_gradient_away(rng, op):
    """exp's gradient is made of its result, on which backward is called: a circle, which the collector takes."""
    x, out_grad = tensor(rng, 3), tensor(rng, 3)
    op(x).backward(out_grad)
    expected = x.grad.numpy().copy()
    gc.collect()
    gc.collect()
    np.testing.assert_array_equal(x.grad.numpy(), expected)
    x.grad.sum().backward()
    gc.collect()
    assert x.grad.shape == (3,)


def test_every_value_has_a_gradient_while_the_result_lives(rng):
    x = tensor(rng, 3)
    total = ndl.exp(x * 2).sum()
    total.backward()
    values = ndl.autograd.find_topo_sort([total])
    assert all(value.grad.shape == value.shape for value in values)
    np.testing.assert_allclose(total.inputs[0].inputs[0].grad.numpy(), np.exp(2 * x.numpy()), rtol=1e-5)


def test_gradients_of_gradients_of_a_result_that_is_gone(rng):
    x = tensor(rng, 4)
    (x**3).sum().backward()
    first = x.grad
    first.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 6 * x.numpy(), rtol=1e-4)
    np.testing.assert_allclose(first.grad.numpy(), 1)


def test_two_passes_over_one_graph(rng):
    """The second overwrites what the first found, and its gradients stay when the results go."""
    x = tensor(rng, 3)
    square = x * x
    one, two = square.sum(), (square * 5).sum()
    one.backward()
    two.backward()
    del one
    np.testing.assert_allclose(square.grad.numpy(), 5)
    del two
    np.testing.assert_allclose(square.grad.numpy(), 5)
    np.testing.assert_allclose(x.grad.numpy(), 10 * x.numpy(), rtol=1e-5)


def test_before_the_first_pass_there_is_none(rng):
    x = tensor(rng, 3)
    assert not hasattr(x, "grad")
    with pytest.raises(AttributeError, match="no gradient yet"):
        _ = x.grad
    x.reset_grad()
    assert x.grad is None
    (x * x).sum().backward()
    del x.grad
    assert not hasattr(x, "grad")
