"""hw4, resnet9: the network beside plain NumPy, and its training on images, each step beside a loop.

The oracles compute in float64 from the parameters of the network, so a network may be put together in any way, if only
it has the parameters in their order.
"""

import math

import mugrade
import needle as ndl
import numpy as np
import pytest
from apps.models import ConvBN, ResNet9
from apps.simple_ml import epoch_general_cifar10, evaluate_cifar10, train_cifar10
from needle import nn
from needle.data import DataLoader, NDArrayDataset


def numbers(*shape, seed=91):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def tensor(array):
    return ndl.Tensor(array, dtype="float32", requires_grad=False)


def close(found, expected, rtol=1e-3, atol=1e-4):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def norms_of(net):
    """The modules that keep running statistics, in their order."""
    return [module for module in net._children() if hasattr(module, "running_mean")]


def of_its_own(net, seed=92):
    """Other numbers in all parameters, so that none is zero or one, and running statistics as if it had been used."""
    rng = np.random.default_rng(seed)
    for param in net.parameters():
        spread = 1 / math.sqrt(math.prod(param.shape[:-1])) if len(param.shape) > 1 else 0.3
        param.data = tensor(rng.normal(size=param.shape) * spread)
    for norm in norms_of(net):
        norm.running_mean = tensor(rng.normal(size=norm.dim) * 0.3)
        norm.running_var = tensor(rng.uniform(0.5, 2, size=norm.dim))
    return net


# The network in NumPy, float64


