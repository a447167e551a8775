"""The files of CIFAR-10, read without running anything that they say.

They are in Python's pickle format: a program for a small machine with a stack, which may call any function of any
module. Unpickling a file from elsewhere is running it. The machine here knows only the instructions that build what a
batch consists of (dicts, lists, tuples, numbers, texts, and arrays of bytes); whatever else a file asks for is refused
by name. It has no way to call a function, needs no more memory than a few times the file, and understands what Python
2 wrote in 2009 as well as what Python 3 writes.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

__all__ = ["read_batch"]

PIXELS = 3 * 32 * 32
CLASSES = 10


def read_batch(path: str | os.PathLike[str]) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels of one file of CIFAR-10, as `data_batch_1`. Nothing in the file is executed.

    Returns (pixels, labels): uint8 (n, 3072), a row for each image with its 1,024 reds, greens and blues, each 32 rows
    of 32; and int64 (n,) from 0 to 9.
    Raises FileNotFoundError: if there is no such file; ValueError: if it is cut short, or something else than a batch.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}; `make data` downloads CIFAR-10") from None
    except IsADirectoryError:
        raise ValueError(f"{path} is a folder, and not a file with a batch of CIFAR-10") from None
    if content[:1] != b"\x80":
        raise ValueError(f"{path} is no batch of CIFAR-10: it begins with {content[:8]!r}, not with b'\\x80'")
    try:
        batch = _Machine(content).run()
    except _EndsEarlyError as error:
        raise ValueError(f"{path} is cut short: {error}; remove it and run `make data`") from None
    except _RefusedError as error:
        raise ValueError(f"{path} is no batch of CIFAR-10: {error}; nothing of it was run") from None
    except (IndexError, KeyError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path} is damaged ({reason}); remove it and run `make data`") from error
    return _checked(path, batch)


def _checked(path: str | os.PathLike[str], batch: Any) -> tuple[np.ndarray, np.ndarray]:
    """What the machine built, if it is a batch."""
    found = [_shown(key) for key in sorted(batch)[:9]] if isinstance(batch, dict) else [_shown(batch)]
    if not isinstance(batch, dict) or not {"data", "labels"} <= batch.keys():
        raise ValueError(
            f"{path} is no batch of CIFAR-10: expected 'data' and 'labels' in it, found {', '.join(found)}"
        )
    pixels, labels = batch["data"], batch["labels"]
    if isinstance(pixels, _Array):
        pixels = pixels.elements
    if not isinstance(pixels, np.ndarray) or pixels.ndim != 2 or pixels.shape[1] != PIXELS:
        what = f"of shape {pixels.shape}" if isinstance(pixels, np.ndarray) else _shown(pixels)
        raise ValueError(f"{path}: its images must be an array (n, {PIXELS}) of bytes, but are {what}")
    if isinstance(labels, _Array):
        labels = labels.elements.tolist()
    if not isinstance(labels, list) or not all(type(label) is int and 0 <= label < CLASSES for label in labels):
        raise ValueError(f"{path}: its labels must be a list of whole numbers from 0 to {CLASSES - 1}")
    if len(labels) != len(pixels):
        raise ValueError(f"{path} holds {len(pixels)} images, but {len(labels)} labels")
    return pixels, np.array(labels, dtype=np.int64)


class _EndsEarlyError(Exception):
    """The file ends where more was announced."""


class _RefusedError(Exception):
    """The file asks for what no batch needs."""


def _shown(value: Any) -> str:
    """What an error says of a value: how a text begins, and of others only what they are. They come from a stranger."""
    if isinstance(value, str):
        return ascii(value[:60])[1:-1]
    return f"a {type(value).__name__.lstrip('_').lower()}"


class _Name:
    """A name that a pickle looks up in a module. Here it stays a name."""

    def __init__(self, module: Any, name: Any) -> None:
        self.full = f"{_shown(module)}.{_shown(name)}"
        if self.full not in _NAMES:
            raise _RefusedError(f"it asks for {self.full}")


class _ByteType:
    """The dtype of an array of bytes: the only one that a batch has."""


class _Array:
    """An array of bytes. A pickle makes it first, and says later what is in it."""

    def __init__(self) -> None:
        self.elements: np.ndarray = np.zeros(0, dtype=np.uint8)

    def fill(self, content: Any, shape: Any, dtype: Any, order: Literal["C", "F"]) -> None:
        if not isinstance(dtype, _ByteType) or not isinstance(content, bytes) or not isinstance(shape, tuple):
            raise _RefusedError("it holds an array of something else than bytes")
        if len(shape) > 2 or any(type(size) is not int or not 0 <= size < 1 << 31 for size in shape):
            raise _RefusedError("it holds an array that is neither a row nor a table")
        if math.prod(shape) != len(content):
            raise _RefusedError(f"it announces an array of shape {shape}, and has {len(content)} bytes for it")
        self.elements = np.frombuffer(content, dtype=np.uint8).reshape(shape, order=order)


class _Machine:
    """Runs the instructions of a pickle, one byte each, followed by what they are about.

    stack: what is being built; marked: the stacks below the marks, the innermost last; memo: what was built before and
    is used again. What Python 2 called a text is bytes here.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0
        self.stack: list[Any] = []
        self.marked: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        # An honest file encodes no text twice. A hostile one could make gigabytes of one text that it names often.
        self.may_encode = len(content)

    def run(self) -> Any:
        while (code := self.take(1)) != b".":
            if code not in _INSTRUCTIONS:
                raise _RefusedError(f"it has the instruction {code!r} at byte {self.place - 1}, which no batch needs")
            _INSTRUCTIONS[code](self)
        return self.stack.pop()

    def take(self, count: int) -> bytes:
        """The next bytes of the file."""
        end = self.place + count
        if end > len(self.content):
            raise _EndsEarlyError(f"it has {len(self.content):,} bytes, and goes on for {end:,} or more")
        taken = self.content[self.place : end]
        self.place = end
        return taken

    def number(self, layout: str) -> int:
        """The next number, as `struct` describes it."""
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def line(self) -> str:
        """The rest of the line."""
        end = self.content.find(b"\n", self.place)
        if end < 0:
            raise _EndsEarlyError("it ends in the midst of a name")
        return self.take(end + 1 - self.place)[:-1].decode("ascii")

    def above_mark(self) -> list[Any]:
        """Everything above the last mark, and the mark itself, taken off the stack."""
        above, self.stack = self.stack, self.marked.pop()
        return above

    def tuple_above_mark(self) -> None:
        values = tuple(self.above_mark())
        self.stack.append(values)

    def last(self, count: int) -> tuple[Any, ...]:
        """The uppermost values, the lowest first, taken off the stack."""
        if len(self.stack) < count:
            raise IndexError("the stack is empty")
        values = tuple(self.stack[-count:])
        del self.stack[-count:]
        return values

    def mark(self) -> None:
        self.marked.append(self.stack)
        self.stack = []

    def set_items(self, items: list[Any]) -> None:
        into = self.stack[-1]
        if not isinstance(into, dict):
            raise _RefusedError(f"it puts keys into {_shown(into)}")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, (str, bytes)):
                raise _RefusedError(f"it has {_shown(key)} as a key")
            into[key.decode("latin-1") if isinstance(key, bytes) else key] = value

    def append(self, items: list[Any]) -> None:
        into = self.stack[-1]
        if not isinstance(into, list):
            raise _RefusedError(f"it appends to {_shown(into)}")
        into.extend(items)

    def reduce(self) -> None:
        """Where other machines call any function, this one knows what four functions would give."""
        function, arguments = self.last(2)
        name = function.full if isinstance(function, _Name) else _shown(function)
        if name not in _MADE or not isinstance(arguments, tuple):
            raise _RefusedError(f"it calls {name}")
        self.stack.append(_MADE[name](self, *arguments))

    def build(self) -> None:
        """Give an object its state."""
        into, state = self.last(2)
        if isinstance(into, _Array) and isinstance(state, tuple):
            _, shape, dtype, is_fortran, content = state
            into.fill(content, shape, dtype, "F" if is_fortran else "C")
        elif not isinstance(into, _ByteType):
            raise _RefusedError(f"it sets the state of {_shown(into)}")
        self.stack.append(into)

    def encode(self, text: Any, encoding: Any) -> bytes:
        """Bytes, as Python 3 writes them for Python 2."""
        if not isinstance(text, str) or encoding != "latin1":
            raise _RefusedError(f"it encodes {_shown(text)} as {_shown(encoding)}")
        self.may_encode -= len(text)
        if self.may_encode < 0:
            raise _RefusedError("it makes more bytes than it has")
        return text.encode("latin-1")


