"""The modules of homework 4 for sequences: recurrent networks, long short-term memory, and embeddings of words.

A sequence is a tensor (T, bs, features): step after step, each a batch. (PyTorch calls it time-first, TNC.) What one
step does is a *cell*; `RNN` and `LSTM` apply cells to all steps, and stack layers: the outputs of one are the inputs of
the next. You fill the solution blocks.

Sources: Elman, "Finding Structure in Time", 1990; Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; Gers,
Schmidhuber and Cummins, "Learning to Forget", 2000, for the forget gate.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import init, ops
from ..autograd import Tensor
from ..backend_selection import Device
from .nn_module import Module, Parameter

__all__ = ["LSTM", "RNN", "Embedding", "LSTMCell", "RNNCell", "Sigmoid"]


class Sigmoid(Module):
    """1 / (1 + exp(-x)), element by element, from 0 to 1.

    For numbers of any size, the value and its gradient are finite. (exp(100) is not, in float32; tanh(100) is, and
    1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2.)
    """

    def forward(self, x: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return (ops.tanh(x * 0.5) + 1) * 0.5
        ### END SOLUTION


class RNNCell(Module):
    """One step of a recurrent network: h' = tanh(x @ W_ih + bias_ih + h @ W_hh + bias_hh), or relu in tanh's place.

    W_ih: a Parameter of shape (input_size, hidden_size)
    W_hh: a Parameter of shape (hidden_size, hidden_size)
    bias_ih, bias_hh: Parameters of shape (hidden_size,); None if `bias` is False
    All are uniform on [-b, b) with b = 1 / sqrt(hidden_size), drawn in this order.
    nonlinearity: "tanh" or "relu"
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Device | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        _require_sizes("RNNCell", input_size=input_size, hidden_size=hidden_size)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNNCell: nonlinearity must be 'tanh' or 'relu', not {nonlinearity!r}")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        ### BEGIN SOLUTION
        bound = 1 / math.sqrt(hidden_size)

        def drawn(*shape: int) -> Parameter:
            return Parameter(init.rand(*shape, low=-bound, high=bound, device=device, dtype=dtype))

        self.W_ih = drawn(input_size, hidden_size)
        self.W_hh = drawn(hidden_size, hidden_size)
        self.bias_ih = drawn(hidden_size) if bias else None
        self.bias_hh = drawn(hidden_size) if bias else None
        ### END SOLUTION

    def forward(self, X: Tensor, h: Tensor | None = None) -> Tensor:
        """X: (bs, input_size); h: (bs, hidden_size), None for zeros. Returns the next h.

        Raises ValueError: if the shapes are not these.
        """
        _require_step("RNNCell", X, self.input_size, [h], self.hidden_size)
        ### BEGIN SOLUTION
        if h is None:
            h = init.zeros(X.shape[0], self.hidden_size, device=X.device, dtype=X.dtype)
        drive = X @ self.W_ih + h @ self.W_hh
        if self.bias_ih is not None:
            drive = drive + (self.bias_ih + self.bias_hh).broadcast_to(drive.shape)
        return ops.tanh(drive) if self.nonlinearity == "tanh" else ops.relu(drive)
        ### END SOLUTION


