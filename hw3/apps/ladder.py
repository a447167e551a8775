"""How fast the rungs of your matmul ladder are on this machine, and how many loads each should need.

    python hw3/apps/ladder.py        the table (build first: make lib)

    measure(512)                     the same as a list of `Measured`
    plot(512)                        as a picture

The limit is measured in the same run: multiply-adds in registers of one core, which no matmul on one core exceeds.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

try:
    import matmul_ladder
except ModuleNotFoundError as error:
    if error.name != "matmul_ladder":
        raise
    raise ImportError("matmul_ladder is not built, or hw3/src is not on sys.path: run `make lib` first") from error

__all__ = ["Measured", "cost_model", "measure", "plot"]

TURNS = 5  # a rung's best time of so many counts, and of more for as long as PATIENCE lasts
PATIENCE = 0.3  # seconds
RUNGS = ("naive", "register_tiled", "cache_tiled", "packed")


@dataclass(frozen=True)
class Measured:
    """One rung. speed: floating-point operations a second; share: of the limit; loads: see `cost_model`.

    speed is None where the rung is not written yet, and right is False where its product is wrong.
    """

    rung: str
    speed: float | None
    share: float | None
    right: bool
    loads: int
    loads_from: str


def cost_model(rung: str, n: int, v1: int, v2: int, b1: int) -> tuple[int, str]:
    """How many numbers a rung loads for a product of (n, n) matrices, and from where: as in the lecture.

    v1, v2: rows and columns of a tile in registers. b1: rows of a block in the cache.
    """
    if rung == "naive":
        return 2 * n**3, "to registers"
    if rung == "register_tiled":
        return n**3 // v2 + n**3 // v1, "to registers"
    if rung == "cache_tiled":
        return n**2 + n**3 // b1, "to the cache"
    if rung == "packed":  # as cache_tiled, and the copies are written and read once
        return 3 * n**2 + n**3 // b1, "to the cache"
    raise ValueError(f"there is no rung {rung!r}; there are: {', '.join(RUNGS)}")


def measure(n: int = 512, *, v1: int | None = None, v2: int | None = None, b1: int = 64) -> list[Measured]:
    """Time every rung on (n, n) matrices, n a multiple of 128, on this machine's clock.

    v1, v2, b1: your tiles and blocks, for the cost model (default: what `matmul_ladder.h` makes easy).
    Raises ValueError: for another n.
    """
    if n < 1 or n % matmul_ladder.MULTIPLE:
        raise ValueError(f"n must be a multiple of {matmul_ladder.MULTIPLE}, not {n}")
    rows, columns = v1 or matmul_ladder.REGISTERS // 4, v2 or 2 * matmul_ladder.LANES
    left, right, product = (np.empty((n, n), dtype=np.float32) for _ in range(3))
    matmul_ladder.fill(left, 1)
    matmul_ladder.fill(right, 2)
    expected = left.astype(np.float64) @ right.astype(np.float64)
    error = 2e-4 * math.sqrt(n / 1024)  # what sums in float32 may differ by, several times over; as the judge has it
    measured = []
    for rung in RUNGS:
        limit = matmul_ladder.peak(0.05)
        function = getattr(matmul_ladder, f"matmul_{rung}")
        loads, source = cost_model(rung, n, rows, columns, b1)
        product.fill(np.nan)
        try:
            seconds = _best(lambda function=function: function(left, right, product))
        except NotImplementedError:
            measured.append(Measured(rung, None, None, False, loads, source))
            continue
        speed = 2.0 * n**3 / seconds
        is_right = bool((np.abs(product - expected) <= error).all())
        measured.append(Measured(rung, speed, speed / limit, is_right, loads, source))
    return measured


def plot(n: int = 512, **tiles: int) -> None:
    """Measure, and draw the share of the limit that each rung reaches, beside the loads that the model expects."""
    import matplotlib.pyplot as plt

    rungs = measure(n, **tiles)
    places = np.arange(len(rungs))
    figure, (speeds, loads) = plt.subplots(1, 2, figsize=(11, 3), sharey=True)
    speeds.barh(places, [100 * (rung.share or 0.0) for rung in rungs], color=[_colour(rung) for rung in rungs])
    for place, rung in zip(places, rungs, strict=True):
        speeds.text(100 * (rung.share or 0.0) + 1, place, _verdict(rung), va="center")
    speeds.set_yticks(places, [rung.rung for rung in rungs])
    speeds.set_xlim(0, 135)
    speeds.set_xticks(range(0, 101, 20))
    speeds.set_xlabel("share of what one core can do, %")
    speeds.invert_yaxis()
    loads.barh(places, [rung.loads for rung in rungs], color="#bbbbbb")
    for place, rung in zip(places, rungs, strict=True):
        loads.text(rung.loads, place, f" {rung.loads_from}", va="center")
    loads.set_xscale("log")
    loads.margins(x=0.4)
    loads.set_xlabel("numbers that the cost model loads")
    figure.suptitle(f"The matmul ladder on this machine, n = {n}")
    figure.tight_layout()
    plt.show()


def _best(work: Callable[[], object]) -> float:
    """The shortest of several times, in seconds: whatever else the machine does only adds to it."""
    best, began, turns = float("inf"), time.perf_counter(), 0
    while turns < TURNS or time.perf_counter() - began < PATIENCE:
        before = time.perf_counter()
        work()
        best, turns = min(best, time.perf_counter() - before), turns + 1
        if time.perf_counter() - began > 10 * PATIENCE:
            break
    return best


def _verdict(rung: Measured) -> str:
    if rung.speed is None:
        return "not written yet"
    return f"{rung.speed / 1e9:.1f} GFLOP/s" if rung.right else "wrong product"


def _colour(rung: Measured) -> str:
    return "#1f77b4" if rung.right else "#d62728"


def main() -> None:
    for n in (512, 1024):
        print(f"n = {n}")
        for rung in measure(n):
            share = "" if rung.share is None else f"{rung.share:6.1%} of the limit"
            print(f"  {rung.rung:16} {_verdict(rung):>16} {share:24} {rung.loads:14,} loads {rung.loads_from}")


if __name__ == "__main__":
    main()
