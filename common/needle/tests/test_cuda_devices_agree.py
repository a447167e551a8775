"""Where a GPU is at hand: its modules and the emulated one, loaded into one process, get the same calls and give the
same values. Elsewhere there is nothing to compare, and that is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import native
import numpy as np
import pytest
from native import get, numbers, put, random_view
from needle.backend_ndarray.devices import find_module

Generator = np.random.Generator
Result = np.ndarray

EMULATED = "ndarray_backend_cuda_emulated"
# One element, parts of a warp and of a block, whole ones, and more than one block.
SIZES = (1, 5, 32, 33, 255, 256, 257, 1025, 3001)
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, 1e-38, -3.4e38, 3.4e38], dtype=np.float32)

# By IEEE 754 there is one right result of these. Of the others the last digits are the library's that computes them,
# and sums may be taken in another order and with fused multiplications: relative and absolute tolerance.
EXACT = ("add", "mul", "div", "maximum", "eq", "ge")
UNARY = {"log": 1e-6, "exp": 1e-6, "tanh": 1e-6}


@pytest.fixture(params=["cuda", "cuda_fast"])
def gpu(request: pytest.FixtureRequest) -> ModuleType:
    module = native.LOADED[request.param]
    if isinstance(module, str):
        pytest.skip(f"nothing to compare the emulated device with: {module}")
    return module


@pytest.fixture
def emulated() -> ModuleType:
    module = find_module(EMULATED)
    assert module is not None, f"{EMULATED} is not built: run `make lib`"
    return module


@pytest.fixture
def both(gpu: ModuleType, emulated: ModuleType) -> Callable[[Callable[[ModuleType], Result]], tuple[Result, Result]]:
    """The values of a call on each of the two, which is made twice, so that neither changes what the other has."""
    assert not getattr(gpu, "__emulated__", False)
    assert emulated.__emulated__

    def call(work: Callable[[ModuleType], Result]) -> tuple[Result, Result]:
        first = work(gpu), work(emulated)
        second = work(emulated), work(gpu)
        np.testing.assert_array_equal(first[0], second[1])
        np.testing.assert_array_equal(first[1], second[0])
        return first

    return call


def result(module: ModuleType, size: int, name: str, *arguments: Any) -> Result:
    """What a function writes: arrays are put on the device, and the place of `out` is where None stands."""
    out = module.Array(size)
    places = [
        out if argument is None else put(module, argument) if isinstance(argument, np.ndarray) else argument
        for argument in arguments
    ]
    getattr(module, name)(*places)
    return get(module, out)


def strewn(rng: Generator, size: int) -> np.ndarray:
    """Numbers with special values among them."""
    return np.where(rng.random(size) < 0.2, rng.choice(SPECIAL, size), numbers(rng, size))


def test_every_function_is_compared(emulated: ModuleType) -> None:
    """The names that the other tests call, and those that compute nothing."""
    compared = {f"{kind}_{name}" for kind in ("ewise", "scalar") for name in EXACT} | {
        f"ewise_{name}" for name in UNARY
    }
    compared |= {"scalar_power", "fill", "compact", "ewise_setitem", "scalar_setitem", "to_numpy", "from_numpy"}
    compared |= {"matmul", "reduce_max", "reduce_sum"}
    asked = {"Array", "enabled", "reason", "free_memory"}
    offered = {
        name for name in dir(emulated) if not name.startswith(("_", "traffic_")) and callable(getattr(emulated, name))
    }
    assert offered - asked == compared


@pytest.mark.parametrize("size", SIZES)
def test_values_in_and_out(both: Any, rng: Generator, size: int) -> None:
    values = strewn(rng, size)
    for found in both(lambda module: get(module, put(module, values))):
        np.testing.assert_array_equal(found, values)
    one, other = both(lambda module: result(module, size, "fill", None, 0.1))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", EXACT)
def test_elementwise(both: Any, rng: Generator, name: str, size: int) -> None:
    x, y = strewn(rng, size), strewn(rng, size)
    y = np.where(rng.random(size) < 0.3, x, y)
    number = float(rng.choice([*SPECIAL, *numbers(rng, 9)]))
    one, other = both(lambda module: result(module, size, f"ewise_{name}", x, y, None))
    np.testing.assert_array_equal(one, other)
    one, other = both(lambda module: result(module, size, f"scalar_{name}", x, number, None))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", UNARY)
def test_functions(both: Any, rng: Generator, name: str, size: int) -> None:
    x = np.where(rng.random(size) < 0.5, strewn(rng, size), numbers(rng, size) * 10)
    one, other = both(lambda module: result(module, size, f"ewise_{name}", x, None))
    np.testing.assert_allclose(one, other, rtol=UNARY[name], atol=1e-7)


@pytest.mark.parametrize("power", [2.0, 3.0, 0.5, -1.0, 0.0, 2.5])
def test_powers(both: Any, rng: Generator, power: float) -> None:
    for size in SIZES:
        x = strewn(rng, size)
        one, other = both(lambda module, x=x: result(module, x.size, "scalar_power", x, power, None))
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-37)


@pytest.mark.parametrize("ndim", range(8))
def test_views(both: Any, rng: Generator, ndim: int) -> None:
    for _ in range(5):
        view = random_view(rng, ndim, repeat=True)
        expected = view.seen.ravel()
        for found in both(
            lambda module, view=view: result(module, view.seen.size, "compact", view.memory, None, *view.arguments)
        ):
            np.testing.assert_array_equal(found, expected)
        for found in both(lambda module, view=view: module.to_numpy(put(module, view.memory), *view.arguments)):
            np.testing.assert_array_equal(found, view.seen)


@pytest.mark.parametrize("ndim", range(8))
def test_assignments_to_views(both: Any, rng: Generator, ndim: int) -> None:
    for _ in range(5):
        view = random_view(rng, ndim, repeat=False)
        values = numbers(rng, *view.seen.shape)
        expected, number = view.memory.copy(), view.memory.copy()
        start = view.arguments[2]
        strides = [4 * stride for stride in view.arguments[1]]
        np.lib.stride_tricks.as_strided(expected[start:], view.seen.shape, strides)[...] = values
        np.lib.stride_tricks.as_strided(number[start:], view.seen.shape, strides)[...] = 2.5

        def assigned(module: ModuleType, view: native.View = view, values: np.ndarray = values) -> Result:
            out = put(module, view.memory)
            module.ewise_setitem(put(module, values), out, *view.arguments)
            return get(module, out)

        def set_to_number(module: ModuleType, view: native.View = view) -> Result:
            out = put(module, view.memory)
            module.scalar_setitem(view.seen.size, 2.5, out, *view.arguments)
            return get(module, out)

        for found in both(assigned):
            np.testing.assert_array_equal(found, expected)
        for found in both(set_to_number):
            np.testing.assert_array_equal(found, number)


def test_matmul(both: Any, rng: Generator) -> None:
    sizes = [tuple(int(n) for n in rng.integers(1, 90, 3)) for _ in range(8)]
    for m, n, p in [(1, 1, 1), (64, 64, 64), (65, 31, 130), (1, 300, 7), *sizes]:
        a, b = numbers(rng, m, n), numbers(rng, n, p)
        one, other = both(lambda module, a=a, b=b: result(
            module, len(a) * b.shape[1], "matmul", a, b, None, *a.shape, b.shape[1]
        ))  # fmt: skip
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=4e-6 * math.sqrt(n))


@pytest.mark.parametrize("length", [1, 3, 32, 33, 256, 1000])
@pytest.mark.parametrize("rows", [1, 7, 300])
def test_reductions(both: Any, rng: Generator, rows: int, length: int) -> None:
    a = numbers(rng, rows, length)
    one, other = both(lambda module: result(module, rows, "reduce_max", a, None, length))
    np.testing.assert_array_equal(one, other)
    one, other = both(lambda module: result(module, rows, "reduce_sum", a, None, length))
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5 * math.sqrt(length))


def test_errors(gpu: ModuleType, emulated: ModuleType) -> None:
    """What a caller does wrong is told in the same words."""
    for module in (gpu, emulated):
        four, five = module.Array(4), module.Array(5)
        with pytest.raises(ValueError, match="b must have 4 elements"):
            module.ewise_add(four, five, four)
        with pytest.raises(ValueError, match="leaves a, which has 4 elements"):
            module.compact(four, five, [5], [1], 0)
        with pytest.raises(MemoryError):
            module.Array(2**61)
