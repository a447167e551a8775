"""Hidden cases of hw4, transformer: attention, its layer, a transformer's layer, and the transformer made of them.

Only the last cases, of Transformer, need positions, and with them an Embedding, which is of another problem. Where a
module's parts have no names of their own, its gradients are handed over by the shapes of its parameters.
"""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np
from needle import nn

# (heads, queries, keys, width)
SIZES = ((2, 3, 3, 4), (1, 2, 5, 2), (3, 1, 4, 1), (2, 4, 4, 4), (1, 1, 1, 3))
SMALL = {"num_head": 2, "dim_head": 3}


def tensor(*shape, size=1.0):
    return ndl.Tensor(np.random.uniform(-size, size, size=shape), dtype="float32")


def steps(*shape):
    """Numbers whose last axis always varies: a norm would enlarge rounding errors where it does not."""
    spread = np.linspace(-1.5, 1.5, shape[-1])[np.argsort(np.random.rand(*shape), axis=-1)]
    return ndl.Tensor(spread + np.random.uniform(-0.4, 0.4, size=shape), dtype="float32")


def qkv(heads=2, queries=3, keys=4, width=3, size=1.5):
    return [tensor(2, heads, count, width, size=size) for count in (queries, keys, keys)]


def with_norms(layer):
    """An attention layer whose norms have other weights and biases than ones and zeros."""
    for norm in (layer.prenorm_q, layer.prenorm_k, layer.prenorm_v):
        norm.weight = nn.Parameter(np.random.uniform(0.5, 1.5, size=norm.dim), dtype="float32")
        norm.bias = nn.Parameter(np.random.uniform(-0.5, 0.5, size=norm.dim), dtype="float32")
    return layer


def different(module):
    """The module's parameters, each once."""
    return list({id(each): each for each in module.parameters()}.values())


def submit_gradients(out, *leaves):
    """The gradients of `out` times random numbers."""
    out.backward(tensor(*out.shape))
    for each in leaves:
        mugrade.submit(each.grad.numpy())


def submit_gradients_by_shape(module):
    """The sums of the gradients of all parameters that have the same shape."""
    sums = {}
    for each in different(module):
        sums[each.shape] = sums.get(each.shape, 0) + each.grad.numpy()
    for shape in sorted(sums):
        mugrade.submit(sums[shape])


def submit_attention() -> None:
    """MultiHeadAttention: results, as many queries as keys and fewer"""
    for sizes in SIZES:
        mugrade.submit(nn.MultiHeadAttention()(*qkv(*sizes))[0].numpy())


def submit_attention_probabilities() -> None:
    """MultiHeadAttention: probabilities, also of more queries than keys"""
    for sizes in (*SIZES, (2, 5, 2, 3)):
        mugrade.submit(nn.MultiHeadAttention()(*qkv(*sizes))[1].numpy())


def submit_attention_causal() -> None:
    """MultiHeadAttention: results and probabilities where queries do not see what is later"""
    for heads, count, _, width in SIZES:
        for each in nn.MultiHeadAttention(causal=True)(*qkv(heads, count, count, width)):
            mugrade.submit(each.numpy())


def submit_attention_causal_more_keys() -> None:
    """MultiHeadAttention: queries that are the last ones of more keys"""
    for sizes in ((2, 3, 4, 3), (1, 2, 5, 2), (2, 1, 3, 4)):
        for each in nn.MultiHeadAttention(causal=True)(*qkv(*sizes)):
            mugrade.submit(each.numpy())


def submit_attention_gradients() -> None:
    """MultiHeadAttention: gradients of the result by queries, keys and values"""
    for causal in (False, True):
        inputs = qkv()
        submit_gradients(nn.MultiHeadAttention(causal=causal)(*inputs)[0], *inputs)


def submit_attention_gradients_of_probabilities() -> None:
    """MultiHeadAttention: gradients of the probabilities by queries and keys"""
    for causal in (False, True):
        q, k, v = qkv()
        submit_gradients(nn.MultiHeadAttention(causal=causal)(q, k, v)[1], q, k)


