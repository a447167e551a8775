"""hw2, optimizers: many steps beside the formulas in float64, and what a step must leave alone.

Most tests give the parameters gradients by hand, so that a step is all that is tested; no module is needed.
"""

import math

import mugrade
import needle as ndl
import numpy as np
import pytest
from needle.optim import SGD, Adam

SHAPES = [(3, 2), (1, 4), (5,), ()]


def numbers(*shape, seed=51):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def parameter(array):
    return ndl.nn.Parameter(np.asarray(array, dtype="float32"))


def gradient(array, dtype="float32"):
    return ndl.Tensor(np.asarray(array), dtype=dtype)


def sgd(p, gradients, lr, momentum=0.0, weight_decay=0.0):
    """SGD on one array, number for number as its docstring says, in float64. lr: one for all steps, or one for each."""
    p, u = p.astype("float64"), 0.0
    for g, rate in zip(gradients, np.broadcast_to(lr, len(gradients)), strict=True):
        u = momentum * u + (1 - momentum) * (g + weight_decay * p)
        p = p - rate * u
    return p


def adam(p, gradients, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
    """Adam in the same way."""
    p, m, v = p.astype("float64"), 0.0, 0.0
    for t, (g, rate) in enumerate(zip(gradients, np.broadcast_to(lr, len(gradients)), strict=True), 1):
        g = g + weight_decay * p
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        p = p - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p


def check(kind, formula, steps=60, **settings):
    """Parameters of several shapes take steps along random gradients, which are the same for the formula."""
    starts = [numbers(*shape, seed=i) for i, shape in enumerate(SHAPES)]
    gradients = [numbers(steps, *shape, seed=60 + i) + 0.3 for i, shape in enumerate(SHAPES)]
    params = [parameter(start.copy()) for start in starts]
    optimizer = kind(params, **settings)
    for step in range(1, steps + 1):
        for param, along in zip(params, gradients, strict=True):
            param.grad = gradient(along[step - 1])
        optimizer.step()
        for i, param in enumerate(params):
            expected = formula(starts[i], gradients[i][:step].astype("float64"), **settings)
            assert param.shape == SHAPES[i]
            assert param.dtype == "float32"
            message = f"parameter {i} of shape {param.shape}, after step {step}"
            np.testing.assert_allclose(param.numpy(), expected, rtol=1e-4, atol=1e-5, err_msg=message)


BOTH = {"SGD": (SGD, sgd), "Adam": (Adam, adam)}
ALL = {
    "SGD": lambda params: SGD(params, lr=0.1),
    "SGD with momentum": lambda params: SGD(params, lr=0.1, momentum=0.9),
    "SGD with all": lambda params: SGD(params, lr=0.1, momentum=0.9, weight_decay=0.01),
    "Adam": lambda params: Adam(params, lr=0.1),
    "Adam with weight decay": lambda params: Adam(params, lr=0.1, weight_decay=0.01),
}
every_optimizer = pytest.mark.parametrize("make", ALL.values(), ids=ALL)


# The formulas


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("lr", [0.0, 0.02, 0.5])
def test_sgd(lr, momentum, weight_decay):
    check(SGD, sgd, lr=lr, momentum=momentum, weight_decay=weight_decay)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.5, 0.8), (0.0, 0.9), (0.3, 0.99)])
@pytest.mark.parametrize("lr", [0.002, 0.1])
def test_adam(lr, beta1, beta2, weight_decay):
    check(Adam, adam, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay)


@pytest.mark.parametrize("eps", [0.1, 3.0])
def test_adam_adds_eps_to_the_root(eps):
    """Large enough to tell sqrt(v) + eps from sqrt(v + eps), and the corrected v from v."""
    check(Adam, adam, lr=0.1, eps=eps)


@pytest.mark.parametrize(("kind", "formula"), BOTH.values(), ids=BOTH)
def test_the_defaults(kind, formula):
    """lr is 0.01, and unless asked for there is neither momentum nor weight decay."""
    start, along = numbers(4), numbers(10, 4, seed=1)
    param = parameter(start.copy())
    optimizer = kind([param])
    for g in along:
        param.grad = gradient(g)
        optimizer.step()
    np.testing.assert_allclose(param.numpy(), formula(start, along, lr=0.01), rtol=1e-5, atol=1e-6)


