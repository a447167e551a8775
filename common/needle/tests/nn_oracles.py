"""What the modules for sequences compute, in NumPy: step by step, and query by query."""

from __future__ import annotations

import needle as ndl
import numpy as np
from needle import nn


def cells_of(module):
    return module.lstm_cells if isinstance(module, nn.LSTM) else module.rnn_cells


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(cell, x, state):
    """One step in NumPy. state: a tuple of arrays, (h,) or (h, c)."""
    total = x @ cell.W_ih.numpy() + state[0] @ cell.W_hh.numpy()
    if cell.bias_ih is not None:
        total = total + cell.bias_ih.numpy() + cell.bias_hh.numpy()
    if isinstance(cell, nn.LSTMCell):
        h = cell.hidden_size
        i, f, g, o = (total[:, k * h : (k + 1) * h] for k in range(4))
        c = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
    return (np.tanh(total) if cell.nonlinearity == "tanh" else total.clip(0),)


def in_numpy(module, x, states=None):
    """A network in NumPy. states: one array (L, bs, h) for an RNN, two for an LSTM. Returns outputs and states."""
    count = 2 if isinstance(module, nn.LSTM) else 1
    if states is None:
        states = [np.zeros((module.num_layers, x.shape[1], module.hidden_size))] * count
    last = []
    for layer, cell in enumerate(cells_of(module)):
        state, outputs = tuple(each[layer] for each in states), []
        for row in x:
            state = step(cell, row, state)
            outputs.append(state[0])
        x = np.array(outputs)
        last.append(state)
    return x, [np.array(each) for each in zip(*last, strict=True)]


def tensors(arrays):
    """What a module takes as its states: a tensor, or a tuple of two."""
    made = tuple(ndl.Tensor(each) for each in arrays)
    return made if len(made) > 1 else made[0]


def as_list(states):
    return list(states) if isinstance(states, tuple) else [states]


def random_states(rng, module, batch):
    count = 2 if isinstance(module, nn.LSTM) else 1
    return [rng.normal(size=(module.num_layers, batch, module.hidden_size)) for _ in range(count)]


def weights_to_torch(torch, cells, other, suffixes):
    """Copy cells' weights, which PyTorch has transposed. Returns them as pairs, as assert_like_torch wants them."""
    names = {"W_ih": "weight_ih", "W_hh": "weight_hh", "bias_ih": "bias_ih", "bias_hh": "bias_hh"}
    pairs = []
    for cell, suffix in zip(cells, suffixes, strict=True):
        for name, theirs in names.items():
            tensor = getattr(cell, name)
            if tensor is not None:
                parameter = getattr(other, theirs + suffix)
                parameter.data = torch.tensor(tensor.numpy().T.copy(), dtype=torch.float64)
                pairs.append((tensor, parameter, torch.t))
    return pairs


def attention(q, k, v, causal=False):
    """In NumPy, one query at a time: the result and the probabilities."""
    later = k.shape[2] - q.shape[2]
    result, probs = np.zeros(q.shape), np.zeros((*q.shape[:3], k.shape[2]))
    for b, h, t in np.ndindex(q.shape[:3]):
        seen = t + later + 1 if causal else k.shape[2]
        scores = k[b, h, :seen] @ q[b, h, t] / np.sqrt(q.shape[3])
        weights = np.exp(scores - scores.max())
        probs[b, h, t, :seen] = weights / weights.sum()
        result[b, h, t] = probs[b, h, t] @ v[b, h]
    return result, probs


def layer_norm(norm, x):
    centred = x - x.mean(-1, keepdims=True)
    normal = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + norm.eps)
    return normal * norm.weight.numpy() + norm.bias.numpy()
