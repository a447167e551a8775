"""Two choices that transformers differ in: where they normalise, and how they know a step's position.

As first published they normalise after each part (post-norm) and add positions that are not learned; both are here,
by flags of `TransformerLayer` and `Transformer`. Source: Vaswani et al., "Attention Is All You Need", 2017.
"""

from __future__ import annotations

from typing import Any

import numpy

from .. import nn, ops
from ..autograd import Tensor
from ..backend_selection import Device
from . import nn_transformer
from .nn_module import Module

__all__ = ["SinusoidalEmbedding", "Transformer", "TransformerLayer"]


class SinusoidalEmbedding(Module):
    """Positions as sines and cosines, whose wavelengths grow geometrically from 2 pi to 20,000 pi; nothing is learned:

        features 2i and 2i+1 of position p are sin(p / 10000^(2i / dim)) and cos(p / 10000^(2i / dim))

    For any k, the features of p + k are a rotation of those of p that does not depend on p.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, device: Device | None = None, dtype: Any = "float32"
    ) -> None:
        super().__init__()
        if min(num_embeddings, embedding_dim) < 1:
            sizes = f"{num_embeddings} and {embedding_dim}"
            raise ValueError(f"SinusoidalEmbedding: expected 1 position and 1 feature or more, not {sizes}")
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.dtype = dtype
        even = numpy.arange(embedding_dim) // 2 * 2
        angles = numpy.arange(num_embeddings)[:, numpy.newaxis] / 10000.0 ** (even / embedding_dim)
        # A plain array: it can be computed again, so nobody needs to save it.
        self.table = numpy.where(numpy.arange(embedding_dim) % 2, numpy.cos(angles), numpy.sin(angles))

    def forward(self, x: Tensor) -> Tensor:
        """x: positions of shape (...). Returns (..., embedding_dim). Raises ValueError: for what is no position."""
        positions = numpy.asarray(x.numpy())
        wrong = positions[~numpy.isin(positions, numpy.arange(self.num_embeddings))]
        if wrong.size:
            expected = f"positions must be whole numbers from 0 to {self.num_embeddings - 1}"
            raise ValueError(f"SinusoidalEmbedding: {expected}, but one is {wrong[0]}")
        rows = self.table[positions.astype("int64")]
        return Tensor(rows, device=x.device, dtype=self.dtype, requires_grad=False)


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
