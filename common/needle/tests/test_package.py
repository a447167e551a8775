"""The package as a whole: backends and devices, what the top level offers, how later homeworks join in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import needle as ndl
import numpy as np
import pytest


def run(code: str, path: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, with needle from `path` if one is given."""
    changed = {**os.environ, **environment}
    if path is not None:
        changed["PYTHONPATH"] = str(path)
    return subprocess.run([sys.executable, "-c", code], env=changed, capture_output=True, text=True, check=False)


def test_the_device():
    device = ndl.cpu()
    assert repr(device) == "needle.cpu()"
    assert device == ndl.cpu()
    assert hash(device) == hash(ndl.cpu())
    assert device != "cpu"
    assert device.enabled()
    assert ndl.all_devices() == [device]
    assert ndl.default_device() == device


def test_what_a_device_makes():
    device = ndl.cpu()
    arrays = {
        "zeros": (device.zeros(2, 3), np.zeros((2, 3), dtype="float32")),
        "ones": (device.ones(2, 3), np.ones((2, 3), dtype="float32")),
        "full": (device.full((2,), 7), np.array([7, 7], dtype="float32")),
        "one_hot": (device.one_hot(3, np.array([1, 0])), np.array([[0, 1, 0], [1, 0, 0]], dtype="float32")),
    }
    for name, (found, expected) in arrays.items():
        assert found.dtype == expected.dtype, name
        np.testing.assert_array_equal(found, expected, err_msg=name)
    assert device.empty((4, 5)).shape == (4, 5)
    for draw in ("rand", "randn"):
        np.random.seed(3)
        found = getattr(device, draw)(2, 2)
        np.random.seed(3)
        assert found.tolist() == getattr(np.random, draw)(2, 2).tolist()


def test_numpy_is_the_default_backend():
    assert ndl.backend_selection.BACKEND == "np"
    assert ndl.autograd.array_api is np
    assert ndl.autograd.NDArray is np.ndarray


def test_the_nd_backend_comes_with_hw3(grown: Path):
    result = run("import needle", path=grown, NEEDLE_BACKEND="nd")
    assert result.returncode == 1
    assert "ImportError: NEEDLE_BACKEND is 'nd', but the NDArray backend comes with hw3" in result.stderr


def test_an_unknown_backend_is_refused():
    result = run("import needle", NEEDLE_BACKEND="cupy")
    assert result.returncode == 1
    assert "ValueError: NEEDLE_BACKEND must be 'np' or 'nd', not 'cupy'" in result.stderr


def test_the_top_level_has_every_operator():
    functions = (
        "add add_scalar multiply mul_scalar power_scalar power divide divide_scalar transpose reshape broadcast_to"
    )
    functions += " summation matmul negate log exp relu make_tuple tuple_get_item"
    classes = (
        "EWiseAdd AddScalar EWiseMul MulScalar PowerScalar EWisePow EWiseDiv DivScalar Transpose Reshape BroadcastTo"
    )
    classes += " Summation MatMul Negate Log Exp ReLU MakeTensorTuple TupleGetItem"
    for name in (functions + " " + classes).split():
        assert getattr(ndl, name) is getattr(ndl.ops, name)


def test_a_process_with_tensors_left_ends_quietly():
    result = run("import needle as ndl; x = ndl.Tensor([1.0]); y = x * x; y.backward(); ndl.kept = [x, y, x.grad]")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.fixture
def grown(tmp_path: Path) -> Path:
    """A copy of the package as hw1 has it, to which a later homework has added files, and changed none."""
    package = tmp_path / "needle"
    later = ("nn", "optim", "data", "serialization*", "backend_ndarray")
    shutil.copytree(Path(ndl.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", *later))
    (package / "ops" / "ops_later.py").write_text(
        "from ..autograd import TensorOp\n"
        "class Twice(TensorOp):\n"
        "    def compute(self, a):\n"
        "        return a + a\n"
        "def twice(a):\n"
        "    return Twice()(a)\n"
    )
    (package / "init" / "init_later.py").write_text(
        "from .init_basic import constant\n__all__ = ['twos']\ndef twos(*shape):\n    return constant(*shape, c=2.0)\n"
    )
    (package / "nn").mkdir()
    (package / "nn" / "__init__.py").write_text("from ..ops import twice\nclass Module: pass\n")
    return tmp_path


def test_later_files_are_picked_up(grown: Path):
    code = "import needle as ndl, needle.nn as nn; print(ndl.twice(ndl.init.twos(2)), ndl.nn.Module is nn.Module)"
    result = run(code, path=grown, NEEDLE_BACKEND="np")
    assert result.stdout == "[4. 4.] True\n", result.stderr


def test_a_later_file_that_is_broken_is_not_passed_over(grown: Path):
    (grown / "needle" / "nn" / "__init__.py").write_text("import does_not_exist\n")
    result = run("import needle", path=grown, NEEDLE_BACKEND="np")
    assert result.returncode == 1
    assert "No module named 'does_not_exist'" in result.stderr
