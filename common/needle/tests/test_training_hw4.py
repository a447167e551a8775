"""hw4's training loop, its text generation and its program: progress, Ctrl-C, checkpoints, and what users read."""

from __future__ import annotations

import importlib
import itertools
import json
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import needle as ndl
import numpy as np
import pytest
from needle import nn
from needle.data import DataLoader, Dictionary, NDArrayDataset

ROOT = Path(__file__).resolve().parents[3]
HW4 = ROOT / "hw4"
HEADER = "epoch train acc train loss test acc test loss seconds"


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """What Ctrl-C does in a terminal: in the background of a shell, where tests may run as well, it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _apps() -> list[str]:
    return [name for name in sys.modules if name.split(".")[0] == "apps"]


@pytest.fixture
def apps(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """`apps.simple_ml` of hw4, from which the others can be had too. Other homeworks have `apps` as well."""
    for name in _apps():
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [str(HW4), *sys.path])
    yield importlib.import_module("apps.simple_ml")
    for name in _apps():
        del sys.modules[name]


@pytest.fixture
def training(apps: ModuleType) -> ModuleType:
    return sys.modules["apps.training"]


class Setting:
    """A classifier, an optimizer and a loader that shuffles, the same for every seed but for the weights."""

    def __init__(self, apps: ModuleType, seed: int = 71, optimizer=ndl.optim.Adam, count: int = 40) -> None:
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(count, 6)).astype("float32"), rng.integers(3, size=count)
        np.random.seed(seed)
        self.model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))
        self.optimizer = optimizer(self.model.parameters())
        self.loader = DataLoader(NDArrayDataset(x, y), 10, shuffle=True)
        self.apps = apps
        self.when = None

    def train(self):
        return self.apps.epoch_general_cifar10(self, self.model, opt=self.optimizer)

    def evaluate(self):
        return self.apps.evaluate_cifar10(self.model, self.loader)

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        """The loader's minibatches; before those of number `when`, Ctrl-C is pressed."""
        for number, batch in enumerate(self.loader):
            if self.when is not None and number in self.when:
                signal.raise_signal(signal.SIGINT)
            yield batch

    def fit(self, epochs, checkpoint=None):
        fit = sys.modules["apps.training"].fit
        return fit(self.train, self.model, self.optimizer, epochs, self.evaluate, checkpoint)

    def numbers(self):
        return [param.numpy().tolist() for param in self.model.parameters()]


def without_seconds(rows):
    return [(row.epoch, row.train_accuracy, row.train_loss, row.test_accuracy, row.test_loss) for row in rows]


def test_a_row_and_a_line_for_each_epoch(apps, training, capsys):
    setting, same = Setting(apps), Setting(apps)
    rows = setting.fit(2)
    for number, row in enumerate(rows, start=1):
        assert without_seconds([row]) == [(number, *same.train(), *same.evaluate())]
        assert row.seconds > 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == HEADER.split()
    assert [line.split()[:3] for line in lines] == [
        [f"{row.epoch}/2", f"{row.train_accuracy:.2%}", f"{row.train_loss:.4f}"] for row in rows
    ]


def test_without_an_evaluation(apps, training, capsys):
    setting = Setting(apps)
    (row,) = training.fit(setting.train, setting.model, setting.optimizer, 1)
    assert math.isnan(row.test_loss)
    assert capsys.readouterr().out.splitlines()[1].split()[3:5] == ["-", "-"]


@pytest.mark.parametrize("optimizer", [ndl.optim.SGD, ndl.optim.Adam])
@pytest.mark.parametrize("done", [1, 2])
def test_going_on_from_a_checkpoint_is_never_having_stopped(done, optimizer, apps, tmp_path, capsys):
    whole = Setting(apps, optimizer=optimizer)
    rows = whole.fit(4)
    path = tmp_path / "checkpoint"
    Setting(apps, optimizer=optimizer).fit(done, path)
    other = Setting(apps, seed=72, optimizer=optimizer)
    assert without_seconds(other.fit(4, path)) == without_seconds(rows)
    assert other.numbers() == whole.numbers()
    assert f"going on from {path}, after {done} of 4 epochs" in capsys.readouterr().out


