"""Curves of a training: as a picture, and as numbers to draw another one from. Given to you."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from apps.training import Row

__all__ = ["plot_curves", "save_rows", "save_series"]


def save_rows(path: str | os.PathLike[str], rows: Sequence[Row], title: str, **settings: Any) -> None:
    """The rows of `fit` as `path`.json, and their losses as `path`.png. settings: what else the numbers should say."""
    losses = {
        "training": [row.train_loss for row in rows],
        "test": [row.test_loss for row in rows if not math.isnan(row.test_loss)],
    }
    _write(path, {"title": title, **settings, "rows": [asdict(row) for row in rows]})
    plot_curves(Path(path).with_suffix(".png"), losses, title, "epoch")


def save_series(
    path: str | os.PathLike[str], series: Mapping[str, Sequence[float]], title: str, xlabel: str, **settings: Any
) -> None:
    """Losses by the name of who had them, as `path`.json and `path`.png."""
    _write(path, {"title": title, **settings, "loss": {name: list(values) for name, values in series.items()}})
    plot_curves(Path(path).with_suffix(".png"), series, title, xlabel)


def plot_curves(
    path: str | os.PathLike[str], series: Mapping[str, Sequence[float]], title: str, xlabel: str, ylabel: str = "loss"
) -> None:
    """A line for each series over 1, 2, 3 and so on, written as a picture; empty ones are left out."""
    from matplotlib.figure import Figure  # here: whoever only trains does not wait for it

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    # Lines that lie on each other are told apart by their widths and dashes.
    for place, (name, values) in enumerate((name, values) for name, values in series.items() if len(values)):
        style = {"linewidth": 3.0, "alpha": 0.5} if place == 0 else {"linewidth": 1.2, "linestyle": "--"}
        axes.plot(range(1, len(values) + 1), values, label=name, **style)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axes.grid(alpha=0.3)
    axes.legend()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def _write(path: str | os.PathLike[str], content: dict[str, Any]) -> None:
    path = Path(path).with_suffix(".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
