"""How fast homework 4 is, beside PyTorch on the CPU: `NEEDLE_BACKEND=nd python scripts/bench_hw4.py`.

Four tables: the lecture's, from seven loops to PyTorch; the convolutions of the lecture and of ResNet9, forward and
backward; training steps; and the peak memory of training steps. Every figure is a ratio from one run: ours and the peer
in turn, medians after a warm-up, and beside them the ratio of the best turns.

--threads N gives both sides so many, --quick takes fewer turns, --only NAME prints one table.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("NEEDLE_BACKEND", "nd")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "hw4"))

import needle as ndl  # noqa: E402
import numpy as np  # noqa: E402
from needle import backend_ndarray as nd  # noqa: E402
from needle import nn  # noqa: E402
from needle.ops import ops_convolution  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

Work = Callable[[], object]
PAUSE = 0.02  # seconds before a turn: the other's threads look out for work that long
TURN = 3e-3  # seconds: a turn repeats shorter work until it lasts so long
VOCABULARY, WIDTH, STEPS, BATCH, LAYERS = 10_000, 128, 40, 16, 2

# name: images, side, channels, kernel, filters, stride, padding
CONVOLUTIONS = {
    "lecture": (100, 32, 8, 3, 16, 1, 1),
    "ResNet9 3 -> 16": (128, 32, 3, 7, 16, 4, 3),
    "ResNet9 16 -> 32": (128, 8, 16, 3, 32, 2, 1),
    "ResNet9 32 -> 32": (128, 4, 32, 3, 32, 1, 1),
    "ResNet9 32 -> 64": (128, 4, 32, 3, 64, 2, 1),
    "ResNet9 64 -> 128": (128, 2, 64, 3, 128, 2, 1),
    "ResNet9 128 -> 128": (128, 1, 128, 3, 128, 1, 1),
    "64 -> 64, 32 x 32": (16, 32, 64, 3, 64, 1, 1),
    "1 x 1, 64 -> 128": (16, 32, 64, 1, 128, 1, 0),
}
MODELS = ("ResNet9", "LSTM", "Transformer")


def main() -> int:
    parser = argparse.ArgumentParser(description="How fast homework 4 is, beside PyTorch.")
    parser.add_argument("--threads", type=int, default=0, help="on both sides (0: as many as there are)")
    parser.add_argument("--quick", action="store_true", help="few turns")
    parser.add_argument("--only", choices=["lecture", "conv", "steps", "memory"], help="one table alone")
    parser.add_argument("--peak", nargs=2, metavar=("SIDE", "MODEL"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peak:
        print(peak(*given.peak))
        return 0
    try:
        import torch
    except ImportError:
        print("bench_hw4 needs PyTorch to compare with: pip install -r requirements/bench.txt", file=sys.stderr)
        return 2
    module = nd.cpu().mod
    if not hasattr(module, "conv2d"):
        print("bench_hw4 measures the library's own kernels, and they are not built: run `make lib`", file=sys.stderr)
        return 2
    if given.threads:
        module.set_threads(given.threads)
        torch.set_num_threads(given.threads)
    turns = 5 if given.quick else 11
    console = Console()
    load = os.getloadavg()[0]
    console.print(f"{module.isa()}, {module.threads()} threads, PyTorch {torch.__version__}, load {load:.1f}")
    for name, table in {"lecture": lecture, "conv": convolutions, "steps": steps, "memory": memory}.items():
        if given.only in (None, name):
            console.print(table(turns))
    return 0


def times(works: list[Work], turns: int) -> list[list[float]]:
    """Seconds for each work and turn, in turn."""
    repeats = []
    for work in works:
        work()
        start = time.perf_counter()
        work()
        repeats.append(max(1, int(TURN / (time.perf_counter() - start))))
    found: list[list[float]] = [[] for _ in works]
    for _ in range(turns):
        for work, repeat, seconds in zip(works, repeats, found, strict=True):
            time.sleep(PAUSE)
            start = time.perf_counter()
            for _ in range(repeat):
                work()
            seconds.append((time.perf_counter() - start) / repeat)
    return found


def compared(ours: Work, peer: Work, turns: int) -> tuple[str, str, str]:
    """Our median in milliseconds, the peer's, and the ratios of medians and of best turns."""
    a, b = times([ours, peer], turns)
    ratio = statistics.median(a) / statistics.median(b)
    medians = [f"{1e3 * statistics.median(each):.2f}" for each in (a, b)]
    return medians[0], medians[1], f"{ratio:.2f} ({min(a) / min(b):.2f})"