def test_nothing_is_left_to_train(apps, tmp_path):
    setting = Setting(apps)
    rows = setting.fit(2, tmp_path / "checkpoint")
    before = setting.numbers()
    assert Setting(apps).fit(2, tmp_path / "checkpoint") == rows
    assert setting.numbers() == before


def test_ctrl_c_ends_an_epoch_between_two_steps(apps, tmp_path, capsys):
    setting, path = Setting(apps), tmp_path / "checkpoint"
    setting.fit(1, path)
    setting.when = [2]
    rows = setting.fit(3, path)
    assert [row.epoch for row in rows] == [1]
    assert setting.optimizer.t == 4 + 3, "the step during which it was pressed is done, and no other"
    out = capsys.readouterr().out
    assert "stopping after this step; Ctrl-C again stops at once" in out
    assert f"stopped in epoch 2: the model keeps what it has learned; {path} is as after epoch 1" in out
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    whole = Setting(apps)
    again = Setting(apps, seed=72)
    assert without_seconds(again.fit(3, path)) == without_seconds(whole.fit(3))
    assert again.numbers() == whole.numbers()


def test_a_second_ctrl_c_stops_at_once(apps):
    setting = Setting(apps)

    class Twice:
        def __len__(self):
            return 4

        def __iter__(self):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            yield from setting.loader

    with pytest.raises(KeyboardInterrupt):
        sys.modules["apps.training"].fit(
            lambda: apps.epoch_general_cifar10(Twice(), setting.model, opt=setting.optimizer),
            setting.model,
            setting.optimizer,
            1,
        )
    assert setting.optimizer.t == 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_in_the_last_step_ends_after_that_epoch(apps, capsys):
    setting = Setting(apps)
    setting.when = [3]
    rows = setting.fit(3)
    assert len(rows) == 1
    assert "stopped after epoch 1" in capsys.readouterr().out


def test_outside_of_fit_ctrl_c_is_what_it_always_is(apps):
    setting = Setting(apps)
    setting.when = [1]
    with pytest.raises(KeyboardInterrupt):
        setting.train()


def test_progress_gives_every_step_once_and_draws_nothing(training, capsys):
    loader = DataLoader(NDArrayDataset(np.arange(7)), 3, shuffle=True)
    np.random.seed(5)
    found = [batch[0].numpy().tolist() for batch in training.progress(loader)]
    np.random.seed(5)
    assert found == [batch[0].numpy().tolist() for batch in loader]
    assert list(training.progress(iter("abc"))) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def test_a_checkpoint_of_another_training(apps, training, tmp_path):
    path = tmp_path / "checkpoint"
    setting = Setting(apps)
    ndl.save(path, setting.model, setting.optimizer, epochs=3)
    with pytest.raises(ValueError, match="was not written by fit"):
        setting.fit(4, path)
    with pytest.raises(ValueError, match="SGD"):
        Setting(apps, optimizer=ndl.optim.SGD).fit(4, path)


@pytest.mark.parametrize("epochs", [0, -2])
def test_no_epoch(epochs, apps, training):
    setting = Setting(apps)
    with pytest.raises(ValueError, match=f"one epoch or more, not {epochs}"):
        setting.fit(epochs)
    with pytest.raises(ValueError, match=f"one epoch or more, not {epochs}"):
        apps.train_cifar10(setting.model, setting.loader, n_epochs=epochs)
    with pytest.raises(ValueError, match=f"one epoch or more, not {epochs}"):
        apps.train_ptb(setting.model, np.zeros((3, 2)), n_epochs=epochs)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_text_without_a_word_to_predict(rows, apps):
    model = nn.Linear(2, 2)
    with pytest.raises(ValueError, match=f"a text of {rows} rows has no word to predict"):
        apps.epoch_general_ptb(np.zeros((rows, 2)), model)


