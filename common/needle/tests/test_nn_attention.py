"""Attention: beside NumPy in float64 and PyTorch, by finite differences, and by its symmetries."""

from __future__ import annotations

import re

import needle as ndl
import numpy as np
import pytest
from needle import nn
from needle.gradcheck import check_gradients
from nn_checks import (
    ALONG_DIRECTIONS,
    as_it_is,
    assert_like_torch,
    check_module,
    on_tensors,
    random_weights,
    sizes,
    smooth,
)
from nn_oracles import attention, layer_norm

RUNS = range(3)
CAUSAL = pytest.mark.parametrize("causal", [True, False])


def qkv(rng, causal=False):
    """Queries, keys and values of random sizes; if causal, not more queries than keys."""
    batch, heads, width, *steps = sizes(rng, 5)
    queries, keys = sorted(steps) if causal else steps
    shapes = [(batch, heads, queries, width)] + [(batch, heads, keys, width)] * 2
    return [rng.normal(size=shape) for shape in shapes]


class TestMultiHeadAttention:
    @CAUSAL
    @pytest.mark.parametrize("run", RUNS)
    def test_values(self, run, causal, rng):
        arrays = qkv(rng, causal)
        found = on_tensors(nn.MultiHeadAttention(causal=causal), *arrays)
        for each, expected in zip(found, attention(*arrays, causal), strict=True):
            np.testing.assert_allclose(each, expected, rtol=1e-10, atol=1e-12)

    @CAUSAL
    @pytest.mark.parametrize("which", [0, 1])
    def test_gradients(self, causal, which, rng):
        arrays = [rng.normal(size=shape) for shape in [(1, 2, 2, 3), (1, 2, 3, 3), (1, 2, 3, 3)]]
        module = nn.MultiHeadAttention(causal=causal)
        check_gradients(lambda *qkv: module(*qkv)[which], arrays)

    @CAUSAL
    @pytest.mark.parametrize("run", RUNS)
    def test_beside_torch(self, run, causal, rng):
        torch = pytest.importorskip("torch")
        arrays = qkv(rng)
        if causal:  # PyTorch's mask lies elsewhere if there are more keys than queries
            arrays[0] = rng.normal(size=arrays[1].shape)
        needles = [ndl.Tensor(each) for each in arrays]
        torches = [torch.tensor(each, requires_grad=True) for each in arrays]
        result, _ = nn.MultiHeadAttention(causal=causal)(*needles)
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):  # the others have no second order
            expected = torch.nn.functional.scaled_dot_product_attention(*torches, is_causal=causal)
        pairs = [(*pair, as_it_is) for pair in zip(needles, torches, strict=True)]
        assert_like_torch(torch, rng, [result], [expected], pairs)

    def test_the_mask(self):
        attention = nn.MultiHeadAttention(causal=True)
        mask = ndl.Tensor(attention.create_causal_mask(3, 5, ndl.cpu())).numpy()
        assert mask.shape == (1, 1, 3, 5)
        hidden = [[0, 0, 0, 1, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]]
        assert (mask[0, 0] == np.where(hidden, np.finfo("float32").min, 0)).all()

    @CAUSAL
    def test_probabilities_are_rows_that_add_up_to_one(self, causal, rng):
        _, probs = on_tensors(nn.MultiHeadAttention(causal=causal), *qkv(rng, causal))
        assert (probs >= 0).all()
        np.testing.assert_allclose(probs.sum(3), 1, rtol=1e-12)

    def test_equal_keys_are_averaged(self, rng):
        q, k, v = qkv(rng)
        k[:] = k[:, :, :1]
        result, _ = on_tensors(nn.MultiHeadAttention(), q, k, v)
        np.testing.assert_allclose(result, np.broadcast_to(v.mean(2, keepdims=True), q.shape), rtol=1e-10, atol=1e-12)

    def test_scores_of_any_size(self, rng):
        """A match that is better by far takes all; neither exponentials nor gradients overflow."""
        arrays = [each * 1e3 for each in qkv(rng)]
        needles = [ndl.Tensor(each, dtype="float32") for each in arrays]
        result, probs = nn.MultiHeadAttention(causal=False)(*needles)
        result.sum().backward()
        np.testing.assert_allclose(probs.numpy(), attention(*arrays)[1], atol=1e-4)
        assert all(np.isfinite(each.grad.numpy()).all() for each in needles)

    def test_it_is_equivariant(self, rng):
        """Queries in another order give results in that order; the order of keys and values does not matter."""
        q, k, v = qkv(rng)
        module = nn.MultiHeadAttention()
        result, probs = on_tensors(module, q, k, v)
        order, other = rng.permutation(q.shape[2]), rng.permutation(k.shape[2])
        permuted, moved = on_tensors(module, q[:, :, order], k[:, :, other], v[:, :, other])
        np.testing.assert_allclose(permuted, result[:, :, order], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(moved, probs[:, :, order][..., other], rtol=1e-10, atol=1e-12)

    def test_heads_and_examples_do_not_know_of_each_other(self, rng):
        arrays = qkv(rng)
        module = nn.MultiHeadAttention(causal=False)
        result, _ = on_tensors(module, *arrays)
        for b, h in np.ndindex(result.shape[:2]):
            alone, _ = on_tensors(module, *(each[b : b + 1, h : h + 1] for each in arrays))
            np.testing.assert_allclose(result[b : b + 1, h : h + 1], alone, rtol=1e-10, atol=1e-12)

    def test_the_future_does_not_matter(self, rng):
        x = rng.normal(size=(1, 2, 6, 3))
        module = nn.MultiHeadAttention(causal=True)
        before, probs = on_tensors(module, x, x, x)
        assert (np.triu(probs, 1) == 0).all()
        x[:, :, 4:] += 1
        after, _ = on_tensors(module, x, x, x)
        assert (before[:, :, :4] == after[:, :, :4]).all()
        assert not np.isclose(before[:, :, 4:], after[:, :, 4:]).any()

    def test_dropout_is_of_the_probabilities_and_in_training_only(self, rng):
        q, k, v = qkv(rng)
        module = nn.MultiHeadAttention(dropout=0.4)
        expected, probs = attention(q, k, v)
        np.random.seed(2)
        result, found = on_tensors(module, q, k, v)
        np.random.seed(2)
        dropped = probs * (np.random.rand(*probs.shape) <= 0.6) / 0.6
        np.testing.assert_allclose(found, dropped, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(result, dropped @ v, rtol=1e-6, atol=1e-6)
        module.eval()
        np.testing.assert_allclose(on_tensors(module, q, k, v)[0], expected, rtol=1e-10, atol=1e-12)

    def test_no_parameters(self):
        assert nn.MultiHeadAttention().parameters() == []

    @pytest.mark.parametrize(
        ("q", "k", "v"),
        [
            ((1, 2, 3), (1, 2, 3), (1, 2, 3)),
            ((1, 2, 3, 4), (1, 2, 5, 4), (1, 2, 6, 4)),
            ((1, 2, 3, 4), (1, 2, 5, 4), (1, 2, 5, 3)),
            ((1, 2, 0, 4), (1, 2, 5, 4), (1, 2, 5, 4)),
            ((1, 2, 3, 4), (1, 2, 0, 4), (1, 2, 0, 4)),
        ],
        ids=str,
    )
    def test_shapes_that_are_none(self, q, k, v):
        message = f"expected q (B, H, T, D), k and v (B, H, S, D), none empty; got q {q}, k {k} and v {v}"
        with pytest.raises(ValueError, match=re.escape(message)):
            nn.MultiHeadAttention()(*(ndl.init.ones(*shape) for shape in (q, k, v)))

    @pytest.mark.parametrize("other", [(2, 2, 5, 4), (1, 3, 5, 4), (1, 2, 5, 3)], ids=str)
    def test_keys_of_another_shape_than_queries(self, other):
        message = f"B, H and D must be the same for q, k and v; got q (1, 2, 3, 4), k {other} and v {other}"
        keys = ndl.init.ones(*other)
        with pytest.raises(ValueError, match=re.escape(message)):
            nn.MultiHeadAttention()(ndl.init.ones(1, 2, 3, 4), keys, keys)

    def test_queries_that_would_see_nothing(self):
        q, k = ndl.init.ones(1, 2, 4, 3), ndl.init.ones(1, 2, 3, 3)
        assert nn.MultiHeadAttention()(q, k, k)[0].shape == (1, 2, 4, 3)
        with pytest.raises(ValueError, match=r"would see no key; got q \(1, 2, 4, 3\), k \(1, 2, 3, 3\)"):
            nn.MultiHeadAttention(causal=True)(q, k, k)

    @pytest.mark.usefixtures("lazy")
    def test_lazily(self, rng):
        arrays = qkv(rng, causal=True)
        found = on_tensors(nn.MultiHeadAttention(causal=True), *arrays)
        np.testing.assert_allclose(found[0], attention(*arrays, True)[0], rtol=1e-10, atol=1e-12)


def attention_layer(layer, q, k, v):
    """In NumPy."""

    def heads(norm, projection, x):
        rows = layer_norm(norm, x) @ projection.weight.numpy()
        return rows.reshape(*x.shape[:2], layer.num_head, layer.dim_head).transpose(0, 2, 1, 3)

    result, _ = attention(
        heads(layer.prenorm_q, layer.q_projection, q),
        heads(layer.prenorm_k, layer.k_projection, k),
        heads(layer.prenorm_v, layer.v_projection, v),
        layer.attn.causal,
    )
    rows = result.transpose(0, 2, 1, 3).reshape(*q.shape[:2], -1)
    return rows @ layer.out_projection.weight.numpy()


class TestAttentionLayer:
    @CAUSAL
    @pytest.mark.parametrize("run", RUNS)
    def test_self_attention(self, run, causal, rng):
        batch, steps, features, heads, width = sizes(rng, 5)
        layer = random_weights(rng, nn.AttentionLayer(features, heads, width, causal=causal))
        x = rng.normal(size=(batch, steps, features))
        np.testing.assert_allclose(on_tensors(layer, x), attention_layer(layer, x, x, x), rtol=1e-9, atol=1e-10)

    @CAUSAL
    @pytest.mark.parametrize("run", RUNS)
    def test_attention_to_something_else(self, run, causal, rng):
        batch, heads, width, *steps = sizes(rng, 5)
        queries, keys = sorted(steps)
        features = dict(zip(["k_features", "v_features", "out_features"], sizes(rng, 3), strict=True))
        layer = random_weights(rng, nn.AttentionLayer(4, heads, width, causal=causal, **features))
        q = rng.normal(size=(batch, queries, 4))
        k = rng.normal(size=(batch, keys, features["k_features"]))
        v = rng.normal(size=(batch, keys, features["v_features"]))
        found = on_tensors(layer, q, k, v)
        assert found.shape == (batch, queries, features["out_features"])
        np.testing.assert_allclose(found, attention_layer(layer, q, k, v), rtol=1e-9, atol=1e-10)

    def test_gradients(self, rng):
        layer = smooth(random_weights(rng, nn.AttentionLayer(3, 2, 2)))
        check_module(layer, rng.normal(size=(2, 3, 3)), **ALONG_DIRECTIONS)

    def test_parameters_and_draws(self):
        np.random.seed(6)
        layer = nn.AttentionLayer(4, 2, 3, k_features=5, v_features=6, out_features=7)
        np.random.seed(6)
        shapes = [(4, 6), (5, 6), (6, 6), (6, 7)]
        weights = [each.numpy() for each in layer.parameters() if len(each.shape) == 2]
        assert [each.shape for each in weights] == shapes
        for found, shape in zip(weights, shapes, strict=True):
            assert (found == ndl.init.kaiming_uniform(*shape).numpy()).all()
        norms = [each.shape for each in layer.parameters() if len(each.shape) == 1]
        assert norms == [(4,), (4,), (5,), (5,), (6,), (6,)]

    @pytest.mark.parametrize("shape", [(2, 3), (2, 3, 5), (2, 0, 4), (1, 2, 3, 4)], ids=str)
    def test_inputs_of_another_shape(self, shape):
        message = f"AttentionLayer: q: expected three axes, the last of 4 features, none empty; got {shape}"
        with pytest.raises(ValueError, match=re.escape(message)):
            nn.AttentionLayer(4, 2, 3)(ndl.init.ones(*shape))

    @pytest.mark.parametrize(("k", "v"), [((2, 3, 4), (2, 5, 4)), ((1, 3, 4), (1, 3, 4))], ids=str)
    def test_inputs_that_do_not_go_together(self, k, v):
        message = f"expected one batch size, and as many keys as values, got q (2, 3, 4), k {k} and v {v}"
        with pytest.raises(ValueError, match=re.escape(message)):
            nn.AttentionLayer(4, 2, 3)(*(ndl.init.ones(*shape) for shape in ((2, 3, 4), k, v)))