def lecture(turns: int) -> Table:
    """Of the same numbers, each way in which the lecture computes a convolution, and what the library does."""
    import torch

    table = Table("size", "way", "ms", "of PyTorch's time", title="The lecture's table", title_justify="left")
    module = nd.cpu().mod
    for images in (10, 100):
        x, w = np.random.randn(images, 32, 32, 8), np.random.randn(3, 3, 8, 16)
        a, b = nd.array(x), nd.array(w)
        out = nd.NDArray.make((images, 30, 30, 16), device=a.device)
        buffers = a._handle, b._handle, out._handle, a.shape, b.shape
        X = torch.tensor(x.transpose(0, 3, 1, 2), dtype=torch.float32).contiguous()
        W = torch.tensor(w.transpose(3, 2, 0, 1), dtype=torch.float32).contiguous()

        def products(a=a, w=w) -> nd.NDArray:
            """A product for each place of the kernel."""
            total = None
            for i in range(3):
                for j in range(3):
                    part = a[:, i : i + 30, j : j + 30, :].compact() @ nd.array(w[i, j])
                    total = part if total is None else total + part
            return total

        ways = {
            "seven loops, C++": lambda buffers=buffers: module.conv2d_loops(*buffers),
            "k * k matrix products": products,
            "im2col and one product": lambda a=a, b=b: ops_convolution.Conv().compute(a, b),
            "ours": lambda buffers=buffers: module.conv2d(*buffers),
            "PyTorch": lambda X=X, W=W: torch.nn.functional.conv2d(X, W),
        }
        found = [statistics.median(each) for each in times(list(ways.values()), turns)]
        for way, seconds in zip(ways, found, strict=True):
            size = f"({images}, 32, 32, 8) * (3, 3, 8, 16)"
            table.add_row(size, way, f"{1e3 * seconds:.2f}", f"{seconds / found[-1]:.2f}")
    return table


def convolutions(turns: int) -> Table:
    import torch

    columns = "convolution", "of", "ours, ms", "PyTorch, ms", "ratio (best)"
    table = Table(*columns, title="Convolutions", title_justify="left")
    module, back = nd.cpu().mod, torch.ops.aten.convolution_backward
    for name, (images, side, channels, kernel, filters, stride, padding) in CONVOLUTIONS.items():
        x, w = np.random.randn(images, side, side, channels), np.random.randn(kernel, kernel, channels, filters)
        X, W = (torch.tensor(each, dtype=torch.float32) for each in (x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1)))
        X, W = X.contiguous(), W.contiguous()
        result = torch.nn.functional.conv2d(X, W, stride=stride, padding=padding)
        a, b, g = nd.array(x), nd.array(w), nd.array(np.random.randn(*result.permute(0, 2, 3, 1).shape))
        out, by_a, by_b = (nd.NDArray.make(each.shape, device=a.device) for each in (g, a, b))
        how = x.shape, w.shape, stride, padding
        options = None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1
        G = torch.randn_like(result)
        handles = [each._handle for each in (a, b, g, out, by_a, by_b)]
        rows = {
            "forward": (
                lambda h=handles, how=how: module.conv2d(h[0], h[1], h[3], *how),
                lambda X=X, W=W, s=stride, p=padding: torch.nn.functional.conv2d(X, W, stride=s, padding=p),
            ),
            "by images": (
                lambda h=handles, how=how: module.conv2d_by_images(h[2], h[1], h[4], *how),
                lambda G=G, X=X, W=W, o=options: back(G, X, W, *o, [True, False, False]),
            ),
            "by weight": (
                lambda h=handles, how=how: module.conv2d_by_weight(h[0], h[2], h[5], *how),
                lambda G=G, X=X, W=W, o=options: back(G, X, W, *o, [False, True, False]),
            ),
        }
        for what, (ours, peer) in rows.items():
            table.add_row(name, what, *compared(ours, peer, turns))
    return table


def steps(turns: int) -> Table:
    title = "Training steps: forward, backward, optimizer"
    table = Table("model", "ours, ms", "PyTorch, ms", "ratio (best)", title=title, title_justify="left")
    for name in MODELS:
        table.add_row(name, *compared(our_step(name), their_step(name), turns))
    return table


def memory(_: int) -> Table:
    """What each side's process grows by, from what it holds before the model is made to its peak over some steps."""
    title = "Peak memory of training, each side in a process of its own"
    table = Table("model", "ours, MB", "PyTorch, MB", "ratio", title=title, title_justify="left")
    for name in MODELS:
        command = [sys.executable, str(Path(__file__).resolve()), "--peak"]
        found = []
        for side in ("ours", "peer"):
            run = subprocess.run([*command, side, name], capture_output=True, text=True, check=True)
            found.append(float(run.stdout))
        ours, peer = found
        table.add_row(name, f"{ours:.0f}", f"{peer:.0f}", f"{ours / peer:.2f}")
    return table


def peak(side: str, name: str) -> float:
    """MB that this process grows by."""
    if side == "peer":
        import torch  # noqa: F401 - is there before the model, and not counted

    before = resident("VmRSS")
    step = (our_step if side == "ours" else their_step)(name)
    for _ in range(6):
        step()
    return (resident("VmHWM") - before) / 1024


