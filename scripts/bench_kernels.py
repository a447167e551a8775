"""How fast the kernels of the arrays are, beside NumPy and beside the machine's own limit: `make bench-kernels`.

Every figure is a ratio measured in one run: ours, the peer and the limit in turn, medians after a warm-up, and beside
them the ratio of the best turns, which a busy machine disturbs less. The limit of arithmetic is a loop of multiply-adds
in registers; that of memory the better of two triads (a[i] + s * b[i]), with ordinary and with streaming stores.

NumPy multiplies matrices on as many threads as we do, and does all else on one: that is how it is used.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

Work = Callable[[], object]
# The threads of a library go on looking for work for some milliseconds after a call (OpenBLAS's for tens of them), on
# the processors that the next one's threads need.
SETTLE = 0.05
FLOAT = 4  # bytes
LARGE = 1 << 24  # elements: each array many times the caches
TURN = 2e-3  # seconds: a turn repeats shorter work until it lasts so long
PAUSE = 0.03  # seconds before a turn: the other's threads look out for work that long before they sleep


@dataclass
class Row:
    """One line of the table. Speeds are in floating-point operations or bytes a second, by what limits the work."""

    family: str
    work: str
    ours: Work = field(repr=False)
    peer: Work = field(repr=False)
    peer_name: str
    bar: float  # ours at least so many times as fast as the peer
    goal: float | None = None
    flops: float = 0.0
    bytes: float = 0.0  # what the work must move at least
    limit: str = ""  # "flops", "bytes" or none


@dataclass(frozen=True)
class Result:
    family: str
    work: str
    peer: str
    ratio: float  # the peer's time through ours
    best: float  # the same of the shortest turns
    bar: float
    goal: float | None
    share: float | None  # of the machine's limit
    best_share: float | None


class Fast:
    """The fast module, with arrays made from NumPy's."""

    def __init__(self, module: ModuleType) -> None:
        self.kernels = module

    def put(self, values: np.ndarray) -> object:
        array = self.kernels.Array(values.size)
        self.kernels.from_numpy(np.ascontiguousarray(values, dtype=np.float32), array)
        return array

    def empty(self, size: int) -> object:
        array = self.kernels.Array(size)
        self.kernels.fill(array, 0.0)  # its pages are there before anything is measured
        return array

    def limits(self) -> dict[str, list[tuple[Work, float]]]:
        """For "flops" and "bytes": works, and how much each does."""
        kernels, a, b, out = self.kernels, self.empty(LARGE), self.empty(LARGE), self.empty(LARGE)
        flops = kernels.fma_loop(1)
        return {
            "flops": [(lambda: kernels.fma_loop(3_000), 3_000 * flops)],
            "bytes": [
                (lambda streaming=streaming: kernels.triad(a, b, 2.0, out, streaming), 3.0 * FLOAT * LARGE)
                for streaming in (False, True)
            ],
        }


def matmul(fast: Fast, rng: np.random.Generator) -> Iterator[Row]:
    square = [(n, n, n) for n in (256, 512, 1024, 2048)]
    skinny = [(100, 784, 100), (64, 2048, 2048), (2048, 64, 2048), (2048, 2048, 64), (4096, 512, 10), (1, 2048, 2048)]
    for m, n, p in [*square, *skinny]:
        x, y = (rng.standard_normal(shape).astype(np.float32) for shape in ((m, n), (n, p)))
        a, b, out, z = fast.put(x), fast.put(y), fast.empty(m * p), np.zeros((m, p), np.float32)
        yield Row(
            "matmul",
            f"({m}, {n}) @ ({n}, {p})",
            lambda a=a, b=b, out=out, m=m, n=n, p=p: fast.kernels.matmul(a, b, out, m, n, p),
            lambda x=x, y=y, z=z: np.matmul(x, y, out=z),
            "NumPy",
            0.8,
            1.0,
            flops=2.0 * m * n * p,
            bytes=FLOAT * (m * n + n * p + m * p),
            limit="bytes" if m == 1 else "flops",
        )


