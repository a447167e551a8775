"""Views copied to compact arrays and written to. NumPy reads and writes the same views, on every device.

`test_cpu_compact.py` and `test_cuda_compact.py` take these tests in and say what `device` is.
"""

import itertools

import numpy as np
import pytest
from arrays import View, get, numbers, put, random_view, same
from needle import backend_ndarray as nd


def check_compact(device, view):
    array, out = put(device, view.memory), device.Array(view.seen.size)
    device.compact(array, out, *view.arguments)
    same(get(device, array), view.memory, f"{view} is read only")
    same(get(device, out), view.seen.ravel(), str(view))


def check_ewise_setitem(device, view, rng):
    array, values = put(device, view.memory), numbers(rng, *view.seen.shape)
    device.ewise_setitem(put(device, values), array, *view.arguments)
    view.seen[...] = values
    same(get(device, array), view.memory, str(view))


def check_scalar_setitem(device, view, value=0.5):
    array = put(device, view.memory)
    device.scalar_setitem(view.seen.size, value, array, *view.arguments)
    view.seen[...] = value
    same(get(device, array), view.memory, str(view))


def check(device, view, rng):
    """All three on one view; those that write leave the rest of the memory as it is."""
    check_compact(device, view)
    check_ewise_setitem(device, view, rng)
    check_scalar_setitem(device, view)


# Any view: parts, steps, backwards, in any order of the axes.


@pytest.mark.parametrize("ndim", range(1, 8))
def test_compact(device, rng, ndim):
    for _ in range(10):
        check_compact(device, random_view(rng, ndim))


@pytest.mark.parametrize("ndim", range(1, 6))
def test_compact_of_a_repeated_axis(device, rng, ndim):
    for _ in range(5):
        check_compact(device, random_view(rng, ndim, repeat=True))


@pytest.mark.parametrize("ndim", range(1, 8))
def test_ewise_setitem(device, rng, ndim):
    for _ in range(10):
        check_ewise_setitem(device, random_view(rng, ndim), rng)


@pytest.mark.parametrize("ndim", range(1, 8))
def test_scalar_setitem(device, rng, ndim):
    for _ in range(10):
        check_scalar_setitem(device, random_view(rng, ndim), float(rng.standard_normal(dtype=np.float32)))


# Views that are special in one way

CUTS = {
    "everything": lambda x: x,
    "an offset": lambda x: x[1:],
    "an offset in a row": lambda x: x[:, 2:, 1:],
    "fewer columns": lambda x: x[..., :2],
    "steps": lambda x: x[::2, :, ::3],
    "backwards": lambda x: x[::-1, ::-1, ::-1],
    "rows backwards": lambda x: x[:, ::-1],
    "columns backwards in steps": lambda x: x[..., ::-2],
    "one element": lambda x: x[2:3, 3:4, 1:2],
    "the last element": lambda x: x[-1:, -1:, -1:],
    "axes of size 1": lambda x: x[:, None, 1:2, :, None],
    "no axes": lambda x: x[2, 3, 1, ...],
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_compact_and_setitem(device, rng, cut):
    memory = numbers(rng, 3, 4, 5)
    check(device, View(memory.reshape(-1), cut(memory)), rng)


def test_compact_and_setitem_of_every_permutation(device, rng):
    memory = numbers(rng, 2, 3, 4, 5)
    for order in itertools.permutations(range(4)):
        check(device, View(memory.reshape(-1), memory.transpose(order)), rng)


def test_compact_and_setitem_of_eight_axes(device, rng):
    """As many as an array on a GPU can have."""
    memory = numbers(rng, *(2,) * 8)
    check(device, View(memory.reshape(-1), memory.transpose(rng.permutation(8))), rng)
    check(device, View(memory.reshape(-1), memory[1:, ::-1].transpose(rng.permutation(8))), rng)


# A launch has blocks of 256 threads, of which the last ones may have no element.


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512, 513, 2000])
def test_compact_and_setitem_of_many_elements(device, rng, size):
    memory = numbers(rng, size + 7)
    check(device, View(memory, memory[7:]), rng)
    memory = numbers(rng, 3 * size)
    check(device, View(memory, memory[::-3]), rng)