def _byte_type(machine: _Machine, code: Any, *_: Any) -> _ByteType:
    if code not in ("u1", b"u1"):
        raise _RefusedError(f"it holds an array of {_shown(code)}, not of bytes (u1)")
    return _ByteType()


def _whole_array(machine: _Machine, content: Any, dtype: Any, shape: Any, order: Any) -> _Array:
    array = _Array()
    array.fill(content, shape, dtype, "F" if order == "F" else "C")
    return array


_MADE: dict[str, Callable[..., Any]] = {
    "numpy.dtype": _byte_type,
    "_codecs.encode": _Machine.encode,
    # NumPy 2 has put an underscore before its core.
    **{f"numpy.{core}.multiarray._reconstruct": lambda machine, *_: _Array() for core in ("core", "_core")},
    **{f"numpy.{core}.numeric._frombuffer": _whole_array for core in ("core", "_core")},
}
_NAMES = {*_MADE, "numpy.ndarray"}


def _pushes(value: Callable[[_Machine], Any]) -> Callable[[_Machine], None]:
    """The instruction that puts a value on the stack."""
    return lambda machine: machine.stack.append(value(machine))


def _stores(place: Callable[[_Machine], int]) -> Callable[[_Machine], None]:
    """The instruction that remembers the uppermost value."""
    return lambda machine: machine.memo.__setitem__(place(machine), machine.stack[-1])


