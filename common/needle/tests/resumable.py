"""A training that can be broken off and gone on with, for the tests of saving: in this process or in one of its own.

    python resumable.py OPTIMIZER CHECKPOINT RESULT

makes everything anew, loads the checkpoint, trains for one epoch and writes the state to RESULT as an .npz file.
"""

from __future__ import annotations

import sys
from collections import defaultdict

import needle as ndl
import numpy as np
from needle import nn
from needle.optim import SGD, Adam, AdamW, Nesterov, Optimizer, UnbiasedMomentum


class ByPlace(Optimizer):
    """As students write it: NumPy arrays in dicts whose keys are places, one of them a defaultdict; and a scalar."""

    def __init__(self, params, lr=0.01):
        super().__init__(params)
        self.lr, self.t = lr, 0
        self.m = {}
        self.v = defaultdict(float)
        self.scale = np.float32(1.0)
        self.schedule = lambda t: 1 / (1 + 0.01 * t)

    def step(self):
        self.t += 1
        self.scale = self.scale * np.float32(0.99)
        for i, param in enumerate(self.params):
            g = param.grad.numpy()
            self.m[i] = 0.9 * self.m.get(i, np.zeros_like(g)) + g
            self.v[i] = 0.99 * self.v[i] + g * g
            change = self.lr * self.schedule(self.t) * self.scale * self.m[i] / (np.sqrt(self.v[i]) + 1e-3)
            param.data = ndl.Tensor(param.numpy() - change, dtype=param.dtype)


class ById(Optimizer):
    """Its dicts have `id(parameter)` as keys; beside them a list, and a dict of dicts."""

    def __init__(self, params, lr=0.01):
        super().__init__(params)
        self.lr = lr
        self.u = {}
        self.counts = [0] * len(self.params)
        self.state = {}

    def step(self):
        for i, param in enumerate(self.params):
            g = param.grad.data
            self.counts[i] += 1
            self.u[id(param)] = 0.5 * self.u[id(param)] + g if id(param) in self.u else g
            inner = self.state.setdefault(param, {"first": g, "seen": 0})
            inner["seen"] += 1
            param.data = param.data - self.lr / self.counts[i] * (self.u[id(param)] + 0.1 * inner["first"])


class MadeLate(Optimizer):
    """What it keeps comes into being with the first step."""

    def __init__(self, params, lr=0.01):
        super().__init__(params)
        self.lr = lr

    def step(self):
        if not hasattr(self, "u"):
            self.u = [None] * len(self.params)
            self.pair = (np.zeros(2), "text")
        for i, param in enumerate(self.params):
            g = param.grad.data
            self.u[i] = g if self.u[i] is None else 0.5 * self.u[i] + g
            self.pair[0][0] += 1
            param.data = param.data - self.lr * self.u[i]


OPTIMIZERS = {
    "SGD": lambda params: SGD(params, lr=0.05, momentum=0.9, weight_decay=0.01),
    "Adam": lambda params: Adam(params, weight_decay=0.01),
    "AdamW": AdamW,
    "Nesterov": Nesterov,
    "UnbiasedMomentum": UnbiasedMomentum,
    "ByPlace": ByPlace,
    "ById": ById,
    "MadeLate": MadeLate,
}


class Net(nn.Module):
    """Something of everything: running statistics, dropout, a shared module, a dict, and a tensor without axes."""

    def __init__(self):
        super().__init__()
        shared = nn.Linear(6, 6)
        self.layers = {"in": nn.Linear(5, 6), "hidden": [shared, nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3), shared]}
        self.out = nn.Sequential(nn.LayerNorm1d(6), nn.Linear(6, 3))
        self.temperature = nn.Parameter(np.float32(1.0))

    def forward(self, x):
        x = self.layers["in"](x)
        for layer in self.layers["hidden"]:
            x = layer(x)
        logits = self.out(x)
        return logits * self.temperature.broadcast_to(logits.shape)


def made(name: str, seed: int) -> tuple[nn.Module, Optimizer, ndl.data.DataLoader]:
    """A network, its optimizer and a shuffling loader. The data are the same for every seed."""
    rng = np.random.default_rng(0)
    data = ndl.data.NDArrayDataset(rng.normal(size=(25, 5)).astype("float32"), rng.integers(3, size=25))
    np.random.seed(seed)
    model = Net()
    return model, OPTIMIZERS[name](model.parameters()), ndl.data.DataLoader(data, 4, shuffle=True)


def train(model: nn.Module, optimizer: Optimizer, loader: ndl.data.DataLoader, epochs: int) -> None:
    model.train()
    for _ in range(epochs):
        for x, y in loader:
            optimizer.reset_grad()
            nn.SoftmaxLoss()(model(x), y).backward()
            optimizer.step()


def state(model: nn.Module, optimizer: Optimizer) -> dict[str, np.ndarray]:
    """Everything that makes a difference to what comes next, found without the code under test."""
    found = {f"parameter {i}": p.numpy() for i, p in enumerate(model.parameters())}
    norm = model.layers["hidden"][1]
    found |= {"mean": norm.running_mean.numpy(), "variance": norm.running_var.numpy()}
    places = {id(p): i for i, p in enumerate(optimizer.params)}

    def put(name, value):
        if isinstance(value, dict):
            for key, each in value.items():
                put(f"{name} {places.get(id(key), places.get(key, key))}", each)
        elif isinstance(value, (list, tuple)):
            for i, each in enumerate(value):
                put(f"{name} {i}", each)
        elif not callable(value):
            found[name] = value.numpy() if isinstance(value, ndl.Tensor) else np.asarray(value)

    for name, value in vars(optimizer).items():
        put(name, value)
    found["next draw"] = np.random.rand(3)
    return {name: np.array(value) for name, value in found.items()}


def main() -> None:
    name, checkpoint, result = sys.argv[1:]
    model, optimizer, loader = made(name, seed=999)
    ndl.load(checkpoint, model, optimizer)
    train(model, optimizer, loader, epochs=1)
    np.savez(result, **state(model, optimizer))


if __name__ == "__main__":
    main()
