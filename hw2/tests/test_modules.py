"""hw2, modules: what each computes beside its formula in NumPy, its gradients beside finite differences, its state.

Gradients are checked to order 2. `check` puts the tensors that are varied in the place of the parameters, so in a
message "argument 0" is the input, and "argument 1" and so on are the parameters in their order.
"""

import math

import mugrade
import needle as ndl
import numpy as np
import pytest
from needle import nn
from needle.gradcheck import check_gradients


def numbers(*shape, low=-2.0, high=2.0, seed=41):
    return np.random.default_rng(seed).uniform(low, high, size=shape)


def check(module, x, **parameters):
    """The gradients of module(x) by x and by the parameters, which are attributes of the module."""

    def apply(x, *tensors):
        for name, tensor in zip(parameters, tensors, strict=True):
            setattr(module, name, tensor)
        return module(x)

    apply.__name__ = type(module).__name__
    check_gradients(apply, [x, *parameters.values()], order=2)


def output(module, x, dtype="float32"):
    given = ndl.Tensor(x, dtype=dtype)
    found = module(given)
    assert isinstance(found, ndl.Tensor)
    assert found.dtype == given.dtype, f"{given.dtype} in, {found.dtype} out"
    return found.numpy()


def dtype_of(dtype):
    """What a tensor of that dtype has: the nd backend makes float32 of every dtype."""
    return str(ndl.Tensor([1.0], dtype=dtype).dtype)


def kept(x):
    """Numbers as a tensor keeps them: the nd backend rounds them to float32."""
    return ndl.Tensor(x).numpy()


def close(found, expected, **message):
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5, **message)


class Scale(nn.Module):
    """x * factor: a module whose work is easy to see."""

    def __init__(self, factor):
        super().__init__()
        self.factor = nn.Parameter(np.array([factor]))

    def forward(self, x):
        return x * self.factor.broadcast_to(x.shape)


class Shift(nn.Module):
    """x + 1, by no parameter."""

    def forward(self, x):
        return x + 1


# Linear


@pytest.mark.parametrize("shape", [(1, 3), (5, 3), (4, 5, 3), (2, 4, 5, 3)], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_linear(shape, bias):
    layer, x = nn.Linear(3, 2, bias=bias), numbers(*shape)
    weight = layer.weight.numpy().astype("float64")
    expected = np.zeros((*shape[:-1], 2))
    for *place, column in np.ndindex(expected.shape):
        expected[(*place, column)] = sum(x[tuple(place)] * weight[:, column])
        if bias:
            expected[(*place, column)] += float(layer.bias.numpy()[0, column])
    close(output(layer, x), expected)


def test_linear_draws_its_weight_and_then_its_bias():
    np.random.seed(1)
    layer = nn.Linear(6, 4)
    after = np.random.rand()
    np.random.seed(1)
    weight = (2 * np.random.rand(6, 4) - 1) * math.sqrt(6 / 6)
    bias = (2 * np.random.rand(4, 1) - 1) * math.sqrt(6 / 4)
    close(layer.weight.numpy(), weight)
    close(layer.bias.numpy(), bias.T)
    assert after == np.random.rand(), "Linear drew more or less than a weight and a bias"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_linear_has_parameters(dtype):
    layer = nn.Linear(3, 2, dtype=dtype)
    assert [type(tensor) for tensor in (layer.weight, layer.bias)] == [nn.Parameter, nn.Parameter]
    assert [tensor.shape for tensor in layer.parameters()] == [(3, 2), (1, 2)]
    assert {str(tensor.dtype) for tensor in layer.parameters()} == {dtype_of(dtype)}
    assert all(tensor.requires_grad and tensor.is_leaf() for tensor in layer.parameters())


def test_linear_without_a_bias_neither_has_nor_draws_one():
    np.random.seed(2)
    layer = nn.Linear(3, 2, bias=False)
    after = np.random.rand()
    assert layer.bias is None
    assert [tensor.shape for tensor in layer.parameters()] == [(3, 2)]
    np.random.seed(2)
    np.random.rand(3, 2)
    assert after == np.random.rand(), "a bias was drawn that is not there"


def test_linear_with_a_bias_of_one_axis():
    layer, x = nn.Linear(3, 2), numbers(4, 3)
    layer.bias = nn.Parameter(np.array([10.0, 20.0], dtype="float32"))
    close(output(layer, x), x @ layer.weight.numpy() + [10.0, 20.0])


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 3)], ids=str)
def test_gradients_of_linear(shape):
    check(nn.Linear(3, 2), numbers(*shape), weight=numbers(3, 2, seed=2), bias=numbers(1, 2, seed=3))


