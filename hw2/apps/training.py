"""Training that can be watched and stopped: progress, a line for each epoch, Ctrl-C, and checkpoints to go on from.

Given to you; `train_mnist` uses `fit`.
"""

from __future__ import annotations

import inspect
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import needle as ndl
from tqdm import tqdm

__all__ = ["Epoch", "fit", "mnist_files", "require_finite"]

# (dataloader, model) or (dataloader, model, optimizer) -> (error rate, mean loss)
Epoch = Callable[..., tuple[float, float]]

_ROW = ("train_err", "train_loss", "test_err", "test_loss")


class _Stopped(KeyboardInterrupt):
    """Ctrl-C, raised between two minibatches."""


def fit(
    epoch: Epoch,
    model: ndl.nn.Module,
    opt: ndl.optim.Optimizer,
    train: ndl.data.DataLoader,
    test: ndl.data.DataLoader,
    epochs: int,
    checkpoint: str | os.PathLike[str] | None = None,
) -> tuple[float, float, float, float]:
    """Train for some epochs, and print error and loss on both data sets after each.

    checkpoint: a file that is written at the start and after each epoch. If it is there already, training goes on from
        it: what it has done is not done again, and the result is that of a training that was never stopped, to the bit.

    Ctrl-C stops after the minibatch at hand; what is trained so far is evaluated and kept (in `model`, and in the
    checkpoint, from which the epoch that was cut short begins anew). A second Ctrl-C stops at once and saves nothing
    more: the checkpoint is then that of the last whole epoch.

    Returns (train_err, train_loss, test_err, test_loss) of the last epoch; the first two are nan if it was cut short.
    Raises ValueError: if there is no epoch or no minibatch, or if the checkpoint is of another training;
    FloatingPointError: if the loss is no longer a number; OSError: if the checkpoint cannot be written.
    """
    if epochs < 1 or not len(train) or not len(test):
        wanted = "one epoch or more, on data sets that are not empty"
        raise ValueError(f"fit: expected {wanted}; got {epochs} epochs on {len(train)} and {len(test)} minibatches")
    done, row = 0, (math.nan,) * 4
    if checkpoint is not None and Path(checkpoint).is_file():
        made_with = _settings(opt)
        done, row = _resume(checkpoint, model, opt)
        _say(f"going on from {checkpoint}, after {done} of {epochs} epochs")
        for name, value in made_with.items():
            if (kept := vars(opt)[name]) != value:
                _say(f"with {name} = {kept}, as it was there, and not {value}")
        if done >= epochs:
            _say("nothing is left to train: ask for more epochs, or begin anew with another checkpoint")
    elif checkpoint is not None:
        _keep(checkpoint, model, opt, done, row)  # what cannot be written is better known now than after an epoch
    if done < epochs:
        _say(f"{'epoch':>9}  {'train err':>9}  {'train loss':>10}  {'test err':>9}  {'test loss':>9}  {'seconds':>7}")
    for number in range(done + 1, epochs + 1):
        started = time.perf_counter()
        with _between_minibatches() as asked_to_stop:
            watched = _Watched(train, f"epoch {number}/{epochs}", asked_to_stop)
            try:
                train_err, train_loss = epoch(watched, model, opt)
                done = number
            except _Stopped:
                train_err, train_loss = math.nan, math.nan
            test_err, test_loss = epoch(test, model)
            row = train_err, train_loss, test_err, test_loss
            seconds = time.perf_counter() - started
            # Of an epoch that was cut short, nan would look like a training that has diverged.
            trained = f"{train_err:>9.2%}  {train_loss:>10.4f}" if done == number else f"{'-':>9}  {'-':>10}"
            _say(f"{f'{number}/{epochs}':>9}  {trained}  {test_err:>9.2%}  {test_loss:>9.4f}  {seconds:>7.1f}")
            if checkpoint is not None:
                _keep(checkpoint, model, opt, done, row)
        if asked_to_stop.is_set():
            kept = f"the model keeps what it learned{f', and so does {checkpoint}' if checkpoint else ''}"
            _say(f"stopped after {watched.finished} of {len(train)} minibatches of epoch {number}; {kept}")
            break
    return row


def require_finite(loss: float) -> float:
    """The loss, if it is a number. Raises FloatingPointError: if it is nan or infinite, as when steps are too long."""
    if not math.isfinite(loss):
        raise FloatingPointError(
            f"the loss is {loss}: training has diverged. Try a smaller lr, or look for a division by zero"
        )
    return loss


