"""The library's own CPU kernels (`src/fast/`) on every instruction set that this machine has, against NumPy in float64.

What it has in common with the module of the exercise is tested
with that, in test_native_cpu.py and test_native_calls.py.
"""

from __future__ import annotations

import itertools
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import native
import numpy as np
import pytest

fast = native.LOADED["fast"]
if isinstance(fast, str):
    pytest.skip(fast, allow_module_level=True)
ISAS = fast.isas()
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 1.17549435e-38, 3.4028235e38], dtype=np.float32)
# One element, less than a vector, whole vectors, one more, primes; and enough for threads and for streaming stores.
SIZES = (0, 1, 2, 7, 16, 17, 63, 64, 65, 1009, 4096, 300_007)


@pytest.fixture(
    params=[(isa, threads) for isa in ISAS for threads in (1, 2)], ids=lambda param: f"{param[0]}-{param[1]}"
)
def kernels(request: pytest.FixtureRequest):
    """The module, set to one instruction set and one number of threads."""
    isa, threads = request.param
    before = fast.isa(), fast.threads()
    fast.set_isa(isa)
    fast.set_threads(threads)
    yield fast
    fast.set_isa(before[0])
    fast.set_threads(before[1])


def put(values: np.ndarray) -> object:
    """An array of the module with these values, row by row."""
    array = fast.Array(values.size)
    fast.from_numpy(np.ascontiguousarray(values, dtype=np.float32), array)
    return array


def get(array: object, shape: tuple[int, ...] | None = None) -> np.ndarray:
    shape = (array.size,) if shape is None else shape
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    return fast.to_numpy(array, list(shape), strides, 0)


def same(ours: np.ndarray, expected: np.ndarray) -> None:
    """Equal to the bit but for the payload of a NaN; the sign of a zero counts."""
    assert ours.shape == expected.shape
    expected = expected.astype(np.float32)
    np.testing.assert_array_equal(ours, expected)
    zeros = expected == 0
    np.testing.assert_array_equal(np.signbit(ours[zeros]), np.signbit(expected[zeros]))