def test_gradients_of_linear_without_a_bias():
    check(nn.Linear(3, 2, bias=False), numbers(4, 3), weight=numbers(3, 2, seed=2))


# Flatten, ReLU, Sequential, Residual


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4), (3, 2, 2, 2), (1, 28, 28, 1)], ids=str)
def test_flatten_keeps_the_examples_apart(shape):
    x, layer = numbers(*shape), nn.Flatten()
    found = output(layer, x, dtype="float64")
    assert found.shape == (shape[0], x.size // shape[0])
    for row, example in zip(found, x, strict=True):
        assert row.tolist() == kept(example).ravel().tolist()


def test_gradients_of_flatten():
    layer = nn.Flatten()
    check(layer, numbers(2, 3, 2))


def test_relu():
    x, layer = numbers(3, 4, 2) * 100, nn.ReLU()
    assert output(layer, x, dtype="float64").tolist() == kept(np.where(x > 0, x, 0)).tolist()


def test_gradients_of_relu():
    x, layer = numbers(3, 4), nn.ReLU()
    check(layer, x + np.sign(x) * 0.1)


def test_sequential_applies_modules_from_first_to_last():
    x = ndl.Tensor([1.0, 2.0])
    assert nn.Sequential(Scale(3.0), Shift())(x).numpy().tolist() == [4.0, 7.0]
    assert nn.Sequential(Shift(), Scale(3.0))(x).numpy().tolist() == [6.0, 9.0]
    assert nn.Sequential(nn.Sequential(Shift(), Shift()), Scale(2.0), Shift())(x).numpy().tolist() == [7.0, 9.0]


def test_sequential_calls_each_module_once():
    """A second call would show in running statistics and in random numbers."""
    calls = []

    class Counted(nn.Module):
        def forward(self, x):
            calls.append(self)
            return x

    first, second = Counted(), Counted()
    nn.Sequential(first, second, first)(ndl.Tensor([1.0]))
    assert [id(module) for module in calls] == [id(first), id(second), id(first)]


def test_sequential_of_nothing_changes_nothing():
    assert nn.Sequential()(ndl.Tensor([1.0, 2.0])).numpy().tolist() == [1.0, 2.0]


def test_residual_adds_what_came_in():
    x = numbers(3, 4)
    close(output(nn.Residual(Scale(5.0)), x, dtype="float64"), 6 * x)
    close(output(nn.Residual(nn.Residual(Scale(5.0))), x, dtype="float64"), 7 * x)


def test_gradients_through_modules_in_modules():
    """Both ways through the residual, and twice through one layer, which gets both contributions."""
    layer = nn.Linear(3, 3)
    net = nn.Sequential(layer, nn.Residual(nn.Sequential(layer, Scale(0.3))))

    def apply(x, weight, bias):
        layer.weight, layer.bias = weight, bias
        return net(x)

    check_gradients(apply, [numbers(2, 3), numbers(3, 3, seed=2), numbers(1, 3, seed=3)], order=2)


def test_parameters_are_listed_in_the_order_of_the_modules():
    first, second, third = nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 4, bias=False)
    net = nn.Sequential(nn.Residual(nn.Sequential(first, second, nn.Dropout(0.1), third)), nn.LayerNorm1d(4))
    expected = [first.weight, first.bias, second.weight, second.bias, third.weight]
    found = net.parameters()
    assert [id(each) for each in found[:5]] == [id(each) for each in expected]
    assert [each.shape for each in found[5:]] == [(4,), (4,)]


