"""tanh, stack, split, flip, pad, dilate, undilate: beside loops over elements, adjoints, gradients to order 2."""

from __future__ import annotations

import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import check_gradients

RUNS = range(6)
DEVICES = [device for device in ndl.all_devices() if device.enabled()]


def random_shape(rng, least=0, most=4, largest=4):
    return tuple(int(size) for size in rng.integers(1, largest, size=rng.integers(least, most)))


def random_axes(rng, ndim):
    chosen = rng.permutation(ndim)[: rng.integers(0, ndim + 1)]
    return tuple(int(axis) - (ndim if rng.random() < 0.5 else 0) for axis in chosen)


def exactly(found: ndl.Tensor, expected: np.ndarray) -> None:
    """Moving numbers changes none of them."""
    assert found.shape == expected.shape
    assert found.numpy().tolist() == expected.astype(found.numpy().dtype).tolist()


def require_adjoint(rng, forward, backward, shape):
    """sum(forward(x) * y) = sum(x * backward(y))."""
    x = rng.normal(size=shape)
    image = forward(ndl.Tensor(x)).numpy()
    y = rng.normal(size=image.shape)
    back = backward(ndl.Tensor(y)).numpy()
    assert back.shape == x.shape
    np.testing.assert_allclose((image * y).sum(), (x * back).sum(), rtol=1e-10, atol=1e-10)


# By loops over elements, in NumPy.


def looped_flip(a, axes):
    out = np.empty_like(a)
    turned = range(a.ndim) if axes is None else [axis % a.ndim for axis in axes]
    for place in np.ndindex(a.shape):
        out[tuple(a.shape[axis] - 1 - i if axis in turned else i for axis, i in enumerate(place))] = a[place]
    return out


def looped_dilate(a, axes, dilation):
    steps = [dilation + 1 if axis in axes or axis - a.ndim in axes else 1 for axis in range(a.ndim)]
    out = np.zeros([size * step for size, step in zip(a.shape, steps, strict=True)])
    for place in np.ndindex(a.shape):
        out[tuple(i * step for i, step in zip(place, steps, strict=True))] = a[place]
    return out


def looped_pad(a, pairs):
    """An element of the result is that of the array which is `before` places further to the left, or 0."""
    out = np.zeros([size + before + after for size, (before, after) in zip(a.shape, pairs, strict=True)])
    for place in np.ndindex(out.shape):
        source = tuple(i - before for i, (before, _) in zip(place, pairs, strict=True))
        if all(0 <= i < size for i, size in zip(source, a.shape, strict=True)):
            out[place] = a[source]
    return out


# tanh


@pytest.mark.parametrize("run", RUNS)
def test_tanh(run, rng):
    a = rng.normal(scale=2, size=random_shape(rng))
    np.testing.assert_allclose(ndl.tanh(ndl.Tensor(a)).numpy(), 1 - 2 / (np.exp(2 * a) + 1), rtol=1e-12)
    check_gradients(ndl.tanh, [a])


def test_tanh_far_out():
    """Where exp overflows, tanh is 1, and its derivative 0."""
    a = ndl.Tensor(np.array([-1e4, -100.0, 0.0, 100.0, 1e4]))
    out = ndl.tanh(a)
    out.backward()
    assert out.numpy().tolist() == [-1, -1, 0, 1, 1]
    assert a.grad.numpy().tolist() == [0, 0, 1, 0, 0]


# stack and split


@pytest.mark.parametrize("run", RUNS)
def test_stack(run, rng):
    shape, count = random_shape(rng), int(rng.integers(1, 5))
    arrays = [rng.normal(size=shape) for _ in range(count)]
    for axis in range(-len(shape) - 1, len(shape) + 1):
        tensors = [ndl.Tensor(array) for array in arrays]
        for args in (tensors, tuple(tensors), ndl.make_tuple(*tensors)):
            found = ndl.stack(args, axis)
            for i, array in enumerate(arrays):
                exactly(ndl.Tensor(np.take(found.numpy(), i, axis)), array)
            assert found.shape[axis] == count
        check_gradients(lambda *args, axis=axis: ndl.stack(args, axis), arrays, order=1)
    check_gradients(lambda *args: ndl.stack([arg * arg for arg in args], -1), arrays)


@pytest.mark.parametrize("run", RUNS)
def test_split(run, rng):
    a = rng.normal(size=random_shape(rng, least=1))
    for axis in range(-a.ndim, a.ndim):
        parts = ndl.split(ndl.Tensor(a), axis)
        assert len(parts) == a.shape[axis]
        for i, part in enumerate(parts.tuple()):
            exactly(part, np.take(a, i, axis))
        exactly(ndl.stack(parts, axis), a)
        check_gradients(lambda t, axis=axis: ndl.stack(ndl.split(t, axis), 0), [a], order=1)
        check_gradients(lambda t, axis=axis: ndl.split(t, axis)[-1] ** 3, [a])


