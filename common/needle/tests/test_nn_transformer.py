"""Transformers: beside NumPy in float64 and PyTorch, by finite differences, and by what they must not depend on."""

from __future__ import annotations

import re

import needle as ndl
import numpy as np
import pytest
from needle import nn
from nn_checks import (
    ALONG_DIRECTIONS,
    as_it_is,
    assert_like_torch,
    check_module,
    on_tensors,
    places_of,
    random_weights,
    sizes,
    smooth,
)
from nn_oracles import attention, layer_norm

RUNS = range(3)
CAUSAL = pytest.mark.parametrize("causal", [True, False])


def small_transformer(**options):
    sizes = {"embedding_size": 6, "hidden_size": 5, "num_layers": 2, "num_head": 2, "dim_head": 3, "sequence_len": 9}
    return nn.Transformer(**(sizes | options))


class TestTransformerLayer:
    @CAUSAL
    @pytest.mark.parametrize("pre_norm", [True, False])
    @pytest.mark.parametrize("run", RUNS)
    def test_beside_torch(self, run, causal, pre_norm, rng):
        """PyTorch has one norm in the place of three, and the three projections in one matrix."""
        torch = pytest.importorskip("torch")
        batch, steps, heads, width, hidden = sizes(rng, 5)
        features = heads * width
        layer = nn.TransformerLayer(features, heads, width, hidden, causal=causal, pre_norm=pre_norm)
        layer = random_weights(rng, layer)
        other = torch.nn.TransformerEncoderLayer(
            features, heads, hidden, 0.0, batch_first=True, norm_first=pre_norm, dtype=torch.float64
        )
        inside, first = layer.attention, None
        if pre_norm:
            inside.prenorm_k = inside.prenorm_v = first = inside.prenorm_q
        else:
            first = layer.norm_attention
        for bias in (other.self_attn.in_proj_bias, other.self_attn.out_proj.bias):
            bias.data = torch.zeros_like(bias)
        packed, pairs = other.self_attn.in_proj_weight, []
        for i, projection in enumerate([inside.q_projection, inside.k_projection, inside.v_projection]):
            rows = slice(i * features, (i + 1) * features)
            packed.data[rows] = torch.tensor(projection.weight.numpy().T.copy())
            pairs.append((projection.weight, packed, lambda packed, rows=rows: packed[rows].t()))
        for ours, theirs in [
            (inside.out_projection.weight, other.self_attn.out_proj.weight),
            (layer.linear1.weight, other.linear1.weight),
            (layer.linear2.weight, other.linear2.weight),
        ]:
            theirs.data = torch.tensor(ours.numpy().T.copy(), dtype=torch.float64)
            pairs.append((ours, theirs, torch.t))
        for ours, theirs in [
            (layer.linear1.bias, other.linear1.bias),
            (layer.linear2.bias, other.linear2.bias),
            (first.weight, other.norm1.weight),
            (first.bias, other.norm1.bias),
            (layer.norm.weight, other.norm2.weight),
            (layer.norm.bias, other.norm2.bias),
        ]:
            theirs.data = torch.tensor(ours.numpy().reshape(-1), dtype=torch.float64)
            pairs.append((ours, theirs, lambda theirs, shape=ours.shape: theirs.reshape(shape)))
        x = rng.normal(size=(batch, steps, features))
        ours, theirs = ndl.Tensor(x), torch.tensor(x, requires_grad=True)
        mask = torch.full((steps, steps), -torch.inf, dtype=torch.float64).triu(1) if causal else None
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):  # the others have no second order
            expected = other(theirs, src_mask=mask)
        assert_like_torch(torch, rng, [layer(ours)], [expected], [(ours, theirs, as_it_is), *pairs])

    @pytest.mark.parametrize("pre_norm", [True, False])
    def test_gradients(self, pre_norm, rng):
        layer = smooth(random_weights(rng, nn.TransformerLayer(3, 2, 2, 4, pre_norm=pre_norm)))
        layer.linear1.bias = nn.Parameter(np.full((1, 4), 20.0))  # far from where relu has an edge
        check_module(layer, rng.normal(size=(2, 3, 3)), **ALONG_DIRECTIONS)

    def test_parameters_and_draws(self):
        np.random.seed(7)
        layer = nn.TransformerLayer(6, 2, 3, 5)
        np.random.seed(7)
        made = nn.AttentionLayer(6, 2, 3), nn.Linear(6, 5), nn.Linear(5, 6)
        expected = [weight.numpy() for each in made for weight in each.parameters() if len(weight.shape) == 2]
        found = [weight.numpy() for weight in layer.parameters() if len(weight.shape) == 2]
        assert len(found) == len(expected) == 8
        for each in expected:
            assert any(each.shape == weight.shape and (each == weight).all() for weight in found)
        assert sum(weight.numpy().size for weight in layer.parameters()) == 4 * 36 + 4 * 12 + 35 + 36

    def test_dropout_three_times_and_that_of_the_attention_first(self, rng):
        """Draws in the order of computation: probabilities, attention, hidden layer, output."""
        layer = random_weights(rng, nn.TransformerLayer(4, 2, 3, 5, dropout=0.3, causal=False))
        x = rng.normal(size=(2, 3, 4))
        np.random.seed(9)
        found = on_tensors(layer, x)

        def mask(*shape):
            return (np.random.rand(*shape) <= 0.7) / 0.7

        np.random.seed(9)
        masks = [mask(2, 2, 3, 3), mask(2, 3, 4), mask(2, 3, 5), mask(2, 3, 4)]
        inside = layer.attention

        def heads(norm, projection):
            rows = layer_norm(norm, x) @ projection.weight.numpy()
            return rows.reshape(2, 3, 2, 3).transpose(0, 2, 1, 3)

        q, k, v = (heads(getattr(inside, f"prenorm_{n}"), getattr(inside, f"{n}_projection")) for n in "qkv")
        attended = (attention(q, k, v)[1] * masks[0] @ v).transpose(0, 2, 1, 3).reshape(2, 3, 6)
        middle = x + attended @ inside.out_projection.weight.numpy() * masks[1]
        linear1, linear2 = layer.linear1, layer.linear2
        hidden = layer_norm(layer.norm, middle) @ linear1.weight.numpy() + linear1.bias.numpy()
        hidden = hidden.clip(0) * masks[2]
        expected = middle + (hidden @ linear2.weight.numpy() + linear2.bias.numpy()) * masks[3]
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)

    def test_inputs_of_another_shape(self):
        with pytest.raises(ValueError, match=r"TransformerLayer: x: expected three axes, .* 4 features.*\(2, 4\)"):
            nn.TransformerLayer(4, 2, 3, 5)(ndl.init.ones(2, 4))


