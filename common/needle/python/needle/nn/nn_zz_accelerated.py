"""The library's own fast modules in the place of those that students write: taken last by discovery, their names win.

Each is a subclass that computes by fused operators where the device's native module has kernels for them, and by its
parent's code where it has not, and on the NumPy backend. Parameters, their order and random draws are the parents'.
"""

from __future__ import annotations

import math

import numpy

from .. import init, ops
from ..autograd import Tensor
from ..backend_selection import array_api
from ..ops._accelerated_fused import has_kernel
from ..ops._accelerated_layers import (
    AddRow,
    BatchNorm,
    CrossEntropy,
    LayerNorm,
    LinearRows,
    LstmLayer,
    Permute,
    Rows,
    Softmax,
)
from . import nn_basic, nn_conv, nn_sequence, nn_transformer

__all__ = (
    []
    if array_api is numpy
    else [
        "LSTM",
        "BatchNorm1d",
        "BatchNorm2d",
        "Conv",
        "Dropout",
        "Embedding",
        "LayerNorm1d",
        "Linear",
        "MultiHeadAttention",
        "SoftmaxLoss",
    ]
)


class Linear(nn_basic.Linear):
    def forward(self, X: Tensor) -> Tensor:
        bias = self.bias
        if bias is None or bias.shape not in ((self.out_features,), (1, self.out_features)):
            return super().forward(X)
        if not has_kernel("add_row", X, self.weight, bias):
            return super().forward(X)
        if len(X.shape) == 2:
            return LinearRows()(X, self.weight, bias)
        return AddRow()(X @ self.weight, bias)


class SoftmaxLoss(nn_basic.SoftmaxLoss):
    def forward(self, logits: Tensor, y: Tensor) -> Tensor:
        fits = len(logits.shape) == 2 and y.shape == logits.shape[:1] and y.shape[0]
        if not (fits and has_kernel("cross_entropy", logits, y)):
            return super().forward(logits, y)
        try:
            return CrossEntropy(y.realize_cached_data())(logits)
        except ValueError:
            # A wrong label, of which the parent's code has more to say.
            return super().forward(logits, y)


class _FastBatchNorm:
    """What BatchNorm1d and BatchNorm2d do in training, on x (n, channels, ...)."""

    def _in_training(self, x: Tensor) -> Tensor:
        op = BatchNorm(self.eps)
        normal = op(x, self.weight, self.bias)
        old, new = 1 - self.momentum, self.momentum
        mean, variance = (Tensor.make_const(each) for each in op.found)
        self.running_mean = old * self.running_mean + new * mean
        self.running_var = old * self.running_var + new * variance
        return normal


class BatchNorm1d(_FastBatchNorm, nn_basic.BatchNorm1d):
    def forward(self, x: Tensor) -> Tensor:
        fits = len(x.shape) == 2 and x.shape[1] == self.dim and x.shape[0]
        if not (fits and self.training and has_kernel("batch_norm", x, self.weight, self.bias)):
            return super().forward(x)
        return self._in_training(x)


class BatchNorm2d(nn_conv.BatchNorm2d, BatchNorm1d):
    def forward(self, x: Tensor) -> Tensor:
        fits = len(x.shape) == 4 and x.shape[1] == self.dim and 0 not in x.shape
        if not (fits and self.training and has_kernel("batch_norm", x, self.weight, self.bias)):
            return super().forward(x)
        return self._in_training(x)


class LayerNorm1d(nn_basic.LayerNorm1d):
    def forward(self, x: Tensor) -> Tensor:
        fits = len(x.shape) == 2 and x.shape[1] == self.dim and x.shape[0]
        if not (fits and has_kernel("layer_norm", x, self.weight, self.bias)):
            return super().forward(x)
        return LayerNorm(self.eps)(x, self.weight, self.bias)


