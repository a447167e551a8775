"""What modules compute: beside NumPy in float64, by equalities that define them, and to order 2 by finite differences.

Where PyTorch is installed, values and gradients are compared with its modules as well.
"""

from __future__ import annotations

import needle as ndl
import numpy as np
import pytest
from needle import nn
from needle.gradcheck import check_gradients
from nn_checks import check_module, sizes, with_random_parameters

RUNS = range(3)


def loss_of(labels):
    return lambda logits: nn.SoftmaxLoss()(logits, ndl.Tensor(labels))


def layer_norm(x, weight, bias, eps):
    rows = [(row - row.mean()) / np.sqrt(((row - row.mean()) ** 2).mean() + eps) * weight + bias for row in x]
    return np.array(rows)


def batch_norm(x, weight, bias, eps):
    columns = [(c - c.mean()) / np.sqrt(((c - c.mean()) ** 2).mean() + eps) for c in x.T]
    return np.array(columns).T * weight + bias


def softmax_loss(logits, labels):
    total = 0.0
    for z, label in zip(logits, labels, strict=True):
        total += z.max() + np.log(np.exp(z - z.max()).sum()) - z[label]
    return total / len(labels)


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rank", [2, 3])
def test_linear(run, bias, rank, rng):
    inputs, outputs, *shape = sizes(rng, rank + 1)
    layer = with_random_parameters(rng, nn.Linear(inputs, outputs, bias=bias))
    x = rng.normal(size=(*shape, inputs))
    expected = np.einsum("...i,io->...o", x, layer.weight.numpy())
    if bias:
        expected = expected + layer.bias.numpy()
    np.testing.assert_allclose(layer(ndl.Tensor(x)).numpy(), expected, rtol=1e-12, atol=1e-12)
    check_module(layer, x)


def test_a_bias_of_one_axis_may_be_put_in_its_place(rng):
    layer = with_random_parameters(rng, nn.Linear(3, 4))
    x, two_axes = rng.normal(size=(5, 3)), layer.bias.numpy()
    expected = layer(ndl.Tensor(x)).numpy()
    layer.bias = nn.Parameter(two_axes.reshape(4))
    assert (layer(ndl.Tensor(x)).numpy() == expected).all()
    check_module(layer, x)


@pytest.mark.parametrize("run", RUNS)
def test_layer_norm(run, rng):
    n, dim = sizes(rng, 2)
    layer = with_random_parameters(rng, nn.LayerNorm1d(dim, eps=0.01))
    x = rng.normal(size=(n, dim))
    expected = layer_norm(x, layer.weight.numpy(), layer.bias.numpy(), 0.01)
    np.testing.assert_allclose(layer(ndl.Tensor(x)).numpy(), expected, rtol=1e-12, atol=1e-12)
    check_module(layer, x)


@pytest.mark.parametrize("run", RUNS)
def test_batch_norm_in_training(run, rng):
    n, dim = sizes(rng, 2)
    layer = with_random_parameters(rng, nn.BatchNorm1d(dim, eps=0.01))
    x = rng.normal(size=(n, dim))
    expected = batch_norm(x, layer.weight.numpy(), layer.bias.numpy(), 0.01)
    np.testing.assert_allclose(layer(ndl.Tensor(x)).numpy(), expected, rtol=1e-12, atol=1e-12)
    check_module(layer, x)


@pytest.mark.parametrize("run", RUNS)
def test_batch_norm_in_use(run, rng):
    n, dim = sizes(rng, 2)
    layer = with_random_parameters(rng, nn.BatchNorm1d(dim, eps=0.01))
    mean, variance = rng.normal(size=dim), rng.uniform(0.5, 2.0, size=dim)
    layer.running_mean, layer.running_var = ndl.Tensor(mean), ndl.Tensor(variance)
    layer.eval()
    x = rng.normal(size=(n, dim))
    expected = (x - mean) / np.sqrt(variance + 0.01) * layer.weight.numpy() + layer.bias.numpy()
    np.testing.assert_allclose(layer(ndl.Tensor(x)).numpy(), expected, rtol=1e-12, atol=1e-12)
    check_module(layer, x)
    assert (layer.running_mean.numpy() == mean).all()
    assert (layer.running_var.numpy() == variance).all()


