"""Every function of the modules of kernels, called directly, against NumPy: what students write, what the library uses
instead, and the module in NumPy that says what they must do. A test runs on each device; its name ends in it.
"""

from __future__ import annotations

import functools
import math
import sys
import threading
import time
from types import ModuleType
from typing import Any

import native
import numpy as np
import pytest
from native import get, numbers, put

SPECIAL = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 88.0, -104.0, 3.4e38, -3.4e38, 1.2e-38, 1e-42, 1e-7],
    dtype=np.float32,
)


@pytest.fixture(params=native.DEVICES)
def kernels(request: pytest.FixtureRequest) -> ModuleType:
    return native.LOADED[request.param]


def quiet(function: Any, *arguments: Any) -> np.ndarray:
    with np.errstate(all="ignore"):
        return function(*arguments)


@pytest.mark.parametrize("device", native.MODULES)
def test_device_is_here(device: str) -> None:
    """Skipped, once, for a device that no other test runs on."""
    if device not in native.DEVICES:
        pytest.skip(native.LOADED[device])
    assert native.LOADED[device].Array(3).size == 3


# Arrays.


def test_names(kernels: ModuleType) -> None:
    assert kernels.__device_name__ in ("cpu", "cuda", "numpy")
    assert kernels.__tile_size__ == (4 if kernels.__device_name__ == "cuda" else 8)


@pytest.mark.parametrize("size", [0, 1, 7, 64, 1000])
def test_array(kernels: ModuleType, size: int) -> None:
    array, other = kernels.Array(size), kernels.Array(size)
    assert array.size == size
    assert array.ptr() == array.ptr()
    assert size == 0 or array.ptr() != other.ptr()


@pytest.mark.parametrize("size", [1, 3, 100, 4097])
def test_arrays_are_aligned_and_not_a_number_until_set(size: int) -> None:
    exercise = native.exercise()
    array = exercise.Array(size)
    assert array.ptr() % 256 == 0
    assert np.isnan(get(exercise, array)).all()