class TestTransformer:
    @pytest.mark.parametrize("run", RUNS)
    def test_it_is_its_layers_after_its_positions(self, run, rng):
        model = random_weights(rng, small_transformer())
        steps, batch = sizes(rng, 2)
        x = rng.normal(size=(steps, batch, 6))
        expected = ndl.Tensor(x.swapaxes(0, 1) + model.positions.weight.numpy()[:steps])
        for layer in model.layers:
            expected = layer(expected)
        found, state = on_tensors(model, x)
        np.testing.assert_allclose(found, expected.numpy().swapaxes(0, 1), rtol=1e-10, atol=1e-12)
        assert state.shape == x.shape
        assert not state.any()

    def test_batch_first(self, rng):
        np.random.seed(1)
        model = small_transformer()
        np.random.seed(1)
        other = small_transformer(batch_first=True)
        x = rng.normal(size=(4, 3, 6))
        found, state = on_tensors(other, x.swapaxes(0, 1))
        np.testing.assert_allclose(found, on_tensors(model, x)[0].swapaxes(0, 1), rtol=1e-5, atol=1e-6)
        assert state.shape == (3, 4, 6)

    def test_gradients(self, rng):
        model = smooth(
            random_weights(rng, small_transformer(embedding_size=3, num_head=1, num_layers=1, sequence_len=4))
        )
        for layer in model.layers:
            layer.linear1.bias = nn.Parameter(np.full((1, 5), 20.0))
        check_module(model, rng.normal(size=(3, 2, 3)), **ALONG_DIRECTIONS, call=lambda x: model(x)[0])

    def test_positions_that_do_not_occur_get_no_gradient(self, rng):
        model = random_weights(rng, small_transformer())
        out, _ = model(ndl.Tensor(rng.normal(size=(4, 2, 6))))
        (out * out).sum().backward()
        found = model.positions.weight.grad.numpy()
        assert (found[:4] != 0).all()
        assert (found[4:] == 0).all()

    def test_a_state_is_ignored(self, rng):
        model = random_weights(rng, small_transformer())
        x = ndl.Tensor(rng.normal(size=(4, 2, 6)))
        assert (model(x, x)[0].numpy() == model(x)[0].numpy()).all()

    def test_positions_are_made_before_the_layers(self):
        np.random.seed(8)
        model = small_transformer()
        np.random.seed(8)
        positions = nn.Embedding(9, 6)
        layers = [nn.TransformerLayer(6, 2, 3, 5) for _ in range(2)]
        expected = [each for module in (positions, *layers) for each in module.parameters()]
        found = model.parameters()
        assert len(found) == len(expected)
        for each, weight in zip(found, expected, strict=True):
            assert (each.numpy() == weight.numpy()).all()

    @pytest.mark.parametrize("pre_norm", [True, False])
    def test_the_future_does_not_matter(self, pre_norm, rng):
        model = random_weights(rng, small_transformer(pre_norm=pre_norm))
        x = rng.normal(size=(6, 2, 6))
        whole, _ = on_tensors(model, x)
        part, _ = on_tensors(model, x[:4])
        np.testing.assert_allclose(whole[:4], part, rtol=1e-10, atol=1e-12)
        x[4:] += rng.normal(size=x[4:].shape)
        changed, _ = on_tensors(model, x)
        assert (whole[:4] == changed[:4]).all()
        assert not np.isclose(whole[4:], changed[4:]).all(axis=2).any()

    def test_without_a_mask_the_future_matters(self, rng):
        model = random_weights(rng, small_transformer(causal=False))
        x = rng.normal(size=(6, 2, 6))
        whole, _ = on_tensors(model, x)
        x[5] += rng.normal(size=x[5].shape)
        changed, _ = on_tensors(model, x)
        assert not np.isclose(whole[:5], changed[:5]).all(axis=2).any()

    @pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
    def test_only_positions_tell_one_order_from_another(self, positions, rng):
        model = random_weights(rng, small_transformer(causal=False, positions=positions))
        x, order = rng.normal(size=(5, 2, 6)), np.array([2, 0, 4, 1, 3])
        result, permuted = on_tensors(model, x)[0], on_tensors(model, x[order])[0]
        assert not np.allclose(permuted, result[order], atol=1e-3)
        places = model.positions(ndl.Tensor(np.arange(5), dtype="float64")).numpy()[:, np.newaxis]
        moved, _ = on_tensors(model, (x + places)[order] - places)
        np.testing.assert_allclose(moved, result[order], rtol=1e-8, atol=1e-8)

    def test_dropout_in_training_only(self, rng):
        model = random_weights(rng, small_transformer(dropout=0.5))
        x = rng.normal(size=(4, 2, 6))
        assert not np.allclose(on_tensors(model, x)[0], on_tensors(model, x)[0])
        model.eval()
        assert (on_tensors(model, x)[0] == on_tensors(model, x)[0]).all()

    @pytest.mark.parametrize("batch_first", [True, False])
    def test_sequences_that_are_too_long(self, batch_first):
        model = small_transformer(batch_first=batch_first)
        shape = (2, 10, 6) if batch_first else (10, 2, 6)
        with pytest.raises(ValueError, match="a sequence has 10 steps, but sequence_len is 9"):
            model(ndl.init.ones(*shape))
        model(ndl.init.ones(*((2, 9, 6) if batch_first else (9, 2, 6))))

    @pytest.mark.parametrize("shape", [(4, 6), (0, 2, 6), (4, 0, 6), (4, 2, 5)], ids=str)
    def test_inputs_of_another_shape(self, shape):
        message = f"Transformer: x: expected three axes, the last of 6 features, none empty; got {shape}"
        with pytest.raises(ValueError, match=re.escape(message)):
            small_transformer()(ndl.init.ones(*shape))

    def test_no_layers(self):
        with pytest.raises(ValueError, match="num_layers must be 1 or more, not 0"):
            small_transformer(num_layers=0)


