"""hw2, a residual network on MNIST: its structure, one epoch and a whole training, each beside plain NumPy or a loop.

The oracles compute in float64 from the parameters of the network, so a network may be put together in any way, if only
it has the parameters in their order.
"""

import gzip
import math

import mugrade
import needle as ndl
import numpy as np
import pytest
from apps.mlp_resnet import MLPResNet, ResidualBlock, epoch, train_mnist
from needle import nn
from needle.data import DataLoader, NDArrayDataset


def numbers(*shape, seed=81):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def tensor(array):
    return ndl.Tensor(array, dtype="float32", requires_grad=False)


def close(found, expected, rtol=1e-4, **message):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-5, **message)


def modules_of(net, kind):
    return [module for module in net._children() if isinstance(module, kind)]


def of_its_own(net, seed=82):
    """Other numbers in all parameters, so that none is zero or one, and running statistics as if it had been used."""
    rng = np.random.default_rng(seed)
    for param in net.parameters():
        param.data = tensor(rng.normal(size=param.shape) / math.sqrt(param.shape[0]))
    for norm in modules_of(net, nn.BatchNorm1d):
        norm.running_mean = tensor(rng.normal(size=norm.dim))
        norm.running_var = tensor(rng.uniform(0.5, 2, size=norm.dim))
    return net


# Networks in NumPy, float64. A norm is a function of (x, weight, bias), in the order in which a network has its norms.


def batch_norm_in_training(x, weight, bias):
    return (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) * weight + bias


def layer_norm(x, weight, bias):
    return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) * weight + bias


def batch_norms_in_use(net):
    """One for each norm of the network, which goes by its running statistics."""
    norms = iter([(n.running_mean.numpy(), n.running_var.numpy()) for n in modules_of(net, nn.BatchNorm1d)])

    def norm(x, weight, bias):
        mean, variance = next(norms)
        return (x - mean) / np.sqrt(variance + 1e-5) * weight + bias

    return norm


def block_in_numpy(x, params, norm, kept=1.0):
    """A residual block with the next eight parameters. kept: what dropout multiplies the hidden units with."""
    W1, b1, weight1, bias1, W2, b2, weight2, bias2 = (next(params) for _ in range(8))
    hidden = np.clip(norm(x @ W1 + b1, weight1, bias1), 0, None) * kept
    return np.clip(norm(hidden @ W2 + b2, weight2, bias2) + x, 0, None)


def network_in_numpy(x, params, norm, num_blocks):
    x = np.clip(x.reshape(len(x), -1) @ next(params) + next(params), 0, None)
    for _ in range(num_blocks):
        x = block_in_numpy(x, params, norm)
    return x @ next(params) + next(params)


def parameters_of(net):
    return iter([param.numpy().astype("float64") for param in net.parameters()])


def error_and_losses(logits, labels):
    """(the share of wrong answers, the loss of each example), one example at a time."""
    losses = [math.log(sum(map(math.exp, z))) - z[y] for z, y in zip(logits.tolist(), labels, strict=True)]
    wrong = [z.index(max(z)) != y for z, y in zip(logits.tolist(), labels, strict=True)]
    return sum(wrong) / len(wrong), losses


# ResidualBlock


@pytest.mark.parametrize("norm", [nn.BatchNorm1d, nn.LayerNorm1d])
def test_a_block_has_its_parameters_in_the_order_in_which_it_computes(norm):
    shapes = [param.shape for param in ResidualBlock(6, 4, norm=norm).parameters()]
    assert shapes == [(6, 4), (1, 4), (4,), (4,), (4, 6), (1, 6), (6,), (6,)]


def test_a_block_draws_its_first_layer_and_then_its_second():
    np.random.seed(1)
    first, _, _, _, second, *_ = (param.numpy() for param in ResidualBlock(6, 4).parameters())
    np.random.seed(1)
    expected = [nn.Linear(6, 4).weight.numpy(), nn.Linear(4, 6).weight.numpy()]
    np.testing.assert_array_equal(first, expected[0])
    np.testing.assert_array_equal(second, expected[1])


