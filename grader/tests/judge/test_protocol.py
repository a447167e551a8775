"""The protocol: what the runner writes is read back exactly, and nothing else gets through."""

from __future__ import annotations

import json
import os
import random
import struct
import time
import tracemalloc

import numpy as np
import pytest
from grader.judge.box_runner import _encode
from grader.judge.protocol import (
    DEPTH_LIMIT,
    HEADER_LIMIT,
    VALUES_LIMIT,
    Named,
    Opaque,
    ProtocolError,
    build_transcript,
    frames,
    transcript,
)


def frame(header, payload=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<II", len(text), len(payload)) + text + payload


def value_frame(node, payload=b"", index=0, case="a", **more):
    return frame(
        {"k": "value", "case": case, "index": index, "value": node, "rtol": None, "atol": None, **more}, payload
    )


READY, BEGIN, END, DONE = (
    frame({"k": kind, **more})
    for kind, more in [("ready", {}), ("begin", {"case": "a"}), ("end", {"case": "a"}), ("done", {})]
)


def read(node, payload=b""):
    """The value that a node is read as."""
    return transcript(READY + BEGIN + value_frame(node, payload) + END + DONE).cases["a"].values[0].value


def travel(value):
    """A value through the runner's encoding and the judge's decoding."""
    payload = bytearray()
    node = _encode(value, payload)
    return read(json.loads(json.dumps(node)), bytes(payload))


@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, -1, 2**1000, 1.5, -0.0, 1e-320, float("inf"), "", "text", "\ud800é\0\n", [], (), {},
     [1, (2.0, ["x", None])], {"a": [1], 2: (3,), None: 4.0, (1, "b"): True}],
)  # fmt: skip
def test_plain_values_travel(value):
    got = travel(value)
    assert got == value
    assert type(got) is type(value)


def test_nan_travels():
    assert np.isnan(travel(float("nan")))


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "uint64", "float16", "float32", "float64", "complex64", "complex128"]
)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 4)])
def test_arrays_travel(dtype, shape):
    rng = np.random.default_rng(1)
    array = np.array(rng.normal(size=shape) * 10).astype(dtype)
    for given in (array, array.copy(order="F"), array.astype(np.dtype(dtype).newbyteorder(">"))):
        got = travel(given)
        assert type(got) is np.ndarray
        assert got.dtype == np.dtype(dtype)
        assert got.shape == shape
        np.testing.assert_array_equal(got, array)


def test_a_view_travels_as_what_it_shows():
    base = np.arange(24.0).reshape(4, 6)
    np.testing.assert_array_equal(travel(base[::2, ::-3].T), base[::2, ::-3].T)


def test_scalars_and_types_travel():
    got = travel(np.float32(1.5))
    assert (got, got.dtype) == (1.5, np.float32)
    assert travel(np.dtype("float32")) == Named("dtype", "float32")
    assert travel(np.ndarray) == Named("type", "numpy.ndarray")


def test_other_types_are_named_only():
    class Sub(np.ndarray):
        pass

    class Number(float):
        pass

    assert travel(np.zeros(3).view(Sub)).name.endswith("Sub")
    assert travel(Number(1.0)).name.endswith("Number")
    assert travel(np.array([object()])) == Opaque("numpy", "ndarray")
    assert travel(1 << 5000) == Opaque("builtins", "int")
    deep = [1.0]
    for _ in range(1000):
        deep = [deep]
    assert isinstance(travel(deep), list)


def test_a_value_is_what_it_was_when_handed_over():
    """Encoding copies: the array may change afterwards."""
    array = np.ones(3)
    payload = bytearray()
    node = _encode(array, payload)
    array[:] = 7.0
    np.testing.assert_array_equal(read(node, bytes(payload)), np.ones(3))