def test_the_first_step_of_momentum_is_a_part_of_a_step():
    param = parameter([1.0])
    param.grad = gradient([2.0])
    SGD([param], lr=0.1, momentum=0.75).step()
    np.testing.assert_allclose(param.numpy(), [1 - 0.1 * 0.25 * 2], rtol=1e-6)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_the_first_step_of_adam_is_lr_whatever_the_size_of_the_gradient(size):
    """What the correction of both averages is for: without it, this step is 3 times as long, or a tenth."""
    param = parameter([1.0, 1.0, 1.0])
    param.grad = gradient([size, -size, 0.0])
    Adam([param], lr=0.125).step()
    np.testing.assert_allclose(param.numpy(), [0.875, 1.125, 1.0], rtol=1e-4)


def test_adam_counts_steps_and_not_parameters():
    params = [parameter([1.0]) for _ in range(3)]
    optimizer = Adam(params, lr=0.125)
    for done in range(4):
        assert optimizer.t == done
        for param in params:
            param.grad = gradient([1.0])
        optimizer.step()
    # A gradient that stays the same makes steps of lr.
    np.testing.assert_allclose([float(param.numpy()[0]) for param in params], [1 - 4 * 0.125] * 3, rtol=1e-5)


def test_weight_decay_shrinks_a_parameter_whose_gradient_is_zero():
    params = [parameter([2.0, -4.0]) for _ in range(2)]
    for param in params:
        param.grad = gradient([0.0, 0.0])
    SGD(params[:1], lr=0.5, weight_decay=0.1).step()
    Adam(params[1:], lr=0.5, weight_decay=0.1).step()
    np.testing.assert_allclose(params[0].numpy(), [2.0 * 0.95, -4.0 * 0.95], rtol=1e-6)
    # Adam makes of any gradient a step of lr, of the decay's as well.
    np.testing.assert_allclose(params[1].numpy(), [1.5, -3.5], rtol=1e-6)


SCHEDULED = {
    "SGD": (SGD, sgd, {"momentum": 0.8, "weight_decay": 0.1}),
    "Adam": (Adam, adam, {"weight_decay": 0.1}),
}


@pytest.mark.parametrize(("kind", "formula", "settings"), SCHEDULED.values(), ids=SCHEDULED)
def test_the_rate_may_change_between_steps(kind, formula, settings):
    """As a schedule does. What is remembered is gradients, to which the rate of the step at hand is applied."""
    start, along, rates = numbers(4), numbers(6, 4, seed=1), [0.5, 0.5, 0.0, 0.1, 0.1, 0.3]
    param = parameter(start.copy())
    optimizer = kind([param], lr=rates[0], **settings)
    for g, optimizer.lr in zip(along, rates, strict=True):
        param.grad = gradient(g)
        optimizer.step()
    np.testing.assert_allclose(param.numpy(), formula(start, along, rates, **settings), rtol=1e-5, atol=1e-6)


# What a step must leave alone


@every_optimizer
def test_gradients_are_not_changed(make):
    param = parameter(numbers(3, 2))
    optimizer = make([param])
    for step in range(3):
        along = numbers(3, 2, seed=step)
        given = param.grad = gradient(along.copy())
        optimizer.step()
        assert param.grad is given
        assert given.numpy().tolist() == along.tolist()


@every_optimizer
def test_two_parameters_with_one_gradient(make):
    """Both terms of a sum get the same tensor as gradient: to change it for one is to change it for the other."""
    alone, first, second = (parameter([1.0, 2.0]) for _ in range(3))
    by_itself, together = make([alone]), make([first, second])
    for g in numbers(4, 2):
        alone.grad = gradient(g.copy())
        first.grad = second.grad = gradient(g.copy())
        by_itself.step()
        together.step()
    for param in (first, second):
        np.testing.assert_allclose(param.numpy(), alone.numpy(), rtol=1e-6)


@every_optimizer
def test_a_parameter_without_a_gradient_stays_where_it_is(make):
    """One that the loss never depended on, and one whose gradient was reset. No decay either."""
    moved, never, reset = (parameter([1.0, 2.0]) for _ in range(3))
    optimizer = make([moved, never, reset])
    moved.grad = gradient([1.0, 1.0])
    reset.grad = None
    for _ in range(3):
        optimizer.step()
    assert (moved.numpy() < [1.0, 2.0]).all()
    assert never.numpy().tolist() == reset.numpy().tolist() == [1.0, 2.0]


