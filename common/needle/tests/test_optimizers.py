"""Optimizers: beside loops in NumPy's float64, what they refuse, and what the lectures say of each."""

from __future__ import annotations

import itertools
import math
import re

import needle as ndl
import numpy as np
import pytest
from needle import nn
from needle.optim import SGD, Adam, AdamW, Nesterov, Newton, UnbiasedMomentum, hessian

ALL = [SGD, Adam, AdamW, Nesterov, UnbiasedMomentum]
RUNS = range(3)


def sgd(p, gradients, lr=0.01, momentum=0.0, weight_decay=0.0):
    u = np.zeros_like(p)
    for g in gradients:
        u = momentum * u + (1 - momentum) * (g + weight_decay * p)
        p = p - lr * u
    return p


def adam(p, gradients, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
    m, v = np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(gradients, start=1):
        g = g + weight_decay * p
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        p = p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p


def adamw(p, gradients, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    m, v = np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(gradients, start=1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        adaptive = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        p = p - lr * weight_decay * p - lr * adaptive
    return p


def unbiased(p, gradients, lr=0.01, momentum=0.9, weight_decay=0.0):
    u = np.zeros_like(p)
    for t, g in enumerate(gradients, start=1):
        u = momentum * u + (1 - momentum) * (g + weight_decay * p)
        p = p - lr * u / (1 - momentum**t)
    return p


def nesterov(p, gradients, lr=0.01, momentum=0.9, weight_decay=0.0):
    u = np.zeros_like(p)
    for g in gradients:
        g = g + weight_decay * p
        u = momentum * u + (1 - momentum) * g
        p = p - lr * (momentum * u + (1 - momentum) * g)
    return p


ORACLES = {SGD: sgd, Adam: adam, AdamW: adamw, Nesterov: nesterov, UnbiasedMomentum: unbiased}


def follow(kind, start, gradients, **settings):
    """A parameter after steps with given gradients, one for each."""
    p = nn.Parameter(start)
    optimizer = kind([p], **settings)
    for g in gradients:
        p.grad = ndl.Tensor(g, dtype=p.dtype, requires_grad=False)
        optimizer.step()
    return p.numpy()


def descend(optimizer, loss_of, steps):
    """The loss before each step."""
    losses = []
    for _ in range(steps):
        optimizer.reset_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.numpy()))
    return losses


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_steps_beside_a_loop(kind, run, rng):
    shape = tuple(rng.integers(1, 4, size=rng.integers(0, 4)))
    settings = {"lr": rng.uniform(0.01, 0.5), "weight_decay": rng.choice([0.0, rng.uniform(0.0, 0.2)])}
    settings |= {
        Adam: {"beta1": rng.uniform(0.5, 0.95), "beta2": rng.uniform(0.5, 0.99), "eps": 1e-3},
        AdamW: {"beta1": rng.uniform(0.5, 0.95), "beta2": rng.uniform(0.5, 0.99)},
    }.get(kind, {"momentum": rng.choice([0.0, rng.uniform(0.1, 0.95)])})
    settings = {name: float(value) for name, value in settings.items()}
    start, gradients = rng.normal(size=shape), rng.normal(size=(7, *shape))
    expected = ORACLES[kind](start, gradients, **settings)
    np.testing.assert_allclose(follow(kind, start, gradients, **settings), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_the_defaults(kind, rng):
    start, gradients = rng.normal(size=3), rng.normal(size=(5, 3))
    np.testing.assert_allclose(follow(kind, start, gradients), ORACLES[kind](start, gradients), rtol=1e-10)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
class TestAll:
    def test_no_parameters(self, kind):
        with pytest.raises(ValueError, match=f"{kind.__name__}: there are no parameters to train"):
            kind([])

    def test_parameters_that_are_no_tensors(self, kind):
        with pytest.raises(TypeError, match=f"{kind.__name__}: parameter 1 is not a Tensor but ndarray"):
            kind([nn.Parameter([1.0]), np.ones(3)])

    @pytest.mark.parametrize("given", [nn.Parameter([1.0]), nn.Linear(1, 1), nn.Linear(1, 1).parameters, None])
    def test_parameters_that_are_no_list(self, kind, given):
        message = f"{kind.__name__}: expected a list of tensors, as parameters() gives, not {type(given).__name__}"
        with pytest.raises(TypeError, match=re.escape(message)):
            kind(given)

    def test_a_generator_of_parameters(self, kind):
        params = [nn.Parameter([1.0]), nn.Parameter([2.0])]
        assert kind(p for p in params).params == params

    @pytest.mark.parametrize("lr", [-0.1, math.nan, math.inf])
    def test_a_learning_rate_outside_its_range(self, kind, lr):
        with pytest.raises(ValueError, match=f"{kind.__name__}: lr must be 0 or more, and finite, not {lr}"):
            kind([nn.Parameter([1.0])], lr=lr)

    @pytest.mark.parametrize("decay", [-0.1, math.nan, math.inf])
    def test_a_weight_decay_outside_its_range(self, kind, decay):
        with pytest.raises(ValueError, match=f"{kind.__name__}: weight_decay must be 0 or more, and finite, not "):
            kind([nn.Parameter([1.0])], weight_decay=decay)

    def test_momentum_or_betas_outside_their_range(self, kind):
        for name in ("beta1", "beta2") if issubclass(kind, Adam) else ("momentum",):
            for value in (-0.1, 1.0, 1.5, math.nan):
                message = f"{kind.__name__}: {name} must be in [0, 1), not {value}"
                with pytest.raises(ValueError, match=re.escape(message)):
                    kind([nn.Parameter([1.0])], **{name: value})

    def test_a_shared_parameter_is_changed_once(self, kind):
        p, alone = nn.Parameter([1.0, 2.0]), nn.Parameter([1.0, 2.0])
        shared, single = kind([p, p, p]), kind([alone])
        assert shared.params == [p]
        for _ in range(3):
            for each, optimizer in ((p, shared), (alone, single)):
                each.grad = ndl.Tensor([0.5, -1.0])
                optimizer.step()
        assert p.numpy().tolist() == alone.numpy().tolist()

    def test_a_learning_rate_of_zero_changes_nothing(self, kind, rng):
        start = rng.normal(size=4)
        assert (follow(kind, start, rng.normal(size=(3, 4)), lr=0.0) == start).all()

    def test_a_parameter_without_a_gradient_stays(self, kind):
        used, unused, never = (nn.Parameter([1.0, 2.0]) for _ in range(3))
        optimizer = kind([unused, used, never], weight_decay=0.1)
        optimizer.reset_grad()
        del never.grad
        (used * used).sum().backward()
        optimizer.step()
        assert unused.numpy().tolist() == never.numpy().tolist() == [1.0, 2.0]
        assert used.numpy().tolist() != [1.0, 2.0]

    def test_one_that_gets_its_first_gradient_later(self, kind):
        early, late = nn.Parameter([1.0]), nn.Parameter([1.0])
        optimizer = kind([early, late])
        for params in ([early], [early, late]):
            optimizer.reset_grad()
            sum((p * p).sum() for p in params).backward()
            optimizer.step()
        assert np.isfinite(late.numpy()).all()
        assert late.numpy() < 1

    def test_reset_grad(self, kind):
        p = nn.Parameter([1.0])
        optimizer = kind([p])
        (p * p).sum().backward()
        optimizer.reset_grad()
        assert p.grad is None

    @pytest.mark.parametrize("shape", [(), (1,), (2, 3), (0, 3)], ids=str)
    def test_float32_stays_float32(self, kind, shape):
        """Also where the loss, and so the gradient, is float64; what a parameter holds is an array in any case."""
        p = nn.Parameter(np.ones(shape), dtype="float32")
        optimizer = kind([p], lr=np.float64(0.1), weight_decay=np.float64(0.1))
        for _ in range(2):
            optimizer.reset_grad()
            (p * ndl.Tensor(np.full(shape, 1 / 3))).sum().backward()
            assert p.grad.dtype == "float64"
            optimizer.step()
            assert isinstance(p.numpy(), np.ndarray)
            assert (p.dtype, p.shape) == ("float32", shape)
            assert p.numpy().flags.writeable
        state = [v for held in vars(optimizer).values() if isinstance(held, dict) for v in held.values()]
        assert state or kind is SGD
        assert {str(each.dtype) for each in state} <= {"float32"}
        assert {each.shape for each in state} <= {shape}

    def test_a_step_touches_no_gradient_and_no_old_array(self, kind):
        p = nn.Parameter([1.0, 2.0])
        optimizer = kind([p])
        for _ in range(2):
            (p * p).sum().backward()
            before, grad = p.numpy(), p.grad
            copies = before.copy(), grad.numpy().copy()
            optimizer.step()
            assert p.grad is grad
            assert (before == copies[0]).all()
            assert (grad.numpy() == copies[1]).all()

    def test_steps_keep_no_graph(self, kind, alive):
        p = nn.Parameter(np.ones(3))
        optimizer = kind([p])
        descend(optimizer, lambda: (p * p).sum(), 3)
        after_three = ndl.autograd.TENSOR_COUNTER
        descend(optimizer, lambda: (p * p).sum(), 50)
        assert after_three == ndl.autograd.TENSOR_COUNTER
        assert p.is_leaf()
        assert after_three > alive[0]

    def test_what_was_made_from_a_parameter_before_a_step_is_as_it_was(self, kind):
        p = nn.Parameter([1.0, 2.0])
        doubled, detached = p * 2, p.detach()
        doubled.sum().backward()
        kind([p]).step()
        assert doubled.numpy().tolist() == [2.0, 4.0]
        assert detached.numpy().tolist() == [1.0, 2.0]

    def test_it_finds_the_bottom_of_a_bowl(self, kind, rng):
        target = rng.normal(size=4)
        p = nn.Parameter(np.zeros(4))
        options = {"weight_decay": 0.0, "lr": 0.05}
        losses = descend(kind([p], **options), lambda: ((p - ndl.Tensor(target)) ** 2).sum(), 300)
        assert losses[-1] < 1e-3 * losses[0]


def test_the_base_says_what_is_missing():
    with pytest.raises(NotImplementedError, match=r"Optimizer\.step"):
        ndl.optim.Optimizer([nn.Parameter([1.0])]).step()


def test_the_length_of_clipped_gradients(rng):
    arrays = [rng.normal(size=shape) for shape in ((2, 3), (4,), ())]
    length = math.sqrt(sum((a**2).sum() for a in arrays))
    for max_norm, expected in ((length / 3, length / 3), (length * 3, length)):
        params = [nn.Parameter(np.zeros(a.shape)) for a in arrays]
        without = nn.Parameter([1.0])
        optimizer = SGD([*params, without])
        given = [ndl.Tensor(a) for a in arrays]
        for p, g in zip(params, given, strict=True):
            p.grad = g
        optimizer.clip_grad_norm(max_norm)
        for p, a, g in zip(params, arrays, given, strict=True):
            np.testing.assert_allclose(p.grad.numpy(), a * expected / length, rtol=1e-5)
            assert (g.numpy() == a).all(), "the old tensor was changed"
        assert not hasattr(without, "grad")


def test_clipping_gradients_of_zero():
    p = nn.Parameter([1.0, 2.0])
    p.grad = ndl.Tensor([0.0, 0.0])
    SGD([p]).clip_grad_norm()
    assert p.grad.numpy().tolist() == [0.0, 0.0]


def test_for_sgd_weight_decay_is_the_l2_penalty_and_shrinkage_as_well(rng):
    start, gradients, lr, decay = rng.normal(size=4), rng.normal(size=(5, 4)), 0.1, 0.3
    found = follow(SGD, start, gradients, lr=lr, weight_decay=decay)
    shrunk = start
    for g in gradients:
        shrunk = (1 - lr * decay) * shrunk - lr * g
    np.testing.assert_allclose(found, shrunk, rtol=1e-12)

    p, target = nn.Parameter(start), ndl.Tensor(rng.normal(size=4))
    q = nn.Parameter(start)
    descend(SGD([p], lr=lr, weight_decay=decay), lambda: ((p - target) ** 2).sum(), 5)
    descend(SGD([q], lr=lr), lambda: ((q - target) ** 2).sum() + (q * q).sum() * (decay / 2), 5)
    np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-12)


def test_for_adam_weight_decay_is_the_l2_penalty_and_not_shrinkage(rng):
    start, target, decay = rng.normal(size=4), ndl.Tensor(rng.normal(size=4)), 0.3
    p, q, r = (nn.Parameter(start) for _ in range(3))
    descend(Adam([p], lr=0.1, weight_decay=decay), lambda: ((p - target) ** 2).sum(), 5)
    descend(Adam([q], lr=0.1), lambda: ((q - target) ** 2).sum() + (q * q).sum() * (decay / 2), 5)
    descend(AdamW([r], lr=0.1, weight_decay=decay), lambda: ((r - target) ** 2).sum(), 5)
    np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-9)
    assert np.abs(p.numpy() - r.numpy()).max() > 1e-2