# SoftmaxLoss


def mean_loss(logits, labels):
    """From the definition, one example at a time: minus the logarithm of the label's probability."""
    chances = [math.exp(z[label]) / sum(map(math.exp, z)) for z, label in zip(logits.tolist(), labels, strict=True)]
    return -math.fsum(map(math.log, chances)) / len(chances)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32"])
@pytest.mark.parametrize(("m", "k"), [(1, 2), (5, 3), (20, 10), (4, 1)])
def test_softmax_loss(m, k, dtype):
    """Labels come as bytes from MNIST's files, and as float32 from a backend that knows no other type."""
    logits, labels = numbers(m, k), np.random.default_rng(42).integers(k, size=m)
    loss = nn.SoftmaxLoss()(ndl.Tensor(logits, dtype="float32"), ndl.Tensor(labels.astype(dtype)))
    assert (loss.shape, loss.dtype) == ((), "float32")
    close(loss.numpy(), mean_loss(logits, labels))


def test_softmax_loss_does_not_overflow():
    # In float32, which the nd backend has, 1e10 + log 2 is 1e10; and exp(100) overflows as well.
    large = 1e10 if dtype_of("float64") == "float64" else 100.0
    logits = ndl.Tensor([[large, large], [-large, -large], [1000.0, -1000.0], [0.0, 3.0]])
    for labels, last in (([0, 1, 0, 1], math.log1p(math.exp(-3))), ([1, 0, 0, 0], math.log1p(math.exp(3)))):
        loss = nn.SoftmaxLoss()(logits, ndl.Tensor(labels))
        np.testing.assert_allclose(loss.numpy(), (2 * math.log(2) + last) / 4, rtol=1e-5)


def test_gradients_of_softmax_loss():
    labels = ndl.Tensor(np.array([2, 0, 1, 2]))
    check_gradients(lambda logits: nn.SoftmaxLoss()(logits, labels), [numbers(4, 3)], order=2)


@pytest.mark.parametrize("label", [3, -1, 255])
def test_softmax_loss_refuses_a_label_that_is_no_class(label):
    with pytest.raises(ValueError, match=r"0 to 2"):
        nn.SoftmaxLoss()(ndl.Tensor(numbers(2, 3)), ndl.Tensor(np.array([0, label])))


# BatchNorm1d


def normalised(x, axis, eps):
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_batch_norm_begins_as_plain_normalisation(dtype):
    layer = nn.BatchNorm1d(3, dtype=dtype)
    named = {name: vars(layer)[name] for name in ("weight", "bias", "running_mean", "running_var")}
    assert {name: tensor.numpy().tolist() for name, tensor in named.items()} == {
        "weight": [1.0] * 3,
        "bias": [0.0] * 3,
        "running_mean": [0.0] * 3,
        "running_var": [1.0] * 3,
    }
    assert {str(tensor.dtype) for tensor in named.values()} == {dtype_of(dtype)}
    assert [id(tensor) for tensor in layer.parameters()] == [id(layer.weight), id(layer.bias)], (
        "weight and bias are Parameters, which an optimizer changes; running statistics are not"
    )


@pytest.mark.parametrize("eps", [1e-5, 0.5])
@pytest.mark.parametrize("n", [1, 2, 16])
def test_batch_norm_in_training_normalises_each_feature_over_the_batch(n, eps):
    layer, x = nn.BatchNorm1d(4, eps=eps), numbers(n, 4) * [1, 10, 0.1, 0] + [0, 5, 5, 3]
    layer.weight.data, layer.bias.data = (ndl.Tensor([v] * 4, dtype="float32") for v in (3.0, 2.0))
    close(output(layer, x), normalised(x, 0, eps) * 3 + 2)


