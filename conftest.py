"""What the tests of all homeworks share: where student code is imported from, and real digits to test it on."""

from __future__ import annotations

import functools
import gzip
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from needle_data import MissingDataError, require

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent
# CUDA kernels are tested on the processor where there is no GPU. Read when needle is imported, so it is set here.
os.environ.setdefault("NEEDLE_CUDA", "emulated")
MNIST_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def pytest_configure(config: pytest.Config) -> None:
    """Put the folders that a homework's `assignment.toml` names on the path of its tests."""
    for argument in config.args:
        path = Path(argument.split("::")[0]).resolve()
        if not path.is_relative_to(ROOT) or path == ROOT:
            continue
        manifest = ROOT / path.relative_to(ROOT).parts[0] / "assignment.toml"
        if manifest.is_file():
            folders = tomllib.loads(manifest.read_text(encoding="utf-8"))["python_path"]
            sys.path[:0] = [str(ROOT / folder) for folder in folders]
    if os.environ.get("NEEDLE_BACKEND") == "nd":
        np.testing.assert_allclose = _with_float32_in_mind(np.testing.assert_allclose)


def _with_float32_in_mind(compare: Callable[..., None]) -> Callable[..., None]:
    """`assert_allclose` for results of the nd backend, which are float32 whatever a test computed them from.

    Tests compare the float64 of the NumPy backend, and allow its rounding errors only; here, rtol and atol are never
    less than what float32 needs. The same tests run on both backends, and are as strict as ever on NumPy.
    """

    @functools.wraps(compare)
    def assert_allclose(actual: Any, desired: Any, rtol: float = 1e-7, atol: float = 0, **options: Any) -> None:
        compare(actual, desired, rtol=max(rtol, 1e-4), atol=max(atol, 1e-5), **options)

    return assert_allclose


@pytest.fixture(scope="session")
def mnist_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four gzipped MNIST files: the real ones if at hand, else digits in the same format.

    Looked for where `needle_data.searched` says; a folder that NEEDLE_DATA names must have them. Otherwise the 1,797
    digits of 8 x 8 pixels that scikit-learn carries are enlarged to 28 x 28.
    """
    try:
        return require(*(f"{name}.gz" for name in MNIST_FILES), root=ROOT)
    except MissingDataError as error:
        if os.environ.get("NEEDLE_DATA"):
            raise pytest.UsageError(str(error)) from error
        return _write_digits(tmp_path_factory.mktemp("digits"))


def _write_digits(folder: Path) -> Path:
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.zeros((len(digits.images), 28, 28), dtype=np.uint8)
    images[:, 2:26, 2:26] = np.kron(digits.images / 16 * 255, np.ones((3, 3))).round()
    labels = digits.target.astype(np.uint8)
    for prefix, part in (("train", slice(None, 1500)), ("t10k", slice(1500, None))):
        shape = images[part].shape
        with gzip.open(folder / f"{prefix}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 0x803, *shape) + images[part].tobytes())
        with gzip.open(folder / f"{prefix}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">II", 0x801, shape[0]) + labels[part].tobytes())
    return folder