def test_adamw_is_adam_after_shrinkage(rng):
    start, gradients, lr, decay = rng.normal(size=4), rng.normal(size=(4, 4)), 0.1, 0.3
    p, q = nn.Parameter(start), nn.Parameter(start)
    decoupled, plain = AdamW([p], lr=lr, weight_decay=decay), Adam([q], lr=lr)
    for g in gradients:
        p.grad = q.grad = ndl.Tensor(g)
        decoupled.step()
        q.data = q.data * (1 - lr * decay)
        plain.step()
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-12)


def test_without_decay_adamw_is_adam(rng):
    start, gradients = rng.normal(size=4), rng.normal(size=(4, 4))
    found = follow(AdamW, start, gradients, weight_decay=0.0)
    assert found.tolist() == follow(Adam, start, gradients).tolist()


def test_without_momentum_the_variants_are_sgd(rng):
    start, gradients = rng.normal(size=4), rng.normal(size=(4, 4))
    expected = follow(SGD, start, gradients, weight_decay=0.1)
    for kind in (Nesterov, UnbiasedMomentum):
        found = follow(kind, start, gradients, momentum=0.0, weight_decay=0.1)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.5, 0.9, 0.99])
def test_the_first_step_is_full_only_where_momentum_is_unbiased(momentum, rng):
    g = rng.normal(size=4)
    full = -0.1 * g
    np.testing.assert_allclose(follow(UnbiasedMomentum, np.zeros(4), [g], lr=0.1, momentum=momentum), full, rtol=1e-12)
    biased = follow(SGD, np.zeros(4), [g], lr=0.1, momentum=momentum)
    np.testing.assert_allclose(biased, (1 - momentum) * full, rtol=1e-12)
    # Under a constant gradient, unbiased steps stay full, and the others grow towards that.
    steps = np.diff([follow(UnbiasedMomentum, np.zeros(4), [g] * n, lr=0.1, momentum=momentum) for n in (3, 4)], axis=0)
    np.testing.assert_allclose(steps[0], full, rtol=1e-9)