def test_a_whole_run():
    data = READY + BEGIN + value_frame(["float", "0x1p+0"]) + value_frame(["none"], index=1) + END
    data += frame({"k": "begin", "case": "b"})
    error = {"module": "builtins", "type": "ValueError", "base": "ValueError", "message": "m", "frames": [["f.py", 3]]}
    data += frame({"k": "raise", "case": "b", **error}) + DONE
    result = transcript(data)
    assert result.ready
    assert result.done
    assert [run.ended for run in result.cases.values()] == [True, False]
    assert [submitted.value for submitted in result.cases["a"].values] == [1.0, None]
    assert result.cases["b"].raised.frames == (("f.py", 3),)


def test_tolerances_are_read():
    data = frame({"k": "value", "case": "a", "index": 0, "value": ["none"], "rtol": (0.5).hex(), "atol": None})
    submitted = transcript(READY + BEGIN + data).cases["a"].values[0]
    assert (submitted.rtol, submitted.atol) == (0.5, None)


def test_a_last_frame_that_was_cut_off_is_left_out():
    data = READY + BEGIN + value_frame(["array", "float64", [2], 0, 16], b"\0" * 16)
    for cut in range(1, 16):
        run = transcript(data[:-cut]).cases["a"]
        assert run.values == []
        assert not run.ended


