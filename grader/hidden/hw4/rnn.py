"""Hidden cases of hw4, rnn: the sigmoid, cells as drawn and with other weights, and networks of one layer and more."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np
from needle import nn


def tensor(*shape, size=1.0):
    return ndl.Tensor(np.random.uniform(-size, size, size=shape), dtype="float32")


def replaced(cell):
    """The cell with plain tensors in the place of its weights and biases."""
    for name in ("W_ih", "W_hh", "bias_ih", "bias_hh"):
        setattr(cell, name, tensor(*getattr(cell, name).shape, size=0.9))
    return cell


def network(inputs, hidden, layers, nonlinearity="tanh"):
    """A network whose weights and biases are plain tensors."""
    net = nn.RNN(inputs, hidden, num_layers=layers, nonlinearity=nonlinearity)
    for cell in net.rnn_cells:
        replaced(cell)
    return net


def submit_all(*tensors):
    for each in tensors:
        mugrade.submit(each.numpy())


def submit_gradients(out, *leaves):
    """The gradients of `out` times random numbers."""
    out.backward(tensor(*out.shape))
    submit_all(*(each.grad for each in leaves))


def submit_sigmoid() -> None:
    """Sigmoid: results"""
    for shape in ((9,), (3, 4), (2, 3, 2)):
        mugrade.submit(nn.Sigmoid()(tensor(*shape, size=4.0)).numpy())


def submit_sigmoid_gradient() -> None:
    """Sigmoid: gradients, also of a sigmoid of a sigmoid"""
    for shape in ((8,), (2, 5)):
        a = tensor(*shape, size=3.0)
        submit_gradients(nn.Sigmoid()(a), a)
        submit_gradients(nn.Sigmoid()(nn.Sigmoid()(a) * a), a)


def submit_sigmoid_far_out() -> None:
    """Sigmoid: large numbers of both signs"""
    for size in (20.0, 60.0, 2000.0, 1e6):
        far = size * np.random.uniform(0.5, 1.0, size=(2, 3)) * np.array([[1.0], [-1.0]])
        mugrade.submit(nn.Sigmoid()(ndl.Tensor(far, dtype="float32")).numpy())


def submit_cell_drawn() -> None:
    """RNNCell: weights and biases as drawn, for several sizes"""
    for inputs, hidden in ((3, 4), (5, 2), (1, 1), (2, 7)):
        cell = nn.RNNCell(inputs, hidden)
        submit_all(cell.W_ih, cell.W_hh, cell.bias_ih, cell.bias_hh)


def submit_cell_parameters() -> None:
    """RNNCell: its parameters with and without biases, and what is drawn after it"""
    for bias in (True, False):
        cell = nn.RNNCell(3, 4, bias=bias)
        mugrade.submit(sorted(list(each.shape) for each in cell.parameters()))
        mugrade.submit(np.random.rand(3))


def submit_cell() -> None:
    """RNNCell: a step with tanh, from a state, with tensors in the place of its parameters"""
    for batch, inputs, hidden in ((2, 3, 4), (4, 2, 3), (1, 5, 2), (3, 1, 1), (3, 3, 3)):
        cell = replaced(nn.RNNCell(inputs, hidden))
        mugrade.submit(cell(tensor(batch, inputs), tensor(batch, hidden)).numpy())


def submit_cell_relu() -> None:
    """RNNCell: a step with relu, from a state and from none"""
    for batch, inputs, hidden in ((2, 3, 6), (4, 2, 5)):
        cell = replaced(nn.RNNCell(inputs, hidden, nonlinearity="relu"))
        mugrade.submit(cell(tensor(batch, inputs), tensor(batch, hidden)).numpy())
        mugrade.submit(cell(tensor(batch, inputs)).numpy())


def submit_cell_from_none() -> None:
    """RNNCell: a step without a state"""
    for batch, inputs, hidden in ((2, 3, 4), (3, 2, 2)):
        for cell in (nn.RNNCell(inputs, hidden), replaced(nn.RNNCell(inputs, hidden))):
            mugrade.submit(cell(tensor(batch, inputs)).numpy())


def submit_cell_without_bias() -> None:
    """RNNCell: steps without biases"""
    for nonlinearity in ("tanh", "relu"):
        cell = nn.RNNCell(3, 5, bias=False, nonlinearity=nonlinearity)
        mugrade.submit(cell(tensor(2, 3), tensor(2, 5)).numpy())


def submit_cell_gradients() -> None:
    """RNNCell: gradients by the inputs, the state, weights and biases"""
    for nonlinearity in ("tanh", "relu"):
        cell, x, h = replaced(nn.RNNCell(3, 4, nonlinearity=nonlinearity)), tensor(2, 3), tensor(2, 4)
        submit_gradients(cell(x, h), x, h, cell.W_ih, cell.W_hh, cell.bias_ih, cell.bias_hh)


def submit_cell_many_steps() -> None:
    """RNNCell: one cell, step after step, and gradients through all of them"""
    cell, xs = replaced(nn.RNNCell(2, 3)), [tensor(2, 2) for _ in range(4)]
    h = None
    for x in xs:
        h = cell(x, h)
    mugrade.submit(h.numpy())
    submit_gradients(h, xs[0], cell.W_hh, cell.W_ih, cell.bias_hh)


def submit_network_drawn() -> None:
    """RNN: the weights and biases of its cells as drawn, for several sizes"""
    for inputs, hidden, layers in ((3, 4, 1), (2, 3, 2), (4, 2, 3)):
        for cell in nn.RNN(inputs, hidden, num_layers=layers).rnn_cells:
            submit_all(cell.W_ih, cell.W_hh, cell.bias_ih, cell.bias_hh)


def submit_network_parameters() -> None:
    """RNN: its parameters with and without biases"""
    for bias in (True, False):
        net = nn.RNN(3, 4, num_layers=2, bias=bias)
        mugrade.submit(sorted(list(each.shape) for each in net.parameters()))
        mugrade.submit(np.random.rand(2))


def submit_network_outputs() -> None:
    """RNN: outputs of one layer and of more, from states"""
    for layers, (steps, batch, inputs, hidden) in ((1, (4, 2, 3, 2)), (2, (3, 3, 2, 4)), (3, (5, 1, 2, 2))):
        out, _ = network(inputs, hidden, layers)(tensor(steps, batch, inputs), tensor(layers, batch, hidden))
        mugrade.submit(out.numpy())


def submit_network_states() -> None:
    """RNN: the states after the last step, of one layer and of more"""
    for layers, (steps, batch, inputs, hidden) in ((1, (3, 2, 3, 2)), (2, (4, 3, 2, 4)), (3, (2, 1, 2, 2))):
        _, h_n = network(inputs, hidden, layers)(tensor(steps, batch, inputs), tensor(layers, batch, hidden))
        mugrade.submit(h_n.numpy())


def submit_network_from_none() -> None:
    """RNN: outputs and states without states to begin with"""
    for layers in (1, 2):
        submit_all(*network(3, 2, layers)(tensor(4, 2, 3)))


def submit_network_equal_sizes() -> None:
    """RNN: as many steps, examples, features, units and layers"""
    for size in (1, 2, 3):
        submit_all(*network(size, size, size)(tensor(size, size, size), tensor(size, size, size)))


def submit_network_relu() -> None:
    """RNN: with relu, and without biases"""
    submit_all(*network(3, 5, 2, "relu")(tensor(3, 2, 3), tensor(2, 2, 5)))
    for nonlinearity in ("relu", "tanh"):
        net = nn.RNN(3, 4, num_layers=2, bias=False, nonlinearity=nonlinearity)
        submit_all(*net(tensor(3, 2, 3), tensor(2, 2, 4)))


def submit_network_gradients() -> None:
    """RNN: gradients of the outputs by the inputs, the states, weights and biases of each layer"""
    net, X, h0 = network(3, 2, 2), tensor(4, 2, 3), tensor(2, 2, 2)
    out, _ = net(X, h0)
    leaves = [each for cell in net.rnn_cells for each in (cell.W_ih, cell.W_hh, cell.bias_ih, cell.bias_hh)]
    submit_gradients(out, X, h0, *leaves)


def submit_network_gradients_of_states() -> None:
    """RNN: gradients of the states after the last step"""
    net, X, h0 = network(2, 3, 3), tensor(3, 2, 2), tensor(3, 2, 3)
    _, h_n = net(X, h0)
    submit_gradients(h_n, X, h0, *(cell.W_hh for cell in net.rnn_cells))


def submit_network_in_pieces() -> None:
    """RNN: a sequence in two pieces, the second from the states after the first"""
    net = network(2, 3, 2)
    first, states = net(tensor(3, 2, 2))
    submit_all(first, states, *net(tensor(2, 2, 2), states))
