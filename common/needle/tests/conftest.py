"""What the library's tests share: a generator of their own, and lazy mode."""

from __future__ import annotations

import gc
import zlib
from collections.abc import Iterator

import needle as ndl
import numpy as np
import pytest
from needle import backend_ndarray as nd
from needle.backend_ndarray.devices import find_module

# What the tests of a module are about, by the beginnings of their names, that is not so on the nd backend.
_DTYPES = "is about dtypes, and the nd backend has float32 alone"
_FLOAT64 = "compares or measures to the last digit of float64, and the nd backend has float32 alone"
_NUMPY = "puts NumPy's arrays or functions where the nd backend has its own"
ON_NUMPY_ONLY = {
    "test_autograd.py::test_contributions_are_added_in_one_order_always": _NUMPY,
    "test_autograd.py::test_the_lectures_example": _NUMPY,
    "test_datasets_loaders.py::test_what_a_minibatch_is": _DTYPES,
    "test_fused.py::test_values[float64": _DTYPES,
    "test_gradcheck.py::test_large_arguments_are_projected": _FLOAT64,
    "test_gradcheck.py::test_the_message_shows_where_and_by_how_much": _FLOAT64,
    "test_gradcheck.py::test_wrong_gradients_are_noticed[TooLarge": _FLOAT64,
    "test_gradcheck.py::test_wrong_gradients_are_noticed_through_one_operator[TooLarge": _FLOAT64,
    "test_init.py::test_like": _DTYPES,
    "test_init.py::test_options": _DTYPES,
    "test_init.py::test_rand_is_one_draw_scaled_in_float64": _FLOAT64,
    "test_init.py::test_randb_is_one_uniform_draw": _DTYPES,
    "test_init.py::test_randn_is_one_draw_scaled_in_float64": _FLOAT64,
    "test_initializers.py::test_options": _DTYPES,
    "test_nn_gradients.py::test_a_residual_network": _FLOAT64,  # a step that float32 can see crosses a ReLU's edge
    "test_nn_gradients.py::test_batch_norm_beside_torch": _DTYPES,
    "test_nn_gradients.py::test_batch_norm_in_use": _FLOAT64,
    "test_nn_gradients.py::test_relu": _FLOAT64,
    "test_nn_modules.py::test_modules_keep_the_dtype_that_they_are_given": _DTYPES,
    "test_ops.py::test_integers_keep_numpys_rules": _DTYPES,
    "test_optimizers.py::TestAll::test_a_learning_rate_of_zero_changes_nothing": _FLOAT64,
    "test_optimizers.py::TestAll::test_float32_stays_float32": _DTYPES,
    "test_optimizers.py::test_newton_converges_quadratically": _FLOAT64,
    "test_optimizers.py::test_the_hessian_of_a_network_is_symmetric": _FLOAT64,
    "test_optimizers.py::test_the_length_of_clipped_gradients": _FLOAT64,
    "test_package.py::test_numpy_is_the_default_backend": _NUMPY,
    "test_package.py::test_the_device": _NUMPY,
    "test_package.py::test_what_a_device_makes": _NUMPY,
    "test_serialization.py::test_another_dtype": _DTYPES,
    "test_serialization.py::test_elements_that_lie_in_another_order": _NUMPY,
    "test_serialization.py::test_shapes_and_dtypes": _DTYPES,
    "test_tensor.py::test_arrays_keep_their_dtype": _DTYPES,
    "test_tensor.py::test_cached_data_is_the_array_itself": _NUMPY,
    "test_tensor.py::test_lists_and_numbers_keep_numpys_dtype": _DTYPES,
    "test_tensor.py::test_setting_data_keeps_the_dtype": _DTYPES,
    "test_tuple.py::test_gradients_through_tuples": _NUMPY,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip on the nd backend what ON_NUMPY_ONLY lists. The tests of tensors on nd are in test_ndarray_tensors.py."""
    if ndl.backend_selection.BACKEND != "nd":
        return
    for item in items:
        name = f"{item.path.name}::{item.nodeid.partition('::')[2]}"
        for beginning, reason in ON_NUMPY_ONLY.items():
            if name.startswith(beginning):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Seeded by the test's name: the same numbers alone and in any order, others in each test."""
    return np.random.default_rng(zlib.crc32(request.node.nodeid.encode()))


@pytest.fixture
def lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switches lazy mode on for one test, as user code does."""
    monkeypatch.setattr(ndl.autograd, "LAZY_MODE", True)


@pytest.fixture
def alive() -> Iterator[list[int]]:
    """A list with one number: how many values were alive before the test. Garbage is collected around it."""
    gc.collect()
    yield [ndl.autograd.TENSOR_COUNTER]
    gc.collect()


def _devices() -> dict[str, nd.BackendDevice]:
    """Every device by name; where cpu() takes the library's fast kernels, those of the exercise beside them."""
    devices = {device.name: device for device in nd.all_devices()}
    exercise = find_module("ndarray_backend_cpu")
    if exercise is not None and nd.cpu().mod is not exercise:
        devices["cpu_exercise"] = nd.BackendDevice("cpu", exercise)
    return devices


DEVICES = _devices()


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> nd.BackendDevice:
    """Each device in turn, its name in the test's id; one that is not enabled skips and says why."""
    device = DEVICES[request.param]
    if not device.enabled():
        pytest.skip(f"{device}: {device.reason}")
    return device
