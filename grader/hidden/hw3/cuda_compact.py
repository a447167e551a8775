"""Hidden cases of hw3, cuda_compact: views copied to compact arrays, and views written to, by CUDA kernels."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import backend_ndarray as nd

CUDA = nd.cuda()


def put(values):
    array = CUDA.Array(values.size)
    CUDA.from_numpy(values, array)
    return array


def get(array):
    return CUDA.to_numpy(array, (array.size,), (1,), 0)


def numbers(*shape):
    return np.random.uniform(-3, 3, size=shape).astype(np.float32)


def described(memory, view):
    """Shape, strides and offset, counted in elements, of a NumPy view of the memory."""
    start = view.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    return view.shape, tuple(stride // 4 for stride in view.strides), start // 4


def any_view(ndim):
    """Larger memory, and a view of a part of it in which all sizes, steps, directions and the order of axes vary."""
    few = ndim > 4
    lengths, steps = np.random.randint(1, 3 if few else 6, size=ndim), np.random.randint(1, 3 if few else 4, size=ndim)
    memory = numbers(*(lengths * steps + np.random.randint(0, 2 if few else 3, size=ndim)))
    view = memory[tuple(slice(-length * step, None, step) for length, step in zip(lengths, steps, strict=True))]
    view = view[tuple(slice(None, None, direction) for direction in np.random.choice([-1, 1], size=ndim))]
    return memory, view.transpose(np.random.permutation(ndim))


def hand_over_compact(memory, view, step=1) -> None:
    out = CUDA.Array(view.size)
    CUDA.compact(put(memory), out, *described(memory, view))
    mugrade.submit(get(out)[::step])


def hand_over_ewise_setitem(memory, view, step=1) -> None:
    """All of the memory, so that what is not of the view shows as well."""
    array = put(memory)
    CUDA.ewise_setitem(put(numbers(view.size)), array, *described(memory, view))
    mugrade.submit(get(array)[::step])


def hand_over_scalar_setitem(memory, view, step=1) -> None:
    array = put(memory)
    CUDA.scalar_setitem(view.size, float(np.random.uniform(4.2, 4.8)), array, *described(memory, view))
    mugrade.submit(get(array)[::step])


ORDERS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
PARTS = (
    np.s_[1:],
    np.s_[:, 1:3],
    np.s_[..., 2:],
    np.s_[::2, ::3],
    np.s_[1::2, 1::2, 1:5:3],
    np.s_[:2, 3:4, -1:],
    np.s_[::-1],
    np.s_[:, ::-1],
    np.s_[..., ::-1],
    np.s_[::-2, :, 4:1:-2],
)


def small_views():
    """Of a few elements: axes in every order, parts with offsets and steps, forwards and backwards."""
    for order in ORDERS:
        memory = numbers(2, 3, 4)
        yield memory, memory.transpose(order)
    for part in PARTS:
        for order in ((0, 1, 2), (1, 2, 0)):
            memory = numbers(3, 5, 6)
            yield memory, memory[part].transpose(order)


def views_of_many_axes():
    """Of one to eight axes."""
    for ndim in (1, 2, 3, 4, 5, 6, 7, 8):
        yield any_view(ndim)
        yield any_view(ndim)
    memory = numbers(*(2,) * 8)
    yield memory, memory.transpose(np.random.permutation(8))


def views_of_many_elements():
    """Of a block's number of threads, of one more or less, and of many blocks."""
    for size in (255, 256, 257, 511, 512, 513):
        memory = numbers(size + 20)
        yield memory, memory[20:]
        yield memory, memory[size - 1 :: -1]
    memory = numbers(9, 11, 13)
    for order in ORDERS:
        yield memory, memory.transpose(order)
        yield memory, memory[1:, ::-1, 2:].transpose(order)


def long_views():
    """Of more elements than 16 bits can count, and of few that lie far apart."""
    memory = numbers(2, 40_000)
    yield memory, memory.T
    yield memory, memory[::-1, 70:39_000]
    yield memory, memory[:, 39_990:4:-100]


def submit_compact() -> None:
    """compact: axes in every order, parts, steps, backwards"""
    for memory, view in small_views():
        hand_over_compact(memory, view)


def submit_compact_axes() -> None:
    """compact: any views of one to eight axes"""
    for memory, view in views_of_many_axes():
        hand_over_compact(memory, view)


def submit_compact_blocks() -> None:
    """compact: views of about a block's number of elements, and of several blocks"""
    for memory, view in views_of_many_elements():
        hand_over_compact(memory, view)


def submit_compact_long() -> None:
    """compact: long axes, and elements far apart"""
    for memory, view in long_views():
        hand_over_compact(memory, view, step=97)


def submit_compact_repeated() -> None:
    """compact: axes that are repeated"""
    for old, new in (((1,), (5,)), ((3, 1), (3, 4)), ((1, 4), (3, 4)), ((2, 1, 3), (2, 4, 3)), ((1, 7, 1), (9, 7, 8))):
        memory = numbers(*old)
        hand_over_compact(memory, np.broadcast_to(memory, new))
    memory = numbers(5, 6)
    hand_over_compact(memory, np.broadcast_to(memory[2:3, 1::2], (100, 3)))


def submit_ewise_setitem() -> None:
    """ewise_setitem: axes in every order, parts, steps, backwards"""
    for memory, view in small_views():
        hand_over_ewise_setitem(memory, view)


def submit_ewise_setitem_axes() -> None:
    """ewise_setitem: any views of one to eight axes"""
    for memory, view in views_of_many_axes():
        hand_over_ewise_setitem(memory, view)


def submit_ewise_setitem_blocks() -> None:
    """ewise_setitem: views of about a block's number of elements, and of several blocks"""
    for memory, view in views_of_many_elements():
        hand_over_ewise_setitem(memory, view)


def submit_ewise_setitem_long() -> None:
    """ewise_setitem: long axes, and elements far apart"""
    for memory, view in long_views():
        hand_over_ewise_setitem(memory, view, step=97)


def submit_scalar_setitem() -> None:
    """scalar_setitem: axes in every order, parts, steps, backwards"""
    for memory, view in small_views():
        hand_over_scalar_setitem(memory, view)


def submit_scalar_setitem_axes() -> None:
    """scalar_setitem: any views of one to eight axes"""
    for memory, view in views_of_many_axes():
        hand_over_scalar_setitem(memory, view)


def submit_scalar_setitem_blocks() -> None:
    """scalar_setitem: views of about a block's number of elements, and of several blocks"""
    for memory, view in views_of_many_elements():
        hand_over_scalar_setitem(memory, view)


def submit_scalar_setitem_long() -> None:
    """scalar_setitem: long axes, and elements far apart"""
    for memory, view in long_views():
        hand_over_scalar_setitem(memory, view, step=97)


def submit_axes_of_size_one() -> None:
    """All three: axes of size 1, whose stride leads nowhere"""
    for stride in (2**31 - 1, -(2**31), 0):
        for shape, strides in (((1, 2, 3), (stride, 1, 2)), ((2, 1, 3), (1, stride, 2)), ((2, 3, 1), (-1, 2, stride))):
            offset = 2 if strides[0] == -1 else 1
            out, array = CUDA.Array(6), put(numbers(8))
            CUDA.compact(put(numbers(8)), out, shape, strides, offset)
            mugrade.submit(get(out))
            CUDA.ewise_setitem(out, array, shape, strides, offset)
            mugrade.submit(get(array))
            CUDA.scalar_setitem(6, 0.5, array, shape, strides, offset)
            mugrade.submit(get(array))
