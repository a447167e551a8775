"""hw2, initialisation: the bounds, the spread and the draw behind each, and what they do to a deep network."""

import math

import mugrade
import needle as ndl
import numpy as np
import pytest

UNIFORM = {
    "xavier_uniform": lambda fan_in, fan_out: (6 / (fan_in + fan_out)) ** 0.5,
    "kaiming_uniform": lambda fan_in, fan_out: (6 / fan_in) ** 0.5,
}
NORMAL = {
    "xavier_normal": lambda fan_in, fan_out: (2 / (fan_in + fan_out)) ** 0.5,
    "kaiming_normal": lambda fan_in, fan_out: (2 / fan_in) ** 0.5,
}
NAMES = [*UNIFORM, *NORMAL]
# Wide, tall and square: a fan_in in the place of fan_out shows in the first two.
FANS = [(150, 400), (400, 150), (250, 250)]


def drawn(name, *fans, seed=11, **keywords):
    np.random.seed(seed)
    return getattr(ndl.init, name)(*fans, **keywords)


@pytest.mark.parametrize("fans", FANS, ids=str)
@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_numbers_fill_the_interval_up_to_its_bounds(name, fans):
    weights = drawn(name, *fans).numpy()
    bound = UNIFORM[name](*fans)
    assert weights.shape == fans
    assert np.abs(weights).max() <= bound * (1 + 1e-6)
    assert weights.max() > 0.999 * bound
    assert weights.min() < -0.999 * bound
    # The mean of n such numbers is off by bound / sqrt(3n): here by less than a hundredth of the bound.
    np.testing.assert_allclose(weights.mean() / bound, 0, atol=0.02)
    np.testing.assert_allclose(weights.std() / bound, 1 / math.sqrt(3), rtol=0.02)


@pytest.mark.parametrize("fans", FANS, ids=str)
@pytest.mark.parametrize("name", NORMAL)
def test_normal_numbers_have_the_standard_deviation(name, fans):
    weights = drawn(name, *fans).numpy() / NORMAL[name](*fans)
    assert weights.shape == fans
    np.testing.assert_allclose(weights.mean(), 0, atol=0.02)
    np.testing.assert_allclose(weights.std(), 1, rtol=0.02)
    # A normal number is beyond one standard deviation with probability 1 - erf(1 / sqrt(2)), beyond two less often.
    for deviations in (1, 2):
        share = (np.abs(weights) > deviations).mean()
        np.testing.assert_allclose(share, 1 - math.erf(deviations / math.sqrt(2)), atol=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_one_draw_makes_all_the_numbers(name):
    """One call of np.random.rand or randn with the shape (fan_in, fan_out), and nothing is drawn after it."""
    found = drawn(name, 7, 4).numpy()
    after = np.random.rand()
    np.random.seed(11)
    if name in UNIFORM:
        expected = (2 * np.random.rand(7, 4) - 1) * UNIFORM[name](7, 4)
    else:
        expected = np.random.randn(7, 4) * NORMAL[name](7, 4)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert after == np.random.rand(), "more or less was drawn than the numbers of the weights"


@pytest.mark.parametrize("name", ["xavier_uniform", "xavier_normal"])
def test_the_gain_stretches_xavier(name):
    plain, stretched = drawn(name, 6, 5), drawn(name, 6, 5, gain=2.5)
    np.testing.assert_allclose(stretched.numpy(), 2.5 * plain.numpy(), rtol=1e-5)
    np.testing.assert_array_equal(drawn(name, 6, 5, 2.5).numpy(), stretched.numpy(), err_msg="gain as third argument")


@pytest.mark.parametrize("name", NAMES)
def test_the_result_is_a_float32_tensor_unless_asked_for_otherwise(name):
    plain = drawn(name, 3, 2)
    assert isinstance(plain, ndl.Tensor)
    assert (plain.dtype, plain.requires_grad) == ("float32", False)
    other = drawn(name, 3, 2, dtype="float64", requires_grad=True, device=ndl.default_device())
    assert (other.dtype, other.requires_grad, other.device) == (
        ndl.Tensor([1.0], dtype="float64").dtype,
        True,
        ndl.default_device(),
    )
    np.testing.assert_allclose(other.numpy(), plain.numpy(), rtol=1e-6)


@pytest.mark.parametrize("name", ["kaiming_uniform", "kaiming_normal"])
def test_kaiming_is_made_for_relu(name):
    np.testing.assert_array_equal(drawn(name, 3, 2, "relu").numpy(), drawn(name, 3, 2, nonlinearity="relu").numpy())


def test_kaiming_uniform_with_a_shape_of_its_own():
    """A convolution's weights have four axes; their bound is that of the fan_in all the same."""
    weights = drawn("kaiming_uniform", 3 * 3 * 20, 50, shape=(3, 3, 20, 50)).numpy()
    assert weights.shape == (3, 3, 20, 50)
    np.testing.assert_allclose(np.abs(weights).max(), math.sqrt(6 / 180), rtol=1e-3)


@pytest.mark.parametrize("name", ["kaiming_uniform", "kaiming_normal"])
def test_kaiming_keeps_activations_alive_through_twenty_layers(name):
    """With half or twice the variance, they would be a million times smaller or larger at the end."""
    np.random.seed(12)
    x = np.random.randn(100, 128)
    before = (x**2).mean()
    for _ in range(20):
        x = np.clip(x @ getattr(ndl.init, name)(128, 128).numpy(), 0, None)
    # A ReLU halves the mean square and the weights double it; what remains is chance.
    assert 1 / 8 < (x**2).mean() / before < 8


@pytest.mark.parametrize("name", ["xavier_uniform", "xavier_normal"])
def test_xavier_keeps_linear_layers_alive_forward_and_backward(name):
    """Forward through W as well as backward through its transpose: the reason for the mean of fan_in and fan_out."""
    np.random.seed(13)
    forward, backward = (np.random.randn(50, 128) for _ in range(2))
    for _ in range(20):
        weights = getattr(ndl.init, name)(128, 128).numpy()
        forward, backward = forward @ weights, backward @ weights.T
    for x in (forward, backward):
        assert 1 / 8 < (x**2).mean() < 8


def submit_init() -> None:
    """The four initialisations, one after the other"""
    np.random.seed(21)
    mugrade.submit(ndl.init.xavier_uniform(4, 3).numpy())
    mugrade.submit(ndl.init.xavier_normal(4, 3, gain=2.0).numpy())
    mugrade.submit(ndl.init.kaiming_uniform(4, 3).numpy())
    mugrade.submit(ndl.init.kaiming_normal(4, 3).numpy())