@pytest.mark.parametrize("longest", [0.5, 100.0])
@pytest.mark.parametrize("optimizer", [ndl.optim.SGD, ndl.optim.Adam])
def test_gradients_are_clipped_for_every_optimizer(optimizer, longest, training, rng):
    params = [nn.Parameter(np.zeros(shape, dtype="float32")) for shape in ((2, 3), (4,), (1,))]
    grads = [rng.normal(size=param.shape).astype("float32") for param in params[:2]]
    for param, grad in zip(params, grads, strict=False):
        param.grad = ndl.Tensor(grad)
    norm = math.sqrt(sum((grad.astype("float64") ** 2).sum() for grad in grads))
    assert math.isclose(training.clip_gradients(optimizer(params), longest), norm, rel_tol=1e-5)
    for param, grad in zip(params, grads, strict=False):
        np.testing.assert_allclose(param.grad.numpy(), grad * min(1, longest / norm), rtol=1e-4)


# Pictures and numbers


def test_curves(apps, tmp_path):
    curves = importlib.import_module("apps.curves")
    rows = Setting(apps).fit(2)
    curves.save_rows(tmp_path / "new" / "resnet", rows, "A title", lr=0.25)
    found = json.loads((tmp_path / "new" / "resnet.json").read_text())
    assert found["title"] == "A title"
    assert found["lr"] == 0.25
    assert [row["train_loss"] for row in found["rows"]] == [row.train_loss for row in rows]
    assert (tmp_path / "new" / "resnet.png").read_bytes().startswith(b"\x89PNG")


# Text


class Circle(nn.Module):
    """The word after i is i + 1 with the logit 5, and all others with 0. `seen`: what it was asked."""

    def __init__(self, words=6):
        super().__init__()
        self.weight = nn.Parameter(5 * np.roll(np.eye(words, dtype="float32"), 1, axis=1))
        self.seen = []

    def forward(self, x, h=None):
        self.seen.append((x.numpy().ravel().tolist(), h, self.training))
        return ndl.Tensor(self.weight.numpy()[x.numpy().ravel().astype(int)]), None


@pytest.fixture
def generation(apps):
    return importlib.import_module("apps.generation")


@pytest.fixture
def words():
    dictionary = Dictionary()
    for word in ("a", "b", "c", "<eos>", "d", "e"):
        dictionary.add_word(word)
    return dictionary


