"""Pictures of who loads what: threads and memory, sectors, banks, the tree of a reduction.

draw_windows(8)            which thread loads which number for sums of five neighbours, with and without shared memory
draw_sectors(1, 2, 8)      the sectors of 32 bytes that a warp's request takes, at so many numbers from lane to lane
draw_banks(32, 33)         the banks of a tile in shared memory whose rows are so long, and who wants which of them
draw_trees(8)              two ways to sum the shares of a block's threads, round by round
draw_matmul_loads(1024)    how often a product of matrices loads each number, by the side of a tile

Everything drawn is counted from the same numbers that are written beside it: `sectors_of` and `conflicts_of` say how
many sectors a warp's request takes, and for how many turns its lanes wait for banks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

__all__ = [
    "conflicts_of",
    "draw_banks",
    "draw_matmul_loads",
    "draw_sectors",
    "draw_trees",
    "draw_windows",
    "sectors_of",
]

LANES = 32  # threads of a warp
BANKS = 32
SECTOR = 8  # numbers of float32 in a sector of 32 bytes
TOUCHED, CARRIED, UNUSED, WAITING = "C0", "#c6dbef", "#f2f2f2", "#d62728"


def sectors_of(places: Iterable[int]) -> int:
    """How many sectors hold the numbers at these places of an array that begins with a sector."""
    return len({place // SECTOR for place in places})


def conflicts_of(places: Iterable[int]) -> int:
    """For how many turns a warp that wants these numbers of shared memory waits, beyond the one that it needs anyway.

    A bank gives one number in a turn, to all lanes that want that number.
    """
    return max(Counter(place % BANKS for place in set(places)).values(), default=1) - 1


def draw_windows(threads: int = 8, window: int = 5) -> None:
    """A block of so many threads that sums windows: who loads which number, straight from global memory and shared."""
    needed = threads + window - 1
    straight = [(t, t + k) for t in range(threads) for k in range(window)]
    fetched = [(i % threads, i) for i in range(needed)]  # thread i brings number i, and the first ones a second
    figure, (above, below) = plt.subplots(2, 1, figsize=(10, 6.2), gridspec_kw={"height_ratios": [2, 3]})
    _draw_arrows(above, straight, 2.0, 0.0)
    _draw_cells(above, "threads", 2.0, range(threads))
    above.set_title(f"straight from global memory: {len(straight)} loads for {threads} sums", fontsize=10, loc="left")
    _draw_arrows(below, straight, 4.0, 2.0, "lightgray")
    _draw_arrows(below, [(i, i) for i in range(needed)], 2.0, 0.0, [thread for thread, _ in fetched])
    _draw_cells(below, "threads", 4.0, range(threads))
    _draw_cells(below, "shared memory", 2.0, [thread for thread, _ in fetched])
    below.set_title(
        f"through shared memory: {len(fetched)} loads, and then all read from there", fontsize=10, loc="left"
    )
    for axes, loads, top in ((above, straight, 2.0), (below, fetched, 4.0)):
        often = Counter(place for _, place in loads)
        _draw_cells(axes, "global memory", 0.0, [None if loads is straight else thread for thread, _ in fetched])
        for place in range(needed):
            axes.text(place, -0.7, f"×{often[place]}", ha="center", va="center", fontsize=7, color="gray")
        axes.set_xlim(-3.6, needed)
        axes.set_ylim(-1, top + 0.6)
        axes.axis("off")
    figure.tight_layout()
    plt.show()


def draw_sectors(*steps: int, first: int = 0) -> None:
    """Global memory with what a warp takes of it, where lane k wants the number at first + k * step: a strip for each.

    Dark is what a lane wants, light what comes along in its sector.
    """
    longest = max(_round_up(first + (LANES - 1) * step + 1) for step in steps)
    _, panels = plt.subplots(len(steps), 1, figsize=(11, 0.95 * len(steps)), squeeze=False)
    for axes, step in zip(panels[:, 0], steps, strict=True):
        wanted = {first + lane * step for lane in range(LANES)}
        sectors = {place // SECTOR for place in wanted}
        for sector in range(longest // SECTOR):
            colour = CARRIED if sector in sectors else UNUSED
            axes.add_patch(Rectangle((sector * SECTOR, 0), SECTOR, 1, facecolor=colour, edgecolor="white"))
        for place in wanted:
            axes.add_patch(Rectangle((place, 0.12), 1, 0.76, facecolor=TOUCHED))
        count = sectors_of(wanted)
        begins = f", from number {first} on" if first else ""
        axes.set_title(
            f"{step} from lane to lane{begins}: {count} sectors; {len(wanted)} of {count * SECTOR} numbers are wanted",
            fontsize=9,
            loc="left",
        )
        axes.set_xlim(-1, longest + 1)
        axes.set_ylim(0, 1)
        axes.axis("off")
    plt.tight_layout()
    plt.show()


def draw_banks(*widths: int, side: int = 32) -> None:
    """A tile of so many rows and columns in shared memory, once for each length of its rows: the bank of each number.

    Framed is what a warp wants that reads one column; on the right, how many of its lanes want each bank.
    """
    figure, panels = plt.subplots(
        2, len(widths), figsize=(5.6 * len(widths), 6.4), squeeze=False, gridspec_kw={"height_ratios": [4, 1]}
    )
    for (tile, banks), width in zip(panels.T, widths, strict=True):
        places = np.arange(side)[:, None] * width + np.arange(width)
        column = places[:, 0].tolist()
        tile.imshow(places % BANKS, cmap="twilight", vmin=0, vmax=BANKS - 1)
        tile.add_patch(Rectangle((-0.5, -0.5), 1, side, fill=False, edgecolor=WAITING, linewidth=2))
        if width > side:
            tile.axvline(side - 0.5, color="black", linestyle=":")
        conflicts = conflicts_of(column)
        turns = "one turn" if not conflicts else f"{conflicts + 1} turns"
        tile.set_title(f"rows of {width}: a column takes {turns}", fontsize=10)
        tile.set_xticks(range(0, width, 8))
        tile.set_yticks(range(0, side, 8))
        wanted = Counter(place % BANKS for place in column)
        banks.bar(range(BANKS), [wanted[bank] for bank in range(BANKS)], color=WAITING if conflicts else TOUCHED)
        banks.set_xlabel("bank")
        banks.set_ylabel("lanes")
        banks.set_ylim(0, side)
    figure.tight_layout()
    plt.show()


def draw_trees(threads: int = 8) -> None:
    """So many shares, summed round by round: neighbours by the first threads of the block, or halves.

    An arrow goes from the number that is added to the one that it is added to, in the colour of the thread that adds.
    """
    figure, panels = plt.subplots(1, 2, figsize=(12, 3.6))
    for axes, title, rounds in (
        (panels[0], "neighbours", _neighbours(threads)),
        (panels[1], "halves", _halves(threads)),
    ):
        height = len(rounds)
        places = list(range(threads))
        for number, pairs in enumerate([*rounds, []]):
            level = height - number
            for place in range(threads):
                face = "white" if place in places else UNUSED
                axes.add_patch(Rectangle((place - 0.4, level - 0.16), 0.8, 0.32, facecolor=face, edgecolor="gray"))
                if place in places:
                    axes.text(place, level, str(place), ha="center", va="center", fontsize=8)
            for thread, (to, source) in enumerate(pairs):
                axes.annotate(
                    "",
                    xy=(to, level - 0.82),
                    xytext=(source, level - 0.18),
                    arrowprops={"arrowstyle": "->", "color": f"C{thread % 10}", "linewidth": 1.6},
                )
                places.remove(source)
        axes.set_title(f"{title}: {height} rounds", fontsize=10)
        axes.set_xlim(-0.6, threads - 0.4)
        axes.set_ylim(-0.4, height + 0.4)
        axes.axis("off")
    figure.tight_layout()
    plt.show()


def draw_matmul_loads(n: int, sides: Sequence[int] = (1, 2, 4, 8, 16, 32)) -> None:
    """For a product of (n, n) matrices by tiles of several sides: how often each number of a and b is loaded."""
    often = [n / side for side in sides]
    plt.figure(figsize=(7, 3))
    plt.bar(range(len(sides)), often, color=TOUCHED)
    for place, times in enumerate(often):
        plt.text(
            place, times, f"{times:,.0f} times\n{2 * n * n * times:.1e} loads", ha="center", va="bottom", fontsize=8
        )
    plt.xticks(range(len(sides)), [f"{side} x {side}" for side in sides])
    plt.yscale("log")
    plt.ylim(1, 12 * n)
    plt.xlabel("tile")
    plt.ylabel("loads of each number")
    plt.title(f"n = {n}: each number is needed for {n} elements of the product", fontsize=10)
    plt.tight_layout()
    plt.show()


def _draw_cells(axes: Axes, name: str, height: float, threads: Iterable[int | None]) -> None:
    """A row of numbered cells, in the colour of the thread that each belongs to; white where that is nobody."""
    axes.text(-1, height, name, ha="right", va="center", fontsize=9)
    for cell, thread in enumerate(threads):
        colour = "white" if thread is None else f"C{thread % 10}"
        axes.add_patch(Rectangle((cell - 0.4, height - 0.35), 0.8, 0.7, facecolor=colour, edgecolor="gray"))
        axes.text(cell, height, str(cell), ha="center", va="center", fontsize=8)


def _draw_arrows(
    axes: Axes,
    pairs: Sequence[tuple[int, int]],
    top: float,
    bottom: float,
    by: str | Sequence[int] | None = None,
) -> None:
    """Lines from a cell above to one below. by: their colour, or whose they are (default: that of the cell above)."""
    for number, (above, below) in enumerate(pairs):
        colour = by if isinstance(by, str) else f"C{(above if by is None else by[number]) % 10}"
        axes.plot(
            [above, below], [top - 0.35, bottom + 0.35], color=colour, linewidth=0.8 if by == "lightgray" else 1.4
        )


def _round_up(count: int) -> int:
    return -(-count // SECTOR) * SECTOR


def _neighbours(threads: int) -> list[list[tuple[int, int]]]:
    """For each round the pairs (to, from): thread t adds at 2 * step * t, so that its places drift apart."""
    rounds, step = [], 1
    while step < threads:
        rounds.append([(to, to + step) for to in range(0, threads, 2 * step) if to + step < threads])
        step *= 2
    return rounds


def _halves(threads: int) -> list[list[tuple[int, int]]]:
    """For each round the pairs (to, from): the second half is added to the first, place by place."""
    rounds, left = [], threads
    while left > 1:
        kept = left - left // 2
        rounds.append([(to, to + kept) for to in range(left // 2)])
        left = kept
    return rounds
