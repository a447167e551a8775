"""What the emulated device tells of kernels that race, reach outside or never end; and that it is silent of others.

The kernels of cuda_watch_kernels.cu are compiled as those of students are, so that every load and store is seen.
"""

from __future__ import annotations

import concurrent.futures
import ctypes
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
PROJECT = HERE.parent
ROOT = PROJECT.parents[1]
EMULATION = PROJECT / "src" / "cuda_emulation"
SOURCE = HERE / "cuda_watch_kernels.cu"
PAGE = ROOT / "docs" / "cuda.md"
COMPILER = next(
    (path for name in (os.environ.get("CXX", ""), "c++", "g++", "clang++") if (path := shutil.which(name))), None
)
SECONDS = "0.3"  # that a thread may run here

Generator = np.random.Generator


def options_of_kernels(compiler: str) -> list[str]:
    """The options of cuda_emulation.cmake."""
    text = (PROJECT / "cuda_emulation.cmake").read_text(encoding="utf-8")
    lists = [words.split() for words in re.findall(r"list\(APPEND cuda_emulation_options ([^)]*)\)", text)]
    common, gnu, other = [[word.strip('"').removeprefix("SHELL:") for word in words] for words in lists]
    told = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    return ["-fno-strict-aliasing", *common, *(other if "clang" in told else gnu)]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if COMPILER is None:
        pytest.skip("no C++ compiler: nothing can be compiled here")
    compiler = str(COMPILER)
    folder = tmp_path_factory.mktemp("watch")
    translator = [sys.executable, "-B", str(PROJECT / "cmake" / "translate_cuda.py"), str(SOURCE)]
    subprocess.run([*translator, "-o", str(folder / "kernels.cc")], check=True)
    base = [compiler, "-std=c++17", "-Wall", "-fPIC", "-fvisibility=hidden", f"-I{EMULATION / 'include'}"]
    base += [f"-I{EMULATION}", f"-I{PROJECT.parent / 'include'}"]
    commands = [
        [*base, *options_of_kernels(compiler), "-c", str(folder / "kernels.cc"), "-o", str(folder / "kernels.o")]
    ]
    for source in EMULATION.glob("*.cc"):
        commands.append([*base, "-O1", "-c", str(source), "-o", str(folder / f"{source.stem}.runtime.o")])
    with concurrent.futures.ThreadPoolExecutor(2) as workers:
        for done in workers.map(lambda command: subprocess.run(command, capture_output=True, text=True), commands):
            assert (done.returncode, done.stderr) == (0, "")
    made = folder / "kernels.so"
    objects = [str(path) for path in folder.glob("*.o")]
    subprocess.run([compiler, "-shared", *objects, "-o", str(made), "-lpthread", "-ldl"], check=True)
    return made


@pytest.fixture(scope="module")
def call(library: Path) -> Callable[..., str]:
    """Calls a function of the kernels' file. Returns what it says of errors."""
    # One core: which of several mistakes comes first is then always the same.
    settings = {"NEEDLE_CUDA_WATCH": "on", "NEEDLE_CUDA_WATCH_SECONDS": SECONDS, "OMP_NUM_THREADS": "1"}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    functions = ctypes.CDLL(str(library))

    def called(name: str, *arguments: Any) -> str:
        function = getattr(functions, name)
        function.restype = ctypes.c_char_p
        plain = [
            ctypes.c_void_p(argument.ctypes.data)
            if isinstance(argument, np.ndarray)
            else ctypes.c_bool(argument)
            if isinstance(argument, bool)
            else ctypes.c_uint(argument)
            for argument in arguments
        ]
        return function(*plain).decode()

    assert called("guard_off_by_one", False) == ""  # the settings are read at the first launch
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    return called


def pattern_of(message: str) -> str:
    """A message as docs/cuda.md has it: `...` stands for anything, such as an address, line numbers for any."""
    text = re.escape(message).replace(re.escape("..."), ".*")
    return re.sub(r"cuda_watch_kernels\\.cu:\d+", lambda _: r"cuda_watch_kernels\.cu:\d+", text)


