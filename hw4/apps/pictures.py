"""Pictures of what networks see and learn: images, filters, windows, attention. Given to you.

draw_images(images, titles)             photographs (n, 3, H, W), each with a title
draw_filters(before, after)             a first layer's weights (K, K, 3, C), as they were drawn and as they are now
draw_two_readings(image, weights)       one convolution, read window by window and weight by weight
draw_matrices(("M", M), ("M.T", M.T))   matrices as colours, blue below zero and red above
draw_attention(maps, words)             what each head (H, T, S) takes of each word
draw_lines({"rnn": losses}, ...)        a line for each series
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

__all__ = ["draw_attention", "draw_filters", "draw_images", "draw_lines", "draw_matrices", "draw_two_readings"]


def draw_images(images: np.ndarray, titles: Sequence[str], columns: int = 10) -> None:
    """Images (n, 3, H, W), channel first, pixels from 0 to 1."""
    rows = -(-len(images) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(1.15 * columns, 1.4 * rows), squeeze=False)
    for panel in axes.flat:
        panel.axis("off")
    for panel, image, title in zip(axes.flat, images, titles, strict=False):
        panel.imshow(image.transpose(1, 2, 0).clip(0, 1))
        panel.set_title(title, fontsize=8)
    figure.tight_layout()
    plt.show()


def draw_filters(before: np.ndarray, after: np.ndarray) -> None:
    """Weights (K, K, 3, C) as C small colour pictures each; grey is 0. The third row is what training has changed."""
    rows = {"drawn": before, "trained": after, "the change": after - before}
    count = before.shape[3]
    figure, axes = plt.subplots(len(rows), count, figsize=(0.75 * count, 0.85 * len(rows)), squeeze=False)
    for panels, (name, weights) in zip(axes, rows.items(), strict=True):
        scale = 2 * np.abs(weights).max() or 1.0
        for channel, panel in enumerate(panels):
            panel.imshow(0.5 + weights[:, :, :, channel] / scale)
            panel.set_xticks([])
            panel.set_yticks([])
        panels[0].set_ylabel(name, fontsize=8)
    figure.tight_layout(pad=0.3)
    plt.show()


def draw_two_readings(image: np.ndarray, weights: np.ndarray) -> None:
    """One convolution of an image (H, W) with weights (K, K), without padding, read in two ways.

    Left: the window that one element of the result is made of. Right: the elements of the image that one weight meets,
    which are as many as the result has.
    """
    kernel = weights.shape[0]
    high, wide = (size - kernel + 1 for size in image.shape)
    windows = np.lib.stride_tricks.sliding_window_view(image, weights.shape)
    result = (windows * weights).sum(axis=(2, 3))
    i, j, u, v = high // 2, wide // 2, kernel - 1, 0
    figure, axes = plt.subplots(2, 3, figsize=(9, 6))
    boxes = {
        "window by window": ((i, j, kernel, kernel), (0, 0, kernel, kernel), (i, j, 1, 1)),
        "weight by weight": ((u, v, high, wide), (u, v, 1, 1), (0, 0, high, wide)),
    }
    colour = {"window by window": "C3", "weight by weight": "C0"}
    for row, (reading, places) in zip(axes, boxes.items(), strict=True):
        for panel, values, place, name in zip(
            row, (image, weights, result), places, ("image", "weights", "result"), strict=True
        ):
            _numbers(panel, values)
            down, right, rows, columns = place
            box = (right - 0.5, down - 0.5), columns, rows
            panel.add_patch(Rectangle(*box, facecolor=colour[reading], edgecolor=colour[reading], alpha=0.25))
            panel.add_patch(Rectangle(*box, fill=False, edgecolor=colour[reading], linewidth=2.5))
            panel.set_title(name, fontsize=9)
        row[0].set_ylabel(reading, fontsize=10)
    figure.tight_layout()
    plt.show()


def draw_matrices(*matrices: tuple[str, np.ndarray]) -> None:
    """Matrices side by side, at one scale of colours: blue is negative, white 0, red positive."""
    largest = max(float(np.abs(matrix).max()) for _, matrix in matrices) or 1.0
    widths = [max(matrix.shape[1], 4) for _, matrix in matrices]
    size = min(0.16, 11 / sum(widths))
    high = size * max(matrix.shape[0] for _, matrix in matrices) + 0.6
    wide = size * sum(widths) + 0.8 * len(widths)
    figure, axes = plt.subplots(1, len(matrices), figsize=(wide, high), width_ratios=widths, squeeze=False)
    for panel, (name, matrix) in zip(axes[0], matrices, strict=True):
        panel.imshow(matrix, cmap="bwr", vmin=-largest, vmax=largest)
        panel.set_title(f"{name}: {matrix.shape[0]} x {matrix.shape[1]}", fontsize=9)
        panel.set_xticks([])
        panel.set_yticks([])
    figure.tight_layout()
    plt.show()


def draw_attention(maps: np.ndarray, words: Sequence[str], heads: Sequence[int] | None = None) -> None:
    """Probabilities (H, T, S) of some heads, or of all: a row for each query, a column for each key; dark is much."""
    chosen = range(len(maps)) if heads is None else heads
    columns = min(4, len(chosen))
    rows = -(-len(chosen) // columns)
    side = 2.7 if len(chosen) > 2 else 4.5
    figure, axes = plt.subplots(rows, columns, figsize=(side * columns, side * rows), squeeze=False)
    for panel in axes.flat:
        panel.axis("off")
    for panel, head in zip(axes.flat, chosen, strict=False):
        panel.axis("on")
        panel.imshow(maps[head], cmap="Blues", vmin=0)
        panel.set_title(f"head {head}", fontsize=9)
        panel.set_xticks(range(len(words)), words, rotation=90, fontsize=6)
        panel.set_yticks(range(len(words)), words, fontsize=6)
    figure.tight_layout()
    plt.show()


def draw_lines(
    series: Mapping[str, Sequence[float]], xlabel: str, ylabel: str, *, log: bool = False, first: int = 1
) -> None:
    """A line for each series, of which the first number stands at `first`. log: a logarithmic vertical axis."""
    figure, panel = plt.subplots(figsize=(9, 3.6))
    for number, (name, values) in enumerate(series.items()):
        places = range(first, first + len(values))
        panel.plot(places, values, "os^Dv"[number % 5] + "-", markersize=3, linewidth=1.2, label=name)
    if log:
        panel.set_yscale("log")
    panel.set(xlabel=xlabel, ylabel=ylabel)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.grid(alpha=0.3)
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    plt.show()


def _numbers(panel: Axes, values: np.ndarray) -> None:
    """A grid of cells with numbers in them."""
    panel.imshow(np.zeros(values.shape), cmap="gray_r", vmin=0, vmax=1)
    for (i, j), value in np.ndenumerate(values):
        panel.text(j, i, f"{value:g}", ha="center", va="center", fontsize=9)
    panel.set_xticks(np.arange(values.shape[1] + 1) - 0.5, labels=[])
    panel.set_yticks(np.arange(values.shape[0] + 1) - 0.5, labels=[])
    panel.tick_params(length=0)
    panel.grid(color="lightgray")