def elementwise(fast: Fast, rng: np.random.Generator) -> Iterator[Row]:
    x, y = (rng.standard_normal(LARGE).astype(np.float32) for _ in range(2))
    z = np.zeros(LARGE, np.float32)
    a, b, out = fast.put(x), fast.put(y), fast.empty(LARGE)
    kernels = fast.kernels
    peers = {"add": np.add, "mul": np.multiply, "maximum": np.maximum}
    for name, peer in peers.items():
        kernel = getattr(kernels, f"ewise_{name}")
        yield Row(
            "elementwise",
            f"{name}, 2^24",
            lambda kernel=kernel: kernel(a, b, out),
            lambda peer=peer: peer(x, y, out=z),
            "NumPy, out=",
            1.0,
            bytes=3.0 * FLOAT * LARGE,
            limit="bytes",
        )
    yield Row(
        "elementwise",
        "add, 2^24, a new result",
        lambda: kernels.ewise_add(a, b, kernels.Array(LARGE)),
        lambda: np.add(x, y),
        "NumPy",
        1.0,
        bytes=3.0 * FLOAT * LARGE,
        limit="bytes",
    )
    yield Row(
        "elementwise",
        "mul by a number, 2^24",
        lambda: kernels.scalar_mul(a, 2.0, out),
        lambda: np.multiply(x, np.float32(2), out=z),
        "NumPy, out=",
        1.0,
        bytes=2.0 * FLOAT * LARGE,
        limit="bytes",
    )


def transcendental(fast: Fast, rng: np.random.Generator) -> Iterator[Row]:
    for size, text in ((LARGE, "2^24"), (1 << 14, "2^14")):
        x = rng.standard_normal(size).astype(np.float32)
        for name in ("exp", "log", "tanh"):
            values = np.abs(x) if name == "log" else x
            z, a, out = np.zeros(size, np.float32), fast.put(values), fast.empty(size)
            kernel, peer = getattr(fast.kernels, f"ewise_{name}"), getattr(np, name)
            yield Row(
                "transcendental",
                f"{name}, {text}",
                lambda kernel=kernel, a=a, out=out: kernel(a, out),
                lambda peer=peer, values=values, z=z: peer(values, out=z),
                "NumPy, out=",
                1.0,
                2.0,
                bytes=2.0 * FLOAT * size,
                limit="bytes" if size == LARGE else "",
            )