def test_batch_norm_scales_and_shifts_each_feature_by_its_own():
    layer, x = nn.BatchNorm1d(3), numbers(5, 3)
    layer.weight.data = ndl.Tensor([1.0, 2.0, -3.0], dtype="float32")
    layer.bias.data = ndl.Tensor([10.0, 20.0, 30.0], dtype="float32")
    close(output(layer, x), normalised(x, 0, 1e-5) * [1, 2, -3] + [10, 20, 30])


@pytest.mark.parametrize("eps", [1e-5, 0.5])
@pytest.mark.parametrize("momentum", [0.1, 0.75, 1.0])
def test_batch_norm_follows_mean_and_biased_variance(momentum, eps):
    """eps keeps a division from failing; it is no part of the variance that is kept."""
    layer, mean, variance = nn.BatchNorm1d(3, eps=eps, momentum=momentum), np.zeros(3), np.ones(3)
    for step in range(4):
        x = numbers(5, 3, seed=step) * [1, 2, 3] + [0, 1, 4]
        output(layer, x)
        mean = (1 - momentum) * mean + momentum * sum(x) / 5
        variance = (1 - momentum) * variance + momentum * sum((x - sum(x) / 5) ** 2) / 5
        close(layer.running_mean.numpy(), mean, err_msg=f"running_mean after step {step}")
        close(layer.running_var.numpy(), variance, err_msg=f"running_var (biased) after step {step}")


def test_batch_norm_in_use_goes_by_the_running_statistics_and_leaves_them():
    layer, x = nn.BatchNorm1d(2), numbers(5, 2)
    layer.running_mean = ndl.Tensor([1.0, -2.0], dtype="float32")
    layer.running_var = ndl.Tensor([4.0, 0.25], dtype="float32")
    layer.weight.data = ndl.Tensor([3.0, 5.0], dtype="float32")
    layer.eval()
    expected = (x - [1.0, -2.0]) / np.sqrt(np.array([4.0, 0.25]) + 1e-5) * [3.0, 5.0]
    close(output(layer, x), expected)
    close(output(layer, x[:1]), expected[:1], err_msg="one example by itself")
    assert layer.running_mean.numpy().tolist() == [1.0, -2.0]
    assert layer.running_var.numpy().tolist() == [4.0, 0.25]
    layer.train()
    close(output(layer, x), normalised(x, 0, 1e-5) * [3.0, 5.0])


def test_batch_norm_keeps_no_graph(values_alive):
    """Running statistics are made of data; were they nodes, every batch would keep all batches before it alive."""
    layer = nn.BatchNorm1d(3)
    counts = []
    for step in range(3):
        output(layer, numbers(4, 3, seed=step))
        counts.append(values_alive())
    assert len(set(counts)) == 1, f"values alive after each batch: {counts}"
    assert layer.running_mean.is_leaf()
    assert layer.running_var.is_leaf()


def test_gradients_of_batch_norm_in_training():
    """Mean and variance depend on every example, and so does the gradient."""
    layer = nn.BatchNorm1d(2, dtype="float64", eps=0.1)
    check(layer, numbers(4, 2), weight=numbers(2, seed=2), bias=numbers(2, seed=3))


def test_gradients_of_batch_norm_in_use():
    layer = nn.BatchNorm1d(2, dtype="float64")
    output(layer, numbers(4, 2), dtype="float64")
    layer.eval()
    check(layer, numbers(4, 2), weight=numbers(2, seed=2), bias=numbers(2, seed=3))


# LayerNorm1d


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layer_norm_begins_as_plain_normalisation(dtype):
    layer = nn.LayerNorm1d(3, dtype=dtype)
    assert [type(tensor) for tensor in layer.parameters()] == [nn.Parameter, nn.Parameter]
    assert [tensor.numpy().tolist() for tensor in (layer.weight, layer.bias)] == [[1.0] * 3, [0.0] * 3]
    assert {str(tensor.dtype) for tensor in layer.parameters()} == {dtype_of(dtype)}
    assert [id(tensor) for tensor in layer.parameters()] == [id(layer.weight), id(layer.bias)]


