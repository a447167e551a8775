"""Tensors on the nd backend: where it is not as on NumPy, and where an NDArray could go wrong and an ndarray not.

These run where NEEDLE_BACKEND=nd; otherwise one test here runs them in a process of its own that has it.
"""

from __future__ import annotations

import os
import subprocess
import sys

import needle as ndl
import numpy as np
import pytest
from needle import backend_ndarray as nd
from needle import nn

on_nd = pytest.mark.skipif(
    ndl.backend_selection.BACKEND != "nd", reason="runs in the process that test_on_the_nd_backend starts"
)


@pytest.mark.skipif(ndl.backend_selection.BACKEND == "nd", reason="this is the nd backend already")
def test_on_the_nd_backend():
    """With the library's own kernels and, where they are built, with those of the exercise."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    for kernels in ("", "exercise"):
        environment = {**os.environ, "NEEDLE_BACKEND": "nd", "NEEDLE_KERNELS": kernels}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        assert " passed, 1 skipped" in result.stdout, result.stdout


@on_nd
def test_the_backend():
    assert ndl.autograd.array_api is nd
    assert ndl.autograd.NDArray is nd.NDArray
    assert ndl.cpu() == nd.cpu()
    assert ndl.all_devices() == nd.all_devices()


@on_nd
def test_one_default_device():
    devices = [
        ndl.Tensor([1.0]).device,
        ndl.init.rand(2).device,
        ndl.init.one_hot(2, [1]).device,
        nn.Linear(2, 3).weight.device,
        ndl.ones(2).device,
        ndl.default_device(),
    ]
    assert set(devices) == {nd.default_device()}


@on_nd
@pytest.mark.parametrize("data", [[1, 2, 3], 3, [True], np.arange(3, dtype="uint8"), np.zeros((2, 0))], ids=str)
@pytest.mark.parametrize("dtype", [None, "float32", "float64", "int32", "bool"])
def test_everything_is_float32(data, dtype):
    tensor = ndl.Tensor(data, dtype=dtype)
    assert tensor.dtype == "float32"
    assert type(tensor.dtype) is str
    assert tensor.numpy().dtype == np.float32
    assert tensor.numpy().tolist() == np.array(data, dtype="float32").tolist()
    tensor.data = ndl.Tensor(tensor.numpy())
    assert ndl.init.ones(2, dtype=dtype).dtype == ndl.init.randb(2).dtype == ndl.ones_like(tensor).dtype == "float32"


@on_nd
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)], ids=str)
def test_random_numbers_are_cast_first_and_then_scaled(shape):
    for made, draw, scale, shift in (
        (lambda: ndl.init.rand(*shape, low=-3.0, high=2.0), np.random.rand, 5.0, -3.0),
        (lambda: ndl.init.randn(*shape, mean=1.5, std=0.1), np.random.randn, 0.1, 1.5),
    ):
        np.random.seed(11)
        found, after = made(), np.random.rand()
        np.random.seed(11)
        expected, expected_after = np.float32(draw(*shape)) * np.float32(scale) + np.float32(shift), np.random.rand()
        assert found.shape == shape
        assert found.numpy().tolist() == expected.tolist()
        assert after == expected_after
    np.random.seed(11)
    found = ndl.init.randb(*shape, p=0.3)
    np.random.seed(11)
    assert found.numpy().tolist() == (np.float32(np.random.rand(*shape)) <= np.float32(0.3)).astype("float32").tolist()


@on_nd
def test_sums_of_all_elements_have_no_axis():
    x = ndl.Tensor([[1.0, 2.0], [3.0, 4.0]])
    for tensor in (x.sum(), x.sum((0, 1)), ndl.logsumexp(x), x.sum(0).sum(0), x.sum() * 2, ndl.Tensor(1.0)):
        assert tensor.shape == ()
        assert type(tensor.numpy()) is np.ndarray
        assert tensor.numpy().shape == ()


@on_nd
def test_every_nodes_data_can_be_written():
    """Also of nodes that were views: none has elements that share memory."""
    a = ndl.Tensor([[1.0, 2.0]])
    nodes = [a, a.broadcast_to((3, 2)), a.sum(), a.reshape((2,)), a.transpose(), a.sum().broadcast_to((2,)), a * 2]
    for node in nodes:
        data = node.realize_cached_data()
        assert data.is_compact()
        before = data.numpy()
        data.flat[0] += 1
        assert (data.numpy() != before).sum() == 1


@on_nd
def test_cached_data_is_the_array_itself():
    tensor = ndl.Tensor(np.zeros(3))
    tensor.realize_cached_data().flat[1] += 5
    assert tensor.numpy().tolist() == [0.0, 5.0, 0.0]
    assert tensor.detach().cached_data is tensor.data.cached_data is tensor.cached_data


@on_nd
def test_tensors_of_arrays_on_a_device_stay_there():
    array = nd.array([1.0, 2.0], device=nd.cpu_numpy())
    assert ndl.Tensor(array).device == nd.cpu_numpy()
    assert ndl.Tensor(array, device=nd.default_device()).device == nd.default_device()
    copy = ndl.Tensor(array)
    copy.cached_data[0] = 7
    assert array.numpy().tolist() == [1, 2]
    there = ndl.Tensor([1.0], device=nd.cpu_numpy())
    assert (there * 2 + there.sum().broadcast_to((1,))).device == nd.cpu_numpy()
    there.backward()
    assert there.grad.device == nd.cpu_numpy()


@on_nd
def test_tensors_of_two_devices_do_not_go_together():
    a, b = ndl.Tensor([1.0], device=nd.BackendDevice("another", nd.cpu_numpy().mod)), ndl.Tensor([1.0])
    with pytest.raises(ValueError, match=r"add: one array is on another\(\), the other on "):
        a + b


@on_nd
def test_an_operator_that_returns_something_else():
    class Wrong(ndl.autograd.TensorOp):
        def __init__(self, result):
            self.result = result

        def compute(self, a):
            return self.result

    with pytest.raises(TypeError, match=r"Wrong.compute: expected to return an array, got ndarray of shape \(2,\)"):
        Wrong(np.zeros(2))(ndl.Tensor([1.0]))
    assert Wrong(2.0)(ndl.Tensor([1.0])).numpy().tolist() == 2.0


@on_nd
@pytest.mark.parametrize("data", ["text", None, [None], object(), [1j]], ids=str)
def test_what_is_no_number(data):
    with pytest.raises(TypeError, match="Tensor: expected numbers, got"):
        ndl.Tensor(data)


@on_nd
def test_optimizers_leave_what_they_were_given(tmp_path):
    """State that is kept in arrays is changed under no other name, and survives being saved."""
    p = nn.Parameter([1.0, 2.0])
    opt = ndl.optim.Adam([p], lr=0.1)
    module = nn.Module()
    module.p = p
    expected_m, expected_v = np.zeros(2, dtype="float32"), np.zeros(2, dtype="float32")
    for step in range(3):
        p.grad = ndl.Tensor([0.5, -1.0 * step])
        given, before = p.grad.numpy(), p.cached_data
        kept = before.numpy()
        opt.step()
        assert p.grad.numpy().tolist() == given.tolist()
        assert before.numpy().tolist() == kept.tolist()
        expected_m = 0.9 * expected_m + np.float32(0.1) * given
        expected_v = 0.999 * expected_v + np.float32(0.001) * given**2
        np.testing.assert_allclose(opt.m[p].numpy(), expected_m, rtol=1e-5)
        np.testing.assert_allclose(opt.v[p].numpy(), expected_v, rtol=1e-5)
    ndl.save(tmp_path / "file", module, opt)
    m, v = opt.m[p].numpy(), opt.v[p].numpy()
    opt.step()
    ndl.load(tmp_path / "file", module, opt)
    assert isinstance(opt.m[p], nd.NDArray)
    assert opt.m[p].numpy().tolist() == m.tolist()
    assert opt.v[p].numpy().tolist() == v.tolist()


@on_nd
def test_the_derivative_of_relu_at_zero_and_beside_it():
    x = ndl.Tensor([-1.0, -0.0, 0.0, 1e-45, 1.0])
    ndl.relu(x).backward()
    assert x.grad.numpy().tolist() == [0, 0, 0, 1, 1]