MALFORMED = {
    "no ready": BEGIN,
    "unknown kind": READY + frame({"k": "verdict"}),
    "no kind": READY + frame({}),
    "header is a list": frame([1]),
    "header is no JSON": frame(b"{"),
    "header is no UTF-8": frame(b"\xff\xfe"),
    "NaN in JSON": frame(b'{"k": NaN}'),
    "a JSON float": frame(b'{"k": 1.5}'),
    "header too long": struct.pack("<II", HEADER_LIMIT + 1, 0) + b" " * (HEADER_LIMIT + 1),
    "deep": frame(b'{"k": ' + b"[" * 100000 + b"]" * 100000 + b"}"),
    "deep, behind a quote": frame(b'{"\\"": ' + b"[" * (DEPTH_LIMIT + 1) + b"]" * (DEPTH_LIMIT + 1) + b"}"),
    "long integer": frame(b'{"k": ' + b"9" * 100000 + b"}"),
    "after done": READY + DONE + BEGIN,
    "after import": READY
    + frame({"k": "import", "module": "m", "type": "t", "base": "b", "message": "", "frames": []})
    + DONE,
    "case within a case": READY + BEGIN + frame({"k": "begin", "case": "b"}),
    "case twice": READY + BEGIN + END + BEGIN,
    "done within a case": READY + BEGIN + DONE,
    "value outside": READY + value_frame(["none"]),
    "value of another case": READY + BEGIN + value_frame(["none"], case="b"),
    "index skipped": READY + BEGIN + value_frame(["none"], index=1),
    "index twice": READY + BEGIN + value_frame(["none"]) + value_frame(["none"]),
    "index is a bool": READY + BEGIN + value_frame(["none"], index=False),
    "negative tolerance": READY + BEGIN + value_frame(["none"], rtol="-0x1p+0"),
    "tolerance is a number": READY + BEGIN + value_frame(["none"], rtol=1),
    "frames of a traceback": READY + BEGIN + frame({"k": "raise", "case": "a", "frames": [["f", "x"]]}),
    "name too long": READY + frame({"k": "begin", "case": "a" * 100000}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_streams_are_refused(name):
    with pytest.raises(ProtocolError):
        transcript(MALFORMED[name])


NODES = {
    "no node": (None, b""),
    "empty": ([], b""),
    "unknown": (["pickle", "gASV"], b""),
    "bool as int": (["bool", 1], b""),
    "int as number": (["int", 5], b""),
    "int with letters": (["int", "0x10"], b""),
    "int with digits of another script": (["int", "\u0663"], b""),
    "int too long": (["int", "9" * 1000], b""),
    "float as number": (["float", 1], b""),
    "float as text": (["float", "one"], b""),
    "float too large": (["float", "0x1p+99999"], b""),
    "list of no list": (["list", "ab"], b""),
    "dict of triples": (["dict", [[["none"], ["none"], ["none"]]]], b""),
    "dict keyed by a list": (["dict", [[["list", []], ["none"]]]], b""),
    "dict key twice": (["dict", [[["none"], ["none"]], [["none"], ["none"]]]], b""),
    "object dtype": (["array", "object", [1], 0, 8], b"\0" * 8),
    "structured dtype": (["array", [["a", "f8"]], [1], 0, 8], b"\0" * 8),
    "longdouble": (["array", "float128", [1], 0, 16], b"\0" * 16),
    "more elements than bytes": (["array", "float64", [2], 0, 8], b"\0" * 8),
    "terabytes": (["array", "float64", [10**6, 10**6], 0, 8 * 10**12], b"\0" * 8),
    "product overflows to zero": (["array", "float64", [2**31 - 1] * 31, 0, 8], b"\0" * 8),
    "negative length": (["array", "float64", [-1, -1], 0, 8], b"\0" * 8),
    "length is a bool": (["array", "float64", [True], 0, 8], b"\0" * 8),
    "beyond the payload": (["array", "float64", [1], 8, 8], b"\0" * 8),
    "before the payload": (["array", "float64", [1], -8, 8], b"\0" * 8),
    "too many dimensions": (["array", "float64", [1] * 64, 0, 8], b"\0" * 8),
    "empty, of impossible size": (["array", "float64", [0] + [2**31 - 1] * 30, 0, 0], b""),
    "bool of two": (["array", "bool", [1], 0, 1], b"\2"),
    "scalar with dimensions": (["scalar", "float64", [1], 0, 8], b"\0" * 8),
}


@pytest.mark.parametrize("name", NODES)
def test_malformed_values_are_refused(name):
    node, payload = NODES[name]
    with pytest.raises(ProtocolError):
        read(node, payload)


def test_too_many_values_are_refused():
    data = b"".join(value_frame(["none"], index=index) for index in range(VALUES_LIMIT + 1))
    with pytest.raises(ProtocolError, match=str(VALUES_LIMIT)):
        transcript(READY + BEGIN + data)


def test_a_promise_of_memory_allocates_none():
    """Sizes are checked before anything of that size is made."""
    data = READY + BEGIN + value_frame(["array", "float64", [10**6, 10**6], 0, 8 * 10**12], b"\0" * 8)
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError):
            transcript(data)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("piece", [b'"\\', b'\\"', b'"', b"[", b"9", b'"[\\"'])
def test_reading_takes_linear_time(piece):
    data = frame((b'{"k": ' + piece * HEADER_LIMIT)[:HEADER_LIMIT])
    began = time.process_time()
    with pytest.raises(ProtocolError):
        transcript(data)
    assert time.process_time() - began < 2.0


def test_noise_never_escapes_as_another_error():
    """Random bytes and random damage to a good stream end in a transcript or in ProtocolError, nothing else."""
    rng = random.Random(7)
    good = (
        READY + BEGIN + value_frame(["array", "float64", [2], 0, 16], b"\0" * 16) + value_frame(["dict", []], index=1)
    )
    outcomes = set()
    for _ in range(3000):
        damaged = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        for data in (bytes(damaged), rng.randbytes(rng.randrange(60))):
            try:
                transcript(data)
                outcomes.add("read")
            except ProtocolError:
                outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_a_build_sends_files_and_a_log():
    data = frame({"k": "ready"}) + frame({"k": "log"}, b"warning\xff") + frame({"k": "file", "name": "m.so"}, b"ELF")
    result = build_transcript(data + frame({"k": "built", "ok": True}), limit=100)
    assert result.ok
    assert result.files == {"m.so": b"ELF"}
    assert result.log == "warning\ufffd"
    with pytest.raises(ProtocolError):
        build_transcript(data, limit=2)
    assert not build_transcript(data, limit=100).ok


def test_frames_of_an_empty_stream():
    assert list(frames(b"")) == []
    assert list(frames(os.urandom(7))) == []