def test_a_block_in_training():
    """Without dropout, all that it does is a formula."""
    block, x = of_its_own(ResidualBlock(6, 4, drop_prob=0.0)), numbers(5, 6)
    close(block(tensor(x)).numpy(), block_in_numpy(x, parameters_of(block), batch_norm_in_training))


def test_a_block_with_layer_norms():
    block, x = of_its_own(ResidualBlock(6, 4, norm=nn.LayerNorm1d, drop_prob=0.0)), numbers(5, 6)
    assert len(modules_of(block, nn.LayerNorm1d)) == 2
    close(block(tensor(x)).numpy(), block_in_numpy(x, parameters_of(block), layer_norm))


def test_a_block_in_use():
    """By running statistics, and without dropout."""
    block, x = of_its_own(ResidualBlock(6, 4, drop_prob=0.5)), numbers(5, 6)
    block.eval()
    close(block(tensor(x)).numpy(), block_in_numpy(x, parameters_of(block), batch_norms_in_use(block)))


@pytest.mark.parametrize("drop_prob", [0.1, 0.6])
def test_a_block_drops_hidden_units_after_the_relu(drop_prob):
    block, x = of_its_own(ResidualBlock(6, 4, drop_prob=drop_prob)), numbers(5, 6)
    np.random.seed(2)
    found = block(tensor(x)).numpy()
    np.random.seed(2)
    kept = (np.random.rand(5, 4) <= 1 - drop_prob) / (1 - drop_prob)
    close(found, block_in_numpy(x, parameters_of(block), batch_norm_in_training, kept))


def test_what_comes_in_comes_out_of_a_block_of_zeros():
    """Only negative numbers do not: the last ReLU is after the sum."""
    block, x = ResidualBlock(6, 4), numbers(5, 6)
    for param in block.parameters():
        param.data = tensor(np.zeros(param.shape))
    close(block(tensor(x)).numpy(), np.clip(x, 0, None))


# MLPResNet

NETWORKS = [(12, 8, 3, 10), (5, 7, 1, 3), (784, 20, 2, 10), (6, 4, 0, 2)]
sizes = pytest.mark.parametrize(("dim", "hidden", "blocks", "classes"), NETWORKS)


@sizes
def test_the_number_of_parameters(dim, hidden, blocks, classes):
    """A block's hidden layer has half of the network's hidden units, rounded down."""
    half = hidden // 2
    in_block = hidden * half + half + 2 * half + half * hidden + hidden + 2 * hidden
    expected = dim * hidden + hidden + blocks * in_block + hidden * classes + classes
    found = MLPResNet(dim, hidden, num_blocks=blocks, num_classes=classes).parameters()
    assert sum(math.prod(param.shape) for param in found) == expected
    assert len(found) == 2 + 8 * blocks + 2


def test_the_defaults_are_a_hundred_hidden_units_three_blocks_and_ten_classes():
    net = MLPResNet(784)
    assert [param.shape for param in modules_of(net, nn.Linear)[0].parameters()] == [(784, 100), (1, 100)]
    assert [param.shape for param in net.parameters()[-2:]] == [(100, 10), (1, 10)]
    assert [norm.dim for norm in modules_of(net, nn.BatchNorm1d)] == [50, 100] * 3
    assert [layer.p for layer in modules_of(net, nn.Dropout)] == [0.1] * 3


def test_norm_and_dropout_reach_every_block():
    net = MLPResNet(6, 8, num_blocks=4, norm=nn.LayerNorm1d, drop_prob=0.25)
    assert [norm.dim for norm in modules_of(net, nn.LayerNorm1d)] == [4, 8] * 4
    assert modules_of(net, nn.BatchNorm1d) == []
    assert [layer.p for layer in modules_of(net, nn.Dropout)] == [0.25] * 4


@sizes
def test_logits_of_a_network_in_training(dim, hidden, blocks, classes):
    net = of_its_own(MLPResNet(dim, hidden, num_blocks=blocks, num_classes=classes, drop_prob=0.0))
    x = numbers(9, dim)
    close(net(tensor(x)).numpy(), network_in_numpy(x, parameters_of(net), batch_norm_in_training, blocks), rtol=1e-3)


