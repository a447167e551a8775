"""hw4, ops_images: operators that move numbers beside loops over all places, their gradients beside the way back.

An operator that moves numbers is linear: what it moves from one place to another, its gradient moves back the same way.
So each loop here lists the places, and is used in both directions.
"""

import mugrade
import needle as ndl
import numpy as np
import pytest
from needle.gradcheck import check_gradients


def numbers(rng, *shape):
    return rng.uniform(-2, 2, size=shape).astype(np.float32)


def same(found, wanted):
    assert isinstance(found, ndl.Tensor)
    np.testing.assert_array_equal(found.numpy(), wanted, strict=True)


def check(rng, function, values, moves, shape):
    """`function` of a tensor of these values, and its gradient.

    moves: pairs of places: the element at the first is found at the second, in a result of this shape; what is not
        named is 0
    """
    wanted, out_grad, adjoint = np.zeros(shape, np.float32), numbers(rng, *shape), np.zeros_like(values)
    for source, target in moves:
        wanted[target] = values[source]
        adjoint[source] = out_grad[target]
    a = ndl.Tensor(values, dtype="float32")
    out = function(a)
    same(out, wanted)
    out.backward(ndl.Tensor(out_grad, dtype="float32"))
    same(a.grad, adjoint)
    same(a, values)


def flip_moves(shape, axes):
    turned = [axis % len(shape) for axis in axes]
    for place in np.ndindex(shape):
        yield place, tuple(shape[axis] - 1 - i if axis in turned else i for axis, i in enumerate(place))


def dilate_moves(shape, axes, dilation):
    spread = [axis % len(shape) for axis in axes if axis < len(shape)]
    for place in np.ndindex(shape):
        yield place, tuple(i * (dilation + 1) if axis in spread else i for axis, i in enumerate(place))


def dilated_shape(shape, axes, dilation):
    spread = [axis % len(shape) for axis in axes if axis < len(shape)]
    return tuple(n * (dilation + 1) if axis in spread else n for axis, n in enumerate(shape))


def inserted(place, axis, i):
    """The place with one index more."""
    return (*place[:axis], i, *place[axis:])


# tanh


@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (2, 3, 2)], ids=str)
def test_tanh(rng, shape):
    values = rng.uniform(-3, 3, size=shape)
    wanted = 1 - 2 / (np.exp(2 * values) + 1)
    np.testing.assert_allclose(ndl.tanh(ndl.Tensor(values)).numpy(), wanted, rtol=1e-5, atol=1e-6)
    check_gradients(ndl.tanh, [values], order=1)


def test_tanh_of_large_numbers():
    """Where an exponential would overflow, tanh is 1 or -1, and flat."""
    a = ndl.Tensor([-1e6, -200.0, 200.0, 1e6])
    out = ndl.tanh(a)
    out.backward()
    assert out.numpy().tolist() == [-1, -1, 1, 1]
    assert a.grad.numpy().tolist() == [0, 0, 0, 0]


def test_tanh_in_a_function(rng):
    check_gradients(lambda a, b: ndl.tanh(a * b) * ndl.tanh(b), [numbers(rng, 2, 3), numbers(rng, 2, 3)], order=1)


# stack and split


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 2), (2, 3, 4)], ids=str)
def test_stack(rng, shape, count):
    """Along every axis, the new last one included; each array is given its own part of the adjoint."""
    for axis in range(len(shape) + 1):
        arrays = [numbers(rng, *shape) for _ in range(count)]
        whole = (*shape[:axis], count, *shape[axis:])
        wanted, out_grad = np.zeros(whole, np.float32), numbers(rng, *whole)
        adjoints = np.zeros((count, *shape), np.float32)
        for i, values in enumerate(arrays):
            for place in np.ndindex(*shape):
                wanted[inserted(place, axis, i)] = values[place]
                adjoints[(i, *place)] = out_grad[inserted(place, axis, i)]
        inputs = [ndl.Tensor(values, dtype="float32") for values in arrays]
        out = ndl.stack(inputs, axis)
        same(out, wanted)
        out.backward(ndl.Tensor(out_grad, dtype="float32"))
        for tensor, adjoint in zip(inputs, adjoints, strict=True):
            same(tensor.grad, adjoint)


