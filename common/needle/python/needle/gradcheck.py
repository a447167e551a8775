"""Is a gradient right? Compare it with what the function does when its arguments change a little.

    from needle.gradcheck import check_gradients

    check_gradients(lambda a, b: (a @ b).sum(), [np.random.randn(3, 4), np.random.randn(4, 2)])

says nothing if the gradients that `backward` finds agree with central differences, and raises `GradientError`, with the
numbers, if they do not. Everything is done in float64, and for any output shape: what is differentiated is
s = sum(w * f(*args)), with random weights w, so that an error in one element cannot be balanced by another.
(The nd backend computes in float32. There the steps are longer, and what is not exact by as much passes: see COARSE.)

- *elementwise*: each partial derivative of s by (s(x + h e_i) - s(x - h e_i)) / 2h. Exact about where the error is;
  two evaluations for each number in the arguments.
- *projected*: the derivative of s along random directions u, (s(x + h u) - s(x - h u)) / 2h, which must be the inner
  product of u and the gradient. Two evaluations for each direction, however many numbers there are.

With order 2, the gradients found by `backward` are functions of the arguments as well and are checked in the same way,
which fails if a gradient is not made by needle's operators. Functions must be smooth within h of the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from .autograd import Tensor
from .backend_selection import BACKEND

__all__ = ["GradientError", "check_gradients", "directional_derivative", "numerical_gradient"]

Mode = Literal["elementwise", "projected"]
ArrayFunction = Callable[..., float]
TensorFunction = Callable[..., Tensor]

# Arguments with more numbers than this are checked by projection unless the mode is named.
ELEMENTWISE_LIMIT = 200
DIRECTIONS = 3

# The least eps, rtol and atol with which float32 can be checked. Rounding changes s by some 1e-7 of it, which a short
# step would blow up: divided by 2 * 1e-2 it is some 1e-5, as is the error of the difference itself.
COARSE = (1e-2, 2e-3, 2e-3)


class GradientError(AssertionError):
    """A gradient that differs from the finite differences."""


def numerical_gradient(f: ArrayFunction, args: Sequence[np.ndarray], *, eps: float = 1e-5) -> list[np.ndarray]:
    """The gradient of a number by central differences, element by element.

    f: from float64 arrays to a number; args: where; eps: the step h, whose error falls as h^2
    Returns one array for each argument, of its shape.
    """
    args = [np.array(arg, dtype="float64") for arg in args]
    found = [np.zeros(arg.shape) for arg in args]
    for arg, gradient in zip(args, found, strict=True):
        for place in np.ndindex(arg.shape):
            middle = arg[place]
            arg[place] = middle + eps
            above = f(*args)
            arg[place] = middle - eps
            below = f(*args)
            arg[place] = middle
            gradient[place] = (above - below) / (2 * eps)
    return found


def directional_derivative(
    f: ArrayFunction, args: Sequence[np.ndarray], direction: Sequence[np.ndarray], *, eps: float = 1e-5
) -> float:
    """The derivative of a number along a direction, by a central difference.

    f: from float64 arrays to a number; args: where; direction: one array for each argument, of its shape
    """
    above = f(*(arg + eps * step for arg, step in zip(args, direction, strict=True)))
    below = f(*(arg - eps * step for arg, step in zip(args, direction, strict=True)))
    return (above - below) / (2 * eps)


def check_gradients(
    f: TensorFunction,
    args: Sequence[np.ndarray | Tensor],
    *,
    order: int = 2,
    modes: Sequence[Mode] | None = None,
    through: Literal["backward", "op"] = "backward",
    eps: float = 1e-5,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    seed: int = 0,
) -> None:
    """Raise GradientError unless the gradients of f agree with central differences, up to an order.

    f: from tensors to a tensor, of any shapes; a deterministic function
    args: where, one array or tensor for each argument; taken as float64 and not changed
    order: 1 for gradients, 2 for the gradients of gradients as well
    modes: how to compare; None: elementwise up to 200 numbers, projected beyond
    through: "backward" takes gradients by `Tensor.backward`; "op" by one call of `gradient_as_tuple` of the operator
        that made the result, whose inputs must be the arguments: it needs no graph algorithm, and goes with order 1
    eps, rtol, atol: the step, and the difference that is allowed: atol + rtol * |finite difference|; on the nd backend,
        they are never less than COARSE
    seed: of the weights and directions, which do not come from NumPy's global generator
    Raises ValueError: if an argument makes no sense.
    """
    known = get_args(Mode)
    if not set(modes or ()) <= set(known):
        raise ValueError(f"modes: expected some of {known}, got {modes}")
    if through == "op" and order != 1:
        raise ValueError(f"through='op' differentiates one operator once: expected order=1, got order={order}")
    if BACKEND == "nd":
        eps, rtol, atol = map(max, (eps, rtol, atol), COARSE)
    arrays = [np.array(a.numpy() if isinstance(a, Tensor) else a, dtype="float64") for a in args]
    rng = np.random.default_rng(seed)
    _check(f, arrays, _Settings(order, modes, through, eps, rtol, atol, rng), level=1)


@dataclass(frozen=True)
class _Settings:
    """What stays the same through all orders of a check: the arguments of `check_gradients`."""

    order: int
    modes: Sequence[Mode] | None
    through: str
    eps: float
    rtol: float
    atol: float
    rng: np.random.Generator


def _signed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Random numbers of either sign, none of them near zero."""
    return rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)


