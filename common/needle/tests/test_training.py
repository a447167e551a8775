"""hw2's training loop: what it prints, what Ctrl-C keeps, checkpoints, and what users read when something is wrong."""

from __future__ import annotations

import gzip
import importlib
import math
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import needle as ndl
import numpy as np
import pytest
from needle import nn

ROOT = Path(__file__).resolve().parents[3]
HW2 = ROOT / "hw2"
HEADER = "    epoch  train err  train loss   test err  test loss  seconds"


def _apps() -> list[str]:
    return [name for name in sys.modules if name.split(".")[0] == "apps"]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """`apps.mlp_resnet` of hw2, from which `apps.training` can be had too. Other homeworks have `apps` as well."""
    for name in _apps():
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [str(HW2), *sys.path])
    yield importlib.import_module("apps.mlp_resnet")
    for name in _apps():
        del sys.modules[name]


@pytest.fixture
def training(app: ModuleType) -> ModuleType:
    return sys.modules["apps.training"]


class Setting:
    """A network, an optimizer and loaders, the same for every seed but for the weights."""

    def __init__(self, app: ModuleType, seed: int = 71, optimizer=ndl.optim.Adam, count: int = 40, **settings):
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(count, 6)).astype("float32"), rng.integers(3, size=count)
        np.random.seed(seed)
        self.epoch = app.epoch
        self.model = app.MLPResNet(6, hidden_dim=8, num_blocks=1, num_classes=3)
        self.opt = optimizer(self.model.parameters(), **settings)
        self.data = ndl.data.NDArrayDataset(x, y)
        self.train = ndl.data.DataLoader(self.data, 4, shuffle=True)
        self.test = ndl.data.DataLoader(ndl.data.NDArrayDataset(x[:8], y[:8]), 4)

    def fit(self, training: ModuleType, epochs: int, checkpoint=None):
        return training.fit(self.epoch, self.model, self.opt, self.train, self.test, epochs, checkpoint)

    def bits(self) -> list[bytes]:
        """Parameters, running statistics, and what Adam keeps."""
        tensors = [t for _, t in nn.nn_module.walk(self.model) if isinstance(t, ndl.Tensor)]
        kept = [held[p] for held in (self.opt.m, self.opt.v) for p in self.opt.params]
        arrays = [each.numpy() if isinstance(each, ndl.Tensor) else each for each in [*tensors, *kept]]
        return [np.asarray(array).tobytes() for array in arrays]


def interrupting(setting: Setting, *whens: tuple[str, int]) -> None:
    """Make it press Ctrl-C: each time at the given number of minibatches of the data set that is named."""
    counts = {"train": 0, "test": 0}

    def watched(loader, name):
        data = loader.dataset
        before = type(data).__getitem__

        class Pressing(type(data)):
            def __getitem__(self, index):
                counts[name] += 1
                for _ in range(whens.count((name, counts[name]))):
                    signal.raise_signal(signal.SIGINT)
                return before(self, index)

        data.__class__ = Pressing

    watched(setting.train, "train")
    watched(setting.test, "test")


