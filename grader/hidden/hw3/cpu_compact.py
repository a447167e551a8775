"""Hidden cases of hw3, cpu_compact: views copied to compact arrays, and views written to, by the kernels alone."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import backend_ndarray as nd

CPU = nd.cpu()


def put(values):
    array = CPU.Array(values.size)
    CPU.from_numpy(values, array)
    return array


def get(array):
    return CPU.to_numpy(array, (array.size,), (1,), 0)


def numbers(*shape):
    return np.random.uniform(-3, 3, size=shape).astype(np.float32)


def described(memory, view):
    """Shape, strides and offset, counted in elements, of a NumPy view of the memory."""
    start = view.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    return view.shape, tuple(stride // 4 for stride in view.strides), start // 4


def any_view(ndim):
    """Larger memory, and a view of a part of it in which all sizes, steps, directions and the order of axes vary."""
    lengths, steps = np.random.randint(1, 5 if ndim < 5 else 3, size=ndim), np.random.randint(1, 4, size=ndim)
    memory = numbers(*(lengths * steps + np.random.randint(0, 3, size=ndim)))
    view = memory[tuple(slice(-length * step, None, step) for length, step in zip(lengths, steps, strict=True))]
    view = view[tuple(slice(None, None, direction) for direction in np.random.choice([-1, 1], size=ndim))]
    return memory, view.transpose(np.random.permutation(ndim))


def hand_over_compact(memory, view, step=1) -> None:
    out = CPU.Array(view.size)
    CPU.compact(put(memory), out, *described(memory, view))
    mugrade.submit(get(out)[::step])


def hand_over_ewise_setitem(memory, view, step=1) -> None:
    """All of the memory, so that what is not of the view shows as well."""
    array = put(memory)
    CPU.ewise_setitem(put(numbers(view.size)), array, *described(memory, view))
    mugrade.submit(get(array)[::step])


def hand_over_scalar_setitem(memory, view, step=1) -> None:
    array = put(memory)
    CPU.scalar_setitem(view.size, float(np.random.uniform(4.2, 4.8)), array, *described(memory, view))
    mugrade.submit(get(array)[::step])


# What is a part of three axes, from the first to the most entangled.
PARTS = (
    np.s_[1:],
    np.s_[:, 1:3],
    np.s_[..., 2:],
    np.s_[::2, ::3],
    np.s_[1::2, 1::2, 1:5:3],
    np.s_[:2, 3:4, -1:],
    np.s_[2:3],
)
BACKWARDS = np.s_[::-1], np.s_[:, ::-1], np.s_[..., ::-1], np.s_[::-1, ::-1, ::-1], np.s_[::-2, :, 4:1:-2]
ORDERS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


def submit_compact_orders() -> None:
    """compact: axes in every order"""
    for order in ORDERS:
        memory = numbers(2, 3, 4)
        hand_over_compact(memory, memory.transpose(order))
    memory = numbers(2, 3, 4, 5)
    for order in ((3, 2, 1, 0), (1, 3, 0, 2), (0, 2, 1, 3)):
        hand_over_compact(memory, memory.transpose(order))


def submit_compact_parts() -> None:
    """compact: parts of an array, with offsets and steps"""
    for part in PARTS:
        memory = numbers(3, 5, 6)
        hand_over_compact(memory, memory[part])
        hand_over_compact(memory, memory[part].transpose(1, 2, 0))


def submit_compact_backwards() -> None:
    """compact: axes that run backwards"""
    for part in BACKWARDS:
        memory = numbers(3, 4, 5)
        hand_over_compact(memory, memory[part])
        hand_over_compact(memory, memory[part].transpose(2, 0, 1))


def submit_compact_any() -> None:
    """compact: any views of one to seven axes, and long ones"""
    for ndim in (1, 2, 3, 4, 5, 6, 7):
        hand_over_compact(*any_view(ndim))
        hand_over_compact(*any_view(ndim))
    memory = numbers(2, 40_000)
    hand_over_compact(memory, memory.T, step=97)
    hand_over_compact(memory, memory[::-1, 70:39_000], step=89)


def submit_ewise_setitem_orders() -> None:
    """ewise_setitem: axes in every order"""
    for order in ORDERS:
        memory = numbers(2, 3, 4)
        hand_over_ewise_setitem(memory, memory.transpose(order))
    memory = numbers(2, 3, 4, 5)
    for order in ((3, 2, 1, 0), (1, 3, 0, 2), (0, 2, 1, 3)):
        hand_over_ewise_setitem(memory, memory.transpose(order))


def submit_ewise_setitem_parts() -> None:
    """ewise_setitem: parts of an array, with offsets and steps"""
    for part in PARTS:
        memory = numbers(3, 5, 6)
        hand_over_ewise_setitem(memory, memory[part])
        hand_over_ewise_setitem(memory, memory[part].transpose(1, 2, 0))


def submit_ewise_setitem_backwards() -> None:
    """ewise_setitem: axes that run backwards"""
    for part in BACKWARDS:
        memory = numbers(3, 4, 5)
        hand_over_ewise_setitem(memory, memory[part])
        hand_over_ewise_setitem(memory, memory[part].transpose(2, 0, 1))


def submit_ewise_setitem_any() -> None:
    """ewise_setitem: any views of one to seven axes, and long ones"""
    for ndim in (1, 2, 3, 4, 5, 6, 7):
        hand_over_ewise_setitem(*any_view(ndim))
        hand_over_ewise_setitem(*any_view(ndim))
    memory = numbers(2, 40_000)
    hand_over_ewise_setitem(memory, memory.T, step=97)
    hand_over_ewise_setitem(memory, memory[::-1, 70:39_000], step=89)


def submit_scalar_setitem_orders() -> None:
    """scalar_setitem: axes in every order"""
    for order in ORDERS:
        memory = numbers(2, 3, 4)
        hand_over_scalar_setitem(memory, memory.transpose(order))
    memory = numbers(2, 3, 4, 5)
    for order in ((3, 2, 1, 0), (1, 3, 0, 2), (0, 2, 1, 3)):
        hand_over_scalar_setitem(memory, memory.transpose(order))


def submit_scalar_setitem_parts() -> None:
    """scalar_setitem: parts of an array, with offsets and steps"""
    for part in PARTS:
        memory = numbers(3, 5, 6)
        hand_over_scalar_setitem(memory, memory[part])
        hand_over_scalar_setitem(memory, memory[part].transpose(1, 2, 0))


def submit_scalar_setitem_backwards() -> None:
    """scalar_setitem: axes that run backwards"""
    for part in BACKWARDS:
        memory = numbers(3, 4, 5)
        hand_over_scalar_setitem(memory, memory[part])
        hand_over_scalar_setitem(memory, memory[part].transpose(2, 0, 1))


def submit_scalar_setitem_any() -> None:
    """scalar_setitem: any views of one to seven axes, and long ones"""
    for ndim in (1, 2, 3, 4, 5, 6, 7):
        hand_over_scalar_setitem(*any_view(ndim))
        hand_over_scalar_setitem(*any_view(ndim))
    memory = numbers(2, 40_000)
    hand_over_scalar_setitem(memory, memory.T, step=97)
    hand_over_scalar_setitem(memory, memory[::-1, 70:39_000], step=89)


def submit_compact_repeated() -> None:
    """compact: axes that are repeated"""
    for old, new in (((1,), (5,)), ((3, 1), (3, 4)), ((1, 4), (3, 4)), ((2, 1, 3), (2, 4, 3)), ((1, 3, 1), (4, 3, 2))):
        memory = numbers(*old)
        hand_over_compact(memory, np.broadcast_to(memory, new))
    memory = numbers(5, 6)
    hand_over_compact(memory, np.broadcast_to(memory[2:3, 1::2], (4, 3)))


def submit_axes_of_size_one() -> None:
    """All three: axes of size 1, whose stride leads nowhere"""
    for stride in (2**31 - 1, -(2**31), 0):
        for shape, strides in (((1, 2, 3), (stride, 1, 2)), ((2, 1, 3), (1, stride, 2)), ((2, 3, 1), (-1, 2, stride))):
            offset = 2 if strides[0] == -1 else 1
            out, array = CPU.Array(6), put(numbers(8))
            CPU.compact(put(numbers(8)), out, shape, strides, offset)
            mugrade.submit(get(out))
            CPU.ewise_setitem(out, array, shape, strides, offset)
            mugrade.submit(get(array))
            CPU.scalar_setitem(6, 0.5, array, shape, strides, offset)
            mugrade.submit(get(array))