def test_compact_and_setitem_of_many_rows_and_columns(device, rng):
    memory = numbers(rng, 40, 30)
    for seen in (memory.T, memory[1:, 2:].T, memory[::-1, ::2], memory[3:, 5:29]):
        check(device, View(memory.reshape(-1), seen), rng)


def test_compact_and_setitem_of_long_axes(device, rng):
    """An axis of more than 65,536 elements, forwards and backwards."""
    memory = numbers(rng, 70_000)
    check(device, View(memory, memory[::-1]), rng)
    memory = numbers(rng, 3, 40_000)
    check(device, View(memory.reshape(-1), memory.T), rng)


def test_compact_of_a_row_for_every_row(device, rng):
    memory = numbers(rng, 4)
    for shape in (3, 4), (2, 3, 4), (1, 4), (500, 1, 4):
        check_compact(device, View(memory, np.broadcast_to(memory, shape)))


def test_compact_writes_its_own_elements_only(device, rng):
    """What lies behind it in memory is another array's."""
    for size in (1, 256, 300):
        arrays = [put(device, np.full(300, 7)) for _ in range(5)]
        out = device.Array(size)
        device.compact(arrays[0], out, (size,), (1,), 0)
        same(get(device, out), np.full(size, 7))
        for array in arrays:
            same(get(device, array), np.full(300, 7))


@pytest.mark.parametrize("stride", [2**31 - 1, -(2**31), 0])
def test_compact_and_setitem_with_any_stride_of_an_axis_of_size_1(device, rng, stride):
    """There is one element on such an axis, so that its stride leads nowhere."""
    values, array, out = numbers(rng, 6), put(device, np.zeros(6)), device.Array(6)
    device.compact(put(device, values), out, (2, 1, 3), (1, stride, 2), 0)
    same(get(device, out), values.reshape(3, 2).T.ravel())
    device.ewise_setitem(out, array, (2, 1, 3), (1, stride, 2), 0)
    same(get(device, array), values)


# As NDArray calls them


def test_compact_of_an_array(device, rng):
    """`compact()` copies a view, and an array that is compact already is left alone."""
    values = numbers(rng, 3, 4)
    array = nd.array(values, device=device)
    view = nd.NDArray.make((4, 3), strides=(1, 4), device=device, handle=array._handle)
    found = view.compact()
    assert found.is_compact()
    assert found.strides == (3, 1)
    assert found._handle.ptr() != array._handle.ptr()
    same(found.numpy(), values.T)
    assert array.compact() is array


@pytest.mark.parametrize("shape", [(0,), (3, 0), ()], ids=str)
def test_compact_of_a_view_without_elements_or_axes(device, rng, shape):
    array = nd.array(numbers(rng, 5), device=device)
    view = nd.NDArray.make(shape, strides=(2,) * len(shape), device=device, handle=array._handle, offset=3)
    same(view.compact().numpy(), np.broadcast_to(array.numpy()[3], shape))
    # Without elements there is nothing for a kernel to do, and this one has some.
    view = nd.NDArray.make((2,), strides=(2,), device=device, handle=array._handle, offset=1)
    same(view.compact().numpy(), array.numpy()[1:4:2])


def test_setitem_of_an_array(device, rng):
    values, new = numbers(rng, 4, 6), numbers(rng, 2, 3)
    array = nd.array(values, device=device)
    array[1:3, ::2] = nd.array(new, device=device)
    values[1:3, ::2] = new
    same(array.numpy(), values)
    array[-1] = 4.0
    values[-1] = 4
    same(array.numpy(), values)
    transposed = array.permute((1, 0))
    transposed[1:] = nd.array([[9.0]], device=device)  # repeated to what is written to
    values.T[1:] = 9
    same(array.numpy(), values)


def test_setitem_from_the_same_memory(device, rng):
    """All numbers are read before the first one is written, whichever thread comes first."""
    values = numbers(rng, 700)
    for source, target in ((np.s_[:-1], np.s_[1:]), (np.s_[1:], np.s_[:-1]), (np.s_[::-1], np.s_[:])):
        array, wanted = nd.array(values, device=device), values.copy()
        array[target] = array[source]
        wanted[target] = values[source]
        same(array.numpy(), wanted)