@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 4), (2, 0, 3), (2, 1, 3, 2)])
def test_in_and_out(kernels: ModuleType, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    values = numbers(rng, *shape)
    strides = tuple(stride // 4 for stride in np.empty(shape, np.float32).strides)
    back = kernels.to_numpy(put(kernels, values), shape, strides, 0)
    assert back.dtype == np.float32
    assert back.shape == shape
    np.testing.assert_array_equal(back, values)


@pytest.mark.parametrize("device", native.NATIVE)
def test_from_numpy_converts(device: str, rng: np.random.Generator) -> None:
    kernels = native.LOADED[device]
    doubles = rng.standard_normal((6, 8))
    for values in (doubles, doubles.T, doubles[::-2, ::3], doubles > 0, (doubles * 100).astype(np.int64)):
        out = kernels.Array(values.size)
        kernels.from_numpy(values, out)
        np.testing.assert_array_equal(get(kernels, out), values.astype(np.float32).ravel())


def test_to_numpy_gives_memory_of_its_own(kernels: ModuleType, rng: np.random.Generator) -> None:
    values = numbers(rng, 12)
    array = put(kernels, values)
    out = kernels.to_numpy(array, (4, 3), (-1, 4), 3)
    np.testing.assert_array_equal(out, values.reshape(3, 4).T[::-1])
    assert out.flags.writeable
    out[:] = 7
    np.testing.assert_array_equal(get(kernels, array), values)
    broadcast = kernels.to_numpy(array, (2, 12), (0, 1), 0)
    del array
    broadcast[0] = 7
    np.testing.assert_array_equal(broadcast[1], values)


def test_fill(kernels: ModuleType) -> None:
    for value in (0, -2.5, math.inf, math.nan):
        for size in (0, 1, 1000):
            array = kernels.Array(size)
            kernels.fill(array, value)
            np.testing.assert_array_equal(get(kernels, array), np.full(size, value, dtype=np.float32))


# Views.


@pytest.mark.parametrize("ndim", range(8))
def test_compact(kernels: ModuleType, rng: np.random.Generator, ndim: int) -> None:
    for repeat in (False, True) * 6:
        view = native.random_view(rng, ndim, repeat=repeat)
        array, out = put(kernels, view.memory), kernels.Array(view.seen.size)
        kernels.compact(array, out, *view.arguments)
        np.testing.assert_array_equal(get(kernels, out), view.seen.ravel())
        np.testing.assert_array_equal(kernels.to_numpy(array, *view.arguments), view.seen)
        np.testing.assert_array_equal(get(kernels, array), view.memory)


@pytest.mark.parametrize("ndim", range(8))
def test_ewise_setitem(kernels: ModuleType, rng: np.random.Generator, ndim: int) -> None:
    for _ in range(12):
        view = native.random_view(rng, ndim, repeat=False)
        array, values = put(kernels, view.memory), numbers(rng, *view.seen.shape)
        kernels.ewise_setitem(put(kernels, values), array, *view.arguments)
        view.seen[...] = values
        np.testing.assert_array_equal(get(kernels, array), view.memory)


@pytest.mark.parametrize("ndim", range(8))
def test_scalar_setitem(kernels: ModuleType, rng: np.random.Generator, ndim: int) -> None:
    for value in (1.5, -math.inf, math.nan, *rng.standard_normal(9)):
        view = native.random_view(rng, ndim, repeat=False)
        array = put(kernels, view.memory)
        kernels.scalar_setitem(view.seen.size, value, array, *view.arguments)
        view.seen[...] = value
        np.testing.assert_array_equal(get(kernels, array), view.memory)


def test_setting_one_place_many_times(kernels: ModuleType, rng: np.random.Generator) -> None:
    """Strides of 0: the same number for all of them leaves no doubt which comes last."""
    memory = numbers(rng, 40)
    array = put(kernels, memory)
    kernels.scalar_setitem(60, 2.5, array, (5, 3, 4), (0, 7, -1), 9)
    kernels.ewise_setitem(put(kernels, np.full(6, 4.0)), array, (6,), (0,), 39)
    for row in range(3):
        memory[6 + 7 * row : 10 + 7 * row] = 2.5
    memory[39] = 4
    np.testing.assert_array_equal(get(kernels, array), memory)


def test_nine_axes(kernels: ModuleType, rng: np.random.Generator) -> None:
    view = native.View(memory := numbers(rng, 2**9), memory.reshape((2,) * 9).transpose(8, 0, 7, 1, 6, 2, 5, 3, 4))
    array, out = put(kernels, memory), kernels.Array(2**9)
    if kernels.__device_name__ == "cuda":
        with pytest.raises(ValueError, match="at most 8 dimensions"):
            kernels.compact(array, out, *view.arguments)
        return
    kernels.compact(array, out, *view.arguments)
    np.testing.assert_array_equal(get(kernels, out), view.seen.ravel())
    kernels.ewise_setitem(out, back := kernels.Array(2**9), *view.arguments)
    np.testing.assert_array_equal(get(kernels, back), memory)


def test_large_transpose(kernels: ModuleType, rng: np.random.Generator) -> None:
    values = numbers(rng, 301, 517)
    out = kernels.Array(values.size)
    kernels.compact(put(kernels, values), out, (517, 301), (1, 517), 0)
    np.testing.assert_array_equal(get(kernels, out).reshape(517, 301), values.T)


def test_setting_a_view_of_an_array_to_the_array_itself(kernels: ModuleType, rng: np.random.Generator) -> None:
    values = numbers(rng, 30)
    array = put(kernels, values)
    kernels.ewise_setitem(array, array, (30,), (-1,), 29)
    np.testing.assert_array_equal(get(kernels, array), values[::-1])
    array = put(kernels, values)
    kernels.ewise_setitem(array, array, (6, 5), (1, 6), 0)
    np.testing.assert_array_equal(get(kernels, array), values.reshape(6, 5).T.ravel())


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 2, 4), (2, 0, 2**31 - 1, 2**31 - 1)])
def test_views_of_no_elements(kernels: ModuleType, shape: tuple[int, ...]) -> None:
    """Wherever they are said to be, there is nothing to read or write."""
    if kernels.__device_name__ == "numpy" and math.prod(shape) == 0 and max(shape) > 10:
        shape = shape[:2]  # NumPy counts the bytes of the other axes
    values = np.arange(4, dtype=np.float32)
    array, nothing, strides = put(kernels, values), kernels.Array(0), (5,) * len(shape)
    kernels.compact(array, nothing, shape, strides, 3)
    kernels.ewise_setitem(nothing, array, shape, strides, 3)
    kernels.scalar_setitem(0, 1.0, array, shape, strides, 3)
    assert kernels.to_numpy(array, shape[:2], strides[:2], 3).size == 0
    np.testing.assert_array_equal(get(kernels, array), values)