@every_optimizer
def test_a_parameter_that_two_modules_share_takes_one_step(make):
    alone, shared = parameter([1.0, 2.0]), parameter([1.0, 2.0])
    by_itself, together = make([alone]), make([shared, shared])
    for g in numbers(3, 2):
        alone.grad, shared.grad = gradient(g), gradient(g)
        by_itself.step()
        together.step()
    np.testing.assert_allclose(shared.numpy(), alone.numpy(), rtol=1e-6)


@every_optimizer
def test_a_float64_gradient_leaves_a_float32_parameter(make):
    """Data of float64 make such gradients."""
    param = parameter([1.0, 2.0])
    optimizer = make([param])
    for g in numbers(3, 2):
        param.grad = gradient(g, dtype="float64")
        optimizer.step()
    assert param.dtype == "float32"


@every_optimizer
def test_a_parameter_is_changed_in_its_place(make):
    """A module goes on holding the same tensor, which is a leaf that requires a gradient."""
    param = parameter([1.0, 2.0])
    optimizer = make([param])
    param.grad = gradient([1.0, -1.0])
    optimizer.step()
    assert optimizer.params[0] is param
    assert isinstance(param, ndl.nn.Parameter)
    assert param.is_leaf()
    assert param.requires_grad
    assert param.numpy()[0] < 1.0
    assert param.numpy()[1] > 2.0


@every_optimizer
def test_the_graph_does_not_grow_over_a_thousand_steps(make, values_alive):
    """As many values are alive after 1,000 steps as after 10: a step that is a part of the graph keeps them all.

    The model is x @ W1, a ReLU, @ W2, with a squared error.
    """
    X, y = ndl.Tensor(numbers(8, 3), requires_grad=False), ndl.Tensor(numbers(8, 1, seed=1), requires_grad=False)
    W1, W2 = parameter(numbers(3, 4, seed=2) * 0.5), parameter(numbers(4, 1, seed=3) * 0.5)
    optimizer = make([W1, W2])
    counts, errors = {}, []
    for step in range(1, 1001):
        optimizer.reset_grad()
        error = ((ndl.relu(X @ W1) @ W2 - y) ** 2).sum() / 8
        error.backward()
        optimizer.step()
        if step in (10, 100, 1000):
            counts[step] = values_alive()
            errors.append(float(error.numpy()))
    assert len(set(counts.values())) == 1, f"values alive after so many steps: {counts}"
    assert errors[2] < errors[0], f"and the error should have become smaller: {errors}"


# Towards a minimum