# The letters are those of Python's module `pickletools`, which describes them all. In the order of how often a batch
# has them: a batch is mostly labels and names of files.
_INSTRUCTIONS: dict[bytes, Callable[[_Machine], Any]] = {
    b"K": _pushes(lambda m: m.number("<B")),
    b"U": _pushes(lambda m: m.take(m.number("<B"))),
    b"q": _stores(lambda m: m.number("<B")),
    b"r": _stores(lambda m: m.number("<I")),
    b"h": _pushes(lambda m: m.memo[m.number("<B")]),
    b"j": _pushes(lambda m: m.memo[m.number("<I")]),
    b"\x94": _stores(lambda m: len(m.memo)),
    b"M": _pushes(lambda m: m.number("<H")),
    b"J": _pushes(lambda m: m.number("<i")),
    b"\x8a": _pushes(lambda m: int.from_bytes(m.take(m.number("<B")), "little", signed=True)),
    b"N": _pushes(lambda m: None),
    b"\x88": _pushes(lambda m: True),
    b"\x89": _pushes(lambda m: False),
    b"T": _pushes(lambda m: m.take(max(m.number("<i"), 0))),
    b"C": _pushes(lambda m: m.take(m.number("<B"))),
    b"B": _pushes(lambda m: m.take(m.number("<I"))),
    b"\x8e": _pushes(lambda m: m.take(m.number("<Q"))),
    b"\x96": _pushes(lambda m: m.take(m.number("<Q"))),
    b"\x8c": _pushes(lambda m: m.take(m.number("<B")).decode("utf-8")),
    b"X": _pushes(lambda m: m.take(m.number("<I")).decode("utf-8")),
    b"\x8d": _pushes(lambda m: m.take(m.number("<Q")).decode("utf-8")),
    b"(": _Machine.mark,
    b"]": _pushes(lambda m: []),
    b"}": _pushes(lambda m: {}),
    b")": _pushes(lambda m: ()),
    b"t": _Machine.tuple_above_mark,
    b"\x85": _pushes(lambda m: m.last(1)),
    b"\x86": _pushes(lambda m: m.last(2)),
    b"\x87": _pushes(lambda m: m.last(3)),
    b"a": lambda m: m.append([m.stack.pop()]),
    b"e": lambda m: m.append(m.above_mark()),
    b"s": lambda m: m.set_items(list(m.last(2))),
    b"u": lambda m: m.set_items(m.above_mark()),
    b"c": _pushes(lambda m: _Name(m.line(), m.line())),
    b"\x93": _pushes(lambda m: _Name(*m.last(2))),
    b"R": _Machine.reduce,
    b"b": _Machine.build,
    b"\x80": lambda m: m.take(1),
    b"\x95": lambda m: m.take(8),
}