def resident(field: str) -> int:
    """KB of memory that this process has (VmRSS) or had at most (VmHWM). Linux alone tells."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field))


def batches(name: str) -> tuple[np.ndarray, np.ndarray]:
    np.random.seed(0)
    if name == "ResNet9":
        return np.random.randn(128, 3, 32, 32).astype(np.float32), np.random.randint(0, 10, 128)
    ids = np.random.randint(0, VOCABULARY, (STEPS, BATCH))
    return ids, np.random.randint(0, VOCABULARY, STEPS * BATCH)


def our_step(name: str) -> Work:
    from apps.models import LanguageModel, ResNet9

    x, y = batches(name)
    np.random.seed(0)
    kind = name.lower()
    model = ResNet9() if name == "ResNet9" else LanguageModel(WIDTH, VOCABULARY, WIDTH, LAYERS, kind, STEPS)
    loss_fn = nn.SoftmaxLoss()
    opt = ndl.optim.SGD(model.parameters(), lr=1.0) if name == "LSTM" else ndl.optim.Adam(model.parameters(), lr=1e-3)
    state = [None]

    def step() -> float:
        inputs, labels = ndl.Tensor(x, requires_grad=False), ndl.Tensor(y, requires_grad=False)
        opt.reset_grad()
        if name == "ResNet9":
            logits = model(inputs)
        else:
            logits, after = model(inputs, state[0])
            state[0] = tuple(each.detach() for each in after) if name == "LSTM" else None
        loss = loss_fn(logits, labels)
        loss.backward()
        opt.step()
        return float(loss.numpy())

    return step


def their_step(name: str) -> Work:
    import torch
    from torch import nn as tnn

    x, y = (torch.from_numpy(each) for each in batches(name))
    model = {"ResNet9": their_resnet9, "LSTM": their_lstm, "Transformer": their_transformer}[name]()
    kind = torch.optim.SGD if name == "LSTM" else torch.optim.Adam
    opt = kind(model.parameters(), lr=1.0 if name == "LSTM" else 1e-3)
    loss_fn, state = tnn.CrossEntropyLoss(), [None]

    def step() -> float:
        opt.zero_grad()
        if name == "LSTM":
            logits, after = model(x, state[0])
            state[0] = tuple(each.detach() for each in after)
        else:
            logits = model(x)
        loss = loss_fn(logits, y)
        loss.backward()
        opt.step()
        return loss.item()

    return step


def their_resnet9():
    from torch import nn as tnn

    class Residual(tnn.Module):
        def __init__(self, *layers):
            super().__init__()
            self.inner = tnn.Sequential(*layers)

        def forward(self, x):
            return self.inner(x) + x

    def block(a, b, kernel, stride):
        return tnn.Sequential(tnn.Conv2d(a, b, kernel, stride, kernel // 2), tnn.BatchNorm2d(b), tnn.ReLU())

    body = [block(3, 16, 7, 4), block(16, 32, 3, 2), Residual(block(32, 32, 3, 1), block(32, 32, 3, 1))]
    body += [block(32, 64, 3, 2), block(64, 128, 3, 2), Residual(block(128, 128, 3, 1), block(128, 128, 3, 1))]
    return tnn.Sequential(*body, tnn.Flatten(), tnn.Linear(128, 128), tnn.ReLU(), tnn.Linear(128, 10))


def their_lstm():
    from torch import nn as tnn

    class Model(tnn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.out = tnn.Embedding(VOCABULARY, WIDTH), tnn.Linear(WIDTH, VOCABULARY)
            self.lstm = tnn.LSTM(WIDTH, WIDTH, LAYERS)

        def forward(self, x, state):
            hidden, state = self.lstm(self.table(x), state)
            return self.out(hidden.reshape(STEPS * BATCH, WIDTH)), state

    return Model()


def their_transformer(heads: int = 8, features: int = 32):
    import torch
    from torch import nn as tnn

    class Layer(tnn.Module):
        def __init__(self):
            super().__init__()
            inner = heads * features
            self.norms = tnn.ModuleList([tnn.LayerNorm(WIDTH) for _ in range(4)])
            self.projections = tnn.ModuleList([tnn.Linear(WIDTH, inner, bias=False) for _ in range(3)])
            self.out = tnn.Linear(inner, WIDTH, bias=False)
            self.first, self.second = tnn.Linear(WIDTH, WIDTH), tnn.Linear(WIDTH, WIDTH)

        def forward(self, x):
            parts = zip(self.norms, self.projections, strict=False)
            q, k, v = (p(n(x)).reshape(BATCH, STEPS, heads, features).transpose(1, 2) for n, p in parts)
            seen = tnn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(seen.transpose(1, 2).reshape(BATCH, STEPS, heads * features))
            return x + self.second(torch.relu(self.first(self.norms[3](x))))

    class Model(tnn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.out = tnn.Embedding(VOCABULARY, WIDTH), tnn.Linear(WIDTH, VOCABULARY)
            self.positions = tnn.Embedding(STEPS, WIDTH)
            self.layers = tnn.Sequential(*(Layer() for _ in range(LAYERS)))

        def forward(self, x):
            embedded = self.table(x).transpose(0, 1) + self.positions(torch.arange(STEPS))
            return self.out(self.layers(embedded).transpose(0, 1).reshape(STEPS * BATCH, WIDTH))

    return Model()


if __name__ == "__main__":
    sys.exit(main())