class Dropout(nn_basic.Dropout):
    def forward(self, x: Tensor) -> Tensor:
        if not (self.training and has_kernel("masked", x)):
            return super().forward(x)
        # The parent's draw and its float32 arithmetic, without an array for each step of it.
        drawn = numpy.random.rand(*x.shape)
        kept = numpy.less_equal(numpy.asarray(drawn, dtype=numpy.float32), numpy.float32(1 - self.p))
        factors = kept * (numpy.float32(1) / numpy.float32(1 - self.p))
        return x * Tensor(factors, device=x.device, dtype=x.dtype, requires_grad=False)


class Conv(nn_conv.Conv):
    def forward(self, x: Tensor) -> Tensor:
        fits = len(x.shape) == 4 and x.shape[1] == self.in_channels and 0 not in x.shape
        if not (fits and has_kernel("conv2d", x, self.weight)):
            return super().forward(x)
        pixels = Permute((0, 2, 3, 1))(x)
        pixels = ops.conv(pixels, self.weight, self.stride, self.padding, dilation=self.dilation, groups=self.groups)
        if self.bias is not None:
            pixels = AddRow()(pixels, self.bias)
        return Permute((0, 3, 1, 2))(pixels)


class LSTM(nn_sequence.LSTM):
    def forward(self, X: Tensor, h: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        if not self._is_plain(X, h):
            return super().forward(X, h)
        if h is None:
            zeros = init.zeros(X.shape[1], self.hidden_size, device=X.device, dtype=X.dtype)
            states = [(zeros, zeros)] * self.num_layers
        else:
            states = list(zip(*(ops.split(each, axis=0).tuple() for each in h), strict=True))
        last = []
        for cell, state in zip(self.lstm_cells, states, strict=True):
            biases = () if cell.bias_ih is None else (cell.bias_ih, cell.bias_hh)
            X, *reached = LstmLayer()(X, *state, cell.W_ih, cell.W_hh, *biases).tuple()
            last.append(reached)
        h_n, c_n = (ops.stack(list(each), axis=0) for each in zip(*last, strict=True))
        return X, (h_n, c_n)

    def _is_plain(self, X: Tensor, h: tuple[Tensor, Tensor] | None) -> bool:
        """Whether arguments and cells are what the fused operator takes; who says what is wrong else is the parent."""
        shape = (self.num_layers, *X.shape[1:2], self.hidden_size)
        if len(X.shape) != 3 or X.shape[2] != self.input_size or 0 in X.shape or not isinstance(h, (tuple, type(None))):
            return False
        if h is not None and (len(h) != 2 or any(state is None or state.shape != shape for state in h)):
            return False
        used = [X, *(h or ())]
        for cell in self.lstm_cells:
            if type(cell) is not nn_sequence.LSTMCell or (cell.bias_ih is None) != (cell.bias_hh is None):
                return False
            used += [each for each in (cell.W_ih, cell.W_hh, cell.bias_ih, cell.bias_hh) if each is not None]
        return has_kernel("lstm", *used)


class Embedding(nn_sequence.Embedding):
    def forward(self, x: Tensor) -> Tensor:
        if not has_kernel("gather", x, self.weight):
            return super().forward(x)
        try:
            rows = Rows(x.realize_cached_data().compact())(self.weight)
        except ValueError:
            # A wrong id, of which the parent's code has more to say.
            return super().forward(x)
        return ops.reshape(rows, (*x.shape, self.embedding_dim))


class MultiHeadAttention(nn_transformer.MultiHeadAttention):
    def matmul(self, a: Tensor, b_transpose: Tensor) -> Tensor:
        return ops.matmul(a, b_transpose, turned_b=True)

    def softmax(self, logit: Tensor) -> Tensor:
        return Softmax()(logit) if has_kernel("softmax", logit) else super().softmax(logit)

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        nn_transformer._require_attention(q, k, v, self.causal)
        own = type(self)
        changed = (
            own.softmax is not MultiHeadAttention.softmax
            or own.create_causal_mask is not nn_transformer.MultiHeadAttention.create_causal_mask
        )
        if changed or not has_kernel("softmax", q, k, v):
            return super().forward(q, k, v)
        # What scales and hides is in the softmax: scores are written once.
        probs = Softmax(1 / math.sqrt(q.shape[3]), self.causal)(self.matmul(q, k))
        probs = self.dropout(probs)
        return probs @ v, probs
