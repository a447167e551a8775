"""hw4's networks trained twice, by needle and by PyTorch, from the same weights on the same minibatches.

    python scripts/train_hw4.py            everything: some minutes on two cores
    python scripts/train_hw4.py lstm       one of: cifar10, lstm, transformer

Prints each epoch of both side by side; writes the loss of every step to reports/NAME.json, and as a picture.

  cifar10      ResNet9 learns 1,000 images by heart: more than 95 % right, and its losses follow PyTorch's
  lstm         a language model on the text corpus: its perplexity is within 5 % of PyTorch's
  transformer  the same
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "hw4"))
os.environ.setdefault("NEEDLE_BACKEND", "nd")  # read when needle is imported

import needle as ndl  # noqa: E402
import numpy as np  # noqa: E402
from apps.curves import save_series  # noqa: E402
from apps.generation import generate, perplexity  # noqa: E402
from apps.models import LanguageModel, ResNet9  # noqa: E402
from apps.simple_ml import (  # noqa: E402
    epoch_general_cifar10,
    epoch_general_ptb,
    evaluate_cifar10,
    evaluate_ptb,
)
from apps.training import data_folder  # noqa: E402
from needle.data import CIFAR10Dataset, Corpus, DataLoader, NDArrayDataset, batchify  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

RIGHT = 0.95  # of the images learned by heart
FOLLOWS = 0.05  # largest difference of two epochs' mean losses
NEAR = 0.05  # between two perplexities
EPOCHS = {"cifar10": 10, "lstm": 3, "transformer": 2}


@dataclass
class Training:
    """One of two trainings: an epoch, a test, and what came of them. Both functions return (accuracy, loss)."""

    name: str
    train: Callable[[], tuple[float, float]]
    test: Callable[[], tuple[float, float]]
    losses: list[float]
    epochs: list[tuple[float, float]] = field(default_factory=list)
    tests: list[tuple[float, float]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


class Recorded(ndl.nn.Module):
    """The softmax loss, which remembers each of its values while the model is trained."""

    def __init__(self, losses: list[float]) -> None:
        super().__init__()
        self.softmax_loss = ndl.nn.SoftmaxLoss()
        self.losses = losses

    def forward(self, logits: ndl.Tensor, y: ndl.Tensor) -> ndl.Tensor:
        loss = self.softmax_loss(logits, y)
        self.losses.append(float(loss.numpy()))
        return loss


def cifar10(chosen: argparse.Namespace, console: Console) -> bool:
    import torch_twins as twins
    from torch import optim

    names = [f"data_batch_{number}" for number in range(1, 6)]
    folder = data_folder("cifar-10-batches-py", *names, "test_batch")
    loader = DataLoader(NDArrayDataset(*CIFAR10Dataset(folder, True)[: chosen.images]), 100, shuffle=True)
    testing = DataLoader(CIFAR10Dataset(folder, False), 100)
    settings = {"lr": 0.001, "weight_decay": 0.001}
    np.random.seed(chosen.seed)
    model, twin = ResNet9(), twins.resnet9_twin()
    twins.copy_parameters(model, twin)
    opt, other = ndl.optim.Adam(model.parameters(), **settings), optim.Adam(twin.parameters(), **settings)
    mine: list[float] = []
    theirs: list[float] = []
    recorded = Recorded(mine)
    both = [
        Training(
            "needle",
            lambda: epoch_general_cifar10(loader, model, recorded, opt),
            lambda: evaluate_cifar10(model, testing),
            mine,
        ),
        Training(
            "PyTorch",
            lambda: twins.epoch_of_images(twin, loader, other, theirs),
            lambda: twins.epoch_of_images(twin, testing, None, []),
            theirs,
        ),
    ]
    run(both, chosen.epochs or EPOCHS["cifar10"], f"ResNet9 on {chosen.images:,} images of CIFAR-10, Adam", console)
    report(both, chosen, "resnet9", "ResNet9, needle and PyTorch from the same weights", images=chosen.images)
    ours, their = (training.epochs[-1] for training in both)
    apart = _largest_difference(both)
    console.print(
        f"learned by heart: needle {ours[0]:.1%}, PyTorch {their[0]:.1%} (wanted: over {RIGHT:.0%}); "
        f"largest difference of an epoch's losses: {apart:.4f} (wanted: below {FOLLOWS}), "
        f"of the first ten steps': {max(abs(a - b) for a, b in zip(mine[:10], theirs[:10], strict=True)):.2g}"
    )
    return ours[0] > RIGHT and apart < FOLLOWS


def text(chosen: argparse.Namespace, console: Console, seq_model: str) -> bool:
    import torch_twins as twins
    from torch import optim

    corpus = Corpus(data_folder("shakespeare", "train.txt", "test.txt"), chosen.lines)
    words, seq_len = len(corpus.dictionary), 32
    training, testing = (batchify(ids, 16) for ids in (corpus.train, corpus.test))
    sizes = (64, words, 128, 1) if seq_model == "lstm" else (64, words, 128, 2)
    np.random.seed(chosen.seed)
    model = LanguageModel(*sizes, seq_model=seq_model, seq_len=seq_len)
    twin = twins.LanguageModelTwin(*sizes, seq_model, seq_len)
    twins.copy_parameters(model, twin)
    settings, clip = ({"lr": 4.0}, 0.25) if seq_model == "lstm" else ({"lr": 0.003}, 1.0)
    kind = "SGD" if seq_model == "lstm" else "Adam"
    opt = getattr(ndl.optim, kind)(model.parameters(), **settings)
    other = getattr(optim, kind)(twin.parameters(), **settings)
    mine: list[float] = []
    theirs: list[float] = []
    recorded = Recorded(mine)
    both = [
        Training(
            "needle",
            lambda: epoch_general_ptb(training, model, seq_len, recorded, opt, clip),
            lambda: evaluate_ptb(model, testing, seq_len),
            mine,
        ),
        Training(
            "PyTorch",
            lambda: twins.epoch_of_text(twin, training, seq_len, other, clip, theirs),
            lambda: twins.epoch_of_text(twin, testing, seq_len, None, None, []),
            theirs,
        ),
    ]
    counted = f"{len(corpus.train):,} words to train on, {len(corpus.test):,} to test on, {words:,} different ones"
    run(both, chosen.epochs or EPOCHS[seq_model], f"A language model with a {seq_model}, {kind}: {counted}", console)
    ours, their = (perplexity(each.tests[-1][1]) for each in both)
    about = f"Language model ({seq_model}), needle and PyTorch from the same weights"
    report(both, chosen, seq_model, about, words=counted, perplexity={"needle": ours, "PyTorch": their})
    trained = [perplexity(each.epochs[-1][1]) for each in both]
    apart = abs(ours / their - 1)
    console.print(
        f"perplexity on the test: needle {ours:.2f}, PyTorch {their:.2f}, {apart:.2%} apart "
        f"(wanted: within {NEAR:.0%}); in training: {trained[0]:.2f} and {trained[1]:.2f}; "
        f"largest difference of an epoch's losses: {_largest_difference(both):.4f}"
    )
    np.random.seed(0)
    console.print(generate(model, corpus.dictionary, "first citizen :", 40, 0.7, seq_len), style="italic")
    return apart <= NEAR


def run(both: Sequence[Training], epochs: int, title: str, console: Console) -> None:
    """An epoch of each in turn, so that what else the machine does troubles both alike."""
    table = Table("\nepoch", title=title, title_justify="left")
    for training in both:
        for column in (f"{training.name}\ntraining", "\ntest", "\nseconds"):
            table.add_column(column, justify="right", no_wrap=True)
    for epoch in range(1, epochs + 1):
        row = []
        for training in both:
            start = time.perf_counter()
            training.epochs.append(training.train())
            training.seconds.append(time.perf_counter() - start)
            training.tests.append(training.test())
            row += [_measure(training.epochs[-1]), _measure(training.tests[-1]), f"{training.seconds[-1]:.1f}"]
        table.add_row(str(epoch), *row)
        print(f"epoch {epoch}/{epochs}: {', '.join(row)}", file=sys.stderr, flush=True)
    console.print(table)


def report(both: Sequence[Training], chosen: argparse.Namespace, name: str, title: str, **facts: Any) -> None:
    """The losses of every step, and what the table says, as numbers; the former as a picture too."""
    import torch

    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    about = {
        "machine": machine,
        "versions": {"numpy": np.__version__, "torch": torch.__version__},
        "device": str(ndl.default_device()),
        **facts,
        **{training.name: {k: vars(training)[k] for k in ("epochs", "tests", "seconds")} for training in both},
    }
    path = Path(chosen.out) / name
    save_series(path, {training.name: training.losses for training in both}, title, "step", **about)
    print(f"written: {path}.json, {path}.png", file=sys.stderr, flush=True)


def _measure(measured: tuple[float, float]) -> str:
    return f"{measured[0]:.1%} {measured[1]:.4f}"


def _largest_difference(both: Sequence[Training]) -> float:
    ours, theirs = both
    return max(abs(a[1] - b[1]) for a, b in zip(ours.epochs, theirs.epochs, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    experiments = {
        "cifar10": cifar10,
        "lstm": lambda *given: text(*given, "lstm"),
        "transformer": lambda *given: text(*given, "transformer"),
    }
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(experiments)}; default: all")
    defaults = ", ".join(f"{count} for {name}" for name, count in EPOCHS.items())
    parser.add_argument("--epochs", type=int, help=f"default: {defaults}")
    parser.add_argument("--images", type=int, default=1000, help="how many images to learn by heart (default: 1000)")
    parser.add_argument("--lines", type=int, default=6000, help="of the text, at most (default: 6000)")
    parser.add_argument("--seed", type=int, default=0, help="decides the initial weights (default: 0)")
    parser.add_argument("--out", default="reports", help="the folder to write to (default: reports)")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.names if name not in experiments]:
        parser.error(f"there is no {unknown[0]!r}; there are: {', '.join(experiments)}")
    try:
        import torch  # noqa: F401
    except ImportError:
        print("train_hw4 compares with PyTorch: pip install -r requirements/bench.txt", file=sys.stderr)
        return 2
    console = Console(highlight=False, width=120)
    passed = [experiments[name](chosen, console) for name in chosen.names or experiments]
    if not all(passed):
        print("train_hw4: not what was wanted, see above", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FileNotFoundError as error:
        sys.exit(f"train_hw4: {error}")
