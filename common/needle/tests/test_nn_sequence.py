"""Recurrent networks and long short-term memory: beside NumPy in float64, PyTorch and finite differences."""

from __future__ import annotations

import re

import needle as ndl
import numpy as np
import pytest
from needle import nn
from needle.gradcheck import check_gradients
from nn_checks import ALONG_DIRECTIONS, as_it_is, assert_like_torch, check_module, random_weights, sizes
from nn_oracles import as_list, cells_of, in_numpy, random_states, sigmoid, step, tensors, weights_to_torch

RUNS = range(3)
KINDS = pytest.mark.parametrize("kind", ["tanh", "relu", "lstm"])


def make(kind, *numbers, **options):
    """An RNN with the nonlinearity of that name, or an LSTM."""
    return nn.LSTM(*numbers, **options) if kind == "lstm" else nn.RNN(*numbers, nonlinearity=kind, **options)


class TestSigmoid:
    def test_values_and_gradients(self, rng):
        x = rng.normal(size=(3, 4)) * 3
        np.testing.assert_allclose(nn.Sigmoid()(ndl.Tensor(x)).numpy(), sigmoid(x), rtol=1e-12)
        check_gradients(nn.Sigmoid(), [x])

    def test_symmetry(self, rng):
        x = rng.normal(size=7)
        both = nn.Sigmoid()(ndl.Tensor(x)).numpy() + nn.Sigmoid()(ndl.Tensor(-x)).numpy()
        np.testing.assert_allclose(both, 1, rtol=1e-12)

    def test_numbers_whose_exponential_overflows(self):
        x = ndl.Tensor([-1e4, -800.0, -90.0, 90.0, 800.0, 1e4], dtype="float32")
        y = nn.Sigmoid()(x)
        y.sum().backward()
        assert y.numpy().tolist() == [0, 0, 0, 1, 1, 1]
        assert np.abs(x.grad.numpy()).max() < 1e-30


