"""Saving and loading: to the bit, in another process as well; nothing executed, nothing half done."""

from __future__ import annotations

import errno
import json
import math
import os
import pickle
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import needle as ndl
import numpy as np
import pytest
import resumable
from needle import nn
from needle.optim import SGD, Adam, Optimizer
from safetensors import safe_open
from safetensors.numpy import load_file, save_file


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name in expected:
        assert found[name].dtype == expected[name].dtype, name
        assert found[name].shape == expected[name].shape, name
        assert found[name].tobytes() == expected[name].tobytes(), name


def everything(model, optimizer=None):
    """The state of all, to see whether anything was changed."""
    tensors = {name: t.numpy().tobytes() for name, t in nn.nn_module.walk(model) if isinstance(t, ndl.Tensor)}
    kept = {} if optimizer is None else {name: repr(value) for name, value in vars(optimizer).items()}
    return tensors, kept, [part.tobytes() if isinstance(part, np.ndarray) else part for part in np.random.get_state()]


def trained(kind=Adam, seed=61, steps=2):
    """A small network after some steps, and its optimizer."""
    np.random.seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    optimizer = kind(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.reset_grad()
        model(ndl.init.randn(5, 3)).sum().backward()
        optimizer.step()
    return model, optimizer


@pytest.mark.parametrize("name", resumable.OPTIMIZERS)
def test_one_epoch_and_one_more_is_two_epochs(name, tmp_path):
    """With dropout, running statistics and shuffling, whatever an optimizer keeps: here and in a fresh process."""
    model, optimizer, loader = resumable.made(name, seed=7)
    resumable.train(model, optimizer, loader, epochs=2)
    expected = resumable.state(model, optimizer)

    model, optimizer, loader = resumable.made(name, seed=7)
    resumable.train(model, optimizer, loader, epochs=1)
    ndl.save(tmp_path / "half", model, optimizer)
    # Saving must leave no trace in what goes on.
    resumable.train(model, optimizer, loader, epochs=1)
    assert_same(resumable.state(model, optimizer), expected)

    model, optimizer, loader = resumable.made(name, seed=8)
    resumable.train(model, optimizer, loader, epochs=1)
    ndl.load(tmp_path / "half", model, optimizer)
    resumable.train(model, optimizer, loader, epochs=1)
    assert_same(resumable.state(model, optimizer), expected)

    program = [sys.executable, resumable.__file__, name, tmp_path / "half", tmp_path / "whole.npz"]
    ended = subprocess.run(program, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    with np.load(tmp_path / "whole.npz") as found:
        assert_same(dict(found), expected)


def test_without_the_optimizers_state_it_would_not_be_the_same(tmp_path):
    """What the test above finds equal does depend on what it loads."""
    model, optimizer, loader = resumable.made("Adam", seed=7)
    resumable.train(model, optimizer, loader, epochs=1)
    ndl.save(tmp_path / "half", model, optimizer)
    resumable.train(model, optimizer, loader, epochs=1)
    expected = resumable.state(model, optimizer)
    model, optimizer, loader = resumable.made("Adam", seed=7)
    ndl.load(tmp_path / "half", model)
    resumable.train(model, optimizer, loader, epochs=1)
    found = resumable.state(model, optimizer)
    assert found["parameter 0"].tobytes() != expected["parameter 0"].tobytes()


def test_notes_come_back_as_they_were(tmp_path):
    model, _ = trained()
    notes = {"epoch": 3, "loss": 1 / 3, "name": "Ä → ß", "nothing": math.inf, "large": 10**20}
    ndl.save(tmp_path / "file", model, **notes, of_numpy=np.float32(0.1))
    found = ndl.load(tmp_path / "file", model)
    assert found.pop("of_numpy") == float(np.float32(0.1))
    assert found == notes
    assert [type(each) for each in found.values()] == [type(each) for each in notes.values()]


def test_every_tensor_is_in_the_file_by_its_path(tmp_path):
    model, optimizer = trained()
    ndl.save(tmp_path / "file", model, optimizer)
    saved = load_file(tmp_path / "file")
    for name in ("modules.0.weight", "modules.0.bias", "modules.1.running_var", "modules.2.bias"):
        assert f"module.{name}" in saved
    assert (saved["module.modules.0.weight"] == model.modules[0].weight.numpy()).all()
    assert {name.split(".")[0] for name in saved} == {"module", "optimizer", "random"}


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (0, 2)], ids=str)
def test_shapes_and_dtypes(dtype, shape, tmp_path, rng):
    model = nn.Module()
    model.kept = ndl.Tensor(rng.integers(2, size=shape), dtype=dtype, requires_grad=False)
    expected = model.kept.numpy().copy()
    ndl.save(tmp_path / "file", model)
    model.kept = ndl.Tensor(np.ones(shape), dtype=dtype, requires_grad=False)
    ndl.load(tmp_path / "file", model)
    assert (model.kept.dtype, model.kept.shape) == (dtype, shape)
    assert (model.kept.numpy() == expected).all()
    assert model.kept.numpy().flags.writeable


