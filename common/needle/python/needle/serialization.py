"""Saving what was trained, and going on from there to the bit: `needle.save` and `needle.load`.

The file is in the safetensors format: names, shapes and bytes, of which nothing is ever executed. It holds every tensor
of the module (parameters, and what is not trained, such as running statistics), every array and number that the
optimizer keeps for its next step, and the state of NumPy's global generator. What a module keeps in NumPy arrays or
numbers of its own is not in it: whatever a module must remember belongs in a tensor.
"""

from __future__ import annotations

import copy
import json
import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np

from ._plain import from_plain, to_plain
from .autograd import Tensor
from .nn.nn_module import Module, walk
from .optim.optim_base import Optimizer

__all__ = ["load", "save"]

_FORMAT = "needle 1"


def save(
    path: str | os.PathLike[str], module: Module, optimizer: Optimizer | None = None, **notes: int | float | str
) -> None:
    """Write the state of a module, of an optimizer if one is given, and of NumPy's generator to a file.

    notes: small facts to keep beside them, as `epoch=3`; `load` returns them
    The file is replaced at once or not at all.
    Raises ValueError: if the optimizer keeps what cannot be saved, or if two tensors of the module have one name;
    TypeError: if module or optimizer is something else; OSError: if the file cannot be written.
    """
    from safetensors.numpy import save as to_bytes  # imported here: whoever only computes does not need it

    _require_kinds("save", module, optimizer)

    tensors = {f"module.{name}": tensor.numpy() for name, tensor in _tensors(module).items()}
    described, arrays = (None, {}) if optimizer is None else _described(optimizer)
    tensors |= {f"optimizer.{name}": array for name, array in arrays.items()}
    generator, words, position, has_gauss, gauss = np.random.get_state(legacy=True)
    tensors["random.words"] = words
    header = {
        "format": _FORMAT,
        "optimizer": described,
        "random": [generator, int(position), int(has_gauss), float(gauss)],
        "notes": {name: note.item() if isinstance(note, np.generic) else note for name, note in notes.items()},
    }
    # safetensors takes elements as they lie in memory, so they must lie in order.
    in_order = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    _replace(Path(os.path.realpath(path)), to_bytes(in_order, {"needle": json.dumps(header)}))


def load(
    path: str | os.PathLike[str], module: Module, optimizer: Optimizer | None = None
) -> dict[str, int | float | str]:
    """Put what `save` wrote into a module, an optimizer and NumPy's generator. Returns the notes.

    The module and the optimizer must be made as the saved ones were. The optimizer then has the settings of the saved
    one (lr and the others), whatever it was made with. Nothing is changed if anything does not fit.
    Raises FileNotFoundError: if there is no file; ValueError: if it is damaged, or if names, shapes, dtypes or the
    optimizer differ: the message says which and how; TypeError: as for `save`.
    """
    _require_kinds("load", module, optimizer)
    header, saved = _read(path)
    tensors = _tensors(module)
    of_module = _part(saved, "module.")
    _require_same(path, of_module, tensors)
    attributes = {}
    if optimizer is not None:
        attributes = _attributes(path, header["optimizer"], _part(saved, "optimizer."), optimizer)
    random_state = _random_state(path, header, saved)

    for name, tensor in tensors.items():
        tensor.data = Tensor(of_module[name], device=tensor.device, dtype=tensor.dtype, requires_grad=False)
    if optimizer is not None:
        vars(optimizer).update(attributes)
    np.random.set_state(random_state)
    return header["notes"]


def _require_kinds(called: str, module: Module, optimizer: Optimizer | None) -> None:
    """Raises TypeError: for an optimizer in the module's place, and what is none in the optimizer's."""
    if isinstance(module, Optimizer) or not isinstance(optimizer, (Optimizer, type(None))):
        found = ", ".join(type(each).__name__ for each in (module, optimizer) if each is not None)
        raise TypeError(f"{called}: expected path, module, optimizer in this order, got {found} after the path")


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the arrays of a file. Raises as `load` does."""
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path} to load")
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {}).get("needle", "{}"))
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is damaged, or no safetensors file: {error}") from error
    found = header.get("format") if isinstance(header, dict) else header
    if found != _FORMAT:
        raise ValueError(f"{path} was not written by needle.save: its format is {found!r}, not {_FORMAT!r}")
    return header, arrays


def _random_state(path: object, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> tuple[Any, ...]:
    """What `np.random.set_state` takes. Raises ValueError: if it would not, for then it is too late."""
    try:
        generator, position, has_gauss, gauss = header["random"]
        state = (generator, arrays["random.words"], position, has_gauss, gauss)
        np.random.RandomState().set_state(state)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged: it holds no state of NumPy's generator ({error})") from error
    return state


def _replace(path: Path, content: bytes) -> None:
    """Write a file beside the one that is wanted, and put it in its place: there is always the old one or the new."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, but the state is to be written to a file")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with open(beside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the new name with nothing behind it
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _tensors(module: Module) -> dict[str, Tensor]:
    """Every tensor of a module by its path. One that is held twice has its first path only."""
    found: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, value in walk(module):
        if isinstance(value, Tensor) and id(value) not in seen:
            if name in found:
                raise ValueError(f"{type(module).__name__}: two tensors are called {name}; rename a key of a dict")
            seen.add(id(value))
            found[name] = value
    return found


def _require_same(path: object, saved: dict[str, np.ndarray], here: dict[str, Tensor]) -> None:
    for name in sorted(saved.keys() ^ here.keys()):
        where = "only in the file" if name in saved else "not in the file"
        raise ValueError(f"{path} is of another module: {name} is {where}")
    for name, array in saved.items():
        found, wanted = (array.shape, str(array.dtype)), (here[name].shape, str(here[name].dtype))
        if found != wanted:
            raise ValueError(f"{path} is of another module: {name} is {found} in the file, and {wanted} here")


def _described(optimizer: Optimizer) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What an optimizer is and keeps, as plain data and arrays. Functions that it holds are passed over.

    Raises ValueError: if it keeps what is neither a number, a text, an array, nor a dict or list of such.
    """
    params, called = optimizer.params, type(optimizer).__name__
    described: dict[str, Any] = {"name": called, "shapes": [list(param.shape) for param in params], "attributes": {}}
    arrays: dict[str, np.ndarray] = {}
    for name, value in vars(optimizer).items():
        if name != "params" and not callable(value):
            described["attributes"][name], found = to_plain(f"{called}.{name}", value, params)
            arrays |= found
    return described, arrays


def _attributes(
    path: object, saved: dict[str, Any] | None, arrays: dict[str, np.ndarray], optimizer: Optimizer
) -> dict[str, Any]:
    """What a saved optimizer kept, for this one to keep. Raises ValueError: if this is another optimizer."""
    here, _ = _described(optimizer)
    found = saved["name"] if saved else "no optimizer"
    if found != here["name"]:
        raise ValueError(f"{path} holds the state of {found}, not of {here['name']}")
    if saved["shapes"] != here["shapes"]:
        raise ValueError(f"{path}: {found} had parameters of shapes {saved['shapes']}, but here {here['shapes']}")
    if missing := sorted(here["attributes"].keys() - saved["attributes"].keys()):
        raise ValueError(f"{path} is of another {found}: it holds nothing for {', '.join(missing)}")
    restored = {name: from_plain(plain, arrays, optimizer.params) for name, plain in saved["attributes"].items()}
    for name, value in restored.items():
        before = vars(optimizer).get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            # As what it is here: a defaultdict stays one.
            restored[name] = copy.copy(before)
            restored[name].clear()
            restored[name].update(value)
    return restored


def _part(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
