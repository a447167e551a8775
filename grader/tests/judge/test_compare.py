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
        (Named("dtype", "float32"), Named("dtype", "float64"), "dtype"),
        (Named("type", "numpy.float32"), Named("type", "numpy.float64"), "dtype"),
        ("float32", "float64", "dtype"),
        (Named("type", "builtins.int"), Named("type", "builtins.float"), "type"),
        (Named("dtype", "float32"), Named("dtype", "something"), "value"),
        (1, 1.0, "dtype"),
        (1, True, "dtype"),
        (array(1.0), array(1), "dtype"),
        (array(1.0), array(1.0 + 0j), "dtype"),
        (array(1.0), 1.0, "shape"),
        (array(1.0, 2.0), array([1.0], [2.0]), "shape"),
        (np.zeros((0, 3)), np.zeros((3, 0)), "shape"),
        (array(1.0, np.nan), array(1.0, 2.0), "nan"),
        (array(1.0, 2.0), array(1.0, np.nan), "nan"),
        (array(1.0, np.inf), array(1.0, -np.inf), "nan"),
        (array(1.0, 1.0), array(1.0, np.inf), "nan"),
        (array(1.0, np.inf), array(1.0, 1.0), "nan"),
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
    assert kind(1.0, np.inf, rtol=np.inf) == "nan"


def test_messages_show_both_shapes_types_and_the_order_of_magnitude():
    assert compare(np.zeros((3, 4)), np.zeros((4, 3)), RTOL, ATOL).message == "expected shape (3, 4), got (4, 3)"
    assert "expected an array, got a str" in compare(np.zeros(3), "x", RTOL, ATOL).message
    difference = compare(np.zeros(4), np.array([0.0, 0.02, -0.04, 0.0]), RTOL, ATOL)
    assert difference.message == "not close: the largest error is about 1e-02 (2 of 4 elements are wrong)"


@pytest.mark.parametrize(
    ("expected", "got", "message"),
    [
        (1.0, 1.03, "not close: the error is about 1e-02"),
        (array(1.0, 2.0), array(1.0, 2.03), "not close: the error is about 1e-02 (1 of 2 elements is wrong)"),
        (1.0, np.nan, "NaN where there should be none"),
        (np.nan, 1.0, "a number where there should be NaN"),
        (array(np.nan, np.nan), array(np.nan, 1.0), "a number where there should be NaN (1 of 2 elements is wrong)"),
        (1.0, -np.inf, "infinity where there should be a finite number"),
        (-np.inf, 1.0, "a finite number where there should be infinity"),
        (np.inf, -np.inf, "infinity of the other sign"),
        (
            array(0.0, 1.0),
            array(np.inf, np.inf),
            "infinity where there should be a finite number (2 of 2 elements are wrong)",
        ),
        (-1.7e308, 1.7e308, "not close: the error is beyond all numbers"),
        (3, 4, "the value is wrong"),
        (Named("dtype", "float32"), Named("dtype", "float64"), "expected dtype float32, got float64"),
        (Named("type", "numpy.int8"), Named("type", "numpy.uint8"), "expected dtype int8, got uint8"),
        ("float32", "float64", "expected dtype float32, got float64"),
        (Named("type", "builtins.int"), Named("type", "builtins.float"), "expected the type int, got float"),
        (Named("type", "builtins.int"), Named("type", "victim.secret"), "another type than expected"),
        (
            array(1.0, dtype="float32"),
            array(1),
            "expected floating point numbers (dtype float32), got integer ones (dtype int64)",
        ),
    ],
)
def test_messages_say_what_is_wrong_once(expected, got, message):
    assert compare(expected, got, RTOL, ATOL).message == message


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
        (Named("type", "builtins.int"), Named("type", f"builtins.{secret}")),
        (Named("type", "builtins.int"), Named("type", f"{secret}.int.{secret}")),
        (Named("dtype", "float32"), Named("dtype", secret)),
        ("float32", secret),
        (1.0, np.zeros((1,) * 20)),
    ]
    for expected, got in pairs:
        message = compare(expected, got, RTOL, ATOL).message
        assert "123456" not in message
        assert secret not in message


def test_known_types_are_named():
    difference = compare(1.0, Opaque("needle.autograd", "Tensor"), RTOL, ATOL, known={"Tensor"})
    assert difference.message.endswith("got a Tensor")
