"""What recurrent networks have in common, tested once: beside loops over layers, steps, examples and units in float64.

`test_rnn.py` and `test_lstm.py` take these tests in and say what `kind` is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import needle as ndl
import numpy as np
import pytest
from needle import nn
from sequences import check_gradients, close, numbers, tensor, uniform

NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")
Arrays = Sequence[np.ndarray]


@dataclass(frozen=True)
class Kind:
    """A kind of recurrent network.

    cell, network: make modules; cells: what a network calls its list of cells
    gates: how many numbers a unit computes from its inputs; states: how many a unit remembers
    unit: from the gates' numbers and the states of one unit to its next states, of which the first is its output
    """

    cell: Callable[..., nn.Module]
    network: Callable[..., nn.Module]
    cells: str
    gates: int
    states: int
    unit: Callable[[list[float], list[float]], Sequence[float]]

    def cells_of(self, net: nn.Module) -> list[nn.Module]:
        return getattr(net, self.cells)

    def given(self, states: Arrays | None) -> Any:
        """States as a module takes them: a tensor, or a tuple of two; None for none."""
        return None if states is None else tensor(states[0]) if self.states == 1 else tuple(map(tensor, states))

    def returned(self, states: Any) -> tuple[ndl.Tensor, ...]:
        """States as a module returns them, as a tuple."""
        if self.states == 1:
            return (states,)
        assert isinstance(states, tuple)
        assert len(states) == self.states
        return states


def weights_of(cell: nn.Module) -> list[np.ndarray]:
    """Its parameters in float64; without biases, if it has none."""
    return [getattr(cell, name).numpy().astype("float64") for name in NAMES if getattr(cell, name) is not None]


def step(kind: Kind, weights: Arrays, x: np.ndarray, before: Arrays) -> list[np.ndarray]:
    """The states of a layer after a step. x: (bs, in); before: one array (bs, h) for each state."""
    W_ih, W_hh, *biases = weights
    batch, hidden = before[0].shape
    after = [np.zeros((batch, hidden)) for _ in before]
    for n in range(batch):
        for j in range(hidden):
            sums = []
            for gate in range(kind.gates):
                column = gate * hidden + j
                total = sum(bias[column] for bias in biases)
                for i, value in enumerate(x[n]):
                    total += value * W_ih[i, column]
                for i, value in enumerate(before[0][n]):
                    total += value * W_hh[i, column]
                sums.append(total)
            for state, value in zip(after, kind.unit(sums, [each[n, j] for each in before]), strict=True):
                state[n, j] = value
    return after


def run(kind: Kind, layers: Sequence[Arrays], X: np.ndarray, before: Arrays | None) -> list[np.ndarray]:
    """The outputs (T, bs, h) of the last layer, and one array (L, bs, h) for each state after the last step.

    layers: the weights of each layer; before: states, one array (L, bs, h) for each; None for zeros
    """
    if before is None:
        before = zeros(kind, len(layers), X.shape[1], len(layers[0][1]))
    ends = [np.zeros(each.shape) for each in before]
    for layer, weights in enumerate(layers):
        states, hidden = [each[layer] for each in before], []
        for x in X:
            states = step(kind, weights, x, states)
            hidden.append(states[0])
        X = np.array(hidden)
        for end, state in zip(ends, states, strict=True):
            end[layer] = state
    return [X, *ends]


def zeros(kind: Kind, *shape: int) -> list[np.ndarray]:
    return [np.zeros(shape) for _ in range(kind.states)]


def random_states(kind: Kind, rng: np.random.Generator, *shape: int) -> list[np.ndarray]:
    return [numbers(rng, *shape) for _ in range(kind.states)]


def check_cell(kind: Kind, cell: nn.Module, x: np.ndarray, states: Arrays | None) -> None:
    """One step of a cell; no states are zeros."""
    found = kind.returned(cell(tensor(x), kind.given(states)))
    before = zeros(kind, len(x), cell.W_hh.shape[0]) if states is None else states
    for each, wanted in zip(found, step(kind, weights_of(cell), x, before), strict=True):
        close(each, wanted)


def check_network(kind: Kind, net: nn.Module, X: np.ndarray, states: Arrays | None) -> None:
    out, after = net(tensor(X), kind.given(states))
    wanted, *ends = run(kind, [weights_of(cell) for cell in kind.cells_of(net)], X, states)
    close(out, wanted, "the outputs")
    for each, end in zip(kind.returned(after), ends, strict=True):
        close(each, end, "the states after the last step")


@pytest.fixture(autouse=True)
def seeded():
    """Modules draw the same numbers in each test, whatever ran before it."""
    np.random.seed(10)


# Cells


@pytest.mark.parametrize(("inputs", "hidden"), [(3, 4), (5, 2), (1, 1), (2, 9)])
def test_cell_as_drawn(kind, inputs, hidden):
    """By one call for each parameter, in the order of NAMES; how far from 0 they are depends on hidden_size alone."""
    np.random.seed(11)
    cell = kind.cell(inputs, hidden)
    np.random.seed(11)
    wide = kind.gates * hidden
    for name, shape in zip(NAMES, [(inputs, wide), (hidden, wide), (wide,), (wide,)], strict=True):
        assert isinstance(getattr(cell, name), nn.Parameter)
        close(getattr(cell, name), uniform(1 / math.sqrt(hidden), *shape), name)
    assert len(cell.parameters()) == 4


def test_cell_without_biases(kind, rng):
    """They are None, and not drawn."""
    np.random.seed(12)
    cell, next_draw = kind.cell(3, 2, bias=False), np.random.rand()
    assert cell.bias_ih is None
    assert cell.bias_hh is None
    assert len(cell.parameters()) == 2
    np.random.seed(12)
    np.random.rand((3 + 2) * 2 * kind.gates)
    assert next_draw == np.random.rand()
    check_cell(kind, cell, numbers(rng, 4, 3), random_states(kind, rng, 4, 2))


@pytest.mark.parametrize("started", [True, False], ids=["from states", "from none"])
@pytest.mark.parametrize(("batch", "inputs", "hidden"), [(2, 3, 4), (4, 2, 3), (1, 5, 2), (3, 1, 1), (3, 3, 3)])
def test_cell(kind, rng, batch, inputs, hidden, started):
    cell = kind.cell(inputs, hidden)
    check_cell(kind, cell, numbers(rng, batch, inputs), random_states(kind, rng, batch, hidden) if started else None)


@pytest.mark.parametrize("started", [True, False], ids=["from states", "from none"])
def test_cell_with_tensors_in_the_place_of_its_parameters(kind, rng, started):
    """Their gradients, those of the inputs and of the states."""
    cell, x = kind.cell(3, 2), numbers(rng, 2, 3)
    before = random_states(kind, rng, 2, 2) if started else zeros(kind, 2, 2)
    weights = [numbers(rng, *getattr(cell, name).shape, size=0.6) for name in NAMES]
    for name, values in zip(NAMES, weights, strict=True):
        setattr(cell, name, tensor(values))
    inputs, states = tensor(x), kind.given(before) if started else None
    pairs = [("x", inputs, x)]
    # Without a state, a step need not use W_hh.
    used = [name for name in NAMES if started or name != "W_hh"]
    pairs += [(name, getattr(cell, name), weights[NAMES.index(name)]) for name in used]
    if started:
        pairs += [("a state", *each) for each in zip(kind.returned(states), before, strict=True)]
    found = kind.returned(cell(inputs, states))
    check_gradients(found, lambda: step(kind, weights, x, before), pairs, rng)


# Networks


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_network_as_drawn(kind, layers, bias):
    """Cell after cell, of which the first reads the inputs, and the others the cell before."""
    np.random.seed(13)
    net = kind.network(3, 4, layers, bias=bias)
    np.random.seed(13)
    cells = [kind.cell(4 if layer else 3, 4, bias=bias) for layer in range(layers)]
    assert len(kind.cells_of(net)) == layers
    for found, wanted in zip(kind.cells_of(net), cells, strict=True):
        for each, values in zip(weights_of(found), weights_of(wanted), strict=True):
            np.testing.assert_array_equal(each, values)
    assert len(net.parameters()) == (4 if bias else 2) * layers


@pytest.mark.parametrize("started", [True, False], ids=["from states", "from none"])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize(
    ("steps", "batch", "inputs", "hidden"), [(4, 2, 3, 2), (1, 3, 2, 4), (3, 1, 1, 3), (5, 2, 2, 1), (3, 3, 3, 3)]
)
def test_network(kind, rng, steps, batch, inputs, hidden, layers, started):
    net = kind.network(inputs, hidden, layers)
    before = random_states(kind, rng, layers, batch, hidden) if started else None
    check_network(kind, net, numbers(rng, steps, batch, inputs), before)


def test_network_without_biases(kind, rng):
    check_network(kind, kind.network(3, 2, 2, bias=False), numbers(rng, 3, 2, 3), None)


@pytest.mark.parametrize("started", [True, False], ids=["from states", "from none"])
def test_gradients_of_a_network(kind, rng, started):
    """By the inputs, the states and all parameters, of outputs and states together."""
    net, X = kind.network(2, 2, 2), numbers(rng, 3, 2, 2)
    before = random_states(kind, rng, 2, 2, 2) if started else None
    layers = [weights_of(cell) for cell in kind.cells_of(net)]
    inputs, states = tensor(X), kind.given(before)
    pairs = [("X", inputs, X)]
    for layer, cell in enumerate(kind.cells_of(net)):
        pairs += [(f"{name}, layer {layer}", getattr(cell, name), layers[layer][k]) for k, name in enumerate(NAMES)]
    if started:
        pairs += [("a state", *each) for each in zip(kind.returned(states), before, strict=True)]
    out, after = net(inputs, states)
    check_gradients([out, *kind.returned(after)], lambda: run(kind, layers, X, before), pairs, rng)


def test_a_sequence_in_pieces(kind, rng):
    """With the states after one piece given to the next, the outputs are those of the whole sequence."""
    net, X = kind.network(2, 3, 2), numbers(rng, 6, 2, 2)
    whole, end = net(tensor(X))
    states, pieces = None, []
    for begin, stop in ((0, 1), (1, 4), (4, 6)):
        piece, states = net(tensor(X[begin:stop]), states)
        pieces.append(piece.numpy())
    close(whole, np.concatenate(pieces))
    for each, wanted in zip(kind.returned(states), kind.returned(end), strict=True):
        close(each, wanted.numpy())


def test_outputs_do_not_know_what_comes_later(kind, rng):
    net, X = kind.network(2, 8, 2), numbers(rng, 5, 2, 2)
    other = X.copy()
    other[3:] += 1
    first, second = (net(tensor(each))[0].numpy() for each in (X, other))
    np.testing.assert_array_equal(first[:3], second[:3])
    assert (np.abs(first[3:] - second[3:]) > 1e-4).any(axis=2).all()


def test_examples_do_not_know_of_each_other(kind, rng):
    net, X = kind.network(2, 3, 2), numbers(rng, 4, 3, 2)
    together = net(tensor(X))[0].numpy()
    for n in range(3):
        close(net(tensor(X[:, n : n + 1]))[0], together[:, n : n + 1])


def test_inputs_and_states_stay_as_they_are(kind, rng):
    net, X, before = kind.network(2, 3, 2), numbers(rng, 4, 2, 2), random_states(kind, rng, 2, 2, 3)
    inputs, states = tensor(X), kind.given(before)
    net(inputs, states)[0].backward()
    for each, values in zip((inputs, *kind.returned(states)), (X, *before), strict=True):
        np.testing.assert_array_equal(each.numpy(), values)
