"""Hidden cases of hw4, lstm: cells as drawn and with other weights, their gates, and networks of one layer and more."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np
from needle import nn

# (batch, inputs, hidden)
SIZES = ((2, 3, 4), (4, 2, 3), (1, 5, 2), (3, 1, 1), (4, 4, 4))
NAMES = ("W_ih", "W_hh", "bias_ih", "bias_hh")


def tensor(*shape, size=1.0):
    return ndl.Tensor(np.random.uniform(-size, size, size=shape), dtype="float32")


def states(*shape):
    """(h, c)"""
    return tensor(*shape), tensor(*shape, size=2.0)


def parameters_of(*cells):
    return [getattr(cell, name) for cell in cells for name in NAMES]


def with_other_weights(*cells, size=0.9):
    """Put plain tensors in the place of the cells' weights and biases."""
    for cell in cells:
        for name in NAMES:
            setattr(cell, name, tensor(*getattr(cell, name).shape, size=size))


def cell_of(inputs, hidden):
    cell = nn.LSTMCell(inputs, hidden)
    with_other_weights(cell)
    return cell


def network_of(inputs, hidden, layers):
    net = nn.LSTM(inputs, hidden, layers)
    with_other_weights(*net.lstm_cells)
    return net


def submit_numbers(*tensors):
    for each in tensors:
        mugrade.submit(each.numpy())


def submit_gradients(outs, leaves):
    """The gradients of some results, each times random numbers, all in one."""
    total = sum((out * tensor(*out.shape)).sum() for out in outs)
    total.backward()
    submit_numbers(*(leaf.grad for leaf in leaves))


def submit_cell_drawn() -> None:
    """LSTMCell: weights and biases as drawn, for several sizes"""
    for _, inputs, hidden in SIZES:
        submit_numbers(*parameters_of(nn.LSTMCell(inputs, hidden)))


def submit_cell_parameters() -> None:
    """LSTMCell: its parameters with and without biases, and what is drawn after it"""
    for bias in (True, False):
        mugrade.submit(sorted(list(each.shape) for each in nn.LSTMCell(3, 2, bias=bias).parameters()))
        mugrade.submit(np.random.rand(3))


def submit_cell_hidden() -> None:
    """LSTMCell: the next h, from states, with tensors in the place of its parameters"""
    for batch, inputs, hidden in SIZES:
        mugrade.submit(cell_of(inputs, hidden)(tensor(batch, inputs), states(batch, hidden))[0].numpy())


def submit_cell_memory() -> None:
    """LSTMCell: the next c, from states, with tensors in the place of its parameters"""
    for batch, inputs, hidden in SIZES:
        mugrade.submit(cell_of(inputs, hidden)(tensor(batch, inputs), states(batch, hidden))[1].numpy())


def submit_cell_from_none() -> None:
    """LSTMCell: a step without states"""
    for batch, inputs, hidden in SIZES:
        submit_numbers(*cell_of(inputs, hidden)(tensor(batch, inputs)))


def submit_cell_without_bias() -> None:
    """LSTMCell: steps without biases, from states and from none"""
    cell = nn.LSTMCell(3, 4, bias=False)
    submit_numbers(*cell(tensor(2, 3), states(2, 4)), *cell(tensor(2, 3)))


def submit_cell_as_drawn() -> None:
    """LSTMCell: steps with its own weights and biases"""
    for batch, inputs, hidden in SIZES:
        submit_numbers(*nn.LSTMCell(inputs, hidden)(tensor(batch, inputs), states(batch, hidden)))


def submit_cell_gates() -> None:
    """LSTMCell: each gate open or shut for good, by a bias"""
    for open_gate in range(4):
        for sign in (1.0, -1.0):
            cell, bias = cell_of(2, 3), np.zeros((4, 3))
            bias[open_gate] = 30.0 * sign
            cell.bias_hh = ndl.Tensor(bias.reshape(12), dtype="float32")
            submit_numbers(*cell(tensor(2, 2), states(2, 3)))


def submit_cell_gradients() -> None:
    """LSTMCell: gradients of the next h by the inputs, the states, weights and biases"""
    cell, x, before = cell_of(3, 2), tensor(2, 3), states(2, 2)
    submit_gradients(cell(x, before)[:1], [x, *before, *parameters_of(cell)])