def submit_attention_good_matches() -> None:
    """MultiHeadAttention: queries and keys whose products are large"""
    for causal in (False, True):
        q, k, v = qkv(width=2)
        result, probs = nn.MultiHeadAttention(causal=causal)(q * 80, k, v)
        mugrade.submit(result.numpy(), rtol=1e-3, atol=1e-3)
        mugrade.submit(probs.numpy(), rtol=1e-3, atol=1e-3)


def submit_attention_dropout() -> None:
    """MultiHeadAttention: dropout in training, its gradients, and what is drawn after it"""
    for causal in (False, True):
        inputs = qkv()
        result, probs = nn.MultiHeadAttention(dropout=0.4, causal=causal)(*inputs)
        mugrade.submit(result.numpy())
        mugrade.submit(probs.numpy())
        mugrade.submit(np.random.rand(2))
        submit_gradients(result, *inputs)


def submit_attention_in_use() -> None:
    """MultiHeadAttention: with a dropout, in use and in training again"""
    attention = nn.MultiHeadAttention(dropout=0.4)
    for switch in (attention.eval, attention.train):
        switch()
        for each in attention(*qkv()):
            mugrade.submit(each.numpy())
        mugrade.submit(np.random.rand(2))


def submit_layer_of_attention() -> None:
    """AttentionLayer: self-attention, of several sizes"""
    for features, heads, width in ((4, 2, 3), (6, 3, 2), (5, 1, 4), (4, 4, 1), (4, 2, 2)):
        layer = with_norms(nn.AttentionLayer(features, heads, width))
        mugrade.submit(layer(steps(2, 3, features)).numpy())


def submit_layer_of_attention_to_all_steps() -> None:
    """AttentionLayer: self-attention that sees what is later, with many heads and few steps, and the other way round"""
    for heads, width, count in ((2, 3, 4), (4, 2, 2), (2, 4, 5)):
        layer = with_norms(nn.AttentionLayer(4, heads, width, causal=False))
        mugrade.submit(layer(steps(3, count, 4)).numpy())


def submit_layer_of_attention_inputs() -> None:
    """AttentionLayer: queries, keys and values of their own, with their own features"""
    for causal in (True, False):
        layer = nn.AttentionLayer(4, 2, 3, k_features=5, v_features=6, out_features=7, causal=causal)
        with_norms(layer)
        for queries, keys in ((2, 4), (3, 3)):
            mugrade.submit(layer(steps(2, queries, 4), steps(2, keys, 5), steps(2, keys, 6)).numpy())


def submit_layer_of_attention_same_features() -> None:
    """AttentionLayer: queries, keys and values with as many features, some of them left out"""
    layer = with_norms(nn.AttentionLayer(4, 2, 3, causal=False))
    q, k, v = (steps(2, 3, 4) for _ in range(3))
    for inputs in ((q, k, v), (q, k), (q, None, v)):
        mugrade.submit(layer(*inputs).numpy())


def submit_layer_of_attention_gradients() -> None:
    """AttentionLayer: gradients by the inputs and by all parameters"""
    layer = with_norms(nn.AttentionLayer(4, 2, 3, k_features=5, v_features=6))
    inputs = steps(2, 3, 4), steps(2, 3, 5), steps(2, 3, 6)
    modules = (layer.q_projection, layer.k_projection, layer.v_projection, layer.out_projection)
    norms = (layer.prenorm_q.weight, layer.prenorm_k.weight, layer.prenorm_v.weight, layer.prenorm_v.bias)
    submit_gradients(layer(*inputs), *inputs, *(each.weight for each in modules), *norms)


def submit_layer_of_attention_dropout() -> None:
    """AttentionLayer: dropout in training, and in use"""
    layer = nn.AttentionLayer(4, 2, 3, dropout=0.3, causal=False)
    for switch in (layer.train, layer.eval):
        switch()
        mugrade.submit(layer(steps(2, 3, 4)).numpy())
        mugrade.submit(np.random.rand(2))


def submit_transformer_layer() -> None:
    """TransformerLayer: results as drawn, of several sizes"""
    for features, heads, width, hidden in ((4, 2, 3, 5), (6, 3, 2, 2), (4, 1, 4, 9)):
        layer = nn.TransformerLayer(features, heads, width, hidden)
        mugrade.submit(layer(steps(2, 3, features)).numpy())