def test_elements_that_lie_in_another_order(tmp_path):
    model = nn.Module()
    values = np.arange(12.0).reshape(3, 4)
    model.across, model.every_second = nn.Parameter([0.0]), nn.Parameter([0.0])
    model.across.cached_data, model.every_second.cached_data = values.T, values[:, ::2]
    ndl.save(tmp_path / "file", model)
    model.across.data, model.every_second.data = ndl.Tensor(np.zeros((4, 3))), ndl.Tensor(np.zeros((3, 2)))
    ndl.load(tmp_path / "file", model)
    assert (model.across.numpy() == values.T).all()
    assert (model.every_second.numpy() == values[:, ::2]).all()


def test_numbers_that_are_none(tmp_path):
    model = nn.Module()
    model.odd = nn.Parameter([np.nan, np.inf, -np.inf, -0.0, 5e-324])
    expected = model.odd.numpy().tobytes()
    ndl.save(tmp_path / "file", model)
    model.odd.data = ndl.Tensor(np.ones(5))
    ndl.load(tmp_path / "file", model)
    assert model.odd.numpy().tobytes() == expected


def test_who_holds_a_parameter_goes_on_holding_it(tmp_path):
    """Loading changes what tensors hold, and no tensor: an optimizer's parameters are still those of the module."""
    model, optimizer = trained()
    ndl.save(tmp_path / "file", model, optimizer)
    before = [id(p) for p in model.parameters()]
    ndl.load(tmp_path / "file", model, optimizer)
    assert [id(p) for p in model.parameters()] == before == [id(p) for p in optimizer.params]
    assert all(p.requires_grad and p.is_leaf() for p in model.parameters())


def test_a_shared_parameter_is_saved_once_and_stays_shared(tmp_path):
    shared = nn.Linear(2, 2)
    model = nn.Sequential(shared, nn.ReLU(), shared)
    ndl.save(tmp_path / "file", model)
    assert sorted(load_file(tmp_path / "file")) == ["module.modules.0.bias", "module.modules.0.weight", "random.words"]
    expected = shared.weight.numpy().copy()
    shared.weight.data = ndl.zeros_like(shared.weight)
    ndl.load(tmp_path / "file", model)
    assert (model.modules[2].weight.numpy() == expected).all()


def test_module_and_optimizer_exchanged(tmp_path):
    """An optimizer holds no tensors of its own that `walk` would find: a file without anything would be written."""
    module = nn.Linear(2, 3)
    optimizer = ndl.optim.SGD(module.parameters())
    for act in (ndl.save, ndl.load):
        for given, found in (((optimizer, module), "SGD, Linear"), ((optimizer,), "SGD"), ((module, 3), "Linear, int")):
            with pytest.raises(
                TypeError, match=f"{act.__name__}: expected path, module, .* got {found} after the path"
            ):
                act(tmp_path / "file", *given)
    assert list(tmp_path.iterdir()) == []


def test_what_was_loaded_has_nothing_in_common_with_what_was_saved(tmp_path):
    model, optimizer = trained()
    ndl.save(tmp_path / "file", model, optimizer)
    other, other_optimizer = trained(seed=62)
    ndl.load(tmp_path / "file", other, other_optimizer)
    arrays = [t.numpy() for m in (model, other) for _, t in nn.nn_module.walk(m) if isinstance(t, ndl.Tensor)]
    half = len(arrays) // 2
    assert all((a == b).all() and not np.shares_memory(a, b) for a, b in zip(arrays[:half], arrays[half:], strict=True))