def compact(fast: Fast, rng: np.random.Generator) -> Iterator[Row]:
    cases: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = [
        ("transpose (4096, 4096)", (4096, 4096), (1, 0)),
        ("transpose (4000, 3000)", (4000, 3000), (1, 0)),
        ("NHWC to NCHW (64, 64, 64, 32)", (64, 64, 64, 32), (0, 3, 1, 2)),
        ("NCHW to NHWC (64, 32, 64, 64)", (64, 32, 64, 64), (0, 2, 3, 1)),
        ("NCHW to NHWC (128, 3, 64, 64)", (128, 3, 64, 64), (0, 2, 3, 1)),
        ("NHWC to NCHW (128, 64, 64, 3)", (128, 64, 64, 3), (0, 3, 1, 2)),
        ("heads (32, 128, 8, 64)", (32, 128, 8, 64), (0, 2, 1, 3)),
        ("reversed (64, 48, 40, 32)", (64, 48, 40, 32), (3, 2, 1, 0)),
    ]
    for work, shape, order in cases:
        x = rng.standard_normal(shape).astype(np.float32)
        view = x.transpose(order)
        strides = [stride // FLOAT for stride in view.strides]
        a, out = fast.put(x), fast.empty(x.size)
        yield Row(
            "compact",
            work,
            lambda a=a, out=out, dims=list(view.shape), strides=strides: fast.kernels.compact(a, out, dims, strides, 0),
            lambda view=view: np.ascontiguousarray(view),
            "np.ascontiguousarray",
            2.0,
            bytes=2.0 * FLOAT * x.size,
            limit="bytes",
        )


def reductions(fast: Fast, rng: np.random.Generator) -> Iterator[Row]:
    cases = [((LARGE,), 0), ((4096, 4096), 0), ((4096, 4096), 1), ((256, 256, 256), 1), ((1 << 20, 16), 1)]
    for (shape, axis), name in itertools.product(cases, ("sum", "max")):
        x = rng.standard_normal(shape).astype(np.float32)
        outer, reduced, inner = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
        z, a, out = np.zeros(outer * inner, np.float32), fast.put(x), fast.empty(outer * inner)
        z = z.reshape(shape[:axis] + shape[axis + 1 :])
        kernel, peer = getattr(fast.kernels, f"reduce_{name}_axis"), getattr(np, name)
        yield Row(
            "reductions",
            f"{name} {shape}, axis {axis}",
            lambda kernel=kernel, a=a, out=out, sizes=(outer, reduced, inner): kernel(a, out, *sizes),
            lambda peer=peer, x=x, axis=axis, z=z: peer(x, axis=axis, out=z),
            "NumPy, out=",
            1.0,
            bytes=FLOAT * (x.size + z.size),
            limit="bytes",
        )


def small(fast: Fast, rng: np.random.Generator) -> Iterator[Row]:
    """What a call costs: bars are a third and two thirds of the peer's speed."""
    kernels = fast.kernels
    for size in (1, 1_000):
        x, y = (rng.standard_normal(size).astype(np.float32) for _ in range(2))
        a, b = fast.put(x), fast.put(y)
        yield Row(
            "small arrays",
            f"kernel add, {size:,}, a new result",
            lambda a=a, b=b, size=size: kernels.ewise_add(a, b, kernels.Array(size)),
            lambda x=x, y=y: np.add(x, y),
            "NumPy",
            1 / 3,
            2 / 3,
        )
    try:
        from needle import backend_ndarray as nd
    except ImportError:
        return
    for size in (1, 1_000):
        x, y = (rng.standard_normal(size).astype(np.float32) for _ in range(2))
        left, right = (nd.array(values, device=nd.cpu()) for values in (x, y))
        if left.device.mod is not kernels:
            return
        yield Row(
            "small arrays",
            f"NDArray a + b, {size:,}",
            lambda left=left, right=right: left + right,
            lambda x=x, y=y: x + y,
            "NumPy",
            1 / 3,
            2 / 3,
        )


def exercise(kernels: ModuleType, rng: np.random.Generator) -> Iterator[Row]:
    """The student's two products, whose tiles are put in order beforehand."""
    n, tile = 512, kernels.__tile_size__
    arrays = []
    for values in rng.standard_normal((2, n, n)).astype(np.float32):
        tiled = values.reshape(n // tile, tile, n // tile, tile).transpose(0, 2, 1, 3)
        for ordered in (values, tiled):
            array = kernels.Array(n * n)
            kernels.from_numpy(np.ascontiguousarray(ordered), array)
            arrays.append(array)
    a, a_tiled, b, b_tiled = arrays
    out = kernels.Array(n * n)
    yield Row(
        "exercise",
        f"matmul_tiled, n = {n}",
        lambda: kernels.matmul_tiled(a_tiled, b_tiled, out, n, n, n),
        lambda: kernels.matmul(a, b, out, n, n, n),
        "matmul, three loops",
        10.0,
        20.0,
        flops=2.0 * n**3,
        limit="flops",
    )


FAMILIES = {
    "matmul": matmul,
    "elementwise": elementwise,
    "transcendental": transcendental,
    "compact": compact,
    "reductions": reductions,
    "small arrays": small,
}


def measure(row: Row, limits: Sequence[tuple[Work, float]], rounds: int) -> Result:
    """Ours, the peer and the limits in turn."""
    works = [row.ours, row.peer, *(work for work, _ in limits)]
    repeats = []
    for work in works:
        work()
        repeats.append(max(1, int(TURN / timed(work, 1))))
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, repeat, values in zip(works, repeats, times, strict=True):
            time.sleep(PAUSE)
            work()
            values.append(timed(work, repeat))
    medians, shortest = [statistics.median(values) for values in times], [min(values) for values in times]
    shares: list[float | None] = [None, None]
    if limits:
        done = row.flops if row.limit == "flops" else row.bytes
        for index, statistic in enumerate((medians, shortest)):
            most = max(amount / seconds for (_, amount), seconds in zip(limits, statistic[2:], strict=True))
            shares[index] = done / statistic[0] / most
    return Result(
        row.family,
        row.work,
        row.peer_name,
        medians[1] / medians[0],
        shortest[1] / shortest[0],
        row.bar,
        row.goal,
        *shares,
    )


def timed(work: Work, repeat: int) -> float:
    """Seconds for one of so many calls in a row, each side's own threads awake and the other's asleep."""
    time.sleep(SETTLE)
    work()
    start = time.perf_counter()
    for _ in range(repeat):
        work()
    return (time.perf_counter() - start) / repeat


def module(name: str) -> ModuleType | None:
    """The native module where it is built: at the top level (`--modules`), else in the package."""
    for place in (name, f"needle.backend_ndarray.{name}"):
        try:
            return importlib.import_module(place)
        except ModuleNotFoundError as error:
            if error.name is None or not place.startswith(error.name):
                raise
    return None


def machine(fast: ModuleType | None) -> dict[str, object]:
    cpu = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), cpu)
    except OSError:
        pass  # not Linux: the platform's word will do
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas.get('name')} {blas.get('version')}",
        "threads": fast.threads() if fast else 1,
        "instructions": fast.isa() if fast else "",
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def table_of(results: Sequence[Result]) -> Table:
    table = Table(title="Kernels, medians (and the best turns)", title_justify="left")
    for column in ("family", "work", "peer", "times as fast", "bar", "goal", "share of the limit"):
        table.add_column(column, no_wrap=column in ("work", "times as fast"))
    family = ""
    for result in results:
        met = "green" if result.ratio >= result.bar else "yellow" if result.best >= result.bar else "red"
        share = "" if result.share is None else f"{result.share:.2f} ({result.best_share:.2f})"
        table.add_row(
            result.family if result.family != family else "",
            result.work,
            result.peer,
            f"[{met}]{result.ratio:.2f}[/] ({result.best:.2f})",
            f"{result.bar:.2g}",
            "" if result.goal is None else f"{result.goal:.2g}",
            share,
        )
        family = result.family
    return table