def test_unbiased_momentum_leaves_its_learning_rate_alone():
    p = nn.Parameter([1.0])
    optimizer = UnbiasedMomentum([p], lr=0.25)
    descend(optimizer, lambda: (p * p).sum(), 3)
    assert optimizer.lr == 0.25


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_adams_first_step_is_the_learning_rate_whatever_the_gradient(scale, rng):
    g = rng.uniform(1.0, 2.0, size=5) * rng.choice([-1.0, 1.0], size=5) * scale
    np.testing.assert_allclose(follow(Adam, np.zeros(5), [g], lr=0.1), -0.1 * np.sign(g), rtol=1e-4)


def test_on_an_ill_conditioned_bowl_nesterov_is_ahead_of_momentum_and_momentum_of_none():
    """A valley a hundred times steeper across than along: plain descent crawls along, momentum swings across."""
    curvature = ndl.Tensor([1.0, 100.0])

    def run(kind, **settings):
        p = nn.Parameter([1.0, 1.0])
        return descend(kind([p], **settings), lambda: (curvature * p * p).sum() / 2, 100)

    plain = run(SGD, lr=0.01)
    # By the course's definition the first step of momentum is 1 - momentum as long.
    momentum, ahead = (run(kind, lr=0.01 / (1 - 0.9), momentum=0.9) for kind in (SGD, Nesterov))
    assert ahead[-1] < 0.01 * momentum[-1]
    assert momentum[-1] < 0.1 * plain[-1]
    assert sum(ahead) < 0.5 * sum(momentum), "it swings less on the way as well"


