"""Newton's method, for demonstrations: it needs the gradient of each element of the gradient.

On a quadratic it lands at the minimum in one step, and it costs a backward pass a number and the solution of a system
of as many equations: which is why nobody trains networks with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ..autograd import Tensor
from ..init import zeros_like
from .optim_base import Optimizer, require_rate

__all__ = ["Newton", "hessian"]


def hessian(loss: Tensor, params: Sequence[Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """The gradient (n,) and the matrix of second derivatives (n, n) of a loss, over the n numbers of all params.

    Overwrites `grad` of the parameters: afterwards it is the gradient. Where the loss is linear in a parameter, or does
    not depend on it, the matrix has zeros.
    Raises ValueError: if the loss is not one number.
    """
    if loss.shape not in ((), (1,)):
        raise ValueError(f"hessian: the loss must be one number, but has shape {loss.shape}")
    for param in params:
        param.reset_grad()
    loss.backward()
    first = [zeros_like(param) if param.grad is None else param.grad for param in params]
    rows = []
    for grad in first:
        for place in np.ndindex(grad.shape):
            one = np.zeros(grad.shape, dtype=grad.dtype)
            one[place] = 1
            for param in params:
                param.reset_grad()
            grad.backward(Tensor(one, device=grad.device, dtype=grad.dtype, requires_grad=False))
            rows.append(_flat([param.grad for param in params], params))
    for param, grad in zip(params, first, strict=True):
        param.grad = grad
    return _flat(first, params), np.array(rows)


class Newton(Optimizer):
    """p = p - lr * H^-1 g, with the gradient g and the Hessian H of a loss, over all parameters together.

    Give the loss to `step`, which does both backward passes itself.
    """

    def __init__(self, params: Iterable[Tensor], lr: float = 1.0) -> None:
        super().__init__(params)
        require_rate(self, "lr", lr)
        self.lr = lr

    def step(self, loss: Tensor) -> None:
        """Raises ValueError: if the Hessian is singular, so that there is no Newton step."""
        gradient, matrix = hessian(loss, self.params)
        try:
            change = self.lr * np.linalg.solve(matrix, gradient)
        except np.linalg.LinAlgError:
            raise ValueError(f"Newton: the Hessian of {len(gradient)} numbers is singular: no step solves it") from None
        sizes = [int(np.prod(param.shape)) for param in self.params]
        for param, part in zip(self.params, np.split(change, np.cumsum(sizes)[:-1]), strict=True):
            step = Tensor(part.reshape(param.shape), device=param.device, dtype=param.dtype, requires_grad=False)
            param.data = param.data - step


def _flat(tensors: Sequence[Tensor | None], like: Sequence[Tensor]) -> np.ndarray:
    """All numbers in one float64 vector; zeros for a tensor that is None."""
    pairs = zip(tensors, like, strict=True)
    return np.concatenate([(np.zeros(p.shape) if t is None else t.numpy()).ravel().astype("float64") for t, p in pairs])
