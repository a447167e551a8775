"""What the box sends, read as what it is: bytes that an attacker wrote.

`frames` cuts the stream into headers and payloads, `transcript` checks every field and yields inert values: plain
Python objects, NumPy arrays and scalars of listed dtypes, and the two markers `Named` and `Opaque`. Sizes, depth and
digits are checked before anything is parsed or allocated; there is no pickle and no `eval`. The form is described in
`box_runner`.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

HEADER_LIMIT = 1024**2  # bytes of one frame's JSON
DEPTH_LIMIT = 80  # brackets open at one time, in JSON
NESTING_LIMIT = 32  # containers within containers, in a value
DIGIT_LIMIT = 400  # digits of an integer
VALUES_LIMIT = 10_000  # values of one problem
DIMENSION_LIMIT = 32
TEXT_LIMIT = 10_000

_SIZES = struct.Struct("<II")
_SCALARS: tuple[type[np.generic], ...] = (
    *(np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64),
    *(np.float16, np.float32, np.float64, np.complex64, np.complex128),
)
DTYPES = {np.dtype(scalar).name: np.dtype(scalar) for scalar in _SCALARS}
_LONG_NUMBER = re.compile(rb"\d{21}")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_INTEGER = re.compile(r"-?\d+\Z", re.ASCII)


class ProtocolError(Exception):
    """The stream is not what the runner writes. What was wrong is for instructors."""


@dataclass(frozen=True)
class Named:
    """A dtype or a type that was handed over, by name."""

    kind: str
    name: str


@dataclass(frozen=True)
class Opaque:
    """A value of a type that does not travel: equal to nothing that is expected."""

    module: str
    name: str


@dataclass(frozen=True)
class Raised:
    """An exception in the box. `frames` are (path in the tree, line) pairs, outermost first."""

    module: str
    type: str
    base: str
    message: str
    frames: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Submitted:
    """One value of a case, with the tolerances that the case asked for."""

    value: Any
    rtol: float | None
    atol: float | None


@dataclass
class CaseRun:
    """What is known of one case that was begun."""

    values: list[Submitted] = field(default_factory=list)
    ended: bool = False
    raised: Raised | None = None


@dataclass
class Transcript:
    """All that a box said: cases in the order they were begun."""

    ready: bool = False
    done: bool = False
    imported: Raised | None = None
    cases: dict[str, CaseRun] = field(default_factory=dict)


@dataclass
class BuildTranscript:
    """All that a build's box said."""

    ready: bool = False
    ok: bool = False
    log: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


def frames(data: bytes) -> Iterator[tuple[dict[str, Any], memoryview]]:
    """The (header, payload) pairs of a stream. A last frame that was cut off is left out: its writer was killed.

    Raises ProtocolError: at the first frame whose sizes or header are not allowed.
    """
    view = memoryview(data)
    position = 0
    while len(view) - position >= _SIZES.size:
        header_size, payload_size = _SIZES.unpack_from(view, position)
        if header_size > HEADER_LIMIT:
            raise ProtocolError(f"a header of {header_size} bytes; at most {HEADER_LIMIT} are allowed")
        start = position + _SIZES.size
        end = start + header_size + payload_size
        if end > len(view):
            return
        yield _header(bytes(view[start : start + header_size])), view[start + header_size : end]
        position = end


def transcript(data: bytes) -> Transcript:
    """Read the stream of a box that ran cases. Raises ProtocolError."""
    result = Transcript()
    current: str | None = None
    count = 0
    for header, payload in frames(data):
        kind = header.get("k")
        if result.done or result.imported:
            raise ProtocolError(f"a frame {kind!r} after the last one")
        if not result.ready:
            _expect(kind == "ready", "the first frame is not 'ready'")
            result.ready = True
        elif kind == "import":
            _expect(not result.cases, "an 'import' failure after a case")
            result.imported = raised(header)
        elif kind == "begin":
            name = _text(header, "case")
            _expect(current is None and name not in result.cases, "a case begins within another, or twice")
            _expect(len(result.cases) < VALUES_LIMIT, "too many cases")
            result.cases[name] = CaseRun()
            current = name
        elif kind in ("value", "end", "raise"):
            _expect(current is not None and header.get("case") == current, f"{kind!r} outside its case")
            run = result.cases[current]  # type: ignore[index]
            if kind == "value":
                count += 1
                _expect(count <= VALUES_LIMIT, f"more than {VALUES_LIMIT} values")
                index = header.get("index")
                _expect(type(index) is int and index == len(run.values), "a value out of order")
                value = _value(header.get("value"), payload, 0)
                run.values.append(Submitted(value, _tolerance(header.get("rtol")), _tolerance(header.get("atol"))))
            else:
                if kind == "raise":
                    run.raised = raised(header)
                else:
                    run.ended = True
                current = None
        elif kind == "done":
            _expect(current is None, "'done' within a case")
            result.done = True
        else:
            raise ProtocolError("a frame of no known kind")
    return result


def build_transcript(data: bytes, limit: int) -> BuildTranscript:
    """Read the stream of a build. Files of more than `limit` bytes are refused. Raises ProtocolError."""
    result = BuildTranscript()
    for header, payload in frames(data):
        kind = header.get("k")
        if kind == "ready":
            result.ready = True
        elif kind == "log":
            result.log = bytes(payload[-limit:]).decode("utf-8", "replace")
        elif kind == "file":
            _expect(
                len(payload) <= limit and len(result.files) < 4, f"a file of {len(payload)} bytes, or too many files"
            )
            result.files[_text(header, "name")] = bytes(payload)
        elif kind == "built":
            result.ok = header.get("ok") is True
        else:
            raise ProtocolError("a frame of no known kind")
    return result