def test_adam_does_not_mind_how_features_are_scaled(rng):
    """Its path on a bowl is the same however the axes are stretched, which is not so for SGD."""
    start = rng.normal(size=3)
    paths = {}
    for kind in (Adam, SGD):
        for stretch in (1.0, 100.0):
            p = nn.Parameter(start)
            descend(kind([p], lr=1e-3, **({"eps": 0.0} if kind is Adam else {})), lambda: (p * p).sum() * stretch, 10)  # noqa: B023
            paths[kind, stretch] = p.numpy()
    np.testing.assert_allclose(paths[Adam, 1.0], paths[Adam, 100.0], rtol=1e-9)
    assert not np.allclose(paths[SGD, 1.0], paths[SGD, 100.0], rtol=1e-2)


def quadratic(rng, n):
    """A convex quadratic form, its vector and its minimum."""
    square = rng.normal(size=(n, n))
    A, b = square @ square.T + np.eye(n), rng.normal(size=n)
    return A, b, np.linalg.solve(A, b)


def value_of_quadratic(A, b, x):
    column = x.reshape((len(b), 1))
    return ((column.transpose() @ ndl.Tensor(A) @ column) / 2).sum() - (x * ndl.Tensor(b)).sum()


@pytest.mark.parametrize("n", [1, 3, 5])
def test_newton_solves_a_quadratic_in_one_step(n, rng):
    A, b, minimum = quadratic(rng, n)
    x = nn.Parameter(rng.normal(size=n))
    Newton([x]).step(value_of_quadratic(A, b, x))
    np.testing.assert_allclose(x.numpy(), minimum, rtol=1e-8, atol=1e-10)
    assert x.is_leaf()


