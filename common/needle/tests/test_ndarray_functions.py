"""The array interface that operators are written with: what NumPy says by these names, the nd backend says as well."""

from __future__ import annotations

import numpy as np
import pytest
from ndarray_views import random_shape, random_view, same
from needle import backend_ndarray as nd

RUNS = range(4)

# Each takes the interface, numpy or nd, and arrays of one shape.
ELEMENTWISE = {
    "add": lambda xp, a, b: xp.add(a, b),
    "subtract": lambda xp, a, b: xp.subtract(a, b),
    "multiply": lambda xp, a, b: xp.multiply(a, b),
    "divide": lambda xp, a, b: xp.divide(a, b),
    "true_divide": lambda xp, a, b: xp.true_divide(a, 3),
    "power": lambda xp, a, b: xp.power(xp.abs(a), b),
    "negative": lambda xp, a, b: xp.negative(a),
    "maximum": lambda xp, a, b: xp.maximum(a, b),
    "maximum of a number": lambda xp, a, b: xp.maximum(a, 0),
    "a number's maximum": lambda xp, a, b: xp.maximum(0, a),
    "minimum": lambda xp, a, b: xp.minimum(a, b),
    "minimum of a number": lambda xp, a, b: xp.minimum(0.5, b),
    "absolute": lambda xp, a, b: xp.absolute(a),
    "square": lambda xp, a, b: xp.square(a),
    "sqrt": lambda xp, a, b: xp.sqrt(xp.abs(a)),
    "exp": lambda xp, a, b: xp.exp(a),
    "log": lambda xp, a, b: xp.log(xp.abs(b)),
    "tanh": lambda xp, a, b: xp.tanh(a),
    "where": lambda xp, a, b: xp.where(a > 0, b, 0.0),
    "where of arrays": lambda xp, a, b: xp.where(a > b, a, b),
    "equal": lambda xp, a, b: xp.equal(a, a),
    "not_equal": lambda xp, a, b: xp.not_equal(a, b),
    "greater": lambda xp, a, b: xp.greater(a, b),
    "greater_equal": lambda xp, a, b: xp.greater_equal(a, 0.5),
    "less": lambda xp, a, b: xp.less(a, b),
    "less_equal": lambda xp, a, b: xp.less_equal(a, b),
    "zeros_like": lambda xp, a, b: xp.zeros_like(a),
    "ones_like": lambda xp, a, b: xp.ones_like(a),
    "full_like": lambda xp, a, b: xp.full_like(a, 2.5),
    "a mask": lambda xp, a, b: a * (b > 0),
    "a relu as its gradient": lambda xp, a, b: (a > 0).astype("float32") * b,
}


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name, run, device, rng):
    shape = random_shape(rng)
    a, mine = random_view(rng, shape, device)
    b, other = random_view(rng, shape, device)
    expected = ELEMENTWISE[name](np, a.astype("float64"), b.astype("float64"))
    same(ELEMENTWISE[name](nd, mine, other), expected, rtol=2e-5, atol=1e-6)


# Each takes the interface and an array of shape (2, 3, 4).
SHAPES = {
    "reshape": lambda xp, a: xp.reshape(a, (4, 6)),
    "reshape with the rest": lambda xp, a: xp.reshape(a, (2, -1)),
    "reshape to a row": lambda xp, a: xp.reshape(a, -1),
    "reshape of a transpose": lambda xp, a: xp.reshape(xp.transpose(a), (6, 4)),
    "transpose": lambda xp, a: xp.transpose(a),
    "transpose to an order": lambda xp, a: xp.transpose(a, (1, 2, 0)),
    "transpose with axes=": lambda xp, a: xp.transpose(a, axes=(0, -1, 1)),
    "its method": lambda xp, a: a.transpose(2, 0, 1),
    "its method on a tuple": lambda xp, a: a.transpose((2, 0, 1)),
    "T": lambda xp, a: a.T,
    "swapaxes": lambda xp, a: xp.swapaxes(a, -1, -2),
    "swapaxes, the method": lambda xp, a: a.swapaxes(0, 2),
    "broadcast_to": lambda xp, a: xp.broadcast_to(a[:, :1], (2, 5, 4)),
    "broadcast_to more axes": lambda xp, a: xp.broadcast_to(a, (5, 2, 3, 4)),
    "expand_dims": lambda xp, a: xp.expand_dims(a, 1),
    "expand_dims at the end": lambda xp, a: xp.expand_dims(a, -1),
    "squeeze": lambda xp, a: xp.squeeze(xp.sum(a, axis=1, keepdims=True)),
    "squeeze an axis": lambda xp, a: xp.squeeze(xp.sum(a, axis=(0, 1), keepdims=True), axis=0),
    "sum": lambda xp, a: xp.sum(a),
    "sum over one": lambda xp, a: xp.sum(a, axis=-1),
    "sum over several": lambda xp, a: xp.sum(a, axis=(0, 2)),
    "sum over none": lambda xp, a: xp.sum(a, axis=()),
    "sum by position": lambda xp, a: xp.sum(a, 1),
    "max": lambda xp, a: xp.max(a),
    "max that keeps": lambda xp, a: xp.max(a, axis=(1, 2), keepdims=True),
    "amax": lambda xp, a: xp.amax(a, axis=0),
    "min": lambda xp, a: xp.min(a, axis=0),
    "mean": lambda xp, a: xp.mean(a),
    "mean over some": lambda xp, a: xp.mean(a, axis=(0, -1), keepdims=True),
    "matmul": lambda xp, a: xp.matmul(a, xp.swapaxes(a, 1, 2)),
    "a softmax": lambda xp, a: (
        xp.exp(a - xp.max(a, axis=2, keepdims=True))
        / xp.sum(xp.exp(a - xp.max(a, axis=2, keepdims=True)), axis=2, keepdims=True)
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_and_reductions(name, device, rng):
    a, mine = random_view(rng, (2, 3, 4), device)
    same(SHAPES[name](nd, mine), SHAPES[name](np, a.astype("float64")), rtol=1e-5, atol=1e-5)


def test_new_arrays(device):
    for found, expected in (
        (nd.array([[1, 2]], device=device), np.array([[1, 2]])),
        (nd.array([True], dtype="bool", device=device), np.array([1])),
        (nd.zeros((2, 3), device=device), np.zeros((2, 3))),
        (nd.ones(3, dtype="float64", device=device), np.ones(3)),
        (nd.full((2, 1), 7, device=device), np.full((2, 1), 7)),
    ):
        same(found, expected)
        assert found.device == device
    assert nd.empty((2, 3), device=device).shape == nd.empty_like(nd.zeros((2, 3), device=device)).shape == (2, 3)


def test_numbers_where_arrays_are_expected():
    same(nd.exp(0), np.array(1.0))
    same(nd.sqrt(4.0), np.array(2.0))
    same(nd.maximum(1, 2), np.array(2.0))


def test_squeeze_refuses(device):
    with pytest.raises(ValueError, match=r"squeeze: axis 0 of shape \(2, 3\) has size 2, not 1"):
        nd.squeeze(nd.zeros((2, 3), device=device), axis=0)