@pytest.mark.parametrize("eps", [1e-5, 0.5])
@pytest.mark.parametrize(("n", "dim"), [(1, 4), (6, 4), (4, 6), (3, 1)])
def test_layer_norm_normalises_each_row_over_its_features(n, dim, eps):
    layer, x = nn.LayerNorm1d(dim, eps=eps), numbers(n, dim) * 3 + 7
    close(output(layer, x), normalised(x, 1, eps))
    layer.eval()
    close(output(layer, x), normalised(x, 1, eps), err_msg="in use it does the same as in training")


def test_layer_norm_takes_each_row_by_itself():
    layer, x = nn.LayerNorm1d(5), numbers(3, 5)
    rows = [output(layer, row[None])[0] for row in x]
    close(output(layer, x), np.array(rows))


def test_layer_norm_scales_and_shifts_each_feature_by_its_own():
    layer, x = nn.LayerNorm1d(3), numbers(5, 3)
    layer.weight.data = ndl.Tensor([1.0, 2.0, -3.0], dtype="float32")
    layer.bias.data = ndl.Tensor([10.0, 20.0, 30.0], dtype="float32")
    close(output(layer, x), normalised(x, 1, 1e-5) * [1, 2, -3] + [10, 20, 30])


def test_gradients_of_layer_norm():
    check(nn.LayerNorm1d(3, eps=0.1), numbers(2, 3), weight=numbers(3, seed=2), bias=numbers(3, seed=3))


# Dropout


