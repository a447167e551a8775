"""Hidden cases of hw4, ops_images: operators that move numbers, and tanh; results and gradients."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np


def tensor(*shape, low=-2.0, high=2.0):
    return ndl.Tensor(np.random.uniform(low, high, size=shape), dtype="float32")


def submit_gradients(out, *inputs):
    """The gradients of `out` times random numbers."""
    out.backward(tensor(*out.shape))
    for each in inputs:
        mugrade.submit(each.grad.numpy())


def submit_tanh() -> None:
    """tanh: results"""
    for shape in ((7,), (3, 4), (2, 3, 2)):
        mugrade.submit(ndl.tanh(tensor(*shape, low=-3, high=3)).numpy())


def submit_tanh_gradient() -> None:
    """tanh: gradients, also of functions of it"""
    for shape in ((6,), (2, 5)):
        a = tensor(*shape)
        submit_gradients(ndl.tanh(a), a)
        submit_gradients(ndl.tanh(ndl.tanh(a) * a), a)


def submit_tanh_far_out() -> None:
    """tanh: large numbers, and gradients there"""
    for size in (30.0, 200.0, 1e6):
        a = ndl.Tensor(size * np.random.choice([-1.0, 1.0], size=(2, 3)) + np.random.uniform(-1, 1, size=(2, 3)))
        out = ndl.tanh(a)
        mugrade.submit(out.numpy())
        submit_gradients(out, a)


def submit_stack() -> None:
    """stack: arrays with one to three axes, along a new first axis, in between and last"""
    for shape in ((4,), (2, 3), (3, 2, 4)):
        for axis in range(len(shape) + 1):
            mugrade.submit(ndl.stack([tensor(*shape) for _ in range(3)], axis).numpy())


def submit_stack_of_few() -> None:
    """stack: one array, two, and one several times; given as a tuple of tensors"""
    for axis in (0, 1, 2):
        one, other = tensor(2, 2), tensor(2, 2)
        mugrade.submit(ndl.stack([one], axis).numpy())
        mugrade.submit(ndl.stack((other, one), axis).numpy())
        mugrade.submit(ndl.stack(ndl.make_tuple(one, other, one), axis).numpy())


def submit_stack_gradient() -> None:
    """stack: gradients of each array, along each axis"""
    for shape in ((3,), (2, 3), (2, 2), (3, 3, 3)):
        for axis in range(len(shape) + 1):
            inputs = [tensor(*shape) for _ in range(3)]
            submit_gradients(ndl.stack(inputs, axis), *inputs)


def submit_split() -> None:
    """split: along each axis of arrays with two and three: how many parts, and each of them"""
    for shape in ((3, 4), (4, 2), (2, 3, 4), (3, 1, 2)):
        for axis in range(len(shape)):
            parts = ndl.split(tensor(*shape), axis)
            mugrade.submit(len(parts.tuple()))
            for part in parts.tuple():
                mugrade.submit(part.numpy())


def submit_split_gradient() -> None:
    """split: gradients where all parts are used, some, or one twice"""
    for shape in ((3, 4), (4, 4), (3, 3, 3)):
        for axis in range(len(shape)):
            a = tensor(*shape)
            parts = ndl.split(a, axis).tuple()
            submit_gradients(sum((part * tensor(*part.shape) for part in parts[1:]), parts[0]), a)
            submit_gradients(parts[1] * parts[-1] + parts[1], a)


def submit_split_and_stack() -> None:
    """split and stack: arrays taken apart along one axis and put together along another, and gradients"""
    for shape in ((3, 4), (3, 3), (2, 3, 2)):
        for first in range(len(shape)):
            for second in range(len(shape)):
                a = tensor(*shape)
                out = ndl.stack(ndl.split(a, first), second)
                mugrade.submit(out.numpy())
                submit_gradients(out, a)


def submit_flip() -> None:
    """flip: one axis, several, all; results and gradients"""
    for axes in ((0,), (1,), (2,), (0, 1), (2, 1), (0, 1, 2), None):
        a = tensor(2, 3, 4)
        out = ndl.flip(a, axes)
        mugrade.submit(out.numpy())
        submit_gradients(out, a)


def submit_flip_in_functions() -> None:
    """flip: of a product, in a product and twice; gradients"""
    for axes in ((0,), (1, 2)):
        a = tensor(2, 3, 3)
        submit_gradients(ndl.flip(a * a, axes), a)
        submit_gradients(ndl.flip(a, axes) * a, a)
        submit_gradients(ndl.flip(ndl.flip(a, axes), (1,)), a)


def submit_dilate() -> None:
    """dilate: one axis, several, all"""
    for shape, axes in (((4,), (0,)), ((2, 3), (0,)), ((2, 3), (1,)), ((3, 2), (0, 1)), ((2, 3, 2, 1), (1, 2))):
        for dilation in (1, 2, 3):
            mugrade.submit(ndl.dilate(tensor(*shape), axes, dilation).numpy())


def submit_dilate_by_nothing() -> None:
    """dilate and undilate: a dilation of 0, no axes, and axes that the array does not have"""
    for axes, dilation in (((0, 1), 0), ((), 2), ((2,), 1), ((1, 2, 5), 1), ((0, 3), 2)):
        a = tensor(2, 3)
        dilated = ndl.dilate(a, axes, dilation)
        mugrade.submit(dilated.numpy())
        submit_gradients(dilated, a)
        a = tensor(6, 6)
        undilated = ndl.undilate(a, axes, dilation)
        mugrade.submit(undilated.numpy())
        submit_gradients(undilated, a)


def submit_dilate_gradient() -> None:
    """dilate: gradients"""
    for axes in ((0,), (1,), (1, 2), (0, 1, 2)):
        for dilation in (1, 2):
            a = tensor(2, 3, 2)
            submit_gradients(ndl.dilate(a, axes, dilation), a)
            submit_gradients(ndl.dilate(a * a, axes, dilation), a)


def submit_undilate() -> None:
    """undilate: of any numbers, along one axis, several, all"""
    for axes in ((0,), (2,), (1, 2), (0, 1, 2)):
        for dilation in (1, 2):
            mugrade.submit(ndl.undilate(tensor(6, 6, 6), axes, dilation).numpy())
            mugrade.submit(ndl.undilate(ndl.dilate(tensor(2, 1, 3), axes, dilation), axes, dilation).numpy())


def submit_undilate_gradient() -> None:
    """undilate: gradients"""
    for axes in ((0,), (1,), (1, 2), (0, 1, 2)):
        for dilation in (1, 2):
            a = tensor(6, 6, 6)
            submit_gradients(ndl.undilate(a, axes, dilation), a)


def submit_axes_from_the_end() -> None:
    """stack, split, flip, dilate and undilate: axes counted from the end, and gradients"""
    for axis in (-1, -2, -3):
        a, b = tensor(2, 3), tensor(2, 3)
        submit_gradients(ndl.stack([a, b], axis), a, b)
        a = tensor(4, 2, 6)
        for out in (
            ndl.stack(ndl.split(a, axis), 0),
            ndl.flip(a, (axis,)),
            ndl.dilate(a, (axis,), 1),
            ndl.undilate(a, (axis,), 1),
        ):
            mugrade.submit(out.numpy())
            submit_gradients(out, a)


def submit_of_views() -> None:
    """All of them on views that have an offset and strides of their own, and what becomes of their argument"""
    whole = tensor(4, 2, 6)
    array = whole.realize_cached_data()
    for view in map(ndl.Tensor.make_const, (array.transpose((2, 1, 0)), array[::-1, :, 2:], array[:2, :, ::3])):
        mugrade.submit(ndl.tanh(view).numpy())
        mugrade.submit(ndl.stack([view, view + 1], 1).numpy())
        mugrade.submit(ndl.split(view, 1)[1].numpy())
        mugrade.submit(ndl.flip(view, (0, 2)).numpy())
        mugrade.submit(ndl.dilate(view, (0, 1), 1).numpy())
        mugrade.submit(ndl.undilate(view, (0, 2), 1).numpy())
    mugrade.submit(whole.numpy())
