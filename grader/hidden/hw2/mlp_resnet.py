"""Hidden cases of hw2, the residual network and its training: small networks, and files made anew for each case."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import gzip
import struct
import tempfile
from pathlib import Path

import mugrade
import needle as ndl
import numpy as np
from apps.mlp_resnet import MLPResNet, ResidualBlock, epoch, train_mnist
from needle import nn

# Training in float32 multiplies the rounding errors of its first steps.
TRAINED = {"rtol": 1e-3, "atol": 1e-4}
# The more so where one ReLU of many may find another side of zero; one wrong answer more or less is still told apart.
DEEP = {"rtol": 5e-3, "atol": 1e-3}


class Scores(nn.Module):
    """A linear function without bias. `modes` are those that it was called in, one for each example."""

    def __init__(self, dim, classes):
        super().__init__()
        self.weight = nn.Parameter(np.random.randn(dim, classes), dtype="float32")
        self.modes = []

    def forward(self, x):
        self.modes += [self.training] * x.shape[0]
        return x @ self.weight


class Alternating(nn.Module):
    """Two linear functions, of which each minibatch goes through the other one."""

    def __init__(self, dim, classes):
        super().__init__()
        self.parts = [Scores(dim, classes), Scores(dim, classes)]
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return self.parts[self.calls % 2](x)


def inputs(*shape):
    return ndl.Tensor(np.random.randn(*shape), dtype="float32", requires_grad=False)


def loader(n, dim, classes, batch_size, shuffle=False):
    """Random examples in minibatches."""
    X, y = np.random.randn(n, dim).astype("float32"), np.random.randint(classes, size=n).astype("uint8")
    return ndl.data.DataLoader(ndl.data.NDArrayDataset(X, y), batch_size, shuffle)


def network(dim, classes):
    """A network whose layers differ between training and use."""
    hidden = nn.Linear(dim, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3)
    return nn.Sequential(*hidden, nn.Linear(6, classes))


def parameters(model):
    return [param.numpy() for param in model.parameters()]


def shapes(model):
    return sorted(list(param.shape) for param in model.parameters())


def submit_results(results, **tolerances):
    mugrade.submit([float(each) for each in results], **tolerances)


def write_images(folder, part, n):
    """The two files of `n` random images, most pixels black, with labels, as MNIST's are named and laid out."""
    bright = np.random.rand(n, 28, 28) < 0.2
    pixels, labels = bright * np.random.randint(256, size=(n, 28, 28)), np.random.randint(10, size=n)
    heads = struct.pack(">4I", 2051, n, 28, 28), struct.pack(">2I", 2049, n)
    for name, head, content in zip(("images-idx3", "labels-idx1"), heads, (pixels, labels), strict=True):
        compressed = gzip.compress(head + content.astype(np.uint8).tobytes(), compresslevel=1)
        Path(folder, f"{part}-{name}-ubyte.gz").write_bytes(compressed)


def trained(n=40, seen=24, **settings):
    """What `train_mnist` returns for `n` random images to train on and `seen` to test."""
    with tempfile.TemporaryDirectory() as folder:
        write_images(folder, "train", n)
        write_images(folder, "t10k", seen)
        return train_mnist(data_dir=folder, **settings)


def gentle_adam(params, **settings):
    """Adam whose first steps do not depend on the sign of gradients that are zero but for rounding."""
    return ndl.optim.Adam(params, eps=0.01, **settings)


def submit_block() -> None:
    """ResidualBlock in training, without dropout"""
    for dim, hidden_dim in ((6, 4), (5, 9)):
        mugrade.submit(ResidualBlock(dim, hidden_dim, drop_prob=0.0)(inputs(12, dim)).numpy())


def submit_block_layer_norm() -> None:
    """ResidualBlock with another norm"""
    mugrade.submit(ResidualBlock(7, 5, norm=nn.LayerNorm1d, drop_prob=0.0)(inputs(4, 7)).numpy())


def submit_block_dropout() -> None:
    """ResidualBlock in training, with dropout"""
    for settings in ({}, {"drop_prob": 0.5}, {"norm": nn.LayerNorm1d, "drop_prob": 0.8}):
        mugrade.submit(ResidualBlock(6, 8, **settings)(inputs(10, 6)).numpy())


def submit_block_in_use() -> None:
    """ResidualBlock in use, after it has seen some data"""
    block = ResidualBlock(6, 4)
    for _ in range(3):
        block(inputs(10, 6))
    block.eval()
    mugrade.submit(block(inputs(5, 6)).numpy())


def submit_block_parameters() -> None:
    """ResidualBlock: the sizes of its parameters"""
    for dim, hidden_dim in ((6, 4), (5, 5)):
        mugrade.submit(shapes(ResidualBlock(dim, hidden_dim)))


def submit_resnet() -> None:
    """MLPResNet in use, for several sizes"""
    for settings in ({"hidden_dim": 6}, {"hidden_dim": 7, "num_blocks": 1}, {"hidden_dim": 8, "num_blocks": 5}):
        model = MLPResNet(9, **settings)
        model.eval()
        mugrade.submit(model(inputs(4, 9)).numpy())


def submit_resnet_training() -> None:
    """MLPResNet in training"""
    mugrade.submit(MLPResNet(9, hidden_dim=6, num_blocks=2)(inputs(16, 9)).numpy(), **TRAINED)


def submit_resnet_settings() -> None:
    """MLPResNet with other norms, dropout and classes"""
    model = MLPResNet(8, hidden_dim=6, num_blocks=2, num_classes=3, norm=nn.LayerNorm1d, drop_prob=0.6)
    mugrade.submit(model(inputs(5, 8)).numpy())
    model = MLPResNet(8, hidden_dim=5, num_blocks=2, num_classes=17, drop_prob=0.0)
    mugrade.submit(model(inputs(16, 8)).numpy(), **TRAINED)


