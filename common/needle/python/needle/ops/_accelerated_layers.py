"""Fused operators for the layers of networks: normalisation, softmax and its loss, rows of a table, an LSTM's layer."""

from __future__ import annotations

import math
from typing import Any

import needle

from ..autograd import NDArray, Tensor, TensorOp, TensorTuple, TensorTupleOp, Value
from ..backend_selection import array_api
from ..init import one_hot
from . import ops_mathematic as plain
from ._accelerated_fused import Fused, FusedGradient, gradients_between, handles, unless_unwanted, variables
from ._slices import Slices


def empty(shape: tuple[int, ...], like: NDArray) -> NDArray:
    return array_api.empty(shape, device=like.device)


def spread(a: Tensor, with_ones: tuple[int, ...], shape: tuple[int, ...]) -> Tensor:
    """Reshaped to a shape with ones in it, and repeated along those."""
    return plain.broadcast_to(plain.reshape(a, with_ones), shape)


class AddRow(TensorOp):
    """a (..., k) plus a row of k numbers, of any shape."""

    def compute(self, a: NDArray, row: NDArray) -> NDArray:
        out = empty(a.shape, a)
        columns = a.shape[-1]
        a.device.mod.add_row(*handles(a, row, out), math.prod(a.shape[:-1]), columns)
        return out

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        a, row = node.inputs
        sums = plain.summation(out_grad, tuple(range(len(a.shape) - 1)))
        return out_grad, sums if sums.shape == row.shape else plain.reshape(sums, row.shape)


class LinearRows(TensorOp):
    """X (n, in) @ weight (in, out) plus a row of `out` numbers, which is added in place."""

    def compute(self, X: NDArray, weight: NDArray, row: NDArray) -> NDArray:
        out = X @ weight
        X.device.mod.add_row(*handles(out, row, out), *out.shape)
        return out

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, ...]:
        X, weight, row = node.inputs
        sums = plain.summation(out_grad, 0)
        by_X = unless_unwanted(needle.ops.MatMul(False, True), X, out_grad, weight)
        by_weight = unless_unwanted(needle.ops.MatMul(True, False), weight, X, out_grad)
        return by_X, by_weight, sums if sums.shape == row.shape else plain.reshape(sums, row.shape)


class Permute(TensorOp):
    """The axes in another order, in one copy."""

    def __init__(self, axes: tuple[int, ...]) -> None:
        self.axes = axes

    def compute(self, a: NDArray) -> NDArray:
        return a.permute(self.axes)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        back = sorted(range(len(self.axes)), key=self.axes.__getitem__)
        return unless_unwanted(Permute(tuple(back)), node.inputs[0], out_grad)


