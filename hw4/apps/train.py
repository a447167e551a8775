"""hw4's networks, trained with the needle that you wrote: `python apps/train.py cifar10`, or `... text`.

Shows its progress, stops at Ctrl-C, and with --checkpoint goes on another time. --help lists what can be chosen.
Given to you.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path
from typing import Any

# Run as a program, this file's own folder is on the path instead of the homework's.
if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    os.environ.setdefault("NEEDLE_BACKEND", "nd")  # read when needle is imported

import needle as ndl
import numpy as np
from apps.curves import save_rows
from apps.generation import generate, perplexity
from apps.models import SEQ_MODELS, LanguageModel, ResNet9
from apps.simple_ml import epoch_general_cifar10, epoch_general_ptb, evaluate_cifar10, evaluate_ptb
from apps.training import data_folder, fit
from needle.data import CIFAR10Dataset, Corpus, DataLoader, NDArrayDataset, batchify

__all__ = ["main"]

BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))


def cifar10(chosen: argparse.Namespace, device: Any) -> None:
    """ResNet9 on CIFAR-10."""
    folder = data_folder("cifar-10-batches-py", *BATCHES, "test_batch", given=chosen.data)
    transforms = [ndl.data.RandomFlipHorizontal(), ndl.data.RandomCrop(4)] if chosen.augment else None
    training, testing = (CIFAR10Dataset(folder, train, transforms=transforms if train else None) for train in (1, 0))
    if chosen.images:
        training = NDArrayDataset(*training[: chosen.images])
    print(f"{len(training):,} images to train on, {len(testing):,} to test on", flush=True)
    np.random.seed(chosen.seed)
    model = ResNet9(device=device)
    optimizer = _optimizer(chosen, model)
    loaders = DataLoader(training, chosen.batch_size, shuffle=True), DataLoader(testing, chosen.batch_size)
    rows = fit(
        lambda: epoch_general_cifar10(loaders[0], model, opt=optimizer),
        model,
        optimizer,
        chosen.epochs,
        lambda: evaluate_cifar10(model, loaders[1]),
        chosen.checkpoint,
    )
    if chosen.curves and rows:
        save_rows(chosen.curves, rows, "ResNet9 on CIFAR-10", parameters=_settings(chosen))


def text(chosen: argparse.Namespace, device: Any) -> None:
    """A language model on a text."""
    folder = data_folder(chosen.corpus, "train.txt", "test.txt", given=chosen.data)
    corpus = Corpus(folder, chosen.max_lines)
    words = len(corpus.dictionary)
    print(f"{len(corpus.train):,} words to train on, {len(corpus.test):,} to test on; {words:,} different ones")
    if not words:
        raise ValueError(f"there is no word to train on: the text in {folder} is empty, or --max-lines is 0")
    training, testing = (batchify(ids, chosen.batch_size, device) for ids in (corpus.train, corpus.test))
    np.random.seed(chosen.seed)
    sizes = chosen.embedding, words, chosen.hidden, chosen.layers
    model = LanguageModel(*sizes, seq_model=chosen.model, seq_len=chosen.seq_len, device=device)
    optimizer = _optimizer(chosen, model)
    rows = fit(
        lambda: epoch_general_ptb(training, model, chosen.seq_len, opt=optimizer, clip=chosen.clip, device=device),
        model,
        optimizer,
        chosen.epochs,
        lambda: evaluate_ptb(model, testing, chosen.seq_len, device=device),
        chosen.checkpoint,
    )
    if rows:
        found = (f"{perplexity(loss):.1f}" for loss in (rows[-1].train_loss, rows[-1].test_loss))
        print("perplexity: {} in training, {} in the test".format(*found))
    if chosen.curves and rows:
        save_rows(chosen.curves, rows, f"{chosen.model} on {chosen.corpus}", parameters=_settings(chosen))
    prompt = chosen.prompt or corpus.dictionary.idx2word[corpus.train[0]]
    print(f"\n{generate(model, corpus.dictionary, prompt, chosen.words, chosen.temperature, chosen.seq_len)}")


def main(arguments: list[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        if not hasattr(ndl, chosen.device):
            raise ValueError(
                f"there is no device {chosen.device} on this backend: set NEEDLE_BACKEND to nd, or to nothing"
            )
        device = getattr(ndl, chosen.device)()
        if not device.enabled():
            raise ValueError(f"{device} is not enabled here: {getattr(device, 'reason', 'it was not built')}")
        # Numbers that are too large end in a loss that is none, of which `require_finite` tells.
        with np.errstate(over="ignore", invalid="ignore"):
            chosen.run(chosen, device)
    except NotImplementedError as error:
        print(f"train: not written yet: {error}; `make status` shows what is to write", file=sys.stderr)
        return 1
    except (OSError, FloatingPointError, ValueError) as error:
        if isinstance(error, ValueError) and _met_in_an_epoch(error):
            raise  # no mistake in what was asked for, but one in the code: where it is matters
        print(f"train: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("train: stopped at once", file=sys.stderr)
        return 130
    return 0


def _met_in_an_epoch(error: BaseException) -> bool:
    epochs = epoch_general_cifar10.__code__, epoch_general_ptb.__code__
    return any(frame.f_code in epochs for frame, _ in traceback.walk_tb(error.__traceback__))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Train hw4's networks with the needle that you wrote.")
    kinds = parser.add_subparsers(required=True, metavar="cifar10|text")
    for run, optimizer, lr, decay, batch_size in ((cifar10, "Adam", 0.001, 0.001, 128), (text, "SGD", 4.0, 0.0, 16)):
        kind = kinds.add_parser(
            run.__name__,
            help=run.__doc__,
            description=run.__doc__,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        kind.set_defaults(run=run)
        kind.add_argument("--epochs", type=int, default=5, help="passes through the data")
        kind.add_argument("--batch-size", type=int, default=batch_size, help="examples side by side")
        kind.add_argument("--optimizer", choices=("Adam", "SGD"), default=optimizer, help="how steps are made")
        kind.add_argument("--lr", type=float, default=lr, help="learning rate")
        kind.add_argument("--weight-decay", type=float, default=decay, help="pull of parameters towards zero")
        kind.add_argument("--seed", type=int, default=0, help="decides the initial weights")
        kind.add_argument("--device", choices=("cpu", "cuda", "cpu_numpy"), default="cpu", help="where to compute")
        kind.add_argument("--data", help="the folder of the data; by default where `make data` puts it")
        kind.add_argument("--checkpoint", help="a file to write after each epoch, and to go on from if it is there")
        kind.add_argument("--curves", help="write the losses to this name, as a picture .png and as numbers .json")
        if run is cifar10:
            kind.add_argument("--images", type=int, default=0, help="train on the first so many images only; 0: on all")
            kind.add_argument("--augment", action="store_true", help="flip and shift images at random")
        else:
            kind.add_argument("--model", choices=SEQ_MODELS, default="lstm", help="the sequence model")
            kind.add_argument("--corpus", default="shakespeare", help="the data set, by the name of its folder")
            kind.add_argument("--max-lines", type=int, help="take only so many lines of the text")
            kind.add_argument("--embedding", type=int, default=64, help="features of a word")
            kind.add_argument("--hidden", type=int, default=128, help="features of a state")
            kind.add_argument("--layers", type=int, default=1, help="layers of the sequence model")
            kind.add_argument("--seq-len", type=int, default=40, help="words in a chunk")
            kind.add_argument("--clip", type=float, default=0.25, help="longest gradient")
            kind.add_argument("--prompt", help="what the text that is written in the end begins with")
            kind.add_argument("--words", type=int, default=60, help="how long that text is")
            kind.add_argument("--temperature", type=float, default=0.8, help="how daring it is: 0 not at all")
    return parser


def _optimizer(chosen: argparse.Namespace, model: ndl.nn.Module) -> ndl.optim.Optimizer:
    kind = getattr(ndl.optim, chosen.optimizer)
    return kind(model.parameters(), lr=chosen.lr, weight_decay=chosen.weight_decay)


def _settings(chosen: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(chosen).items() if isinstance(value, (int, float, str, type(None)))}


if __name__ == "__main__":
    sys.exit(main())