def test_stack_of_a_tuple_of_tensors(rng):
    a, b = (ndl.Tensor(numbers(rng, 2, 3)) for _ in range(2))
    for args in ((a, b), ndl.make_tuple(a, b)):
        same(ndl.stack(args, 1), np.stack([a.numpy(), b.numpy()], 1))


def test_one_tensor_several_times_in_a_stack(rng):
    """Its gradient is the sum of what it is given at each place."""
    a, out_grad = ndl.Tensor(numbers(rng, 2, 3)), numbers(rng, 2, 3, 3)
    ndl.stack([a, a, a], 1).backward(ndl.Tensor(out_grad))
    np.testing.assert_allclose(a.grad.numpy(), out_grad[:, 0] + out_grad[:, 1] + out_grad[:, 2], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(3,), (3, 4), (3, 3), (2, 3, 4), (2, 1, 3)], ids=str)
def test_split(rng, shape):
    """As many parts as the axis is long, without the axis."""
    for axis in range(len(shape)):
        values = numbers(rng, *shape)
        parts = ndl.split(ndl.Tensor(values, dtype="float32"), axis)
        assert len(parts.tuple()) == shape[axis]
        for i, part in enumerate(parts.tuple()):
            wanted = np.zeros(shape[:axis] + shape[axis + 1 :], np.float32)
            for place in np.ndindex(wanted.shape):
                wanted[place] = values[inserted(place, axis, i)]
            same(part, wanted)


@pytest.mark.parametrize("shape", [(3, 4), (3, 3), (2, 3, 4), (3, 3, 3)], ids=str)
def test_split_along_one_axis_and_stack_along_another(rng, shape):
    for first in range(len(shape)):
        for second in range(len(shape)):
            rest = shape[:first] + shape[first + 1 :]
            moves = [
                (inserted(place, first, i), inserted(place, second, i))
                for place in np.ndindex(*rest)
                for i in range(shape[first])
            ]
            check(
                rng,
                lambda a, first=first, second=second: ndl.stack(ndl.split(a, first), second),
                numbers(rng, *shape),
                moves,
                inserted(rest, second, shape[first]),
            )


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_gradients_of_some_parts(rng, axis):
    """A part that nobody uses has a gradient of 0, and one that is used twice the sum."""
    a, factors = ndl.Tensor(numbers(rng, 4, 4, 4)), [numbers(rng, 4, 4) for _ in range(3)]
    parts = ndl.split(a, axis).tuple()
    used = [part * ndl.Tensor(factor) for part, factor in zip((parts[1], parts[3], parts[1]), factors, strict=True)]
    (used[0] + used[1] + used[2]).backward()
    wanted = np.zeros((4, 4, 4), np.float32)
    for i, factor in zip((1, 3, 1), factors, strict=True):
        for place in np.ndindex(4, 4):
            wanted[inserted(place, axis, i)] += factor[place]
    np.testing.assert_allclose(a.grad.numpy(), wanted, rtol=1e-5, atol=1e-6)


# flip


@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 1), (2, 0), (0, 1, 2)], ids=str)
def test_flip(rng, axes):
    shape = (2, 3, 4)
    check(rng, lambda a: ndl.flip(a, axes), numbers(rng, *shape), flip_moves(shape, axes), shape)


def test_flip_all_axes(rng):
    check(rng, ndl.flip, numbers(rng, 2, 3, 4), flip_moves((2, 3, 4), (0, 1, 2)), (2, 3, 4))


def test_flip_in_a_function(rng):
    check_gradients(lambda a: ndl.flip(a * a, (1,)) * ndl.flip(a, (0, 1)), [numbers(rng, 2, 3)], order=1)


# dilate and undilate


@pytest.mark.parametrize("dilation", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("shape", "axes"),
    [((3,), (0,)), ((2, 3), (0,)), ((2, 3), (1,)), ((2, 3), (1, 0)), ((1, 3, 2), (0, 2)), ((2, 2, 3, 2), (1, 2))],
    ids=str,
)
def test_dilate_and_undilate(rng, shape, axes, dilation):
    moves, larger = list(dilate_moves(shape, axes, dilation)), dilated_shape(shape, axes, dilation)
    check(rng, lambda a: ndl.dilate(a, axes, dilation), numbers(rng, *shape), moves, larger)
    back = [(target, source) for source, target in moves]
    check(rng, lambda a: ndl.undilate(a, axes, dilation), numbers(rng, *larger), back, shape)


