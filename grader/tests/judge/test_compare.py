"""Comparison: what counts as equal, which kind of difference is named, and that no message gives a value away."""

from __future__ import annotations

import numpy as np
import pytest
from grader.judge.compare import compare
from grader.judge.protocol import Named, Opaque

RTOL, ATOL = 1e-4, 1e-5


def kind(expected, got, rtol=RTOL, atol=ATOL):
    difference = compare(expected, got, rtol, atol)
    return None if difference is None else difference.kind


def array(*items, dtype=None):
    return np.array(items, dtype=dtype)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1.5, 1.5),
        (1.5, np.float32(1.5)),
        (1.5, np.array(1.5)),
        (3, np.int64(3)),
        (10**30, 10**30),
        (True, np.True_),
        ("text", "text"),
        (None, None),
        ((1, [2.0, "x"]), [1, (2.0, "x")]),
        ({"a": 1, 2: array(1.0)}, {2: array(1.0), "a": 1}),
        (array(1.0, np.nan, np.inf, -np.inf), array(1.0, np.nan, np.inf, -np.inf)),
        (array(1.0, 2.0), array(1.0, 2.0, dtype="float32")),
        (array(1, 2), array(1, 2, dtype="uint8")),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (Named("dtype", "float32"), Named("dtype", "float32")),
    ],
)
def test_equal(expected, got):
    assert compare(expected, got, RTOL, ATOL) is None


@pytest.mark.parametrize(
    ("expected", "got", "difference"),
    [
        (1.5, "1.5", "type"),
        (1.5, None, "type"),
        (array(1.0), [1.0], "type"),
        (array(1.0), Opaque("victim", "Array"), "type"),
        ("1", 1, "type"),
        (None, 0, "type"),
        ([1], {0: 1}, "type"),
        ({0: 1}, [1], "type"),
        (Named("dtype", "float32"), Named("type", "float32"), "type"),
        (Named("dtype", "float32"), Named("dtype", "float64"), "value"),
        (1, 1.0, "dtype"),
        (1, True, "dtype"),
        (array(1.0), array(1), "dtype"),
        (array(1.0), array(1.0 + 0j), "dtype"),
        (array(1.0), 1.0, "shape"),
        (array(1.0, 2.0), array([1.0], [2.0]), "shape"),
        (np.zeros((0, 3)), np.zeros((3, 0)), "shape"),
        (array(1.0, np.nan), array(1.0, 2.0), "nan"),
        (array(1.0, 2.0), array(1.0, np.nan), "nan"),
        (array(1.0, np.inf), array(1.0, -np.inf), "close"),
        (array(1.0, 1.0), array(1.0, np.inf), "close"),
        (array(1.0, np.inf), array(1.0, 1.0), "close"),
        (1.0, 1.001, "close"),
        (3, 4, "value"),
        (10**30, 10**30 + 1, "value"),
        (array(1, 2, 3), array(1, 2, 4), "value"),
        (True, False, "value"),
        ("a", "b", "value"),
        ([1, 2], [1, 2, 3], "length"),
        ([1, [2, 3]], [1, [2, 3.5]], "dtype"),
        ({"a": 1}, {"b": 1}, "keys"),
        ({"a": 1.0}, {"a": 2.0}, "close"),
    ],
)
def test_different(expected, got, difference):
    assert kind(expected, got) == difference


def test_tolerance_is_absolute_plus_relative_to_the_expected_value():
    """Against the definition, element by element in float64, at random places near the edge."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        expected = rng.normal() * 10.0 ** rng.integers(-6, 6)
        rtol, atol = 10.0 ** rng.uniform(-6, -1), 10.0 ** rng.uniform(-8, -1)
        got = expected + (atol + rtol * abs(expected)) * rng.choice([-1, 1]) * rng.choice([0.99, 1.01])
        close = abs(got - expected) <= atol + rtol * abs(expected)
        assert (compare(expected, got, rtol, atol) is None) == close


def test_an_infinite_tolerance_accepts_no_other_infinity():
    assert kind(1.0, np.inf, rtol=np.inf) == "close"


def test_messages_show_both_shapes_types_and_the_order_of_magnitude():
    assert compare(np.zeros((3, 4)), np.zeros((4, 3)), RTOL, ATOL).message == "expected shape (3, 4), got (4, 3)"
    assert "expected an array, got a str" in compare(np.zeros(3), "x", RTOL, ATOL).message
    difference = compare(np.zeros(4), np.array([0.0, 0.02, -0.04, 0.0]), RTOL, ATOL)
    assert difference.message == "not close: the largest error is about 1e-02 (2 of 4 elements are wrong)"


def test_messages_give_away_neither_values_nor_the_boxs_words():
    """Not the expected value, and no text that student code chose: names of types, keys, texts."""
    secret = "s3cr3t"
    pairs = [
        (123456.789, 1.0),
        (np.full(3, 123456.789), np.zeros(3)),
        (123456, 7),
        ("123456", secret),
        ({"123456": 1}, {secret: 1}),
        (1.0, Opaque(secret, secret)),
        (Named("type", "123456"), Named("type", secret)),
        (1.0, np.zeros((1,) * 20)),
    ]
    for expected, got in pairs:
        message = compare(expected, got, RTOL, ATOL).message
        assert "123456" not in message
        assert secret not in message


def test_known_types_are_named():
    difference = compare(1.0, Opaque("needle.autograd", "Tensor"), RTOL, ATOL, known={"Tensor"})
    assert difference.message.endswith("got a Tensor")