class RNN(Module):
    """Layers of RNN cells, applied to sequences: layer l reads the outputs of layer l-1 as its inputs.

    rnn_cells: a list of RNNCell, one for each layer, made from the first to the last
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Device | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        _require_sizes("RNN", input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        ### BEGIN SOLUTION
        widths = [input_size] + [hidden_size] * (num_layers - 1)
        self.rnn_cells = [RNNCell(width, hidden_size, bias, nonlinearity, device, dtype) for width in widths]
        ### END SOLUTION

    def forward(self, X: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """
        X: (T, bs, input_size), T at least 1
        h0: (num_layers, bs, hidden_size), the states before the first step; None for zeros
        Returns the outputs of the last layer, (T, bs, hidden_size), and the states of all layers after the last step,
        (num_layers, bs, hidden_size).
        Raises ValueError: if the shapes are not these.
        """
        _require_sequence("RNN", X, self.input_size, [h0], (self.num_layers, self.hidden_size))
        ### BEGIN SOLUTION
        steps = ops.split(X, axis=0).tuple()
        before = [None] * self.num_layers if h0 is None else ops.split(h0, axis=0).tuple()
        after = []
        for cell, h in zip(self.rnn_cells, before, strict=True):
            outputs = []
            for x in steps:
                h = cell(x, h)
                outputs.append(h)
            steps = outputs
            after.append(h)
        return ops.stack(steps, axis=0), ops.stack(after, axis=0)
        ### END SOLUTION


class LSTMCell(Module):
    """One step of a long short-term memory, whose cell state c is changed by addition and so remembers for long.

        i, f, g, o = the four quarters of x @ W_ih + bias_ih + h @ W_hh + bias_hh, each of width hidden_size
        c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
        h' = sigmoid(o) * tanh(c')

    i is the input gate, f the forget gate, g the candidate and o the output gate.

    W_ih: a Parameter of shape (input_size, 4 * hidden_size)
    W_hh: a Parameter of shape (hidden_size, 4 * hidden_size)
    bias_ih, bias_hh: Parameters of shape (4 * hidden_size,); None if `bias` is False
    All are uniform on [-b, b) with b = 1 / sqrt(hidden_size), drawn in this order.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Device | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        _require_sizes("LSTMCell", input_size=input_size, hidden_size=hidden_size)
        self.input_size = input_size
        self.hidden_size = hidden_size
        ### BEGIN SOLUTION
        edge = 1 / math.sqrt(hidden_size)
        shapes = [(input_size, 4 * hidden_size), (hidden_size, 4 * hidden_size)]
        shapes += [(4 * hidden_size,), (4 * hidden_size,)] if bias else []
        made = [Parameter(init.rand(*s, low=-edge, high=edge, device=device, dtype=dtype)) for s in shapes]
        self.W_ih, self.W_hh, self.bias_ih, self.bias_hh = made if bias else (*made, None, None)
        ### END SOLUTION

    def forward(self, X: Tensor, h: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """
        X: (bs, input_size); h: the states (h, c), each (bs, hidden_size), None for zeros
        Returns the next states (h', c'). Raises ValueError: if the shapes are not these.
        """
        _require_step("LSTMCell", X, self.input_size, _two_states("LSTMCell", h), self.hidden_size)
        ### BEGIN SOLUTION
        batch, width = X.shape[0], self.hidden_size
        if h is None:
            zeros = init.zeros(batch, width, device=X.device, dtype=X.dtype)
            h = zeros, zeros
        hidden, memory = h
        gates = X @ self.W_ih + hidden @ self.W_hh
        if self.bias_ih is not None:
            gates = gates + (self.bias_ih + self.bias_hh).broadcast_to(gates.shape)
        i, f, g, o = ops.split(gates.reshape((batch, 4, width)), axis=1).tuple()
        sigmoid = Sigmoid()
        memory = sigmoid(f) * memory + sigmoid(i) * ops.tanh(g)
        return sigmoid(o) * ops.tanh(memory), memory
        ### END SOLUTION


class LSTM(Module):
    """Layers of LSTM cells, applied to sequences: layer l reads the outputs h of layer l-1 as its inputs.

    lstm_cells: a list of LSTMCell, one for each layer, made from the first to the last
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        device: Device | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        _require_sizes("LSTM", input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        ### BEGIN SOLUTION
        sizes = [input_size, *(hidden_size for _ in range(1, num_layers))]
        self.lstm_cells = [LSTMCell(size, hidden_size, bias, device, dtype) for size in sizes]
        ### END SOLUTION

    def forward(self, X: Tensor, h: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """
        X: (T, bs, input_size), T at least 1
        h: the states (h0, c0) before the first step, each (num_layers, bs, hidden_size); None for zeros
        Returns the outputs of the last layer, (T, bs, hidden_size), and the states (h_n, c_n) of all layers after the
        last step, each (num_layers, bs, hidden_size).
        Raises ValueError: if the shapes are not these.
        """
        _require_sequence("LSTM", X, self.input_size, _two_states("LSTM", h), (self.num_layers, self.hidden_size))
        ### BEGIN SOLUTION
        sequence = ops.split(X, axis=0).tuple()
        if h is None:
            states = [None] * self.num_layers
        else:
            states = list(zip(*(ops.split(each, axis=0).tuple() for each in h), strict=True))
        for layer, cell in enumerate(self.lstm_cells):
            hidden = []
            for x in sequence:
                states[layer] = cell(x, states[layer])
                hidden.append(states[layer][0])
            sequence = hidden
        h_n, c_n = (ops.stack(each, axis=0) for each in zip(*states, strict=True))
        return ops.stack(sequence, axis=0), (h_n, c_n)
        ### END SOLUTION


class Embedding(Module):
    """A table of vectors, one for each word: row i is that of word i.

    weight: a Parameter of shape (num_embeddings, embedding_dim), standard normal
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, device: Device | None = None, dtype: Any = "float32"
    ) -> None:
        super().__init__()
        _require_sizes("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        ### BEGIN SOLUTION
        self.weight = Parameter(init.randn(num_embeddings, embedding_dim, device=device, dtype=dtype))
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """
        x: ids from 0 to num_embeddings-1, of shape (T, bs) or another (...), of any dtype
        Returns (..., embedding_dim).
        Raises ValueError: if an id is out of range, or no whole number.
        """
        _require_ids(x, self.num_embeddings)
        ### BEGIN SOLUTION
        one_hot = init.one_hot(self.num_embeddings, x, device=x.device, dtype=self.weight.dtype)
        rows = one_hot.reshape((math.prod(x.shape), self.num_embeddings))
        return (rows @ self.weight).reshape((*x.shape, self.embedding_dim))
        ### END SOLUTION


def _require_sizes(name: str, **sizes: int) -> None:
    """Raises ValueError: if a size is below 1."""
    for what, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name}: {what} must be 1 or more, not {size}")


