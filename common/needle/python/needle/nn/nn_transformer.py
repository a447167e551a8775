"""The modules of homework 4 that attend: multi-head attention, and the transformer made of it.

A sequence is a tensor (batch, T, features) here. Where a recurrent network carries a state from step to step, attention
lets every step look at all others at once, and weigh them by how well they match. You fill the solution blocks.

Sources: Vaswani et al., "Attention Is All You Need", 2017; Xiong et al., "On Layer Normalization in the Transformer
Architecture", 2020, for normalising before each part instead of after it (pre-norm).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import init, nn, ops
from .._conversions import new_array
from ..autograd import Tensor
from ..backend_selection import Device, NDArray, array_api
from .nn_basic import Dropout, LayerNorm1d, Linear, ReLU, Residual, Sequential  # noqa: F401 - for solutions
from .nn_module import Module, Parameter  # noqa: F401
from .nn_sequence import Embedding  # noqa: F401

__all__ = ["AttentionLayer", "MultiHeadAttention", "Transformer", "TransformerLayer"]


class MultiHeadAttention(Module):
    """Attention with several heads side by side, each on queries, keys and values of its own; no parameters.

        probs = softmax(q @ k^T / sqrt(D))          how much each query takes of each value: a row for each query
        result = dropout(probs) @ v

    causal: whether a query sees only the keys up to its own step. The last query belongs to the last key; what a query
        must not see gets the probability 0.
    """

    def __init__(
        self, *, dropout: float = 0.0, causal: bool = False, device: Device | None = None, dtype: Any = "float32"
    ) -> None:
        super().__init__()
        self.device = device
        self.dtype = dtype
        self.causal = causal
        self.dropout = nn.Dropout(dropout)

    def create_causal_mask(self, i: int, j: int, device: Device | None) -> NDArray:
        """An array (1, 1, i, j) for i queries and j keys: 0 where a query sees a key, else the least float32.

        Added to what the softmax is taken of, it makes probabilities 0.
        """
        hidden = np.triu(np.ones((1, 1, i, j), dtype="float32"), j - i + 1)
        return new_array(hidden * np.finfo("float32").min, device, "float32")

    def matmul(self, a: Tensor, b_transpose: Tensor) -> Tensor:
        """a @ b for a of shape (..., m, n) and b transposed, (..., p, n). Returns (..., m, p)."""
        return ops.matmul(a, ops.transpose(b_transpose))

    def softmax(self, logit: Tensor) -> Tensor:
        """exp(z) / sum(exp(z)) over the last axis of (B, H, T, S), for logits of any size."""
        column = (*logit.shape[:-1], 1)
        # Shifting all logits of a row changes nothing, so the shift may be a constant that knows nothing of the graph.
        largest = array_api.max(logit.realize_cached_data(), axis=3, keepdims=True)
        shift = Tensor(largest, device=logit.device, dtype=logit.dtype, requires_grad=False)
        exponentials = ops.exp(logit - shift.broadcast_to(logit.shape))
        totals = exponentials.sum(axes=(3,)).reshape(column)
        return exponentials / totals.broadcast_to(logit.shape)

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """
        q: queries (B, H, T, D): batch, heads, steps, features
        k, v: keys and values (B, H, S, D); S steps, T or another number (if causal, not less than T)
        Returns the result, (B, H, T, D), and the probabilities, (B, H, T, S): as used, dropout included.
        Raises ValueError: if the shapes are not these.
        """
        _require_attention(q, k, v, self.causal)
        ### BEGIN SOLUTION
        scores = self.matmul(q, k) / math.sqrt(q.shape[3])
        if self.causal:
            mask = self.create_causal_mask(q.shape[2], k.shape[2], q.device)
            mask = Tensor(mask, device=q.device, dtype=q.dtype, requires_grad=False)
            scores = scores + mask.broadcast_to(scores.shape)
        probs = self.dropout(self.softmax(scores))
        return probs @ v, probs
        ### END SOLUTION


class AttentionLayer(Module):
    """Multi-head attention from normalised inputs through linear projections, without biases:

        q, k, v -> LayerNorm1d each -> projections to num_head * dim_head features -> heads -> attention
                -> heads side by side -> projection to out_features

    prenorm_q, prenorm_k, prenorm_v: LayerNorm1d of q_features, k_features and v_features
    q_projection, k_projection, v_projection, out_projection: Linear, without bias, made in this order
    attn: MultiHeadAttention
    k_features, v_features, out_features: q_features unless they are given
    """

    def __init__(
        self,
        q_features: int,
        num_head: int,
        dim_head: int,
        *,
        k_features: int | None = None,
        v_features: int | None = None,
        out_features: int | None = None,
        dropout: float = 0.0,
        causal: bool = True,
        device: Device | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        k_features = q_features if k_features is None else k_features
        v_features = q_features if v_features is None else v_features
        out_features = q_features if out_features is None else out_features
        self.device = device
        self.dtype = dtype
        self.q_features = q_features
        self.k_features = k_features
        self.v_features = v_features
        self.out_features = out_features
        self.num_head = num_head
        self.dim_head = dim_head
        options: dict[str, Any] = {"device": device, "dtype": dtype}
        self.prenorm_q = nn.LayerNorm1d(q_features, **options)
        self.prenorm_k = nn.LayerNorm1d(k_features, **options)
        self.prenorm_v = nn.LayerNorm1d(v_features, **options)
        inner = num_head * dim_head
        self.q_projection = nn.Linear(q_features, inner, bias=False, **options)
        self.k_projection = nn.Linear(k_features, inner, bias=False, **options)
        self.v_projection = nn.Linear(v_features, inner, bias=False, **options)
        self.attn = nn.MultiHeadAttention(dropout=dropout, causal=causal, **options)
        self.out_projection = nn.Linear(inner, out_features, bias=False, **options)

    def forward(self, q: Tensor, k: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        """
        q: (B, T, q_features); k, v: (B, S, k_features) and (B, S, v_features), None for q: self-attention
        Returns (B, T, out_features). Raises ValueError: if the shapes are not these.
        """
        k = q if k is None else k
        v = q if v is None else v
        for name, x, features in (("q", q, self.q_features), ("k", k, self.k_features), ("v", v, self.v_features)):
            _require_steps(f"AttentionLayer: {name}", x, features)
        if not (q.shape[0] == k.shape[0] == v.shape[0] and k.shape[1] == v.shape[1]):
            shapes = f"q {q.shape}, k {k.shape} and v {v.shape}"
            raise ValueError(f"AttentionLayer: expected one batch size, and as many keys as values, got {shapes}")
        ### BEGIN SOLUTION
        batch, queries, _ = q.shape

        def heads(norm: Module, projection: Module, x: Tensor) -> Tensor:
            """(B, T, features) to (B, H, T, D); features are mixed row by row, so all rows make one matrix."""
            rows = projection(norm(x.reshape((batch * x.shape[1], x.shape[2]))))
            return rows.reshape((batch, x.shape[1], self.num_head, self.dim_head)).transpose((1, 2))

        result, _ = self.attn(
            heads(self.prenorm_q, self.q_projection, q),
            heads(self.prenorm_k, self.k_projection, k),
            heads(self.prenorm_v, self.v_projection, v),
        )
        side_by_side = result.transpose((1, 2)).reshape((batch * queries, self.num_head * self.dim_head))
        return self.out_projection(side_by_side).reshape((batch, queries, self.out_features))
        ### END SOLUTION


class TransformerLayer(Module):
    """Self-attention, then two linear layers on each step alone; each part is added to what comes in (pre-norm):

        x = x + Dropout(Attention(x))
        x = x + Dropout(Linear2(Dropout(ReLU(Linear1(LayerNorm1d(x))))))

    Attention is an AttentionLayer, which normalises by itself; it is made first, then Linear1, q_features to
    hidden_size, and Linear2, back to q_features. Dropout, also in the attention, is with probability `dropout`.
    """

    def __init__(
        self,
        q_features: int,
        num_head: int,
        dim_head: int,
        hidden_size: int,
        *,
        dropout: float = 0.0,
        causal: bool = True,
        device: Device | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        self.device = device
        self.dtype = dtype
        self.q_features = q_features
        ### BEGIN SOLUTION
        where = {"device": device, "dtype": dtype}
        self.attention = nn.AttentionLayer(q_features, num_head, dim_head, dropout=dropout, causal=causal, **where)
        self.norm = nn.LayerNorm1d(q_features, **where)
        self.linear1 = nn.Linear(q_features, hidden_size, **where)
        self.linear2 = nn.Linear(hidden_size, q_features, **where)
        self.drop = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, T, q_features), T at least 1. Returns the same shape. Raises ValueError: if it is not."""
        _require_steps("TransformerLayer: x", x, self.q_features)
        ### BEGIN SOLUTION
        x = x + self.drop(self.attention(x))
        rows = self.norm(x.reshape((x.shape[0] * x.shape[1], self.q_features)))
        hidden = self.drop(ops.relu(self.linear1(rows)))
        return x + self.drop(self.linear2(hidden)).reshape(x.shape)
        ### END SOLUTION


