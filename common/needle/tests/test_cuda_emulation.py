"""CUDA without a GPU: what the emulation runs, and what it tells of kernels that are wrong.

The kernels of cuda_emulation_kernels.cu are translated and compiled once, with the emulation's own sources.
"""

from __future__ import annotations

import concurrent.futures
import ctypes
import os
import re
import shutil
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from needle import backend_ndarray as nd

HERE = Path(__file__).parent
PROJECT = HERE.parent
EMULATION = PROJECT / "src" / "cuda_emulation"
TRANSLATOR = PROJECT / "cmake" / "translate_cuda.py"
SOURCE = HERE / "cuda_emulation_kernels.cu"
COMPILER = next(
    (path for name in (os.environ.get("CXX", ""), "c++", "g++", "clang++") if (path := shutil.which(name))), None
)
FULL = 0xFFFFFFFF

Generator = np.random.Generator


def translated(source: Path, output: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", str(TRANSLATOR), str(source), "-o", str(output)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def compiled(source: Path, target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    includes = [f"-I{EMULATION / 'include'}", f"-I{PROJECT.parent / 'include'}"]
    command = [str(COMPILER), "-std=c++17", "-O1", "-Wall", "-fPIC", "-fvisibility=hidden", *includes, *options]
    return subprocess.run([*command, str(source), "-o", str(target)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Calls a function of the kernels' file: arrays are passed as pointers. Returns what it says of errors."""
    if COMPILER is None:
        pytest.skip("no C++ compiler: nothing can be compiled here")
    folder = tmp_path_factory.mktemp("emulation")
    made = translated(SOURCE, folder / "kernels.cc")
    assert made.returncode == 0, made.stderr
    sources = [folder / "kernels.cc", *EMULATION.glob("*.cc")]
    targets = [folder / f"{source.stem}.o" for source in sources]
    with concurrent.futures.ThreadPoolExecutor(2) as workers:
        for done in workers.map(lambda source, target: compiled(source, target, "-c"), sources, targets):
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
    library = folder / "kernels.so"
    command = [str(COMPILER), "-shared", *map(str, targets), "-o", str(library), "-lpthread"]
    linked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert linked.returncode == 0, linked.stderr
    functions = ctypes.CDLL(str(library))

    def call(name: str, *arguments: Any) -> str:
        function = getattr(functions, name)
        function.restype = ctypes.c_float if name == "timed" else ctypes.c_char_p
        plain = []
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                assert argument.flags.c_contiguous
                plain.append(ctypes.c_void_p(argument.ctypes.data))
            else:
                plain.append(ctypes.c_float(argument) if isinstance(argument, float) else ctypes.c_uint(argument))
        found = function(*plain)
        return found.decode() if isinstance(found, bytes) else found

    return call


# ---- what runs ----


@pytest.mark.parametrize("grid", [(1, 1, 1), (3, 2, 4), (2000, 1, 1)], ids=str)
@pytest.mark.parametrize("block", [(1, 1, 1), (33, 1, 1), (4, 3, 2), (1024, 1, 1)], ids=str)
def test_every_thread_runs_once_and_knows_its_place(
    kernels: Callable[..., str], grid: tuple[int, ...], block: tuple[int, ...]
) -> None:
    blocks, threads = int(np.prod(grid)), int(np.prod(block))
    out = np.zeros((blocks, threads), dtype=np.int32)
    assert kernels("number", out, out.size, *grid, *block) == ""
    np.testing.assert_array_equal(out, np.arange(blocks)[:, None] * 10000 + np.arange(threads))


@pytest.mark.parametrize("blocks", [1, 2, 3000])
@pytest.mark.parametrize("size", [64, 300])
def test_blocks_have_shared_memory_of_their_own(
    kernels: Callable[..., str], rng: Generator, blocks: int, size: int
) -> None:
    data = rng.standard_normal((blocks, size)).astype(np.float32)
    expected = data[:, ::-1].copy()
    assert kernels("reverse", data, blocks, size) == ""
    np.testing.assert_array_equal(data, expected)


@pytest.mark.parametrize("size", [1, 31, 200, 1024])
def test_many_barriers_and_dynamic_shared_memory(kernels: Callable[..., str], rng: Generator, size: int) -> None:
    data = rng.integers(-9, 10, size).astype(np.float32)
    expected = np.cumsum(data)
    assert kernels("running_sum", data, size) == ""
    np.testing.assert_array_equal(data, expected)


def test_two_dimensional_blocks(kernels: Callable[..., str], rng: Generator) -> None:
    data, out = rng.standard_normal((37, 61)).astype(np.float32), np.zeros((61, 37), dtype=np.float32)
    assert kernels("transpose", data, out, 37, 61) == ""
    np.testing.assert_array_equal(out, data.T)


@pytest.mark.parametrize("low", [-1, 0, 1])
def test_barriers_that_vote(kernels: Callable[..., str], rng: Generator, low: int) -> None:
    values, out = rng.integers(low, low + 2, 77, dtype=np.int32), np.zeros(77, dtype=np.int32)
    assert kernels("votes_of_block", values, out, 77) == ""
    yes = values > 0
    np.testing.assert_array_equal(out, yes.sum() * 4 + yes.all() * 2 + yes.any())


@pytest.mark.parametrize("size", [33, 96, 1024])
@pytest.mark.parametrize("distance", [1, -1, 2, -2, 7, -8, 16, -16, 31, -32, 32])
def test_a_missing_barrier_shows(kernels: Callable[..., str], rng: Generator, distance: int, size: int) -> None:
    """Whichever neighbour is read, somewhere it has not written yet, and what is read is NaN."""
    data = rng.standard_normal((1, size)).astype(np.float32)
    right = np.roll(data, -distance, axis=1)
    assert kernels("unsynchronised", data, 1, size, distance) == ""
    wrong = data != right
    assert wrong.any()
    assert np.isnan(data[wrong]).all()


def shuffled(kind: int, lane: int, argument: int, width: int) -> int:
    """The lane that a lane reads, by the words of CUDA's documentation."""
    first = lane // width * width
    within = lane - first
    if kind == 0:
        return first + argument % width
    if kind == 1:
        return lane - argument if within - argument >= 0 else lane
    if kind == 2:
        return lane + argument if within + argument < width else lane
    other = lane ^ argument
    return other if other // width <= lane // width else lane


@pytest.mark.parametrize("kind", [0, 1, 2, 3], ids=["any", "up", "down", "xor"])
def test_shuffles(kernels: Callable[..., str], rng: Generator, kind: int) -> None:
    for width in (1, 2, 8, 32):
        for argument in (0, 1, 3, 7, 16, 31):
            data, out = rng.standard_normal(96).astype(np.float32), np.zeros(96, dtype=np.float32)
            assert kernels("shuffle", data, out, 96, kind, argument, width) == ""
            expected = [data[i // 32 * 32 + shuffled(kind, i % 32, argument, width)] for i in range(96)]
            np.testing.assert_array_equal(out, expected)


def test_a_lane_that_is_not_there_gives_nan(kernels: Callable[..., str], rng: Generator) -> None:
    data, out = rng.standard_normal(20).astype(np.float32), np.zeros(20, dtype=np.float32)
    assert kernels("shuffle", data, out, 20, 2, 16, 32) == ""
    np.testing.assert_array_equal(out[:4], data[16:])
    assert np.isnan(out[4:16]).all()  # lanes 20 to 31, of which there are none
    np.testing.assert_array_equal(out[16:], data[16:])


def test_votes_of_parts_of_a_warp(kernels: Callable[..., str], rng: Generator) -> None:
    values, out = rng.integers(0, 4, 64, dtype=np.int32), np.zeros((64, 8), dtype=np.uint32)
    values[16:32], values[32:48] = 3, 1
    assert kernels("votes", values, out, 64) == ""
    for thread in range(64):
        lanes = range(thread // 16 * 16, thread // 16 * 16 + 16)
        half = values[lanes]
        bits = {value: sum(1 << lane % 32 for lane in lanes if values[lane] == value) for value in range(4)}
        same = len(set(half.tolist())) == 1
        expected = [
            bits[3],
            int((half > 2).any()),
            int((half > 2).all()),
            bits[int(values[thread])],
            bits[int(values[thread])] if same else 0,
            int(same),
            int(half.sum()),
            int(half.min() - 3) & FULL,
        ]
        assert out[thread].tolist() == expected


def test_atomic_operations(kernels: Callable[..., str], rng: Generator) -> None:
    size = 20_000
    values, counts = rng.integers(-(10**5), 10**5, size, dtype=np.int32), np.zeros(16, dtype=np.int32)
    names = ("add", "sub", "least", "most", "all", "any", "odd", "turns", "back", "sum", "large", "product")
    kinds = ["i4"] * 7 + ["u4"] * 2 + ["f4", "u8", "i4"]
    totals = np.zeros(1, dtype=np.dtype(list(zip(names, kinds, strict=True)), align=True))
    totals["all"] = -1
    assert kernels("atomics", values, totals, counts, size) == ""
    np.testing.assert_array_equal(counts, np.bincount(values & 15, minlength=16))
    product = 0
    for _ in range(size):
        product = (product * 3 + 1) % 1000003
    total = np.int64(values.sum(dtype=np.int64)).astype(np.int32)
    assert totals[0].item() == (
        total,
        -total,
        min(values.min(), 0),
        max(values.max(), 0),
        np.bitwise_and.reduce(values),
        np.bitwise_or.reduce(values),
        np.bitwise_xor.reduce(values),
        size % 7,
        -size % 7,
        size,
        size << 33,
        product,
    )


def test_the_rest_of_the_language(kernels: Callable[..., str], rng: Generator) -> None:
    threads = 17
    data, out = rng.standard_normal((threads, 4)).astype(np.float32), np.zeros((threads, 8), dtype=np.float32)
    assert kernels("language", data, out, threads) == ""
    flat, index = data.reshape(-1), np.arange(threads)
    expected = np.stack(
        [
            data.astype(np.float64) @ [1, 10, 100, 1000],
            1 / np.sqrt(data[:, 0].astype(np.float64) ** 2 + 1),
            np.maximum(data[:, 0], 0) + np.minimum(2, data[:, 1]),
            flat[:threads] + data[:, 3] / 2,
            data[:, 0] + np.clip(data[:, 1], 0, 1),
            [f"{i:b}".count("1") + 32 - i.bit_length() + (i & -i).bit_length() for i in index.tolist()],
            np.full(threads, 3 + 40 + 100 + 32),
            np.full(threads, 5 + 7),
        ],
        axis=1,
    )
    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-4)


def test_lambdas(kernels: Callable[..., str], rng: Generator) -> None:
    data = rng.standard_normal(1000).astype(np.float32)
    expected = data * np.float32(1.5)
    assert kernels("lambda", data, 1000, 1.5) == ""
    np.testing.assert_array_equal(data, expected)


def test_events(kernels: Callable[..., str]) -> None:
    assert 0 <= kernels("timed") < 1000  # type: ignore[operator]


# ---- mistakes ----

KERNEL = r"^cudaErrorEmulatedKernel: kernel MistakeKernel \(launched at cuda_emulation_kernels\.cu:\d+\)"
FIRST = KERNEL + r", block \(0, 0, 0\), thread "
MISTAKES = {
    "ended": (0, FIRST + r"\(0, 0, 0\): waits at __syncthreads \(\S+:\d+\) for all threads of the block, but thread "
              r"\(40, 0, 0\) has ended without coming there$"),
    "two barriers": (1, FIRST + r"\(0, 0, 0\): waits at __syncthreads \(\S+:(\d+)\) for all threads of the block, but "
                     r"thread \(3, 0, 0\) waits at __syncthreads \(\S+:(?!\1)\d+\)$"),
    "block and warp": (2, FIRST + r"\(0, 0, 0\): waits at __syncwarp \(\S+\) for the lanes that its mask names, but "
                       r"thread \(5, 0, 0\) waits at __syncthreads \(\S+\)$"),
    "mask": (3, FIRST + r"\(16, 0, 0\): calls __shfl_sync \(\S+\) with a mask that does not name it: it is lane 16 "),
    "exception": (4, FIRST + r"\(33, 0, 0\): threw an exception, which a GPU cannot: thrown by a kernel$"),
    "too much": (5, FIRST + r"\(0, 0, 0\): needs 49,208 bytes of shared memory \(some 64, large 49144\); a block can "
                 r"have 49,152 bytes$"),
    "not given": (6, FIRST + r"\(0, 0, 0\): uses given \(\S+:\d+\), but its launch gives it no shared memory"),
    "trap": (10, FIRST + r"\(35, 0, 0\): calls __trap \(\S+:\d+\)$"),
    "behind": (11, KERNEL + r" wrote right behind the end of an allocation of 32 bytes, its argument 2$"),
    "before": (12, KERNEL + r" wrote 8 bytes before the beginning of an allocation of 32 bytes, its argument 2$"),
    "another mask": (13, FIRST + r"\(0, 0, 0\): waits at __syncwarp \(\S+\) for the lanes that its mask names, but "
                     r"thread \(8, 0, 0\) waits at __syncwarp \(\S+\) with another mask$"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(kernels: Callable[..., str], name: str) -> None:
    which, message = MISTAKES[name]
    said = kernels("mistake", which, 2, 64)
    assert re.search(message, said), said
    assert kernels("mistake", 99, 2, 64) == ""


@pytest.mark.parametrize("size", [1, 8, 1000, 1023])
@pytest.mark.parametrize("beyond", [1, 2, 500])
def test_writes_behind_an_array_are_told(kernels: Callable[..., str], rng: Generator, size: int, beyond: int) -> None:
    """What the kernel reads behind its input, and doubles, is NaN, as what stood behind its output; it shows anyway."""
    data, out = rng.standard_normal(size).astype(np.float32), np.zeros(size, dtype=np.float32)
    said = kernels("doubled", data, out, size, size + beyond)
    words = rf"wrote right behind the end of an allocation of {4 * size:,} bytes, its argument 2$"
    assert re.search(rf"^cudaErrorEmulatedKernel: kernel DoubleKernel \(launched at .*\) {words}", said), said
    np.testing.assert_array_equal(out, 2 * data)
    assert kernels("doubled", data, out, size, size) == ""


FAULTS = {
    "null": (7, r"\(37, 0, 0\): follows a null pointer \(to address 0\)$"),
    "stack": (
        8,
        r"\(37, 0, 0\): has no stack left: it calls itself too often, or its arrays are too large to be local$",
    ),
    "zero": (9, r"\(37, 0, 0\): divides an integer by zero$"),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="faults in kernels are caught on Linux alone")
@pytest.mark.skipif(bool(os.environ.get("NEEDLE_NATIVE")), reason="where sanitizers watch, they report faults")
@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_told(kernels: Callable[..., str], name: str) -> None:
    which, message = FAULTS[name]
    if name == "zero" and os.uname().machine != "x86_64":
        pytest.skip("this processor divides by zero without a fault")
    for _ in range(3):
        assert re.search(FIRST + message, kernels("mistake", which, 2, 64))
    assert kernels("mistake", 99, 2, 64) == ""


@pytest.mark.parametrize(
    ("launch", "message"),
    [
        ((1, 1, 1, 1025, 1, 1, 0), r"blocks of \(1025, 1, 1\) threads: in x there can be at most 1024"),
        (
            (1, 1, 1, 33, 32, 1, 0),
            r"blocks of \(33, 32, 1\) threads: 1056 are more than the 1024 that a block can have",
        ),
        ((1, 1, 1, 1, 1, 65, 0), r"blocks of \(1, 1, 65\) threads: in z there can be at most 64"),
        ((1, 1, 1, 8, 0, 1, 0), r"blocks of \(8, 0, 1\) threads: each of the three numbers must be at least 1"),
        ((0, 1, 1, 8, 1, 1, 0), r"a grid of \(0, 1, 1\) blocks: each of the three numbers must be at least 1"),
        ((2**31, 1, 1, 8, 1, 1, 0), r"a grid of \(2147483648, 1, 1\) blocks: in x there can be at most 2147483647"),
        ((1, 65536, 1, 8, 1, 1, 0), r"a grid of \(1, 65536, 1\) blocks: in y there can be at most 65535"),
        ((1, 1, 1, 8, 1, 1, 49153), r"49,153 bytes of shared memory: a block can have 49,152 bytes"),
    ],
    ids=str,
)
def test_launches_beyond_the_limits(kernels: Callable[..., str], launch: tuple[int, ...], message: str) -> None:
    place = r"kernel MistakeKernel \(launched at cuda_emulation_kernels\.cu:\d+\): "
    assert re.search(f"^cudaErrorInvalidConfiguration: {place}{message}$", kernels("refused", *launch))
    assert kernels("mistake", 99, 1, 1) == ""


HOSTS = r"0x[0-9a-f]+ is not memory of the device: it is the host's, or nobody's$"
FREED = r"0x[0-9a-f]+ is memory of the device that has been freed$"


@pytest.mark.parametrize(
    ("which", "message"),
    [
        (0, r"^cudaErrorInvalidDevicePointer: kernel MistakeKernel .* its argument 2 is a pointer to what no kernel "
            rf"can reach: {HOSTS}"),
        (1, rf"^cudaErrorInvalidDevicePointer: kernel MistakeKernel .* its argument 2 is .*: {FREED}"),
        (2, rf"^cudaErrorInvalidValue: cudaFree: {FREED}"),
        (3, rf"^cudaErrorInvalidValue: cudaFree: {HOSTS}"),
        (4, r"^cudaErrorInvalidValue: cudaFree: 0x[0-9a-f]+ lies inside an allocation, not at its beginning$"),
        (5, rf"^cudaErrorInvalidValue: cudaMemcpy: the destination is to be on the device, and {HOSTS}"),
        (6, r"^cudaErrorInvalidValue: cudaMemcpy: the destination is to be on the device, and of 33 bytes from 0x\S+ "
            r"on, the allocation there has 32 bytes$"),
        (7, rf"^cudaErrorInvalidValue: cudaMemcpy: the source is to be on the device, and {FREED}"),
        (8, r"^cudaErrorInvalidValue: cudaMemcpy: the source is to be on the host, and 0x\S+ is the device's$"),
        (9, rf"^cudaErrorInvalidValue: cudaMemset: {HOSTS}"),
        (10, r"^cudaErrorInvalidValue: cudaMemcpyToSymbol: 17 bytes from byte 0 on leave the variable, which has 16 "),
        (11, r"^$"),
    ],
)  # fmt: skip
def test_pointers_that_are_not_the_devices(kernels: Callable[..., str], which: int, message: str) -> None:
    said = kernels("wrong_pointer", which)
    assert re.search(message, said), said


# ---- translation ----


@pytest.fixture(scope="module")
def translator() -> types.ModuleType:
    sys.path.insert(0, str(TRANSLATOR.parent))
    try:
        import translate_cuda
    finally:
        sys.path.remove(str(TRANSLATOR.parent))
    return translate_cuda


def body(translator: types.ModuleType, source: str) -> str:
    return translator.translate(source, "k.cu").split("\n", 1)[1]


UNCHANGED = [
    "int a = b < c; a <<= 2; a >>= 1; x = y >> 3; std::vector<std::vector<std::vector<int>>> v;",
    "const char* s = \"k<<<1, 1>>>(x)\"; char c = '<', d = '\\''; // k<<<1, 1>>>(x)",
    '/* k<<<1, 1>>>(x)\n __shared__ float f; */ auto r = R"x(k<<<1, 1>>>(")x)x"; int n = 1\'000\'000;',
    "// a comment that goes on \\\n k<<<1, 1>>>(x)\nint a;",
    "template <typename T> std::ostream& operator<<<T>(std::ostream& s, T t);",
    '#include "k<<<1>>>.h"\n#if A < 3 && B > 4 /* ) */\n#endif\n',
    "#define SHIFT(x) ((x) << 3 >> 1)\n",
    "int f() { int texture = 1, asm_count = 2; return a.texture + texture; }",
    '// no_sanitize, and asm("")\nconst char* s = "no_sanitize"; int no_sanitizer = 1;\n#pragma once\n',
    "",
    "unterminated ' and \" are the compiler's to tell",
]


@pytest.mark.parametrize("source", UNCHANGED)
def test_what_is_no_launch_stays_as_it_is(translator: types.ModuleType, source: str) -> None:
    assert body(translator, source) == source


LAUNCHES = {
    "Kernel<<<1, 2>>>()": ("Kernel", "1, 2", ""),
    "Kernel <<< 1, 2 >>> (a, f(b, c), {1, 2})": ("Kernel", " 1, 2 ", "a, f(b, c), {1, 2}"),
    "a::b::Kernel<4, (3 > 2), T<int>><<<g(x, y), b[1]>>>(a)": (
        "a::b::Kernel<4, (3 > 2), T<int>>", "g(x, y), b[1]", "a"),
    "::Kernel<T><<<n >> 1, dim3(16, 16), s << 2>>>(a)": ("::Kernel<T>", "n >> 1, dim3(16, 16), s << 2", "a"),
    "Kernel<<<std::max<int>(1, 2), A<B<int>>>>>(a)": ("Kernel", "std::max<int>(1, 2), A<B<int>>", "a"),
    "kernels[i + 1]<<<1, 2>>>(a)": ("kernels[i + 1]", "1, 2", "a"),
    "(*pointer)<<<1, 2>>>(a)": ("(*pointer)", "1, 2", "a"),
    "this->kernels.at(3)<<<1, 2>>>(a)": ("this->kernels.at(3)", "1, 2", "a"),
    "Traits<T>::template Kernel<3><<<1, 2>>>(a)": ("Traits<T>::template Kernel<3>", "1, 2", "a"),
    "Kernel<<<1, 2>>>(a, [=] __device__(int x) { return x < 3 ? x : g(x); })": (
        "Kernel", "1, 2", "a, [=] __device__(int x) { return x < 3 ? x : g(x); }"),
    'Kernel<<<1, 2>>>(")", \')\' /* ) */)': ("Kernel", "1, 2", "\")\", ')' /* ) */"),
}  # fmt: skip


@pytest.mark.parametrize("launch", LAUNCHES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("void f() { ", "; }"),
        ("void f() { if (x) ", "; else y(); }"),
        ("void f() { for (;;) { ", "; } }"),
        ("void f() { return ", "; }"),
        ("void f() { if (x) y(); else ", "; }"),
        ("#define L(a) ", "\n"),
    ],
)
def test_launches(translator: types.ModuleType, launch: str, before: str, after: str) -> None:
    kernel, configuration, arguments = LAUNCHES[launch]
    expected = (
        f"::cuda_emulation::launch({{CUDA_EMULATION_TEXT({kernel}), __FILE__, __LINE__}}, "
        f"::cuda_emulation::configuration({configuration}), "
        f"[&](const auto&... cuda_values) CUDA_EMULATION_OF_HOST {{ {kernel}(cuda_values...); }}"
        f"{', ' if arguments else ''}{arguments})"
    )
    assert body(translator, before + launch + after) == before + expected + after


def test_lines_stay_where_they_are(translator: types.ModuleType) -> None:
    source = (
        "__global__ void K(int* a) {\n  __shared__\n    float tile[2]\n      [3];\n  a[0] = 1;\n}\n"
        "void f() {\n  K // why\n    <<<1,\n 2>>>(\n    a, /* x\n */ b);\n  g();\n}\n"
        "#define M(k) \\\n  k<<<1, 1>>>(2)\nlast\n"
    )
    found = body(translator, source).split("\n")
    lines = source.split("\n")
    assert len(found) == len(lines)
    for text in ("  a[0] = 1;", "  g();", "last"):
        assert found.index(text) == lines.index(text)
    assert translator.translate(source, 'a "name".cu').startswith('#line 1 "a \\"name\\".cu"\n')


SHARED = {
    "__shared__ float tile[4][5];": [("tile", "float", "[ 4 ] [ 5 ]")],
    "static __shared__ volatile T a, b[N < 3 ? 3 : N];": [
        ("a", "volatile T", ""),
        ("b", "volatile T", "[ N < 3 ? 3 : N ]"),
    ],
    "__shared__ __align__(16) std::array<float, 4> tile;": [("tile", "std :: array < float , 4 >", "")],
    "alignas(f(1)) __shared__ unsigned int n;": [("n", "unsigned int", "")],
}


@pytest.mark.parametrize("declaration", SHARED)
def test_shared_variables(translator: types.ModuleType, declaration: str) -> None:
    found = body(translator, f"__global__ void K() {{ {declaration} }}")
    for name, kind, bounds in SHARED[declaration]:
        assert re.search(rf"typedef {re.escape(kind)} (cuda_type_\d+){re.escape(bounds)}; auto& {name} = "
                         rf"::cuda_emulation::static_shared<\1>\(cuda_shared_\d+\);", found), found  # fmt: skip
    assert "__shared__" not in found


def test_dynamic_shared_memory(translator: types.ModuleType) -> None:
    found = body(translator, "__global__ void K() { extern __shared__ float rows[][16]; }")
    assert re.search(
        r"typedef float (\w+) ?\[ 16 \]; auto\* const rows = ::cuda_emulation::dynamic_shared<\1>\(", found
    )


HOST = "void f() {{\n  {}\n}}\n"
DEVICE = "__global__ void K(int* a) {{\n  {}\n}}\n"
WATCHED = "every load and store of a kernel is watched and counted here: leave out "
LACKING = {
    "#include <cooperative_groups.h>": (1, r"cooperative groups: .*#include of cooperative_groups\.h"),
    "#include <cuda_fp16.h>": (1, "half and other short floating-point types"),
    "\n# include <cub/cub.cuh> // x": (2, "CUB and Thrust"),
    "#include <mma.h>": (1, "wmma, the tensor cores"),
    "namespace cg = cooperative_groups;": (1, "cooperative groups"),
    DEVICE.format("nvcuda::wmma::mma_sync(a, b);"): (2, "wmma"),
    DEVICE.format('asm volatile("mov.u32 %0, %laneid;" : "=r"(x));'): (2, r"PTX in asm\(\)"),
    DEVICE.format('asm("" ::: "memory");'): (2, r"PTX in asm\(\)"),
    DEVICE.format('asm goto("" :::: there);'): (2, r"PTX in asm\(\)"),
    DEVICE.format('__asm volatile("trap;");'): (2, r"PTX in asm\(\)"),
    DEVICE.format("a[0] = tex2D<float>(t, 1, 2);"): (2, "textures"),
    "\n#include <immintrin.h>": (2, "instructions of the processor, which no GPU has"),
    '\n__attribute__((no_sanitize("thread"))) __global__ void K();': (2, WATCHED + "no_sanitize"),
    "__attribute__((__no_sanitize_thread__)) __global__ void K();": (1, WATCHED + "__no_sanitize_thread__"),
    '[[gnu::no_sanitize("thread")]] __global__ void K();': (1, WATCHED + "no_sanitize"),
    "[[gnu::no_instrument_function]] __global__ void K();": (1, WATCHED + "no_instrument_function"),
    "#define MINE __attribute__((disable_sanitizer_instrumentation))": (
        1,
        WATCHED + "disable_sanitizer_instrumentation",
    ),
    '\n#pragma clang attribute push(__attribute__((no_sanitize("thread"))), apply_to = function)': (
        2,
        WATCHED + "no_sanitize",
    ),
    '_Pragma("clang attribute push(__attribute__((no_sanitize(\\"thread\\"))), apply_to = function)")': (
        1,
        WATCHED + "no_sanitize",
    ),
    "__global__ void K() CUDA_EMULATION_OF_HOST { }": (1, WATCHED + "CUDA_EMULATION_OF_HOST"),
    DEVICE.format("__builtin_nontemporal_store(1, a);"): (2, WATCHED + "__builtin_nontemporal_store"),
    "texture<float, 2> t;": (1, "textures"),
    DEVICE.format("if (a) { K<<<1, 1>>>(a); }"): (2, r"launches inside of kernels \(dynamic parallelism\)"),
    "struct S { __device__ void g() {\n K<<<1, 1>>>(0); } };": (2, "launches inside of kernels"),
    DEVICE.format("x = __shfl_down(x, 1);"): (2, "__shfl_down, which GPUs have lost: use __shfl_down_sync"),
    HOST.format("cudaFuncSetAttribute(K, a, 99);"): (2, "more than 48 KB of shared memory"),
    "extern __shared__ float s[];": (1, "__shared__ outside of functions"),
    'extern "C" {\nnamespace n {\n__shared__ int s;\n}}': (3, "__shared__ outside of functions"),
    DEVICE.format("__shared__ float x = 1;"): (2, "x is a __shared__ variable and cannot have an initial value"),
    DEVICE.format("__shared__ float (*p)[4];"): (2, "__shared__"),
    HOST.format("K<<<1, 1>>(a);"): (2, "no >>>\\( ends its configuration"),
    HOST.format("<<<1, 1>>>(a);"): (2, "no kernel stands before it"),
    HOST.format("K<<<1, 1>>>(a;"): (2, "the parenthesis after >>> does not close"),
}


@pytest.mark.parametrize("source", LACKING)
def test_what_is_lacking_is_named_with_its_line(tmp_path: Path, source: str) -> None:
    line, message = LACKING[source]
    path = tmp_path / "student.cu"
    path.write_text(source)
    done = translated(path, tmp_path / "out.cc")
    assert done.returncode == 1
    assert re.search(rf"^{re.escape(str(path))}:{line}: error: .*{message}", done.stderr), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out.cc").exists()


def test_launches_by_functions_of_both_are_the_hosts(translator: types.ModuleType) -> None:
    assert "launch(" in body(translator, "__host__ __device__ void f(int* a) { K<<<1, 1>>>(a); }")


def test_headers_with_kernels_are_translated_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "student.cu").write_text('#include "parts/kernel.cuh"\n#include "plain.h"\n#include "missing.h"\n')
    (tmp_path / "parts" / "kernel.cuh").write_text('#include "../student.cu"\ninline void f() { K<<<1, 1>>>(0); }\n')
    (tmp_path / "plain.h").write_text("int n;\n")
    done = translated(tmp_path / "student.cu", tmp_path / "out" / "student.cc")
    assert (done.returncode, done.stderr) == (0, "")
    written = sorted(
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()
    )
    assert written == ["parts/kernel.cuh", "student.cc"]
    header = (tmp_path / "out" / "parts" / "kernel.cuh").read_text()
    assert header.startswith(f'#line 1 "{tmp_path}/parts/kernel.cuh"\n')
    assert "::cuda_emulation::launch(" in header


@pytest.mark.parametrize(
    ("statement", "message"),
    [("undeclared = 1;", "undeclared"), ("K<<<1>>>(a);", "configuration"), ("K<<<1, 1>>>(a, 2, 3);", "K")],
)
def test_the_compiler_names_the_students_line(tmp_path: Path, statement: str, message: str) -> None:
    if COMPILER is None:
        pytest.skip("no C++ compiler: nothing can be compiled here")
    path = tmp_path / "student.cu"
    path.write_text(
        f"#include <cuda_runtime.h>\n__global__ void K(int* a) {{\n}}\nvoid f(int* a) {{\n  {statement}\n}}\n"
    )
    assert translated(path, tmp_path / "out.cc").returncode == 0
    done = compiled(tmp_path / "out.cc", tmp_path / "out.o", "-fsyntax-only")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if "error:" in line or "note:" in line]
    assert any(line.startswith(f"{path}:5:") for line in said), done.stderr
    assert any(message in line for line in said), done.stderr


# ---- as a device ----


def run(code: str, **environment: str) -> str:
    changed = {name: value for name, value in os.environ.items() if name != "NEEDLE_CUDA"} | environment
    done = subprocess.run([sys.executable, "-c", code], env=changed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_device_is_emulated_when_it_is_asked_for() -> None:
    code = "from needle import backend_ndarray as nd; d = nd.cuda(); print(d, d.enabled(), d.emulated, bool(d.reason))"
    hidden = {"CUDA_VISIBLE_DEVICES": ""}
    assert run(code, **hidden) == "cuda() False False True"
    assert run(code, NEEDLE_CUDA="emulated", **hidden) == "cuda() True True False"
    assert run(code, NEEDLE_CUDA="emulated", NEEDLE_KERNELS="exercise", **hidden) == "cuda() True True False"
    assert not nd.cpu().emulated
    assert not nd.cpu_numpy().emulated
    assert not nd.BackendDevice("cuda", None, "none").emulated


def test_arrays_on_the_emulated_device() -> None:
    code = """if True:
        import numpy as np
        from needle import backend_ndarray as nd
        x = np.random.default_rng(5).standard_normal((40, 30)).astype(np.float32)
        a = nd.array(x, device=nd.cuda())
        found = ((a @ a.permute((1, 0)))[3:, ::2] * 2 + 1).sum(axis=0).numpy()
        print(np.allclose(found, ((x @ x.T)[3:, ::2] * 2 + 1).sum(axis=0), rtol=1e-4, atol=1e-4))"""
    assert run(code, NEEDLE_CUDA="emulated", CUDA_VISIBLE_DEVICES="") == "True"