# Elementwise. Sums, products and comparisons are the nearest float32; the others may differ in the last digits.

BINARY = {
    "add": np.add,
    "mul": np.multiply,
    "div": np.divide,
    "maximum": np.maximum,
    "eq": np.equal,
    "ge": np.greater_equal,
}
SCALAR = {**BINARY, "power": np.power}
UNARY = {"log": np.log, "exp": np.exp, "tanh": np.tanh}
SIZES = (1, 5, 8, 64, 1003, 70_001)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("size", SIZES)
def test_ewise(kernels: ModuleType, rng: np.random.Generator, name: str, size: int) -> None:
    a, b = numbers(rng, size), numbers(rng, size)
    b[::3] = a[::3]
    out = kernels.Array(size)
    getattr(kernels, f"ewise_{name}")(put(kernels, a), put(kernels, b), out)
    np.testing.assert_array_equal(get(kernels, out), BINARY[name](a, b).astype(np.float32))


@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("size", SIZES)
def test_scalar(kernels: ModuleType, rng: np.random.Generator, name: str, size: int) -> None:
    a = numbers(rng, size)
    for value in (a[0], np.float32(-0.7), 3):
        out = kernels.Array(size)
        getattr(kernels, f"scalar_{name}")(put(kernels, a), float(value), out)
        if name == "power":
            wanted = quiet(np.power, a.astype(np.float64), float(value))
            np.testing.assert_allclose(get(kernels, out), wanted, rtol=2e-6, atol=1e-38)
        else:
            np.testing.assert_array_equal(get(kernels, out), SCALAR[name](a, np.float32(value)).astype(np.float32))


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("size", SIZES)
def test_unary(kernels: ModuleType, rng: np.random.Generator, name: str, size: int) -> None:
    a = numbers(rng, size) * np.float32(4)
    if name == "log":
        a = np.abs(a) + np.float32(1e-3)
    out = kernels.Array(size)
    getattr(kernels, f"ewise_{name}")(put(kernels, a), out)
    np.testing.assert_allclose(get(kernels, out), UNARY[name](a.astype(np.float64)), rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("name", BINARY)
def test_ewise_of_special_values(kernels: ModuleType, name: str) -> None:
    """Every pair of nan, infinities, zeros, the largest and the smallest numbers, at every place in a vector."""
    for turn in (0, 1, 5):
        a, b = (np.roll(x, turn) for x in np.meshgrid(SPECIAL, SPECIAL))
        out = kernels.Array(a.size)
        getattr(kernels, f"ewise_{name}")(put(kernels, a), put(kernels, b), out)
        np.testing.assert_array_equal(get(kernels, out), quiet(BINARY[name], a, b).astype(np.float32).ravel())


@pytest.mark.parametrize("name", SCALAR)
def test_scalar_of_special_values(kernels: ModuleType, name: str) -> None:
    out = kernels.Array(SPECIAL.size)
    for value in (*SPECIAL, np.float32(2), np.float32(3)):
        getattr(kernels, f"scalar_{name}")(put(kernels, SPECIAL), float(value), out)
        # Of one exponent 0.5 NumPy makes a square root, which of -inf is nan; of many it makes powers, as C does.
        many = value if name == "power" and kernels.__device_name__ == "numpy" else np.full_like(SPECIAL, value)
        wanted = quiet(SCALAR[name], SPECIAL, many).astype(np.float32)
        np.testing.assert_allclose(get(kernels, out), wanted, rtol=2e-5 if name == "power" else 0, err_msg=f"{value}")


@pytest.mark.parametrize("name", UNARY)
def test_unary_of_special_values(kernels: ModuleType, name: str) -> None:
    out = kernels.Array(SPECIAL.size)
    getattr(kernels, f"ewise_{name}")(put(kernels, SPECIAL), out)
    wanted = quiet(UNARY[name], SPECIAL.astype(np.float64))
    np.testing.assert_allclose(get(kernels, out), quiet(np.float32, wanted), rtol=1e-5, atol=1e-44)


def test_out_may_be_an_input(kernels: ModuleType, rng: np.random.Generator) -> None:
    x, y = numbers(rng, 100), numbers(rng, 100)
    for name, function in BINARY.items():
        for out in (0, 1):
            arrays = put(kernels, x), put(kernels, y)
            getattr(kernels, f"ewise_{name}")(*arrays, arrays[out])
            np.testing.assert_array_equal(get(kernels, arrays[out]), function(x, y).astype(np.float32))
    array = put(kernels, x)
    kernels.ewise_add(array, array, array)
    kernels.scalar_maximum(array, 0.0, array)
    kernels.ewise_tanh(array, array)
    np.testing.assert_allclose(get(kernels, array), np.tanh(np.maximum(x + x, 0)), rtol=2e-6)


def test_elementwise_of_no_elements(kernels: ModuleType) -> None:
    nothing = kernels.Array(0)
    for name in BINARY:
        getattr(kernels, f"ewise_{name}")(nothing, nothing, nothing)
    for name in SCALAR:
        getattr(kernels, f"scalar_{name}")(nothing, 1.0, nothing)
    for name in UNARY:
        getattr(kernels, f"ewise_{name}")(nothing, nothing)
    assert nothing.size == 0


# Matrices.


def multiplied(kernels: ModuleType, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    (m, n), p = a.shape, b.shape[1]
    out = kernels.Array(m * p)
    kernels.matmul(put(kernels, a), put(kernels, b), out, m, n, p)
    return get(kernels, out).reshape(m, p)


def multiplied_in_tiles(kernels: ModuleType, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The tiles are laid out here by a loop over them, so that a wrong idea of the layout shows."""
    t = kernels.__tile_size__

    def tiles(x: np.ndarray) -> np.ndarray:
        rows, columns = x.shape
        starts = [(i, j) for i in range(0, rows, t) for j in range(0, columns, t)]
        return np.concatenate([np.zeros(0, np.float32), *(x[i : i + t, j : j + t].ravel() for i, j in starts)])

    (m, n), p = a.shape, b.shape[1]
    array = kernels.Array(m * p)
    kernels.matmul_tiled(put(kernels, tiles(a)), put(kernels, tiles(b)), array, m, n, p)
    flat, out = get(kernels, array), np.full((m, p), np.nan, np.float32)
    for number, (i, j) in enumerate((i, j) for i in range(0, m, t) for j in range(0, p, t)):
        out[i : i + t, j : j + t] = flat[number * t * t : (number + 1) * t * t].reshape(t, t)
    return out


def assert_close_product(got: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """Each element within the rounding errors of a sum of n products, whatever their order."""
    exact = a.astype(np.float64) @ b.astype(np.float64)
    bound = (a.shape[1] + 1) * 2.0**-24 * (np.abs(a).astype(np.float64) @ np.abs(b).astype(np.float64))
    assert got.shape == exact.shape
    assert (np.abs(got - exact) <= bound + 1e-30).all(), f"off by up to {np.abs(got - exact).max()}"


def test_matmul(kernels: ModuleType, rng: np.random.Generator) -> None:
    sizes = [(1, 1, 1), (1, 7, 1), (5, 1, 9), (8, 8, 8), (16, 5, 3), (33, 64, 17), (100, 3, 2), (2, 300, 65)]
    sizes += [tuple(rng.integers(1, 70, size=3)) for _ in range(12)] + [(130, 257, 150)]
    for m, n, p in sizes:
        a, b = numbers(rng, m, n), numbers(rng, n, p)
        assert_close_product(multiplied(kernels, a, b), a, b)


def test_matmul_tiled(kernels: ModuleType, rng: np.random.Generator) -> None:
    if not hasattr(kernels, "matmul_tiled"):
        pytest.skip(f"{kernels.__device_name__} has no matmul_tiled: it is an exercise for the CPU")
    t = kernels.__tile_size__
    for blocks in [(1, 1, 1), (2, 1, 3), (1, 4, 1), *(tuple(rng.integers(1, 7, size=3)) for _ in range(8))]:
        m, n, p = (t * count for count in blocks)
        a, b = numbers(rng, m, n), numbers(rng, n, p)
        assert_close_product(multiplied_in_tiles(kernels, a, b), a, b)


@pytest.mark.parametrize("product", [multiplied, multiplied_in_tiles])
def test_products_of_special_values(kernels: ModuleType, rng: np.random.Generator, product: Any) -> None:
    if product is multiplied_in_tiles and not hasattr(kernels, "matmul_tiled"):
        pytest.skip(f"{kernels.__device_name__} has no matmul_tiled: it is an exercise for the CPU")
    for value in (np.nan, np.inf, -np.inf):
        a, b = numbers(rng, 24, 16), numbers(rng, 16, 32)
        a[3, 5], b[2, 7], b[5, 9] = value, value, 0
        exact = quiet(np.matmul, a.astype(np.float64), b.astype(np.float64))
        got = product(kernels, a, b)
        for kind in (np.isnan, np.isposinf, np.isneginf):
            np.testing.assert_array_equal(kind(got), kind(exact))


@pytest.mark.parametrize("product", [multiplied, multiplied_in_tiles])
@pytest.mark.parametrize("shape", [(0, 8, 8), (8, 8, 0), (8, 0, 16), (0, 0, 0)])
def test_empty_products(kernels: ModuleType, shape: tuple[int, int, int], product: Any) -> None:
    """The product of (m, 0) and (0, p) is all zeros."""
    if product is multiplied_in_tiles and not hasattr(kernels, "matmul_tiled"):
        pytest.skip(f"{kernels.__device_name__} has no matmul_tiled: it is an exercise for the CPU")
    m, n, p = shape
    got = product(kernels, np.zeros((m, n), np.float32), np.zeros((n, p), np.float32))
    np.testing.assert_array_equal(got, np.zeros((m, p), np.float32))


# Reductions.

REDUCTIONS = {"reduce_max": np.max, "reduce_sum": functools.partial(np.sum, dtype=np.float64)}


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("groups", [1, 2, 33, 1000])
@pytest.mark.parametrize("length", [1, 3, 8, 65, 1000])
def test_reduce(kernels: ModuleType, rng: np.random.Generator, name: str, groups: int, length: int) -> None:
    values = numbers(rng, groups, length) - np.float32(5)  # all below 0: a maximum that starts at 0 shows
    out = kernels.Array(groups)
    getattr(kernels, name)(put(kernels, values), out, length)
    np.testing.assert_allclose(get(kernels, out), REDUCTIONS[name](values, axis=1), rtol=length * 2.0**-23)


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("length", [1, 2, 9, 40])
def test_reduce_special_values(kernels: ModuleType, rng: np.random.Generator, name: str, length: int) -> None:
    """A nan, an infinity of either sign or both, at each place of a group; in one group of all -inf."""
    rows = [np.full(length, -np.inf, np.float32)]
    for first in (np.nan, np.inf, -np.inf):
        for second in (np.nan, np.inf, -np.inf, 1.0):
            for place in range(length):
                row = numbers(rng, length)
                row[(place + 1) % length], row[place] = second, first
                rows.append(row)
    values, out = np.array(rows), kernels.Array(len(rows))
    getattr(kernels, name)(put(kernels, values), out, length)
    wanted = quiet(functools.partial(REDUCTIONS[name], axis=1), values)
    np.testing.assert_allclose(get(kernels, out), wanted, rtol=1e-5, atol=1e-5)


def test_reductions_of_no_elements(kernels: ModuleType) -> None:
    nothing, out = kernels.Array(0), put(kernels, [1, 2, 3])
    kernels.reduce_sum(nothing, out, 0)
    np.testing.assert_array_equal(get(kernels, out), np.zeros(3, np.float32))
    kernels.reduce_sum(nothing, kernels.Array(0), 5)
    kernels.reduce_max(nothing, kernels.Array(0), 5)
    with pytest.raises(ValueError, match=r"reduce_size|no identity"):
        kernels.reduce_max(nothing, out, 0)


# Threads.


@pytest.mark.parametrize("device", [device for device in native.NATIVE if "cuda" not in device])
def test_other_threads_run_during_a_kernel(device: str) -> None:
    """Python would switch threads by itself only after 100 s here: who runs meanwhile was let run."""
    kernels, done, ticks = native.LOADED[device], threading.Event(), [0]

    def tick() -> None:
        while not done.is_set():
            ticks[0] += 1
            time.sleep(1e-4)

    arrays = [put(kernels, np.ones(300 * 300)) for _ in range(3)]
    thread = threading.Thread(target=tick)
    before = sys.getswitchinterval()
    sys.setswitchinterval(100)
    try:
        thread.start()
        deadline, passed = time.monotonic() + 30, 0
        while passed == 0 and time.monotonic() < deadline:
            start = ticks[0]
            for _ in range(20):
                kernels.matmul(*arrays, 300, 300, 300)
            passed = ticks[0] - start
    finally:
        done.set()
        sys.setswitchinterval(before)
        thread.join()
    assert passed > 0
