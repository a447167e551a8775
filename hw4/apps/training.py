"""Training that can be watched and stopped: progress, a line for each epoch, Ctrl-C, and checkpoints to go on from.

Given to you. The functions of `simple_ml.py` use the small helpers; `fit` calls those functions, an epoch at a time.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import TypeVar

import needle as ndl
from tqdm import tqdm

__all__ = [
    "Row",
    "clip_gradients",
    "data_folder",
    "fit",
    "progress",
    "require_epochs",
    "require_finite",
    "to_device_of",
]

Step = TypeVar("Step")
ROOT = Path(__file__).resolve().parents[2]

# Set when Ctrl-C is to end the training that `fit` is doing, once the step at hand is done.
_asked_to_stop: ContextVar[threading.Event | None] = ContextVar("asked_to_stop", default=None)
_title: ContextVar[str] = ContextVar("title", default="")


class _Stopped(KeyboardInterrupt):
    """Ctrl-C, raised between two steps."""


@dataclass(frozen=True)
class Row:
    """What one epoch came to. The last two measures are nan where nothing was evaluated."""

    epoch: int
    train_accuracy: float
    train_loss: float
    test_accuracy: float
    test_loss: float
    seconds: float


def progress(steps: Iterable[Step], unit: str = "steps") -> Iterator[Step]:
    """The same steps, one after the other, with a bar that shows how many are done: `for batch in progress(loader)`.

    There is no bar where nobody would see it, in a file or a pipe. Within `fit`, Ctrl-C takes effect between two steps.
    """
    stop = _asked_to_stop.get()
    total = len(steps) if hasattr(steps, "__len__") else None  # type: ignore[arg-type]
    # Not given the steps themselves: a bar must begin no pass of its own, for which a loader would draw an order.
    # A notebook looks like a pipe, but shows a bar.
    shown = {"disable": False, "file": sys.stdout} if _in_notebook() else {"disable": None}
    with tqdm(total=total, desc=_title.get() or None, unit=f" {unit}", leave=False, **shown) as bar:
        for done, step in enumerate(steps, start=1):
            yield step
            bar.update()
            if stop is not None and stop.is_set() and done != total:
                raise _Stopped


def require_finite(loss: float) -> float:
    """The loss, if it is a number. Raises FloatingPointError: if it is nan or infinite, as when steps are too long."""
    if not math.isfinite(loss):
        raise FloatingPointError(
            f"the loss is {loss}: training has diverged. Try a smaller lr, or shorten gradients (clip)"
        )
    return loss


def require_epochs(epochs: int) -> None:
    """Raises ValueError: if there is nothing to train, and so no accuracy and no loss to report."""
    if epochs < 1:
        raise ValueError(f"expected one epoch or more, not {epochs}")


def to_device_of(model: ndl.nn.Module, *tensors: ndl.Tensor) -> tuple[ndl.Tensor, ...]:
    """Tensors on the device of a model's parameters: themselves, if they are there already or it has none."""
    device = next((parameter.device for parameter in model.parameters()), None)
    return tuple(
        tensor if device in (None, tensor.device) else ndl.Tensor(tensor.numpy(), device=device, requires_grad=False)
        for tensor in tensors
    )


def clip_gradients(optimizer: ndl.optim.Optimizer, longest: float) -> float:
    """Shorten the gradient of all parameters together, if it is longer than `longest`. Returns its length before.

    SGD can do it itself (hw2, `clip_grad_norm`), and does; this is for the other optimizers as well.
    """
    if hasattr(optimizer, "clip_grad_norm"):
        return optimizer.clip_grad_norm(longest)
    with_gradient = [parameter for parameter in optimizer.params if getattr(parameter, "grad", None) is not None]
    squares = [(parameter.grad.data * parameter.grad.data).sum().numpy() for parameter in with_gradient]
    norm = math.sqrt(sum(map(float, squares)))
    if norm > longest:
        for parameter in with_gradient:
            parameter.grad = parameter.grad.data * (longest / norm)
    return norm