def ulps(ours: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """How far `ours` is from `exact` (float64), in units in the last place of the nearest float32."""
    nearest = np.abs(exact.astype(np.float32))
    last_place = np.spacing(np.minimum(nearest, np.float32(1.7e38))).astype(np.float64)
    return np.abs(ours.astype(np.float64) - exact) / np.where(nearest > 1.7e38, 2 * last_place, last_place)


def with_special(rng: np.random.Generator, size: int) -> np.ndarray:
    """Normal numbers with special values strewn in."""
    values = rng.standard_normal(size).astype(np.float32)
    places = rng.integers(0, 20, size)
    return np.where(places < SPECIAL.size, SPECIAL[np.minimum(places, SPECIAL.size - 1)], values)


# Elementwise ----------------------------------------------------------------------------------------------------------

BINARY = {
    "add": np.add,
    "mul": np.multiply,
    "div": np.divide,
    "maximum": np.maximum,
    "eq": np.equal,
    "ge": np.greater_equal,
}


@pytest.mark.parametrize("name", BINARY)
def test_two_arrays(kernels, name):
    rng = np.random.default_rng(1)
    for size in SIZES:
        x, y = with_special(rng, size), with_special(rng, size)
        y = np.where(rng.random(size) < 0.3, x, y)
        out = kernels.Array(size)
        getattr(kernels, f"ewise_{name}")(put(x), put(y), out)
        with np.errstate(all="ignore"):
            expected = BINARY[name](x, y).astype(np.float32)
        if name == "maximum":  # NumPy leaves open which zero the larger of 0.0 and -0.0 is
            np.testing.assert_array_equal(get(out), expected)
        else:
            same(get(out), expected)


@pytest.mark.parametrize("name", BINARY)
def test_array_and_number(kernels, name):
    rng = np.random.default_rng(2)
    for size, number in itertools.product((0, 1, 17, 1009), (0.5, -3.0, 0.0, math.inf, math.nan)):
        x = with_special(rng, size)
        x = np.where(rng.random(size) < 0.3, np.float32(number), x)
        out = kernels.Array(size)
        getattr(kernels, f"scalar_{name}")(put(x), number, out)
        with np.errstate(all="ignore"):
            expected = BINARY[name](x, np.float32(number)).astype(np.float32)
        np.testing.assert_array_equal(get(out), expected)


def test_output_may_be_an_input(kernels):
    rng = np.random.default_rng(3)
    for size in SIZES:
        x, y = rng.standard_normal((2, size)).astype(np.float32)
        a, b = put(x), put(y)
        kernels.ewise_mul(a, b, b)
        kernels.ewise_add(a, b, a)
        kernels.scalar_mul(a, 2.0, a)
        same(get(a), (x + x * y) * np.float32(2))


def test_streaming_stores_of_large_outputs(kernels):
    size = (1 << 22) + 5  # beyond the bound from which stores pass the caches by
    x = np.arange(size, dtype=np.float32)
    a, out = put(x), kernels.Array(size)
    kernels.ewise_add(a, a, out)
    same(get(out), x + x)
    kernels.fill(out, 3.0)
    same(get(out), np.full(size, 3))


# exp, log, tanh, powers -----------------------------------------------------------------------------------------------


def dense_samples(low: float, high: float) -> np.ndarray:
    """Every 613th float32 between the two: about a million values over the whole exponent range."""
    ends = np.array([low, high], dtype=np.float32).view(np.int32)
    first, last = sorted(int(end) for end in ends)
    return np.arange(first, last, 613, dtype=np.int64).astype(np.int32).view(np.float32)


def applied(kernels, name: str, x: np.ndarray, *numbers: float) -> np.ndarray:
    out = kernels.Array(x.size)
    getattr(kernels, name)(put(x), *numbers, out)
    return get(out)


BOUNDS = {"exp": 1.0, "log": 1.0, "tanh": 2.0}


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("name", BOUNDS)
def test_error_in_units_in_the_last_place(isa, name):
    fast.set_isa(isa)
    positive = dense_samples(1e-45, 3.4e38)
    uniform = np.linspace(-110, 92, 500_001, dtype=np.float32)
    near_one = np.linspace(0.5, 2, 500_001, dtype=np.float32)
    x = {
        "log": np.concatenate([positive, near_one]),
        "exp": np.concatenate([positive[positive < 88.72], -positive[positive < 104], uniform[uniform < 88.72]]),
        "tanh": np.concatenate([positive, -positive, uniform / 10]),
    }[name]
    exact = getattr(np, name)(x.astype(np.float64))
    error = ulps(applied(fast, f"ewise_{name}", x), exact)
    worst = int(error.argmax())
    assert error[worst] <= BOUNDS[name], f"{name}({x[worst]!r}) is off by {error[worst]:.3f} ulp"
    fast.set_isa(ISAS[-1])


@pytest.mark.parametrize("name", BOUNDS)
def test_special_arguments(kernels, name):
    x = np.concatenate([SPECIAL, np.float32([-1, 88.8, 89, 1e10, -103.5, -104.5, -1e10, 20, -20, 1])])
    x = np.tile(x, 5)
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x.astype(np.float64)).astype(np.float32)
    ours = applied(kernels, f"ewise_{name}", x)
    np.testing.assert_allclose(ours, expected, rtol=3e-7, atol=1e-45)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(expected))
    np.testing.assert_array_equal(np.signbit(ours[expected == 0]), np.signbit(expected[expected == 0]))


EXPONENTS = (0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 5.0, 13.0, -7.0, 64.0, 65.0, 0.5, -0.5, 1.5, 2.7, -3.3, 1 / 3, 40.5, 1e-3)


