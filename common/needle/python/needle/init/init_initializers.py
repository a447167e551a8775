"""Random weights of the right size: the initialisations of Glorot and Bengio (Xavier) and of He et al. (Kaiming).

A layer computes sums of `fan_in` products, so weights must shrink as fan_in grows, or the activations of a deep network
vanish or explode. Sources: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
networks", 2010; He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015.

Every function makes one tensor of shape (fan_in, fan_out) by one call of `rand` or `randn`, and hands its other
keywords (device, dtype, requires_grad) on to it.
"""

from __future__ import annotations

import math
from typing import Any

from ..autograd import Tensor
from .init_basic import rand, randn

__all__ = ["kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform"]


def xavier_uniform(fan_in: int, fan_out: int, gain: float = 1.0, **kwargs: Any) -> Tensor:
    """Uniform on [-a, a) with a = gain * sqrt(6 / (fan_in + fan_out))."""
    _check_fans(fan_in, fan_out)
    ### BEGIN SOLUTION
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return rand(fan_in, fan_out, low=-bound, high=bound, **kwargs)
    ### END SOLUTION


def xavier_normal(fan_in: int, fan_out: int, gain: float = 1.0, **kwargs: Any) -> Tensor:
    """Normal with mean 0 and standard deviation gain * sqrt(2 / (fan_in + fan_out))."""
    _check_fans(fan_in, fan_out)
    ### BEGIN SOLUTION
    return randn(fan_in, fan_out, mean=0.0, std=gain * math.sqrt(2 / (fan_in + fan_out)), **kwargs)
    ### END SOLUTION


def kaiming_uniform(
    fan_in: int, fan_out: int, nonlinearity: str = "relu", *, shape: tuple[int, ...] | None = None, **kwargs: Any
) -> Tensor:
    """Uniform on [-b, b) with b = gain * sqrt(3 / fan_in), where the gain of a ReLU is sqrt(2).

    shape: of the result, if it is not to be (fan_in, fan_out); the bound stays that of fan_in.
    """
    _check_fans(fan_in, fan_out)
    _check_relu(nonlinearity)
    ### BEGIN SOLUTION
    bound = math.sqrt(2) * math.sqrt(3 / fan_in)
    return rand(*(shape or (fan_in, fan_out)), low=-bound, high=bound, **kwargs)
    ### END SOLUTION


def kaiming_normal(fan_in: int, fan_out: int, nonlinearity: str = "relu", **kwargs: Any) -> Tensor:
    """Normal with mean 0 and standard deviation gain / sqrt(fan_in), where the gain of a ReLU is sqrt(2)."""
    _check_fans(fan_in, fan_out)
    _check_relu(nonlinearity)
    ### BEGIN SOLUTION
    return randn(fan_in, fan_out, mean=0.0, std=math.sqrt(2 / fan_in), **kwargs)
    ### END SOLUTION


def _check_fans(fan_in: int, fan_out: int) -> None:
    if fan_in < 1 or fan_out < 1:
        raise ValueError(f"initialisation: a layer has one input and one output or more, not {fan_in} and {fan_out}")


def _check_relu(nonlinearity: str) -> None:
    if nonlinearity != "relu":
        raise ValueError(f"initialisation: the gain is known for 'relu' only, not for {nonlinearity!r}")