@pytest.fixture(autouse=True)
def _ctrl_c_as_in_a_terminal() -> Iterator[None]:
    """In the background of a shell, where tests may run, Ctrl-C is ignored. After each test it is as it was."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    left = signal.signal(signal.SIGINT, before)
    assert left is signal.default_int_handler, "fit has not put back what was there for Ctrl-C"


def test_a_line_for_each_epoch(app, training, capsys):
    setting = Setting(app)
    row = setting.fit(training, 3)
    header, *lines = capsys.readouterr().out.splitlines()
    assert header == HEADER
    assert len(lines) == 3
    for number, line in enumerate(lines, start=1):
        found = re.fullmatch(r" *(\d)/3 +([\d.]+%) +([\d.]+) +([\d.]+%) +([\d.]+) +([\d.]+)", line)
        assert found, line
        assert int(found[1]) == number
        assert len(line) == len(header)
    train_err, train_loss, test_err, test_loss = row
    expected = f"{train_err:.2%}", f"{train_loss:.4f}", f"{test_err:.2%}", f"{test_loss:.4f}"
    assert found.group(2, 3, 4, 5) == expected


def test_the_row_is_what_epochs_give(app, training):
    first, second = Setting(app), Setting(app)
    row = first.fit(training, 2)
    for _ in range(2):
        trained = second.epoch(second.train, second.model, second.opt)
        tested = second.epoch(second.test, second.model)
    assert row == (*trained, *tested)
    assert first.bits() == second.bits()


def test_no_bar_where_nobody_sees_it(app, training, capsys):
    Setting(app).fit(training, 1)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("done", [1, 2, 3])
def test_going_on_from_a_checkpoint_is_never_having_stopped(done, app, training, tmp_path, capsys):
    whole = Setting(app)
    expected = whole.fit(training, 3)
    Setting(app).fit(training, done, tmp_path / "file")
    capsys.readouterr()
    rest = Setting(app, seed=999, lr=0.5)
    assert rest.fit(training, 3, tmp_path / "file") == expected
    assert rest.bits() == whole.bits()
    first, second, *lines = capsys.readouterr().out.splitlines()
    assert first == f"going on from {tmp_path / 'file'}, after {done} of 3 epochs"
    assert second == "with lr = 0.01, as it was there, and not 0.5"
    assert len(lines) == (4 - done if done < 3 else 1)


def test_ctrl_c_in_an_epoch(app, training, tmp_path, capsys):
    """It stops after the minibatch at hand; the model is tested and kept, and the epoch is not counted as done."""
    setting = Setting(app)
    interrupting(setting, ("train", 13))
    row = setting.fit(training, 5, tmp_path / "file")
    assert [math.isnan(number) for number in row] == [True, True, False, False]
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r" *2/5 +- +- +[\d.]+% +[\d.]+ +[\d.]+", lines[-2]), lines[-2]
    assert len(lines[-2]) == len(HEADER)
    assert "stopping after this minibatch; Ctrl-C again stops at once" in lines
    kept = f"the model keeps what it learned, and so does {tmp_path / 'file'}"
    assert lines[-1] == f"stopped after 3 of 10 minibatches of epoch 2; {kept}"

    loaded = Setting(app, seed=999)
    notes = ndl.load(tmp_path / "file", loaded.model, loaded.opt)
    assert notes["epochs"] == 1
    assert loaded.bits() == setting.bits()
    assert loaded.opt.t == 13
    assert notes["test_loss"] == row[3] == loaded.epoch(loaded.test, loaded.model)[1]


def test_going_on_after_ctrl_c_begins_the_epoch_anew(app, training, tmp_path):
    setting = Setting(app)
    interrupting(setting, ("train", 13))
    setting.fit(training, 3, tmp_path / "file")
    rest = Setting(app, seed=999)
    rest.fit(training, 3, tmp_path / "file")
    assert rest.opt.t == 13 + 2 * 10


def test_ctrl_c_without_a_checkpoint(app, training, capsys):
    setting = Setting(app)
    interrupting(setting, ("train", 1))
    setting.fit(training, 5)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "stopped after 1 of 10 minibatches of epoch 1; the model keeps what it learned"
    assert setting.opt.t == 1


@pytest.mark.parametrize("when", [("train", 10), ("test", 1), ("test", 2)], ids=str)
def test_ctrl_c_when_an_epoch_is_trained_but_not_yet_saved(when, app, training, tmp_path, capsys):
    """In its last minibatch, or while it is tested: nothing of a whole epoch is lost, and it counts."""
    setting = Setting(app)
    interrupting(setting, when)
    row = setting.fit(training, 5, tmp_path / "file")
    assert all(math.isfinite(number) for number in row)
    assert "stopped after 10 of 10 minibatches of epoch 1" in capsys.readouterr().out
    rest = Setting(app, seed=999)
    rest.fit(training, 3, tmp_path / "file")
    whole = Setting(app)
    whole.fit(training, 3)
    assert rest.bits() == whole.bits()


@pytest.mark.parametrize("whens", [[("train", 13)] * 2, [("train", 13), ("test", 3)]], ids=str)
def test_a_second_ctrl_c_stops_at_once(whens, app, training, tmp_path):
    """The checkpoint is then that of the last whole epoch."""
    setting = Setting(app)
    interrupting(setting, *whens)
    with pytest.raises(KeyboardInterrupt):
        setting.fit(training, 5, tmp_path / "file")
    assert os.listdir(tmp_path) == ["file"]
    first, loaded = Setting(app), Setting(app, seed=999)
    first.fit(training, 1)
    assert ndl.load(tmp_path / "file", loaded.model, loaded.opt)["epochs"] == 1
    assert loaded.bits() == first.bits()


def test_where_ctrl_c_is_ignored_it_is(app, training):
    """As in the background of a shell, where Ctrl-C is meant for what runs in the foreground."""
    setting = Setting(app)
    interrupting(setting, ("train", 2))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        row = setting.fit(training, 1)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert all(math.isfinite(number) for number in row)


def test_in_another_thread(app, training):
    setting, rows = Setting(app), []
    thread = threading.Thread(target=lambda: rows.append(setting.fit(training, 2)))
    thread.start()
    thread.join()
    assert rows == [Setting(app).fit(training, 2)]


@pytest.mark.parametrize("epochs", [0, -1])
def test_no_epoch(epochs, app, training):
    with pytest.raises(ValueError, match=f"expected one epoch or more, .* got {epochs} epochs on 10 and 2 minibatches"):
        Setting(app).fit(training, epochs)


@pytest.mark.parametrize("empty", ["train", "test"])
def test_an_empty_data_set(empty, app, training):
    setting = Setting(app)
    nothing = ndl.data.NDArrayDataset(np.zeros((0, 6), dtype="float32"), np.zeros(0, dtype="uint8"))
    setattr(setting, empty, ndl.data.DataLoader(nothing, 4))
    with pytest.raises(ValueError, match=r"on data sets that are not empty; got 1 epochs on .*\b0\b"):
        setting.fit(training, 1)


def test_a_loss_that_is_no_number_keeps_the_checkpoint_of_the_epoch_before(app, training, tmp_path):
    setting = Setting(app)
    setting.fit(training, 1, tmp_path / "file")
    before = (tmp_path / "file").read_bytes()
    setting.data.arrays[0][17] = np.nan
    with pytest.raises(FloatingPointError, match="the loss is nan: training has diverged"):
        setting.fit(training, 2, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == before


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_require_finite(loss, training):
    with pytest.raises(FloatingPointError, match=f"the loss is {loss}: training has diverged"):
        training.require_finite(loss)
    assert training.require_finite(-1.5) == -1.5


def test_a_checkpoint_of_another_network(app, training, tmp_path):
    Setting(app).fit(training, 1, tmp_path / "file")
    before = (tmp_path / "file").read_bytes()
    other = Setting(app, optimizer=ndl.optim.SGD)
    with pytest.raises(ValueError, match="holds the state of Adam, not of SGD"):
        other.fit(training, 2, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == before


def test_a_checkpoint_that_fit_did_not_write(app, training, tmp_path):
    setting = Setting(app)
    ndl.save(tmp_path / "file", setting.model, setting.opt, epochs=1)
    with pytest.raises(ValueError, match="was not written by fit: it has no note of train_err, train_loss, test_err"):
        setting.fit(training, 2, tmp_path / "file")


def test_a_checkpoint_that_cannot_be_written_is_known_before_the_first_epoch(app, training, tmp_path):
    setting = Setting(app)
    (tmp_path / "plain").write_bytes(b"")
    for path in (tmp_path, tmp_path / "plain" / "file"):
        with pytest.raises(OSError, match=re.escape(str(tmp_path))):
            setting.fit(training, 1, path)
    assert setting.opt.t == 0


def write_mnist(folder: Path, count: int) -> Path:
    """The four files, with random images of which the top left pixels tell the label."""
    rng = np.random.default_rng(0)
    for part, n in (("train", count), ("t10k", 20)):
        labels = rng.integers(10, size=n, dtype="uint8")
        images = rng.integers(50, size=(n, 28, 28), dtype="uint8")
        images[np.arange(n), labels, :5] = 255
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            (folder / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes(), 1))
    return folder


def test_where_mnist_is_looked_for(training, tmp_path, monkeypatch):
    """In the folder that is named, then in NEEDLE_DATA; a folder with one file of two is not enough."""
    named, other = tmp_path / "named", tmp_path / "other"
    for folder in (named, other):
        folder.mkdir()
        write_mnist(folder, 20)
    monkeypatch.setenv("NEEDLE_DATA", str(other))
    names = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
    assert training.mnist_files(named, "train") == tuple(named / name for name in names)
    (named / names[1]).unlink()
    assert training.mnist_files(str(named), "train") == tuple(other / name for name in names)
    assert training.mnist_files(named, "t10k")[0] == named / "t10k-images-idx3-ubyte.gz"


# Starts a program where Ctrl-C is not ignored, whatever the tests run in.
START = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = sys.argv[1:]
sys.path.insert(0, "")
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def program(
    *arguments: object, hw2: Path = HW2, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """`python hw2/apps/mlp_resnet.py ...`"""
    command = [sys.executable, "-c", START, str(hw2 / "apps" / "mlp_resnet.py"), *map(str, arguments)]
    environment = {**os.environ, **(env or {})}
    environment.pop("PYTHONUNBUFFERED", None)  # or the lines would come at once without any effort
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=cwd, env=environment)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, out, err


def test_the_program_trains_and_goes_on(tmp_path):
    write_mnist(tmp_path, 200)
    options = ["--data", tmp_path, "--hidden-dim", 16, "--batch-size", 20, "--checkpoint", tmp_path / "kept"]
    code, out, err = ended(program("--epochs", 1, *options))
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == HEADER
    code, out, err = ended(program("--epochs", 2, *options))
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"going on from {tmp_path / 'kept'}, after 1 of 2 epochs"
    assert out.splitlines()[-1].split()[0] == "2/2"
    code, out, err = ended(program("--epochs", 2, "--lr", 0.5, *options))
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"going on from {tmp_path / 'kept'}, after 2 of 2 epochs",
        "with lr = 0.001, as it was there, and not 0.5",
        "nothing is left to train: ask for more epochs, or begin anew with another checkpoint",
    ]


def test_ctrl_c_ends_the_program_cleanly(app, tmp_path):
    write_mnist(tmp_path, 6000)
    options = ["--data", tmp_path, "--hidden-dim", 16, "--batch-size", 1, "--checkpoint", tmp_path / "kept"]
    process = program(*options, "--epochs", 2)
    # Its header is there as soon as it begins, also where it writes into a pipe.
    assert process.stdout.readline().rstrip() == HEADER
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    code, out, err = ended(process)
    assert (code, err) == (0, "")
    found = re.search(r"stopped after (\d+) of 6000 minibatches of epoch 1; .* and so does (.*)", out.splitlines()[-1])
    assert found[2] == str(tmp_path / "kept")
    model = app.MLPResNet(784, hidden_dim=16)
    opt = ndl.optim.Adam(model.parameters())
    assert ndl.load(tmp_path / "kept", model, opt)["epochs"] == 0
    assert opt.t == int(found[1]) > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--optimizer", "SGD", "--lr", "1e30"], r"mlp_resnet: the loss is (nan|inf): training has diverged\. .*"),
        (["--batch-size", "0"], "mlp_resnet: DataLoader: a minibatch holds one example or more, not 0"),
        (["--epochs", "0"], "mlp_resnet: fit: expected one epoch or more, .*"),
        (["--hidden-dim", "1"], "mlp_resnet: initialisation: .* not 1 and 0"),
        (["--lr", "-1"], "mlp_resnet: Adam: lr must be 0 or more, and finite, not -1.0"),
        (["--checkpoint", "."], "mlp_resnet: .* is a folder, .*"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_status_one(options, message, tmp_path):
    write_mnist(tmp_path, 100)
    code, _, err = ended(program("--data", tmp_path, "--hidden-dim", 16, *options, cwd=tmp_path))
    assert code == 1
    assert re.fullmatch(message + "\n", err), err


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ('ValueError("shapes")', r"Traceback .*, in epoch\n.*ValueError: shapes"),
        (
            'NotImplementedError("hw2 modules: ReLU.forward")',
            "mlp_resnet: not written yet: hw2 modules: ReLU.forward; .*",
        ),
    ],
    ids=["wrong", "empty"],
)
def test_what_fails_in_an_epoch_is_shown_with_its_place_unless_it_is_empty(error, message, tmp_path):
    write_mnist(tmp_path, 100)
    shutil.copytree(HW2 / "apps", tmp_path / "hw2" / "apps")
    path = tmp_path / "hw2" / "apps" / "mlp_resnet.py"
    whole = path.read_text()
    docstring = '(`require_finite` raises it).\n    """\n'
    assert docstring in whole
    path.write_text(whole.replace(docstring, f"{docstring}    raise {error}\n"))
    code, _, err = ended(program("--data", tmp_path, "--hidden-dim", 16, hw2=tmp_path / "hw2", cwd=tmp_path))
    assert code == 1
    assert re.fullmatch(message + "\n", err, re.DOTALL), err


def test_missing_data_is_one_line(tmp_path):
    """In a copy of the homework, since the real one may have its data beside it."""
    shutil.copytree(HW2 / "apps", tmp_path / "course" / "hw2" / "apps")
    environment = {"NEEDLE_DATA": str(tmp_path / "neither")}
    process = program("--data", tmp_path / "none", hw2=tmp_path / "course" / "hw2", cwd=tmp_path, env=environment)
    code, out, err = ended(process)
    assert (code, out) == (1, "")
    assert re.fullmatch(r"mlp_resnet: no train-images-idx3-ubyte\.gz and train-labels.* downloads them\n", err), err
    assert str(tmp_path / "none") in err
    assert str(tmp_path / "neither") in err


def test_a_damaged_file_is_one_line(tmp_path):
    write_mnist(tmp_path, 100)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])
    code, out, err = ended(program("--data", tmp_path))
    assert (code, out) == (1, "")
    assert re.fullmatch(re.escape(f"mlp_resnet: {path} is not a whole gzip file") + ".*\n", err), err
