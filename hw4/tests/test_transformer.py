"""hw4, transformer: attention query by query, and layers beside the same in NumPy, from the weights that they draw.

What a module calls its parts is its own affair, where nothing is said about it: its weights are drawn a second time.
"""

import math

import mugrade
import numpy as np
import pytest
from needle import nn
from sequences import check_gradients, close, numbers, tensor, uniform

CAUSAL = pytest.mark.parametrize("causal", [True, False], ids=["causal", "not causal"])


@pytest.fixture(autouse=True)
def seeded():
    """Modules draw the same numbers in each test, whatever ran before it."""
    np.random.seed(20)


# In float64. Dropouts are arrays of factors: 0, or 1 / (1 - p).


def attend(q, k, v, causal, kept=1.0):
    """The result and the probabilities, one query at a time. q: (B, H, T, D); k, v: (B, H, S, D)."""
    later = k.shape[2] - q.shape[2]
    result, probs = np.zeros(q.shape), np.zeros((*q.shape[:3], k.shape[2]))
    kept = np.broadcast_to(kept, probs.shape)
    for b, h, t in np.ndindex(*q.shape[:3]):
        seen = t + later + 1 if causal else k.shape[2]
        scores = [sum(q[b, h, t] * k[b, h, s]) / math.sqrt(q.shape[3]) for s in range(seen)]
        weights = [math.exp(score - max(scores)) for score in scores]
        for s in range(seen):
            probs[b, h, t, s] = weights[s] / sum(weights) * kept[b, h, t, s]
            result[b, h, t] += probs[b, h, t, s] * v[b, h, s]
    return result, probs


def normal(x, scale=1.0, shift=0.0):
    """Each step's features less their mean, over their deviation."""
    out = np.zeros(x.shape)
    for place in np.ndindex(*x.shape[:-1]):
        centred = x[place] - sum(x[place]) / x.shape[-1]
        out[place] = centred / math.sqrt(sum(centred**2) / x.shape[-1] + 1e-5) * scale + shift
    return out


def in_heads(x, weight, heads):
    """Projections (B, H, T, D) of steps (B, T, features): head h has the columns from h * D on."""
    width = weight.shape[1] // heads
    out = np.zeros((len(x), heads, x.shape[1], width))
    for b, h, t in np.ndindex(*out.shape[:3]):
        out[b, h, t] = x[b, t] @ weight[:, h * width : (h + 1) * width]
    return out


def attention_layer(q, k, v, weights, heads, causal, kept=1.0):
    """Of inputs that are normalised already. weights: of the projections of q, k and v, and of the last one."""
    *projections, last = weights
    parts = (in_heads(x, weight, heads) for x, weight in zip((q, k, v), projections, strict=True))
    result, _ = attend(*parts, causal, kept)
    out = np.zeros((*q.shape[:2], last.shape[1]))
    for b, t in np.ndindex(*q.shape[:2]):
        out[b, t] = np.concatenate([result[b, h, t] for h in range(heads)]) @ last
    return out


def transformer_layer(x, weights, heads, causal, dropouts=(1.0, 1.0, 1.0, 1.0)):
    *attention, first, first_bias, second, second_bias = weights
    inside, after, hidden, end = dropouts
    x = x + after * attention_layer(*[normal(x)] * 3, attention, heads, causal, inside)
    wide = np.maximum(normal(x) @ first + first_bias, 0) * hidden
    return x + (wide @ second + second_bias) * end


def transformer(x, weights, heads, causal):
    """x: (B, T, features); weights: the table of positions, and eight for each layer."""
    table, *rest = weights
    x = x + table[: x.shape[1]]
    for begin in range(0, len(rest), 8):
        x = transformer_layer(x, rest[begin : begin + 8], heads, causal)
    return x


def drawn_layer(features, inner, hidden):
    """The weights of a TransformerLayer, as its modules draw them: Kaiming uniform."""
    shapes = [(features, inner)] * 3 + [(inner, features)]
    weights = [uniform(math.sqrt(6 / shape[0]), *shape) for shape in shapes]
    for shape in ((features, hidden), (hidden, features)):
        weights += [uniform(math.sqrt(6 / shape[0]), *shape), uniform(math.sqrt(6 / shape[1]), 1, shape[1])]
    return weights