class Transformer(Module):
    """Transformer layers, one after the other, on inputs to which each step's position is added.

    Attention alone cannot tell one order of its inputs from another. Positions are learned: an Embedding of the
    positions 0 to sequence_len-1, of embedding_size features each, which is made before the layers.

    embedding_size: features of the inputs and outputs; hidden_size: inside of each layer
    batch_first: whether tensors are (B, T, features) instead of (T, B, features)
    sequence_len: the largest T
    """

    def __init__(
        self,
        embedding_size: int,
        hidden_size: int,
        num_layers: int,
        *,
        num_head: int = 8,
        dim_head: int = 32,
        dropout: float = 0.0,
        causal: bool = True,
        device: Device | None = None,
        dtype: Any = "float32",
        batch_first: bool = False,
        sequence_len: int = 2048,
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise ValueError(f"Transformer: num_layers must be 1 or more, not {num_layers}")
        self.device = device
        self.dtype = dtype
        self.embedding_size = embedding_size
        self.batch_first = batch_first
        self.sequence_len = sequence_len
        ### BEGIN SOLUTION
        self.positions = nn.Embedding(sequence_len, embedding_size, device, dtype)
        sizes = (embedding_size, num_head, dim_head, hidden_size)
        settings = {"dropout": dropout, "causal": causal, "device": device, "dtype": dtype}
        self.layers = [nn.TransformerLayer(*sizes, **settings) for _ in range(num_layers)]
        ### END SOLUTION

    def forward(self, x: Tensor, h: Any = None) -> tuple[Tensor, Tensor]:
        """
        x: (T, B, embedding_size), or (B, T, embedding_size) if batch_first; T from 1 to sequence_len
        h: not used: it is there because recurrent networks are called with a state, and return one
        Returns the outputs, in the shape of x, and zeros of that shape in place of a state.
        Raises ValueError: if the shape is not one of these.
        """
        _require_steps("Transformer: x", x, self.embedding_size)
        length = x.shape[1 if self.batch_first else 0]
        if length > self.sequence_len:
            raise ValueError(f"Transformer: a sequence has {length} steps, but sequence_len is {self.sequence_len}")
        if not self.batch_first:
            x = ops.transpose(x, (0, 1))
        ### BEGIN SOLUTION
        places = Tensor(np.arange(length), device=x.device, dtype=x.dtype, requires_grad=False)
        x = x + self.positions(places).broadcast_to(x.shape)
        for layer in self.layers:
            x = layer(x)
        ### END SOLUTION
        if not self.batch_first:
            x = ops.transpose(x, (0, 1))
        return x, init.zeros_like(x)


def _require_steps(name: str, x: Tensor, features: int) -> None:
    """Raises ValueError: unless x has three axes, none of them empty, the last of `features`."""
    if len(x.shape) != 3 or x.shape[2] != features or 0 in x.shape:
        raise ValueError(f"{name}: expected three axes, the last of {features} features, none empty; got {x.shape}")


def _require_attention(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> None:
    """Raises ValueError: unless q is (B, H, T, D) and k and v are (B, H, S, D), and T is at most S if causal."""
    shapes = f"q {q.shape}, k {k.shape} and v {v.shape}"
    if not (len(q.shape) == len(k.shape) == 4 and k.shape == v.shape and 0 not in q.shape + k.shape):
        raise ValueError(f"MultiHeadAttention: expected q (B, H, T, D), k and v (B, H, S, D), none empty; got {shapes}")
    if q.shape[:2] != k.shape[:2] or q.shape[3] != k.shape[3]:
        raise ValueError(f"MultiHeadAttention: B, H and D must be the same for q, k and v; got {shapes}")
    if causal and q.shape[2] > k.shape[2]:
        raise ValueError(f"MultiHeadAttention: the first of more queries than keys would see no key; got {shapes}")