class TestVariants:
    @pytest.mark.parametrize("dim", [1, 2, 5, 8])
    def test_sinusoids(self, dim):
        found = on_tensors(nn.SinusoidalEmbedding(20, dim, dtype="float64"), np.arange(20.0))
        for p, j in np.ndindex(20, dim):
            angle = p / 10000 ** ((j - j % 2) / dim)
            np.testing.assert_allclose(found[p, j], np.cos(angle) if j % 2 else np.sin(angle), atol=1e-12)

    def test_a_shift_of_positions_is_a_rotation(self):
        """Of each pair (sin, cos), by an angle that depends on the shift alone."""
        table = on_tensors(nn.SinusoidalEmbedding(30, 6, dtype="float64"), np.arange(30.0))
        as_numbers = table[:, 1::2] + 1j * table[:, 0::2]
        turned = as_numbers[7:] / as_numbers[:-7]
        np.testing.assert_allclose(turned, np.broadcast_to(turned[0], turned.shape), rtol=1e-9, atol=1e-10)

    @pytest.mark.parametrize(("position", "shown"), [(20, "20"), (-1, "-1"), (0.5, "0.5")])
    def test_positions_that_are_none(self, position, shown):
        with pytest.raises(ValueError, match=f"from 0 to 19, but one is {shown}"):
            nn.SinusoidalEmbedding(20, 4)(ndl.Tensor([0.0, position]))

    def test_positions_that_are_not_known(self):
        with pytest.raises(ValueError, match="'learned' or 'sinusoidal', not 'rotary'"):
            small_transformer(positions="rotary")

    def test_flags_do_not_change_the_weights_that_stay(self):
        def weights(**flags):
            np.random.seed(3)
            model = small_transformer(**flags)
            return [each.numpy() for layer in model.layers for each in layer.parameters() if len(each.shape) == 2]

        plain = weights()
        for flags in ({"pre_norm": False}, {"positions": "sinusoidal"}):
            for found, expected in zip(weights(**flags), plain, strict=True):
                assert (found == expected).all()

    def test_sinusoids_are_not_trained(self):
        learned, fixed = small_transformer(), small_transformer(positions="sinusoidal")
        assert len(fixed.parameters()) == len(learned.parameters()) - 1


