"""Hidden cases of hw2, modules: what they compute, their gradients, parameters, running statistics and draws."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np
from needle import nn


def tensor(*shape, low=-2.0, high=2.0, dtype="float32"):
    return ndl.Tensor(np.random.uniform(low, high, size=shape), dtype=dtype)


def spread(*shape):
    """Numbers around 1 whose rows and columns all vary: small variances would enlarge rounding errors."""
    rows, columns = shape
    grid = np.linspace(-2, 2, rows * columns).reshape(columns, rows).T
    return ndl.Tensor(1 + grid * np.random.uniform(0.5, 1.5, size=shape) + np.random.randn(*shape), dtype="float32")


def labels(m, k):
    return ndl.Tensor(np.random.randint(k, size=m))


def affine(norm):
    """The normalisation with other weights and biases than ones and zeros."""
    norm.weight = nn.Parameter(np.random.uniform(0.5, 2.0, size=norm.dim), dtype="float32")
    norm.bias = nn.Parameter(np.random.uniform(-1.0, 1.0, size=norm.dim), dtype="float32")
    return norm


def submit_result_and_gradients(module, x, *parameters):
    """What the module makes of x, and the gradients of that, times random numbers, by x and by the parameters."""
    out = module(x)
    mugrade.submit(out.numpy())
    out.backward(tensor(*out.shape))
    for each in (x, *parameters):
        mugrade.submit(each.grad.numpy())


def submit_running(norm):
    mugrade.submit(norm.running_mean.numpy())
    mugrade.submit(norm.running_var.numpy())


def submit_parameters(module):
    """How many parameters, of which shapes and dtypes."""
    mugrade.submit([list(each.shape) for each in module.parameters()])
    mugrade.submit([each.dtype for each in module.parameters()])


def submit_linear() -> None:
    """Linear: weight and bias as drawn, and results"""
    for sizes in ((5, 3), (2, 6), (4, 4)):
        layer = nn.Linear(*sizes)
        mugrade.submit(layer.weight.numpy())
        mugrade.submit(layer.bias.numpy())
        mugrade.submit(layer(tensor(7, sizes[0])).numpy())


def submit_linear_gradients() -> None:
    """Linear: gradients by the input, the weight and the bias"""
    for rows in (6, 1):
        layer = nn.Linear(4, 3)
        submit_result_and_gradients(layer, tensor(rows, 4), layer.weight, layer.bias)


def submit_linear_more_axes() -> None:
    """Linear: inputs with more than two axes"""
    for shape in ((2, 3, 4), (2, 1, 3, 4), (3, 3, 4)):
        layer = nn.Linear(4, 3)
        submit_result_and_gradients(layer, tensor(*shape), layer.weight, layer.bias)


def submit_linear_without_bias() -> None:
    """Linear: without a bias, which is then not drawn either"""
    layer, after = nn.Linear(4, 3, bias=False), nn.Linear(3, 2)
    submit_parameters(layer)
    submit_result_and_gradients(layer, tensor(5, 4), layer.weight)
    mugrade.submit(layer(tensor(2, 5, 4)).numpy())
    mugrade.submit(after.weight.numpy())


def submit_linear_other_bias() -> None:
    """Linear: with a bias of one axis put in the place of its own"""
    for shape in ((5, 4), (2, 3, 4)):
        layer = nn.Linear(4, 3)
        layer.bias = nn.Parameter(np.random.randn(3), dtype="float32")
        submit_result_and_gradients(layer, tensor(*shape), layer.bias)


def submit_linear_parameters() -> None:
    """Linear: parameters, their shapes and the dtypes asked for"""
    for keywords in ({}, {"dtype": "float64"}):
        submit_parameters(nn.Linear(4, 3, **keywords))


def submit_flatten() -> None:
    """Flatten: inputs with two axes or more, and gradients"""
    for shape in ((3, 4), (2, 3, 4), (3, 2, 3, 2), (1, 5, 2), (3, 3, 3)):
        submit_result_and_gradients(nn.Flatten(), tensor(*shape))


def submit_relu() -> None:
    """ReLU: results and gradients on both sides of zero"""
    for shape in ((12,), (3, 5), (2, 3, 4)):
        sides = np.random.choice([-1.0, 1.0], size=shape)
        submit_result_and_gradients(nn.ReLU(), ndl.Tensor(sides * np.random.uniform(0.1, 9.0, size=shape)))


def submit_sequential() -> None:
    """Sequential: modules one after the other, and gradients through all of them"""
    first, second, third = nn.Linear(4, 3), nn.Linear(3, 3), nn.Linear(3, 2)
    submit_result_and_gradients(nn.Sequential(first, second, third), tensor(5, 4), first.weight, third.bias)
    submit_result_and_gradients(nn.Sequential(second, nn.ReLU(), second), tensor(5, 3), second.weight, second.bias)


def submit_sequential_nested() -> None:
    """Sequential: of none, of one, of others like it; its parameters"""
    mugrade.submit(nn.Sequential()(tensor(3, 2)).numpy())
    mugrade.submit(nn.Sequential(nn.Linear(2, 3))(tensor(3, 2)).numpy())
    net = nn.Sequential(nn.Sequential(nn.Linear(2, 4), nn.ReLU()), nn.Sequential(nn.Linear(4, 3), nn.LayerNorm1d(3)))
    submit_parameters(net)
    mugrade.submit(net(tensor(3, 2)).numpy())


def submit_residual() -> None:
    """Residual: results and gradients, one around the other as well"""
    layer = nn.Linear(3, 3)
    submit_result_and_gradients(nn.Residual(layer), tensor(5, 3), layer.weight, layer.bias)
    submit_result_and_gradients(nn.Residual(nn.Residual(layer)), tensor(5, 3), layer.weight)
    mugrade.submit(nn.Residual(nn.Sequential(nn.ReLU(), layer))(tensor(4, 3)).numpy())


def submit_loss() -> None:
    """SoftmaxLoss: several numbers of examples and classes"""
    for m, k in ((1, 2), (5, 3), (20, 10), (3, 12)):
        for dtype in ("int64", "uint8"):
            mugrade.submit(nn.SoftmaxLoss()(tensor(m, k), ndl.Tensor(labels(m, k), dtype=dtype)).numpy())


def submit_loss_rare_classes() -> None:
    """SoftmaxLoss: a batch in which the last classes do not occur"""
    for k in (4, 9):
        loss = nn.SoftmaxLoss()(tensor(6, k), labels(6, k - 2))
        mugrade.submit(loss.numpy())
        mugrade.submit(loss.dtype)
        mugrade.submit(list(loss.shape))


def submit_loss_gradients() -> None:
    """SoftmaxLoss: gradients, also of the loss times a number"""
    for m, k in ((1, 3), (6, 4), (4, 4)):
        logits = tensor(m, k)
        submit_result_and_gradients(lambda x, m=m, k=k: nn.SoftmaxLoss()(x, labels(m, k)), logits)


def submit_loss_large() -> None:
    """SoftmaxLoss: logits too large, and too small, for an exponential; rows far apart"""
    for size in (1e4, -1e4, 1e10, -1e10):
        logits = ndl.Tensor(size + np.random.uniform(-2, 2, size=(5, 4)))
        submit_result_and_gradients(lambda x: nn.SoftmaxLoss()(x, labels(5, 4)), logits)
    logits = ndl.Tensor(np.random.uniform(-2, 2, size=(4, 3)) + np.array([[2000.0], [0.0], [-900.0], [5000.0]]))
    submit_result_and_gradients(lambda x: nn.SoftmaxLoss()(x, labels(4, 3)), logits)


def submit_batch_norm() -> None:
    """BatchNorm1d: results and gradients in training"""
    for shape in ((8, 3), (5, 5), (6, 8)):
        norm = affine(nn.BatchNorm1d(shape[1]))
        submit_result_and_gradients(norm, spread(*shape), norm.weight, norm.bias)


def submit_batch_norm_new() -> None:
    """BatchNorm1d: a new one, in training and in use, and its parameters"""
    norm = nn.BatchNorm1d(4)
    submit_parameters(norm)
    submit_running(norm)
    norm.eval()
    mugrade.submit(norm(spread(6, 4)).numpy())
    norm.train()
    mugrade.submit(norm(spread(6, 4)).numpy())
    submit_parameters(nn.BatchNorm1d(3, dtype="float64"))


def submit_batch_norm_eps() -> None:
    """BatchNorm1d: an eps that shows, in training and in use"""
    norm = affine(nn.BatchNorm1d(3, eps=0.7))
    submit_result_and_gradients(norm, spread(7, 3), norm.weight)
    norm.eval()
    submit_result_and_gradients(norm, spread(7, 3), norm.weight)


def submit_batch_norm_no_variance() -> None:
    """BatchNorm1d: a feature that is zero in all rows, and a batch of one row"""
    norm, columns = affine(nn.BatchNorm1d(3)), spread(8, 3).numpy()
    columns[:, 1] = 0.0
    for x in (ndl.Tensor(columns), tensor(1, 3)):
        # Of a single row, 1 / sqrt(eps) makes 300 of a rounding error.
        mugrade.submit(norm(x).numpy(), atol=1e-3)
        submit_running(norm)


def submit_batch_norm_running() -> None:
    """BatchNorm1d: running statistics over several batches of different sizes"""
    for keywords in ({}, {"momentum": np.random.uniform(0.6, 0.9)}):
        norm = nn.BatchNorm1d(4, **keywords)
        for rows in (6, 3, 9):
            mugrade.submit(norm(spread(rows, 4)).numpy())
            submit_running(norm)


def submit_batch_norm_use() -> None:
    """BatchNorm1d: results and gradients in use after training, and running statistics after use"""
    norm = affine(nn.BatchNorm1d(3, momentum=0.4))
    for _ in range(3):
        norm(spread(6, 3))
    norm.eval()
    for x in (spread(5, 3), tensor(1, 3)):
        submit_result_and_gradients(norm, x, norm.weight, norm.bias)
        submit_running(norm)
    norm.train()
    mugrade.submit(norm(spread(6, 3)).numpy())
    submit_running(norm)


def submit_batch_norm_graph() -> None:
    """BatchNorm1d: whether running statistics are leaves of the graph, and their dtypes"""
    norm = nn.BatchNorm1d(3)
    for _ in range(2):
        norm(nn.Linear(3, 3)(spread(6, 3)))
        for statistic in (norm.running_mean, norm.running_var):
            mugrade.submit(statistic.is_leaf())
            mugrade.submit(statistic.dtype)


def submit_layer_norm() -> None:
    """LayerNorm1d: results and gradients, in training and in use"""
    for shape in ((3, 8), (5, 5), (8, 6), (1, 7)):
        norm = affine(nn.LayerNorm1d(shape[1]))
        submit_result_and_gradients(norm, spread(*shape), norm.weight, norm.bias)
        norm.eval()
        mugrade.submit(norm(spread(*shape)).numpy())


def submit_layer_norm_new() -> None:
    """LayerNorm1d: a new one, and its parameters"""
    norm = nn.LayerNorm1d(6)
    submit_parameters(norm)
    mugrade.submit(norm(spread(4, 6)).numpy())
    submit_parameters(nn.LayerNorm1d(3, dtype="float64"))


def submit_layer_norm_eps() -> None:
    """LayerNorm1d: an eps that shows, and rows of a single number"""
    norm, same = affine(nn.LayerNorm1d(6, eps=0.7)), ndl.Tensor(np.full((2, 6), 2.0), dtype="float32")
    submit_result_and_gradients(norm, spread(4, 6), norm.weight, norm.bias)
    for each in (norm, affine(nn.LayerNorm1d(6))):
        mugrade.submit(each(same).numpy())


def submit_dropout() -> None:
    """Dropout: results and gradients in training, for several probabilities"""
    for p in (0.5, 0.1, 0.8):
        submit_result_and_gradients(nn.Dropout(p), tensor(8, 5))
    mugrade.submit(nn.Dropout()(tensor(3, 4, 5)).numpy())


def submit_dropout_use() -> None:
    """Dropout: in use, in training again, and what is drawn after each"""
    dropout = nn.Dropout(0.4)
    for switch in (dropout.eval, dropout.train):
        switch()
        submit_result_and_gradients(dropout, tensor(6, 4))
        mugrade.submit(np.random.rand(3))


def submit_dropout_zero() -> None:
    """Dropout: probability zero, and what is drawn after it"""
    submit_result_and_gradients(nn.Dropout(0.0), tensor(6, 4))
    mugrade.submit(np.random.rand(3))


def submit_dropout_twice() -> None:
    """Dropout: one after the other, and the same one again"""
    dropout = nn.Dropout(0.3)
    submit_result_and_gradients(nn.Sequential(dropout, nn.Dropout(0.2), dropout), tensor(7, 4))


def submit_dtypes() -> None:
    """The dtype of each module's result for float32"""
    modules = (nn.Linear(4, 4), nn.Flatten(), nn.ReLU(), nn.BatchNorm1d(4), nn.LayerNorm1d(4), nn.Dropout(0.3))
    for module in modules:
        for switch in (module.train, module.eval):
            switch()
            mugrade.submit(module(spread(6, 4)).dtype)
            mugrade.submit(nn.Residual(nn.Sequential(module))(spread(6, 4)).dtype)


def submit_network() -> None:
    """A network of all modules: parameters, loss, gradients, and results in use after two steps"""
    inner, outer, norm = nn.Linear(6, 5, bias=False), nn.Linear(5, 3), nn.BatchNorm1d(5)
    block = nn.Residual(nn.Sequential(nn.LayerNorm1d(5), nn.Dropout(0.2), nn.Linear(5, 5)))
    net = nn.Sequential(nn.Flatten(), nn.ReLU(), inner, norm, block, outer)
    submit_parameters(net)
    for _ in range(2):
        loss = nn.SoftmaxLoss()(net(tensor(10, 2, 3)), labels(10, 3))
        mugrade.submit(loss.numpy())
        loss.backward()
        for parameter in (outer.weight, outer.bias, norm.weight, inner.weight):
            mugrade.submit(parameter.grad.numpy())
    submit_running(norm)
    net.eval()
    mugrade.submit(net(tensor(4, 2, 3)).numpy())
