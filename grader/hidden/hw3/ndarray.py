"""Hidden cases of hw3, ndarray: views, by what they hold, how they are laid out and whose memory they show."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import backend_ndarray as nd

# The part is about shapes and strides alone: no module of kernels is needed.
DEVICE = nd.cpu_numpy()


def array(*shape):
    return nd.array(np.random.randn(*shape), device=DEVICE)


def strided(*shape):
    """An array that has an offset and other strides than a new one's: every second element of a larger transpose."""
    whole = np.random.randn(*(2 * size + 1 for size in reversed(shape))).astype(np.float32)
    strides = [stride // 2 for stride in whole.strides[::-1]]  # 4 bytes an element, and every second one
    handle = nd.array(whole, device=DEVICE)._handle
    return nd.NDArray.make(shape, strides=strides, device=DEVICE, handle=handle, offset=sum(strides) // 2)


def submit_view(view, base) -> None:
    """The shape; strides where there is more than one element on an axis; the place in base's memory; what is there."""
    mugrade.submit(view.shape)
    mugrade.submit(tuple(stride if size > 1 else None for size, stride in zip(view.shape, view.strides, strict=True)))
    mugrade.submit((int(view._handle.ptr()) - int(base._handle.ptr()), view._offset if view.size else None))
    mugrade.submit(view.numpy())


def error(function, *arguments):
    """Which of the two errors of the contract a call raises, if it raises one."""
    try:
        function(*arguments)
    except (ValueError, AssertionError) as raised:
        return "ValueError" if isinstance(raised, ValueError) else "AssertionError"
    return "no error"


def submit_reshape() -> None:
    """reshape: to more axes and to fewer, of the same elements"""
    base = array(4, 6)
    for shape in ((24,), (6, 4), (2, 3, 4), (2, 1, 12), (3, 2, 2, 2), (1, 24), (4, 6)):
        submit_view(base.reshape(shape), base)
    submit_view(base.reshape((8, 3)).reshape((2, 4, 3)), base)


def submit_reshape_special() -> None:
    """reshape: a size that is left to be found, no axes, no elements"""
    base = array(2, 3, 4)
    for shape in ((-1,), (6, -1), (2, -1, 2)):
        submit_view(base.reshape(shape), base)
    one, none = array(1, 1), array(3, 0)
    for shape in ((), (1,)):
        submit_view(one.reshape(shape), one)
    submit_view(none.reshape((0, 5)), none)


def submit_reshape_refused() -> None:
    """reshape: that it refuses other numbers of elements, and arrays that are not compact, and how"""
    base = array(3, 4)
    for shape in ((11,), (13,), (2, 5), (4, 4), (6, 4), (12, 2), (1,), (5, -1)):
        mugrade.submit(error(base.reshape, shape))
    for view in (strided(3, 4), strided(6), strided(2, 2, 3)):
        mugrade.submit(error(view.reshape, (view.size,)))
    repeated = nd.NDArray.make((3, 4), strides=(0, 1), device=DEVICE, handle=array(4)._handle)
    mugrade.submit(error(repeated.reshape, (4, 3)))


def submit_permute() -> None:
    """permute: several orders of two to five axes"""
    for order in ((1, 0), (1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 0, 3, 1), (0, 3, 1, 2), (3, 1, 4, 0, 2), (0, 1, 2)):
        base = array(*range(2, 2 + len(order)))
        submit_view(base.permute(order), base)


def submit_permute_strided() -> None:
    """permute: arrays that have an offset and strides of their own"""
    for order in ((0,), (1, 0), (1, 2, 0), (2, 0, 1), (3, 0, 1, 2), (1, 3, 0, 2)):
        base = strided(*range(2, 2 + len(order)))
        submit_view(base.permute(order), base)
        submit_view(base.permute(order).permute(order), base)


def submit_broadcast() -> None:
    """broadcast_to: one axis, several, none"""
    for old, new in (
        ((1,), (4,)),
        ((3, 1), (3, 4)),
        ((1, 4), (3, 4)),
        ((1, 1), (2, 5)),
        ((2, 1, 4), (2, 3, 4)),
        ((1, 3, 1), (2, 3, 4)),
        ((2, 3), (2, 3)),
        ((1, 3, 1, 2), (4, 3, 5, 2)),
    ):
        base = array(*old)
        submit_view(base.broadcast_to(new), base)


def submit_broadcast_strided() -> None:
    """broadcast_to: arrays that have an offset and strides of their own"""
    for old, new in (((1,), (4,)), ((3, 1), (3, 4)), ((1, 4), (3, 4)), ((3, 1, 2), (3, 5, 2)), ((2, 3), (2, 3))):
        base = strided(*old)
        submit_view(base.broadcast_to(new), base)


def submit_broadcast_refused() -> None:
    """broadcast_to: that it refuses sizes that do not fit, and how"""
    for old, new in (
        ((2, 3), (2, 4)),
        ((2, 3), (4, 3)),
        ((2, 3), (2, 6)),
        ((1, 3), (5, 4)),
        ((4, 1), (2, 3)),
        ((3,), (1,)),
        ((2, 3, 4), (2, 3, 8)),
    ):
        mugrade.submit(error(array(*old).broadcast_to, new))


def submit_getitem() -> None:
    """Indexing: slices with starts, stops and steps"""
    base = array(5, 7)
    for index in (
        np.s_[1:4, 2:6],
        np.s_[2:, :3],
        np.s_[:, :],
        np.s_[::2, ::3],
        np.s_[1:5:2, 1:6:2],
        np.s_[:4:3, 3::2],
        np.s_[0:4:2, 0:7:4],
        np.s_[2:5],
    ):
        submit_view(base[index], base)


def submit_getitem_numbers() -> None:
    """Indexing: numbers and slices counted from either end, and slices without elements"""
    base = array(4, 5, 6)
    for index in (
        np.s_[2, 3, 4],
        np.s_[-1, -2, -3],
        np.s_[1],
        np.s_[1:3, 2],
        np.s_[:, -1, 1:],
        np.s_[-3:-1, -4:, :-2],
        np.s_[-2:, 0, ::2],
        np.s_[3:1, :, 2:2],
    ):
        submit_view(base[index], base)


def submit_getitem_strided() -> None:
    """Indexing: arrays that have an offset and strides of their own, and views of views"""
    for shape, index in (
        ((6,), np.s_[2:5]),
        ((7,), np.s_[1::2]),
        ((5, 6), np.s_[1:, 2::3]),
        ((4, 5, 3), np.s_[1:3, ::2, 1:]),
        ((3, 4, 5, 2), np.s_[:, 1, 1:5:3, -1]),
    ):
        base = strided(*shape)
        submit_view(base[index], base)
    base = array(8, 9)
    submit_view(base[1:, 2:][2:, ::2][1:4, 1:3], base)


def submit_chains() -> None:
    """Views of views of views, of every kind"""
    base = array(5, 1, 4, 6)
    submit_view(base[1:, :, ::2].permute((2, 0, 3, 1)).broadcast_to((2, 4, 6, 3))[:, 1:3, ::2], base)
    submit_view(base.permute((3, 1, 0, 2))[2:, :, 1].broadcast_to((4, 3, 1, 4)).permute((1, 3, 2, 0)), base)
    submit_view(base.reshape((5, 8, 3)).permute((1, 0, 2))[1::3, -2:].permute((2, 0, 1)), base)


def submit_array_itself() -> None:
    """What the array itself is after views of it were made, and what a view shows after the array was filled"""
    for make in (
        lambda a: a.reshape((6, 2)),
        lambda a: a.permute((2, 0, 1)),
        lambda a: a.broadcast_to((3, 5, 4)),
        lambda a: a[1:, :, ::2],
    ):
        base = array(3, 1, 4)
        view = make(base)
        submit_view(base, view)
        base.fill(np.random.uniform(1, 2))
        mugrade.submit(view.numpy())