def _two_states(name: str, states: Any) -> list[Tensor | None]:
    """The states h and c of an LSTM. Raises ValueError: if there are not two."""
    if states is None:
        return [None, None]
    several = isinstance(states, (tuple, list))
    if not several or len(states) != 2 or not all(isinstance(each, Tensor) for each in states):
        kinds = ", ".join(type(each).__name__ for each in states) if several else type(states).__name__
        raise ValueError(f"{name}: expected two states (h, c) or None, got {f'({kinds})' if several else kinds}")
    return list(states)


def _require_step(name: str, X: Tensor, features: int, states: list[Tensor | None], width: int) -> None:
    """Raises ValueError: unless X is (bs, features) with bs at least 1, and each state None or (bs, width)."""
    if len(X.shape) != 2 or X.shape[1] != features or not X.shape[0]:
        raise ValueError(f"{name}: expected X of shape (bs, {features}) with bs at least 1, got {X.shape}")
    _require_states(name, states, (X.shape[0], width))


def _require_sequence(
    name: str, X: Tensor, features: int, states: list[Tensor | None], layers_and_width: tuple[int, int]
) -> None:
    """Raises ValueError: unless X is (T, bs, features), T and bs at least 1, and each state None or (L, bs, width)."""
    if len(X.shape) != 3 or X.shape[2] != features or 0 in X.shape:
        expected = f"(T, bs, {features}) with T and bs at least 1"
        raise ValueError(f"{name}: expected X of shape {expected}, got {X.shape}")
    layers, width = layers_and_width
    _require_states(name, states, (layers, X.shape[1], width))


def _require_states(name: str, states: list[Tensor | None], shape: tuple[int, ...]) -> None:
    for state in states:
        if state is not None and state.shape != shape:
            raise ValueError(f"{name}: expected a state of shape {shape}, got {state.shape}")


def _require_ids(ids: Tensor, count: int) -> None:
    """Raises ValueError: unless all are whole numbers from 0 to count-1."""
    found = np.asarray(ids.numpy())
    wrong = found[~((found >= 0) & (found < count) & (found == np.floor(found)))]
    if wrong.size:
        raise ValueError(f"Embedding: ids must be whole numbers from 0 to {count - 1}, but one is {wrong[0]}")
