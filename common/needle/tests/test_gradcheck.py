"""The gradient check itself: what it measures is right, and it notices each kind of wrong gradient."""

from __future__ import annotations

import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import (
    DIRECTIONS,
    ELEMENTWISE_LIMIT,
    GradientError,
    check_gradients,
    directional_derivative,
    numerical_gradient,
)

MODES = ["elementwise", "projected"]


class Cube(ndl.autograd.TensorOp):
    """a^3, with a gradient that the subclasses get wrong."""

    def compute(self, a):
        return a * a * a

    def gradient(self, out_grad, node):
        (a,) = node.inputs
        return out_grad * a * a * 3


class TooLarge(Cube):
    def gradient(self, out_grad, node):
        return super().gradient(out_grad, node) * 1.001


class OneElementWrong(Cube):
    def gradient(self, out_grad, node):
        mask = np.ones(node.shape)
        mask.flat[-1] = -1
        return super().gradient(out_grad, node) * ndl.Tensor(mask)


class NotANumber(Cube):
    def gradient(self, out_grad, node):
        return super().gradient(out_grad, node) * float("nan")


class ForgetsOutGrad(Cube):
    def gradient(self, out_grad, node):
        (a,) = node.inputs
        return a * a * 3


class NoSecondGradient(Cube):
    """Right at order 1; its gradient is made from an array, so it is a constant to the graph."""

    def gradient(self, out_grad, node):
        return out_grad * ndl.Tensor(node.inputs[0].numpy() ** 2 * 3)


class HalfSecondGradient(Cube):
    """Right at order 1; one of the factors is cut off from the graph."""

    def gradient(self, out_grad, node):
        (a,) = node.inputs
        return out_grad * a * a.detach() * 3