class TestMaps:
    def test_what_layers_attended_to(self, rng):
        model = random_weights(rng, small_transformer())
        x = rng.normal(size=(5, 3, 6))
        expected, _ = on_tensors(model, x)
        with nn.attention_maps(model) as maps:
            found, _ = on_tensors(model, x)
        assert (found == expected).all()
        assert [each.shape for each in maps] == [(3, 2, 5, 5)] * 2
        first = model.layers[0].attention
        inputs = x.swapaxes(0, 1) + model.positions.weight.numpy()[:5]
        q, k = (
            (layer_norm(norm, inputs) @ projection.weight.numpy()).reshape(3, 5, 2, 3).transpose(0, 2, 1, 3)
            for norm, projection in [(first.prenorm_q, first.q_projection), (first.prenorm_k, first.k_projection)]
        )
        np.testing.assert_allclose(maps[0], attention(q, k, k, causal=True)[1], rtol=1e-9, atol=1e-10)
        on_tensors(model, x)
        assert len(maps) == 2, "nothing is gathered afterwards"

    def test_an_error_leaves_the_model_as_it_was(self):
        model = small_transformer()
        before = places_of(model)
        with pytest.raises(ValueError, match="three axes"), nn.attention_maps(model):
            model(ndl.init.ones(4, 6))
        assert places_of(model) == before
        assert isinstance(model.layers[0].attention.attn, nn.MultiHeadAttention)