@sizes
def test_logits_of_a_network_in_use(dim, hidden, blocks, classes):
    net = of_its_own(MLPResNet(dim, hidden, num_blocks=blocks, num_classes=classes))
    net.eval()
    x = numbers(9, dim)
    close(net(tensor(x)).numpy(), network_in_numpy(x, parameters_of(net), batch_norms_in_use(net), blocks), rtol=1e-3)


def test_a_network_takes_images():
    """As MNISTDataset gives them, (n, 28, 28, 1): the network makes rows of them itself."""
    net = MLPResNet(784, 10)
    net.eval()
    x = numbers(4, 28, 28, 1)
    logits = net(tensor(x)).numpy()
    assert logits.shape == (4, 10)
    close(net(tensor(x.reshape(4, 784))).numpy(), logits)


def test_a_network_is_drawn_from_first_to_last():
    np.random.seed(3)
    net = MLPResNet(6, 4, num_blocks=1, num_classes=3)
    np.random.seed(3)
    for found, (fan_in, fan_out) in zip(modules_of(net, nn.Linear), [(6, 4), (4, 2), (2, 4), (4, 3)], strict=True):
        expected = nn.Linear(fan_in, fan_out)
        np.testing.assert_array_equal(found.weight.numpy(), expected.weight.numpy())
        np.testing.assert_array_equal(found.bias.numpy(), expected.bias.numpy())


# epoch


def examples(n=23, dim=6, classes=3):
    """Numbers, and labels that depend on them; the loaders below end with a short minibatch."""
    x = numbers(n, dim)
    return x, (x[:, :classes] + 0.5 * numbers(n, classes, seed=83)).argmax(axis=1).astype(np.uint8)


def loader_of(x, y, batch_size=5):
    return DataLoader(NDArrayDataset(x, y), batch_size)


def state_of(net):
    tensors = [*net.parameters(), *(t for norm in modules_of(net, nn.BatchNorm1d) for t in vars(norm).values())]
    return [t.numpy().tolist() for t in tensors if isinstance(t, ndl.Tensor)]


def test_an_epoch_without_an_optimizer_is_an_evaluation():
    """Of a network that was in training mode before: by running statistics, and without dropout."""
    net, (x, y) = of_its_own(MLPResNet(6, 8, num_blocks=1, num_classes=3, drop_prob=0.5)), examples()
    found = epoch(loader_of(x, y), net)
    logits = network_in_numpy(x, parameters_of(net), batch_norms_in_use(net), 1)
    error, losses = error_and_losses(logits, y)
    close(found, (error, sum(losses) / 23))
    assert not net.training


def test_an_evaluation_does_not_change_the_network():
    net, (x, y) = of_its_own(MLPResNet(6, 8, num_blocks=2, num_classes=3)), examples()
    before = state_of(net)
    first, second = (epoch(loader_of(x, y), net) for _ in range(2))
    assert state_of(net) == before
    assert first == second


@pytest.mark.parametrize("batch_size", [1, 4, 22, 23, 100])
def test_the_mean_loss_is_that_of_all_examples(batch_size):
    """However they are cut into minibatches: a short one must not count as much as a long one."""
    net, (x, y) = of_its_own(MLPResNet(6, 8, num_blocks=1, num_classes=3)), examples()
    logits = network_in_numpy(x, parameters_of(net), batch_norms_in_use(net), 1)
    error, losses = error_and_losses(logits, y)
    close(epoch(loader_of(x, y, batch_size), net), (error, sum(losses) / 23))


def linear_epoch_in_numpy(x, y, weight, bias, batch_size, lr):
    """Softmax regression by SGD. Returns (weight, bias, error rate, mean loss); the last two as before each step."""
    wrong, losses = 0, []
    for begin in range(0, len(x), batch_size):
        rows, labels = x[begin : begin + batch_size], y[begin : begin + batch_size]
        logits = rows @ weight + bias
        error, new = error_and_losses(logits, labels)
        wrong, losses = wrong + error * len(rows), losses + new
        chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True) - np.eye(bias.shape[1])[labels]
        weight, bias = weight - lr * rows.T @ chances / len(rows), bias - lr * chances.mean(0, keepdims=True)
    return weight, bias, wrong / len(x), sum(losses) / len(x)


