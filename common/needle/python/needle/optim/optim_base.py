"""What all optimizers share: the parameters, each once, and their gradients ready for use."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..autograd import Tensor

__all__ = ["Optimizer"]


class Optimizer:
    """Changes parameters, a step at a time, so that a loss gets smaller.

        optimizer.reset_grad()
        loss.backward()
        optimizer.step()

    params: the tensors to change, as `Module.parameters()` lists them. One that is listed twice, because two modules
        share it, is kept and changed once.
    Raises TypeError: if they are no list, or one is no tensor; ValueError: if there is none.
    """

    params: list[Tensor]

    def __init__(self, params: Iterable[Tensor]) -> None:
        if not isinstance(params, Iterable):
            found = type(params).__name__
            raise TypeError(f"{type(self).__name__}: expected a list of tensors, as parameters() gives, not {found}")
        self.params = list({id(param): param for param in params}.values())
        for i, param in enumerate(self.params):
            if not isinstance(param, Tensor):
                raise TypeError(f"{type(self).__name__}: parameter {i} is not a Tensor but {type(param).__name__}")
        if not self.params:
            raise ValueError(f"{type(self).__name__}: there are no parameters to train")

    def step(self) -> None:
        """Change every parameter that has a gradient."""
        raise NotImplementedError(f"{type(self).__name__}.step")

    def reset_grad(self) -> None:
        """Forget all gradients."""
        for param in self.params:
            param.reset_grad()

    def gradients(self) -> list[tuple[Tensor, Tensor]]:
        """Each parameter that has a gradient, with that gradient: of its dtype, and apart from the graph.

        Parameters that the last loss did not depend on have none, and are left out.
        """
        found = []
        for param in self.params:
            grad = getattr(param, "grad", None)
            if grad is not None:
                found.append((param, Tensor(grad.data, dtype=param.dtype, requires_grad=False)))
        return found


def require_rate(owner: Optimizer, name: str, value: float, *, below: float = math.inf) -> None:
    """Raises ValueError: unless 0 <= value < below."""
    if not 0 <= value < below:  # nan is refused as well
        bounds = "0 or more, and finite" if below == math.inf else f"in [0, {below:g})"
        raise ValueError(f"{type(owner).__name__}: {name} must be {bounds}, not {value}")
