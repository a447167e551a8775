"""Two choices that transformers differ in: where they normalise, and how they know a step's position.

As first published they normalise after each part (post-norm) and add positions that are not learned; both are here,
by flags of `TransformerLayer` and `Transformer`. Source: Vaswani et al., "Attention Is All You Need", 2017.
"""

from __future__ import annotations

from typing import Any

from .. import nn, ops
from ..autograd import Tensor
from . import nn_transformer
from .nn_positions import SinusoidalEmbedding

__all__ = ["Transformer", "TransformerLayer"]


class TransformerLayer(nn_transformer.TransformerLayer):
    """nn_transformer.TransformerLayer, or one that normalises after each part instead of before it.

    pre_norm: if False,
        x = LayerNorm1d(x + Dropout(Attention(x)))
        x = LayerNorm1d(x + Dropout(Linear2(Dropout(ReLU(Linear1(x))))))
    where Attention does not normalise
    """

    def __init__(
        self, q_features: int, num_head: int, dim_head: int, hidden_size: int, *, pre_norm: bool = True, **options: Any
    ) -> None:
        super().__init__(q_features, num_head, dim_head, hidden_size, **options)
        self.pre_norm = True
        if not pre_norm:
            self.normalise_after()

    def normalise_after(self) -> None:
        """Become a layer that normalises after each part, with the same weights of all others."""
        self.pre_norm = False
        inside = self.attention
        inside.prenorm_q, inside.prenorm_k, inside.prenorm_v = nn.Identity(), nn.Identity(), nn.Identity()
        self.norm_attention = nn.LayerNorm1d(self.q_features, device=self.device, dtype=self.dtype)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, T, q_features), T at least 1. Returns the same shape. Raises ValueError: if it is not."""
        if self.pre_norm:
            return super().forward(x)
        attended = x + self.drop(self.attention(x))
        steps = self.norm_attention(attended.reshape((x.shape[0] * x.shape[1], self.q_features)))
        inner = self.drop(ops.relu(self.linear1(steps)))
        return self.norm(steps + self.drop(self.linear2(inner))).reshape(x.shape)


class Transformer(nn_transformer.Transformer):
    """nn_transformer.Transformer with two flags; whatever they are, all weights that stay draw the same numbers.

    pre_norm: of its layers
    positions: "learned", or "sinusoidal" for a SinusoidalEmbedding
    """

    def __init__(
        self,
        embedding_size: int,
        hidden_size: int,
        num_layers: int,
        *,
        pre_norm: bool = True,
        positions: str = "learned",
        **options: Any,
    ) -> None:
        if positions not in ("learned", "sinusoidal"):
            raise ValueError(f"Transformer: positions must be 'learned' or 'sinusoidal', not {positions!r}")
        super().__init__(embedding_size, hidden_size, num_layers, **options)
        if positions == "sinusoidal":
            self.positions = SinusoidalEmbedding(self.sequence_len, embedding_size, self.device, self.dtype)
        if not pre_norm:
            for each in self.layers:
                each.normalise_after()