@pytest.mark.parametrize("batch_size", [1, 5, 100])
def test_an_epoch_with_an_optimizer_makes_a_step_for_each_minibatch(batch_size):
    """Of a linear network, whose gradients are a formula."""
    x, y = examples()
    layer = nn.Linear(6, 3)
    weight, bias = (param.numpy().astype("float64") for param in (layer.weight, layer.bias))
    found = epoch(loader_of(x, y, batch_size), layer, ndl.optim.SGD(layer.parameters(), lr=0.3))
    weight, bias, error, mean_loss = linear_epoch_in_numpy(x.astype("float64"), y, weight, bias, batch_size, lr=0.3)
    close(found, (error, mean_loss))
    close(layer.weight.numpy(), weight)
    close(layer.bias.numpy(), bias)


def test_an_epoch_with_an_optimizer_is_in_training_mode():
    """Of a network that was in use before. Running statistics follow the batches; dropout draws from seed 4 on."""
    norm, layer, (x, y) = nn.BatchNorm1d(6), nn.Linear(6, 3), examples()
    net = nn.Sequential(norm, nn.Dropout(0.4), layer)
    net.eval()
    optimizer = ndl.optim.SGD(net.parameters(), lr=0.0)
    found = epoch(loader_of(x, y), net, optimizer)
    assert net.training
    np.random.seed(4)
    losses, mean, errors = [], np.zeros(6), 0
    for rows, labels in zip(np.split(x, range(5, 23, 5)), np.split(y, range(5, 23, 5)), strict=True):
        rows = rows.astype("float64")
        kept = (np.random.rand(*rows.shape) <= 0.6) / 0.6
        logits = batch_norm_in_training(rows, 1, 0) * kept @ layer.weight.numpy() + layer.bias.numpy()
        error, new = error_and_losses(logits, labels)
        errors, losses = errors + error * len(rows), losses + new
        mean = 0.9 * mean + 0.1 * rows.mean(0)
    close(found, (errors / 23, sum(losses) / 23))
    close(norm.running_mean.numpy(), mean)


@pytest.mark.parametrize("kind", [ndl.optim.SGD, ndl.optim.Adam])
def test_training_lowers_the_loss(kind):
    np.random.seed(5)
    net, (x, y) = MLPResNet(6, 16, num_blocks=2, num_classes=3), examples(60)
    optimizer = kind(net.parameters(), lr=0.02)
    before = epoch(loader_of(x, y, 10), net)
    for _ in range(15):
        epoch(loader_of(x, y, 10), net, optimizer)
    error, mean_loss = epoch(loader_of(x, y, 10), net)
    assert mean_loss < before[1] / 2
    assert error < before[0]


def test_an_epoch_keeps_no_graph(values_alive):
    net, (x, y) = MLPResNet(6, 8, num_blocks=1, num_classes=3), examples()
    optimizer = ndl.optim.Adam(net.parameters())
    counts = []
    for _ in range(3):
        epoch(loader_of(x, y), net, optimizer)
        counts.append(values_alive())
    assert len(set(counts)) == 1, f"values alive after each epoch: {counts}"


@pytest.mark.parametrize("training", [True, False])
def test_a_loss_that_is_no_number_stops_the_epoch(training):
    """It would not get better again, only waste hours. Here one pixel is nan."""
    net, (x, y) = nn.Linear(6, 3), examples()
    x[12, 3] = math.nan
    optimizer = ndl.optim.SGD(net.parameters()) if training else None
    with pytest.raises(FloatingPointError, match="nan"):
        epoch(loader_of(x, y), net, optimizer)


@pytest.mark.parametrize("training", [True, False])
def test_an_epoch_of_nothing_has_no_error_rate(training):
    net, (x, y) = nn.Linear(6, 3), examples()
    optimizer = ndl.optim.SGD(net.parameters()) if training else None
    with pytest.raises(ValueError, match="empty"):
        epoch(loader_of(x[:0], y[:0]), net, optimizer)


# train_mnist


