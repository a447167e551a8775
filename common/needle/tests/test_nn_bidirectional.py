"""Recurrent networks that read from both ends: beside two that read from one, and PyTorch's."""

from __future__ import annotations

import re

import needle as ndl
import numpy as np
import pytest
from needle import nn
from nn_checks import ALONG_DIRECTIONS, as_it_is, assert_like_torch, check_module, random_weights, sizes
from nn_oracles import as_list, cells_of, in_numpy, tensors, weights_to_torch

RUNS = range(3)


class TestBidirectional:
    @pytest.mark.parametrize("run", RUNS)
    @pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM])
    @pytest.mark.parametrize("started", [True, False])
    def test_two_one_way_runs(self, run, kind, started, rng):
        steps, batch, inputs, hidden = sizes(rng, 4)
        module = random_weights(rng, nn.Bidirectional(kind, inputs, hidden))
        ((forwards, backwards),) = module.layers
        x, count = rng.normal(size=(steps, batch, inputs)), 1 + (kind is nn.LSTM)
        states = [rng.normal(size=(2, batch, hidden)) * started for _ in range(count)]
        out, after = module(ndl.Tensor(x), tensors(states) if started else None)
        first, first_after = in_numpy(forwards, x, [each[:1] for each in states])
        second, second_after = in_numpy(backwards, x[::-1], [each[1:] for each in states])
        np.testing.assert_allclose(out.numpy(), np.concatenate([first, second[::-1]], 2), rtol=1e-12, atol=1e-12)
        for found, a, b in zip(as_list(after), first_after, second_after, strict=True):
            np.testing.assert_allclose(found.numpy(), np.concatenate([a, b]), rtol=1e-12, atol=1e-12)

    @pytest.mark.parametrize("run", RUNS)
    @pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM])
    def test_beside_torch(self, run, kind, rng):
        torch = pytest.importorskip("torch")
        steps, batch, inputs, hidden = sizes(rng, 4)
        module = random_weights(rng, nn.Bidirectional(kind, inputs, hidden, 2))
        other = getattr(torch.nn, kind.__name__)(inputs, hidden, 2, bidirectional=True, dtype=torch.float64)
        cells = [cell for pair in module.layers for network in pair for cell in cells_of(network)]
        pairs = weights_to_torch(torch, cells, other, ["_l0", "_l0_reverse", "_l1", "_l1_reverse"])
        x, count = rng.normal(size=(steps, batch, inputs)), 1 + (kind is nn.LSTM)
        states = [rng.normal(size=(4, batch, hidden)) for _ in range(count)]
        needles = [ndl.Tensor(each) for each in (x, *states)]
        torches = [torch.tensor(each, requires_grad=True) for each in (x, *states)]
        out, after = module(needles[0], tuple(needles[1:]) if count == 2 else needles[1])
        out_t, after_t = other(torches[0], tuple(torches[1:]) if count == 2 else torches[1])
        pairs += [(*pair, as_it_is) for pair in zip(needles, torches, strict=True)]
        assert_like_torch(torch, rng, [out, *as_list(after)], [out_t, *as_list(after_t)], pairs)

    def test_gradients(self, rng):
        module = random_weights(rng, nn.Bidirectional(nn.RNN, 2, 2, bias=False))
        x, h = rng.normal(size=(3, 1, 2)), rng.normal(size=(2, 1, 2))
        check_module(module, x, h, **ALONG_DIRECTIONS, call=lambda x, h: module(x, h)[0])

    def test_every_output_knows_all_of_the_sequence(self, rng):
        module = random_weights(rng, nn.Bidirectional(nn.RNN, 2, 2))
        x = rng.normal(size=(5, 1, 2))
        before = module(ndl.Tensor(x))[0].numpy()
        x[-1] += 1
        after = module(ndl.Tensor(x))[0].numpy()
        assert (before[:-1, :, :2] == after[:-1, :, :2]).all()
        assert (before[:, :, 2:] != after[:, :, 2:]).all()

    def test_refusals(self):
        module = nn.Bidirectional(nn.LSTM, 3, 2)
        x, state = ndl.init.ones(5, 4, 3), ndl.init.ones(1, 4, 2)
        message = "Bidirectional: expected states of shape (2, 4, 2), got (1, 4, 2)"
        with pytest.raises(ValueError, match=re.escape(message)):
            module(x, (state, state))
        with pytest.raises(ValueError, match=r"LSTM: expected X of shape"):
            module(ndl.init.ones(0, 4, 3))
        with pytest.raises(ValueError, match=r"num_layers must be 1 or more, not 0"):
            nn.Bidirectional(nn.RNN, 3, 2, 0)
