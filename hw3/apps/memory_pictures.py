"""Pictures of arrays: which element of memory each cell of an NDArray shows, and what a product reads.

draw_views(("a", a), ("a.T", a.T))      cells by their place in memory, with the memory below
draw_order(("a.T", a.T))                the places in the order in which the elements are counted
draw_launch(1000)                       the threads of a CUDA launch, and which of them have no element
draw_product(12, 3, 4)                  what of a and b is read for one tile of a @ b

Where the elements of an array lie is worked out from its shape, strides and offset, and from nothing else: a wrong
stride shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from needle.backend_ndarray import NDArray

__all__ = ["draw_launch", "draw_order", "draw_product", "draw_views", "places"]

CELL = 0.27  # inches
ROW_WIDTH = 48  # cells that fit side by side
STRIP_WIDTH = 24  # the most cells of memory in one row of it
FOLDED_WIDTH = 12  # and where one row does not hold all
HEADING = 2.7  # its lines above each array
GAP = 0.6  # between the matrices of an array of more than two axes
OUTSIDE = "#d62728"
UNUSED = "#eeeeee"


def places(array: NDArray) -> np.ndarray:
    """Where in its buffer each element of an array lies: integers, in the array's shape.

    Nothing is read, so places outside of the buffer come out as they are: negative, or too large.
    """
    place = np.full(array.shape, array._offset, dtype=np.int64)
    for index, stride in zip(np.indices(array.shape), array.strides, strict=True):
        place += index * stride
    return place


def draw_views(*views: tuple[str, NDArray], contents: bool = False) -> None:
    """Arrays of up to four axes as grids, each with its memory below it.

    A cell has the number and the colour of the place in memory that it shows; a place that no cell shows is grey, one
    that several cells show says how many, and one outside of the memory is red.

    contents: write what the memory holds into the cells, instead of the place
    """
    panels = [_Panel(title, array, contents) for title, array in views]
    rows: list[list[_Panel]] = []
    for panel in panels:
        if not rows or sum(each.width + 2 for each in rows[-1]) + panel.width > ROW_WIDTH:
            rows.append([])
        rows[-1].append(panel)
    width = max(sum(panel.width + 2 for panel in row) - 2 for row in rows)
    height = sum(max(panel.height for panel in row) + 1 for row in rows) - 1
    _, axes = plt.subplots(figsize=((width + 1) * CELL, (height + 1) * CELL))
    down = 0.0
    for row in rows:
        right = 0.0
        for panel in row:
            panel.draw(axes, right, down)
            right += panel.width + 2
        down += max(panel.height for panel in row) + 1
    _finish(axes, width, height)


def draw_order(*views: tuple[str, NDArray]) -> None:
    """For each array a curve: the place in memory of its elements, counted row by row."""
    figure, axes = plt.subplots(figsize=(10, 3.2))
    for number, (title, array) in enumerate(views):
        walk = places(array).ravel()
        axes.plot(walk, "os^D"[number % 4] + "-", markersize=5, linewidth=1, label=title, alpha=0.8)
    axes.set_xlabel("element, counted row by row")
    axes.set_ylabel("place in memory")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    plt.show()


def draw_launch(size: int, block: int = 256) -> None:
    """The threads that are launched for `size` elements, block by block, those without an element in red."""
    blocks = -(-size // block)
    _, axes = plt.subplots(figsize=(11, 1.5))
    for number in range(blocks):
        left = number * block * 1.04
        busy = min(block, size - number * block)
        axes.add_patch(Rectangle((left, 0), busy, 1, facecolor="C0", alpha=0.6))
        axes.add_patch(Rectangle((left + busy, 0), block - busy, 1, facecolor=OUTSIDE, alpha=0.6))
        axes.add_patch(Rectangle((left, 0), block, 1, fill=False, edgecolor="black"))
        axes.text(left + block / 2, 1.15, f"blockIdx.x = {number}", ha="center", fontsize=9)
        text = f"{number * block} to {number * block + busy - 1}"
        axes.text(left + busy / 2, 0.5, text, ha="center", va="center", fontsize=9)
        if busy < block:
            text = f"{block - busy} threads\nwithout an element"
            axes.text(left + block + 12, 0.5, text, va="center", fontsize=9, color=OUTSIDE)
    axes.set_xlim(-2, blocks * block * 1.04 + 0.2 * block)
    axes.set_ylim(-0.1, 1.6)
    axes.axis("off")
    plt.show()


def draw_product(n: int, rows: int, columns: int, *, depth: int = 1) -> None:
    """What is read of two matrices (n, n) to compute one tile of `rows` x `columns` elements of their product.

    depth: how many columns of a and rows of b are read at a time, drawn dark
    """
    top, left, at = rows * (n // rows // 2), columns * (n // columns // 2), depth * (n // depth // 3)
    figure, panels = plt.subplots(1, 3, figsize=(9.5, 3.3))
    marks = {
        "a": [((top, 0, rows, n), "C0", 0.3), ((top, at, rows, depth), "C0", 0.9)],
        "b": [((0, left, n, columns), "C1", 0.3), ((at, left, depth, columns), "C1", 0.9)],
        "out": [((top, left, rows, columns), "C2", 0.9)],
    }
    for axes, (name, rectangles) in zip(panels, marks.items(), strict=True):
        for (i, j, high, wide), colour, alpha in rectangles:
            axes.add_patch(Rectangle((j, i), wide, high, facecolor=colour, alpha=alpha))
        for line in range(n + 1):
            axes.plot([0, n], [line, line], [line, line], [0, n], color="lightgray", linewidth=0.6)
        axes.set_title(name, fontsize=10)
        axes.set_aspect("equal")
        axes.set_xlim(-0.1, n + 0.1)
        axes.set_ylim(n + 0.1, -0.1)
        axes.axis("off")
    figure.tight_layout()
    plt.show()


@dataclass
class _Panel:
    """One array with its title, its grids and its memory, in units of a cell."""

    title: str
    array: NDArray
    contents: bool

    def __post_init__(self) -> None:
        if self.array.ndim > 4:
            raise ValueError(f"a picture has room for 4 axes, and {self.title} has {self.array.ndim}")
        shape = (1,) * (4 - self.array.ndim) + self.array.shape
        self.places = places(self.array).reshape(shape)
        self.memory = int(self.array._handle.size)
        buffer = NDArray.make((self.memory,), (1,), self.array.device, self.array._handle)
        self.held = [f"{number:g}" for number in buffer.numpy()] if self.contents else []
        down, right, rows, columns = shape
        self.grid_width = right * (columns + GAP) - GAP
        self.grid_height = down * (rows + GAP) - GAP
        self.strip_width = max(self.memory, 1) if self.memory <= STRIP_WIDTH else FOLDED_WIDTH
        self.strip_height = 1.5 * (-(-self.memory // self.strip_width))
        self.about = [self.title, f"shape {self.array.shape}", self._strides()]
        self.width = max(self.grid_width + 1, self.strip_width, 0.48 * max(len(line) for line in self.about))
        self.height = HEADING + self.grid_height + 1.1 + self.strip_height

    def _strides(self) -> str:
        return f"strides {self.array.strides}, offset {self.array._offset}"

    def draw(self, axes: Axes, right: float, down: float) -> None:
        """With its left upper corner at (right, down); down is positive."""
        for line, (text, weight) in enumerate(zip(self.about, ("bold", "normal", "normal"), strict=True)):
            family = "monospace" if line == 0 else None
            axes.text(right, down + 0.8 * line + 0.4, text, fontsize=8.5, weight=weight, family=family, va="center")
        grid = down + HEADING
        columns, rows = self.places.shape[3], self.places.shape[2]
        for (i, j, k, m), place in np.ndenumerate(self.places):
            self._cell(axes, right + j * (columns + GAP) + m, grid + i * (rows + GAP) + k, int(place))
        strip = grid + self.grid_height + 1.1
        axes.text(right, strip - 0.35, "memory", fontsize=7, color="gray", va="center")
        shown, times = np.unique(self.places, return_counts=True)
        count = dict(zip(shown.tolist(), times.tolist(), strict=True))
        for place in range(self.memory):
            x, y = right + place % self.strip_width, strip + 1.5 * (place // self.strip_width)
            self._cell(axes, x, y, place, used=place in count)
            if count.get(place, 0) > 1:
                axes.text(x + 0.5, y + 1.25, f"×{count[place]}", fontsize=6.5, ha="center", va="center", color="gray")

    def _cell(self, axes: Axes, x: float, y: float, place: int, used: bool = True) -> None:
        inside = 0 <= place < self.memory
        share = place / max(self.memory - 1, 1)
        face = plt.get_cmap("YlGnBu")(0.08 + 0.77 * share) if inside else OUTSIDE
        ink = "white" if not inside or share > 0.6 else "black"
        if not used:
            face, ink = UNUSED, "darkgray"
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor=face, edgecolor="white", linewidth=0.8))
        text = self.held[place] if self.contents and inside else str(place)
        axes.text(x + 0.5, y + 0.52, text, fontsize=7.5, ha="center", va="center", color=ink)


def _finish(axes: Axes, width: float, height: float) -> None:
    axes.set_xlim(-0.5, width + 0.5)
    axes.set_ylim(height + 0.5, -0.5)
    axes.set_aspect("equal")
    axes.axis("off")
    axes.figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
    plt.show()
