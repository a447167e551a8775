"""hw4: training and testing, of image classifiers on CIFAR-10 and of language models on text.

You fill the solution blocks. What is around training (progress that can be watched, Ctrl-C, checkpoints, pictures, a
program to start) is given in the files beside this one.
"""

from __future__ import annotations

from typing import Any

import needle as ndl
import numpy as np
from apps.training import clip_gradients, progress, require_epochs, require_finite, to_device_of
from needle import nn

__all__ = [
    "epoch_general_cifar10",
    "epoch_general_ptb",
    "evaluate_cifar10",
    "evaluate_ptb",
    "train_cifar10",
    "train_ptb",
]

np.random.seed(0)

SOFTMAX_LOSS = nn.SoftmaxLoss()


def epoch_general_cifar10(
    dataloader: ndl.data.DataLoader,
    model: nn.Module,
    loss_fn: nn.Module = SOFTMAX_LOSS,
    opt: ndl.optim.Optimizer | None = None,
) -> tuple[float, float]:
    """One pass through the data: in training mode, with a step for each minibatch, if there is an optimizer; else in
    evaluation mode, without changing the model.

    dataloader: gives images (n, ...) and labels (n,); `to_device_of` puts them where the model is
    loss_fn: a module that takes logits (n, classes) and labels (n,), and gives the mean loss
    Returns (the share of examples whose largest logit is that of their label, the mean loss of all examples), both as
    they were when each minibatch was computed, before its step.
    Raises ValueError: if there is no example; FloatingPointError: if a loss is no number (`require_finite` raises it).
    """
    np.random.seed(4)
    ### BEGIN SOLUTION
    switch_mode = model.eval if opt is None else model.train
    switch_mode()
    seen, right, summed = 0, 0, 0.0
    for batch in progress(dataloader, "minibatches"):
        images, labels = to_device_of(model, *batch)
        logits = model(images)
        minibatch_loss = loss_fn(logits, labels)
        summed += require_finite(float(minibatch_loss.numpy())) * images.shape[0]
        right += int((logits.numpy().argmax(axis=1) == labels.numpy()).sum())
        seen += images.shape[0]
        if opt is not None:
            opt.reset_grad()
            minibatch_loss.backward()
            opt.step()
    if not seen:
        raise ValueError("epoch_general_cifar10: the data set is empty, so there is no accuracy and no mean loss")
    return right / seen, summed / seen
    ### END SOLUTION


def train_cifar10(
    model: nn.Module,
    dataloader: ndl.data.DataLoader,
    n_epochs: int = 1,
    optimizer: type[ndl.optim.Optimizer] = ndl.optim.Adam,
    lr: float = 0.001,
    weight_decay: float = 0.001,
    loss_fn: type[nn.Module] = nn.SoftmaxLoss,
) -> tuple[float, float]:
    """Train for some epochs with an optimizer that is made once. Returns (accuracy, loss) of the last epoch.

    Raises ValueError: if there is no epoch.
    """
    np.random.seed(4)
    require_epochs(n_epochs)
    ### BEGIN SOLUTION
    opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
    for _ in range(n_epochs):
        accuracy, mean_loss = epoch_general_cifar10(dataloader, model, loss_fn(), opt)
    return accuracy, mean_loss
    ### END SOLUTION


def evaluate_cifar10(
    model: nn.Module, dataloader: ndl.data.DataLoader, loss_fn: type[nn.Module] = nn.SoftmaxLoss
) -> tuple[float, float]:
    """(accuracy, loss) of a model as it is."""
    np.random.seed(4)
    ### BEGIN SOLUTION
    return epoch_general_cifar10(dataloader, model, loss_fn())
    ### END SOLUTION


def epoch_general_ptb(
    data: np.ndarray,
    model: nn.Module,
    seq_len: int = 40,
    loss_fn: nn.Module = SOFTMAX_LOSS,
    opt: ndl.optim.Optimizer | None = None,
    clip: float | None = None,
    device: Any = None,
    dtype: Any = "float32",
) -> tuple[float, float]:
    """One pass through a text, chunk after chunk: in training mode, with a step for each chunk, if there is an
    optimizer; else in evaluation mode, without changing the model.

    The state after a chunk is the one before the next, but *detached* from the graph: gradients go back to the
    beginning of the chunk and no further. This is truncated backpropagation through time. The first chunk begins with
    None; the state of an LSTM is a tuple of two tensors.

    data: (rows, bs), as `batchify` gives it; `get_batch` cuts chunks of `seq_len` rows from it, the last one shorter
    loss_fn: a module that takes logits (n, words) and ids (n,), and gives the mean loss
    clip: the length to which gradients are shortened before each step (`clip_gradients`); None for no limit
    device, dtype: of the tensors
    Returns (the share of words that had the largest logit, the mean loss of all words), as they were when each chunk
    was computed, before its step.
    Raises ValueError: if no word is to be predicted; FloatingPointError: if a loss is no number (`require_finite`).
    """
    np.random.seed(4)
    if len(data) < 2:
        raise ValueError(f"epoch_general_ptb: a text of {len(data)} rows has no word to predict: 2 are the least")
    ### BEGIN SOLUTION
    switch_mode = model.eval if opt is None else model.train
    switch_mode()
    state, words, correct, total = None, 0, 0, 0.0
    for begin in progress(range(0, len(data) - 1, seq_len), "chunks"):
        x, target = ndl.data.get_batch(data, begin, seq_len, device=device, dtype=dtype)
        scores, state = model(x, state)
        state = tuple(each.detach() for each in state) if isinstance(state, tuple) else state.detach()
        chunk_loss = loss_fn(scores, target)
        count = target.shape[0]
        total += require_finite(float(chunk_loss.numpy())) * count
        correct += int((scores.numpy().argmax(axis=1) == target.numpy()).sum())
        words += count
        if opt is not None:
            opt.reset_grad()
            chunk_loss.backward()
            if clip is not None:
                clip_gradients(opt, clip)
            opt.step()
    return correct / words, total / words
    ### END SOLUTION


def train_ptb(
    model: nn.Module,
    data: np.ndarray,
    seq_len: int = 40,
    n_epochs: int = 1,
    optimizer: type[ndl.optim.Optimizer] = ndl.optim.SGD,
    lr: float = 4.0,
    weight_decay: float = 0.0,
    loss_fn: type[nn.Module] = nn.SoftmaxLoss,
    clip: float | None = None,
    device: Any = None,
    dtype: Any = "float32",
) -> tuple[float, float]:
    """Train for some epochs with an optimizer that is made once. Returns (accuracy, loss) of the last epoch.

    Raises ValueError: if there is no epoch.
    """
    np.random.seed(4)
    require_epochs(n_epochs)
    ### BEGIN SOLUTION
    trainer = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
    for _ in range(n_epochs):
        of_epoch = epoch_general_ptb(data, model, seq_len, loss_fn(), trainer, clip, device, dtype)
    return of_epoch
    ### END SOLUTION


def evaluate_ptb(
    model: nn.Module,
    data: np.ndarray,
    seq_len: int = 40,
    loss_fn: type[nn.Module] = nn.SoftmaxLoss,
    device: Any = None,
    dtype: Any = "float32",
) -> tuple[float, float]:
    """(accuracy, loss) of a model as it is; exp(loss) is its perplexity."""
    np.random.seed(4)
    ### BEGIN SOLUTION
    return epoch_general_ptb(data, model, seq_len, loss_fn(), device=device, dtype=dtype)
    ### END SOLUTION
