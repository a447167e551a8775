"""`scripts/build.sh`: what does not compile does not take other modules with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from grader.authoring.manifest import find_root

ROOT = find_root(Path(__file__))
CMAKE = """
cmake_minimum_required(VERSION 3.18...4.0)
project(two LANGUAGES CXX)
set(MODULE_OUTPUT_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/out" CACHE PATH "where modules are written")
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
foreach(name one other)
  add_library(${name} MODULE ${name}.cc)
  set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY "$<1:${MODULE_OUTPUT_DIRECTORY}>")
endforeach()
"""


def test_a_module_that_is_up_to_date_stays_and_an_older_one_does_not(tmp_path):
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/build.sh", tmp_path / "scripts")
    project = tmp_path / "two"
    project.mkdir()
    (project / "CMakeLists.txt").write_text(CMAKE)
    for name in ("one", "other"):
        (project / f"{name}.cc").write_text("int number() { return 1; }\n")

    def build() -> int:
        environment = {**os.environ, "BIN": str(Path(sys.executable).parent)}
        command = ["sh", "scripts/build.sh", "two"]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True).returncode

    assert build() == 0
    assert sorted(path.name for path in (project / "out").iterdir()) == ["one.so", "other.so"]
    (project / "other.cc").write_text("int number() { return nothing; }\n")
    assert build() == 1
    assert [path.name for path in (project / "out").iterdir()] == ["one.so"]
    (project / "other.cc").write_text("int number() { return 2; }\n")
    assert build() == 0
    assert sorted(path.name for path in (project / "out").iterdir()) == ["one.so", "other.so"]