def mnist_files(data_dir: str | os.PathLike[str], part: str) -> tuple[Path, Path]:
    """The files with the images and the labels of MNIST. part: "train" or "t10k".

    Looked for in `data_dir`, and if they are not there, wherever `make data` looks: NEEDLE_DATA, or `data/`.
    Raises FileNotFoundError: if they are nowhere; the message says where was looked.
    """
    names = f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"
    folders = [Path(data_dir), *_usual_folders()]
    for folder in folders:
        if all((folder / name).is_file() for name in names):
            return folder / names[0], folder / names[1]
    looked = ", ".join(str(folder) for folder in folders)
    raise FileNotFoundError(f"no {names[0]} and {names[1]} in any of {looked}; `make data` downloads them")


def _usual_folders() -> list[Path]:
    """Where data sets are looked for if nobody says where they are."""
    root = Path(__file__).resolve().parents[2]
    try:
        from needle_data import searched
    except ModuleNotFoundError:  # only needle itself is installed, as on Colab or where this is graded
        return [Path(os.environ.get("NEEDLE_DATA") or root / "data")]
    return searched(root)


def _keep(
    path: str | os.PathLike[str], model: ndl.nn.Module, opt: ndl.optim.Optimizer, epochs: int, row: tuple[float, ...]
) -> None:
    ndl.save(path, model, opt, epochs=epochs, **dict(zip(_ROW, row, strict=True)))


def _resume(
    path: str | os.PathLike[str], model: ndl.nn.Module, opt: ndl.optim.Optimizer
) -> tuple[int, tuple[float, ...]]:
    """How many epochs a checkpoint has done, and the row of the last."""
    notes = ndl.load(path, model, opt)
    if missing := [name for name in ("epochs", *_ROW) if name not in notes]:
        raise ValueError(f"{path} was not written by fit: it has no note of {', '.join(missing)}")
    return notes["epochs"], tuple(notes[name] for name in _ROW)


def _settings(opt: ndl.optim.Optimizer) -> dict[str, float]:
    """The numbers with which an optimizer was made, as lr and weight_decay: not what it counts, as t."""
    named = inspect.signature(type(opt)).parameters
    return {name: value for name, value in vars(opt).items() if name in named and isinstance(value, (int, float))}


def _say(line: str) -> None:
    print(line, flush=True)  # at once, also into a pipe or a file


class _Watched:
    """A loader whose passes draw a progress bar, and end with `_Stopped` when asked to, unless they are done anyway."""

    def __init__(self, loader: ndl.data.DataLoader, title: str, asked_to_stop: threading.Event) -> None:
        self._loader, self._title, self._asked_to_stop = loader, title, asked_to_stop
        self.finished = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[tuple[ndl.Tensor, ...]]:
        # Not given the loader itself: a bar must begin no pass of its own, for which a shuffling loader draws an order.
        # disable=None: no bar where nobody would see it, in a file or a pipe. A notebook looks like a pipe, but shows
        # one; among the lines of the epochs, so that it leaves no empty box behind.
        shown = {"disable": False, "file": sys.stdout} if _in_notebook() else {"disable": None}
        with tqdm(total=len(self._loader), desc=self._title, unit=" minibatches", leave=False, **shown) as bar:
            for minibatch in self._loader:
                yield minibatch
                bar.update()
                self.finished += 1
                if self._asked_to_stop.is_set() and self.finished < len(self):
                    raise _Stopped


def _in_notebook() -> bool:
    """Whether a kernel runs this. (That its modules are imported says little: tests of notebooks import them too.)"""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return hasattr(shell, "kernel")


@contextmanager
def _between_minibatches() -> Iterator[threading.Event]:
    """Within, the first Ctrl-C sets the event that is given, and the second acts as ever.

    A step that is interrupted halfway would leave some parameters changed and others not.
    """
    asked = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread gets signals, and may say what happens on them. Ignored is what Ctrl-C is in the background
    # of a shell, and None what another language has arranged for.
    if threading.current_thread() is not threading.main_thread() or before in (signal.SIG_IGN, None):
        yield asked
        return

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)
        with suppress(RuntimeError):  # raised where this interrupts another print in the midst of it
            print("\nstopping after this minibatch; Ctrl-C again stops at once", flush=True)

    signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
