"""What a transformer looks at: the probabilities of its attention layers, gathered while it computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy

from ..autograd import Tensor
from .nn_module import Module
from .nn_transformer import AttentionLayer

__all__ = ["attention_maps"]


@contextmanager
def attention_maps(model: Module) -> Iterator[list[numpy.ndarray]]:
    """A list of what every attention layer in a model attends to, filled while the model is used inside of `with`:

        network.eval()
        with nn.attention_maps(network) as maps:
            network(x)
        maps[-1][0, 2]      # of the last layer, for the first example: what head 2 takes of each step, a row a query

    One array (B, H, T, S) for each use of a layer, in the order of use. In training they include dropout.
    """
    layers = [each for each in (model, *model._children()) if isinstance(each, AttentionLayer)]
    before = [layer.attn for layer in layers]
    maps: list[numpy.ndarray] = []
    for layer in layers:
        layer.attn = _Watched(layer.attn, maps)
    try:
        yield maps
    finally:
        for layer, attention in zip(layers, before, strict=True):
            layer.attn = attention


class _Watched(Module):
    """Attention that also writes down its probabilities."""

    def __init__(self, attention: Module, maps: list[numpy.ndarray]) -> None:
        super().__init__()
        self.attention = attention
        self.training = attention.training
        self.maps = maps

    def forward(self, *args: Any) -> tuple[Tensor, Tensor]:
        result, probs = self.attention(*args)
        self.maps.append(probs.numpy().copy())
        return result, probs
