"""How fast training is, beside PyTorch: `make bench-training`.

The same model, data, minibatches and optimizer, part of an epoch at a time, ours and the peer in turn; medians after a
warm-up. PyTorch gets its data by slicing a tensor, which is several times faster than its DataLoader; the row with the
DataLoader is what most people write.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import needle as ndl
import numpy as np
from needle_data import MissingDataError, require
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "hw2"))

from apps.mlp_resnet import MLPResNet, epoch  # noqa: E402

EXAMPLES = 12_000  # a fifth of an epoch: long beside the clock, short beside what else a machine does
BATCH = 100
ROUNDS = 9
SETTINGS = {"lr": 0.001, "weight_decay": 0.001}


def main() -> int:
    try:
        import torch
    except ImportError:
        print("bench_training needs PyTorch to compare with: pip install -r requirements/bench.txt", file=sys.stderr)
        return 2
    console = Console()
    images, labels = mnist()
    ours = our_epoch(images, labels)
    sliced, loaded = their_epochs(torch, images, labels)
    works = {"needle": ours, "PyTorch, slices": sliced, "PyTorch, DataLoader": loaded}
    times: dict[str, list[float]] = {name: [] for name in works}
    for round_ in track(range(ROUNDS + 1), "MLPResNet on MNIST"):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if round_:
                times[name].append(time.perf_counter() - start)
    steps = EXAMPLES // BATCH
    medians = {name: statistics.median(values) for name, values in times.items()}
    console.print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"PyTorch {torch.__version__} with {torch.get_num_threads()} threads"
    )
    table = Table("work", "ours", "peer", "ratio", "bound", title="Training, medians", title_justify="left")
    for peer, bound in (("PyTorch, slices", "<= 1.5"), ("PyTorch, DataLoader", "")):
        table.add_row(
            f"a step of MLPResNet, batch {BATCH}, Adam",
            f"{1e3 * medians['needle'] / steps:.2f} ms",
            f"{1e3 * medians[peer] / steps:.2f} ms ({peer})",
            f"{medians['needle'] / medians[peer]:.2f}",
            bound,
        )
    console.print(table)
    return 0


def mnist() -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 784) and labels (n,), the first of the training set."""
    names = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
    folder = require(*names, root=ROOT)
    dataset = ndl.data.MNISTDataset(*(folder / name for name in names))
    images, labels = dataset[:EXAMPLES]
    return images.reshape(len(images), -1), labels


def our_epoch(images: np.ndarray, labels: np.ndarray) -> Callable[[], object]:
    model = MLPResNet(images.shape[1])
    opt = ndl.optim.Adam(model.parameters(), **SETTINGS)
    loader = ndl.data.DataLoader(ndl.data.NDArrayDataset(images, labels), BATCH, shuffle=True)
    return lambda: epoch(loader, model, opt)


def their_epochs(torch, images: np.ndarray, labels: np.ndarray) -> tuple[Callable[[], object], Callable[[], object]]:
    """An epoch on slices of shuffled tensors, and one on a DataLoader."""
    nn = torch.nn

    class Residual(nn.Module):
        def __init__(self, fn):
            super().__init__()
            self.fn = fn

        def forward(self, x):
            return self.fn(x) + x

    def block(dim: int, hidden: int) -> nn.Module:
        layers = nn.Linear(dim, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Dropout(0.1)
        return nn.Sequential(Residual(nn.Sequential(*layers, nn.Linear(hidden, dim), nn.BatchNorm1d(dim))), nn.ReLU())

    first, last = nn.Linear(images.shape[1], 100), nn.Linear(100, 10)
    model = nn.Sequential(first, nn.ReLU(), *[block(100, 50) for _ in range(3)], last)
    opt = torch.optim.Adam(model.parameters(), **SETTINGS)
    loss_fn = nn.CrossEntropyLoss()
    X, y = torch.from_numpy(images), torch.from_numpy(labels.astype("int64"))
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), BATCH, shuffle=True)

    def slices() -> Iterator[tuple[object, object]]:
        for chosen in torch.randperm(len(X)).split(BATCH):
            yield X[chosen], y[chosen]

    def train(minibatches) -> tuple[float, float]:
        model.train()
        wrong, summed = 0, 0.0
        for inputs, targets in minibatches:
            logits = model(inputs)
            loss = loss_fn(logits, targets)
            opt.zero_grad()
            loss.backward()
            opt.step()
            wrong += (logits.argmax(1) != targets).sum().item()
            summed += loss.item() * len(inputs)
        return wrong / len(X), summed / len(X)

    return lambda: train(slices()), lambda: train(loader)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MissingDataError as error:
        sys.exit(f"make bench-training: {error}")