def test_each_part_has_its_own_gradient(rng):
    """Those that nobody uses have a gradient of 0, and one that is used twice the sum."""
    a = ndl.Tensor(rng.normal(size=(2, 4, 3)))
    parts = ndl.split(a, 1)
    weights = [rng.normal(size=(2, 3)) for _ in range(3)]
    out = parts[0] * ndl.Tensor(weights[0]) + parts[2] * ndl.Tensor(weights[1]) + parts[2] * ndl.Tensor(weights[2])
    out.backward()
    expected = np.zeros((2, 4, 3))
    expected[:, 0], expected[:, 2] = weights[0], weights[1] + weights[2]
    np.testing.assert_allclose(a.grad.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("first", ["slices", "whole"])
def test_slices_and_the_whole_are_used(first, rng):
    """Adjoints of both kinds add up, whichever comes first; to order 2."""

    def function(a):
        parts = ndl.split(a, 0)
        sides = [ndl.tanh(parts[-1]) * parts[1], ndl.stack(parts, 1).sum(1) ** 2]
        return sides[0] + sides[1] if first == "slices" else sides[1] + sides[0]

    check_gradients(function, [rng.normal(size=(4, 2))])


def test_the_adjoint_of_the_slices(rng):
    """It is a TensorTuple like any other: as long as the slices are, with zeros where nothing was used."""
    parts = ndl.split(ndl.Tensor(rng.normal(size=(4, 2))), 0)
    (parts[1] * parts[1] + parts[-1]).backward()
    expected = [np.zeros(2), 2 * parts[1].numpy(), np.zeros(2), np.ones(2)]
    assert isinstance(parts.grad, ndl.autograd.TensorTuple)
    assert len(parts.grad) == 4
    for found in (parts.grad.tuple(), [parts.grad[i - 4] for i in range(4)], parts.grad.detach()):
        for i in range(4):
            np.testing.assert_allclose(found[i].numpy(), expected[i], rtol=1e-12)
    assert [part.numpy().tolist() for part in (parts.grad + parts.grad).tuple()] == [
        (2 * part.numpy()).tolist() for part in parts.grad.tuple()
    ]
    with pytest.raises(ValueError, match="add: a TensorTuple of 4 needs another of 4"):
        parts.grad + ndl.make_tuple(parts[0])


def test_a_long_sequence_is_not_paid_for_twice(monkeypatch):
    """Each step of a sequence used by itself: as many operators as steps, and not their square."""
    made = []
    make_from_op = ndl.autograd.Value.make_from_op.__func__

    def counted(cls, op, inputs):
        made.append(op)
        return make_from_op(cls, op, inputs)

    monkeypatch.setattr(ndl.autograd.Value, "make_from_op", classmethod(counted))
    a = ndl.Tensor(np.ones((50, 2)))
    steps = [step * step for step in ndl.split(a, 0).tuple()]
    ndl.stack(steps, 0).backward()
    assert len(made) < 10 * 50
    assert (a.grad.numpy() == 2).all()


def test_stacked_twice(rng):
    """The same tensor at two places of a stack is given the sum of both adjoints."""
    a = ndl.Tensor(rng.normal(size=(2,)))
    weights = rng.normal(size=(3, 2))
    (ndl.stack([a, a, a], 0) * ndl.Tensor(weights)).backward()
    np.testing.assert_allclose(a.grad.numpy(), weights.sum(0), rtol=1e-12)


def test_stack_and_split_refuse(rng):
    a, b = ndl.Tensor(rng.normal(size=(2, 3))), ndl.Tensor(rng.normal(size=(3, 2)))
    with pytest.raises(ValueError, match=r"stack: shapes \(2, 3\) and \(3, 2\) differ"):
        ndl.stack([a, b], 0)
    with pytest.raises(ValueError, match="stack: expected one array or more, got none"):
        ndl.stack([], 0)
    with pytest.raises(TypeError, match="stack: expected a TensorTuple or a list of Tensors, got Tensor"):
        ndl.stack(a, 0)
    with pytest.raises(TypeError, match="argument 1 is not a Tensor but ndarray"):
        ndl.stack([a, a.numpy()], 0)
    for axis in (3, -4):
        with pytest.raises(ValueError, match=rf"stack: axis {axis} is not an axis of shape \(2, 2, 3\)"):
            ndl.stack([a, a], axis)
    for axis in (2, -3):
        with pytest.raises(ValueError, match=rf"split: axis {axis} is not an axis of shape \(2, 3\)"):
            ndl.split(a, axis)
    with pytest.raises(ValueError, match=r"split: axis 0 is not an axis of shape \(\)"):
        ndl.split(ndl.Tensor(1.0), 0)


def test_an_empty_axis():
    a = ndl.Tensor(np.zeros((2, 0, 3)))
    assert len(ndl.split(a, 1)) == 0
    assert [part.shape for part in ndl.split(a, 0).tuple()] == [(0, 3), (0, 3)]
    assert ndl.stack([a, a], 1).shape == (2, 2, 0, 3)


# flip, pad, dilate, undilate


@pytest.mark.parametrize("run", RUNS)
def test_flip(run, rng):
    a = rng.normal(size=random_shape(rng))
    for axes in (None, random_axes(rng, a.ndim), random_axes(rng, a.ndim)):
        exactly(ndl.flip(ndl.Tensor(a), axes), looped_flip(a, axes))
        check_gradients(lambda t, axes=axes: ndl.flip(t, axes) ** 2, [a])
        require_adjoint(rng, lambda t, x=axes: ndl.flip(t, x), lambda t, x=axes: ndl.flip(t, x), a.shape)
    for axis in range(-a.ndim, a.ndim):
        exactly(ndl.flip(ndl.Tensor(a), axis), looped_flip(a, (axis,)))
        exactly(ndl.flip(ndl.Tensor(a), [axis]), looped_flip(a, (axis,)))


@pytest.mark.parametrize("run", RUNS)
def test_pad(run, rng):
    a = rng.normal(size=random_shape(rng, least=1))
    pairs = []
    for size in a.shape:
        before = int(rng.integers(-size, 3))
        pairs.append((before, int(rng.integers(-size - min(before, 0), 3))))
    exactly(ndl.pad(ndl.Tensor(a), pairs), looped_pad(a, pairs))
    check_gradients(lambda t: ndl.pad(t, pairs) ** 2, [a])
    back = [(-before, -after) for before, after in pairs]
    require_adjoint(rng, lambda t: ndl.pad(t, pairs), lambda t: ndl.pad(t, back), a.shape)


@pytest.mark.parametrize("dilation", range(4))
@pytest.mark.parametrize("run", RUNS)
def test_dilate(run, dilation, rng):
    a = rng.normal(size=random_shape(rng))
    axes = (*random_axes(rng, a.ndim), a.ndim, a.ndim + 3)
    dilated = ndl.dilate(ndl.Tensor(a), axes, dilation)
    exactly(dilated, looped_dilate(a, axes, dilation))
    exactly(ndl.undilate(dilated, axes, dilation), a)
    check_gradients(lambda t: ndl.dilate(t, axes, dilation) ** 2, [a])
    check_gradients(lambda t: ndl.undilate(t, axes, dilation) ** 2, [rng.normal(size=dilated.shape)])
    require_adjoint(rng, lambda t: ndl.dilate(t, axes, dilation), lambda t: ndl.undilate(t, axes, dilation), a.shape)


def test_zeros_follow_each_element():
    assert ndl.dilate(ndl.Tensor([[1.0, 2.0]]), (1,), 2).numpy().tolist() == [[1, 0, 0, 2, 0, 0]]
    assert ndl.dilate(ndl.Tensor([[1.0, 2.0]]), 0, 1).numpy().tolist() == [[1, 2], [0, 0]]


def test_what_flip_pad_and_dilate_refuse():
    a = ndl.Tensor(np.zeros((2, 3)))
    for axes, message in (((0, -2), "twice"), ((2,), r"axis 2 is not an axis of shape \(2, 3\)"), (-3, "axis -3")):
        with pytest.raises(ValueError, match=f"flip: .*{message}"):
            ndl.flip(a, axes)
    with pytest.raises(ValueError, match=r"pad: expected a pair .*got 1 for shape \(2, 3\): \(\(1, 1\),\)"):
        ndl.pad(a, ((1, 1),))
    with pytest.raises(ValueError, match=r"pad: \(-2, -2\) takes more elements away than there are: shape \(2, 3\)"):
        ndl.pad(a, ((0, 0), (-2, -2)))
    for function, name in ((ndl.dilate, "dilate"), (ndl.undilate, "undilate")):
        with pytest.raises(ValueError, match=f"{name}: expected a dilation of 0 or more, got -1"):
            function(a, (0,), -1)
        with pytest.raises(ValueError, match=rf"{name}: axes \(1, -1\) name an axis of shape \(2, 3\) twice"):
            function(a, (1, -1), 1)
        with pytest.raises(ValueError, match=rf"{name}: axis -3 is not an axis of shape \(2, 3\)"):
            function(a, (-3,), 1)
        with pytest.raises(TypeError, match="integer"):
            function(a, (0,), 0.5)
    with pytest.raises(ValueError, match=r"undilate: expected a multiple of 2 along axis 1 .*got shape \(2, 3\)"):
        ndl.undilate(a, (0, 1), 1)


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_results_stay_on_the_device_and_keep_their_dtype(device, rng):
    a = ndl.Tensor(rng.normal(size=(2, 4)), device=device, dtype="float32")
    results = {
        "tanh": ndl.tanh(a),
        "stack": ndl.stack([a, a], 1),
        "split": ndl.split(a, 1)[0],
        "flip": ndl.flip(a, (1,)),
        "pad": ndl.pad(a, ((1, 0), (0, -1))),
        "dilate": ndl.dilate(a, (1,), 1),
        "undilate": ndl.undilate(a, (1,), 1),
    }
    for name, result in results.items():
        result.backward()
        for tensor in (result, a.grad):
            assert (tensor.device, tensor.dtype) == (device, "float32"), name


def test_lazily(lazy, rng):
    a = rng.normal(size=(2, 3))
    out = ndl.stack(ndl.split(ndl.flip(ndl.dilate(ndl.Tensor(a), (1,), 1), (1,)), 1), 0)
    assert out.cached_data is None
    exactly(out, looped_flip(looped_dilate(a, (1,), 1), (1,)).T)
