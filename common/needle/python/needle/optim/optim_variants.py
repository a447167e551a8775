"""What the lectures describe beyond the homework: decoupled weight decay, unbiased momentum, Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Iterable

from ..autograd import Tensor
from .optim_base import require_rate
from .optim_basic import SGD, Adam

__all__ = ["AdamW", "Nesterov", "UnbiasedMomentum"]


class AdamW(Adam):
    """Adam whose weight decay is not a part of the gradient: Loshchilov and Hutter, 2019.

        p = p - lr * weight_decay * p, then a step of Adam without weight decay

    For SGD the two are the same; Adam divides a decay that is in the gradient by sqrt(v), as it does the rest.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, beta1, beta2, eps, weight_decay=0.0)
        require_rate(self, "weight_decay", weight_decay)
        self.decoupled_weight_decay = weight_decay

    def step(self) -> None:
        for param, _ in self.gradients():
            param.data = param.data * (1 - self.lr * self.decoupled_weight_decay)
        super().step()


class UnbiasedMomentum(SGD):
    """SGD whose u is divided by 1 - momentum^t at step t: the first steps are then as long as later ones."""

    def __init__(
        self, params: Iterable[Tensor], lr: float = 0.01, momentum: float = 0.9, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, lr, momentum, weight_decay)
        self.t = 0

    def step(self) -> None:
        self.t += 1
        rate = self.lr
        self.lr = rate / (1 - self.momentum**self.t)
        try:
            super().step()
        finally:
            self.lr = rate


class Nesterov(SGD):
    """Nesterov's momentum: the gradient counts at the place to which momentum alone would lead.

        u = momentum * u + (1 - momentum) * g
        p = p - lr * (momentum * u + (1 - momentum) * g)

    which is the step of Sutskever, Martens, Dahl and Hinton (2013), rewritten so that parameters stand at that place.
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float = 0.01, momentum: float = 0.9, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, lr, momentum, weight_decay)

    def step(self) -> None:
        for param, g in self.gradients():
            g = (g + self.weight_decay * param.data) * (1 - self.momentum)
            previous = self.u.get(param)
            self.u[param] = g if previous is None else self.momentum * previous + g
            param.data = param.data - self.lr * (self.momentum * self.u[param] + g)
