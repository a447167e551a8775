"""Initialisers: their spread and their draws, and what the lectures say about the right spread for deep networks."""

from __future__ import annotations

import math

import needle as ndl
import numpy as np
import pytest
from needle import nn

FANS = [(100, 400), (400, 100), (250, 250)]

# name -> the variance that its numbers must have
EXPECTED = {
    "xavier_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "xavier_normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "kaiming_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "kaiming_normal": lambda fan_in, fan_out: 2 / fan_in,
}


@pytest.mark.parametrize("fans", FANS, ids=str)
@pytest.mark.parametrize("name", EXPECTED)
def test_variance(name, fans):
    np.random.seed(31)
    weights = getattr(ndl.init, name)(*fans).numpy()
    assert weights.shape == fans
    assert weights.dtype == "float32"
    variance = EXPECTED[name](*fans)
    assert abs(weights.mean()) < 5 * math.sqrt(variance / weights.size)
    assert weights.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / weights.size))
    if name.endswith("uniform"):
        bound = math.sqrt(3 * variance)
        assert 0.999 * bound < np.abs(weights).max() <= np.float32(bound)
    else:
        assert np.abs(weights).max() > 3 * math.sqrt(variance), "a normal distribution has tails"


@pytest.mark.parametrize("name", ["xavier_uniform", "xavier_normal"])
def test_gain_scales_the_same_numbers(name):
    np.random.seed(32)
    plain = getattr(ndl.init, name)(5, 7, dtype="float64").numpy()
    np.random.seed(32)
    scaled = getattr(ndl.init, name)(5, 7, gain=3.0, dtype="float64").numpy()
    np.testing.assert_allclose(scaled, 3 * plain, rtol=1e-12)


@pytest.mark.parametrize("name", EXPECTED)
def test_one_draw_of_the_shape(name):
    draw = np.random.rand if name.endswith("uniform") else np.random.randn
    np.random.seed(33)
    found, after = getattr(ndl.init, name)(5, 7, dtype="float64").numpy(), np.random.rand()
    np.random.seed(33)
    drawn, expected_after = draw(5, 7), np.random.rand()
    assert after == expected_after
    drawn = (2 * drawn - 1) * math.sqrt(3) if draw is np.random.rand else drawn
    np.testing.assert_allclose(found, drawn * math.sqrt(EXPECTED[name](5, 7)), rtol=1e-12, atol=1e-15)


def test_a_shape_beside_the_fans():
    np.random.seed(34)
    weights = ndl.init.kaiming_uniform(27, 8, shape=(3, 3, 3, 80)).numpy()
    assert weights.shape == (3, 3, 3, 80)
    assert 0.99 * math.sqrt(6 / 27) < np.abs(weights).max() <= np.float32(math.sqrt(6 / 27))


@pytest.mark.parametrize("name", EXPECTED)
def test_options(name):
    made = getattr(ndl.init, name)(2, 3, device=ndl.cpu(), dtype="float64", requires_grad=True)
    assert (made.dtype, made.device, made.requires_grad) == ("float64", ndl.cpu(), True)
    assert not getattr(ndl.init, name)(2, 3).requires_grad


@pytest.mark.parametrize("fans", [(0, 3), (3, 0), (-1, 1)], ids=str)
@pytest.mark.parametrize("name", EXPECTED)
def test_fans_below_one(name, fans):
    with pytest.raises(ValueError, match=f"one input and one output or more, not {fans[0]} and {fans[1]}"):
        getattr(ndl.init, name)(*fans)


@pytest.mark.parametrize("name", ["kaiming_uniform", "kaiming_normal"])
def test_a_gain_that_is_not_known(name):
    with pytest.raises(ValueError, match="for 'relu' only, not for 'tanh'"):
        getattr(ndl.init, name)(2, 3, nonlinearity="tanh")


