"""What the kernels of the warm-up load and store, counted, beside what the formulas say.

    python hw3/apps/warmup_traffic.py        the table (build first: make lib)

    measure(1000)                            the same as a list of `Row`

Counted is on the emulated device: the kernels run on the processor, thread by thread.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    _ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(_ROOT / "hw3"), str(_ROOT / "common/needle/python")]

from needle.backend_ndarray import cuda_traffic

try:
    from apps.warmup_kernels import emulated
except ModuleNotFoundError:  # imported from the folder itself, as tests do
    from warmup_kernels import emulated

__all__ = ["Row", "measure", "print_table"]


@dataclass(frozen=True)
class Row:
    """One count of one kernel. formula, expected: what good traffic is, in words and as a number. counted: None where
    the kernel is not written yet."""

    kernel: str
    what: str
    formula: str
    expected: int
    counted: int | None

    @property
    def verdict(self) -> str:
        if self.counted is None:
            return "not written yet"
        return (
            "as it should be" if self.counted <= self.expected else f"{self.counted / max(self.expected, 1):.1f} times"
        )


def measure(n: int = 4096, side: int = 128) -> list[Row]:
    """Run every kernel once and count. n: of the vectors; side: of the matrices, a multiple of 32.

    Raises ValueError: for another side.
    """
    kernels = emulated()
    threads, tile = kernels.THREADS, kernels.TILE
    if side < tile or side % tile:
        raise ValueError(f"side must be a multiple of {tile}, not {side}")
    rng = np.random.default_rng(0)
    vector, longer = rng.random(n, dtype=np.float32), rng.random(n + kernels.WINDOW - 1, dtype=np.float32)
    matrix = rng.random((side, side), dtype=np.float32)
    size, blocks = side * side, -(-n // threads)
    halo = kernels.WINDOW - 1
    plan: list[tuple[str, Callable[[], object], list[tuple[str, str, int, str]]]] = [
        (
            "vector_add",
            lambda: kernels.vector_add(vector, vector),
            [
                ("loads", "2 n", 2 * n, "global_loads"),
                ("sectors loaded", "2 n / 8", -(-2 * n // 8), "global_load_sectors"),
            ],
        ),
        (
            "window_sum_naive",
            lambda: kernels.window_sum_naive(longer),
            [("loads", "n + 4 blocks", n + halo * blocks, "global_loads")],
        ),
        (
            "window_sum",
            lambda: kernels.window_sum(longer),
            [("loads", "n + 4 blocks", n + halo * blocks, "global_loads")],
        ),
        (
            "row_sum",
            lambda: kernels.row_sum(matrix, threads),
            [
                ("loads", "rows columns", size, "global_loads"),
                ("sectors loaded", "rows columns / 8", size // 8, "global_load_sectors"),
                ("bank conflicts", "0", 0, "bank_conflicts"),
            ],
        ),
        (
            "transpose_naive",
            lambda: kernels.transpose_naive(matrix),
            [
                ("sectors loaded", "rows columns / 8", size // 8, "global_load_sectors"),
                ("sectors stored", "rows columns / 8", size // 8, "global_store_sectors"),
            ],
        ),
        (
            "transpose",
            lambda: kernels.transpose(matrix),
            [
                ("sectors loaded", "rows columns / 8", size // 8, "global_load_sectors"),
                ("sectors stored", "rows columns / 8", size // 8, "global_store_sectors"),
                ("bank conflicts", "0", 0, "bank_conflicts"),
            ],
        ),
        (
            "matmul",
            lambda: kernels.matmul(matrix, matrix),
            [("loads", f"2 n^3 / {tile}", 2 * side**3 // tile, "global_loads")],
        ),
    ]
    rows = []
    for name, call, counts in plan:
        traffic = _counted(call)
        for what, formula, expected, field in counts:
            rows.append(Row(name, what, formula, expected, None if traffic is None else getattr(traffic, field)))
    return rows


def print_table(rows: list[Row]) -> None:
    print(f"{'kernel':18}{'what':18}{'formula':>18}{'':>12}{'yours':>12}")
    for before, row in zip([None, *rows], rows, strict=False):
        name = "" if before is not None and before.kernel == row.kernel else row.kernel
        yours = "" if row.counted is None else f"{row.counted:,}"
        print(f"{name:18}{row.what:18}{row.formula:>18}{row.expected:>12,}{yours:>12}  {row.verdict}")


def _counted(call: Callable[[], object]) -> cuda_traffic.KernelTraffic | None:
    with cuda_traffic.counted(emulated()) as traffic:
        try:
            call()
        except NotImplementedError:
            return None
    return traffic.total


def main() -> None:
    print("vectors of n = 4,096 and matrices of 128 x 128\n")
    print_table(measure())


if __name__ == "__main__":
    main()