def drawn(positions, layers, features, inner, hidden):
    """The weights of a Transformer."""
    table = np.random.randn(positions, features)
    return [table] + [weight for _ in range(layers) for weight in drawn_layer(features, inner, hidden)]


def parameter_like(module, values):
    """The parameter of a module that is these numbers."""
    for each in module.parameters():
        if each.shape == values.shape and np.allclose(each.numpy(), values, atol=1e-5):
            return each
    raise AssertionError(f"no parameter of shape {values.shape} is what should have been drawn")


def dropped(p, *shape):
    return (np.random.rand(*shape) <= 1 - p) / (1 - p)


def qkv(rng, queries=3, keys=3, batch=2, heads=2, width=4):
    return [numbers(rng, batch, heads, steps, width) for steps in (queries, keys, keys)]


# MultiHeadAttention

STEPS = pytest.mark.parametrize(("queries", "keys"), [(3, 3), (2, 5), (1, 4), (1, 1), (5, 5)])


@CAUSAL
@STEPS
def test_attention(rng, queries, keys, causal):
    arrays = qkv(rng, queries, keys)
    found = nn.MultiHeadAttention(causal=causal)(*map(tensor, arrays))
    for each, wanted in zip(found, attend(*arrays, causal), strict=True):
        close(each, wanted)


def test_more_queries_than_keys(rng):
    arrays = qkv(rng, 5, 2)
    result, probs = nn.MultiHeadAttention()(*map(tensor, arrays))
    close(result, attend(*arrays, causal=False)[0])
    assert probs.shape == (2, 2, 5, 2)


@pytest.mark.parametrize(("batch", "heads", "width"), [(1, 1, 1), (3, 1, 2), (1, 3, 5), (2, 4, 9)])
def test_attention_of_several_sizes(rng, batch, heads, width):
    arrays = qkv(rng, 3, 4, batch, heads, width)
    close(nn.MultiHeadAttention(causal=True)(*map(tensor, arrays))[0], attend(*arrays, causal=True)[0])


def test_attention_looks_at_nothing_later_unless_it_is_told_so(rng):
    """What `causal` is if nothing is said: False here, True in the layers below."""
    x = numbers(rng, 2, 4, 6)
    close(nn.MultiHeadAttention()(*[tensor(x[:, None])] * 3)[1], attend(*[x[:, None]] * 3, causal=False)[1])
    other = x.copy()
    other[:, 3] += numbers(rng, 6)
    for module in (
        nn.AttentionLayer(6, 2, 3),
        nn.TransformerLayer(6, 2, 3, 5),
        nn.Transformer(6, 5, 1, batch_first=True),
    ):
        first, second = (module(tensor(each)) for each in (x, other))
        first, second = (each[0] if isinstance(each, tuple) else each for each in (first, second))
        close(first, np.concatenate([second.numpy()[:, :3], first.numpy()[:, 3:]], axis=1))


def test_a_causal_query_sees_keys_up_to_its_own():
    """Of equal keys, the same share of each; the last query sees all."""
    q, k = tensor(np.ones((1, 1, 2, 3))), tensor(np.ones((1, 1, 4, 3)))
    _, probs = nn.MultiHeadAttention(causal=True)(q, k, k)
    close(probs, np.array([[[[1 / 3, 1 / 3, 1 / 3, 0], [1 / 4, 1 / 4, 1 / 4, 1 / 4]]]]))


@CAUSAL
def test_attention_to_keys_that_match_very_well(rng, causal):
    arrays = qkv(rng, 3, 4)
    arrays[0] *= 300
    found = nn.MultiHeadAttention(causal=causal)(*map(tensor, arrays))
    for each, wanted in zip(found, attend(*arrays, causal), strict=True):
        close(each, wanted, atol=1e-3)