def convolved(x, weight, bias, stride):
    """x (n, c, H, W) padded by half of the kernel, weight (K, K, c, made)."""
    kernel = len(weight)
    sides = [(0, 0), (0, 0), (kernel // 2, kernel // 2), (kernel // 2, kernel // 2)]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, sides), (kernel, kernel), axis=(2, 3))
    return np.einsum("nchwij,ijco->nohw", windows[:, :, ::stride, ::stride], weight) + bias[:, None, None]


class InNumpy:
    """ResNet9 from its parameters. statistics: of each norm, (mean, variance); None to take those of the minibatch."""

    def __init__(self, net, statistics=None):
        self.params = iter([param.numpy().astype("float64") for param in net.parameters()])
        self.statistics = None if statistics is None else iter(statistics)

    def conv_bn(self, x, stride):
        weight, bias, scale, shift = (next(self.params) for _ in range(4))
        x = convolved(x, weight, bias, stride)
        found = (x.mean((0, 2, 3)), x.var((0, 2, 3))) if self.statistics is None else next(self.statistics)
        mean, variance = (each.reshape(-1, 1, 1) for each in found)
        x = (x - mean) / np.sqrt(variance + 1e-5) * scale.reshape(-1, 1, 1) + shift.reshape(-1, 1, 1)
        return np.clip(x, 0, None)

    def logits(self, x):
        x = self.conv_bn(self.conv_bn(x.astype("float64"), 4), 2)
        x = self.conv_bn(self.conv_bn(x, 1), 1) + x
        x = self.conv_bn(self.conv_bn(x, 2), 2)
        x = self.conv_bn(self.conv_bn(x, 1), 1) + x
        x = np.clip(x.reshape(len(x), -1) @ next(self.params) + next(self.params), 0, None)
        return x @ next(self.params) + next(self.params)


def statistics_of(net):
    return [(norm.running_mean.numpy(), norm.running_var.numpy()) for norm in norms_of(net)]


def accuracy_and_losses(logits, labels):
    """(the share of right answers, the loss of each example), one example at a time."""
    losses = [math.log(sum(map(math.exp, z))) - z[int(y)] for z, y in zip(logits.tolist(), labels, strict=True)]
    right = [z.index(max(z)) == y for z, y in zip(logits.tolist(), labels, strict=True)]
    return sum(right) / len(right), losses


# ConvBN and ResNet9


@pytest.mark.parametrize(("channels", "made", "kernel", "stride"), [(3, 4, 3, 1), (2, 5, 7, 4), (4, 3, 3, 2)])
def test_conv_bn(channels, made, kernel, stride):
    net, x = of_its_own(ConvBN(channels, made, kernel, stride)), numbers(2, channels, 8, 8)
    assert [param.shape for param in net.parameters()] == [(kernel, kernel, channels, made), (made,), (made,), (made,)]
    close(net(tensor(x)).numpy(), InNumpy(net).conv_bn(x.astype("float64"), stride))
    net = of_its_own(net)
    net.eval()
    close(net(tensor(x)).numpy(), InNumpy(net, statistics_of(net)).conv_bn(x.astype("float64"), stride))


CONVS = [(3, 16, 7), (16, 32, 3), (32, 32, 3), (32, 32, 3), (32, 64, 3), (64, 128, 3), (128, 128, 3), (128, 128, 3)]


def test_the_parameters_in_their_order():
    shapes = []
    for channels, made, kernel in CONVS:
        shapes += [(kernel, kernel, channels, made), (made,), (made,), (made,)]
    found = [param.shape for param in ResNet9().parameters()]
    assert found[:-4] == shapes
    assert [math.prod(shape) for shape in found[-4:]] == [128 * 128, 128, 128 * 10, 10]
    assert sum(map(math.prod, found)) == 431_946


def test_a_network_is_drawn_from_first_to_last():
    np.random.seed(3)
    drawn = [param.numpy() for param in ResNet9().parameters()]
    np.random.seed(3)
    for place, sizes in enumerate(CONVS):
        expected = nn.Conv(*sizes)
        np.testing.assert_array_equal(drawn[4 * place], expected.weight.numpy())
        np.testing.assert_array_equal(drawn[4 * place + 1], expected.bias.numpy())
    for place, sizes in ((-4, (128, 128)), (-2, (128, 10))):
        np.testing.assert_array_equal(drawn[place], nn.Linear(*sizes).weight.numpy())


def test_logits_in_training():
    net, x = of_its_own(ResNet9()), numbers(3, 3, 32, 32)
    close(net(tensor(x)).numpy(), InNumpy(net).logits(x))


def test_logits_in_use():
    """By running statistics: an image's logits do not depend on the others beside it."""
    net, x = of_its_own(ResNet9()), numbers(2, 3, 32, 32)
    net.eval()
    found = net(tensor(x)).numpy()
    close(found, InNumpy(net, statistics_of(net)).logits(x))
    close(net(tensor(x[:1])).numpy(), found[:1])


def test_every_parameter_gets_a_gradient():
    net = of_its_own(ResNet9())
    nn.SoftmaxLoss()(net(tensor(numbers(3, 3, 32, 32))), tensor([1, 7, 3])).backward()
    for param in net.parameters():
        assert param.grad.shape == param.shape
        assert np.isfinite(param.grad.numpy()).all()
    assert np.abs(net.parameters()[0].grad.numpy()).max() > 0


# epoch_general_cifar10


def examples(n=23, classes=3):
    """Small images, and labels that depend on them; the loaders below end with a short minibatch."""
    x = numbers(n, 2, 1, 3)
    return x, (x.reshape(n, 6)[:, :classes] + 0.5 * numbers(n, classes, seed=93)).argmax(axis=1)


def loader_of(x, y, batch_size=5):
    return DataLoader(NDArrayDataset(x, y), batch_size)


def classifier(*layers, features=6, classes=3):
    """Some layers, and softmax regression on the numbers that they put out."""
    np.random.seed(6)
    linear = nn.Linear(features, classes)
    rows = nn.Flatten()
    net = nn.Sequential(*layers, rows, linear)
    return net


def test_an_epoch_without_an_optimizer_is_an_evaluation():
    """Of a network that was in training mode before: without dropout. The mean is over examples, not minibatches."""
    net, (x, y) = classifier(nn.Dropout(0.5)), examples()
    weight, bias = (param.numpy().astype("float64") for param in net.parameters())
    accuracy, losses = accuracy_and_losses(x.reshape(23, 6) @ weight + bias, y)
    for batch_size in (1, 5, 22, 100):
        close(epoch_general_cifar10(loader_of(x, y, batch_size), net), (accuracy, sum(losses) / 23))
    assert not net.training
    np.testing.assert_array_equal(net.parameters()[0].numpy(), weight.astype("float32"))


def steps_in_numpy(x, y, weight, bias, batch_size, lr):
    """Softmax regression by SGD. Returns (weight, bias, accuracy, mean loss); the last two as before each step."""
    right, losses = 0, []
    for begin in range(0, len(x), batch_size):
        rows, labels = x[begin : begin + batch_size], y[begin : begin + batch_size]
        logits = rows @ weight + bias
        accuracy, new = accuracy_and_losses(logits, labels)
        right, losses = right + accuracy * len(rows), losses + new
        chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True) - np.eye(bias.shape[1])[labels]
        weight, bias = weight - lr * rows.T @ chances / len(rows), bias - lr * chances.mean(0, keepdims=True)
    return weight, bias, right / len(x), sum(losses) / len(x)


@pytest.mark.parametrize("batch_size", [1, 5, 100])
def test_an_epoch_with_an_optimizer_makes_a_step_for_each_minibatch(batch_size):
    net, (x, y) = classifier(), examples()
    weight, bias = (param.numpy().astype("float64") for param in net.parameters())
    found = epoch_general_cifar10(loader_of(x, y, batch_size), net, opt=ndl.optim.SGD(net.parameters(), lr=0.3))
    rows = x.reshape(23, 6).astype("float64")
    weight, bias, accuracy, mean_loss = steps_in_numpy(rows, y, weight, bias.reshape(1, 3), batch_size, lr=0.3)
    close(found, (accuracy, mean_loss))
    close(net.parameters()[0].numpy(), weight)
    close(net.parameters()[1].numpy().reshape(1, 3), bias)


def test_an_epoch_with_an_optimizer_is_in_training_mode():
    """Of a network that was in use before; dropout draws from seed 4 on."""
    net, (x, y) = classifier(nn.Dropout(0.4)), examples()
    net.eval()
    found = epoch_general_cifar10(loader_of(x, y), net, opt=ndl.optim.SGD(net.parameters(), lr=0.0))
    assert net.training
    weight, bias = (param.numpy().astype("float64") for param in net.parameters())
    np.random.seed(4)
    kept = [(np.random.rand(*rows.shape) <= 0.6) / 0.6 for rows in np.split(x, range(5, 23, 5))]
    accuracy, losses = accuracy_and_losses((x * np.concatenate(kept)).reshape(23, 6) @ weight + bias, y)
    close(found, (accuracy, sum(losses) / 23))


class Doubled(nn.Module):
    """Twice the softmax loss."""

    def forward(self, logits, y):
        return nn.SoftmaxLoss()(logits, y) * 2


def test_the_loss_is_the_one_that_is_asked_for():
    net, (x, y) = classifier(), examples()
    accuracy, plain = evaluate_cifar10(net, loader_of(x, y))
    assert plain > 0
    close(epoch_general_cifar10(loader_of(x, y), net, loss_fn=Doubled()), (accuracy, 2 * plain))
    close(evaluate_cifar10(net, loader_of(x, y), loss_fn=Doubled), (accuracy, 2 * plain))
    same = classifier()
    found = train_cifar10(same, loader_of(x, y), optimizer=ndl.optim.SGD, lr=0.0, weight_decay=0.0, loss_fn=Doubled)
    close(found, (accuracy, 2 * plain))


def test_an_epoch_keeps_no_graph(values_alive):
    net, (x, y) = classifier(), examples()
    optimizer = ndl.optim.Adam(net.parameters())
    counts = []
    for _ in range(3):
        epoch_general_cifar10(loader_of(x, y), net, opt=optimizer)
        counts.append(values_alive())
    assert len(set(counts)) == 1, f"values alive after each epoch: {counts}"


@pytest.mark.parametrize("training", [True, False])
def test_a_loss_that_is_no_number_stops_the_epoch(training):
    """It would not get better again, only waste hours. Here one pixel is nan."""
    net, (x, y) = classifier(), examples()
    x[12, 1, 0, 2] = math.nan
    optimizer = ndl.optim.SGD(net.parameters()) if training else None
    with pytest.raises(FloatingPointError, match="nan"):
        epoch_general_cifar10(loader_of(x, y), net, opt=optimizer)


def test_an_epoch_of_nothing_has_no_accuracy():
    x, y = examples()
    with pytest.raises(ValueError, match="empty"):
        epoch_general_cifar10(loader_of(x[:0], y[:0]), classifier())


# train_cifar10, evaluate_cifar10


def test_a_training_is_epochs_with_one_optimizer():
    """Adam with weight decay, unless asked for another; it returns what the last epoch came to."""
    x, y = examples()
    loader = DataLoader(NDArrayDataset(x, y), 5, shuffle=True)
    net, same = classifier(), classifier()
    np.random.seed(999)
    found = train_cifar10(net, loader, n_epochs=3)
    optimizer = ndl.optim.Adam(same.parameters(), lr=0.001, weight_decay=0.001)
    for _ in range(3):
        expected = epoch_general_cifar10(loader, same, opt=optimizer)
    close(found, expected, rtol=1e-6)
    close(net.parameters()[0].numpy(), same.parameters()[0].numpy(), rtol=1e-6)


def test_a_training_takes_the_settings_that_it_is_given():
    made = []

    class Watched(ndl.optim.SGD):
        def __init__(self, params, **settings):
            super().__init__(params, **settings)
            made.append(self)

    x, y = examples()
    train_cifar10(classifier(), loader_of(x, y), n_epochs=2, optimizer=Watched, lr=0.25, weight_decay=0.125)
    (optimizer,) = made
    assert (optimizer.lr, optimizer.weight_decay) == (0.25, 0.125)


def test_an_evaluation_does_not_change_the_network():
    net, (x, y) = classifier(nn.Dropout(0.3)), examples()
    before = [param.numpy().tolist() for param in net.parameters()]
    first, second = (evaluate_cifar10(net, loader_of(x, y)) for _ in range(2))
    assert first == second
    assert [param.numpy().tolist() for param in net.parameters()] == before


def test_a_small_network_of_convolutions_learns():
    """Which of two colours an image has, wherever it is bright."""
    rng = np.random.default_rng(94)
    y = rng.integers(2, size=40)
    x = rng.uniform(0, 0.3, size=(40, 2, 4, 4)).astype("float32")
    x[np.arange(40), y, rng.integers(4, size=40), rng.integers(4, size=40)] += 1
    np.random.seed(7)
    net = classifier(ConvBN(2, 6, 3, 2), features=24, classes=2)
    loader = loader_of(x, y, batch_size=8)
    before = evaluate_cifar10(net, loader)
    train_cifar10(net, loader, n_epochs=12, lr=0.02)
    accuracy, mean_loss = evaluate_cifar10(net, loader)
    assert accuracy > 0.9
    assert mean_loss < before[1] / 2


def submit_resnet9() -> None:
    """A ConvBN, the network, and an epoch of training and of evaluation"""
    np.random.seed(43)
    mugrade.submit(ConvBN(3, 4, 3, 2)(tensor(np.random.randn(2, 3, 6, 6))).numpy())
    net = ResNet9()
    mugrade.submit(sum(math.prod(param.shape) for param in net.parameters()))
    x = np.random.randn(3, 3, 32, 32)
    mugrade.submit(net(tensor(x)).numpy())
    small = classifier()
    loader = loader_of(np.random.randn(23, 2, 1, 3).astype("float32"), np.random.randint(3, size=23))
    mugrade.submit(train_cifar10(small, loader, n_epochs=2))
    mugrade.submit(evaluate_cifar10(small, loader))