def submit_cell_gradients_of_memory() -> None:
    """LSTMCell: gradients of the next c, and of both"""
    cell, x, before = cell_of(2, 3), tensor(2, 2), states(2, 3)
    submit_gradients(cell(x, before)[1:], [x, before[1], cell.W_ih, cell.bias_ih])
    submit_gradients(cell(x, before), [x, *before, cell.W_hh, cell.bias_hh])


def submit_cell_many_steps() -> None:
    """LSTMCell: one cell, step after step, and gradients through all of them"""
    cell, xs = cell_of(2, 3), [tensor(2, 2) for _ in range(3)]
    after = None
    for x in xs:
        after = cell(x, after)
    submit_numbers(*after)
    submit_gradients(after, [xs[0], xs[1], cell.W_hh, cell.bias_ih])


def submit_network_drawn() -> None:
    """LSTM: the weights and biases of its cells as drawn, for several sizes"""
    for inputs, hidden, layers in ((3, 4, 1), (2, 3, 2), (4, 2, 3)):
        submit_numbers(*parameters_of(*nn.LSTM(inputs, hidden, layers).lstm_cells))


def submit_network_parameters() -> None:
    """LSTM: its parameters with and without biases"""
    for bias in (True, False):
        mugrade.submit(sorted(list(each.shape) for each in nn.LSTM(3, 2, 2, bias=bias).parameters()))
        mugrade.submit(np.random.rand(2))


def submit_network_outputs() -> None:
    """LSTM: outputs of one layer and of more, from states"""
    for layers, (steps, batch, inputs, hidden) in ((1, (4, 2, 3, 2)), (2, (3, 3, 2, 4)), (3, (3, 1, 2, 2))):
        out, _ = network_of(inputs, hidden, layers)(tensor(steps, batch, inputs), states(layers, batch, hidden))
        mugrade.submit(out.numpy())


def submit_network_states() -> None:
    """LSTM: the states after the last step, of one layer and of more"""
    for layers, (steps, batch, inputs, hidden) in ((1, (3, 2, 3, 2)), (2, (3, 3, 2, 4)), (3, (2, 1, 2, 2))):
        _, after = network_of(inputs, hidden, layers)(tensor(steps, batch, inputs), states(layers, batch, hidden))
        h_n, c_n = after
        submit_numbers(h_n, c_n)


def submit_network_from_none() -> None:
    """LSTM: outputs and states without states to begin with"""
    for layers in (1, 2):
        out, (h_n, c_n) = network_of(3, 2, layers)(tensor(4, 2, 3))
        submit_numbers(out, h_n, c_n)


def submit_network_equal_sizes() -> None:
    """LSTM: as many steps, examples, features, units and layers"""
    for size in (1, 2, 3):
        out, (h_n, c_n) = network_of(size, size, size)(tensor(size, size, size), states(size, size, size))
        submit_numbers(out, h_n, c_n)


def submit_network_without_bias() -> None:
    """LSTM: without biases, from states and from none"""
    net = nn.LSTM(3, 2, 2, bias=False)
    for before in (states(2, 2, 2), None):
        out, (h_n, c_n) = net(tensor(3, 2, 3), before)
        submit_numbers(out, h_n, c_n)


def submit_network_gradients() -> None:
    """LSTM: gradients of the outputs by the inputs, the states, weights and biases of each layer"""
    net, X, before = network_of(3, 2, 2), tensor(2, 2, 3), states(2, 2, 2)
    submit_gradients([net(X, before)[0]], [X, *before, *parameters_of(*net.lstm_cells)])


def submit_network_gradients_of_states() -> None:
    """LSTM: gradients of the states after the last step"""
    net, X, before = network_of(2, 3, 2), tensor(3, 2, 2), states(2, 2, 3)
    submit_gradients(net(X, before)[1], [X, *before, *(cell.W_hh for cell in net.lstm_cells)])


def submit_network_in_pieces() -> None:
    """LSTM: a sequence in two pieces, the second from the states after the first"""
    net = network_of(2, 3, 2)
    first, after = net(tensor(3, 2, 2))
    second, (h_n, c_n) = net(tensor(2, 2, 2), after)
    submit_numbers(first, second, h_n, c_n)
