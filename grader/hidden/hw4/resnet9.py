"""Hidden cases of hw4, resnet9: the network, and its training, for which smaller models stand in.

The models of the training functions are made of homework 2's modules, so that a convolution that is wrong fails the
cases of the network alone.
"""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np
from apps.models import ConvBN, ResNet9
from apps.simple_ml import epoch_general_cifar10, evaluate_cifar10, train_cifar10
from needle import nn

# Sums of many float32 numbers, in whatever order they are added.
DEEP = {"rtol": 2e-3, "atol": 5e-4}
# Training in float32 multiplies the rounding errors of its first steps.
TRAINED = {"rtol": 1e-3, "atol": 1e-4}


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


class Weighted(nn.Module):
    """The softmax loss, and something of the logits' squares."""

    def forward(self, logits, y):
        return nn.SoftmaxLoss()(logits, y) * 1.5 + (logits * logits).sum() * 0.01


def inputs(*shape):
    return ndl.Tensor(np.random.randn(*shape), dtype="float32", requires_grad=False)


def loader(n, dim, classes, batch_size, shuffle=False):
    """Random examples in minibatches."""
    X, y = np.random.randn(n, dim).astype("float32"), np.random.randint(classes, size=n)
    return ndl.data.DataLoader(ndl.data.NDArrayDataset(X, y), batch_size, shuffle)


def network(dim, classes):
    """A network whose layers differ between training and use."""
    hidden = nn.Linear(dim, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3)
    return nn.Sequential(*hidden, nn.Linear(6, classes))


def each_once(model):
    """Its parameters. One that is listed several times, since it can be reached in several ways, is one."""
    return list({id(param): param for param in model.parameters()}.values())


def parameters(model):
    return [param.numpy() for param in model.parameters()]


def shapes(model):
    return sorted(list(param.shape) for param in each_once(model))


def lengths_of_gradients(model):
    return sorted(float(np.linalg.norm(param.grad.numpy())) for param in each_once(model))


def submit_results(results, **tolerances):
    mugrade.submit([float(each) for each in results], **tolerances)


def watched(kind, seen):
    """A kind of optimizer that adds itself to `seen` when it is made, and counts its steps."""

    class Watched(kind):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **settings)
            self.steps = 0
            seen.append(self)

        def step(self):
            super().step()
            self.steps += 1

    return Watched


def gentle_adam(*arguments, **settings):
    """Adam whose first steps do not depend on the sign of gradients that are zero but for rounding."""
    return ndl.optim.Adam(*arguments, eps=0.01, **settings)


def submit_conv_bn() -> None:
    """ConvBN in training"""
    for channels, made, kernel, stride in ((3, 4, 3, 1), (2, 5, 3, 2), (3, 4, 7, 4), (4, 4, 1, 1), (2, 3, 5, 3)):
        mugrade.submit(ConvBN(channels, made, kernel, stride)(inputs(3, channels, 8, 7)).numpy(), **DEEP)


def submit_conv_bn_in_use() -> None:
    """ConvBN in use, before it has seen data and afterwards"""
    block = ConvBN(3, 5, 3, 2)
    for passes in (0, 2):
        for _ in range(passes):
            block.train()
            block(inputs(4, 3, 6, 6))
        block.eval()
        mugrade.submit(block(inputs(2, 3, 6, 6)).numpy(), **DEEP)


def submit_conv_bn_parameters() -> None:
    """ConvBN: the sizes of its parameters"""
    for arguments in ((3, 4, 3, 1), (5, 2, 7, 4)):
        mugrade.submit(shapes(ConvBN(*arguments)))


