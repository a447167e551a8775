"""Positions in a sequence that are not learned. Source: Vaswani et al., "Attention Is All You Need", 2017."""

from __future__ import annotations

from typing import Any

import numpy

from ..autograd import Tensor
from ..backend_selection import Device
from .nn_module import Module

__all__ = ["SinusoidalEmbedding"]


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