def rows_of_page() -> dict[str, str]:
    """Of each kernel in the page's table, the message."""
    rows = re.findall(r"^\| .* \| `(\w+)` \| `` (.*) `` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: message.replace("\\|", "|") for name, message in rows}


ROWS = rows_of_page()


def test_the_page_tells_of_ten_and_more() -> None:
    assert len(ROWS) >= 10


@pytest.mark.parametrize("name", ROWS)
def test_the_page_says_what_students_see(call: Callable[..., str], name: str) -> None:
    """The kernel with the mistake says what docs/cuda.md says; its twin without says nothing."""
    said = call(name, True).replace(f"{SECONDS} seconds", "10 seconds")
    assert re.fullmatch(pattern_of(ROWS[name]), said), said
    assert call(name, False) == ""


def line_of(text: str) -> int:
    """The line of the kernels' file that holds a text."""
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    (found,) = [number for number, line in enumerate(lines, 1) if text in line]
    return found


def test_both_lines_of_a_race_are_named(call: Callable[..., str]) -> None:
    said = call("missing_barrier_in_a_loop", True)
    for text in ("sum += tile[kSize - 1 - threadIdx.x];", "tile[threadIdx.x] = in[i * kSize + threadIdx.x];"):
        assert f"(cuda_watch_kernels.cu:{line_of(text)}: `{text}`)" in said


MORE = {
    "barrier_after_initialisation": r"updates the shared variable `count` by an atomic operation \(.*\) while thread "
                                    r"\(0, 0, 0\) writes it \(.*: `count = 0;`\)",
    "warp_without_syncwarp": r"`sums\[\d+\]`",
    "bytes": r"reads the shared variable `bytes\[\d+\]`",
    "beyond_dynamic_memory": r"reads `rows\[8\]\[0\]` \(.*\), outside of the shared variable `rows\[8\]\[8\]`$",
    "before_the_beginning": r"reads element -3 of its argument 1 \(.*\), which has 64 elements of 4 bytes$",
    "far_away": r"reads what is no memory of kernels",
    "null_pointer": r"follows a null pointer \(to address 0\)",
    "host_pointer_in_a_structure": r"0x\w+ is not memory of the device: it is the host's, or nobody's$",
    "endless_barriers": r"is of a block that has run for more than 0\.9 seconds",
}  # fmt: skip


@pytest.mark.parametrize("name", MORE)
def test_more_mistakes(call: Callable[..., str], name: str) -> None:
    said = call(name, True)
    assert re.search(MORE[name], said), said
    assert call(name, False) == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="computations are interrupted on Linux alone")
def test_a_computation_that_never_ends(call: Callable[..., str]) -> None:
    said = call("endless_computation", True)
    assert re.search(r"has run for more than 0\.3 seconds .* \(cuda_watch_kernels\.cu:\d+: `", said), said
    assert call("endless_computation", False) == ""


@pytest.mark.parametrize(("blocks", "threads"), [(1, 32), (5, 64), (200, 256)])
def test_the_last_block_may_read_what_others_published(
    call: Callable[..., str], rng: Generator, blocks: int, threads: int
) -> None:
    """Shuffles, float4, __ldg, a fence, an atomic counter and volatile: no alarm, and the right sum."""
    data, total = rng.integers(-9, 10, blocks * threads * 4).astype(np.float32), np.zeros(1, dtype=np.float32)
    assert call("sum_of_all", data, blocks, threads, total) == ""
    assert total[0] == data.sum()


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (0, ""),
        (1, "thread (1, 0, 0): writes 88 bytes from byte 4 on of its argument 2 "),
        (2, "thread (0, 0, 0): reads element 0 of its argument 1 "),
        (3, "thread (0, 0, 0): reads "),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the C library copies, and tells nobody")
def test_copies_of_many_bytes_are_seen(call: Callable[..., str], mistake: int, words: str) -> None:
    said = call("copies", np.uint32(mistake))
    assert words in said
    assert bool(said) == bool(mistake), said


@pytest.mark.parametrize("size", [1, 37, 64])
def test_gaps_of_structures_need_not_be_written(call: Callable[..., str], size: int) -> None:
    assert call("padded", size) == ""


def test_the_checks_can_be_left_out(library: Path) -> None:
    code = (
        f"import ctypes; f = ctypes.CDLL({str(library)!r}).missing_atomic; f.restype = ctypes.c_char_p; print(f(True))"
    )
    for value, silent in (("off", True), ("on", False)):
        environment = os.environ | {"NEEDLE_CUDA_WATCH": value}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert (done.stdout.strip() == "b''") == silent


# ---- any pattern, against the definition ----

READ, WRITE, ADD, BLOCK, WARP = 1, 2, 3, 4, 5