class TestCells:
    @pytest.mark.parametrize("run", RUNS)
    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("started", [True, False])
    @pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
    def test_rnn(self, run, bias, started, nonlinearity, rng):
        batch, inputs, hidden = sizes(rng, 3)
        cell = random_weights(rng, nn.RNNCell(inputs, hidden, bias=bias, nonlinearity=nonlinearity))
        x = rng.normal(size=(batch, inputs))
        h = rng.normal(size=(batch, hidden)) if started else np.zeros((batch, hidden))
        found = cell(ndl.Tensor(x), ndl.Tensor(h) if started else None)
        np.testing.assert_allclose(found.numpy(), step(cell, x, (h,))[0], rtol=1e-12, atol=1e-12)

    @pytest.mark.parametrize("run", RUNS)
    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("started", [True, False])
    def test_lstm(self, run, bias, started, rng):
        batch, inputs, hidden = sizes(rng, 3)
        cell = random_weights(rng, nn.LSTMCell(inputs, hidden, bias=bias))
        x = rng.normal(size=(batch, inputs))
        states = [rng.normal(size=(batch, hidden)) * started for _ in range(2)]
        found = cell(ndl.Tensor(x), tensors(states) if started else None)
        assert isinstance(found, tuple)
        for each, expected in zip(found, step(cell, x, states), strict=True):
            np.testing.assert_allclose(each.numpy(), expected, rtol=1e-12, atol=1e-12)

    @pytest.mark.parametrize("bias", [True, False])
    def test_gradients_of_an_rnn_cell(self, bias, rng):
        cell = random_weights(rng, nn.RNNCell(3, 2, bias=bias))
        check_module(cell, rng.normal(size=(2, 3)), rng.normal(size=(2, 2)))

    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("which", [0, 1])
    def test_gradients_of_an_lstm_cell(self, bias, which, rng):
        cell = random_weights(rng, nn.LSTMCell(3, 2, bias=bias))
        inputs = [rng.normal(size=shape) for shape in [(2, 3), (2, 2), (2, 2)]]
        check_module(cell, *inputs, **ALONG_DIRECTIONS, call=lambda x, h, c: cell(x, (h, c))[which])

    def test_gates_that_are_shut(self, rng):
        """Biases of 100 and -100 open and shut gates for good: what comes out says which quarter is which gate."""
        cell = nn.LSTMCell(3, 2, dtype="float64")
        x, h, c = (rng.normal(size=shape) for shape in [(4, 3), (4, 2), (4, 2)])

        def with_gates(i, f, o):
            bias = np.repeat([100.0 * i, 100.0 * f, 0.0, 100.0 * o], 2)
            cell.bias_ih = ndl.Tensor(bias)
            hidden, memory = cell(ndl.Tensor(x), (ndl.Tensor(h), ndl.Tensor(c)))
            return hidden.numpy(), memory.numpy()

        hidden, memory = with_gates(i=-1, f=1, o=1)  # remembers, and shows it
        np.testing.assert_allclose(memory, c, rtol=1e-12)
        np.testing.assert_allclose(hidden, np.tanh(c), rtol=1e-12)
        hidden, memory = with_gates(i=-1, f=-1, o=1)  # forgets
        np.testing.assert_allclose(memory, 0, atol=1e-12)
        hidden, memory = with_gates(i=1, f=1, o=-1)  # takes in, and hides it
        np.testing.assert_allclose(hidden, 0, atol=1e-12)
        assert (np.abs(memory - c) < 1).all()
        assert (memory != c).all()

    @pytest.mark.parametrize(("make", "gates"), [(nn.RNNCell, 1), (nn.LSTMCell, 4)])
    @pytest.mark.parametrize("bias", [True, False])
    def test_draws(self, make, gates, bias):
        """Weights first, then biases, each by one uniform draw on +-1/sqrt(hidden_size)."""
        np.random.seed(3)
        cell = make(5, 4, bias=bias)
        np.random.seed(3)
        for name, shape in [("W_ih", (5, 4 * gates)), ("W_hh", (4, 4 * gates))]:
            expected = (2 * np.random.rand(*shape) - 1) / 2
            np.testing.assert_allclose(getattr(cell, name).numpy(), expected, rtol=1e-5, atol=1e-6)
        for name in ("bias_ih", "bias_hh"):
            if bias:
                expected = (2 * np.random.rand(4 * gates) - 1) / 2
                np.testing.assert_allclose(getattr(cell, name).numpy(), expected, rtol=1e-5, atol=1e-6)
            else:
                assert getattr(cell, name) is None
        assert len(cell.parameters()) == (4 if bias else 2)
        assert {str(each.dtype) for each in cell.parameters()} == {"float32"}

    @pytest.mark.parametrize("make", [nn.RNNCell, nn.LSTMCell])
    def test_weights_may_be_replaced_by_plain_tensors(self, make, rng):
        cell = random_weights(rng, make(3, 2))
        names = ["W_ih", "W_hh", "bias_ih", "bias_hh"]
        for name in names:
            setattr(cell, name, ndl.Tensor(getattr(cell, name).numpy() / 2))
        x = rng.normal(size=(4, 3))
        out = as_list(cell(ndl.Tensor(x)))[0]
        zeros = [np.zeros((4, 2))] * 2
        np.testing.assert_allclose(out.numpy(), step(cell, x, zeros)[0], rtol=1e-12)
        out.sum().backward()
        for name in names:
            weight = getattr(cell, name)
            assert weight.grad.shape == weight.shape
        assert np.abs(cell.W_ih.grad.numpy()).max() > 0.01
        assert not cell.W_hh.grad.numpy().any(), "the state before was zero"
        np.testing.assert_allclose(cell.bias_ih.grad.numpy(), cell.bias_hh.grad.numpy(), rtol=1e-12)