def test_the_random_generator_goes_on_where_it_was(tmp_path):
    model, _ = trained()
    np.random.seed(63)
    np.random.randn(3)  # an odd number: the generator keeps the fourth back
    ndl.save(tmp_path / "file", model)
    expected = np.random.randn(2).tolist(), np.random.rand(700).tolist()
    np.random.seed(0)
    ndl.load(tmp_path / "file", model)
    assert (np.random.randn(2).tolist(), np.random.rand(700).tolist()) == expected


def test_an_optimizer_that_has_made_no_step(tmp_path):
    model, optimizer = trained(steps=0)
    ndl.save(tmp_path / "file", model, optimizer)
    model, used = trained()
    assert used.m
    ndl.load(tmp_path / "file", model, used)
    assert (used.m, used.v, used.t) == ({}, {}, 0)


def test_settings_are_those_of_the_file(tmp_path):
    model, optimizer = trained(SGD)
    optimizer.lr, optimizer.momentum = 0.125, 0.5
    ndl.save(tmp_path / "file", model, optimizer)
    model, optimizer = trained(SGD)
    ndl.load(tmp_path / "file", model, optimizer)
    assert (optimizer.lr, optimizer.momentum) == (0.125, 0.5)


def test_a_file_with_an_optimizer_serves_for_the_module_alone(tmp_path):
    model, optimizer = trained()
    ndl.save(tmp_path / "file", model, optimizer)
    other, _ = trained(seed=62)
    ndl.load(tmp_path / "file", other)
    assert everything(other)[0] == everything(model)[0]


def test_a_defaultdict_stays_one(tmp_path):
    model, _ = trained()
    for _ in range(2):
        optimizer = resumable.ByPlace(model.parameters())
        optimizer.v[0] = np.ones((3, 4))
        ndl.save(tmp_path / "file", model, optimizer)
        ndl.load(tmp_path / "file", model, optimizer)
        assert isinstance(optimizer.v, defaultdict)
        assert optimizer.v[5] == 0.0
        assert optimizer.v[0].flags.writeable


class Keeps(Optimizer):
    """Keeps one thing."""

    def __init__(self, params, thing):
        super().__init__(params)
        self.thing = thing


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (np.random.default_rng(0), "Keeps.thing: cannot save a Generator"),
        ({"a": [1, {2, 3}]}, "Keeps.thing.0.1: cannot save a set: {2, 3}"),
        (np.array([object()]), "Keeps.thing: cannot save a ndarray"),
        (np.array(["text"]), "Keeps.thing: cannot save a ndarray"),
        ({0: 1j}, "Keeps.thing.0: cannot save a complex: 1j"),
        ({(1, np.float32(2)): 0}, "Keeps.thing.0: cannot save a tuple as the key of a dict: (1, "),
        ({1: 0, ndl.Tensor([1.0]): 0}, "Keeps.thing.1: cannot save a Tensor as the key of a dict: needle.Tensor([1.])"),
    ],
    ids=str,
)
def test_what_cannot_be_saved_is_refused_and_the_old_file_stays(thing, message, tmp_path):
    model, optimizer = trained()
    ndl.save(tmp_path / "file", model, optimizer)
    before = (tmp_path / "file").read_bytes()
    with pytest.raises(ValueError, match=re.escape(message)):
        ndl.save(tmp_path / "file", model, Keeps(model.parameters(), thing))
    assert (tmp_path / "file").read_bytes() == before
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize(
    "thing",
    [None, "text", True, 3, 0.1, math.nan, {}, [], (), {"a": (1, [2.5, None])}, {None: 1, True: 2, (1, "b"): 0.5}],
    ids=str,
)
def test_plain_things_come_back_as_they_were(thing, tmp_path):
    model, _ = trained()
    ndl.save(tmp_path / "file", model, Keeps(model.parameters(), thing))
    optimizer = Keeps(model.parameters(), None)
    ndl.load(tmp_path / "file", model, optimizer)
    assert repr(optimizer.thing) == repr(thing)