@pytest.fixture
def small_mnist(tmp_path, write_mnist, mnist_folder):
    """A folder with 600 of MNIST's training images and 200 of its test images."""
    for part, count in (("train", 600), ("t10k", 200)):
        with gzip.open(mnist_folder / f"{part}-images-idx3-ubyte.gz") as file:
            images = np.frombuffer(file.read(16 + count * 784)[16:], dtype=np.uint8).reshape(count, 28, 28)
        with gzip.open(mnist_folder / f"{part}-labels-idx1-ubyte.gz") as file:
            labels = np.frombuffer(file.read(8 + count)[8:], dtype=np.uint8)
        write_mnist(tmp_path, images, labels, part)
    return tmp_path


def test_train_mnist_learns_digits(small_mnist):
    """Of digits that it has not seen, more than three in four are right after four short epochs."""
    train_err, train_loss, test_err, test_loss = train_mnist(30, 4, lr=0.01, hidden_dim=40, data_dir=small_mnist)
    assert 0 <= train_err < 0.1
    assert 0 < train_loss < 0.4
    assert 0 < test_err < 0.25
    assert train_loss < test_loss < 1


def test_train_mnist_is_epochs_of_a_network_made_from_seed_4(small_mnist):
    """The network first, then passes through shuffled minibatches; after each the test data, in order."""
    np.random.seed(999)
    found = train_mnist(50, 2, ndl.optim.Adam, 0.01, 0.02, 20, small_mnist)
    np.random.seed(4)
    net = MLPResNet(784, 20)
    optimizer = ndl.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.02)
    loaders = []
    for part in ("train", "t10k"):
        files = (small_mnist / f"{part}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1"))
        loaders.append(DataLoader(ndl.data.MNISTDataset(*files), 50, shuffle=part == "train"))
    for _ in range(2):
        expected = (*epoch(loaders[0], net, optimizer), *epoch(loaders[1], net))
    close(found, expected, err_msg="(train_err, train_loss, test_err, test_loss) of the last epoch")


def test_train_mnist_makes_the_optimizer_and_the_minibatches_it_is_asked_for(small_mnist):
    made = []

    class Watched(ndl.optim.SGD):
        def __init__(self, params, **settings):
            super().__init__(params, **settings)
            self.steps = 0
            made.append(self)

        def step(self):
            super().step()
            self.steps += 1

    train_mnist(
        batch_size=250, epochs=2, optimizer=Watched, lr=0.03, weight_decay=0.5, hidden_dim=12, data_dir=small_mnist
    )
    (optimizer,) = made
    assert (optimizer.lr, optimizer.weight_decay) == (0.03, 0.5)
    assert optimizer.steps == 2 * 3, "two epochs of minibatches of 250, 250 and 100 images"
    assert optimizer.params[0].shape == (784, 12)
    assert len(optimizer.params) == len(MLPResNet(784, 12).parameters())


def test_train_mnist_goes_on_from_its_checkpoint(small_mnist):
    """Stopped after one epoch of three and begun anew, it ends as if it had never been stopped."""
    settings = {"batch_size": 100, "hidden_dim": 12, "data_dir": small_mnist}
    whole = train_mnist(epochs=3, **settings)
    checkpoint = small_mnist / "checkpoint.safetensors"
    train_mnist(epochs=1, checkpoint=checkpoint, **settings)
    assert checkpoint.is_file()
    assert train_mnist(epochs=3, checkpoint=checkpoint, **settings) == whole


def test_train_mnist_stops_when_it_diverges(small_mnist):
    with pytest.raises(FloatingPointError, match="loss"), np.errstate(all="ignore"):
        train_mnist(batch_size=100, epochs=2, optimizer=ndl.optim.SGD, lr=1e30, hidden_dim=12, data_dir=small_mnist)


def submit_mlp_resnet() -> None:
    """A block, a network, and an epoch of training and of evaluation"""
    np.random.seed(26)
    x = tensor(np.random.randn(5, 6))
    mugrade.submit(ResidualBlock(6, 4)(x).numpy())
    net = MLPResNet(6, 8, num_blocks=2, num_classes=3)
    mugrade.submit([param.shape for param in net.parameters()])
    mugrade.submit(net(x).numpy())
    loader = loader_of(np.random.randn(23, 6).astype("float32"), np.random.randint(3, size=23))
    mugrade.submit(epoch(loader, net, ndl.optim.Adam(net.parameters())))
    mugrade.submit(epoch(loader, net))
