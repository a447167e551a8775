"""The kernels of cuda_traffic_kernels.cu, compiled by a compiler that is here, as a module whose traffic is counted."""

from __future__ import annotations

import concurrent.futures
import ctypes
import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
from needle.backend_ndarray import cuda_traffic
from needle.backend_ndarray.cuda_traffic import KernelTraffic

HERE = Path(__file__).parent
PROJECT = HERE.parent
EMULATION = PROJECT / "src" / "cuda_emulation"
SOURCE = HERE / "cuda_traffic_kernels.cu"
COMPILERS = {"gcc": "g++", "clang": "clang++"}


def compiler(kind: str) -> str | None:
    """A compiler of a kind: the one that the environment names, or one on the path, such as clang++-14."""
    for name in (os.environ.get("CXX", ""), COMPILERS[kind], *(f"{COMPILERS[kind]}-{n}" for n in range(22, 11, -1))):
        path = shutil.which(name)
        # On macOS g++ is clang.
        if path and f"{kind} version" in subprocess.run([path, "-v"], capture_output=True, text=True).stderr:
            return path
    return None


def options(kind: str) -> list[str]:
    """What cuda_emulation.cmake has kernels compiled with: always, so that accesses are seen, by GCC, by clang."""
    text = (PROJECT / "cuda_emulation.cmake").read_text(encoding="utf-8")
    lists = re.findall(r"set\(cuda_emulation_options ([^)]*)\)|list\(APPEND cuda_emulation_options ([^)]*)\)", text)
    always, seen, gcc, clang = (re.sub('SHELL:|"', "", first or then).split() for first, then in lists)
    assert "-fsanitize=thread" in seen
    return [*always, *seen, *(gcc if kind == "gcc" else clang)]


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def compiled(compiled_by: str, source: Path, output: Path, *more: str) -> list[str]:
    includes = [f"-I{EMULATION / 'include'}", f"-I{PROJECT.parent / 'include'}"]
    fixed = [compiled_by, "-std=c++17", "-O1", "-fPIC", "-fvisibility=hidden", *includes, *more]
    return [*fixed, "-c", str(source), "-o", str(output)]


def build_runtime(compiled_by: str, folder: Path) -> list[Path]:
    """The emulation's own sources, which may be compiled by another compiler than the kernels."""
    objects = {source: folder / f"{source.stem}.o" for source in EMULATION.glob("*.cc")}
    with concurrent.futures.ThreadPoolExecutor(2) as workers:
        list(workers.map(run, [compiled(compiled_by, source, output) for source, output in objects.items()]))
    return list(objects.values())


def build_kernels(kind: str, compiled_by: str, runtime: list[Path], folder: Path) -> Path:
    """The kernels, and the runtime with them, as a library."""
    translated, output, library = folder / "kernels.cc", folder / "kernels.o", folder / "kernels.so"
    run([sys.executable, "-B", str(PROJECT / "cmake" / "translate_cuda.py"), str(SOURCE), "-o", str(translated)])
    run(compiled(compiled_by, translated, output, *options(kind)))
    run([compiled_by, "-shared", str(output), *map(str, runtime), "-o", str(library), "-lpthread"])
    return library


class Kernels(types.ModuleType):
    """The functions of the kernels' file, as a module of kernels whose traffic can be counted."""

    def __init__(self, library: Path) -> None:
        super().__init__("kernels")
        self.functions = ctypes.CDLL(str(library))
        self.functions.traffic_counted.restype = ctypes.c_char_p
        self.traffic_begin = self.functions.traffic_begin
        self.traffic_end = self.functions.traffic_end

    def traffic_reason(self) -> str:
        return ""

    def traffic_counted(self, number: int) -> list[tuple[str, dict[str, int]]]:
        lines = (line.split("\t") for line in self.functions.traffic_counted(number).decode().splitlines())
        return [(name, {key: int(n) for key, n in map(str.split, counts)}) for name, *counts in lines]

    def call(self, name: str, *arguments: Any) -> str:
        function = getattr(self.functions, name)
        function.restype = ctypes.c_char_p
        plain = [
            ctypes.c_void_p(argument.ctypes.data) if isinstance(argument, np.ndarray) else ctypes.c_int(argument)
            for argument in arguments
        ]
        return function(*plain).decode()

    def counted(self, name: str, *arguments: Any) -> KernelTraffic:
        """The traffic of the one kernel that a function launches."""
        with cuda_traffic.counted(self) as traffic:
            assert self.call(name, *arguments) == ""
        assert len(traffic.launches) == 1
        return traffic.total
