"""Values to JSON and back by a decoder that is written here, from the protocol's description alone."""

import json
import math
from datetime import datetime, timezone
from enum import IntEnum

import numpy as np
import pytest
from mugrade.encoding import dumps, encode
from mugrade.errors import EncodingError


def decode(text: bytes):
    """What a service makes of a body: arrays and dates come back, types as their repr."""

    def restore(table):
        if "_encoded_type" not in table:
            return table
        assert set(table) == {"_encoded_type", "data"}
        kinds = {"np.ndarray": np.array, "datetime": datetime.fromisoformat, "type": lambda text: ("type", text)}
        return kinds[table["_encoded_type"]](table["data"])

    return json.loads(text, object_hook=restore)


def sent(value):
    return decode(dumps(encode(value)))


@pytest.mark.parametrize(
    "value", [None, True, False, 0, -7, 2**80, 0.1, -1e300, "", "µ\n\x00", [], {}, [1, [2.5, "x"]]]
)
def test_plain_values_arrive_as_they_are(value):
    assert sent(value) == value
    assert type(sent(value)) is type(value)


def test_tuples_arrive_as_lists():
    assert sent((1, (2, 3), [(4,)])) == [1, [2, 3], [[4]]]


@pytest.mark.parametrize(
    ("scalar", "plain"),
    [
        (np.float32(0.5), float),
        (np.float64(1e-300), float),
        (np.float16(2), float),
        (np.int64(-5), int),
        (np.uint8(255), int),
        (np.bool_(True), bool),
        (np.bool_(False), bool),
        (np.str_("text"), str),
    ],
    ids=repr,
)
def test_numpy_scalars_arrive_as_plain_numbers(scalar, plain):
    assert type(sent(scalar)) is plain
    assert sent(scalar) == scalar.item()
    assert sent([scalar]) == [scalar.item()]


def test_int_enums_arrive_as_ints():
    assert sent(IntEnum("Colour", "RED GREEN").GREEN) == 2


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3), (2, 1, 3)])
def test_arrays(dtype, shape):
    array = np.asarray(np.random.default_rng(0).normal(size=shape) * 10).astype(dtype)
    back = sent(array)
    assert isinstance(back, np.ndarray)
    assert back.shape == shape
    assert back.tolist() == array.tolist()


def test_an_array_that_is_not_contiguous():
    array = np.arange(24.0).reshape(4, 6)[::-1, ::2].T
    np.testing.assert_array_equal(sent(array), array)


@pytest.mark.parametrize("value", [math.inf, -math.inf, np.float32(np.inf)])
def test_infinities_travel(value):
    assert sent(value) == value
    assert sent(np.array([[value, 1.0]])).tolist() == [[value, 1.0]]


def test_nan_travels():
    assert math.isnan(sent(math.nan))
    assert np.isnan(sent(np.array([1.0, np.nan]))).tolist() == [False, True]


def test_dates():
    when = datetime(2024, 5, 6, 7, 8, 9, 10, tzinfo=timezone.utc)
    assert sent({"due": when}) == {"due": when}


@pytest.mark.parametrize("value", [float, np.float32, np.ndarray, datetime, np.dtype("float32"), np.dtype(">i4")])
def test_types_arrive_as_their_repr(value):
    assert sent(value) == ("type", repr(value))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "type builtins.object"),
        (1j, "type builtins.complex"),
        (b"bytes", "type builtins.bytes"),
        ({1, 2}, "type builtins.set"),
        (np.array([object()]), "dtype object"),
        (np.array(["text"]), "dtype <U4"),
        (np.array([1j]), "dtype complex128"),
        ({1: "one"}, "the key 1: keys must be str, not int"),
        ([{"deep": [object()]}], "type builtins.object"),
    ],
    ids=lambda value: str(type(value).__name__),
)
def test_other_values_are_refused_by_name(value, message):
    with pytest.raises(EncodingError, match=message):
        encode(value)


def test_a_tensor_is_told_to_become_an_array():
    class Tensor:
        def numpy(self):
            return np.zeros(2)

    with pytest.raises(EncodingError, match=r"Tensor: hand over its \.numpy\(\)"):
        encode(Tensor())


def test_a_list_in_itself_is_refused():
    endless: list = []
    endless.append(endless)
    with pytest.raises(EncodingError, match="does it contain itself"):
        encode(endless)


def test_the_encoding_is_a_copy():
    array = np.zeros(3)
    inner = [1]
    encoded = encode({"array": array, "list": inner})
    array[:] = 5
    inner.append(2)
    assert encoded == {"array": {"_encoded_type": "np.ndarray", "data": [0.0, 0.0, 0.0]}, "list": [1]}
