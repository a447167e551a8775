"""Devices: which there are, what they make, and what happens where one is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from needle import backend_ndarray as nd

PACKAGE = Path(nd.__file__).parent


def run(code: str, *, path: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own."""
    changed = {**os.environ, **environment}
    if path is not None:
        changed["PYTHONPATH"] = str(path)
    return subprocess.run([sys.executable, "-c", code], env=changed, capture_output=True, text=True, check=False)


@pytest.fixture
def unbuilt(tmp_path: Path) -> Path:
    """A folder with the package as it is before anything is built."""
    copy = tmp_path / "needle" / "backend_ndarray"
    copy.mkdir(parents=True)
    for source in PACKAGE.glob("*.py"):
        (copy / source.name).write_text(source.read_text())
    (tmp_path / "needle" / "__init__.py").write_text("")
    (tmp_path / "needle" / "_discovery.py").write_text((PACKAGE.parent / "_discovery.py").read_text())
    return tmp_path


def test_what_there_is():
    assert [repr(device) for device in nd.all_devices()] == ["cpu()", "cuda()", "cpu_numpy()"]
    assert nd.cpu() == nd.cpu()
    assert nd.cpu() != nd.cpu_numpy()
    assert nd.cpu() != "cpu"
    assert nd.cpu() == nd.BackendDevice("cpu", None, "of one name")
    assert len({nd.cpu(), nd.cpu(), nd.cuda(), nd.cpu_numpy()}) == 3
    assert nd.cpu_numpy().enabled()
    for device in nd.all_devices():
        assert device.enabled() == (not device.reason)


def test_the_default_device_is_one_for_all():
    default = nd.default_device()
    assert default == (nd.cpu() if nd.cpu().enabled() else nd.cpu_numpy())
    assert nd.array([1.0]).device == nd.empty((2,)).device == nd.full((2,), 1).device == default
    assert nd.NDArray.make((3,)).device == default


def test_a_device_that_is_missing_says_why():
    missing = nd.BackendDevice("gpu", None, "there is none")
    assert not missing.enabled()
    for makes in (lambda: nd.array([1.0], device=missing), lambda: missing.rand(2), lambda: missing.full((2,), 1)):
        with pytest.raises(RuntimeError, match=r"gpu\(\) is not enabled: there is none"):
            makes()
    with pytest.raises(RuntimeError, match=r"gpu\(\) is not enabled"):
        nd.array([1.0]).to(missing)
    with pytest.raises(AttributeError, match=r"gpu\(\) has no ewise_add: there is none"):
        missing.ewise_add  # noqa: B018 - asking is what is tested
    assert not hasattr(missing, "matmul_tiled")


def test_a_device_forwards_its_kernels(device):
    assert device.ewise_add is device.mod.ewise_add
    assert device.__tile_size__ == device.mod.__tile_size__
    with pytest.raises(AttributeError):
        device.no_such_kernel  # noqa: B018 - asking is what is tested


def test_what_a_device_makes(device):
    for found, expected in (
        (device.zeros(2, 3), np.zeros((2, 3))),
        (device.ones(2, 3), np.ones((2, 3))),
        (device.full((2,), 7), np.array([7, 7])),
        (device.full((), 7), np.array(7)),
        (device.one_hot(3, np.array([1, 0])), np.array([[0, 1, 0], [1, 0, 0]])),
        (device.one_hot(2, [[1], [0]]), np.array([[[0, 1]], [[1, 0]]])),
        (device.one_hot(2, 1), np.array([0, 1])),
    ):
        assert found.device == device
        assert found.shape == expected.shape
        assert found.numpy().tolist() == expected.tolist()
    assert device.empty((4, 5)).shape == (4, 5)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)], ids=str)
@pytest.mark.parametrize("draw", ["rand", "randn"])
def test_random_numbers_are_one_draw_of_numpys_generator(draw, shape, device):
    np.random.seed(3)
    found, after = getattr(device, draw)(*shape), np.random.rand()
    np.random.seed(3)
    expected, expected_after = np.float32(getattr(np.random, draw)(*shape)), np.random.rand()
    assert found.shape == shape
    assert found.numpy().tolist() == expected.tolist()
    assert after == expected_after


