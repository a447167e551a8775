"""The library's own fast operators and modules compute what those that students write compute: values, gradients, and
gradients of gradients. They are on the nd backend alone, so the tests run themselves again in a process that has it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import needle as ndl
import numpy as np
import pytest
from needle import nn, ops
from needle.gradcheck import check_gradients
from needle.nn import nn_basic, nn_conv, nn_sequence, nn_transformer

ON_ND = ndl.backend_selection.BACKEND == "nd"
nd_only = pytest.mark.skipif(not ON_ND, reason="runs in the process that test_on_the_nd_backend starts")


@pytest.mark.skipif(ON_ND, reason="is the process that this test starts")
def test_on_the_nd_backend():
    from needle import backend_ndarray as nd

    if not hasattr(nd.cpu().mod, "lstm"):
        pytest.skip("the library's own kernels are not built")
    environment = {**os.environ, "NEEDLE_BACKEND": "nd"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(Path(__file__))]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout


@pytest.mark.skipif(ON_ND, reason="is about the NumPy backend")
def test_numpy_keeps_what_students_write():
    assert nn.LSTM is nn_sequence.LSTM
    assert ops.Conv is ops.ops_convolution.Conv
    assert ops.MatMul is ops.ops_mathematic.MatMul


def data(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(np.float32)


def made(cls: type, *args: object, **kwargs: object) -> nn.Module:
    """With the same draws each time."""
    np.random.seed(1)
    return cls(*args, **kwargs)


def flat(value: object) -> list[ndl.Tensor]:
    return [each for part in value for each in flat(part)] if isinstance(value, (tuple, list)) else [value]


def everything(f: Callable, arrays: Sequence[np.ndarray], parameters: Sequence[ndl.Tensor]) -> list[np.ndarray]:
    """What f gives, the gradients of a weighted sum of squares of it, and the gradients of a weighted sum of these."""
    np.random.seed(2)
    arguments = [ndl.Tensor(array) for array in arrays]
    results = flat(f(*arguments))

    def weighted(tensors: list[ndl.Tensor], power: int) -> ndl.Tensor:
        total = None
        for tensor in tensors:
            weights = ndl.Tensor(np.random.randn(*tensor.shape), requires_grad=False)
            part = (tensor**power * weights).sum()
            total = part if total is None else total + part
        return total

    weighted(results, 2).backward()
    variables = [*arguments, *parameters]
    first = [variable.grad for variable in variables]
    weighted(first, 1).backward()
    return [each.numpy() for each in (*results, *first, *(variable.grad for variable in variables))]


def assert_same(fast: Callable, plain: Callable, arrays: Sequence[np.ndarray]) -> None:
    """fast, plain: modules or functions"""
    found = [everything(f, arrays, f.parameters() if isinstance(f, nn.Module) else []) for f in (fast, plain)]
    assert len(found[0]) == len(found[1])
    for ours, expected in zip(*found, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=1e-4 * max(1, np.abs(expected).max(initial=0)))


MODULES = {
    "Linear": ("Linear", nn_basic, (5, 7), {}, [(6, 5)]),
    "Linear, no bias": ("Linear", nn_basic, (5, 7), {"bias": False}, [(6, 5)]),
    "Linear, three axes": ("Linear", nn_basic, (5, 7), {}, [(2, 6, 5)]),
    "LayerNorm1d": ("LayerNorm1d", nn_basic, (9,), {}, [(70, 9)]),
    "LayerNorm1d, wide": ("LayerNorm1d", nn_basic, (130,), {}, [(3, 130)]),
    "BatchNorm1d": ("BatchNorm1d", nn_basic, (19,), {}, [(70, 19)]),
    "BatchNorm2d": ("BatchNorm2d", nn_conv, (5,), {}, [(6, 5, 4, 3)]),
    "BatchNorm2d, large": ("BatchNorm2d", nn_conv, (3,), {"eps": 0.1}, [(4, 3, 9, 9)]),
    "Conv": ("Conv", nn_conv, (3, 8, 3), {"stride": 2}, [(4, 3, 9, 9)]),
    "Conv, no bias": ("Conv", nn_conv, (3, 16, 1), {"bias": False}, [(2, 3, 5, 5)]),
    "Conv, dilated groups": ("Conv", nn_conv, (4, 6, 3), {"dilation": 2, "groups": 2}, [(2, 4, 7, 7)]),
    "LSTM": ("LSTM", nn_sequence, (5, 6), {"num_layers": 2}, [(4, 3, 5)]),
    "LSTM, one step, no bias": ("LSTM", nn_sequence, (5, 33), {"bias": False}, [(1, 13, 5)]),
    "attention": ("MultiHeadAttention", nn_transformer, (), {}, [(2, 2, 4, 3), (2, 2, 5, 3), (2, 2, 5, 3)]),
    "causal attention": (
        "MultiHeadAttention",
        nn_transformer,
        (),
        {"causal": True, "dropout": 0.2},
        [(2, 2, 4, 3), (2, 2, 5, 3), (2, 2, 5, 3)],
    ),
    "Dropout": ("Dropout", nn_basic, (0.3,), {}, [(6, 7)]),
}


@nd_only
@pytest.mark.parametrize("case", MODULES)
def test_modules(rng, case):
    name, students, arguments, options, shapes = MODULES[case]
    fast, plain = (made(getattr(where, name), *arguments, **options) for where in (nn, students))
    assert isinstance(fast, getattr(students, name))
    assert type(fast) is not type(plain)
    for ours, theirs in zip(fast.parameters(), plain.parameters(), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert_same(fast, plain, [data(rng, *shape) for shape in shapes])
    for key, value in vars(plain).items():  # running statistics among them
        if isinstance(value, ndl.Tensor):
            np.testing.assert_allclose(vars(fast)[key].numpy(), value.numpy(), rtol=1e-5, atol=1e-6)


@nd_only
def test_an_lstm_goes_on_from_states(rng):
    arrays = [data(rng, *shape) for shape in ((4, 3, 5), (2, 3, 6), (2, 3, 6))]
    fast, plain = made(nn.LSTM, 5, 6, 2), made(nn_sequence.LSTM, 5, 6, 2)
    assert_same(lambda x, h, c: fast(x, (h, c)), lambda x, h, c: plain(x, (h, c)), arrays)


@nd_only
def test_replaced_parameters_of_a_cell_are_used(rng):
    x, weight = data(rng, 4, 3, 5), data(rng, 5, 24)
    outputs = []
    for cls in (nn.LSTM, nn_sequence.LSTM):
        lstm = made(cls, 5, 6)
        lstm.lstm_cells[0].W_ih = ndl.Tensor(weight)
        lstm(ndl.Tensor(x))[0].sum().backward()
        outputs.append(lstm.lstm_cells[0].W_ih.grad.numpy())
    np.testing.assert_allclose(outputs[0], outputs[1], rtol=1e-4, atol=1e-5)


@nd_only
def test_embeddings(rng):
    ids = ndl.Tensor([[1, 2, 1], [0, 3, 1]], requires_grad=False)
    fast, plain = (made(where.Embedding, 5, 6) for where in (nn, nn_sequence))
    assert_same(
        lambda table: _looked_up(fast, table, ids), lambda table: _looked_up(plain, table, ids), [data(rng, 5, 6)]
    )
    for wrong in ([5.0], [-1.0], [0.5], [np.nan]):
        with pytest.raises(ValueError, match="Embedding: ids must be whole numbers from 0 to 4"):
            fast(ndl.Tensor(wrong))
    assert fast(ndl.Tensor(np.zeros((0, 2)))).shape == (0, 2, 6)


def _looked_up(module: nn.Module, table: ndl.Tensor, ids: ndl.Tensor) -> ndl.Tensor:
    module.weight = table
    return module(ids)


@nd_only
def test_the_softmax_loss(rng):
    labels = ndl.Tensor([1, 2, 0, 4], requires_grad=False)
    losses = nn.SoftmaxLoss(), nn_basic.SoftmaxLoss()
    assert_same(lambda z: losses[0](z, labels), lambda z: losses[1](z, labels), [data(rng, 4, 5)])
    huge = np.array([[1e10, -1e10], [-1e30, 1e30]], dtype=np.float32)
    assert losses[0](ndl.Tensor(huge), ndl.Tensor([0, 1])).numpy() == 0
    for wrong in ([5], [-1], [0.5]):
        for loss in losses:
            with pytest.raises(ValueError, match="one_hot: labels must be"):
                loss(ndl.Tensor(data(rng, 1, 5)), ndl.Tensor(wrong))
    with pytest.raises(ValueError, match="SoftmaxLoss: expected logits"):
        losses[0](ndl.Tensor(data(rng, 2, 5)), ndl.Tensor([1]))


@nd_only
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_gradients_of_convolutions(rng, stride):
    arrays = [data(rng, 2, 6, 5, 2), data(rng, 3, 2, 2, 3)]
    check_gradients(lambda a, b: ops.conv(a, b, stride=stride, padding=1), arrays, order=2)


@nd_only
@pytest.mark.parametrize(("turned_a", "turned_b"), [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("batches", [((), ()), ((2,), (2,)), ((3, 1), (2,)), ((2,), ()), ((), (2,))], ids=str)
def test_gradients_of_products_of_transposes(rng, turned_a, turned_b, batches):
    a = data(rng, *batches[0], *((4, 3) if turned_a else (3, 4)))
    b = data(rng, *batches[1], *((5, 4) if turned_b else (4, 5)))
    wide = (x.astype(np.float64).swapaxes(-2, -1) if turned else x for x, turned in ((a, turned_a), (b, turned_b)))
    left, right = wide
    product = ops.matmul(ndl.Tensor(a), ndl.Tensor(b), turned_a, turned_b)
    np.testing.assert_allclose(product.numpy(), left @ right, rtol=1e-5, atol=1e-5)
    check_gradients(lambda x, y: ops.matmul(x, y, turned_a, turned_b), [a, b], order=2)


@nd_only
def test_a_gradient_that_nobody_asks_for_is_computed_when_somebody_does(rng):
    images = ndl.Tensor(data(rng, 2, 5, 5, 2), requires_grad=False)
    weight = ndl.Tensor(data(rng, 3, 3, 2, 4))
    before = weight.numpy().copy()
    ops.conv(images, weight).sum().backward()
    assert images.grad.cached_data is None
    weight.data = ndl.Tensor(np.zeros(weight.shape))  # a step of an optimizer changes nothing of it
    other = ndl.Tensor(images.numpy())
    ops.conv(other, ndl.Tensor(before)).sum().backward()
    np.testing.assert_array_equal(images.grad.numpy(), other.grad.numpy())
    assert images.grad.shape == images.shape


@nd_only
def test_lazy_mode_takes_the_plain_way(rng, lazy):
    fast, plain = made(nn.LayerNorm1d, 4), made(nn_basic.LayerNorm1d, 4)
    x = data(rng, 3, 4)
    found = []
    for module in (fast, plain):
        argument = ndl.Tensor(x)
        (module(argument) ** 2).sum().backward()
        found.append(argument.grad.numpy())
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5, atol=1e-6)


@nd_only
def test_nan_is_passed_on(rng):
    x = data(rng, 4, 6)
    x[2, 3] = np.nan
    np.testing.assert_array_equal(
        np.isnan(nn.LayerNorm1d(6)(ndl.Tensor(x)).numpy()).all(axis=1), [False, False, True, False]
    )
    normal = nn.BatchNorm1d(6)(ndl.Tensor(x)).numpy()
    np.testing.assert_array_equal(np.isnan(normal).all(axis=0), np.arange(6) == 3)
    assert np.isnan(nn.SoftmaxLoss()(ndl.Tensor(x), ndl.Tensor([0, 1, 2, 3])).numpy())


@nd_only
def test_devices_without_the_kernels_compute_by_the_students_code(rng):
    """cpu_numpy has none of them."""
    device = ndl.cpu_numpy()
    x = data(rng, 4, 3, 5)
    found = []
    for where in (ndl.cpu(), device):
        lstm = made(nn.LSTM, 5, 6, device=where)
        argument = ndl.Tensor(x, device=where)
        (lstm(argument)[0] ** 2).sum().backward()
        found.append(argument.grad.numpy())
        images = ndl.Tensor(data(np.random.default_rng(0), 2, 3, 6, 6), device=where)
        (
            nn.Sequential(made(nn.Conv, 3, 4, 3, device=where), nn.BatchNorm2d(4, device=where))(images) ** 2
        ).sum().backward()
        found.append(images.grad.numpy())
    np.testing.assert_allclose(found[0], found[2], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[1], found[3], rtol=1e-3, atol=1e-4)