@pytest.mark.parametrize("exponent", [*EXPONENTS, math.inf, -math.inf, math.nan])
def test_powers(kernels, exponent):
    rng = np.random.default_rng(4)
    x = np.concatenate([with_special(rng, 5_000), np.exp(rng.uniform(-87, 88, 5_000)), [1, -1, 2, 0.5]]).astype(
        np.float32
    )
    with np.errstate(all="ignore"):
        exact = np.power(x.astype(np.float64), float(np.float32(exponent)))
        if exponent == 0.5:  # as C's pow; NumPy's versions differ, some take the square root
            exact[x == -np.inf] = np.inf
        expected = exact.astype(np.float32)
    ours = applied(kernels, "scalar_power", x, exponent)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(expected))
    np.testing.assert_array_equal(np.isinf(ours), np.isinf(expected))
    zero_or_infinite = (expected == 0) | np.isinf(expected)
    negative = np.signbit(x) & (exponent % 2 == 1)  # as C's pow: only odd powers keep the sign
    np.testing.assert_array_equal(np.signbit(ours[zero_or_infinite]), negative[zero_or_infinite])
    finite = np.isfinite(expected)
    error = ulps(ours[finite], exact[finite])
    assert error.max() <= 1.0, f"{x[finite][error.argmax()]!r} ** {exponent} is off by {error.max():.3f} ulp"


# Strided copies -------------------------------------------------------------------------------------------------------


def random_view(rng: np.random.Generator, most: int) -> np.ndarray:
    """A view of random shape, permutation and steps, maybe broadcast, of an array that holds its own positions."""
    ndim = int(rng.integers(0, 6))
    shape = [int(rng.choice([1, 2, 3, 5, 8, 17, 33])) for _ in range(ndim)]
    while math.prod(shape) > most:
        shape[int(np.argmax(shape))] = 3
    view = np.arange(math.prod(shape), dtype=np.float32).reshape(shape)
    if ndim == 0:
        return view
    view = view.transpose(rng.permutation(ndim))
    steps = rng.choice([1, 1, 1, 2, -1, -2], ndim)
    view = view[tuple(slice(None, None, int(step)) for step in steps)]
    if rng.random() < 0.2:
        first = np.ascontiguousarray(np.take(view, [0], int(rng.integers(ndim))))
        view = np.broadcast_to(first, view.shape)
    return view