def _check(f: TensorFunction, args: list[np.ndarray], settings: _Settings, level: int) -> None:
    output = f(*map(_leaf, args))
    name = _name(f, output)
    weights = _signed(settings.rng, output.shape)

    def scalar(*at: np.ndarray) -> float:
        return float((weights * f(*map(_leaf, at)).numpy()).sum())

    def gradients(*tensors: Tensor) -> list[Tensor | None]:
        return _gradients(f, tensors, weights, settings.through)

    found = [
        np.zeros(arg.shape) if gradient is None else gradient.numpy()
        for arg, gradient in zip(args, gradients(*map(_leaf, args)), strict=True)
    ]
    where = f"{name}, order {level}"
    for i, (arg, gradient) in enumerate(zip(args, found, strict=True)):
        if gradient.shape != arg.shape:
            raise GradientError(f"{where}: the gradient of argument {i} has shape {gradient.shape}, not {arg.shape}")

    size = sum(arg.size for arg in args)
    modes = settings.modes or ["elementwise" if size <= ELEMENTWISE_LIMIT else "projected"]
    if "elementwise" in modes:
        expected = numerical_gradient(scalar, args, eps=settings.eps)
        for i, (gradient, numeric) in enumerate(zip(found, expected, strict=True)):
            _compare(f"{where}, elementwise, argument {i} of shape {numeric.shape}", gradient, numeric, settings)
    if "projected" in modes:
        for _ in range(DIRECTIONS):
            # Steps of many sizes: with one size, two errors that are equal but for their sign could cancel.
            direction = [_signed(settings.rng, arg.shape) for arg in args]
            inner = sum((gradient * step).sum() for gradient, step in zip(found, direction, strict=True))
            numeric = directional_derivative(scalar, args, direction, eps=settings.eps)
            _compare(f"{where}, projected on a random direction", np.array(inner), np.array(numeric), settings)

    if level < settings.order:
        for i in range(len(args)):

            def partial(*tensors: Tensor, i: int = i) -> Tensor:
                gradient = gradients(*tensors)[i]
                return _leaf(np.zeros(tensors[i].shape)) if gradient is None else gradient

            partial.__name__ = f"the gradient of {name} by argument {i}"
            _check(partial, args, settings, level + 1)


def _gradients(f: TensorFunction, tensors: Sequence[Tensor], weights: np.ndarray, through: str) -> list[Tensor | None]:
    """The gradients of sum(weights * f(*tensors)) by needle, as nodes of the graph; None where f does not depend."""
    output = f(*tensors)
    seed = Tensor(weights, dtype=output.dtype, requires_grad=False)
    if through == "backward":
        for tensor in tensors:
            tensor.reset_grad()
        output.backward(seed)
        return [tensor.grad for tensor in tensors]
    if output.op is None or {*map(id, output.inputs)} != {*map(id, tensors)}:
        raise ValueError("through='op' needs a function that applies one operator to its arguments, and no other")
    found: list[Tensor | None] = [None] * len(tensors)
    for value, gradient in zip(output.inputs, output.op.gradient_as_tuple(seed, output), strict=True):
        i = next(i for i, tensor in enumerate(tensors) if tensor is value)
        found[i] = gradient if found[i] is None else found[i] + gradient
    return found


def _compare(where: str, found: np.ndarray, numeric: np.ndarray, settings: _Settings) -> None:
    difference = np.abs(found - numeric)
    allowed = settings.atol + settings.rtol * np.abs(numeric)
    wrong = ~(difference <= allowed)  # so that nan is wrong
    if not wrong.any():
        return
    excess = np.where(np.isnan(difference), np.inf, difference - allowed)
    worst = np.unravel_index(excess.argmax(), excess.shape)
    place = f" at {[int(i) for i in worst]}" if found.ndim else ""
    raise GradientError(
        f"{where}: {int(wrong.sum())} of {wrong.size} differ, most{place}: gradient {found[worst]:.9g}, "
        f"finite difference {numeric[worst]:.9g} (allowed {allowed[worst]:.2g}, eps {settings.eps:g})"
    )


def _leaf(array: np.ndarray) -> Tensor:
    return Tensor(array, dtype="float64")


def _name(f: TensorFunction, output: Tensor) -> str:
    """What errors call f: its own name, or for a lambda the operator that made its result."""
    name = getattr(f, "__name__", type(f).__name__)
    return type(output.op).__name__ if name == "<lambda>" and output.op is not None else name