@pytest.mark.parametrize(
    "make",
    [
        lambda params: SGD(params, lr=0.2),
        lambda params: SGD(params, lr=0.2, momentum=0.8),
        lambda params: Adam(params, lr=0.1),
    ],
    ids=["SGD", "momentum", "Adam"],
)
def test_it_finds_the_least_squares_solution(make):
    """By gradients from `backward`: all that training is, in four lines."""
    A, b = numbers(30, 3), numbers(30, 1, seed=1)
    x = parameter(np.zeros((3, 1)))
    optimizer = make([x])
    for _ in range(300):
        optimizer.reset_grad()
        ((ndl.Tensor(A) @ x - ndl.Tensor(b)) ** 2 / 30).sum().backward()
        optimizer.step()
    expected, *_ = np.linalg.lstsq(A.astype("float64"), b.astype("float64"), rcond=None)
    np.testing.assert_allclose(x.numpy(), expected, atol=1e-3)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_adam_beside_pytorch(torch, weight_decay):
    start, along = numbers(4, 3), numbers(40, 4, 3, seed=1)
    settings = {"lr": 0.05, "eps": 1e-3, "weight_decay": weight_decay}
    mine, theirs = parameter(start.copy()), torch.tensor(start.copy(), requires_grad=True)
    optimizer, other = (
        Adam([mine], beta1=0.8, beta2=0.95, **settings),
        torch.optim.Adam([theirs], betas=(0.8, 0.95), **settings),
    )
    for g in along:
        mine.grad, theirs.grad = gradient(g), torch.tensor(g)
        optimizer.step()
        other.step()
    np.testing.assert_allclose(mine.numpy(), theirs.detach().numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_sgd_beside_pytorch(torch, weight_decay):
    """Without momentum, whose first step is another there."""
    start, along = numbers(4, 3), numbers(40, 4, 3, seed=1)
    mine, theirs = parameter(start.copy()), torch.tensor(start.copy(), requires_grad=True)
    optimizer = SGD([mine], lr=0.05, weight_decay=weight_decay)
    other = torch.optim.SGD([theirs], lr=0.05, weight_decay=weight_decay)
    for g in along:
        mine.grad, theirs.grad = gradient(g), torch.tensor(g)
        optimizer.step()
        other.step()
    np.testing.assert_allclose(mine.numpy(), theirs.detach().numpy(), rtol=1e-4, atol=1e-5)


# Clipping


def with_gradients(*arrays):
    params = [parameter(np.zeros(np.shape(array))) for array in arrays]
    for param, array in zip(params, arrays, strict=True):
        param.grad = gradient(array)
    return params


def gradients_of(params):
    return np.concatenate([param.grad.numpy().ravel() for param in params])


@pytest.mark.parametrize("max_norm", [0.25, 5.0, 12.9])
def test_a_gradient_that_is_too_long_is_shortened(max_norm):
    """All parameters' gradients are one vector, here of length sqrt(9 + 16 + 144) = 13: its direction stays."""
    params = with_gradients([[3.0], [0.0]], [4.0, 0.0], 12.0)
    found = SGD(params).clip_grad_norm(max_norm)
    assert isinstance(found, float)
    np.testing.assert_allclose(found, 13, rtol=1e-6, err_msg="it returns the length before")
    expected = np.array([3.0, 0.0, 4.0, 0.0, 12.0]) * max_norm / 13
    np.testing.assert_allclose(gradients_of(params), expected, rtol=1e-5)
    assert [param.grad.shape for param in params] == [(2, 1), (2,), ()]
    assert {str(param.grad.dtype) for param in params} == {"float32"}


def test_the_default_length_is_a_quarter():
    params = with_gradients([30.0, 40.0])
    SGD(params).clip_grad_norm()
    np.testing.assert_allclose(gradients_of(params), [0.15, 0.2], rtol=1e-5)


@pytest.mark.parametrize("max_norm", [13.1, 1000.0])
def test_a_shorter_gradient_stays_as_it_is(max_norm):
    params = with_gradients([3.0, 4.0], 12.0)
    np.testing.assert_allclose(SGD(params).clip_grad_norm(max_norm), 13, rtol=1e-6)
    assert gradients_of(params).tolist() == [3.0, 4.0, 12.0]


def test_a_gradient_of_zero_is_not_divided_by_its_length():
    params = with_gradients([0.0, 0.0])
    assert SGD(params).clip_grad_norm(1.0) == 0
    assert gradients_of(params).tolist() == [0.0, 0.0]


def test_clipping_takes_the_gradients_that_are_there():
    """And leaves the tensors that they were, which may be others' gradients too, alone."""
    param, without = with_gradients([3.0, 4.0], [0.0])
    without.grad = None
    before = param.grad
    np.testing.assert_allclose(SGD([param, without]).clip_grad_norm(1.0), 5, rtol=1e-6)
    np.testing.assert_allclose(param.grad.numpy(), [0.6, 0.8], rtol=1e-5)
    assert without.grad is None
    assert before.numpy().tolist() == [3.0, 4.0]


def test_a_step_goes_by_the_clipped_gradient():
    (param,) = with_gradients([30.0, 40.0])
    optimizer = SGD([param], lr=2.0)
    optimizer.clip_grad_norm(0.5)
    optimizer.step()
    np.testing.assert_allclose(param.numpy(), [-2 * 0.3, -2 * 0.4], rtol=1e-5)
    assert math.isclose(float(np.linalg.norm(param.numpy())), 1.0, rel_tol=1e-5)


def test_clipping_keeps_no_graph(values_alive):
    (param,) = with_gradients([3.0, 4.0])
    optimizer = SGD([param])
    counts = []
    for _ in range(3):
        optimizer.clip_grad_norm(1.0)
        counts.append(values_alive())
    assert len(set(counts)) == 1, f"values alive after each clipping: {counts}"


def submit_optim() -> None:
    """Some steps of SGD and Adam, and a gradient clipped"""
    np.random.seed(24)
    for kind, settings in ((SGD, {"momentum": 0.9}), (SGD, {"weight_decay": 0.1}), (Adam, {"weight_decay": 0.1})):
        params = [parameter(np.random.randn(3, 2)), parameter(np.random.randn(4))]
        optimizer = kind(params, lr=0.1, **settings)
        for _ in range(5):
            for param in params:
                param.grad = gradient(np.random.randn(*param.shape))
            optimizer.step()
        for param in params:
            mugrade.submit(param.numpy())
    params = with_gradients(np.random.randn(3, 2), np.random.randn(4))
    mugrade.submit(SGD(params).clip_grad_norm(0.5))
    mugrade.submit(params[0].grad.numpy())
