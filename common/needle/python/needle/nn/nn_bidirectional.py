"""Recurrent networks that read a sequence from both ends, so that every output knows all of it.

Source: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", 1997.
"""

from __future__ import annotations

from typing import Any

from .. import ops
from ..autograd import Tensor
from .nn_module import Module

__all__ = ["Bidirectional"]


class Bidirectional(Module):
    """Layers of two networks each: one reads from the first step to the last, the other from the last to the first.

    Their outputs for a step, side by side, are the inputs of the next layer, as in PyTorch:

        nn.Bidirectional(nn.LSTM, input_size=8, hidden_size=16, num_layers=2)

    kind: RNN or LSTM; options: what it takes besides sizes and num_layers (bias, device, ...)
    layers: a list of pairs (forwards, backwards) of networks of one layer, made in this order
    """

    def __init__(
        self, kind: type[Module], input_size: int, hidden_size: int, num_layers: int = 1, **options: Any
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise ValueError(f"Bidirectional: num_layers must be 1 or more, not {num_layers}")
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        widths = [input_size] + (num_layers - 1) * [2 * hidden_size]
        self.layers = [(kind(width, hidden_size, **options), kind(width, hidden_size, **options)) for width in widths]

    def forward(self, X: Tensor, h: Any = None) -> tuple[Tensor, Any]:
        """
        X: (T, bs, input_size), T at least 1
        h: the states before, None for zeros: for an RNN (2 * num_layers, bs, hidden_size), in which the states of a
            layer's two networks follow each other; for an LSTM two of these. A network that reads backwards begins with
            the last step.
        Returns the outputs of the last layer, (T, bs, 2 * hidden_size), of which the first half is of the network that
        reads forwards, and the states after, as h is.
        Raises ValueError: if the shapes are not these.
        """
        before = self._states_of_networks(X, h)
        ends: list[Any] = []
        x = X
        for forwards, backwards in self.layers:
            first, state = forwards(x, next(before))
            ends.append(state)
            second, state = backwards(ops.flip(x, (0,)), next(before))
            ends.append(state)
            both = ops.stack([first, ops.flip(second, (0,))], 2)
            x = both.reshape((*both.shape[:2], 2 * self.hidden_size))
        if isinstance(ends[0], tuple):
            return x, tuple(self._stacked(list(states)) for states in zip(*ends, strict=True))
        return x, self._stacked(ends)

    def _states_of_networks(self, X: Tensor, h: Any) -> Any:
        """An iterator over what each network is given as its state."""
        count = 2 * self.num_layers
        tensors = list(h) if isinstance(h, (tuple, list)) else [] if h is None else [h]
        if not tensors:
            return iter([None] * count)
        shape = (count, X.shape[1] if len(X.shape) > 1 else None, self.hidden_size)
        for each in tensors:
            if each.shape != shape:
                raise ValueError(f"Bidirectional: expected states of shape {shape}, got {each.shape}")
        parts = [[part.reshape((1, *shape[1:])) for part in ops.split(each, 0).tuple()] for each in tensors]
        return zip(*parts, strict=True) if isinstance(h, (tuple, list)) else iter(parts[0])

    def _stacked(self, states: list[Tensor]) -> Tensor:
        """States (1, bs, hidden_size) of all networks, one behind the other."""
        batch = states[0].shape[1]
        return ops.stack(states, 0).reshape((len(states), batch, self.hidden_size))
