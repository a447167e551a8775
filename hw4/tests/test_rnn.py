"""hw4, rnn: the sigmoid, and recurrent networks of both nonlinearities. See recurrent.py."""

import functools
import math

import mugrade
import numpy as np
import pytest
from needle import nn
from recurrent import *  # noqa: F403 - the tests, which run on the kinds below
from recurrent import Kind
from sequences import close, numbers, tensor

ACTIVATIONS = {"tanh": math.tanh, "relu": lambda total: max(total, 0.0)}


@pytest.fixture(params=ACTIVATIONS)
def kind(request):
    cell = functools.partial(nn.RNNCell, nonlinearity=request.param)
    network = functools.partial(nn.RNN, nonlinearity=request.param)
    return Kind(cell, network, "rnn_cells", 1, 1, lambda sums, states: [ACTIVATIONS[request.param](*sums)])


@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 3, 2)], ids=str)
def test_sigmoid(rng, shape):
    values = numbers(rng, *shape, size=3)
    x = tensor(values)
    out = nn.Sigmoid()(x)
    wanted, derivative = np.zeros(shape), np.zeros(shape)
    for place in np.ndindex(*shape):
        wanted[place] = 1 / (1 + math.exp(-values[place]))
        derivative[place] = math.exp(-values[place]) / (1 + math.exp(-values[place])) ** 2
    close(out, wanted)
    out_grad = numbers(rng, *shape)
    out.backward(tensor(out_grad))
    close(x.grad, out_grad * derivative)


def test_sigmoid_of_zero_and_of_opposite_numbers(rng):
    assert nn.Sigmoid()(tensor([0.0])).numpy().tolist() == [0.5]
    values = numbers(rng, 9, size=4)
    close(nn.Sigmoid()(tensor(values)) + nn.Sigmoid()(tensor(-values)), np.ones(9))


def test_sigmoid_of_numbers_whose_exponential_is_too_large():
    """Both ways; the value and the gradient are numbers."""
    x = tensor([-1e6, -1000.0, -100.0, 100.0, 1000.0, 1e6])
    out = nn.Sigmoid()(x)
    out.backward(tensor(np.ones(6)))
    close(out, [0, 0, 0, 1, 1, 1])
    close(x.grad, np.zeros(6))


def test_nonlinearity_if_nothing_is_said(rng):
    """tanh."""
    values = tensor(numbers(rng, 2, 3))
    for module in (nn.RNNCell(3, 2), nn.RNN(3, 2).rnn_cells[0]):
        other = nn.RNNCell(3, 2, nonlinearity="tanh")
        other.W_ih, other.W_hh, other.bias_ih, other.bias_hh = module.W_ih, module.W_hh, module.bias_ih, module.bias_hh
        close(module(values), other(values).numpy())


def submit_rnn() -> None:
    """The sigmoid, a step of a cell, and a network with its gradients"""
    np.random.seed(45)
    mugrade.submit(nn.Sigmoid()(tensor(np.random.randn(3, 4))).numpy())
    for nonlinearity in ("tanh", "relu"):
        cell = nn.RNNCell(3, 4, nonlinearity=nonlinearity)
        mugrade.submit(cell.W_hh.numpy())
        mugrade.submit(cell(tensor(np.random.randn(2, 3)), tensor(np.random.randn(2, 4))).numpy())
        net, X, h0 = nn.RNN(3, 4, 2, nonlinearity=nonlinearity), np.random.randn(5, 2, 3), np.random.randn(2, 2, 4)
        inputs = tensor(X)
        out, h_n = net(inputs, tensor(h0))
        mugrade.submit(out.numpy())
        mugrade.submit(h_n.numpy())
        out.backward(tensor(np.random.rand(5, 2, 4)))
        mugrade.submit(inputs.grad.numpy())
        mugrade.submit(net.rnn_cells[0].W_ih.grad.numpy())