def test_batch_norm_of_one_example(rng):
    """The batch is its own mean: what is left is the bias, and no gradient reaches the input."""
    layer = with_random_parameters(rng, nn.BatchNorm1d(3))
    x = ndl.Tensor(rng.normal(size=(1, 3)))
    out = layer(x)
    (out * out).sum().backward()
    assert (out.numpy() == layer.bias.numpy()).all()
    np.testing.assert_allclose(x.grad.numpy(), 0, atol=1e-12)
    assert layer(ndl.Tensor(rng.normal(size=(1, 3)))).numpy().shape == (1, 3)
    layer.eval()
    assert not np.allclose(layer(x).numpy(), layer.bias.numpy()), "in use, one example is not its own mean"


def test_running_statistics_are_a_moving_average_of_biased_ones(rng):
    momentum, batches = 0.3, [rng.normal(i, 1 + i, size=(4 + i, 2)) for i in range(5)]
    layer = nn.BatchNorm1d(2, momentum=momentum, dtype="float64")
    for x in batches:
        layer(ndl.Tensor(x))
    shares = [momentum * (1 - momentum) ** (4 - i) for i in range(5)]
    mean = sum(share * x.mean(0) for share, x in zip(shares, batches, strict=True))
    spread = sum(share * ((x - x.mean(0)) ** 2).mean(0) for share, x in zip(shares, batches, strict=True))
    np.testing.assert_allclose(layer.running_mean.numpy(), mean, rtol=1e-12)
    np.testing.assert_allclose(layer.running_var.numpy(), (1 - momentum) ** 5 + spread, rtol=1e-12)
    assert layer.running_mean.is_leaf()
    assert not layer.running_var.requires_grad


def test_with_momentum_one_use_repeats_training(rng):
    layer = with_random_parameters(rng, nn.BatchNorm1d(3, momentum=1.0))
    x = ndl.Tensor(rng.normal(2, 3, size=(6, 3)))
    trained = layer(x).numpy()
    layer.eval()
    np.testing.assert_allclose(layer(x).numpy(), trained, rtol=1e-12)


@pytest.mark.parametrize(("norm", "axis"), [(nn.BatchNorm1d, 0), (nn.LayerNorm1d, 1)])
def test_what_norms_make_equal(norm, axis, rng):
    layer = norm(4, eps=0.0, dtype="float64")
    x = rng.normal(size=(4, 4))
    shape = (4, 1) if axis else (1, 4)
    out = layer(ndl.Tensor(x)).numpy()
    np.testing.assert_allclose(out.mean(axis), 0, atol=1e-12)
    np.testing.assert_allclose((out**2).mean(axis), 1, rtol=1e-12)
    changed = x * rng.uniform(0.5, 2.0, size=shape) + rng.normal(size=shape)
    np.testing.assert_allclose(layer(ndl.Tensor(changed)).numpy(), out, rtol=1e-9, atol=1e-9)
    order = rng.permutation(4)
    rows, columns = ndl.Tensor(x[order]), ndl.Tensor(x[:, order])
    np.testing.assert_allclose(layer(rows).numpy(), out[order], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer(columns).numpy(), out[:, order], rtol=1e-12, atol=1e-12)


def test_each_norm_is_the_other_of_the_transposed(rng):
    x = rng.normal(size=(5, 5))
    by_batch = nn.BatchNorm1d(5, dtype="float64")(ndl.Tensor(x)).numpy()
    by_layer = nn.LayerNorm1d(5, dtype="float64")(ndl.Tensor(x.T)).numpy()
    np.testing.assert_allclose(by_batch, by_layer.T, rtol=1e-12)


def test_a_layer_norm_is_the_same_for_one_row_and_for_many(rng):
    layer = with_random_parameters(rng, nn.LayerNorm1d(4))
    x = rng.normal(size=(5, 4))
    alone = [layer(ndl.Tensor(row[np.newaxis])).numpy()[0] for row in x]
    layer.eval()
    np.testing.assert_allclose(layer(ndl.Tensor(x)).numpy(), alone, rtol=1e-12)


@pytest.mark.parametrize("norm", [nn.BatchNorm1d, nn.LayerNorm1d])
def test_a_shift_that_a_norm_takes_out_gets_no_gradient(norm, rng):
    """The bias of a layer before a BatchNorm is lost in it; so is a number added to a whole row before a LayerNorm."""
    shift = ndl.Tensor(rng.normal(size=(1, 4) if norm is nn.BatchNorm1d else (5, 1)))
    x, weights = ndl.Tensor(rng.normal(size=(5, 4))), ndl.Tensor(rng.normal(size=(5, 4)))
    out = norm(4, dtype="float64")(x + shift.broadcast_to((5, 4)))
    (out * weights).sum().backward()
    np.testing.assert_allclose(shift.grad.numpy(), 0, atol=1e-12)
    assert np.abs(x.grad.numpy()).max() > 1e-3


