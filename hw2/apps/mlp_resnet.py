"""hw2: a residual network of fully connected layers, trained on MNIST.

You fill the solution blocks. From the folder hw2, `python apps/mlp_resnet.py` trains with the defaults, shows its
progress and stops at Ctrl-C; `--help` lists what can be chosen.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path

# Run as a program, this file's own folder is on the path instead of the homework's.
if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import needle as ndl
import numpy as np
from apps.training import fit, mnist_files, require_finite
from needle import nn

__all__ = ["MLPResNet", "ResidualBlock", "epoch", "train_mnist"]

np.random.seed(0)


def ResidualBlock(
    dim: int, hidden_dim: int, norm: type[nn.Module] = nn.BatchNorm1d, drop_prob: float = 0.1
) -> nn.Module:
    """relu(f(x) + x), where f is Linear(dim, hidden_dim), norm, ReLU, Dropout, Linear(hidden_dim, dim), norm.

    Modules are made in the order in which they compute, since each draws its weights when it is made.
    """
    ### BEGIN SOLUTION
    branch = nn.Sequential(
        nn.Linear(dim, hidden_dim),
        norm(hidden_dim),
        nn.ReLU(),
        nn.Dropout(drop_prob),
        nn.Linear(hidden_dim, dim),
        norm(dim),
    )
    return nn.Sequential(nn.Residual(branch), nn.ReLU())
    ### END SOLUTION


def MLPResNet(
    dim: int,
    hidden_dim: int = 100,
    num_blocks: int = 3,
    num_classes: int = 10,
    norm: type[nn.Module] = nn.BatchNorm1d,
    drop_prob: float = 0.1,
) -> nn.Module:
    """Flatten, Linear(dim, hidden_dim), ReLU, `num_blocks` residual blocks, Linear(hidden_dim, num_classes).

    The blocks are ResidualBlock(hidden_dim, hidden_dim // 2, norm, drop_prob). Inputs (n, ...) with `dim` numbers each
    give logits (n, num_classes).
    """
    ### BEGIN SOLUTION
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(dim, hidden_dim),
        nn.ReLU(),
        *[ResidualBlock(hidden_dim, hidden_dim // 2, norm, drop_prob) for _ in range(num_blocks)],
        nn.Linear(hidden_dim, num_classes),
    )
    ### END SOLUTION


def epoch(
    dataloader: ndl.data.DataLoader, model: nn.Module, opt: ndl.optim.Optimizer | None = None
) -> tuple[float, float]:
    """One pass through the data: in training mode, with a step for each minibatch, if there is an optimizer; else in
    evaluation mode, without changing the model.

    Returns (the share of examples whose largest logit is not that of their label, the mean softmax loss of all
    examples), both as they were when each minibatch was computed, before its step.
    Raises ValueError: if there is no example; FloatingPointError: if a loss is no number (`require_finite` raises it).
    """
    np.random.seed(4)
    ### BEGIN SOLUTION
    if opt is None:
        model.eval()
    else:
        model.train()
    softmax_loss = nn.SoftmaxLoss()
    examples, wrong, summed_loss = 0, 0, 0.0
    for X, y in dataloader:
        logits = model(X)
        mean_loss = softmax_loss(logits, y)
        if opt is not None:
            opt.reset_grad()
            mean_loss.backward()
            opt.step()
        count = X.shape[0]
        examples += count
        wrong += int((logits.numpy().argmax(axis=1) != y.numpy()).sum())
        summed_loss += require_finite(float(mean_loss.numpy())) * count
    if not examples:
        raise ValueError("epoch: the data set is empty, so there is no error rate and no mean loss")
    return wrong / examples, summed_loss / examples
    ### END SOLUTION


def train_mnist(
    batch_size: int = 100,
    epochs: int = 10,
    optimizer: type[ndl.optim.Optimizer] = ndl.optim.Adam,
    lr: float = 0.001,
    weight_decay: float = 0.001,
    hidden_dim: int = 100,
    data_dir: str | os.PathLike[str] = "data",
    checkpoint: str | os.PathLike[str] | None = None,
) -> tuple[float, float, float, float]:
    """Train an MLPResNet of that hidden dimension on MNIST, on shuffled minibatches, and test it.

    The model is made first, then the optimizer. `fit` trains and tests; it wants the checkpoint. `mnist_files` knows
    where the files are.
    Returns (train_err, train_loss, test_err, test_loss) of the last epoch.
    """
    np.random.seed(4)
    ### BEGIN SOLUTION
    training_set, test_set = (ndl.data.MNISTDataset(*mnist_files(data_dir, part)) for part in ("train", "t10k"))
    network = MLPResNet(28 * 28, hidden_dim)
    opt = optimizer(network.parameters(), lr=lr, weight_decay=weight_decay)
    shuffled = ndl.data.DataLoader(training_set, batch_size, shuffle=True)
    in_order = ndl.data.DataLoader(test_set, batch_size)
    return fit(epoch, network, opt, shuffled, in_order, epochs, checkpoint)
    ### END SOLUTION


def main() -> int:
    parser = argparse.ArgumentParser(description="Train a residual network on MNIST with the needle that you wrote.")
    parser.add_argument("--epochs", type=int, default=10, help="passes through the 60,000 images (default: 10)")
    parser.add_argument("--batch-size", type=int, default=100, help="images in a minibatch (default: 100)")
    parser.add_argument("--optimizer", choices=("Adam", "SGD"), default="Adam")
    parser.add_argument("--lr", type=float, default=0.001, help="learning rate (default: 0.001)")
    parser.add_argument("--weight-decay", type=float, default=0.001, help="(default: 0.001)")
    parser.add_argument("--hidden-dim", type=int, default=100, help="width of the network (default: 100)")
    parser.add_argument(
        "--data", default="data", help="folder of the MNIST files (default: where `make data` puts them)"
    )
    parser.add_argument("--checkpoint", help="file to write after each epoch, and to go on from if it is there")
    choices = parser.parse_args()
    try:
        # Numbers that are too large end in a loss that is none, of which `require_finite` tells.
        with np.errstate(over="ignore", invalid="ignore"):
            train_mnist(
                choices.batch_size,
                choices.epochs,
                getattr(ndl.optim, choices.optimizer),
                choices.lr,
                choices.weight_decay,
                choices.hidden_dim,
                choices.data,
                choices.checkpoint,
            )
    except NotImplementedError as error:
        print(f"mlp_resnet: not written yet: {error}; `make status` shows what is to write", file=sys.stderr)
        return 1
    except (OSError, FloatingPointError, ValueError) as error:
        if isinstance(error, ValueError) and _met_in_an_epoch(error):
            raise  # no mistake in what was asked for, but one in the code: where it is matters
        print(f"mlp_resnet: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mlp_resnet: stopped at once", file=sys.stderr)
        return 130
    return 0


def _met_in_an_epoch(error: BaseException) -> bool:
    return any(frame.f_code is epoch.__code__ for frame, _ in traceback.walk_tb(error.__traceback__))


if __name__ == "__main__":
    sys.exit(main())