def submit_transformer_layer_to_all_steps() -> None:
    """TransformerLayer: results where steps see what is later, and of a single step"""
    layer = nn.TransformerLayer(4, 2, 3, 5, causal=False)
    for shape in ((2, 4, 4), (3, 1, 4), (1, 3, 4)):
        mugrade.submit(layer(steps(*shape)).numpy())


def submit_transformer_layer_parameters() -> None:
    """TransformerLayer: how many parameters, of which shapes, and what is drawn after them"""
    for features, heads, width, hidden in ((4, 2, 3, 5), (3, 1, 2, 7)):
        layer = nn.TransformerLayer(features, heads, width, hidden)
        mugrade.submit(sorted(list(each.shape) for each in different(layer)))
        mugrade.submit(np.random.rand(2))


def submit_transformer_layer_gradients() -> None:
    """TransformerLayer: gradients by the inputs and by all parameters"""
    for causal in (True, False):
        layer, x = nn.TransformerLayer(4, 2, 3, 5, causal=causal), steps(2, 3, 4)
        submit_gradients(layer(x), x)
        submit_gradients_by_shape(layer)


def submit_transformer_layer_dropout() -> None:
    """TransformerLayer: dropout in training, its gradients, and what is drawn after it"""
    layer, x = nn.TransformerLayer(4, 2, 3, 5, dropout=0.3), steps(2, 3, 4)
    out = layer(x)
    mugrade.submit(out.numpy())
    mugrade.submit(np.random.rand(2))
    submit_gradients(out, x)


def submit_transformer_layer_in_use() -> None:
    """TransformerLayer: with a dropout, in use and in training again"""
    layer = nn.TransformerLayer(4, 2, 3, 5, dropout=0.3, causal=False)
    for switch in (layer.eval, layer.train):
        switch()
        mugrade.submit(layer(steps(2, 2, 4)).numpy())
        mugrade.submit(np.random.rand(2))


def submit_transformer() -> None:
    """Transformer: outputs with the batch first, sequences of several lengths"""
    model = nn.Transformer(4, 5, 2, **SMALL, batch_first=True, sequence_len=5)
    for batch, count in ((2, 3), (3, 5), (6, 1)):
        mugrade.submit(model(steps(batch, count, 4))[0].numpy())


def submit_transformer_time_first() -> None:
    """Transformer: outputs with the steps first, sequences of several lengths"""
    model = nn.Transformer(4, 5, 1, **SMALL, causal=False, sequence_len=5)
    for count, batch in ((3, 2), (5, 3), (1, 6)):
        mugrade.submit(model(steps(count, batch, 4))[0].numpy())


def submit_transformer_state() -> None:
    """Transformer: what it returns in place of a state, and where it is given one"""
    model = nn.Transformer(4, 5, 1, **SMALL, sequence_len=4)
    x = steps(3, 2, 4)
    for each in (*model(x), *model(x, tensor(2, 2))):
        mugrade.submit(each.numpy())


def submit_transformer_parameters() -> None:
    """Transformer: how many parameters, of which shapes, of small ones and by default, and what is drawn after them"""
    for options in (dict(SMALL, sequence_len=7), dict(SMALL, sequence_len=2), {}):
        mugrade.submit(sorted(list(each.shape) for each in different(nn.Transformer(3, 5, 2, **options))))
        mugrade.submit(np.random.rand(2))


def submit_transformer_gradients() -> None:
    """Transformer: gradients by the inputs and by all parameters"""
    model, x = nn.Transformer(4, 5, 1, **SMALL, batch_first=True, sequence_len=4), steps(2, 3, 4)
    submit_gradients(model(x)[0], x)
    submit_gradients_by_shape(model)


def submit_transformer_gradients_time_first() -> None:
    """Transformer: gradients with the steps first, through two layers"""
    model, x = nn.Transformer(4, 5, 2, **SMALL, sequence_len=3), steps(3, 2, 4)
    submit_gradients(model(x)[0], x)


def submit_transformer_dropout() -> None:
    """Transformer: dropout in training, and in use"""
    model = nn.Transformer(4, 5, 1, **SMALL, dropout=0.3, sequence_len=4)
    for switch in (model.train, model.eval):
        switch()
        mugrade.submit(model(steps(2, 3, 4))[0].numpy())
        mugrade.submit(np.random.rand(2))