def plot(results: Sequence[Result], folder: Path, description: str) -> list[Path]:
    """A picture for each family: how many times as fast as the peer, and the share of the limit."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for family in dict.fromkeys(result.family for result in results):
        chosen = [result for result in results if result.family == family][::-1]
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(11, 1.4 + 0.36 * len(chosen)), sharey=True, width_ratios=(2, 1), layout="constrained"
        )
        places = range(len(chosen))
        left.barh(places, [result.ratio for result in chosen], color="#4c72b0", label="medians")
        left.plot([result.best for result in chosen], places, "k.", label="best turns")
        left.plot([result.bar for result in chosen], places, "|", color="#c44e52", ms=14, mew=2, label="first bar")
        left.set_yticks(places, [result.work for result in chosen])
        left.set_xlabel("times as fast as the peer")
        left.set_xscale("log" if max(result.ratio for result in chosen) > 10 else "linear")
        left.legend(loc="best", fontsize="small")
        right.barh(places, [result.share or 0.0 for result in chosen], color="#55a868")
        right.set_xlim(0, 1.05)
        right.set_xlabel("share of the machine's limit")
        figure.suptitle(f"{family}: {description}", fontsize="small")
        files.append(folder / f"kernels-{family.replace(' ', '-')}.svg")
        figure.savefig(files[-1])
        plt.close(figure)
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="keep the results as JSON, with the machine's description"
    )
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw a picture for each family")
    parser.add_argument(
        "--only", action="append", choices=[*FAMILIES, "exercise"], help="this family (may be repeated)"
    )
    parser.add_argument("--rounds", type=int, default=9, help="turns of each work (default 9)")
    parser.add_argument(
        "--modules", type=Path, metavar="FOLDER", help="native modules to take instead of the package's"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="for us and for the peer (default: all processors)")
    arguments = parser.parse_args()
    if arguments.threads and os.environ.get("OMP_NUM_THREADS") != str(arguments.threads):
        # OpenBLAS reads it when it is loaded, which has happened.
        os.environ.update(OMP_NUM_THREADS=str(arguments.threads), OPENBLAS_NUM_THREADS=str(arguments.threads))
        os.execv(sys.executable, [sys.executable, *sys.argv])
    if arguments.modules:
        sys.path.insert(0, str(arguments.modules))
    fast, students = module("ndarray_backend_fast"), module("ndarray_backend_cpu")
    if fast is None and students is None:
        print("bench_kernels: no native module is built: run `make lib`", file=sys.stderr)
        return 2
    console = Console() if sys.stdout.isatty() else Console(width=120)
    about = machine(fast)
    description = f"{about['cpu']}, {about['threads']} threads, {about['instructions'] or 'no fast module'}"
    console.print(f"{description}; Python {about['python']}, NumPy {about['numpy']} with {about['blas']}")
    if fast is None:
        console.print("ndarray_backend_fast is not built: the rows of the exercise only, without the machine's limit")
    wanted = arguments.only or [*FAMILIES, "exercise"]
    rng = np.random.default_rng(0)
    limits = Fast(fast).limits() if fast else {}
    results = []
    with Progress(console=console, transient=True) as progress:
        for family in progress.track(wanted, description="families"):
            if family == "exercise":
                rows = exercise(students, rng) if students else iter(())
            else:
                rows = FAMILIES[family](Fast(fast), rng) if fast else iter(())
            for row in rows:
                results.append(measure(row, limits.get(row.limit, []), arguments.rounds))
    console.print(table_of(results))
    if arguments.save:
        kept = {"machine": about, "results": [asdict(result) for result in results]}
        arguments.save.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    if arguments.plots:
        for file in plot(results, arguments.plots, description):
            console.print(f"drawn: {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