@CAUSAL
def test_gradients_of_attention(rng, causal):
    arrays = qkv(rng, 2, 3, batch=1)
    leaves = list(map(tensor, arrays))
    outs = nn.MultiHeadAttention(causal=causal)(*leaves)
    pairs = list(zip("qkv", leaves, arrays, strict=True))
    check_gradients(outs, lambda: attend(*arrays, causal), pairs, rng)


@CAUSAL
def test_dropout_of_probabilities(rng, causal):
    """In training. The values are weighed by what is left, and that is returned too."""
    arrays = qkv(rng, 3, 4)
    attention = nn.MultiHeadAttention(dropout=0.4, causal=causal)
    np.random.seed(21)
    found = attention(*map(tensor, arrays))
    np.random.seed(21)
    for each, wanted in zip(found, attend(*arrays, causal, dropped(0.4, 2, 2, 3, 4)), strict=True):
        close(each, wanted)
    attention.eval()
    for each, wanted in zip(attention(*map(tensor, arrays)), attend(*arrays, causal), strict=True):
        close(each, wanted)


def test_the_order_of_keys_does_not_matter(rng):
    """If they are all seen, and values change places with them."""
    q, k, v = qkv(rng, 3, 5)
    order = rng.permutation(5)
    attention = nn.MultiHeadAttention()
    result, _ = attention(tensor(q), tensor(k), tensor(v))
    close(attention(tensor(q), tensor(k[:, :, order]), tensor(v[:, :, order]))[0], result.numpy())


# AttentionLayer


def attention_weights(rng, layer):
    """Other numbers in the norms of a layer, and all that its attention computes from, in float64."""
    norms = []
    for norm in (layer.prenorm_q, layer.prenorm_k, layer.prenorm_v):
        norms.append((rng.uniform(0.5, 2, size=norm.dim), numbers(rng, norm.dim)))
        norm.weight, norm.bias = (nn.Parameter(each, dtype="float32") for each in norms[-1])
    modules = (layer.q_projection, layer.k_projection, layer.v_projection, layer.out_projection)
    return norms, [module.weight.numpy().astype("float64") for module in modules]


@CAUSAL
@pytest.mark.parametrize(("features", "heads", "width"), [(4, 2, 3), (6, 3, 2), (3, 1, 5), (2, 4, 1), (4, 2, 2)])
def test_attention_layer(rng, features, heads, width, causal):
    """Self-attention."""
    layer, x = nn.AttentionLayer(features, heads, width, causal=causal), numbers(rng, 2, 4, features)
    norms, weights = attention_weights(rng, layer)
    close(layer(tensor(x)), attention_layer(*(normal(x, *norm) for norm in norms), weights, heads, causal))


@CAUSAL
@pytest.mark.parametrize(("queries", "keys"), [(2, 4), (3, 3), (1, 5)])
def test_attention_layer_of_three_inputs(rng, queries, keys, causal):
    """Of their own numbers of features."""
    layer = nn.AttentionLayer(4, 2, 3, k_features=5, v_features=6, out_features=7, causal=causal)
    norms, weights = attention_weights(rng, layer)
    inputs = numbers(rng, 2, queries, 4), numbers(rng, 2, keys, 5), numbers(rng, 2, keys, 6)
    normals = (normal(x, *norm) for x, norm in zip(inputs, norms, strict=True))
    close(layer(*map(tensor, inputs)), attention_layer(*normals, weights, 2, causal))


def test_attention_layer_of_some_inputs(rng):
    """Keys alone are not values: what is not given is q."""
    layer, q, k = nn.AttentionLayer(4, 2, 3, causal=False), numbers(rng, 2, 3, 4), numbers(rng, 2, 3, 4)
    _, weights = attention_weights(rng, layer)
    norms = [(norm.weight.numpy(), norm.bias.numpy()) for norm in (layer.prenorm_q, layer.prenorm_k, layer.prenorm_v)]
    for given, used in (((q,), (q, q, q)), ((q, k), (q, k, q)), ((q, None, k), (q, q, k))):
        found = layer(*(None if each is None else tensor(each) for each in given))
        close(found, attention_layer(*(normal(x, *n) for x, n in zip(used, norms, strict=True)), weights, 2, False))


