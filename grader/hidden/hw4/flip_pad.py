"""Hidden cases of hw4, flip_pad: arrays flipped and padded, new ones and views, and what they are made from."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import backend_ndarray as nd


def array(*shape):
    return nd.array(np.random.randn(*shape), device=nd.default_device())


def views():
    """Arrays that have an offset, other strides than a new one's, or both; the last three are repeated or backwards."""
    return (
        array(3, 4, 5).permute((2, 0, 1)),
        array(5, 4, 6)[1:, ::2, 2:5],
        array(4, 6, 5)[2:4, 1::3].permute((1, 2, 0)),
        array(2, 1, 3).broadcast_to((2, 4, 3)),
        array(3, 5, 4)[::-1, 1:, ::-2],
        array(6, 3, 4).permute((1, 0, 2))[:2, ::-2, 1:],
    )


def submit_flip() -> None:
    """flip: one axis of arrays with one to four"""
    for shape in ((5,), (3, 4), (2, 3, 4), (2, 3, 2, 4)):
        for axis in range(len(shape)):
            mugrade.submit(array(*shape).flip((axis,)).numpy())


def submit_flip_several() -> None:
    """flip: several axes, in any order, and all of them"""
    for axes in ((0, 1), (1, 2), (2, 0), (2, 1, 0), None):
        mugrade.submit(array(2, 3, 4).flip(axes).numpy())
    for axes in ((0, 1), (1, 2), (3, 1), (0, 3, 2)):
        mugrade.submit(array(2, 3, 3, 2).flip(axes).numpy())


def submit_flip_counted() -> None:
    """flip: an axis as a number, or counted from the end; axes of size 1"""
    for axes in (0, 2, -1, -3, (-1, 0), [1, -1]):
        mugrade.submit(array(3, 2, 4).flip(axes).numpy())
    for axes in ((0,), (1,), (0, 1, 2)):
        mugrade.submit(array(1, 4, 1).flip(axes).numpy())


def submit_flip_views() -> None:
    """flip: arrays that have an offset and strides of their own"""
    for axes in ((0,), (1,), (2,), (0, 2), (0, 1, 2)):
        for view in views():
            mugrade.submit(view.flip(axes).numpy())


def submit_flip_of_rows() -> None:
    """flip: a part of one axis"""
    whole = array(12)
    for part in (whole[3:], whole[:7], whole[2:9:3], whole[::-2], whole[10:4:-1]):
        mugrade.submit(part.flip((0,)).numpy())


def submit_flip_goes_on() -> None:
    """flip: other views of a flipped array, and sums and products with it"""
    for axes in ((0,), (1, 2), (0, 1, 2)):
        base, factors = array(3, 4, 2), array(2, 5)
        flipped = base.flip(axes)
        mugrade.submit(flipped.permute((2, 0, 1)).numpy())
        mugrade.submit(flipped[1:, ::2].numpy())
        mugrade.submit((flipped + base).numpy())
        mugrade.submit(flipped.sum(axis=1).numpy())
        mugrade.submit((flipped.compact().reshape((12, 2)) @ factors).numpy())


def submit_flip_twice() -> None:
    """flip: an array that is flipped already"""
    for first, second in (((0,), (0,)), ((0,), (1,)), ((1, 2), (0, 2)), ((0, 1, 2), (1,))):
        mugrade.submit(array(3, 4, 2).flip(first).flip(second).numpy())


def submit_flip_the_array_itself() -> None:
    """flip: what the array itself is afterwards"""
    for base in (array(3, 4), array(4, 3).permute((1, 0)), array(5, 4)[1:4]):
        flipped = base.flip((0, 1))
        mugrade.submit(flipped.shape)
        mugrade.submit(base.numpy())
        mugrade.submit(base[1:].numpy())


def submit_pad() -> None:
    """pad: as many zeros before as after, for arrays with one to four axes"""
    for pairs in (((2, 2),), ((1, 1), (2, 2)), ((1, 1), (0, 0), (2, 2)), ((0, 0), (1, 1), (3, 3), (1, 1))):
        mugrade.submit(array(*range(2, 2 + len(pairs))).pad(pairs).numpy())


def submit_pad_images() -> None:
    """pad: height and width of images"""
    for width in (1, 2, 3):
        around = (width, width)
        mugrade.submit(array(2, 3, 4, 2).pad(((0, 0), around, around, (0, 0))).numpy())
        mugrade.submit(array(1, 3, 5, 5).pad(((0, 0), (0, 0), around, around)).numpy())


def submit_pad_uneven() -> None:
    """pad: more zeros on one side than on the other, and one side alone"""
    for pairs in (((1, 2), (3, 0)), ((0, 2), (0, 1)), ((2, 0), (1, 0)), ((0, 0), (4, 1)), ((3, 1), (0, 0))):
        mugrade.submit(array(3, 2).pad(pairs).numpy())
        mugrade.submit(array(2, 4, 3).pad((*pairs, (1, 3))).numpy())


def submit_pad_views() -> None:
    """pad: arrays that have an offset and strides of their own"""
    for pairs in (((1, 1), (1, 1), (1, 1)), ((0, 2), (1, 0), (2, 1)), ((1, 0), (0, 0), (0, 3))):
        for view in views():
            mugrade.submit(view.pad(pairs).numpy())


def submit_pad_goes_on() -> None:
    """pad: padded arrays padded again, cut and multiplied"""
    base, factors = array(2, 3), array(6, 4)
    padded = base.pad(((1, 0), (2, 1)))
    mugrade.submit(padded.pad(((0, 2), (1, 1))).numpy())
    mugrade.submit(padded[1:, 1:5:2].numpy())
    mugrade.submit((padded @ factors).numpy())
    mugrade.submit(padded.permute((1, 0)).pad(((0, 1), (2, 0))).numpy())


def submit_pad_the_array_itself() -> None:
    """pad: what the array itself is afterwards, and after something was written to the padded one"""
    for base in (array(3, 4), array(4, 3).permute((1, 0)), array(5, 4)[1:4]):
        padded = base.pad(((1, 2), (2, 0)))
        mugrade.submit(padded.shape)
        padded.fill(np.random.uniform(4, 5))
        mugrade.submit(base.numpy())