def fit(
    train: Callable[[], tuple[float, float]],
    model: ndl.nn.Module,
    optimizer: ndl.optim.Optimizer,
    epochs: int,
    evaluate: Callable[[], tuple[float, float]] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> list[Row]:
    """Train for some epochs, and print accuracy and loss after each.

        fit(lambda: epoch_general_cifar10(loader, model, opt=optimizer), model, optimizer, 10,
            lambda: evaluate_cifar10(model, test_loader), "resnet9.safetensors")

    train: one epoch of training; evaluate: one pass through other data. Both return (accuracy, loss).
    checkpoint: a file that is written after each epoch. If it is there already, training goes on from it: what it has
        done is not done again, and what comes out is what a training that was never stopped gives, to the bit.

    Ctrl-C stops after the step at hand, and the model keeps what it has learned so far. The epoch that was cut short
    has no row, and is not in the checkpoint, from which it begins anew. A second Ctrl-C stops at once.

    Returns a row for each epoch, also for those that were in the checkpoint.
    Raises ValueError: if there is no epoch, or if the checkpoint is of another training; FloatingPointError: if the
    loss is no longer a number; OSError: if the checkpoint cannot be written.
    """
    require_epochs(epochs)
    rows: list[Row] = []
    if checkpoint is not None and Path(checkpoint).is_file():
        rows = _history(checkpoint, ndl.load(checkpoint, model, optimizer))
        _say(f"going on from {checkpoint}, after {len(rows)} of {epochs} epochs")
    elif checkpoint is not None:
        _keep(checkpoint, model, optimizer, rows)  # what cannot be written is better known now than after an epoch
    if len(rows) < epochs:
        _say(f"{'epoch':>9}  {'train acc':>9}  {'train loss':>10}  {'test acc':>9}  {'test loss':>9}  {'seconds':>7}")
    for number in range(len(rows) + 1, epochs + 1):
        started = time.perf_counter()
        with _stopping_between_steps(f"epoch {number}/{epochs}") as stop:
            try:
                trained = train()
            except _Stopped:
                kept = f"; {checkpoint} is as after epoch {number - 1}" if checkpoint is not None else ""
                _say(f"stopped in epoch {number}: the model keeps what it has learned{kept}")
                break
            token = _asked_to_stop.set(None)  # what is trained is tested to the end
            tested = evaluate() if evaluate is not None else (math.nan, math.nan)
            _asked_to_stop.reset(token)
            rows.append(Row(number, *trained, *tested, time.perf_counter() - started))
            _say(_line(rows[-1], epochs))
            if checkpoint is not None:
                _keep(checkpoint, model, optimizer, rows)
        if stop.is_set():
            _say(f"stopped after epoch {number}")
            break
    return rows


def data_folder(name: str, *files: str, given: str | os.PathLike[str] | None = None) -> Path:
    """The folder `name` with a data set: within `given` or that itself, else wherever `make data` looks.

    Raises FileNotFoundError: if no folder has all the files; the message says where was looked.
    """
    folders = [Path(given), Path(given, name)] if given is not None else [each / name for each in _usual_folders()]
    for folder in folders:
        if all((folder / file).is_file() for file in files):
            return folder
    looked = ", ".join(map(str, folders))
    raise FileNotFoundError(f"no folder with {' and '.join(files)} in any of {looked}; `make data` downloads them")


def _usual_folders() -> list[Path]:
    try:
        from needle_data import searched
    except ModuleNotFoundError:  # only needle itself is installed, as on Colab or where this is graded
        return [Path(os.environ.get("NEEDLE_DATA") or ROOT / "data")]
    return searched(ROOT)


def _line(row: Row, epochs: int) -> str:
    evaluated = not math.isnan(row.test_loss)
    tested = f"{row.test_accuracy:>9.2%}  {row.test_loss:>9.4f}" if evaluated else f"{'-':>9}  {'-':>9}"
    number = f"{row.epoch}/{epochs}"
    return f"{number:>9}  {row.train_accuracy:>9.2%}  {row.train_loss:>10.4f}  {tested}  {row.seconds:>7.1f}"


def _keep(path: str | os.PathLike[str], model: ndl.nn.Module, optimizer: ndl.optim.Optimizer, rows: list[Row]) -> None:
    ndl.save(path, model, optimizer, rows=json.dumps([asdict(row) for row in rows]))


def _history(path: str | os.PathLike[str], notes: dict[str, int | float | str]) -> list[Row]:
    """The rows that `_keep` noted."""
    if "rows" not in notes:
        raise ValueError(f"{path} was not written by fit: it has no note of its epochs")
    return [Row(**row) for row in json.loads(str(notes["rows"]))]


def _say(line: str) -> None:
    print(line, flush=True)  # at once, also into a pipe or a file


def _in_notebook() -> bool:
    """Whether a notebook's kernel runs this. (That its modules are imported says little.)"""
    interactive = sys.modules.get("IPython")
    return interactive is not None and hasattr(interactive.get_ipython(), "kernel")


@contextmanager
def _stopping_between_steps(title: str) -> Iterator[threading.Event]:
    """Within, the first Ctrl-C sets the event, at which `progress` ends; the second acts as ever.

    A step that is interrupted halfway would leave some parameters changed and others not.
    """
    asked = threading.Event()
    tokens = (_asked_to_stop, _asked_to_stop.set(asked)), (_title, _title.set(title))
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread gets signals, and may say what happens on them. Ignored is what Ctrl-C is in the background
    # of a shell, and None what another language has arranged for.
    ours = threading.current_thread() is threading.main_thread() and before not in (signal.SIG_IGN, None)

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)
        with suppress(RuntimeError):  # raised where this interrupts another print in the midst of it
            _say("\nstopping after this step; Ctrl-C again stops at once")

    if ours:
        signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        if ours:
            signal.signal(signal.SIGINT, before)
        for variable, token in tokens:
            variable.reset(token)