def submit_conv_bn_gradients() -> None:
    """ConvBN: gradients by the images, and how long those by its parameters are"""
    for stride in (1, 2):
        block, x = ConvBN(2, 3, 3, stride), ndl.Tensor(np.random.randn(2, 2, 5, 5), dtype="float32")
        block.eval()
        (block(x) * inputs(2, 3, 4 // stride + 1, 4 // stride + 1)).sum().backward()
        mugrade.submit(x.grad.numpy(), **DEEP)
        mugrade.submit(lengths_of_gradients(block), **DEEP)


def submit_network_parameters() -> None:
    """ResNet9: the sizes of its parameters, and how many numbers they are"""
    found = shapes(ResNet9())
    mugrade.submit(found)
    mugrade.submit(int(sum(np.prod(shape) for shape in found)))


def submit_network_in_use() -> None:
    """ResNet9 in use, as it was drawn: logits of images"""
    model = ResNet9()
    model.eval()
    for count in (2, 1):
        mugrade.submit(model(inputs(count, 3, 32, 32)).numpy(), **DEEP)


def submit_network_in_training() -> None:
    """ResNet9 in training: the mean loss of images, and the length of their logits"""
    logits, labels = ResNet9()(inputs(4, 3, 32, 32)), ndl.Tensor(np.random.randint(10, size=4), requires_grad=False)
    mugrade.submit(float(nn.SoftmaxLoss()(logits, labels).numpy()), **DEEP)
    mugrade.submit(float(np.linalg.norm(logits.numpy())), **DEEP)


def submit_network_statistics() -> None:
    """ResNet9 in use, after it has seen images in training"""
    model = ResNet9()
    model(inputs(4, 3, 32, 32))
    model.eval()
    mugrade.submit(model(inputs(2, 3, 32, 32)).numpy(), **DEEP)


def submit_network_gradients() -> None:
    """ResNet9 in use: how long the gradients are"""
    model = ResNet9()
    model.eval()
    (model(inputs(2, 3, 32, 32)) * inputs(2, 10)).sum().backward()
    mugrade.submit(lengths_of_gradients(model), rtol=0.01)


def submit_network_evaluated() -> None:
    """ResNet9 evaluated on a few images"""
    images = np.random.rand(5, 3, 32, 32).astype("float32")
    data = ndl.data.NDArrayDataset(images, np.random.randint(10, size=5))
    submit_results(evaluate_cifar10(ResNet9(), ndl.data.DataLoader(data, 3)), **DEEP)


def submit_evaluate() -> None:
    """epoch_general_cifar10 without an optimizer: accuracy and mean loss of given logits"""
    for n, batch_size in ((12, 4), (11, 4), (9, 100), (7, 1)):
        submit_results(epoch_general_cifar10(loader(n, 5, 5, batch_size), nn.Identity()))


def submit_evaluate_extremes() -> None:
    """epoch_general_cifar10 without an optimizer: logits that are all right, all wrong, and mixed"""
    y = np.random.randint(4, size=9)
    for labels in (y, (y + 1) % 4, np.where(np.arange(9) < 5, y, (y + 2) % 4)):
        logits = 5 * np.eye(4, dtype="float32")[labels] + np.random.rand(9, 4).astype("float32")
        data = ndl.data.DataLoader(ndl.data.NDArrayDataset(logits, y), 4)
        submit_results(epoch_general_cifar10(data, nn.Identity()))


def submit_evaluate_square() -> None:
    """epoch_general_cifar10 without an optimizer: minibatches of as many examples as there are classes"""
    for size in (3, 6, 10):
        submit_results(epoch_general_cifar10(loader(3 * size, size, size, size), nn.Identity()))


def submit_evaluate_network() -> None:
    """epoch_general_cifar10 without an optimizer: a network in training mode before, and what is left of it"""
    model = network(5, 4)
    model(inputs(20, 5))
    submit_results(epoch_general_cifar10(loader(13, 5, 4, 6), model), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_loss() -> None:
    """epoch_general_cifar10 with another loss, with and without an optimizer"""
    for training in (False, True):
        model = Scores(4, 3)
        opt = ndl.optim.SGD(model.parameters(), lr=0.2) if training else None
        submit_results(epoch_general_cifar10(loader(11, 4, 3, 4), model, loss_fn=Weighted(), opt=opt), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_sgd() -> None:
    """epoch_general_cifar10 with SGD: results of each epoch, and the parameters afterwards"""
    for n, batch_size in ((12, 4), (11, 4), (5, 1), (6, 50)):
        model = Scores(4, 3)
        opt = ndl.optim.SGD(model.parameters(), lr=0.3, momentum=0.4)
        for _ in range(2):
            submit_results(epoch_general_cifar10(loader(n, 4, 3, batch_size), model, opt=opt), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_adam() -> None:
    """epoch_general_cifar10 with Adam"""
    model = Scores(5, 4)
    opt = gentle_adam(model.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(2):
        submit_results(epoch_general_cifar10(loader(20, 5, 4, 6), model, opt=opt), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_in_turn() -> None:
    """epoch_general_cifar10 with and without an optimizer, in turn, in random orders"""
    model = network(5, 3)
    opt = ndl.optim.SGD(model.parameters(), lr=0.1)
    train, test = loader(24, 5, 3, 12, shuffle=True), loader(15, 5, 3, 6)
    for _ in range(2):
        submit_results(epoch_general_cifar10(train, model, opt=opt), **DEEP)
        submit_results(epoch_general_cifar10(test, model), **DEEP)


def submit_modes() -> None:
    """epoch_general_cifar10: the mode of the model, for each example"""
    model = Scores(4, 3)
    opt = ndl.optim.SGD(model.parameters(), lr=0.1)
    for each in (None, opt, opt, None, opt):
        epoch_general_cifar10(loader(5, 4, 3, 2), model, opt=each)
        mugrade.submit(sorted(set(model.modes)))
        model.modes.clear()


def submit_stale_gradients() -> None:
    """epoch_general_cifar10 with an optimizer: a model of which each minibatch uses another part"""
    model = Alternating(4, 3)
    opt = ndl.optim.SGD(model.parameters(), lr=0.5, momentum=0.5)
    opt.reset_grad()
    submit_results(epoch_general_cifar10(loader(15, 4, 3, 3), model, opt=opt), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_train() -> None:
    """train_cifar10 with several optimizers, for several epochs"""
    for optimizer, epochs in ((ndl.optim.SGD, 1), (ndl.optim.SGD, 3), (gentle_adam, 2)):
        model = Scores(5, 3)
        settings = {"n_epochs": epochs, "optimizer": optimizer, "lr": 0.2, "weight_decay": 0.05}
        submit_results(train_cifar10(model, loader(14, 5, 3, 4), **settings), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_train_shuffled() -> None:
    """train_cifar10 in random orders, of a network with dropout"""
    model = network(5, 3)
    settings = {"n_epochs": 2, "optimizer": ndl.optim.SGD, "lr": 0.1}
    submit_results(train_cifar10(model, loader(24, 5, 3, 12, shuffle=True), **settings), **DEEP)
    submit_results(evaluate_cifar10(model, loader(9, 5, 3, 4)), **DEEP)


def submit_train_momentum() -> None:
    """train_cifar10 with momentum, over several epochs"""
    model = Scores(4, 3)

    def with_momentum(*arguments, **settings):
        return ndl.optim.SGD(*arguments, momentum=0.8, **settings)

    settings = {"n_epochs": 3, "optimizer": with_momentum, "lr": 0.5}
    submit_results(train_cifar10(model, loader(12, 4, 3, 4), **settings), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_train_settings() -> None:
    """train_cifar10: the settings of the optimizer, its steps, and how often one is made"""
    for settings in ({}, {"n_epochs": 2, "lr": 0.25, "weight_decay": 0.125}):
        seen = []
        kind = watched(ndl.optim.SGD, seen)
        train_cifar10(Scores(4, 3), loader(9, 4, 3, 4), optimizer=kind, **settings)
        mugrade.submit([[float(each.lr), float(each.weight_decay), each.steps] for each in seen])


def submit_train_defaults() -> None:
    """train_cifar10 as it is by default"""
    model = Scores(4, 3)
    submit_results(train_cifar10(model, loader(12, 4, 3, 3)), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_train_loss() -> None:
    """train_cifar10 and evaluate_cifar10 with another loss"""
    model = Scores(4, 3)
    settings = {"n_epochs": 2, "optimizer": ndl.optim.SGD, "lr": 0.1, "loss_fn": Weighted}
    submit_results(train_cifar10(model, loader(10, 4, 3, 4), **settings), **TRAINED)
    submit_results(evaluate_cifar10(model, loader(10, 4, 3, 4), loss_fn=Weighted), **TRAINED)


def submit_evaluate_cifar10() -> None:
    """evaluate_cifar10: a network that differs between training and use, and its parameters afterwards"""
    model = network(6, 4)
    for n, batch_size in ((13, 5), (8, 8)):
        model.train()
        model(inputs(10, 6))
        submit_results(evaluate_cifar10(model, loader(n, 6, 4, batch_size)), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)