def test_zeros_come_after_each_element():
    rows = ndl.Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert ndl.dilate(rows, (1,), 1).numpy().tolist() == [[1, 0, 2, 0], [3, 0, 4, 0]]
    assert ndl.dilate(rows, (0,), 1).numpy().tolist() == [[1, 2], [0, 0], [3, 4], [0, 0]]
    assert ndl.dilate(rows, (1,), 2).numpy().tolist() == [[1, 0, 0, 2, 0, 0], [3, 0, 0, 4, 0, 0]]


def test_undilate_takes_the_first_of_those_that_belong_together():
    rows = ndl.Tensor([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])
    assert ndl.undilate(rows, (1,), 1).numpy().tolist() == [[1, 3, 5]]
    assert ndl.undilate(rows, (1,), 2).numpy().tolist() == [[1, 4]]


@pytest.mark.parametrize("axes", [(2,), (1, 2), (0, 5), ()], ids=str)
def test_axes_that_are_not_there_are_ignored(rng, axes):
    """So that the same axes do for images and for what has none."""
    shape, moves = (2, 3), list(dilate_moves((2, 3), axes, 1))
    larger = dilated_shape(shape, axes, 1)
    check(rng, lambda a: ndl.dilate(a, axes, 1), numbers(rng, *shape), moves, larger)
    check(rng, lambda a: ndl.undilate(a, axes, 1), numbers(rng, *larger), [pair[::-1] for pair in moves], shape)


# All of them


@pytest.mark.parametrize("axis", [-1, -2, -3])
def test_negative_axes_are_counted_from_the_end(rng, axis):
    shape = (2, 4, 6)
    check(rng, lambda a: ndl.flip(a, (axis,)), numbers(rng, *shape), flip_moves(shape, (axis,)), shape)
    moves, larger = list(dilate_moves(shape, (axis,), 1)), dilated_shape(shape, (axis,), 1)
    check(rng, lambda a: ndl.dilate(a, (axis,), 1), numbers(rng, *shape), moves, larger)
    check(rng, lambda a: ndl.undilate(a, (axis,), 1), numbers(rng, *larger), [pair[::-1] for pair in moves], shape)
    check(
        rng,
        lambda a: ndl.stack(ndl.split(a, axis), axis),
        numbers(rng, *shape),
        [(place, place) for place in np.ndindex(shape)],
        shape,
    )
    a = ndl.Tensor(numbers(rng, 2, 3))
    same(ndl.stack([a, a, a, a], axis), np.stack([a.numpy()] * 4, axis))


def test_arguments_that_are_views(rng):
    """An argument whose elements do not lie in order in its buffer, which has others before them."""
    values = numbers(rng, 5, 2, 6)
    array = ndl.Tensor(values, dtype="float32").realize_cached_data()
    across, wanted = ndl.Tensor.make_const(array[1:].transpose((2, 1, 0))), values[1:].transpose(2, 1, 0)
    same(ndl.stack([across, across], 1), np.stack([wanted, wanted], 1))
    same(ndl.split(across, 2)[1], wanted[:, :, 1])
    same(ndl.flip(across, (0, 2)), wanted[::-1, :, ::-1])
    same(ndl.undilate(across, (0, 2), 1), wanted[::2, :, ::2])
    spread = ndl.dilate(across, (0,), 1)
    same(ndl.undilate(spread, (0,), 1), wanted)
    assert not spread.numpy()[1::2].any()


def submit_ops_images() -> None:
    """Results and gradients of tanh, stack, split, flip, dilate and undilate"""
    np.random.seed(43)
    a, b = (ndl.Tensor(np.random.randn(4, 6), dtype="float32") for _ in range(2))
    for out in (
        ndl.tanh(a),
        ndl.stack([a, b], 1),
        ndl.stack(ndl.split(a, 1), 0),
        ndl.flip(a, (0, 1)),
        ndl.dilate(a, (0, 1), 2),
        ndl.undilate(a, (1,), 1),
    ):
        mugrade.submit(out.numpy())
        out.backward(ndl.Tensor(np.random.rand(*out.shape), dtype="float32"))
        mugrade.submit(a.grad.numpy())
