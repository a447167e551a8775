"""The optimizers of homework 2: stochastic gradient descent with momentum, and Adam.

A step works on data alone (`param.data`, `param.grad.data`): were it a part of the graph, every step would keep the
graphs of all steps before it alive.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..autograd import Tensor
from .optim_base import Optimizer, require_rate

__all__ = ["SGD", "Adam"]


class SGD(Optimizer):
    """Stochastic gradient descent with momentum. With the gradient g of a parameter p, a step is

        g = g + weight_decay * p
        u = momentum * u + (1 - momentum) * g      (u is zero before the first step)
        p = p - lr * u

    u: a dict from parameter to its u
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float = 0.01, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params)
        require_rate(self, "lr", lr)
        require_rate(self, "momentum", momentum, below=1)
        require_rate(self, "weight_decay", weight_decay)
        self.lr = lr
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.u: dict[Tensor, Any] = {}

    def step(self) -> None:
        ### BEGIN SOLUTION
        for param, g in self.gradients():
            if self.weight_decay:
                g = g + self.weight_decay * param.data
            if self.momentum:
                u = (1 - self.momentum) * g
                if param in self.u:
                    u = self.momentum * self.u[param] + u
                self.u[param] = u
            else:
                u = g
            param.data = param.data - self.lr * u
        ### END SOLUTION

    def clip_grad_norm(self, max_norm: float = 0.25) -> float:
        """Shorten the gradient, if it is longer than `max_norm`: one vector of all parameters' gradients together.

        Every gradient is replaced by itself times max_norm / (length + 1e-6) if that is below 1; the old tensors stay
        as they are. Returns the length before.
        """
        ### BEGIN SOLUTION
        pairs = self.gradients()
        length = sum(float((g * g).sum().numpy()) for _, g in pairs) ** 0.5
        factor = min(1.0, max_norm / (length + 1e-6))
        for param, g in pairs:
            param.grad = g * factor
        return length
        ### END SOLUTION


class Adam(Optimizer):
    """Adam: Kingma and Ba, 2015. With the gradient g of a parameter p, step t (1 for the first) is

        g = g + weight_decay * p
        m = beta1 * m + (1 - beta1) * g            (m and v are zero before the first step)
        v = beta2 * v + (1 - beta2) * g^2
        p = p - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)

    t: the number of steps done; m, v: dicts from parameter to its m and v
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        require_rate(self, "lr", lr)
        require_rate(self, "beta1", beta1, below=1)
        require_rate(self, "beta2", beta2, below=1)
        require_rate(self, "eps", eps)
        require_rate(self, "weight_decay", weight_decay)
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.weight_decay = weight_decay
        self.t = 0
        self.m: dict[Tensor, Any] = {}
        self.v: dict[Tensor, Any] = {}

    def step(self) -> None:
        ### BEGIN SOLUTION
        self.t += 1
        # Numbers of Python's own: those of NumPy would make float32 arrays float64.
        lr, beta1, beta2, decay = float(self.lr), float(self.beta1), float(self.beta2), float(self.weight_decay)
        m_bias, v_bias = 1 - beta1**self.t, 1 - beta2**self.t
        for param, gradient in self.gradients():
            # Arrays, not tensors: a step has many small operations, and no graph to record them in.
            p, g = param.realize_cached_data(), gradient.realize_cached_data()
            if decay:
                g = g + decay * p
            m, v = self.m.get(param, 0.0), self.v.get(param, 0.0)
            # `*=` and `+=` change an array in place where the backend can, which spares memory.
            m *= beta1
            m += (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * (g * g)
            self.m[param], self.v[param] = m, v
            denominator = (v / v_bias) ** 0.5 + float(self.eps)
            param.data = Tensor(p - (lr / m_bias) * m / denominator, device=param.device, requires_grad=False)
        ### END SOLUTION