@pytest.mark.parametrize("norm", [nn.BatchNorm1d, nn.LayerNorm1d])
def test_constant_features_do_not_divide_by_zero(norm):
    layer = norm(3)
    x = ndl.Tensor(np.full((4, 3), 7.0), dtype="float32")
    out = layer(x)
    out.sum().backward()
    assert out.numpy().tolist() == np.zeros((4, 3)).tolist()
    assert np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("run", RUNS)
def test_softmax_loss(run, rng):
    n, k = sizes(rng, 2)
    logits, labels = rng.normal(size=(n, k)) * 3, rng.integers(k, size=n)
    found = loss_of(labels)(ndl.Tensor(logits))
    assert found.shape == ()
    np.testing.assert_allclose(found.numpy(), softmax_loss(logits, labels), rtol=1e-12)
    check_gradients(loss_of(labels), [logits])


def test_the_gradient_of_the_softmax_loss_is_softmax_less_one_hot(rng):
    logits, labels = ndl.Tensor(rng.normal(size=(4, 3))), rng.integers(3, size=4)
    loss_of(labels)(logits).backward()
    exponentials = np.exp(logits.numpy())
    expected = (exponentials / exponentials.sum(1, keepdims=True) - np.eye(3)[labels]) / 4
    np.testing.assert_allclose(logits.grad.numpy(), expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(logits.grad.numpy().sum(1), 0, atol=1e-12)


@pytest.mark.parametrize("shift", [1e2, -1e2, 1e4, -1e4])
def test_the_softmax_loss_of_large_logits(shift):
    """As exact as logits of that size are: their last binary place is the limit."""
    logits = ndl.Tensor(np.array([[shift, shift], [shift, 0.0]]), dtype="float32")
    loss = nn.SoftmaxLoss()(logits, ndl.Tensor([0, 0]))
    loss.backward()
    place = np.spacing(np.float32(abs(shift)))
    np.testing.assert_allclose(loss.numpy(), (np.log(2) + max(-shift, 0.0)) / 2, atol=4 * place)
    expected = np.array([[-0.5, 0.5], [0.0, 0.0] if shift > 0 else [-1.0, 1.0]]) / 2
    np.testing.assert_allclose(logits.grad.numpy(), expected, atol=4 * place)


def test_the_softmax_loss_does_not_overflow():
    logits = ndl.Tensor(np.array([[1e30, -1e30], [-1e30, 1e30]]), dtype="float32")
    loss = nn.SoftmaxLoss()(logits, ndl.Tensor([0, 1]))
    loss.backward()
    assert loss.numpy() == 0
    assert not logits.grad.numpy().any()


@pytest.mark.parametrize("p", [0.0, 0.3, 0.9])
def test_dropout(p, rng):
    layer, x = nn.Dropout(p), rng.normal(size=(4, 5))
    np.random.seed(21)
    found, after = layer(ndl.Tensor(x)).numpy(), np.random.rand()
    np.random.seed(21)
    kept = np.random.rand(4, 5) <= 1 - p
    assert after == np.random.rand()
    np.testing.assert_allclose(found, np.where(kept, x / (1 - p), 0), rtol=1e-6)
    check_module(layer, x)


def test_dropout_keeps_the_mean(rng):
    np.random.seed(22)
    out = nn.Dropout(0.8)(ndl.init.ones(100_000)).numpy()
    assert set(np.unique(out).tolist()) == {0.0, np.float32(1 / (1 - 0.8))}
    assert abs((out > 0).mean() - 0.2) < 0.01
    assert abs(out.mean() - 1) < 0.03


def test_dropout_in_use_changes_and_draws_nothing():
    layer, x = nn.Dropout(0.5), ndl.Tensor([1.0, 2.0])
    layer.eval()
    np.random.seed(23)
    out, after = layer(x), np.random.rand()
    np.random.seed(23)
    assert out.numpy().tolist() == [1.0, 2.0]
    assert after == np.random.rand()


def test_dropout_passes_gradients_only_where_it_kept():
    np.random.seed(24)
    x = ndl.Tensor(np.ones(50))
    out = nn.Dropout(0.5)(x)
    out.sum().backward()
    assert 0 < (out.numpy() == 0).sum() < 50
    assert (x.grad.numpy() == out.numpy()).all()


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("norm", [nn.BatchNorm1d, nn.LayerNorm1d])
def test_a_residual_network(run, norm, rng):
    n, dim, hidden = sizes(rng, 3)
    branch = nn.Sequential(nn.Linear(dim, hidden), norm(hidden), nn.Dropout(0.25), nn.Linear(hidden, dim))
    model = with_random_parameters(rng, nn.Sequential(nn.Flatten(), nn.Residual(branch), nn.LayerNorm1d(dim)))
    check_module(model, rng.normal(size=(n, 1, dim)), modes=["projected"])


def test_relu(rng):
    x = rng.uniform(0.5, 1.5, size=(3, 4)) * rng.choice([-1.0, 1.0], size=(3, 4))
    assert (nn.ReLU()(ndl.Tensor(x)).numpy() == np.maximum(x, 0)).all()
    check_module(nn.ReLU(), x)


def test_a_residual_of_nothing_is_the_identity_and_its_gradient_one(rng):
    branch = nn.Linear(3, 3)
    branch.weight, branch.bias = (nn.Parameter(np.zeros(shape)) for shape in ((3, 3), (1, 3)))
    x = ndl.Tensor(rng.normal(size=(2, 3)))
    out = nn.Residual(branch)(x)
    out.backward()
    assert (out.numpy() == x.numpy()).all()
    assert (x.grad.numpy() == 1).all()


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")


@pytest.fixture
def beside_torch(torch, rng):
    """Compares a module's result and gradients with those of PyTorch's, for the same input, weights and adjoint."""

    def compare(ours, theirs, x):
        pairs = list(zip(ours.parameters(), theirs.parameters(), strict=True))
        for mine, other in pairs:
            values = rng.normal(size=mine.shape)
            mine.data = ndl.Tensor(values, dtype="float64")
            with torch.no_grad():
                other.copy_(torch.tensor(values.T.reshape(other.shape)))
        x_ours, x_theirs = ndl.Tensor(x), torch.tensor(x, requires_grad=True)
        out, expected = ours(x_ours), theirs(x_theirs)
        adjoint = rng.normal(size=out.shape)
        out.backward(ndl.Tensor(adjoint))
        theirs.zero_grad()
        expected.backward(torch.tensor(adjoint))
        np.testing.assert_allclose(out.numpy(), expected.detach().numpy(), rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(x_ours.grad.numpy(), x_theirs.grad.numpy(), rtol=1e-9, atol=1e-9)
        for mine, other in pairs:
            found = mine.grad.numpy().T.reshape(other.shape)
            np.testing.assert_allclose(found, other.grad.numpy(), rtol=1e-9, atol=1e-9)

    return compare


def test_linear_beside_torch(beside_torch, torch, rng):
    beside_torch(nn.Linear(4, 3, dtype="float64"), torch.nn.Linear(4, 3).double(), rng.normal(size=(5, 4)))


def test_layer_norm_beside_torch(beside_torch, torch, rng):
    ours, theirs = nn.LayerNorm1d(4, eps=1e-3, dtype="float64"), torch.nn.LayerNorm(4, eps=1e-3).double()
    beside_torch(ours, theirs, rng.normal(size=(5, 4)))


def test_batch_norm_beside_torch(beside_torch, torch, rng):
    """Its running variance is the unbiased one, ours the biased one: apart by n / (n - 1)."""
    ours, theirs = nn.BatchNorm1d(4, momentum=0.2, dtype="float64"), torch.nn.BatchNorm1d(4, momentum=0.2).double()
    beside_torch(ours, theirs, rng.normal(size=(6, 4)))
    np.testing.assert_allclose(ours.running_mean.numpy(), theirs.running_mean.numpy(), rtol=1e-12)
    observed = (theirs.running_var.numpy() - 0.8) * 5 / 6
    np.testing.assert_allclose(ours.running_var.numpy(), 0.8 + observed, rtol=1e-10)
    theirs.running_var = torch.tensor(ours.running_var.numpy())
    ours.eval()
    theirs.eval()
    beside_torch(ours, theirs, rng.normal(size=(3, 4)))


def test_the_loss_beside_torch(torch, rng):
    z, y = rng.normal(size=(6, 4)) * 5, rng.integers(4, size=6)
    ours, theirs = ndl.Tensor(z), torch.tensor(z, requires_grad=True)
    found, expected = loss_of(y)(ours), torch.nn.functional.cross_entropy(theirs, torch.tensor(y))
    found.backward()
    expected.backward()
    np.testing.assert_allclose(found.numpy(), expected.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-9, atol=1e-12)
