"""hw4's networks in PyTorch, to compare trainings with: the same layers in the same order, with the same weights."""

from __future__ import annotations

import needle as ndl
import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["LanguageModelTwin", "copy_parameters", "epoch_of_images", "epoch_of_text", "resnet9_twin"]

State = Tensor | tuple[Tensor, Tensor] | None


class Residual(nn.Module):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.fn = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.fn(x) + x


def resnet9_twin() -> nn.Module:
    def conv_bn(channels: int, made: int, kernel: int, stride: int) -> nn.Module:
        conv = nn.Conv2d(channels, made, kernel, stride=stride, padding=kernel // 2)
        return nn.Sequential(conv, nn.BatchNorm2d(made), nn.ReLU())

    return nn.Sequential(
        conv_bn(3, 16, 7, 4),
        conv_bn(16, 32, 3, 2),
        Residual(conv_bn(32, 32, 3, 1), conv_bn(32, 32, 3, 1)),
        conv_bn(32, 64, 3, 2),
        conv_bn(64, 128, 3, 2),
        Residual(conv_bn(128, 128, 3, 1), conv_bn(128, 128, 3, 1)),
        nn.Flatten(),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


class Attention(nn.Module):
    """Causal self-attention of several heads, with a LayerNorm for each of queries, keys and values."""

    def __init__(self, features: int, heads: int, width: int) -> None:
        super().__init__()
        self.heads, self.width = heads, width
        self.norms = nn.ModuleList(nn.LayerNorm(features) for _ in range(3))
        self.projections = nn.ModuleList(nn.Linear(features, heads * width, bias=False) for _ in range(3))
        self.out = nn.Linear(heads * width, features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        batch, steps, _ = x.shape
        q, k, v = (
            projection(norm(x)).view(batch, steps, self.heads, self.width).transpose(1, 2)
            for norm, projection in zip(self.norms, self.projections, strict=True)
        )
        mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(mixed.transpose(1, 2).reshape(batch, steps, -1))


class TransformerTwin(nn.Module):
    """needle's nn.Transformer with its defaults, on sequences (T, bs, features); the state is nothing."""

    def __init__(self, features: int, hidden: int, layers: int, longest: int) -> None:
        super().__init__()
        self.positions = nn.Embedding(longest, features)
        self.layers = nn.ModuleList()
        for _ in range(layers):
            linear = nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, features)
            parts = Residual(Attention(features, 8, 32)), Residual(nn.LayerNorm(features), *linear)
            self.layers.append(nn.Sequential(*parts))

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        x = x.transpose(0, 1) + self.positions.weight[: len(x)]
        for layer in self.layers:
            x = layer(x)
        return x.transpose(0, 1), None


class LanguageModelTwin(nn.Module):
    """hw4's LanguageModel, with the same arguments."""

    def __init__(self, embedding: int, words: int, hidden: int, layers: int, seq_model: str, seq_len: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, embedding)
        if seq_model == "transformer":
            self.seq_model: nn.Module = TransformerTwin(embedding, hidden, layers, seq_len)
        else:
            self.seq_model = {"lstm": nn.LSTM, "rnn": nn.RNN}[seq_model](embedding, hidden, layers)
        self.linear = nn.Linear(embedding if seq_model == "transformer" else hidden, words)

    def forward(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        out, state = self.seq_model(self.embedding(x), state)
        return self.linear(out.flatten(0, 1)), state


def copy_parameters(model: ndl.nn.Module, twin: nn.Module) -> None:
    """Give the twin the numbers of the model: both list their parameters in the same order, but lay out some otherwise.

    Raises ValueError: if they do not fit, in number or in shape.
    """
    embeddings = {id(module.weight) for module in twin.modules() if isinstance(module, nn.Embedding)}
    with torch.no_grad():
        for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
            array = np.array(ours.numpy())
            if array.ndim == 4:  # (K, K, in, out) to (out, in, K, K)
                array = array.transpose(3, 2, 0, 1)
            elif array.ndim == 2 and theirs.ndim == 2 and id(theirs) not in embeddings:
                array = array.T
            if theirs.ndim == 1:  # a bias (1, out)
                array = array.reshape(-1)
            if array.shape != tuple(theirs.shape):
                raise ValueError(f"copy_parameters: {array.shape} does not fit {tuple(theirs.shape)}")
            theirs.copy_(torch.from_numpy(np.ascontiguousarray(array)))


def epoch_of_images(
    twin: nn.Module, loader: ndl.data.DataLoader, optimizer: torch.optim.Optimizer | None, losses: list[float]
) -> tuple[float, float]:
    """What `epoch_general_cifar10` does, seed included. losses: gets that of each minibatch."""
    np.random.seed(4)
    twin.train(optimizer is not None)
    correct, examples, summed = 0, 0, 0.0
    with torch.set_grad_enabled(optimizer is not None):
        for images, labels in loader:
            x, y = torch.from_numpy(images.numpy()), torch.from_numpy(labels.numpy().astype("int64"))
            logits = twin(x)
            summed += _step(logits, y, twin, optimizer, None, losses) * len(y)
            correct += int((logits.argmax(1) == y).sum())
            examples += len(y)
    return correct / examples, summed / examples


def epoch_of_text(
    twin: nn.Module,
    data: np.ndarray,
    seq_len: int,
    optimizer: torch.optim.Optimizer | None,
    clip: float | None,
    losses: list[float],
) -> tuple[float, float]:
    """What `epoch_general_ptb` does. losses: gets that of each chunk."""
    twin.train(optimizer is not None)
    ids = torch.from_numpy(data.astype("int64"))
    state: State = None
    correct, words, summed = 0, 0, 0.0
    with torch.set_grad_enabled(optimizer is not None):
        for start in range(0, len(ids) - 1, seq_len):
            stop = min(start + seq_len, len(ids) - 1)
            targets = ids[start + 1 : stop + 1].reshape(-1)
            logits, state = twin(ids[start:stop], state)
            if state is not None:
                state = tuple(each.detach() for each in state) if isinstance(state, tuple) else state.detach()
            summed += _step(logits, targets, twin, optimizer, clip, losses) * len(targets)
            correct += int((logits.argmax(1) == targets).sum())
            words += len(targets)
    return correct / words, summed / words


def _step(
    logits: Tensor,
    targets: Tensor,
    twin: nn.Module,
    optimizer: torch.optim.Optimizer | None,
    clip: float | None,
    losses: list[float],
) -> float:
    loss = nn.functional.cross_entropy(logits, targets)
    if optimizer is not None:
        optimizer.zero_grad()
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(twin.parameters(), clip)
        optimizer.step()
    losses.append(loss.item())
    return losses[-1]