def test_a_newton_step_of_half_length(rng):
    A, b, minimum = quadratic(rng, 3)
    start = rng.normal(size=3)
    x = nn.Parameter(start)
    Newton([x], lr=0.5).step(value_of_quadratic(A, b, x))
    np.testing.assert_allclose(x.numpy(), (start + minimum) / 2, rtol=1e-8)


def test_newton_over_parameters_of_several_shapes(rng):
    """They are coupled, so that solving for each by itself would not do."""
    A, b, minimum = quadratic(rng, 6)
    params = [nn.Parameter(rng.normal(size=shape)) for shape in ((), (2,), (3, 1))]
    pieces = ndl.Tensor(np.eye(6))
    x = sum(
        (p.reshape((1, n)) @ ndl.Tensor(pieces.numpy()[at : at + n])).reshape((6,))
        for p, at, n in zip(params, (0, 1, 3), (1, 2, 3), strict=True)
    )
    Newton(params).step(value_of_quadratic(A, b, x))
    found = np.concatenate([p.numpy().ravel() for p in params])
    np.testing.assert_allclose(found, minimum, rtol=1e-8)
    assert [p.shape for p in params] == [(), (2,), (3, 1)]


def test_newton_converges_quadratically():
    """On exp(x) - 2 x, whose minimum is log 2: the number of right digits doubles with each step."""
    x = nn.Parameter([1.0])
    errors = []
    for _ in range(5):
        Newton([x]).step((ndl.exp(x) - 2 * x).sum())
        errors.append(abs(float(x.numpy()[0]) - math.log(2)))
    assert all(after < before**2 + 1e-15 for before, after in itertools.pairwise(errors))
    assert errors[-1] < 1e-14


def test_the_hessian_of_a_quadratic_is_its_matrix(rng):
    A, b, _ = quadratic(rng, 4)
    x = nn.Parameter(rng.normal(size=4))
    gradient, matrix = hessian(value_of_quadratic(A, b, x), [x])
    np.testing.assert_allclose(matrix, A, rtol=1e-10)
    np.testing.assert_allclose(gradient, A @ x.numpy() - b, rtol=1e-10)
    np.testing.assert_allclose(x.grad.numpy(), gradient, rtol=1e-10)


def test_the_hessian_across_two_parameters():
    """Of x^2 y: [[2 y, 2 x], [2 x, 0]]."""
    x, y = nn.Parameter([3.0]), nn.Parameter([5.0])
    gradient, matrix = hessian((x * x * y).sum(), [x, y])
    assert gradient.tolist() == [30.0, 9.0]
    assert matrix.tolist() == [[10.0, 6.0], [6.0, 0.0]]


def test_the_hessian_of_what_is_linear_or_not_there():
    """Whatever an earlier loss left in `grad` does not count."""
    linear, absent, stale = (nn.Parameter([2.0]) for _ in range(3))
    (stale * stale).sum().backward()
    gradient, matrix = hessian((linear * 3).sum(), [linear, absent, stale])
    assert gradient.tolist() == [3.0, 0.0, 0.0]
    assert not matrix.any()
    assert matrix.shape == (3, 3)


def test_the_hessian_of_a_network_is_symmetric_and_agrees_with_differences(rng):
    x, labels = ndl.Tensor(rng.normal(size=(6, 2)), requires_grad=False), ndl.Tensor(rng.integers(3, size=6))
    weight = nn.Parameter(rng.normal(size=(2, 3)))

    def gradient_at(values):
        p = nn.Parameter(values)
        nn.SoftmaxLoss()(x @ p, labels).backward()
        return p.grad.numpy().ravel()

    _, matrix = hessian(nn.SoftmaxLoss()(x @ weight, labels), [weight])
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    start = weight.numpy()
    for i in range(6):
        step = np.zeros(6)
        step[i] = 1e-5
        above, below = (gradient_at(start + sign * step.reshape(2, 3)) for sign in (1, -1))
        np.testing.assert_allclose(matrix[i], (above - below) / 2e-5, rtol=1e-5, atol=1e-8)


def test_newton_refuses_what_it_cannot_solve():
    x = nn.Parameter([1.0, 2.0])
    with pytest.raises(ValueError, match="the Hessian of 2 numbers is singular"):
        Newton([x]).step((x * 3).sum())
    with pytest.raises(ValueError, match=r"the loss must be one number, but has shape \(2,\)"):
        Newton([x]).step(x * x)
    assert x.numpy().tolist() == [1.0, 2.0]