class TestNetworks:
    @KINDS
    @pytest.mark.parametrize("run", RUNS)
    @pytest.mark.parametrize("layers", [1, 2, 3])
    @pytest.mark.parametrize("started", [True, False])
    def test_values(self, kind, run, layers, started, rng):
        steps, batch, inputs, hidden = sizes(rng, 4)
        module = random_weights(rng, make(kind, inputs, hidden, layers, bias=run != 1))
        x = rng.normal(size=(steps, batch, inputs))
        before = random_states(rng, module, batch) if started else None
        out, after = module(ndl.Tensor(x), tensors(before) if started else None)
        expected, last = in_numpy(module, x, before)
        np.testing.assert_allclose(out.numpy(), expected, rtol=1e-12, atol=1e-12)
        for found, each in zip(as_list(after), last, strict=True):
            np.testing.assert_allclose(found.numpy(), each, rtol=1e-12, atol=1e-12)

    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("what", ["outputs", "states"])
    def test_gradients_of_an_rnn(self, bias, what, rng):
        module = random_weights(rng, nn.RNN(2, 3, 2, bias=bias))
        x, h = rng.normal(size=(3, 2, 2)), rng.normal(size=(2, 2, 3))
        check_module(module, x, h, **ALONG_DIRECTIONS, call=lambda x, h: module(x, h)[what == "states"])

    @pytest.mark.parametrize("bias", [True, False])
    @pytest.mark.parametrize("what", ["out", "h_n", "c_n"])
    def test_gradients_of_an_lstm(self, bias, what, rng):
        module = random_weights(rng, nn.LSTM(2, 2, 2, bias=bias))
        inputs = [rng.normal(size=shape) for shape in [(3, 2, 2), (2, 2, 2), (2, 2, 2)]]

        def call(x, h, c):
            out, (h_n, c_n) = module(x, (h, c))
            return {"out": out, "h_n": h_n, "c_n": c_n}[what]

        check_module(module, *inputs, **ALONG_DIRECTIONS, call=call)

    @KINDS
    @pytest.mark.parametrize("run", RUNS)
    @pytest.mark.parametrize("layers", [1, 2])
    @pytest.mark.parametrize("bias", [True, False])
    def test_beside_torch(self, kind, run, layers, bias, rng):
        torch = pytest.importorskip("torch")
        steps, batch, inputs, hidden = sizes(rng, 4)
        module = random_weights(rng, make(kind, inputs, hidden, layers, bias=bias))
        options = {"num_layers": layers, "bias": bias, "dtype": torch.float64}
        if kind == "lstm":
            other = torch.nn.LSTM(inputs, hidden, **options)
        else:
            other = torch.nn.RNN(inputs, hidden, nonlinearity=kind, **options)
        pairs = weights_to_torch(torch, cells_of(module), other, [f"_l{i}" for i in range(layers)])

        x, before = rng.normal(size=(steps, batch, inputs)), random_states(rng, module, batch)
        needles = [ndl.Tensor(each) for each in (x, *before)]
        torches = [torch.tensor(each, requires_grad=True) for each in (x, *before)]
        out, after = module(needles[0], tuple(needles[1:]) if kind == "lstm" else needles[1])
        out_t, after_t = other(torches[0], tuple(torches[1:]) if kind == "lstm" else torches[1])
        pairs += [(*pair, as_it_is) for pair in zip(needles, torches, strict=True)]
        assert_like_torch(torch, rng, [out, *as_list(after)], [out_t, *as_list(after_t)], pairs)

    @KINDS
    def test_the_last_output_is_the_last_state_of_the_last_layer(self, kind, rng):
        module = make(kind, 3, 4, 2)
        out, after = module(ndl.Tensor(rng.normal(size=(5, 2, 3)), dtype="float32"))
        assert (out.numpy()[-1] == as_list(after)[0].numpy()[-1]).all()

    @KINDS
    def test_parameters_are_drawn_layer_by_layer(self, kind):
        np.random.seed(4)
        module = make(kind, 3, 2, 3)
        np.random.seed(4)
        cell = nn.LSTMCell if kind == "lstm" else nn.RNNCell
        expected = [weight for inputs in (3, 2, 2) for weight in cell(inputs, 2).parameters()]
        for found, weight in zip(module.parameters(), expected, strict=True):
            assert (found.numpy() == weight.numpy()).all()

    @KINDS
    def test_one_step_is_what_the_cell_does(self, kind, rng):
        module = random_weights(rng, make(kind, 3, 2))
        x, before = rng.normal(size=(1, 4, 3)), random_states(rng, module, 4)
        out, _ = module(ndl.Tensor(x), tensors(before))
        cell = cells_of(module)[0]
        expected = as_list(cell(ndl.Tensor(x[0]), tensors([each[0] for each in before])))[0]
        np.testing.assert_allclose(out.numpy()[0], expected.numpy(), rtol=1e-12)

    @KINDS
    def test_examples_of_a_batch_do_not_know_of_each_other(self, kind, rng):
        module = random_weights(rng, make(kind, 3, 2, 2))
        x = rng.normal(size=(4, 5, 3))
        together = module(ndl.Tensor(x))[0].numpy()
        alone = [module(ndl.Tensor(x[:, i : i + 1]))[0].numpy()[:, 0] for i in range(5)]
        np.testing.assert_allclose(together.swapaxes(0, 1), alone, rtol=1e-12, atol=1e-12)

    @pytest.mark.parametrize("kind", ["tanh", "lstm"])
    def test_outputs_do_not_depend_on_what_comes_later(self, kind, rng):
        module = random_weights(rng, make(kind, 3, 2, 2))
        x = rng.normal(size=(6, 2, 3))
        whole = module(ndl.Tensor(x))[0].numpy()
        x[4:] += 1
        changed = module(ndl.Tensor(x))[0].numpy()
        assert (whole[:4] == changed[:4]).all()
        assert not np.isclose(whole[4], changed[4]).any()

    @pytest.mark.parametrize("kind", ["tanh", "lstm"])
    def test_in_two_parts_the_values_are_the_same_and_truncated_gradients_are_not(self, kind, rng):
        """Truncated backpropagation: the state goes on, the gradient does not."""
        module = random_weights(rng, make(kind, 3, 2, 2))
        x = rng.normal(size=(6, 2, 3))

        def gradient(cut, detached):
            begin = ndl.Tensor(x[:cut])
            out, state = module(begin)
            if detached:
                state = tuple(each.detach() for each in state) if kind == "lstm" else state.detach()
            out, _ = module(ndl.Tensor(x[cut:]), state)
            (out * out).sum().backward()
            return out.numpy(), getattr(begin, "grad", None), cells_of(module)[0].W_ih.grad.numpy()

        whole = ndl.Tensor(x)
        out, _ = module(whole)
        late = ops_slice(out, 4)
        (late * late).sum().backward()
        expected, by_weight = late.numpy(), cells_of(module)[0].W_ih.grad.numpy()
        out, by_begin, found = gradient(4, detached=False)
        np.testing.assert_allclose(out, expected, rtol=1e-12)
        np.testing.assert_allclose(by_begin.numpy(), whole.grad.numpy()[:4], rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(found, by_weight, rtol=1e-10, atol=1e-13)
        out, by_begin, found = gradient(4, detached=True)
        np.testing.assert_allclose(out, expected, rtol=1e-12)
        assert by_begin is None
        assert np.abs(found - by_weight).max() > 1e-3

    @pytest.mark.parametrize("kind", ["tanh", "lstm"])
    def test_a_long_sequence(self, kind, rng):
        """Longer than Python's stack is deep."""
        module = random_weights(rng, make(kind, 1, 2))
        x = ndl.Tensor(rng.normal(size=(1200, 1, 1)), requires_grad=False)
        out, _ = module(x)
        out.sum().backward()
        np.testing.assert_allclose(out.numpy(), in_numpy(module, x.numpy())[0], rtol=1e-8, atol=1e-8)
        assert np.isfinite(cells_of(module)[0].W_hh.grad.numpy()).all()

    @KINDS
    @pytest.mark.usefixtures("lazy")
    def test_lazily(self, kind, rng):
        module = random_weights(rng, make(kind, 3, 2, 2))
        x = rng.normal(size=(3, 2, 3))
        out, _ = module(ndl.Tensor(x))
        np.testing.assert_allclose(out.numpy(), in_numpy(module, x)[0], rtol=1e-12, atol=1e-12)


def ops_slice(sequence, start):
    """The steps from `start` on."""
    return ndl.ops.stack(ndl.ops.split(sequence, 0).tuple()[start:], 0)


class TestRefusals:
    @pytest.mark.parametrize("nonlinearity", ["sigmoid", None, "TANH"])
    def test_another_nonlinearity(self, nonlinearity):
        for kind in (nn.RNNCell, nn.RNN):
            with pytest.raises(ValueError, match=f"'tanh' or 'relu', not {nonlinearity!r}"):
                kind(3, 2, nonlinearity=nonlinearity)

    @pytest.mark.parametrize("kind", [nn.RNNCell, nn.RNN, nn.LSTMCell, nn.LSTM])
    @pytest.mark.parametrize(("numbers", "what"), [((0, 2), "input_size"), ((3, 0), "hidden_size")])
    def test_sizes_below_one(self, kind, numbers, what):
        with pytest.raises(ValueError, match=rf"{kind.__name__}: {what} must be 1 or more, not 0"):
            kind(*numbers)

    @pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM])
    def test_no_layers(self, kind):
        with pytest.raises(ValueError, match=r"num_layers must be 1 or more, not 0"):
            kind(3, 2, 0)

    @pytest.mark.parametrize("kind", [nn.RNNCell, nn.LSTMCell])
    @pytest.mark.parametrize("shape", [(4, 2), (3,), (2, 4, 3), (0, 3)], ids=str)
    def test_steps_of_another_shape(self, kind, shape):
        message = f"{kind.__name__}: expected X of shape (bs, 3) with bs at least 1, got {shape}"
        with pytest.raises(ValueError, match=re.escape(message)):
            kind(3, 2)(ndl.init.ones(*shape))

    @pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM])
    @pytest.mark.parametrize("shape", [(0, 4, 3), (5, 0, 3), (5, 4, 2), (5, 3)], ids=str)
    def test_sequences_of_another_shape(self, kind, shape):
        message = f"{kind.__name__}: expected X of shape (T, bs, 3) with T and bs at least 1, got {shape}"
        with pytest.raises(ValueError, match=re.escape(message)):
            kind(3, 2)(ndl.init.ones(*shape))

    @pytest.mark.parametrize("shape", [(1, 4, 2), (2, 3, 2), (2, 4, 3), (4, 2)], ids=str)
    def test_states_of_another_shape(self, shape):
        x, good, bad = ndl.init.ones(5, 4, 3), ndl.init.ones(2, 4, 2), ndl.init.ones(*shape)
        with pytest.raises(ValueError, match=re.escape(f"RNN: expected a state of shape (2, 4, 2), got {shape}")):
            nn.RNN(3, 2, 2)(x, bad)
        for states in ((bad, good), (good, bad)):
            with pytest.raises(ValueError, match=re.escape(f"LSTM: expected a state of shape (2, 4, 2), got {shape}")):
                nn.LSTM(3, 2, 2)(x, states)

    @pytest.mark.parametrize(
        ("make", "found"),
        [
            (lambda state: state, "Tensor"),
            (lambda state: (state,), "(Tensor)"),
            (lambda state: (state, None), "(Tensor, NoneType)"),
        ],
    )
    def test_one_state_where_two_are_needed(self, make, found):
        x, given = ndl.init.ones(1, 4, 3), make(ndl.init.ones(1, 4, 2))
        with pytest.raises(ValueError, match=re.escape(f"LSTM: expected two states (h, c) or None, got {found}")):
            nn.LSTM(3, 2)(x, given)
        with pytest.raises(ValueError, match=re.escape(f"LSTMCell: expected two states (h, c) or None, got {found}")):
            nn.LSTMCell(3, 2)(x.reshape((4, 3)), given)