def test_arrays_of_two_devices_do_not_go_together(device):
    other = nd.cpu_numpy() if device != nd.cpu_numpy() else nd.BackendDevice("another", nd.cpu_numpy().mod)
    a, b = nd.array([[1.0]], device=device), nd.array([[1.0]], device=other)
    both = rf"{device.name}\(\).*{other.name}\(\)"
    for fails in (lambda: a + b, lambda: a == b, lambda: a**b, lambda: a - b, lambda: nd.maximum(a, b), lambda: a @ b):
        with pytest.raises(ValueError, match=both):
            fails()
    with pytest.raises(ValueError, match=rf"{other.name}\(\).*{device.name}\(\)"):
        a[0] = b


def test_from_one_device_to_another(device):
    a = nd.array([[1.0, 2.0], [3.0, 4.0]], device=device).T
    there = a.to(nd.cpu_numpy())
    assert there.device == nd.cpu_numpy()
    back = nd.NDArray(there, device=device)
    assert back.device == device
    assert back.numpy().tolist() == [[1, 3], [2, 4]]
    assert a.to(device) is a
    assert nd.NDArray(a).device == device


def test_while_nothing_is_built(unbuilt):
    code = (
        "from needle import backend_ndarray as nd\n"
        "devices = nd.all_devices()\n"
        "print(*devices, *(each.enabled() for each in devices), nd.default_device(), nd.array([1]).device)\n"
        "print(nd.cpu().reason, '|', nd.cuda().reason)\n"
    )
    result = run(code, path=unbuilt, NEEDLE_CUDA="")
    assert result.stderr == ""
    first, second = result.stdout.splitlines()
    assert first == "cpu() cuda() cpu_numpy() False False True cpu_numpy() cpu_numpy()"
    assert second.count("is not built") == 2
    assert "make lib" in second


def test_a_module_that_cannot_be_imported_is_not_passed_over(unbuilt):
    (unbuilt / "needle" / "backend_ndarray" / "ndarray_backend_cpu.py").write_text("import does_not_exist\n")
    result = run("from needle import backend_ndarray as nd; nd.array([1])", path=unbuilt)
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("ImportError: ndarray_backend_cpu is built, but cannot be imported")
    assert "No module named 'does_not_exist'" in last


def test_a_gpu_module_that_cannot_be_imported_is_a_device_that_is_not_enabled(unbuilt):
    (unbuilt / "needle" / "backend_ndarray" / "ndarray_backend_cuda.py").write_text("import libcudart\n")
    result = run("from needle import backend_ndarray as nd; print(nd.cuda().enabled(), nd.cuda().reason)", path=unbuilt)
    assert result.stdout.startswith("False ndarray_backend_cuda is built, but cannot be imported"), result.stderr
    assert "No module named 'libcudart'" in result.stdout


def test_a_gpu_module_without_a_gpu(unbuilt):
    module = "def enabled(): return False\ndef reason(): return 'no GPU was found'\n"
    (unbuilt / "needle" / "backend_ndarray" / "ndarray_backend_cuda.py").write_text(module)
    code = "from needle import backend_ndarray as nd; print(nd.cuda().enabled(), nd.cuda().reason)"
    result = run(code, path=unbuilt, NEEDLE_CUDA="")
    assert result.stdout == "False no GPU was found\n", result.stderr
    unbuilt_too = "False no GPU was found; and ndarray_backend_cuda_emulated is not built: run `make lib`\n"
    assert run(code, path=unbuilt, NEEDLE_CUDA="emulated").stdout == unbuilt_too


KERNELS = "from needle.backend_ndarray.ndarray_backend_numpy import *\n__tile_size__ = 8\n"


@pytest.mark.parametrize(
    ("kernels", "expected"), [("", "ndarray_backend_fast False"), ("exercise", "ndarray_backend_cpu True")]
)
def test_fast_kernels_are_taken_where_they_are_built(kernels, expected, unbuilt):
    """Only the exercise's own are asked for tiles. One module lies beside the package, the other at the top level."""
    (unbuilt / "needle" / "backend_ndarray" / "ndarray_backend_fast.py").write_text(KERNELS)
    (unbuilt / "ndarray_backend_cpu.py").write_text(KERNELS)
    code = "from needle.backend_ndarray import cpu; print(cpu().mod.__name__.split('.')[-1], cpu().tiles_matmul)"
    result = run(code, path=unbuilt, NEEDLE_KERNELS=kernels)
    assert result.stdout == f"{expected}\n", result.stderr
