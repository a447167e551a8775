"""Every operator over random shapes: values beside NumPy in float64, dtypes, gradients and gradients of gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import check_gradients

RUNS = range(4)
Generator = np.random.Generator


def random_shape(rng: Generator, least: int = 0) -> tuple[int, ...]:
    return tuple(int(size) for size in rng.integers(1, 4, size=rng.integers(least, 4)))


def anything(rng: Generator, *shape: int) -> np.ndarray:
    return rng.uniform(-2.0, 2.0, size=shape)


def positive(rng: Generator, *shape: int) -> np.ndarray:
    return rng.uniform(0.5, 2.0, size=shape)


def away_from_zero(rng: Generator, *shape: int) -> np.ndarray:
    return positive(rng, *shape) * rng.choice([-1.0, 1.0], size=shape)


@dataclass(frozen=True)
class Case:
    """An operator: how needle and NumPy compute it, and arguments drawn for it."""

    needle: Callable[..., ndl.Tensor]
    numpy: Callable[..., np.ndarray]
    draw: Callable[[Generator], tuple[np.ndarray, ...]]


def same_shape(*kinds: Callable[..., np.ndarray]) -> Callable[[Generator], tuple[np.ndarray, ...]]:
    """Draws one array of each kind, all of one random shape."""

    def draw(rng: Generator) -> tuple[np.ndarray, ...]:
        shape = random_shape(rng)
        return tuple(kind(rng, *shape) for kind in kinds)

    return draw


ELEMENTWISE = {
    "add": Case(ndl.add, np.add, same_shape(anything, anything)),
    "add_scalar": Case(lambda a: ndl.add_scalar(a, 1.7), lambda a: a + 1.7, same_shape(anything)),
    "multiply": Case(ndl.multiply, np.multiply, same_shape(anything, anything)),
    "mul_scalar": Case(lambda a: ndl.mul_scalar(a, -1.7), lambda a: a * -1.7, same_shape(anything)),
    "power": Case(ndl.power, np.power, same_shape(positive, anything)),
    "divide": Case(ndl.divide, np.divide, same_shape(anything, away_from_zero)),
    "divide_scalar": Case(lambda a: ndl.divide_scalar(a, -1.7), lambda a: a / -1.7, same_shape(anything)),
    "negate": Case(ndl.negate, np.negative, same_shape(anything)),
    "log": Case(ndl.log, np.log, same_shape(positive)),
    "exp": Case(ndl.exp, np.exp, same_shape(anything)),
    "relu": Case(ndl.relu, lambda a: np.where(a > 0, a, 0), same_shape(away_from_zero)),
    "square": Case(lambda a: ndl.power_scalar(a, 2), np.square, same_shape(anything)),
    "cube": Case(lambda a: a**3, lambda a: a * a * a, same_shape(away_from_zero)),
    "root": Case(lambda a: a**0.5, np.sqrt, same_shape(positive)),
    "reciprocal": Case(lambda a: a**-1, np.reciprocal, same_shape(away_from_zero)),
    "subtract": Case(lambda a, b: a - b, np.subtract, same_shape(anything, anything)),
    "subtract from a number": Case(lambda a: 2 - a, lambda a: 2 - a, same_shape(anything)),
    "divide a number": Case(lambda a: 3 / a, lambda a: 3 / a, same_shape(away_from_zero)),
    "power of a number": Case(lambda a: 2**a, np.exp2, same_shape(anything)),
}


def check(case: Case, args: tuple[np.ndarray, ...], order: int = 2) -> None:
    expected = case.numpy(*args)
    for dtype, rtol in (("float64", 1e-12), ("float32", 1e-5)):
        given = [ndl.Tensor(arg, dtype=dtype) for arg in args]
        result = case.needle(*given)
        assert isinstance(result.numpy(), np.ndarray)
        assert result.dtype == given[0].dtype
        assert result.shape == expected.shape
        np.testing.assert_allclose(result.numpy(), expected, rtol=rtol, atol=rtol)
    check_gradients(case.needle, args, order=order)


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name: str, run: int, rng: Generator) -> None:
    check(ELEMENTWISE[name], ELEMENTWISE[name].draw(rng))


@pytest.mark.parametrize("run", RUNS)
def test_transpose(run: int, rng: Generator) -> None:
    a = anything(rng, *random_shape(rng, least=2))
    for first in range(-a.ndim, a.ndim):
        second = int(rng.integers(-a.ndim, a.ndim))
        pair = (first, second)
        check(Case(lambda t, p=pair: t.transpose(p), lambda t, p=pair: np.swapaxes(t, *p), None), (a,), order=1)
    check(Case(lambda t: t.transpose(), lambda t: np.swapaxes(t, -1, -2), None), (a,))


@pytest.mark.parametrize(
    ("old", "new"),
    [((), ()), ((), (1, 1)), ((1,), ()), ((6,), (2, 3)), ((2, 3, 4), (4, 6)), ((3, 4), (2, -1)), ((0, 3), (3, 0))],
    ids=str,
)
def test_reshape(old: tuple[int, ...], new: tuple[int, ...], rng: Generator) -> None:
    check(Case(lambda t: t.reshape(new), lambda t: t.reshape(new), None), (anything(rng, *old),))


@pytest.mark.parametrize("run", range(10))
def test_broadcast_to(run: int, rng: Generator) -> None:
    """Any shape, some of its sizes made 1 and some leading axes dropped, goes back to itself."""
    new = random_shape(rng)
    old = tuple(1 if rng.random() < 0.5 else size for size in new)[int(rng.integers(0, len(new) + 1)) :]
    check(Case(lambda t: t.broadcast_to(new), lambda t: t + np.zeros(new), None), (anything(rng, *old),))


@pytest.mark.parametrize("run", range(10))
def test_summation(run: int, rng: Generator) -> None:
    a = anything(rng, *random_shape(rng))
    chosen = rng.permutation(a.ndim)[: rng.integers(0, a.ndim + 1)]
    axes = tuple(int(axis) - (a.ndim if rng.random() < 0.5 else 0) for axis in chosen)
    choices = [None, axes, *range(-a.ndim, a.ndim)]
    for each in choices:
        check(Case(lambda t, x=each: t.sum(x), lambda t, x=each: np.asarray(t.sum(axis=x)), None), (a,), order=1)


def test_summation_takes_a_list(rng: Generator) -> None:
    a = anything(rng, 2, 3, 4)
    check(Case(lambda t: ndl.summation(t, [0, 2]), lambda t: t.sum((0, 2)), None), (a,))


@pytest.mark.parametrize("run", range(12))
def test_matmul(run: int, rng: Generator) -> None:
    """Batch dimensions are drawn for the result; each side drops some in front and has 1 in place of others."""
    m, n, p = (int(size) for size in rng.integers(1, 4, size=3))
    batch = random_shape(rng)[:2]
    lhs, rhs = (
        tuple(1 if rng.random() < 0.3 else size for size in batch)[int(rng.integers(0, len(batch) + 1)) :]
        for _ in range(2)
    )
    args = anything(rng, *lhs, m, n), anything(rng, *rhs, n, p)
    check(Case(ndl.matmul, lambda a, b: np.einsum("...mn,...np->...mp", a, b), None), args)


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [((6, 2, 3), (3, 2)), ((2, 3), (6, 3, 2)), ((2, 1, 2, 3), (4, 3, 2)), ((1, 2, 3), (4, 3, 2))],
    ids=str,
)
def test_matmul_broadcasts_both_ways(lhs: tuple[int, ...], rhs: tuple[int, ...], rng: Generator) -> None:
    args = anything(rng, *lhs), anything(rng, *rhs)
    check(Case(ndl.matmul, lambda a, b: np.einsum("...mn,...np->...mp", a, b), None), args)


def test_relu_at_zero() -> None:
    x = ndl.Tensor([-1.0, 0.0, 1.0])
    ndl.relu(x).backward()
    assert x.grad.numpy().tolist() == [0.0, 0.0, 1.0]


def test_integers_keep_numpys_rules() -> None:
    x = ndl.Tensor([1, 2, 3])
    assert (x + 1).dtype == (x * 2).dtype == (x**2).dtype == (-x).dtype == (2**x).dtype == np.dtype("int64")
    assert (x / 2).dtype == (1 / x).dtype == np.dtype("float64")
    assert (2**x).numpy().tolist() == [2, 4, 8]
    assert (6 / x).numpy().tolist() == [6.0, 3.0, 2.0]


def test_numbers_of_numpy_do_not_widen_float32(rng: Generator) -> None:
    x = ndl.Tensor(positive(rng, 3), dtype="float32")
    two = np.float64(2)
    results = [x + two, two + x, x - two, two - x, x * two, two * x, x / two, two / x, x**two, two**x]
    assert {str(result.dtype) for result in results} == {"float32"}


def test_errors_name_the_operator_and_both_shapes() -> None:
    def zeros(*shape: int) -> ndl.Tensor:
        return ndl.Tensor(np.zeros(shape))

    expected = {
        "matmul: shapes (3, 4) and (5, 6) do not match: 4 != 5": lambda: zeros(3, 4) @ zeros(5, 6),
        "matmul: shapes (3,) and (3, 2) must both have two dimensions": lambda: zeros(3) @ zeros(3, 2),
        "matmul: the batch dimensions of shapes (2, 3, 3) and (4, 3, 3) do not broadcast: 2 != 4": lambda: (
            zeros(2, 3, 3) @ zeros(4, 3, 3)
        ),
        "add: shapes (3,) and (3, 1) differ": lambda: zeros(3) + zeros(3, 1),
        "add: shapes (2, 3) and (3,) differ": lambda: zeros(2, 3) - zeros(3),
        "multiply: shapes () and (1,) differ": lambda: zeros() * zeros(1),
        "divide: shapes (2,) and (3,) differ": lambda: zeros(2) / zeros(3),
        "power: shapes (2,) and (3,) differ": lambda: zeros(2) ** zeros(3),
        "reshape: shape (2, 3) has 6 elements, which do not make the shape (4,)": lambda: zeros(2, 3).reshape((4,)),
        "reshape: shape (2, 3) has 6 elements, which do not make the shape (4, -1)": lambda: zeros(2, 3).reshape(
            (4, -1)
        ),
        "broadcast_to: shape (3,) does not broadcast to (3, 2): 3 is neither 1 nor 2": lambda: zeros(3).broadcast_to(
            (3, 2)
        ),
        "broadcast_to: shape (1, 3) has more dimensions than the shape (3,)": lambda: zeros(1, 3).broadcast_to((3,)),
        "summation: axis 2 is not an axis of shape (3, 4)": lambda: zeros(3, 4).sum(2),
        "summation: axes (0, -2) name an axis of shape (3, 4) twice": lambda: zeros(3, 4).sum((0, -2)),
        "transpose: axis -3 is not an axis of shape (3, 4)": lambda: zeros(3, 4).transpose((0, -3)),
        "transpose: expected two axes to swap, got (0, 1, 2)": lambda: zeros(3, 4, 5).transpose((0, 1, 2)),
        "transpose: shape (3,) does not have two axes": lambda: zeros(3).transpose(),
    }
    for message, fails in expected.items():
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
            fails()
        assert str(caught.value).startswith(message)


def test_an_operator_refuses_what_is_no_tensor() -> None:
    with pytest.raises(TypeError, match=r"EWiseAdd: argument 1 is not a Tensor but ndarray of shape \(2,\); make it"):
        ndl.add(ndl.Tensor([1.0, 2.0]), np.zeros(2))
    with pytest.raises(TypeError, match=r"multiply: a Tensor goes with a Tensor or a number, not with list"):
        ndl.Tensor([1.0]) * [2.0]
    with pytest.raises(TypeError, match=r"add: a Tensor goes with .* ndarray of shape \(1,\)"):
        np.ones(1) + ndl.Tensor([1.0])
