"""Tensors: what they are made from, what they share, how they are shown, how they go with numbers."""

from __future__ import annotations

import needle as ndl
import numpy as np
import pytest


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        ([1, 2, 3], "int64"),
        ([1.0, 2.0], "float64"),
        (3, "int64"),
        (2.5, "float64"),
        ([True], "bool"),
        ([[1], [2.0]], "float64"),
    ],
    ids=str,
)
def test_lists_and_numbers_keep_numpys_dtype(data, dtype):
    tensor = ndl.Tensor(data)
    assert tensor.dtype == np.array(data).dtype == dtype
    assert tensor.numpy().tolist() == data


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8", "bool"])
def test_arrays_keep_their_dtype_and_are_copied(dtype):
    array = np.ones((2, 3), dtype=dtype)
    tensor = ndl.Tensor(array)
    assert tensor.dtype == dtype
    assert tensor.shape == (2, 3)
    assert not np.shares_memory(tensor.numpy(), array)


def test_a_dtype_may_be_named():
    assert ndl.Tensor([1, 2], dtype="float32").dtype == "float32"


def test_a_tensor_of_a_tensor_shares_its_data():
    tensor = ndl.Tensor([1.0, 2.0])
    assert ndl.Tensor(tensor).cached_data is tensor.cached_data
    assert ndl.Tensor(tensor, dtype="float32").dtype == "float32"
    assert not np.shares_memory(ndl.Tensor(tensor, dtype="float32").numpy(), tensor.numpy())


@pytest.mark.parametrize("data", ["text", None, [None], object()], ids=str)
def test_what_is_no_number(data):
    with pytest.raises(TypeError, match="Tensor: expected numbers, got"):
        ndl.Tensor(data)


def test_numpy_is_always_an_array():
    a = ndl.Tensor([[1.0, 2.0], [3.0, 4.0]])
    for tensor in (ndl.Tensor(1.0), a.sum(), a.sum(0).sum(0), (a * a).reshape((4,)).sum() * 2, a.sum() ** 2):
        assert type(tensor.numpy()) is np.ndarray
        assert tensor.shape == ()


def test_cached_data_is_the_array_itself():
    tensor = ndl.Tensor(np.zeros(3))
    tensor.realize_cached_data().flat[1] += 5
    assert tensor.numpy().tolist() == [0.0, 5.0, 0.0]
    assert tensor.numpy() is tensor.cached_data
    assert tensor.detach().cached_data is tensor.cached_data
    assert tensor.data.cached_data is tensor.cached_data


def test_every_nodes_data_can_be_written():
    a = ndl.Tensor([[1.0, 2.0]])
    nodes = [a, a.broadcast_to((3, 2)), a.sum(), a.reshape((2,)), a.transpose(), a.sum().broadcast_to((2,)), a * 2]
    for node in nodes:
        data = node.realize_cached_data()
        before = data.copy()
        data.flat[0] += 1
        assert (data != before).sum() == 1


def test_detach_forgets_the_graph():
    x = ndl.Tensor([1.0])
    y = x * 2
    for cut in (y.detach(), y.data):
        assert cut.is_leaf()
        assert not cut.requires_grad
        assert cut.numpy().tolist() == [2.0]


def test_setting_data_swaps_the_array_only():
    x = ndl.Tensor([1.0])
    y = x * 2
    op, inputs = y.op, y.inputs
    new = ndl.Tensor([7.0])
    y.data = new
    assert y.cached_data is new.cached_data
    assert y.op is op
    assert y.inputs is inputs


def test_setting_data_keeps_the_dtype():
    x = ndl.Tensor([1.0], dtype="float32")
    with pytest.raises(AssertionError, match="the dtype must stay float32, but the new data have float64"):
        x.data = ndl.Tensor([1.0], dtype="float64")
    with pytest.raises(TypeError, match="data: expected a Tensor, got ndarray"):
        x.data = np.zeros(1)
    assert x.numpy().tolist() == [1.0]


def test_make_const():
    array = np.ones(2)
    constant = ndl.Tensor.make_const(array)
    assert constant.cached_data is array
    assert not constant.requires_grad
    assert ndl.Tensor.make_const(constant, requires_grad=True).requires_grad


def test_equality_is_identity():
    a, b = ndl.Tensor([1.0]), ndl.Tensor([1.0])
    assert a == a
    assert a != b
    assert len({a, b, a}) == 2


def test_how_it_is_shown():
    tensor = ndl.Tensor([1.0, 2.0])
    assert repr(tensor) == "needle.Tensor([1. 2.])"
    assert str(tensor) == "[1. 2.]"


def test_its_device():
    assert ndl.Tensor([1.0]).device == ndl.cpu()
    assert ndl.Tensor([1.0], device=ndl.cpu()).device == ndl.cpu()


def test_numbers_on_either_side(rng):
    values = rng.uniform(0.5, 2, size=3)
    x = ndl.Tensor(values)
    pairs = [
        (x + 2, values + 2),
        (2 + x, 2 + values),
        (x - 2, values - 2),
        (2 - x, 2 - values),
        (x * 2, values * 2),
        (2 * x, 2 * values),
        (x / 2, values / 2),
        (2 / x, 2 / values),
        (x**2, values**2),
        (2**x, 2**values),
        (-x, -values),
    ]
    for found, expected in pairs:
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-14)


def test_methods_are_the_operators(rng):
    a = ndl.Tensor(rng.normal(size=(2, 3)))
    same = [
        (a.matmul(a.transpose()), a @ a.transpose()),
        (a.sum(axes=1), ndl.summation(a, axes=(1,))),
        (a.broadcast_to((4, 2, 3)), ndl.broadcast_to(a, (4, 2, 3))),
        (a.reshape((3, 2)), ndl.reshape(a, (3, 2))),
        (a.transpose((0, 1)), ndl.transpose(a, axes=(0, 1))),
    ]
    for method, function in same:
        assert type(method.op) is type(function.op)
        assert method.numpy().tolist() == function.numpy().tolist()