def _header(data: bytes) -> dict[str, Any]:
    depth = 0
    # Without escaped quotes, every second piece between quotes is outside a string. Linear in the data, whatever it is.
    for outside in data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]:
        _expect(_LONG_NUMBER.search(outside) is None, "a JSON integer of more than 20 digits")
        for bracket in outside.translate(None, _NO_BRACKETS):
            depth += 1 if bracket in b"[{" else -1
            _expect(depth <= DEPTH_LIMIT, f"JSON nested more than {DEPTH_LIMIT} deep")
    try:
        header = json.loads(data, parse_constant=_no_number, parse_float=_no_number)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("a header that is not JSON of the agreed kind") from error
    _expect(type(header) is dict, "a header that is no object")
    return header


def _no_number(text: str) -> Any:
    raise ProtocolError("a JSON number that is no integer")


def _value(node: Any, payload: memoryview, depth: int) -> Any:
    _expect(type(node) is list and len(node) >= 1 and type(node[0]) is str, "a value that is no node")
    _expect(depth <= NESTING_LIMIT, f"a value nested more than {NESTING_LIMIT} deep")
    kind, rest = node[0], node[1:]
    if kind == "none" and not rest:
        return None
    if kind == "bool" and len(rest) == 1 and type(rest[0]) is bool:
        return rest[0]
    if kind == "int" and len(rest) == 1 and type(rest[0]) is str:
        _expect(len(rest[0]) <= DIGIT_LIMIT and _INTEGER.match(rest[0]) is not None, "a malformed integer")
        return int(rest[0])
    if kind == "float" and len(rest) == 1:
        return _float(rest[0])
    if kind == "str" and len(rest) == 1 and type(rest[0]) is str:
        return rest[0]
    if kind in ("list", "tuple") and len(rest) == 1 and type(rest[0]) is list:
        items = [_value(item, payload, depth + 1) for item in rest[0]]
        return items if kind == "list" else tuple(items)
    if kind == "dict" and len(rest) == 1 and type(rest[0]) is list:
        return _dict(rest[0], payload, depth)
    if kind in ("array", "scalar") and len(rest) == 4:
        array = _array(rest, payload)
        _expect(kind == "array" or array.ndim == 0, "a scalar with dimensions")
        return array if kind == "array" else array[()]
    if kind == "dtype" and len(rest) == 1:
        return Named("dtype", _short(rest[0]))
    if kind == "type" and len(rest) == 2:
        return Named("type", f"{_short(rest[0])}.{_short(rest[1])}")
    if kind == "odd" and len(rest) == 1:
        return Opaque("numpy", "ndarray" if rest[0] == "array" else "generic")
    if kind == "other" and len(rest) == 2:
        return Opaque(_short(rest[0]), _short(rest[1]))
    raise ProtocolError("a node of no known kind")


def _dict(pairs: list[Any], payload: memoryview, depth: int) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for pair in pairs:
        _expect(type(pair) is list and len(pair) == 2, "a malformed dict")
        key = _value(pair[0], payload, depth + 1)
        parts = key if isinstance(key, tuple) else (key,)
        _expect(
            all(part is None or type(part) in (str, int, float, bool) for part in parts), "a dict key of another type"
        )
        _expect(key not in result, "a dict key that appears twice")
        result[key] = _value(pair[1], payload, depth + 1)
    return result


def _array(rest: list[Any], payload: memoryview) -> np.ndarray:
    name, shape, start, size = rest
    dtype = DTYPES.get(name) if type(name) is str else None
    if dtype is None:
        raise ProtocolError("an array of a dtype that does not travel")
    _expect(type(shape) is list and len(shape) <= DIMENSION_LIMIT, f"more than {DIMENSION_LIMIT} dimensions")
    _expect(all(type(length) is int and 0 <= length < 2**31 for length in shape), "a malformed shape")
    _expect(type(start) is int and type(size) is int and start >= 0 and size >= 0, "a malformed place")
    _expect(math.prod(shape) * dtype.itemsize == size, "a shape that does not fit its bytes")
    _expect(start + size <= len(payload), "an array beyond its frame")
    nonzero = math.prod(length for length in shape if length)
    _expect(nonzero < 2**48, "an empty array of impossible size")
    data = payload[start : start + size]
    if dtype.kind == "b":
        _expect(not size or int(np.frombuffer(data, np.uint8).max()) <= 1, "a bool that is neither 0 nor 1")
    array = np.frombuffer(data, dtype.newbyteorder("<")).reshape(shape)
    return array.astype(dtype, copy=True)


def raised(header: dict[str, Any]) -> Raised:
    """The exception that a header describes. Raises ProtocolError."""
    places = header.get("frames")
    if type(places) is not list or len(places) > 16:
        raise ProtocolError("malformed frames of a traceback")
    frames = []
    for place in places:
        _expect(type(place) is list and len(place) == 2, "a malformed frame of a traceback")
        _expect(type(place[1]) is int and 0 <= place[1] < 10**7, "a malformed line number")
        frames.append((_short(place[0]), place[1]))
    module, kind, base, message = (_text(header, name) for name in ("module", "type", "base", "message"))
    return Raised(module, kind, base, message, tuple(frames))


def _tolerance(text: Any) -> float | None:
    if text is None:
        return None
    value = _float(text)
    _expect(value >= 0, "a negative tolerance")
    return value


def _float(text: Any) -> float:
    _expect(type(text) is str and len(text) <= 40, "a malformed float")
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError) as error:
        raise ProtocolError("a malformed float") from error


def _text(header: dict[str, Any], name: str) -> str:
    return _short(header.get(name))


def _short(text: Any) -> str:
    _expect(type(text) is str and len(text) <= TEXT_LIMIT, "a text that is none, or too long")
    return text


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ProtocolError(otherwise)