@CAUSAL
def test_gradients_of_an_attention_layer(rng, causal):
    layer, x = nn.AttentionLayer(4, 2, 3, causal=causal), numbers(rng, 2, 3, 4)
    norms, weights = attention_weights(rng, layer)
    modules = (layer.q_projection, layer.k_projection, layer.v_projection, layer.out_projection)
    leaf = tensor(x)
    pairs = [("x", leaf, x)]
    pairs += [("a projection", module.weight, weight) for module, weight in zip(modules, weights, strict=True)]
    pairs += [("a norm's weight", layer.prenorm_k.weight, norms[1][0]), ("a bias", layer.prenorm_v.bias, norms[2][1])]

    def expected():
        return [attention_layer(*(normal(x, *norm) for norm in norms), weights, 2, causal)]

    check_gradients([layer(leaf)], expected, pairs, rng)


def test_dropout_in_an_attention_layer(rng):
    layer, x = nn.AttentionLayer(4, 2, 3, dropout=0.3, causal=False), numbers(rng, 2, 3, 4)
    norms, weights = attention_weights(rng, layer)
    np.random.seed(22)
    found = layer(tensor(x))
    np.random.seed(22)
    normals = [normal(x, *norm) for norm in norms]
    close(found, attention_layer(*normals, weights, 2, False, dropped(0.3, 2, 2, 3, 3)))
    layer.eval()
    close(layer(tensor(x)), attention_layer(*normals, weights, 2, False))


# TransformerLayer


@CAUSAL
@pytest.mark.parametrize(("features", "heads", "width", "hidden"), [(4, 2, 3, 5), (6, 3, 2, 2), (3, 1, 4, 9)])
def test_transformer_layer(rng, features, heads, width, hidden, causal):
    np.random.seed(23)
    layer = nn.TransformerLayer(features, heads, width, hidden, causal=causal)
    np.random.seed(23)
    weights = drawn_layer(features, heads * width, hidden)
    for shape in ((2, 4, features), (1, 1, features), (3, 2, features)):
        x = numbers(rng, *shape)
        close(layer(tensor(x)), transformer_layer(x, weights, heads, causal))


@CAUSAL
def test_gradients_of_a_transformer_layer(rng, causal):
    np.random.seed(24)
    layer, x = nn.TransformerLayer(4, 2, 3, 5, causal=causal), numbers(rng, 2, 3, 4)
    np.random.seed(24)
    weights = drawn_layer(4, 6, 5)
    leaf = tensor(x)
    pairs = [("x", leaf, x)]
    pairs += [(f"weights {weight.shape}", parameter_like(layer, weight), weight) for weight in weights]
    check_gradients([layer(leaf)], lambda: [transformer_layer(x, weights, 2, causal)], pairs, rng)


def test_dropouts_of_a_transformer_layer(rng):
    """Of the probabilities, of what attention puts out, between the linear layers, and behind them."""
    np.random.seed(25)
    layer, x = nn.TransformerLayer(4, 2, 3, 5, dropout=0.3), numbers(rng, 2, 3, 4)
    found = layer(tensor(x))
    np.random.seed(25)
    weights = drawn_layer(4, 6, 5)
    dropouts = [dropped(0.3, *shape) for shape in ((2, 2, 3, 3), (2, 3, 4), (2, 3, 5), (2, 3, 4))]
    close(found, transformer_layer(x, weights, 2, True, dropouts))
    layer.eval()
    close(layer(tensor(x)), transformer_layer(x, weights, 2, True))


# Transformer


@CAUSAL
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_transformer(rng, layers, batch_first, causal):
    """Sequences shorter than the longest, as long, and of a single step."""
    np.random.seed(26)
    options = {"num_head": 2, "dim_head": 3, "causal": causal, "batch_first": batch_first, "sequence_len": 5}
    model = nn.Transformer(4, 6, layers, **options)
    np.random.seed(26)
    weights = drawn(5, layers, 4, 6, 6)
    for batch, steps in ((2, 3), (3, 5), (6, 1)):
        x = numbers(rng, batch, steps, 4)
        wanted = transformer(x, weights, 2, causal)
        out, state = model(tensor(x if batch_first else x.swapaxes(0, 1)))
        close(out, wanted if batch_first else wanted.swapaxes(0, 1))
        close(state, np.zeros(out.shape))