def test_the_likeliest_word_at_temperature_zero(generation, words):
    model = Circle()
    assert generation.generate(model, words, "a", 8, temperature=0, seq_len=3) == "a b c\nd e a b c"
    assert [ids for ids, _, _ in model.seen[:5]] == [[0], [0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert all(h is None and not training for _, h, training in model.seen)


def test_words_are_drawn_by_their_chances(generation, words):
    """The next on the circle with e^5 to 5, as often as that; at twice the temperature with e^2.5 to 5."""
    for temperature in (1.0, 2.0):
        np.random.seed(6)
        written = generation.generate(Circle(), words, "a", 2000, temperature, seq_len=1).replace("\n", " <eos> ")
        ids = [words.word2idx[word] for word in written.split()]
        share = np.mean([(now + 1) % 6 == later for now, later in itertools.pairwise(ids)])
        weight = math.exp(5 / temperature)
        np.testing.assert_allclose(share, weight / (weight + 5), atol=0.03)


def test_what_is_written_depends_on_the_seed_alone(generation, words):
    texts = []
    for seed in (7, 7, 8):
        np.random.seed(seed)
        texts.append(generation.generate(Circle(), words, "a b", 40, 3.0))
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(
    ("prompt", "temperature", "message"),
    [
        ("", 1.0, "one word or more"),
        ("  ", 1.0, "one word or more"),
        ("a x", 1.0, "'x' is not among the 6 words"),
        ("a", -1.0, "the temperature must be 0 or more, not -1.0"),
        ("a", math.nan, "not nan"),
    ],
)
def test_what_cannot_be_written(prompt, temperature, message, generation, words):
    with pytest.raises(ValueError, match=message):
        generation.generate(Circle(), words, prompt, 3, temperature)


def test_perplexity(generation):
    assert math.isclose(generation.perplexity(math.log(50)), 50)
    assert generation.perplexity(1e6) == math.inf


# Data


def test_where_data_is_looked_for(training, tmp_path, monkeypatch):
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "one").touch()
    for given in (tmp_path, tmp_path / "things"):
        assert training.data_folder("things", "one", given=given) == tmp_path / "things"
    monkeypatch.setenv("NEEDLE_DATA", str(tmp_path))
    assert training.data_folder("things", "one") == tmp_path / "things"
    with pytest.raises(FileNotFoundError, match=rf"one and two in any of {re.escape(str(tmp_path))}.things; `make"):
        training.data_folder("things", "one", "two")


# The program


def run(*arguments, **environment):
    command = [sys.executable, str(HW4 / "apps" / "train.py"), *map(str, arguments)]
    path = str(ROOT / "common" / "needle" / "python")
    environment = {**os.environ, "NEEDLE_BACKEND": "np", "PYTHONPATH": path, **environment}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "text").mkdir()
    for name, count in (("train.txt", 30), ("test.txt", 8)):
        (tmp_path / "text" / name).write_text("the cat sat on the mat .\nand the dog sat too .\n" * count)
    return tmp_path


SMALL = ["--embedding=8", "--hidden=12", "--batch-size=4", "--seq-len=6", "--lr=0.5", "--words=9"]


def test_the_program_trains_goes_on_and_writes(corpus):
    options = ["text", "--data", corpus / "text", "--checkpoint", corpus / "checkpoint", *SMALL]
    first = run(*options, "--epochs", 1)
    assert first.returncode == 0, first.stderr
    assert "450 words to train on, 120 to test on; 10 different ones" in first.stdout
    second = run(*options, "--epochs", 2, "--curves", corpus / "curves", "--prompt", "the cat")
    assert second.returncode == 0, second.stderr
    assert "after 1 of 2 epochs" in second.stdout
    assert re.search(r"perplexity: \d+\.\d in training, \d+\.\d in the test", second.stdout)
    assert "\nthe cat" in second.stdout
    assert (corpus / "curves.png").is_file()
    assert len(json.loads((corpus / "curves.json").read_text())["rows"]) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["text", "--data", "{}/none"], "train: no folder with train.txt and test.txt in any of"),
        (["cifar10", "--data", "{}"], "train: no folder with data_batch_1 and"),
        (["text", "--data", "{}", "--corpus", "text", "--epochs", "0"], "train: expected one epoch or more, not 0"),
        (["text", "--data", "{}/text", "--max-lines", "-1"], "train: Corpus: max_lines must be 0 or more"),
        (["text", "--data", "{}/text", "--max-lines", "0"], "there is no word to train on"),
        (["text", "--data", "{}/text", "--model", "rnn", *SMALL, "--lr", "3e38", "--clip", "9"], "train: the loss is"),
        (["text", "--data", "{}/text", "--device", "cuda"], "train: there is no device cuda on this backend"),
    ],
)
def test_a_mistake_is_one_line_and_status_one(options, message, corpus):
    ended = run(*[option.format(corpus) for option in options])
    assert ended.returncode == 1
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr


def test_help_tells_the_defaults():
    ended = run("text", "--help")
    assert ended.returncode == 0
    for word in ("--model", "transformer", "(default: 40)", "--checkpoint", "--temperature"):
        assert word in ended.stdout