def races(programs: np.ndarray, threads: int) -> bool:
    """Whether any two accesses to a cell race: neither happens before the other, by brute force over all events.

    programs: of each thread, pairs (what, argument). An event happens before the next one of its thread; and all that
    the threads of a barrier did before it, before all they do after.
    """
    count, steps = programs.shape[:2]
    knows = [np.zeros((count, steps), dtype=bool) for _ in range(count)]  # of each thread: the events before its next
    position = [0] * count
    accesses: list[tuple[int, int, int, int, np.ndarray]] = []  # thread, step, what, cell, what it knew

    def run_to_barrier(thread: int) -> None:
        while position[thread] < steps and programs[thread, position[thread], 0] not in (BLOCK, WARP):
            step = position[thread]
            what, cell = programs[thread, step]
            if what in (READ, WRITE, ADD):
                accesses.append((thread, step, int(what), int(cell), knows[thread].copy()))
            knows[thread][thread, step] = True
            position[thread] += 1

    while True:
        for thread in range(count):
            run_to_barrier(thread)
        waiting = [thread for thread in range(count) if position[thread] < steps]
        if not waiting:
            break
        for thread in waiting:
            what, argument = programs[thread, position[thread]]
            first = thread // threads * threads
            group = (
                range(first, first + threads)
                if what == BLOCK
                else [first + lane for lane in range(threads) if int(argument) >> lane & 1]
            )
            here = [programs[other, position[other]].tolist() if position[other] < steps else None for other in group]
            if all(found == [what, argument] for found in here):
                together = np.logical_or.reduce([knows[other] for other in group])
                for other in group:
                    knows[other] = together.copy()
                    position[other] += 1
                break
        else:
            raise AssertionError("the pattern waits for ever")
    for i, (thread, step, what, cell, _) in enumerate(accesses):
        for other, other_step, other_what, other_cell, knew in accesses[i + 1 :]:
            if other == thread or cell != other_cell or {what, other_what} == {READ} or {what, other_what} == {ADD}:
                continue
            before = accesses[i][4][other, other_step] or knew[thread, step]
            if not before:
                return True
    return False


def pattern(rng: Generator, blocks: int, threads: int, phases: int) -> np.ndarray:
    """Random accesses, with barriers of the block, of all its lanes or of parts of them between."""
    columns: list[np.ndarray] = []
    for _ in range(phases):
        for _ in range(int(rng.integers(1, 3))):
            what = rng.choice([0, READ, WRITE, ADD], (blocks * threads, 1), p=[0.7, 0.15, 0.1, 0.05])
            columns.append(np.concatenate([what, rng.integers(0, 4, what.shape)], axis=1))
        barrier = np.zeros((blocks * threads, 2), dtype=np.int64)
        kind = rng.integers(0, 3)
        if kind == 0:
            barrier[:] = BLOCK, 0
        elif kind == 1:
            barrier[:] = WARP, (1 << threads) - 1
        else:  # two halves, chosen at random, each of which meets by itself
            mask = int(rng.integers(1, (1 << threads) - 1))
            lanes = np.arange(blocks * threads) % threads
            inside = (mask >> lanes & 1).astype(bool)
            barrier[:, 0] = WARP
            barrier[:, 1] = np.where(inside, mask, (1 << threads) - 1 & ~mask)
        columns.append(barrier)
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "global"])
@pytest.mark.parametrize(("blocks", "threads"), [(1, 4), (1, 7), (2, 3)])
def test_races_are_told_exactly(
    call: Callable[..., str], rng: Generator, blocks: int, threads: int, shared: bool
) -> None:
    """Every race is told and nothing else, whatever the order of accesses and barriers of blocks and of lanes."""
    found = 0
    for _ in range(150):
        programs = pattern(rng, blocks, threads, int(rng.integers(1, 5)))
        steps = np.ascontiguousarray(programs, dtype=np.int32)
        if shared:  # each block has cells of its own
            parts = [programs[i * threads : (i + 1) * threads] for i in range(blocks)]
            expected = any(races(part, threads) for part in parts)
        else:
            expected = races(programs, threads)
        said = call("pattern", steps, steps.shape[1], blocks, threads, shared)
        assert ("while thread" in said or "a thread of another block" in said) == expected, (said, programs.tolist())
        assert expected or said == ""
        found += expected
    assert 15 < found < 150