def test_numerical_gradient_of_a_quadratic_form(rng):
    A, x = rng.normal(size=(3, 3)), rng.normal(size=3)
    by_A, by_x = numerical_gradient(lambda A, x: float(x @ A @ x), [A, x])
    np.testing.assert_allclose(by_A, np.outer(x, x), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(by_x, (A + A.T) @ x, rtol=1e-8, atol=1e-8)


def test_numerical_gradient_leaves_its_arguments_alone(rng):
    x = rng.normal(size=(2, 3))
    before = x.copy()
    numerical_gradient(lambda x: float((x**2).sum()), [x])
    assert (x == before).all()


def test_its_error_falls_with_the_square_of_the_step():
    """Halving the step divides the error by four, as long as rounding does not matter."""
    steps = [0.1, 0.05, 0.025]
    errors = [abs(numerical_gradient(np.exp, [np.array(0.3)], eps=eps)[0] - np.exp(0.3)) for eps in steps]
    np.testing.assert_allclose([errors[0] / errors[1], errors[1] / errors[2]], 4, rtol=1e-2)


def test_directional_derivative(rng):
    x, direction = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    found = directional_derivative(lambda x: float((x**3).sum()), [x], [direction])
    np.testing.assert_allclose(found, (3 * x**2 * direction).sum(), rtol=1e-8)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_right_gradients_pass(mode, order, rng):
    check_gradients(lambda a: Cube()(a), [rng.normal(size=(2, 2))], order=order, modes=[mode])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wrong", [TooLarge, OneElementWrong, NotANumber, ForgetsOutGrad])
def test_wrong_gradients_are_noticed(wrong, mode, rng):
    with pytest.raises(GradientError, match=rf"{wrong.__name__}, order 1, {mode}"):
        check_gradients(lambda a: wrong()(a), [rng.uniform(0.5, 2, size=(2, 3))], order=1, modes=[mode])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wrong", [NoSecondGradient, HalfSecondGradient])
def test_wrong_second_gradients_are_noticed_at_order_2(wrong, mode, rng):
    args = [rng.uniform(0.5, 2, size=(2, 3))]
    check_gradients(lambda a: wrong()(a), args, order=1, modes=[mode])
    with pytest.raises(GradientError, match=rf"the gradient of {wrong.__name__} by argument 0, order 2, {mode}"):
        check_gradients(lambda a: wrong()(a), args, order=2, modes=[mode])


@pytest.mark.parametrize("wrong", [TooLarge, OneElementWrong])
def test_wrong_gradients_are_noticed_through_one_operator(wrong, rng):
    args = [rng.uniform(0.5, 2, size=(2, 3))]
    check_gradients(lambda a: Cube()(a), args, order=1, through="op")
    with pytest.raises(GradientError, match=wrong.__name__):
        check_gradients(lambda a: wrong()(a), args, order=1, through="op")


def test_swapped_gradients_are_noticed(rng):
    class Quotient(ndl.autograd.TensorOp):
        def compute(self, a, b):
            return a / b

        def gradient(self, out_grad, node):
            a, b = node.inputs
            return -out_grad * a / (b * b), out_grad / b

    with pytest.raises(GradientError, match="argument 0"):
        check_gradients(lambda a, b: Quotient()(a, b), [rng.uniform(1, 2, size=3) for _ in range(2)], order=1)


@pytest.mark.parametrize("seed", range(40))
def test_two_errors_of_one_size_do_not_cancel(seed):
    """With steps of +-1, all of one size, each direction would miss them half the time."""

    class Total(ndl.autograd.TensorOp):
        def compute(self, a):
            return a.sum()

        def gradient(self, out_grad, node):
            error = np.zeros(node.inputs[0].shape)
            error[:2] = 1
            return ndl.broadcast_to(out_grad, error.shape) * ndl.Tensor(1 + error)

    with pytest.raises(GradientError, match="Total"):
        check_gradients(lambda a: Total()(a), [np.ones(1000)], order=1, modes=["projected"], seed=seed)


def test_the_message_shows_where_and_by_how_much():
    with pytest.raises(GradientError) as caught:
        check_gradients(lambda a: OneElementWrong()(a), [np.array([[1.0, 2.0], [3.0, 4.0]])], order=1)
    message = str(caught.value)
    assert "OneElementWrong, order 1, elementwise, argument 0 of shape (2, 2): 1 of 4 differ, most at [1, 1]" in message
    found, numeric = (float(message.split(word)[1].split()[0].strip(",")) for word in ("gradient ", "difference "))
    assert found == pytest.approx(-numeric)
    assert abs(numeric) >= 0.5 * 48


def test_an_argument_that_does_not_matter(rng):
    check_gradients(lambda a, b: a * 2, [rng.normal(size=3), rng.normal(size=2)])


def test_a_function_that_does_not_depend_on_an_argument_but_says_so(rng):
    """Its gradient is right only if none is found."""
    with pytest.raises(GradientError, match="argument 1"):
        check_gradients(lambda a, b: ndl.add(a, b.detach()), [rng.normal(size=3), rng.normal(size=3)], order=1)


def test_an_argument_used_twice_by_one_operator(rng):
    check_gradients(lambda a: ndl.multiply(a, a), [rng.normal(size=3)], order=1, through="op")


def test_large_arguments_are_projected(rng):
    """So few evaluations that they cannot have been elementwise; a wrong gradient is noticed all the same."""
    calls = []

    def counted(a):
        calls.append(1)
        return Cube()(a)

    args = [rng.uniform(0.5, 1, size=ELEMENTWISE_LIMIT + 1)]
    check_gradients(counted, args, order=1)
    assert len(calls) <= 2 * DIRECTIONS + 2
    with pytest.raises(GradientError, match="projected"):
        check_gradients(lambda a: TooLarge()(a), args, order=1)


def test_float32_arguments_are_checked_in_float64(rng):
    check_gradients(ndl.exp, [ndl.Tensor(rng.normal(size=3), dtype="float32")])


def test_the_global_generator_is_not_used(rng):
    np.random.seed(1)
    expected = np.random.rand()
    np.random.seed(1)
    check_gradients(lambda a: a * a, [rng.normal(size=3)], modes=MODES)
    assert np.random.rand() == expected


def test_arguments_that_make_no_sense():
    with pytest.raises(ValueError, match="expected order=1, got order=2"):
        check_gradients(ndl.exp, [np.ones(2)], through="op")
    with pytest.raises(ValueError, match="modes: expected some of"):
        check_gradients(ndl.exp, [np.ones(2)], modes=["element"])
    with pytest.raises(ValueError, match="one operator to its arguments"):
        check_gradients(lambda a: ndl.exp(a) * 2, [np.ones(2)], order=1, through="op")