def test_numbers_and_arrays_of_numpy_come_back_as_they_were(tmp_path):
    """A float32 that came back as Python's float, or as an array, would take part in sums in another way."""
    model, _ = trained()
    things = [np.float32(0.1), np.float64(0.1), np.int64(3), np.bool_(True), np.array(0.1), np.zeros((0, 2), "float32")]
    ndl.save(tmp_path / "file", model, Keeps(model.parameters(), things))
    optimizer = Keeps(model.parameters(), None)
    ndl.load(tmp_path / "file", model, optimizer)
    for found, expected in zip(optimizer.thing, things, strict=True):
        assert type(found) is type(expected)
        assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


def test_two_tensors_of_one_name(tmp_path):
    model = nn.Module()
    model.table = {"a.b": nn.Parameter([1.0]), "a": {"b": nn.Parameter([2.0])}}
    with pytest.raises(ValueError, match=re.escape("Module: two tensors are called table.a.b; rename a key of a dict")):
        ndl.save(tmp_path / "file", model)
    assert os.listdir(tmp_path) == []


@pytest.fixture
def refused(tmp_path):
    """Loads a file, which must be refused with a message, and checks that it changed nothing at all."""

    def check(path, message, error=ValueError, model=None, optimizer=None):
        if model is None:
            model, optimizer = trained(seed=64)
        before = everything(model, optimizer)
        with pytest.raises(error, match=message):
            ndl.load(path, model, optimizer)
        assert everything(model, optimizer) == before

    return check


def test_a_missing_file(refused, tmp_path):
    refused(tmp_path / "none", re.escape(f"there is no file {tmp_path / 'none'} to load"), FileNotFoundError)
    refused(tmp_path, re.escape(f"there is no file {tmp_path} to load"), FileNotFoundError)


class Harmful:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("protocol", [0, 2, pickle.HIGHEST_PROTOCOL])
def test_a_pickle_is_refused_and_not_executed(protocol, refused, tmp_path):
    mark = tmp_path / "executed"
    content = pickle.dumps(Harmful(mark), protocol)
    (tmp_path / "file").write_bytes(content)
    refused(tmp_path / "file", "is damaged, or no safetensors file")
    assert not mark.exists()
    pickle.loads(content)
    assert mark.exists(), "the pickle would have done no harm"


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_file(share, refused, tmp_path):
    model, optimizer = trained()
    path = tmp_path / "file"
    ndl.save(path, model, optimizer)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refused(path, re.escape(f"{path} is damaged, or no safetensors file"))


@pytest.mark.parametrize("content", [b"", b"text", b"\xff" * 100, b"{}" * 50], ids=repr)
def test_another_file(content, refused, tmp_path):
    (tmp_path / "file").write_bytes(content)
    refused(tmp_path / "file", "is damaged, or no safetensors file")


@pytest.mark.parametrize("notes", [None, {"format": "pt"}, {"needle": "{}"}, {"needle": "3"}, {"needle": "{"}], ids=str)
def test_a_safetensors_file_of_someone_else(notes, refused, tmp_path):
    save_file({"weight": np.zeros(3)}, tmp_path / "file", notes)
    refused(tmp_path / "file", "was not written by needle.save: its format is|is damaged")


def test_a_file_of_another_format_version(refused, tmp_path):
    save_file({"weight": np.zeros(3)}, tmp_path / "file", {"needle": json.dumps({"format": "needle 2"})})
    refused(tmp_path / "file", "its format is 'needle 2', not 'needle 1'")