def growth_by_layer(variance: float, *, width: int = 200, depth: int = 30) -> tuple[float, float]:
    """The factor by which a layer of ReLUs changes the mean square of activations, and of gradients on the way back."""
    x = nn.Parameter(ndl.init.randn(20, width))
    out = x
    for _ in range(depth):
        out = ndl.relu(out @ ndl.init.randn(width, width, std=math.sqrt(variance)))
    adjoint = ndl.init.randn(*out.shape)
    out.backward(adjoint)
    pairs = ((out, x), (x.grad, adjoint))
    forward, backward = (((last.numpy() ** 2).mean() / (first.numpy() ** 2).mean()) for last, first in pairs)
    return float(forward) ** (1 / depth), float(backward) ** (1 / depth)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_only_two_over_n_keeps_a_deep_network_of_relus_level(times):
    """A ReLU keeps half of the mean square: variance 1/n halves it at each layer, 2/n keeps it, 3/n grows it by half.

    So do gradients on their way back. The logarithm of a measured factor is off by about sqrt(5 / 200 / 30) = 0.03.
    """
    np.random.seed(35)
    for found in growth_by_layer(times / 200):
        assert math.log(found) == pytest.approx(math.log(times / 2), abs=0.13)


def test_after_thirty_layers_the_wrong_variance_has_vanished_or_exploded():
    np.random.seed(36)
    small, right, large = (growth_by_layer(times / 200)[0] ** 30 for times in (1, 2, 3))
    assert small < 1e-6
    assert 0.02 < right < 50
    assert large > 1e3


def test_xavier_keeps_linear_layers_level_in_both_directions():
    np.random.seed(37)
    x = nn.Parameter(ndl.init.randn(20, 200))
    out = x
    for _ in range(20):
        out = out @ ndl.init.xavier_normal(200, 200)
    adjoint = ndl.init.randn(*out.shape)
    out.backward(adjoint)
    for last, first in ((out, x), (x.grad, adjoint)):
        ratio = (last.numpy() ** 2).mean() / (first.numpy() ** 2).mean()
        assert math.log(ratio) / 20 == pytest.approx(0, abs=0.13)


def classification(count: int = 200, dim: int = 50):
    """Points whose class is told by the sign of two of their coordinates, and labels 0 to 3."""
    x = np.random.randn(count, dim).astype("float32")
    return ndl.Tensor(x, requires_grad=False), ndl.Tensor(2 * (x[:, 0] > 0) + (x[:, 1] > 0), requires_grad=False)


def train(model, x, y, steps, lr):
    """Gradient descent, and the loss before each step."""
    optimizer = ndl.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.reset_grad()
        loss = nn.SoftmaxLoss()(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.numpy()))
    return losses


def test_zero_weights_are_a_fixed_point():
    """No hidden unit is active and no weight gets a gradient: descent stands where it is, at chance."""
    np.random.seed(38)
    x, y = classification()
    model = nn.Sequential(nn.Linear(50, 20, bias=False), nn.ReLU(), nn.Linear(20, 4, bias=False))
    for weight in model.parameters():
        weight.data = ndl.zeros_like(weight)
    losses = train(model, x, y, steps=10, lr=1.0)
    assert all(not weight.numpy().any() and not weight.grad.numpy().any() for weight in model.parameters())
    np.testing.assert_allclose(losses, math.log(4), rtol=1e-6)


def test_equal_units_stay_equal():
    """Constant weights are little better: hidden units that begin alike are alike for ever."""
    np.random.seed(39)
    x, y = classification()
    model = nn.Sequential(nn.Linear(50, 20), nn.ReLU(), nn.Linear(20, 4))
    for parameter in model.parameters():
        parameter.data = ndl.init.constant(*parameter.shape, c=0.05)
    losses = train(model, x, y, steps=20, lr=0.5)
    first, second = model.modules[0].weight.numpy(), model.modules[2].weight.numpy()
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(first, np.tile(first[:, :1], 20), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(second, np.tile(second[:1], (20, 1)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_weights_stay_near_where_they_began(times):
    """Training changes what a network does much more than it changes its weights: their spread stays what it was."""
    np.random.seed(40)
    x, y = classification(100)
    first, second = nn.Linear(50, 200), nn.Linear(200, 4)
    first.weight.data = ndl.init.randn(50, 200, std=math.sqrt(times / 50))
    start = first.weight.numpy().copy()
    losses = train(nn.Sequential(first, nn.ReLU(), second), x, y, steps=40, lr=0.5)
    assert losses[-1] < 0.3 * losses[0]
    moved = first.weight.numpy() - start
    assert np.linalg.norm(moved) < 0.2 * np.linalg.norm(start)
    assert first.weight.numpy().var() == pytest.approx(times / 50, rel=0.1)