@pytest.mark.parametrize("batch_first", [True, False])
def test_gradients_of_a_transformer(rng, batch_first):
    """By the inputs, by the positions and by a weight of each layer."""
    np.random.seed(27)
    model = nn.Transformer(4, 3, 2, num_head=2, dim_head=2, batch_first=batch_first, sequence_len=4)
    np.random.seed(27)
    weights, x = drawn(4, 2, 4, 4, 3), numbers(rng, 2, 3, 4)
    leaf = tensor(x if batch_first else x.swapaxes(0, 1))
    pairs = [("x", leaf, x if batch_first else x.swapaxes(0, 1))]
    pairs += [(f"weights {k}", parameter_like(model, weights[k]), weights[k]) for k in (0, 1, 5, 11, 16)]

    def expected():
        wanted = transformer(x, weights, 2, True)
        return [wanted if batch_first else wanted.swapaxes(0, 1)]

    check_gradients([model(leaf)[0]], expected, pairs, rng)


def test_heads_if_nothing_is_said(rng):
    """Eight, of 32 features each; and positions for 2,048 steps."""
    np.random.seed(28)
    model, x = nn.Transformer(3, 4, 1, causal=False), numbers(rng, 2, 2, 3)
    np.random.seed(28)
    wanted = transformer(x, drawn(2048, 1, 3, 256, 4), 8, False)
    close(model(tensor(x.swapaxes(0, 1)))[0], wanted.swapaxes(0, 1))


def test_the_state_that_a_transformer_is_given_changes_nothing(rng):
    model, x = nn.Transformer(4, 6, 1, num_head=2, dim_head=3, sequence_len=5), tensor(numbers(rng, 3, 2, 4))
    out, state = model(x)
    for h in (state, tensor(np.ones(1)), (out, out)):
        close(model(x, h)[0], out.numpy())


def test_dropout_of_a_transformer_in_use_and_in_training(rng):
    """One layer: the positions themselves are not dropped."""
    np.random.seed(29)
    network = nn.Transformer(4, 5, 1, num_head=2, dim_head=3, dropout=0.3, batch_first=True, sequence_len=3)
    x = numbers(rng, 2, 3, 4)
    found, _ = network(tensor(x))
    np.random.seed(29)
    table, *layer = weights = drawn(3, 1, 4, 6, 5)
    dropouts = [dropped(0.3, *shape) for shape in ((2, 2, 3, 3), (2, 3, 4), (2, 3, 5), (2, 3, 4))]
    close(found, transformer_layer(x + table, layer, 2, True, dropouts))
    network.eval()
    close(network(tensor(x))[0], transformer(x, weights, 2, True))


def submit_transformer() -> None:
    """Attention, its layer, a transformer's layer, and a transformer with its gradients"""
    np.random.seed(47)
    for causal in (True, False):
        q, k, v = (tensor(np.random.randn(2, 2, steps, 3)) for steps in (3, 4, 4))
        for each in nn.MultiHeadAttention(causal=causal)(q, k, v):
            mugrade.submit(each.numpy())
    mugrade.submit(nn.AttentionLayer(4, 2, 3)(tensor(np.random.randn(2, 3, 4))).numpy())
    mugrade.submit(nn.TransformerLayer(4, 2, 3, 5, dropout=0.2)(tensor(np.random.randn(2, 3, 4))).numpy())
    for batch_first in (True, False):
        model = nn.Transformer(4, 5, 2, num_head=2, dim_head=3, batch_first=batch_first, sequence_len=6)
        x = tensor(np.random.randn(3, 4, 4))
        out, _ = model(x)
        mugrade.submit(out.numpy())
        out.backward(tensor(np.random.rand(3, 4, 4)))
        mugrade.submit(x.grad.numpy())