def submit_resnet_images() -> None:
    """MLPResNet of images, which are not flat"""
    for shape in ((4, 5), (2, 5, 2)):
        model = MLPResNet(20, hidden_dim=6)
        model.eval()
        mugrade.submit(model(inputs(3, *shape)).numpy())


def submit_resnet_defaults() -> None:
    """MLPResNet with the default settings"""
    model = MLPResNet(5)
    mugrade.submit(shapes(model))
    mugrade.submit(model(inputs(24, 5)).numpy(), **TRAINED)


def submit_resnet_parameters() -> None:
    """MLPResNet: the sizes of its parameters"""
    for hidden_dim, num_blocks, num_classes in ((6, 2, 3), (9, 4, 10)):
        mugrade.submit(shapes(MLPResNet(7, hidden_dim, num_blocks, num_classes)))


def submit_evaluate() -> None:
    """epoch without an optimizer: error rate and mean loss of given logits"""
    for n, batch_size in ((12, 4), (11, 4), (9, 100), (7, 1)):
        submit_results(epoch(loader(n, 5, 5, batch_size), nn.Identity()))


def submit_evaluate_extremes() -> None:
    """epoch without an optimizer, where all are right and where all are wrong"""
    y = np.random.randint(4, size=10).astype("uint8")
    for labels in (y, (y + 1) % 4):
        logits = 8 * np.eye(4, dtype="float32")[y] + np.random.rand(10, 4).astype("float32")
        dataset = ndl.data.NDArrayDataset(logits, labels)
        submit_results(epoch(ndl.data.DataLoader(dataset, 4), nn.Identity()))


def submit_evaluate_leaves_model() -> None:
    """epoch without an optimizer: the model afterwards"""
    model = network(5, 3)
    submit_results(epoch(loader(20, 5, 3, 8), model))
    norm = model.modules[1]
    mugrade.submit([*parameters(model), norm.running_mean.numpy(), norm.running_var.numpy()])


def submit_train_linear() -> None:
    """epoch with an optimizer: a linear model, and minibatches of different sizes"""
    for n, batch_size in ((12, 4), (11, 4), (7, 1), (6, 6)):
        model = Scores(4, 3)
        opt = ndl.optim.SGD(model.parameters(), lr=0.5)
        submit_results(epoch(loader(n, 4, 3, batch_size), model, opt))
        mugrade.submit(parameters(model))


def submit_train() -> None:
    """epoch with an optimizer: several passes in training mode"""
    model = network(5, 3)
    opt = ndl.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
    data = loader(29, 5, 3, 12, shuffle=True)
    for _ in range(2):
        submit_results(epoch(data, model, opt), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_train_adam() -> None:
    """epoch with Adam"""
    model = Scores(5, 4)
    opt = ndl.optim.Adam(model.parameters(), lr=0.1, eps=0.01, weight_decay=0.1)
    for _ in range(2):
        submit_results(epoch(loader(20, 5, 4, 6), model, opt), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_train_and_evaluate() -> None:
    """epoch with and without an optimizer, in turn"""
    model = network(5, 3)
    opt = ndl.optim.SGD(model.parameters(), lr=0.1)
    train, test = loader(24, 5, 3, 12), loader(15, 5, 3, 6)
    for _ in range(2):
        submit_results(epoch(train, model, opt), **TRAINED)
        submit_results(epoch(test, model), **TRAINED)


def submit_modes() -> None:
    """epoch: the mode of the model, for each example"""
    model = Scores(4, 3)
    opt = ndl.optim.SGD(model.parameters(), lr=0.1)
    for each in (None, opt, opt, None, opt):
        epoch(loader(5, 4, 3, 2), model, each)
        mugrade.submit(sorted(set(model.modes)))
        model.modes.clear()


def submit_stale_gradients() -> None:
    """epoch with an optimizer: a model of which each minibatch uses another part"""
    model = Alternating(4, 3)
    opt = ndl.optim.SGD(model.parameters(), lr=0.5, momentum=0.5)
    opt.reset_grad()
    submit_results(epoch(loader(15, 4, 3, 3), model, opt))
    mugrade.submit(parameters(model))


def submit_train_mnist() -> None:
    """train_mnist with Adam, for two epochs"""
    submit_results(trained(optimizer=gentle_adam, batch_size=16, epochs=2, hidden_dim=12), **DEEP)


def submit_train_mnist_sgd() -> None:
    """train_mnist with another optimizer"""
    settings = {"lr": 0.01, "weight_decay": 0.5, "hidden_dim": 16}
    submit_results(trained(optimizer=ndl.optim.SGD, batch_size=20, epochs=1, **settings), **DEEP)


def submit_train_mnist_rates() -> None:
    """train_mnist with other settings of Adam"""
    settings = {"lr": 0.01, "weight_decay": 0.3, "hidden_dim": 12}
    submit_results(trained(optimizer=gentle_adam, batch_size=20, epochs=2, **settings), **DEEP)


def submit_train_mnist_sizes() -> None:
    """train_mnist for other numbers of images, epochs and hidden units"""
    settings = {"batch_size": 25, "epochs": 3, "hidden_dim": 14}
    submit_results(trained(n=50, seen=7, optimizer=gentle_adam, **settings), **DEEP)


def submit_train_mnist_defaults() -> None:
    """train_mnist for one epoch, other settings as they are: the losses"""
    _, train_loss, _, test_loss = trained(n=120, epochs=1)
    submit_results((train_loss, test_loss), **DEEP)
