"""NEEDLE_NATIVE: the modules of one folder, such as those that sanitizers watch, and no others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from native import LOADED

SAYS = "import needle.backend_ndarray as nd; print(nd.cpu().enabled(), nd.cpu().enabled() and nd.cpu().mod.__file__)"


def said(folder: Path) -> str:
    environment = os.environ | {"NEEDLE_NATIVE": str(folder), "NEEDLE_KERNELS": "exercise"}
    done = subprocess.run([sys.executable, "-c", SAYS], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_empty_folder_has_no_module_whatever_is_built_elsewhere(tmp_path):
    assert said(tmp_path) == "False False"


def test_a_module_of_the_folder_is_taken(tmp_path):
    module = LOADED["cpu"]
    if isinstance(module, str):
        pytest.skip(module)
    copy = tmp_path / Path(module.__file__).name
    shutil.copy(module.__file__, copy)
    assert said(tmp_path) == f"True {copy}"
