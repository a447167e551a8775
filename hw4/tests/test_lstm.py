"""hw4, lstm: networks with long short-term memory. See recurrent.py for most tests; here are those of the gates."""

import math

import mugrade
import numpy as np
import pytest
from needle import nn
from recurrent import *  # noqa: F403 - the tests, which run on the kind below
from recurrent import Kind
from sequences import close, numbers, tensor


def sigmoid(value):
    return 1 / (1 + math.exp(-value))


def unit(sums, states):
    """One unit's gates in their order, and its states, to its next states."""
    let_in, keep, new, show = sums
    memory = sigmoid(keep) * states[1] + sigmoid(let_in) * math.tanh(new)
    return sigmoid(show) * math.tanh(memory), memory


@pytest.fixture
def kind():
    return Kind(nn.LSTMCell, nn.LSTM, "lstm_cells", 4, 2, unit)


def with_gates(rng, i, f, o, hidden=2):
    """A cell whose gates are open (1) or shut (-1) for good, whatever it reads, and whose weights are small."""
    cell = nn.LSTMCell(3, hidden)
    cell.W_ih, cell.W_hh = (tensor(numbers(rng, size, 4 * hidden, size=0.1)) for size in (3, hidden))
    cell.bias_ih = tensor(np.repeat([50.0 * i, 50.0 * f, 0.0, 50.0 * o], hidden))
    cell.bias_hh = tensor(np.repeat([0.0, 0.0, 0.5, 0.0], hidden))
    return cell


def test_memory_is_kept_where_only_the_forget_and_output_gates_are_open(rng):
    memory = numbers(rng, 4, 2)
    h, c = with_gates(rng, i=-1, f=1, o=1)(tensor(numbers(rng, 4, 3)), (tensor(numbers(rng, 4, 2)), tensor(memory)))
    close(c, memory)
    close(h, np.tanh(memory))


def test_memory_is_lost_where_the_forget_gate_is_shut(rng):
    x, hidden = tensor(numbers(rng, 4, 3)), tensor(numbers(rng, 4, 2))
    cell = with_gates(rng, i=1, f=-1, o=1)
    (one, _), (other, _) = (cell(x, (hidden, tensor(numbers(rng, 4, 2)))) for _ in range(2))
    close(one, other.numpy())
    assert np.abs(one.numpy()).min() > 0.05


def test_memory_is_hidden_where_the_output_gate_is_shut(rng):
    memory = numbers(rng, 4, 2)
    h, c = with_gates(rng, i=1, f=1, o=-1)(tensor(numbers(rng, 4, 3)), (tensor(numbers(rng, 4, 2)), tensor(memory)))
    close(h, np.zeros((4, 2)))
    assert (c.numpy() > memory + 0.05).all()


def test_memory_may_grow_beyond_one(rng):
    """By up to 1 a step; what is shown of it stays below 1."""
    cell = with_gates(rng, i=1, f=1, o=1)
    cell.bias_hh = tensor(np.repeat([0.0, 0.0, 50.0, 0.0], 2))
    states = None
    for count in range(1, 6):
        states = cell(tensor(numbers(rng, 3, 3)), states)
        close(states[1], np.full((3, 2), float(count)))
        close(states[0], np.full((3, 2), math.tanh(count)))


def test_gradients_survive_a_long_sequence(rng):
    """Through the memory, where the forget gate is open: those of the first step's inputs do not vanish."""
    net = nn.LSTM(3, 2)
    net.lstm_cells[0] = with_gates(rng, i=0, f=1, o=1)
    X = tensor(numbers(rng, 30, 2, 3, size=0.1))
    out, (_, c_n) = net(X)
    assert out.shape == (30, 2, 2)
    c_n.sum().backward()
    sizes = np.abs(X.grad.numpy()).sum(axis=(1, 2))
    assert sizes.min() > 0.1 * sizes.max()


def submit_lstm() -> None:
    """A step of a cell, and a network with its gradients"""
    np.random.seed(46)
    cell = nn.LSTMCell(3, 4)
    mugrade.submit(cell.W_hh.numpy())
    for state in cell(tensor(np.random.randn(2, 3)), tuple(tensor(np.random.randn(2, 4)) for _ in range(2))):
        mugrade.submit(state.numpy())
    net, X = nn.LSTM(3, 4, 2), tensor(np.random.randn(5, 2, 3))
    out, (h_n, c_n) = net(X, tuple(tensor(np.random.randn(2, 2, 4)) for _ in range(2)))
    for each in (out, h_n, c_n):
        mugrade.submit(each.numpy())
    out.backward(tensor(np.random.rand(5, 2, 4)))
    mugrade.submit(X.grad.numpy())
    mugrade.submit(net.lstm_cells[0].W_ih.grad.numpy())
