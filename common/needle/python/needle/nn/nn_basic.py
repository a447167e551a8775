"""The modules of homework 2: layers, losses, normalisation, regularisation, and ways to put modules together.

Inputs are batches: a row, or the first axis, for each example. You fill the solution blocks; everything is computed by
needle's operators, which find the gradients.
"""

from __future__ import annotations

import math
from typing import Any

from .. import init, ops
from ..autograd import Tensor
from ..backend_selection import Device
from .nn_module import Module, Parameter

__all__ = [
    "BatchNorm1d",
    "Dropout",
    "Flatten",
    "Identity",
    "LayerNorm1d",
    "Linear",
    "ReLU",
    "Residual",
    "Sequential",
    "SoftmaxLoss",
]


class Identity(Module):
    """What comes in."""

    def forward(self, x: Tensor) -> Tensor:
        return x


class Linear(Module):
    """x @ weight + bias.

    weight: a Parameter of shape (in_features, out_features), Kaiming uniform
    bias: a Parameter of shape (1, out_features), drawn after the weight as Kaiming uniform with fan_in = out_features
        and fan_out = 1; None if `bias` is False. A tensor of shape (out_features,) may be put in its place.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Device | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        ### BEGIN SOLUTION
        self.weight = Parameter(init.kaiming_uniform(in_features, out_features, device=device, dtype=dtype))
        self.bias = None
        if bias:
            column = init.kaiming_uniform(out_features, 1, device=device, dtype=dtype)
            self.bias = Parameter(column.reshape((1, out_features)))
        ### END SOLUTION

    def forward(self, X: Tensor) -> Tensor:
        """X: (..., in_features), with two dimensions or more. Returns (..., out_features)."""
        ### BEGIN SOLUTION
        weighted_sums = X @ self.weight
        if self.bias is None:
            return weighted_sums
        return weighted_sums + self.bias.broadcast_to(weighted_sums.shape)
        ### END SOLUTION


class Flatten(Module):
    """(n, ...) to (n, product of the rest)."""

    def forward(self, X: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return X.reshape((X.shape[0], math.prod(X.shape[1:])))
        ### END SOLUTION


class ReLU(Module):
    """max(x, 0), element by element."""

    def forward(self, x: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return ops.relu(x)
        ### END SOLUTION


class Sequential(Module):
    """Modules one after the other: each gets the result of the one before."""

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        self.modules = modules

    def forward(self, x: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        for module in self.modules:
            x = module(x)
        return x
        ### END SOLUTION


class SoftmaxLoss(Module):
    """The softmax (cross-entropy) loss, averaged over the examples."""

    def forward(self, logits: Tensor, y: Tensor) -> Tensor:
        """The mean of logsumexp(z) - z[label], a tensor of shape (), which does not overflow for logits of any size.

        logits: (m, k); y: (m,) labels from 0 to k-1
        Raises ValueError: if the shapes are not as above, m is 0, or a label is not from 0 to k-1.
        """
        if len(logits.shape) != 2 or y.shape != logits.shape[:1] or not y.shape[0]:
            raise ValueError(f"SoftmaxLoss: expected logits (m, k) and labels (m,), got {logits.shape} and {y.shape}")
        ### BEGIN SOLUTION
        examples, classes = logits.shape
        of_labels = logits * init.one_hot(classes, y, device=logits.device, dtype=logits.dtype)
        return (ops.logsumexp(logits, axes=(1,)).sum() - of_labels.sum()) / examples
        ### END SOLUTION


class BatchNorm1d(Module):
    """Normalise each feature over the batch, then scale and shift it: Ioffe and Szegedy, 2015.

    In training, mean and (biased) variance are those of the batch, and
        running = (1 - momentum) * running + momentum * (that of the batch)
    follows both. In use, the running ones take their place.

    weight, bias: Parameters of shape (dim,), ones and zeros
    running_mean, running_var: tensors of shape (dim,), zeros and ones; not Parameters
    """

    def __init__(
        self,
        dim: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        device: Device | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps
        self.momentum = momentum
        ### BEGIN SOLUTION
        self.weight = Parameter(init.ones(dim, device=device, dtype=dtype))
        self.bias = Parameter(init.zeros(dim, device=device, dtype=dtype))
        self.running_mean = init.zeros(dim, device=device, dtype=dtype)
        self.running_var = init.ones(dim, device=device, dtype=dtype)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """x: (n, dim), n at least 1. Returns the same shape. Raises ValueError: if it is not."""
        _require_rows("BatchNorm1d", x, self.dim)
        ### BEGIN SOLUTION
        batch = x.shape[0]
        if self.training:
            mean = x.sum(axes=(0,)) / batch
            centered = x - mean.broadcast_to(x.shape)
            variance = (centered * centered).sum(axes=(0,)) / batch
            old, new = 1 - self.momentum, self.momentum
            self.running_mean = old * self.running_mean + new * mean.data
            self.running_var = old * self.running_var + new * variance.data
        else:
            centered = x - self.running_mean.broadcast_to(x.shape)
            variance = self.running_var
        scale = self.weight / (variance + self.eps) ** 0.5
        return centered * scale.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)
        ### END SOLUTION


class LayerNorm1d(Module):
    """Normalise each row over its features, then scale and shift each feature: Ba, Kiros and Hinton, 2016.

    weight, bias: Parameters of shape (dim,), ones and zeros
    """

    def __init__(self, dim: int, eps: float = 1e-5, device: Device | None = None, dtype: Any = "float32") -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps
        ### BEGIN SOLUTION
        self.weight = Parameter(init.ones(dim, device=device, dtype=dtype))
        self.bias = Parameter(init.zeros(dim, device=device, dtype=dtype))
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """x: (n, dim). Each row less its mean, over sqrt(biased variance + eps). Raises ValueError: if it is not."""
        _require_rows("LayerNorm1d", x, self.dim)
        ### BEGIN SOLUTION
        column = (x.shape[0], 1)
        row_mean = x.sum(axes=(1,)).reshape(column) / self.dim
        centered = x - row_mean.broadcast_to(x.shape)
        variance = (centered * centered).sum(axes=(1,)).reshape(column) / self.dim
        normal = centered / ((variance + self.eps) ** 0.5).broadcast_to(x.shape)
        return normal * self.weight.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)
        ### END SOLUTION


class Dropout(Module):
    """In training, zero each element with probability p and divide the others by 1 - p; in use, do nothing.

    What decides is one draw of `np.random.rand` of the input's shape, in training only (and also if p is 0): an element
    is kept where its number is at most 1 - p.
    Raises ValueError: if p is not in [0, 1).
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"Dropout: the probability must be in [0, 1), not {p}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        if not self.training:
            return x
        kept = init.randb(*x.shape, p=1 - self.p, device=x.device, dtype=x.dtype)
        return x * (kept / (1 - self.p))
        ### END SOLUTION


class Residual(Module):
    """fn(x) + x."""

    def __init__(self, fn: Module) -> None:
        super().__init__()
        self.fn = fn

    def forward(self, x: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return self.fn(x) + x
        ### END SOLUTION


def _require_rows(name: str, x: Tensor, dim: int) -> None:
    """Raises ValueError: unless x is (n, dim) with n at least 1."""
    if len(x.shape) != 2 or x.shape[1] != dim or not x.shape[0]:
        raise ValueError(f"{name}: expected shape (n, {dim}) with n at least 1, got {x.shape}")