def test_a_generator_state_that_is_none(refused, tmp_path):
    """It comes last, and is looked at first."""
    model, optimizer = trained()
    path = tmp_path / "file"
    ndl.save(path, model, optimizer)
    with safe_open(path, framework="numpy") as file:
        notes = file.metadata()
    arrays = load_file(path)
    arrays["random.words"] = arrays["random.words"][:10]
    save_file(arrays, path, notes)
    refused(path, re.escape(f"{path} is damaged: it holds no state of NumPy's generator"))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([(3, 4), (4, 2)], "is of another module: modules.1."),
        ([(3, 4), 4, (4, 2), 2], "is of another module: modules.3."),
        ([(3, 5), 5, (5, 2)], "is of another module: modules.0.bias is ((1, 4), 'float32') in the file, and ((1, 5)"),
    ],
    ids=["fewer layers", "more layers", "wider layers"],
)
def test_another_architecture(layers, message, refused, tmp_path):
    model, optimizer = trained()
    ndl.save(tmp_path / "file", model, optimizer)
    modules = [nn.Linear(*size) if isinstance(size, tuple) else nn.BatchNorm1d(size) for size in layers]
    other = nn.Sequential(*modules)
    refused(tmp_path / "file", re.escape(message), model=other, optimizer=Adam(other.parameters()))


def test_another_dtype(refused, tmp_path):
    ndl.save(tmp_path / "file", nn.Linear(2, 2))
    message = "bias is ((1, 2), 'float32') in the file, and ((1, 2), 'float64') here"
    refused(tmp_path / "file", re.escape(message), model=nn.Linear(2, 2, dtype="float64"))


def test_another_optimizer(refused, tmp_path):
    model, optimizer = trained(Adam)
    ndl.save(tmp_path / "file", model, optimizer)
    ndl.save(tmp_path / "without", model)
    other, sgd = trained(SGD)
    refused(tmp_path / "file", "holds the state of Adam, not of SGD", model=other, optimizer=sgd)
    refused(tmp_path / "without", "holds the state of no optimizer, not of SGD", model=other, optimizer=sgd)


def test_an_optimizer_of_other_parameters(refused, tmp_path):
    model, optimizer = trained()
    ndl.save(tmp_path / "file", model, optimizer)
    backwards = Adam(model.parameters()[::-1])
    refused(tmp_path / "file", "Adam had parameters of shapes", model=model, optimizer=backwards)
    fewer = Adam(model.parameters()[:2])
    message = re.escape("[[3, 4], [1, 4], [4], [4], [4, 2], [1, 2]], but here [[3, 4], [1, 4]]")
    refused(tmp_path / "file", message, model=model, optimizer=fewer)


def test_an_optimizer_that_keeps_more_than_it_did(refused, tmp_path):
    model, optimizer = trained()
    ndl.save(tmp_path / "file", model, optimizer)
    _, newer = trained()
    newer.added = {}
    refused(tmp_path / "file", "is of another Adam: it holds nothing for added", model=model, optimizer=newer)


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_an_error_while_writing_leaves_the_old_file(failing, error, tmp_path, monkeypatch):
    model, optimizer = trained()
    path = tmp_path / "file"
    ndl.save(path, model, optimizer, epoch=1)
    before = path.read_bytes()

    def fail(*arguments):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, fail)
        with pytest.raises(type(error)):
            ndl.save(path, model, optimizer, epoch=2)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["file"]
    assert ndl.load(path, model, optimizer) == {"epoch": 1}


def test_folders_are_made_and_a_folder_is_no_file(tmp_path):
    model, _ = trained()
    ndl.save(str(tmp_path / "a" / "b" / "file"), model)
    assert os.listdir(tmp_path / "a" / "b") == ["file"]
    with pytest.raises(IsADirectoryError, match=re.escape(f"{tmp_path / 'a'} is a folder")):
        ndl.save(tmp_path / "a", model)
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(OSError, match="plain"):
        ndl.save(tmp_path / "plain" / "file", model)


def test_a_link_is_followed(tmp_path):
    model, _ = trained()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "file")
    ndl.save(tmp_path / "link", model)
    assert (tmp_path / "link").is_symlink()
    assert os.listdir(tmp_path / "elsewhere") == ["file"]
    ndl.load(tmp_path / "link", model)


def test_others_may_read_what_they_may_read_of_any_new_file(tmp_path):
    model, _ = trained()
    ndl.save(tmp_path / "file", model)
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_copy_of_the_file_is_as_good(tmp_path):
    model, _ = trained()
    ndl.save(tmp_path / "file", model, epoch=4)
    shutil.move(tmp_path / "file", tmp_path / "moved")
    assert ndl.load(tmp_path / "moved", model) == {"epoch": 4}