class LayerNorm(Fused):
    """Each row of x (n, dim) normalised, times weight, plus bias."""

    def __init__(self, eps: float) -> None:
        self.eps = eps
        self.found: tuple[NDArray, NDArray] | None = None

    def compute(self, x: NDArray, weight: NDArray, bias: NDArray) -> NDArray:
        rows, columns = x.shape
        out, *self.found = empty(x.shape, x), empty((rows,), x), empty((rows,), x)
        x.device.mod.layer_norm(*handles(x, weight, bias), self.eps, *handles(out, *self.found), rows, columns)
        return out

    def native_gradient(self, out_grad: NDArray, x: NDArray, weight: NDArray, bias: NDArray) -> tuple[NDArray, ...]:
        grads = empty(x.shape, x), empty(weight.shape, x), empty(bias.shape, x)
        x.device.mod.layer_norm_gradient(*handles(out_grad, x, weight, *self.found, *grads), *x.shape)
        return grads

    def plain(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        column, dim = (x.shape[0], 1), x.shape[1]
        centered = x - spread(x.sum((1,)) / dim, column, x.shape)
        variance = (centered * centered).sum((1,)) / dim
        normal = centered / spread((variance + self.eps) ** 0.5, column, x.shape)
        return normal * plain.broadcast_to(weight, x.shape) + plain.broadcast_to(bias, x.shape)


class BatchNorm(Fused):
    """Each channel of x (n, channels, ...) normalised over all else, times weight, plus bias.

    found: once it has computed, the mean and the biased variance of each channel
    """

    def __init__(self, eps: float) -> None:
        self.eps = eps
        self.found: tuple[NDArray, NDArray] | None = None

    @staticmethod
    def sizes(x: Any) -> tuple[int, int, int]:
        return x.shape[0], x.shape[1], math.prod(x.shape[2:])

    def compute(self, x: NDArray, weight: NDArray, bias: NDArray) -> NDArray:
        out, *self.found = empty(x.shape, x), empty(weight.shape, x), empty(weight.shape, x)
        buffers = handles(out, *self.found)
        x.device.mod.batch_norm(*handles(x, weight, bias), self.eps, *buffers, *self.sizes(x))
        return out

    def native_gradient(self, out_grad: NDArray, x: NDArray, weight: NDArray, bias: NDArray) -> tuple[NDArray, ...]:
        grads = empty(x.shape, x), empty(weight.shape, x), empty(bias.shape, x)
        given = handles(out_grad, x, weight, *self.found)
        x.device.mod.batch_norm_gradient(*given, self.eps, *handles(*grads), *self.sizes(x))
        return grads

    def plain(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        outer, channels, inner = self.sizes(x)
        images = plain.reshape(x, (outer, channels, inner))
        shape, middle, count = images.shape, (1, channels, 1), outer * inner
        centered = images - spread(images.sum((0, 2)) / count, middle, shape)
        variance = (centered * centered).sum((0, 2)) / count
        scale = weight / (variance + self.eps) ** 0.5
        return plain.reshape(centered * spread(scale, middle, shape) + spread(bias, middle, shape), x.shape)


class Softmax(Fused):
    """The softmax of scale * a over the last axis.

    causal: whether, of the rows of a matrix (T, S), row i takes but the columns up to i + S - T; the others become 0
    """

    def __init__(self, scale: float = 1.0, causal: bool = False) -> None:
        self.scale = scale
        self.causal = causal
        self.found: NDArray | None = None

    def sizes(self, a: Any) -> tuple[int, int, float, int]:
        return math.prod(a.shape[:-1]), a.shape[-1], self.scale, a.shape[-2] if self.causal else 0

    def compute(self, a: NDArray) -> NDArray:
        self.found = empty(a.shape, a)
        a.device.mod.softmax(*handles(a, self.found), *self.sizes(a))
        return self.found

    def native_gradient(self, out_grad: NDArray, a: NDArray) -> tuple[NDArray, ...]:
        out = empty(a.shape, a)
        a.device.mod.softmax_gradient(*handles(self.found, out_grad, out), *self.sizes(a))
        return (out,)

    def plain(self, a: Tensor) -> Tensor:
        rows, columns, scale, queries = self.sizes(a)
        matrix = plain.reshape(a, (rows, columns)) * scale
        if queries:
            # What a row does not see becomes so little that its exponential is 0.
            hidden = [[float(key > i % queries + columns - queries) for key in range(columns)] for i in range(rows)]
            matrix = matrix + Tensor(hidden, device=a.device, requires_grad=False) * -1e30
        return plain.reshape(plain.exp(needle.ops.logsoftmax(matrix)), a.shape)


class CrossEntropy(Fused):
    """The mean over rows of logsumexp(z) - z[label], of shape (). labels: an array of whole numbers, checked"""

    def __init__(self, labels: NDArray) -> None:
        self.labels = labels.compact()
        self.found: NDArray | None = None

    def compute(self, logits: NDArray) -> NDArray:
        rows = logits.shape[:1]
        losses, self.found = empty(rows, logits), empty(rows, logits)
        logits.device.mod.cross_entropy(*handles(logits, self.labels, losses, self.found), *logits.shape)
        return array_api.sum(losses) / rows[0]

    def native_gradient(self, out_grad: NDArray, logits: NDArray) -> tuple[NDArray, ...]:
        out = empty(logits.shape, logits)
        scale = float(out_grad.numpy()) / logits.shape[0]
        given = handles(logits, self.labels, self.found)
        logits.device.mod.cross_entropy_gradient(*given, scale, *handles(out), *logits.shape)
        return (out,)

    def plain(self, logits: Tensor) -> Tensor:
        rows, columns = logits.shape
        chosen = logits * one_hot(columns, self.labels.numpy(), device=logits.device)
        return (needle.ops.logsumexp(logits, (1,)).sum() - chosen.sum()) / rows


class Rows(TensorOp):
    """The rows of a table (count, dim) that some ids name, (n, dim). ids: an array (n,) of whole numbers, checked"""

    def __init__(self, ids: NDArray) -> None:
        self.ids = ids

    def compute(self, table: NDArray) -> NDArray:
        out = empty((self.ids.size, table.shape[1]), table)
        table.device.mod.gather(*handles(table, self.ids, out), *table.shape)
        return out

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return AddRows(self.ids, node.inputs[0].shape)(out_grad)


class AddRows(TensorOp):
    """A table of zeros to which rows are added, each to the row that its id names: the adjoint of Rows."""

    def __init__(self, ids: NDArray, shape: tuple[int, ...]) -> None:
        self.ids = ids
        self.shape = shape

    def compute(self, a: NDArray) -> NDArray:
        table = array_api.zeros(self.shape, device=a.device)
        a.device.mod.scatter_add(*handles(a, self.ids, table), *self.shape)
        return table

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return Rows(self.ids)(out_grad)


class LstmLayer(TensorTupleOp):
    """A layer of an LSTM over a sequence: from X (T, bs, in), h0 and c0 (bs, h), W_ih (in, 4h), W_hh (h, 4h) and, if
    there are any, the biases (4h,) both, to all states h (T, bs, h) and the last states h and c (bs, h).
    """

    def __init__(self) -> None:
        self.found: tuple[NDArray, NDArray, NDArray] | None = None

    def __call__(self, *args: Tensor) -> TensorTuple:
        return Slices.make_from_op(self, args)

    def compute(self, *args: NDArray) -> tuple[NDArray, ...]:
        X, h0, c0, W_ih, W_hh, *biases = args
        steps, batch, width = X.shape
        units = h0.shape[1]
        mod = X.device.mod
        gates = X.compact().reshape((steps * batch, width)) @ W_ih
        if biases:
            mod.add_row(*handles(gates, biases[0] + biases[1], gates), steps * batch, 4 * units)
        hidden, cells = empty((steps, batch, units), X), empty((steps, batch, units), X)
        mod.lstm(*handles(W_hh, h0, c0, gates, hidden, cells), steps, batch, units)
        self.found = gates, hidden, cells
        return hidden, *(_step(states, steps - 1).compact() for states in (hidden, cells))

    def native_gradient(self, *args: NDArray) -> tuple[NDArray, ...]:
        by_hidden, by_h, by_c, X, h0, c0, W_ih, W_hh, *biases = args
        gates, hidden, cells = self.found
        steps, batch, width = X.shape
        units = h0.shape[1]
        # What comes in as the adjoints of the last states goes out as those of the first ones.
        by_h, by_c = by_h + 0.0, by_c + 0.0
        by_gates = empty((steps * batch, 4 * units), X)
        given = handles(W_hh, c0, gates, cells, by_hidden)
        X.device.mod.lstm_gradient(*given, *handles(by_h, by_c, by_gates), steps, batch, units)
        inputs = X.compact().reshape((steps * batch, width))
        by_recurrent = h0.T @ by_gates[:batch]
        if steps > 1:
            before = hidden.reshape((steps * batch, units))[: (steps - 1) * batch]
            by_recurrent = by_recurrent + before.T @ by_gates[batch:]
        by_bias = [by_gates.sum(axis=0)] * len(biases)
        return (by_gates @ W_ih.T).reshape(X.shape), by_h, by_c, inputs.T @ by_gates, by_recurrent, *by_bias

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        return LstmGradient(self)(*(out_grad[i] for i in range(3)), *node.inputs).tuple()

    def plain(self, *inputs: Tensor) -> list[Tensor]:
        X, h, c, W_ih, W_hh, *biases = inputs
        (batch, units), ops = h.shape, needle.ops
        outputs = []
        for x in ops.split(X, 0).tuple():
            sums = x @ W_ih + h @ W_hh
            if biases:
                sums = sums + plain.broadcast_to(biases[0] + biases[1], sums.shape)
            i, f, g, o = ops.split(plain.reshape(sums, (batch, 4, units)), 1).tuple()
            i, f, o = ((ops.tanh(each * 0.5) + 1) * 0.5 for each in (i, f, o))
            c = f * c + i * ops.tanh(g)
            h = o * ops.tanh(c)
            outputs.append(h)
        return [ops.stack(outputs, 0), h, c]


class LstmGradient(FusedGradient):
    """The gradients of an LstmLayer, from the adjoints of its three results and its inputs."""

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Value, ...]:
        values = variables(node.inputs)
        adjoints, inputs = values[:3], values[3:]
        results = self.forward.plain(*inputs)
        gradients = gradients_between(list(zip(results, adjoints, strict=True)), inputs)
        return tuple(gradients_between([(each, out_grad[i]) for i, each in enumerate(gradients)], values))


def _step(states: NDArray, index: int) -> NDArray:
    """One step (bs, h) of compact states (T, bs, h), as a view."""
    _, batch, units = states.shape
    return states.make((batch, units), (units, 1), states.device, states._handle, index * batch * units)