@pytest.mark.parametrize("shape", [(7,), (5, 4), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("p", [0.0, 0.3, 0.9])
def test_dropout_keeps_where_the_number_drawn_is_at_most_one_minus_p(p, shape):
    x = numbers(*shape)
    np.random.seed(3)
    found = output(nn.Dropout(p), x)
    after = np.random.rand()
    np.random.seed(3)
    kept = np.random.rand(*shape) <= 1 - p
    close(found, np.where(kept, x / (1 - p), 0))
    assert after == np.random.rand(), "in training, Dropout draws np.random.rand of the input's shape, once"


def test_dropout_keeps_the_mean():
    """Every tenth is left, ten times as large."""
    np.random.seed(4)
    found = output(nn.Dropout(0.9), np.ones((400, 100)))
    np.testing.assert_allclose(found.mean(), 1, atol=0.1)
    np.testing.assert_allclose(np.unique(found), [0, 10], rtol=1e-5)


def test_dropout_draws_anew_each_time():
    np.random.seed(5)
    layer = nn.Dropout(0.5)
    assert (output(layer, np.ones((8, 8))) != output(layer, np.ones((8, 8)))).any()


def test_dropout_in_use_does_nothing():
    """Also where it stands deep inside of other modules."""
    net, x = nn.Sequential(nn.Residual(nn.Sequential(nn.Dropout(0.5)))), numbers(5, 4)
    net.eval()
    np.random.seed(6)
    assert output(net, x, dtype="float64").tolist() == kept(x + x).tolist()
    after = np.random.rand()
    np.random.seed(6)
    assert after == np.random.rand(), "Dropout drew a number in use"
    net.train()
    assert output(net, x, dtype="float64").tolist() != kept(x + x).tolist()


def test_the_gradient_of_dropout_flows_where_the_element_was_kept():
    x = ndl.Tensor(np.ones((6, 5)))
    np.random.seed(7)
    out = nn.Dropout(0.6)(x)
    out_grad = numbers(6, 5)
    out.backward(ndl.Tensor(out_grad))
    close(x.grad.numpy(), out.numpy() * out_grad)
    assert 0 < np.count_nonzero(x.grad.numpy()) < 30


# A second opinion


def beside_pytorch(torch, mine, theirs, x):
    """Output and gradients of a module of ours and one of theirs, which have the same parameters in the same order."""
    for own, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        value = numbers(*own.shape, seed=sum(own.shape))
        own.data = ndl.Tensor(value)
        flat = value.T if value.ndim == 2 else value  # PyTorch keeps a Linear's weight as (out, in)
        other.data = torch.tensor(flat.reshape(other.shape))
    theirs.zero_grad()  # PyTorch adds gradients up
    a, b = ndl.Tensor(x), torch.tensor(x, requires_grad=True)
    found, expected = mine(a), theirs(b)
    weights = numbers(*found.shape, seed=50)
    found.backward(ndl.Tensor(weights))
    expected.backward(torch.tensor(weights))
    np.testing.assert_allclose(found.numpy(), expected.detach().numpy(), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-6, atol=1e-7)
    for own, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        gradient = other.grad.numpy()
        gradient = (gradient.T if gradient.ndim == 2 else gradient).reshape(own.shape)
        np.testing.assert_allclose(own.grad.numpy(), gradient, rtol=1e-6, atol=1e-7)


def test_linear_beside_pytorch(torch):
    beside_pytorch(torch, nn.Linear(4, 3, dtype="float64"), torch.nn.Linear(4, 3).double(), numbers(5, 4))


def test_layer_norm_beside_pytorch(torch):
    beside_pytorch(torch, nn.LayerNorm1d(6, dtype="float64"), torch.nn.LayerNorm(6).double(), numbers(5, 6))


def test_batch_norm_beside_pytorch(torch):
    """In training and in use. PyTorch keeps the unbiased variance, so ours is handed to it."""
    mine, theirs = nn.BatchNorm1d(4, dtype="float64"), torch.nn.BatchNorm1d(4).double()
    beside_pytorch(torch, mine, theirs, numbers(6, 4))
    np.testing.assert_allclose(mine.running_mean.numpy(), theirs.running_mean.numpy(), rtol=1e-7)
    theirs.running_var.data = torch.tensor(mine.running_var.numpy().astype("float64"))
    mine.eval()
    theirs.eval()
    beside_pytorch(torch, mine, theirs, numbers(6, 4, seed=2))


def test_softmax_loss_beside_pytorch(torch):
    logits, labels = numbers(6, 5, high=40), np.array([0, 4, 2, 2, 1, 3])
    a, b = ndl.Tensor(logits), torch.tensor(logits, requires_grad=True)
    found, expected = nn.SoftmaxLoss()(a, ndl.Tensor(labels)), torch.nn.CrossEntropyLoss()(b, torch.tensor(labels))
    found.backward()
    expected.backward()
    np.testing.assert_allclose(found.numpy(), expected.detach().numpy(), rtol=1e-9)
    np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-7, atol=1e-12)


def submit_modules() -> None:
    """Each module once, in training and in use, and the gradients of a network that has them all"""
    np.random.seed(23)
    norm = nn.BatchNorm1d(4)
    inner = nn.Sequential(nn.Linear(4, 4, bias=False), norm, nn.Dropout(0.2), nn.ReLU())
    body = nn.Sequential(nn.Linear(6, 4), nn.LayerNorm1d(4), nn.Residual(inner), nn.Linear(4, 3))
    flat = nn.Flatten()
    net = nn.Sequential(flat, body)
    x, labels = ndl.Tensor(np.random.randn(8, 2, 3), dtype="float32"), ndl.Tensor(np.random.randint(3, size=8))
    total = nn.SoftmaxLoss()(net(x), labels)
    mugrade.submit(total.numpy())
    total.backward()
    for parameter in net.parameters():
        mugrade.submit(parameter.grad.numpy())
    mugrade.submit(norm.running_mean.numpy())
    mugrade.submit(norm.running_var.numpy())
    net.eval()
    mugrade.submit(net(x).numpy())