def described(view: np.ndarray) -> tuple[np.ndarray, list[int], list[int], int]:
    """The flat memory under a view, its shape, and strides and offset in elements."""
    base = view
    while base.base is not None:
        base = base.base
    flat = base.reshape(-1)
    offset = (view.__array_interface__["data"][0] - flat.__array_interface__["data"][0]) // 4
    return flat, list(view.shape), [stride // 4 for stride in view.strides], offset


def test_compact_of_random_views(kernels):
    rng = np.random.default_rng(5)
    for _ in range(150):
        view = random_view(rng, 40_000)
        flat, shape, strides, offset = described(view)
        out = kernels.Array(view.size)
        kernels.compact(put(flat), out, shape, strides, offset)
        same(get(out, view.shape), np.ascontiguousarray(view).reshape(view.shape))


def test_setitem_of_random_views(kernels):
    rng = np.random.default_rng(6)
    for _ in range(150):
        view = random_view(rng, 40_000)
        flat, shape, strides, offset = described(view)
        if 0 in [stride for size, stride in zip(shape, strides, strict=True) if size > 1]:
            continue  # which of several values for one element remains is the next test's
        values = rng.standard_normal(view.size).astype(np.float32)
        for number in (None, 2.5):
            memory = np.zeros_like(flat)
            expected = np.lib.stride_tricks.as_strided(memory[offset:], view.shape, view.strides)
            expected[...] = values.reshape(view.shape) if number is None else number
            out = put(np.zeros_like(flat))
            if number is None:
                kernels.ewise_setitem(put(values), out, shape, strides, offset)
            else:
                kernels.scalar_setitem(view.size, number, out, shape, strides, offset)
            same(get(out), memory)


def test_last_of_several_values_for_one_element_remains(kernels):
    values = np.arange(12, dtype=np.float32)
    out = put(np.full(5, -1))
    kernels.ewise_setitem(put(values), out, [4, 3], [0, 1], 1)
    same(get(out), np.array([-1, 9, 10, 11, -1]))


PERMUTED = [
    ((1031, 517), (1, 0)),
    ((2048, 1024), (1, 0)),
    ((16, 33, 34, 19), (0, 3, 1, 2)),
    ((16, 33, 34, 19), (0, 2, 3, 1)),
    ((9, 64, 7, 48), (3, 2, 1, 0)),
    ((9, 64, 7, 48), (2, 0, 3, 1)),
    ((3, 2, 4, 3, 5, 2, 3, 4, 2), (8, 6, 7, 0, 5, 3, 4, 1, 2)),
]


@pytest.mark.parametrize(("shape", "order"), PERMUTED)
def test_permutations_and_back(kernels, shape, order):
    x = np.arange(math.prod(shape), dtype=np.float32).reshape(shape)
    view = x.transpose(order)
    _, dims, strides, offset = described(view)
    out = kernels.Array(x.size)
    kernels.compact(put(x), out, dims, strides, offset)
    same(get(out, view.shape), np.ascontiguousarray(view))
    back = kernels.Array(x.size)
    kernels.ewise_setitem(out, back, dims, strides, offset)
    same(get(back), x.reshape(-1))


def test_large_transpose_with_streaming_stores(kernels):
    rows, columns = 2056, 2072
    x = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    out = kernels.Array(x.size)
    kernels.compact(put(x), out, [columns, rows], [1, columns], 0)
    same(get(out, (columns, rows)), np.ascontiguousarray(x.T))


def test_zero_and_many_dimensions(kernels):
    a = put(np.arange(4))
    out = kernels.Array(1)
    kernels.compact(a, out, [], [], 2)
    assert get(out).tolist() == [2]
    kernels.compact(a, out, [1] * 40, [5] * 40, 3)
    assert get(out).tolist() == [3]
    nothing = kernels.Array(0)
    kernels.compact(a, nothing, [2, 0, 3], [1, 1, 1], 0)
    kernels.ewise_setitem(nothing, a, [0], [1], 0)
    kernels.scalar_setitem(0, 9.0, a, [0, 7], [1, 1], 4)
    same(get(a), np.arange(4))
    # Twenty dimensions of size 2, in an order in which none can be merged with its neighbour.
    order = [*range(1, 20, 2), *range(0, 20, 2)][::-1]
    many = np.arange(1 << 20, dtype=np.float32).reshape([2] * 20).transpose(order)
    _, shape, strides, offset = described(many)
    with pytest.raises(ValueError, match="at most 16 dimensions"):
        kernels.compact(put(np.zeros(1 << 20)), kernels.Array(1 << 20), shape, strides, offset)


def test_setitem_from_its_own_memory(kernels):
    a = put(np.arange(12))
    kernels.ewise_setitem(a, a, [3, 4], [1, 3], 0)
    expected = np.zeros((4, 3), dtype=np.float32)
    expected.T[...] = np.arange(12).reshape(3, 4)
    same(get(a), expected.reshape(-1))


# Reductions -----------------------------------------------------------------------------------------------------------

REDUCED = [
    *itertools.product((1, 2, 9, 70), (1, 2, 5, 8, 17, 64, 300), (1, 2, 7, 16, 33)),
    (1, 1_000_003, 1),
    (3, 70_001, 1),
    (100_003, 3, 1),
    (1, 40_000, 10),
    (1, 700, 2_500),
    (2, 257, 1_030),
    (1, 1_500, 3_001),
]


@pytest.mark.parametrize("special", [False, True])
def test_reductions(kernels, special):
    rng = np.random.default_rng(7)
    for outer, reduced, inner in REDUCED:
        shape = (outer, reduced, inner)
        x = rng.standard_normal(shape).astype(np.float32)
        if special:
            x = np.where(rng.random(shape) < 0.5 / reduced, rng.choice(SPECIAL[:-1], shape), x)
        a = put(x)
        for name in ("sum", "max"):
            with np.errstate(all="ignore"):
                exact = getattr(np, name)(x.astype(np.float64), axis=1)
                size = np.nansum(np.abs(np.where(np.isfinite(x), x, 0).astype(np.float64)), axis=1)
            outs = [kernels.Array(outer * inner) for _ in range(1 + (inner == 1))]
            getattr(kernels, f"reduce_{name}_axis")(a, outs[0], outer, reduced, inner)
            if inner == 1:
                getattr(kernels, f"reduce_{name}")(a, outs[1], reduced)
            for out in outs:
                ours = get(out, (outer, inner))
                finite = np.isfinite(exact)
                np.testing.assert_array_equal(ours[~finite], exact[~finite].astype(np.float32))
                bound = 0 if name == "max" else 4e-6 * size[finite] + 1e-44
                assert (np.abs(ours[finite] - exact[finite]) <= bound).all(), (name, shape)


def test_long_sums_stay_accurate(kernels):
    size = 1 << 22
    x = np.random.default_rng(8).random(size).astype(np.float32)
    a, out = put(x), kernels.Array(1)
    kernels.reduce_sum(a, out, size)
    exact = x.astype(np.float64).sum()
    assert abs(get(out)[0] - exact) <= 4e-7 * exact
    columns = kernels.Array(4)
    kernels.reduce_sum_axis(a, columns, 1, size // 4, 4)
    exact = x.reshape(-1, 4).astype(np.float64).sum(axis=0)
    assert (np.abs(get(columns) - exact) <= 4e-6 * exact).all()


def test_results_do_not_depend_on_threads():
    rng = np.random.default_rng(9)
    x = put(rng.standard_normal(1 << 20))
    threads = fast.threads()
    results = []
    for count in (1, 2, 3):
        fast.set_threads(count)
        total, columns, product = fast.Array(1), fast.Array(64), fast.Array(1 << 20)
        fast.reduce_sum(x, total, 1 << 20)
        fast.reduce_sum_axis(x, columns, 1, 1 << 14, 64)
        fast.matmul(x, x, product, 1 << 10, 1 << 10, 1 << 10)
        results.append(np.concatenate([get(total), get(columns), get(product)]))
    fast.set_threads(threads)
    same(results[1], results[0])
    same(results[2], results[0])


def test_reductions_of_nothing(kernels):
    nothing, out = kernels.Array(0), put(np.ones(3))
    kernels.reduce_sum(nothing, out, 0)
    same(get(out), np.zeros(3))
    with pytest.raises(ValueError, match="no elements have none"):
        kernels.reduce_max(nothing, out, 0)
    with pytest.raises(ValueError, match="no elements have none"):
        kernels.reduce_max_axis(nothing, out, 1, 0, 3)
    kernels.reduce_max(nothing, kernels.Array(0), 5)


# Products -------------------------------------------------------------------------------------------------------------


def product(kernels, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    (m, n), p = a.shape, b.shape[1]
    out = put(np.full(m * p, np.nan))
    kernels.matmul(put(a), put(b), out, m, n, p)
    return get(out, (m, p))


def check_product(kernels, rng: np.random.Generator, m: int, n: int, p: int) -> None:
    a, b = rng.standard_normal((m, n)).astype(np.float32), rng.standard_normal((n, p)).astype(np.float32)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    bound = 2e-7 * (4 + math.sqrt(n)) * (np.abs(a).astype(np.float64) @ np.abs(b))
    assert (np.abs(product(kernels, a, b) - exact) <= bound + 1e-30).all(), (m, n, p)


def test_products_with_remainders_in_every_dimension(kernels):
    rng = np.random.default_rng(10)
    for m in (*range(1, 27), 47, 48, 49, 61):
        for p in (1, 2, 15, 16, 17, 31, 32, 33, 50):
            check_product(kernels, rng, m, int(rng.choice([1, 2, 3, 8, 19])), p)


SHAPES = [
    (257, 511, 129),
    (128, 256, 128),
    (300, 257, 300),
    (1, 300, 5_000),
    (5_000, 300, 1),
    (2, 700, 900),
    (3, 31, 4_200),
    (4_000, 70, 3),
    (100, 784, 10),
    (7, 513, 4_099),
    (3_100, 40, 33),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_products_of_many_shapes(kernels, shape):
    check_product(kernels, np.random.default_rng(11), *shape)


def test_products_without_elements(kernels):
    same(product(kernels, np.zeros((3, 0)), np.zeros((0, 40))), np.zeros((3, 40)))
    same(product(kernels, np.zeros((0, 3)), np.zeros((3, 4))), np.zeros((0, 4)))
    same(product(kernels, np.zeros((4, 3)), np.zeros((3, 0))), np.zeros((4, 0)))


def test_special_values_in_products(kernels):
    rng = np.random.default_rng(12)
    for m, n, p in ((5, 6, 7), (50, 30, 37), (1, 40, 33), (40, 33, 1)):
        a, b = rng.integers(-3, 4, (m, n)).astype(np.float32), rng.integers(-3, 4, (n, p)).astype(np.float32)
        a[rng.integers(m), rng.integers(n)] = np.nan
        b[rng.integers(n), rng.integers(p)] = np.inf
        b[rng.integers(n), rng.integers(p)] = -np.inf
        with np.errstate(all="ignore"):
            expected = (a[:, :, None] * b[None]).sum(axis=1)
        np.testing.assert_array_equal(product(kernels, a, b), expected)


@pytest.mark.parametrize("shape", [(8, 8, 8), (16, 40, 24), (128, 64, 72), (0, 8, 8), (8, 0, 16)], ids=str)
def test_tiled_products(kernels, shape):
    m, n, p = shape
    rng = np.random.default_rng(13)
    a, b = rng.integers(-4, 5, (m, n)).astype(np.float32), rng.integers(-4, 5, (n, p)).astype(np.float32)

    def tiled(x: np.ndarray) -> np.ndarray:
        return x.reshape(x.shape[0] // 8, 8, x.shape[1] // 8, 8).transpose(0, 2, 1, 3)

    out = put(np.full(m * p, np.nan))
    kernels.matmul_tiled(put(tiled(a)), put(tiled(b)), out, m, n, p)
    same(get(out, (m // 8, p // 8, 8, 8)), tiled(a @ b))


# Memory and settings --------------------------------------------------------------------------------------------------


def test_addresses_are_aligned():
    for size in SIZES:
        assert fast.Array(size).ptr() % 256 == 0


def test_memory_is_reused_and_counted():
    fast.empty_cache()
    before = fast.memory_stats()
    array = fast.Array(100_000)
    address = array.ptr()
    assert fast.memory_stats()["live_bytes"] - before["live_bytes"] >= 400_000
    del array
    kept = fast.memory_stats()
    assert kept["live_bytes"] == before["live_bytes"]
    assert 400_000 <= kept["cached_bytes"] <= 500_000
    again = fast.Array(99_000)
    now = fast.memory_stats()
    assert again.ptr() == address
    assert now["reused"] == before["reused"] + 1
    assert now["cached_bytes"] == 0
    assert now["peak_bytes"] >= now["live_bytes"]


def test_two_live_arrays_never_share_memory():
    rng = np.random.default_rng(14)
    live: list[tuple[object, float]] = []
    for step in range(2_000):
        if live and rng.random() < 0.5:
            array, value = live.pop(int(rng.integers(len(live))))
            assert (get(array) == value).all()
        else:
            array = fast.Array(int(rng.choice([1, 64, 65, 300, 5_000])))
            fast.fill(array, float(step))
            live.append((array, float(step)))
    assert all((get(array) == value).all() for array, value in live)


def test_nothing_leaks_over_many_steps():
    fast.empty_cache()
    x = put(np.ones((200, 300)))
    before = fast.memory_stats()
    for _ in range(300):
        out = fast.Array(200 * 200)
        fast.matmul(x, x, out, 200, 300, 200)
        del out
    after = fast.memory_stats()
    assert after["live_bytes"] == before["live_bytes"]
    assert after["cached_bytes"] <= before["cached_bytes"] + (4 << 20)
    assert after["reused"] - before["reused"] >= 590  # all but the first of each of two


def test_what_is_kept_is_bounded():
    limit = fast.memory_stats()["limit_bytes"]
    try:
        fast.empty_cache()
        fast.set_cache_limit(1 << 20)
        arrays = [fast.Array(50_000 + 1_000 * index) for index in range(40)]
        del arrays
        assert 0 < fast.memory_stats()["cached_bytes"] <= 1 << 20
        fast.set_cache_limit(0)
        assert fast.memory_stats()["cached_bytes"] == 0
    finally:
        fast.set_cache_limit(limit)


def test_unit_sizes_are_refused_with_words():
    with pytest.raises(MemoryError, match="no memory for"):
        fast.Array(1 << 60)
    with pytest.raises(ValueError, match="at least 1 thread, got 0"):
        fast.set_threads(0)
    with pytest.raises(ValueError, match=r"baseline.*got 'mmx'"):
        fast.set_isa("mmx")
    with pytest.raises(ValueError, match=r"outer \* reduced \* inner, not 6"):
        fast.reduce_sum_axis(fast.Array(6), fast.Array(2), 2, 4, 1)
    with pytest.raises(ValueError, match="more than memory could hold"):
        fast.reduce_sum_axis(fast.Array(0), fast.Array(0), 1 << 40, 1 << 40, 1)


def test_interface_is_that_of_the_exercise():
    assert (fast.__device_name__, fast.__tile_size__) == ("cpu", 8)
    names = (
        "Array to_numpy from_numpy fill compact ewise_setitem scalar_setitem ewise_add scalar_add ewise_mul scalar_mul "
    )
    names += "ewise_div scalar_div scalar_power ewise_maximum scalar_maximum ewise_eq scalar_eq ewise_ge scalar_ge "
    names += "ewise_log ewise_exp ewise_tanh matmul matmul_tiled reduce_max reduce_sum"
    assert set(names.split()) <= set(dir(fast))


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    folder = os.path.dirname(fast.__file__)
    path = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("isa", ISAS)
def test_instruction_set_by_environment(isa):
    done = run_python("import ndarray_backend_fast as fast; print(fast.isa())", NEEDLE_ISA=isa)
    assert (done.stdout.strip(), done.returncode) == (isa, 0), done.stderr


def test_unknown_instruction_set_in_the_environment():
    done = run_python("import ndarray_backend_fast", NEEDLE_ISA="mmx")
    assert done.returncode == 1
    assert "baseline" in done.stderr
    assert "got 'mmx'" in done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_computes_as_well():
    code = """
import os, warnings
import ndarray_backend_fast as fast
warnings.simplefilter("ignore")
fast.set_threads(2)
a, out = fast.Array(1 << 20), fast.Array(1 << 20)
fast.fill(a, 2.0)
fast.ewise_exp(a, out)
child = os.fork()
fast.ewise_exp(a, out)
fast.matmul(a, a, out, 1024, 1024, 1024)
right = (fast.to_numpy(out, [1 << 20], [1], 0) == 4096).all()
if child == 0:
    os._exit(40 + right)
print(right, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = run_python(code)
    assert (done.stdout.strip(), done.returncode) == ("True 41", 0), done.stderr


def test_calls_from_several_python_threads():
    rng = np.random.default_rng(15)
    x = rng.integers(-3, 4, (200, 300)).astype(np.float32)
    a, b, expected = put(x), put(x.T), x @ x.T

    def work(_: int) -> bool:
        out = fast.Array(200 * 200)
        fast.matmul(a, b, out, 200, 300, 200)
        return bool((get(out, (200, 200)) == expected).all())

    with ThreadPoolExecutor(4) as executor:
        assert all(executor.map(work, range(200)))
