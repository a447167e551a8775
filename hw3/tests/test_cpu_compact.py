"""hw3, cpu_compact: views copied to compact arrays and written to, in C++. NumPy reads and writes the same views."""

import itertools

import mugrade
import numpy as np
import pytest
from arrays import View, get, numbers, put, random_view, same
from needle import backend_ndarray as nd


def compacted(cpu, view):
    array, out = put(cpu, view.memory), cpu.Array(view.seen.size)
    cpu.compact(array, out, *view.arguments)
    same(get(cpu, array), view.memory, f"{view} is read only")
    return get(cpu, out)


def check_compact(cpu, view):
    same(compacted(cpu, view), view.seen.ravel(), str(view))


def check_ewise_setitem(cpu, view, rng):
    array, values = put(cpu, view.memory), numbers(rng, *view.seen.shape)
    cpu.ewise_setitem(put(cpu, values), array, *view.arguments)
    view.seen[...] = values
    same(get(cpu, array), view.memory, str(view))


def check_scalar_setitem(cpu, view, value=0.5):
    array = put(cpu, view.memory)
    cpu.scalar_setitem(view.seen.size, value, array, *view.arguments)
    view.seen[...] = value
    same(get(cpu, array), view.memory, str(view))


def check(cpu, view, rng):
    """All three on one view; those that write leave the rest of the memory as it is."""
    check_compact(cpu, view)
    check_ewise_setitem(cpu, view, rng)
    check_scalar_setitem(cpu, view)


# Any view: parts, steps, backwards, in any order of the axes.


@pytest.mark.parametrize("ndim", range(1, 8))
def test_compact(cpu, rng, ndim):
    for _ in range(10):
        check_compact(cpu, random_view(rng, ndim))


@pytest.mark.parametrize("ndim", range(1, 6))
def test_compact_of_a_repeated_axis(cpu, rng, ndim):
    for _ in range(5):
        check_compact(cpu, random_view(rng, ndim, repeat=True))


@pytest.mark.parametrize("ndim", range(1, 8))
def test_ewise_setitem(cpu, rng, ndim):
    for _ in range(10):
        check_ewise_setitem(cpu, random_view(rng, ndim), rng)


@pytest.mark.parametrize("ndim", range(1, 8))
def test_scalar_setitem(cpu, rng, ndim):
    for _ in range(10):
        check_scalar_setitem(cpu, random_view(rng, ndim), float(rng.standard_normal(dtype=np.float32)))


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
def test_compact_and_setitem(cpu, rng, cut):
    memory = numbers(rng, 3, 4, 5)
    check(cpu, View(memory.reshape(-1), cut(memory)), rng)


def test_compact_and_setitem_of_every_permutation(cpu, rng):
    memory = numbers(rng, 2, 3, 4, 5)
    for order in itertools.permutations(range(4)):
        check(cpu, View(memory.reshape(-1), memory.transpose(order)), rng)


def test_compact_of_a_row_for_every_row(cpu, rng):
    memory = numbers(rng, 4)
    for shape in (3, 4), (2, 3, 4), (1, 4), (5, 1, 4):
        check_compact(cpu, View(memory, np.broadcast_to(memory, shape)))


def test_compact_and_setitem_of_long_axes(cpu, rng):
    """An axis of more than 65,536 elements, forwards and backwards, and many axes."""
    memory = numbers(rng, 70_000)
    check(cpu, View(memory, memory[::-1]), rng)
    memory = numbers(rng, 3, 40_000)
    check(cpu, View(memory.reshape(-1), memory.T), rng)
    memory = numbers(rng, 2**12)
    check(cpu, View(memory, memory.reshape((2,) * 12).transpose(rng.permutation(12))), rng)


@pytest.mark.parametrize("stride", [2**31 - 1, -(2**31), 0])
def test_compact_and_setitem_with_any_stride_of_an_axis_of_size_1(cpu, rng, stride):
    """There is one element on such an axis, so that its stride leads nowhere."""
    values, array, out = numbers(rng, 6), put(cpu, np.zeros(6)), cpu.Array(6)
    cpu.compact(put(cpu, values), out, (2, 1, 3), (1, stride, 2), 0)
    same(get(cpu, out), values.reshape(3, 2).T.ravel())
    cpu.ewise_setitem(out, array, (2, 1, 3), (1, stride, 2), 0)
    same(get(cpu, array), values)


# As NDArray calls them


def test_compact_of_an_array(cpu, rng):
    """`compact()` copies a view, and an array that is compact already is left alone."""
    values = numbers(rng, 3, 4)
    array = nd.array(values, device=cpu)
    view = nd.NDArray.make((4, 3), strides=(1, 4), device=cpu, handle=array._handle)
    found = view.compact()
    assert found.is_compact()
    assert found.strides == (3, 1)
    assert found._handle.ptr() != array._handle.ptr()
    same(found.numpy(), values.T)
    assert array.compact() is array


@pytest.mark.parametrize("shape", [(0,), (3, 0), ()], ids=str)
def test_compact_of_a_view_without_elements_or_axes(cpu, rng, shape):
    array = nd.array(numbers(rng, 5), device=cpu)
    view = nd.NDArray.make(shape, strides=(2,) * len(shape), device=cpu, handle=array._handle, offset=3)
    same(view.compact().numpy(), np.broadcast_to(array.numpy()[3], shape))
    # Without elements there is nothing for a kernel to do, and this one has some.
    view = nd.NDArray.make((2,), strides=(2,), device=cpu, handle=array._handle, offset=1)
    same(view.compact().numpy(), array.numpy()[1:4:2])


def test_setitem_of_an_array(cpu, rng):
    values, new = numbers(rng, 4, 6), numbers(rng, 2, 3)
    array = nd.array(values, device=cpu)
    array[1:3, ::2] = nd.array(new, device=cpu)
    values[1:3, ::2] = new
    same(array.numpy(), values)
    array[-1] = 4.0
    values[-1] = 4
    same(array.numpy(), values)
    transposed = array.permute((1, 0))
    transposed[1:] = nd.array([[9.0]], device=cpu)  # repeated to what is written to
    values.T[1:] = 9
    same(array.numpy(), values)


def test_setitem_from_the_same_memory(cpu, rng):
    """All numbers are read before the first one is written."""
    values = numbers(rng, 12)
    for source, target in ((np.s_[:-1], np.s_[1:]), (np.s_[1:], np.s_[:-1]), (np.s_[::-1], np.s_[:])):
        array, wanted = nd.array(values, device=cpu), values.copy()
        array[target] = array[source]
        wanted[target] = values[source]
        same(array.numpy(), wanted)
    array = put(cpu, values)
    cpu.ewise_setitem(array, array, (3, 4), (1, 3), 0)
    same(get(cpu, array), values.reshape(3, 4).T.ravel())


def submit_cpu_compact() -> None:
    """A permuted view copied, and written to"""
    np.random.seed(31)
    cpu = nd.cpu()
    array = nd.array(np.random.randn(4, 5, 6), device=cpu)
    view = nd.NDArray.make((6, 2, 3), strides=(1, 60, 6), device=cpu, handle=array._handle, offset=6)
    mugrade.submit(view.compact().numpy())
    other = nd.array(np.random.randn(6, 2, 3), device=cpu)
    cpu.ewise_setitem(other._handle, array._handle, view.shape, view.strides, 6)
    mugrade.submit(array.numpy())
    cpu.scalar_setitem(12, 0.5, array._handle, (4, 3), (30, -1), 5)
    mugrade.submit(array.numpy())
