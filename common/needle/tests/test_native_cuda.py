"""The CUDA modules, the exercise's, the library's own and the exercise's emulated on the CPU, against NumPy; and what
they say where there is no GPU.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from needle.backend_ndarray.devices import find_module

Shape = tuple[int, ...]
Generator = np.random.Generator

EMULATED = "ndarray_backend_cuda_emulated"
MODULES = ("ndarray_backend_cuda", "ndarray_backend_cuda_fast", EMULATED)
ON_A_GPU = MODULES[:2]
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, 1e-38, -3.4e38, 3.4e38], dtype=np.float32)
# Nothing, one element, parts of a vector of 4, of a warp of 32, of a block of 256 threads, whole ones, and one more.
SIZES = (0, 1, 3, 4, 5, 31, 32, 33, 255, 256, 257, 1023, 1024, 1025, 4099)


@pytest.fixture(params=MODULES)
def module(request: pytest.FixtureRequest) -> ModuleType:
    # As in native.py: a folder with modules that sanitizers watch. The others are not built for them.
    folder = os.environ.get("NEEDLE_NATIVE")
    found = find_module(request.param) if folder is None else find_in(folder, request.param)
    if found is None:
        assert request.param != EMULATED, f"{EMULATED} is not built: run `make lib`"
        pytest.skip(f"{request.param} is not built: `make lib` builds it where nvcc is")
    return found


def find_in(folder: str, name: str) -> ModuleType | None:
    spec = importlib.machinery.PathFinder.find_spec(name, [folder])
    if spec is None or spec.loader is None:
        return None
    if name not in sys.modules:
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture
def gpu(module: ModuleType) -> ModuleType:
    """The module, where there is a GPU for it."""
    if not module.enabled():
        pytest.skip(module.reason())
    return module


def put(gpu: ModuleType, values: Any) -> Any:
    """An array of the module with these values, row by row."""
    values = np.asarray(values, dtype=np.float32)
    array = gpu.Array(values.size)
    gpu.from_numpy(values, array)
    return array


def get(gpu: ModuleType, array: Any, shape: Sequence[int] | None = None) -> np.ndarray:
    shape = [array.size] if shape is None else list(shape)
    return gpu.to_numpy(array, shape, row_by_row(shape), 0)


def row_by_row(shape: Sequence[int]) -> list[int]:
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def view_of(base: np.ndarray, view: np.ndarray) -> tuple[list[int], list[int], int]:
    """Shape, strides and offset, in elements, of a view of `base`."""
    offset = view.__array_interface__["data"][0] - base.__array_interface__["data"][0] if view.size else 0
    return list(view.shape), [stride // 4 for stride in view.strides], offset // 4


def assigned(base: np.ndarray, view: np.ndarray, values: Any, onto: np.ndarray | None = None) -> np.ndarray:
    """A copy of `onto` (of `base`, if None) in which `values` stand where `view` is in `base`."""
    places = np.arange(base.size)
    shape, strides, offset = view_of(base, view)
    chosen = np.lib.stride_tricks.as_strided(places[offset:], shape, [places.itemsize * stride for stride in strides])
    changed = (base if onto is None else onto).copy()
    changed[chosen] = values
    return changed


def random_view(rng: Generator, *, most: int = 8, repeat: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """A flat base, and a permuted, sliced and reversed view of it; if `repeat`, some axes have stride 0."""
    ndim = int(rng.integers(0, most + 1))
    largest = {0: 9, 1: 900, 2: 90, 3: 20, 4: 9, 5: 6}.get(ndim, 4)
    sizes = rng.integers(1, largest + 1, size=ndim)
    base = rng.standard_normal(int(np.prod(sizes))).astype(np.float32)
    steps = rng.choice([1, 1, 1, 2, -1, -2], size=ndim)
    view = base.reshape(sizes)[(*(slice(int(rng.integers(0, 2)) or None, None, int(step)) for step in steps), ...)]
    view = view.transpose(rng.permutation(ndim))
    if repeat:
        single = [index for index in range(ndim) if rng.random() < 0.3]
        narrow = view[(*(slice(0, 1) if axis in single else slice(None) for axis in range(ndim)), ...)]
        view = np.broadcast_to(narrow, [3 if axis in single and n else n for axis, n in enumerate(narrow.shape)])
    return base, view


def with_special(rng: Generator, size: int) -> np.ndarray:
    """Normal numbers with special values strewn in."""
    values = rng.standard_normal(size).astype(np.float32)
    return np.where(rng.random(size) < 0.2, rng.choice(SPECIAL, size), values)


def ulps(found: np.ndarray, exact: np.ndarray) -> float:
    """How far results are from exact ones (float64) at most, in units in the last place of the nearest float32."""
    finite = np.isfinite(exact.astype(np.float32))
    np.testing.assert_array_equal(found[~finite], exact.astype(np.float32)[~finite])
    units = np.spacing(np.abs(exact[finite]).astype(np.float32)).astype(np.float64)
    return float(np.max(np.abs(found[finite] - exact[finite]) / units, initial=0))


# ---- without a GPU ----


def test_it_says_whether_there_is_a_gpu(module: ModuleType) -> None:
    assert module.enabled() == (module.reason() == "")
    assert module.__emulated__ == module.__name__.endswith(EMULATED)
    assert module.enabled() or not module.__emulated__
    if not module.enabled():
        assert module.reason().startswith(("no GPU: ", "the GPU "))
        with pytest.raises(RuntimeError, match=r"^cudaError\w+ in .*: .*reason\(\)"):
            module.Array(1)
        assert module.Array(0).size == 0


@pytest.mark.parametrize("module", ON_A_GPU, indirect=True)
def test_where_no_gpu_is_visible_it_imports_and_says_why(module: ModuleType) -> None:
    code = f"import {module.__name__.split('.')[-1]} as module; print(module.enabled(), module.reason())"
    folder = str(Path(module.__file__).parent)
    environment = {**os.environ, "PYTHONPATH": folder, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False no GPU: "), done.stdout
    assert done.stderr == ""


def test_it_offers_what_every_device_offers(module: ModuleType) -> None:
    names = "fill compact ewise_setitem scalar_setitem to_numpy from_numpy Array matmul reduce_max reduce_sum"
    names += " ewise_add scalar_add ewise_mul scalar_mul ewise_div scalar_div scalar_power ewise_maximum scalar_maximum"
    names += " ewise_eq scalar_eq ewise_ge scalar_ge ewise_log ewise_exp ewise_tanh"
    assert [name for name in names.split() if not callable(getattr(module, name, None))] == []
    assert (module.__device_name__, module.__tile_size__) == ("cuda", 4)


@pytest.mark.parametrize("size", [2**61, 2**62 - 1, 2**62, 2**63 - 1])
def test_sizes_beyond_all_memory_are_a_memory_error(module: ModuleType, size: int) -> None:
    with pytest.raises(MemoryError):
        module.Array(size)


def test_sizes_that_are_none_are_refused(module: ModuleType) -> None:
    with pytest.raises(ValueError, match="-1"):
        module.Array(-1)
    with pytest.raises(TypeError, match="float"):
        module.Array(1.5)


# ---- memory ----


def test_values_come_back(gpu: ModuleType, rng: Generator) -> None:
    for size in SIZES:
        values = with_special(rng, size)
        np.testing.assert_array_equal(get(gpu, put(gpu, values)), values)


def test_from_numpy_takes_any_layout(gpu: ModuleType, rng: Generator) -> None:
    values = rng.standard_normal((6, 7, 8))
    np.testing.assert_array_equal(
        get(gpu, put(gpu, values.T[::-1, ::2])), values.T[::-1, ::2].ravel().astype("float32")
    )
    with pytest.raises(ValueError, match=r"must have 5 elements.* not 6"):
        gpu.from_numpy(np.zeros(5, dtype=np.float32), gpu.Array(6))


def test_to_numpy_takes_views(gpu: ModuleType, rng: Generator) -> None:
    for _ in range(30):
        base, view = random_view(rng, repeat=True)
        found = gpu.to_numpy(put(gpu, base), *view_of(base, view))
        np.testing.assert_array_equal(found, view)
        assert found.flags.c_contiguous
        assert found.flags.writeable


def test_fill(gpu: ModuleType) -> None:
    for size in SIZES:
        for number in (0.1, math.nan, -math.inf):
            out = gpu.Array(size)
            gpu.fill(out, number)
            np.testing.assert_array_equal(get(gpu, out), np.full(size, number, dtype=np.float32))


def test_memory_that_is_refused_does_not_disturb_what_follows(gpu: ModuleType) -> None:
    for _ in range(3):
        with pytest.raises(MemoryError):
            gpu.Array(2**45)
        out = gpu.Array(5)
        gpu.fill(out, 2.0)
        assert get(gpu, out).tolist() == [2.0] * 5


def test_memory_is_given_back(gpu: ModuleType) -> None:
    size = 2**22

    def work() -> None:
        large = [gpu.Array(size) for _ in range(3)]
        assert [array.size for array in large] == [size] * 3
        a, out = gpu.Array(4), gpu.Array(4)
        gpu.fill(a, 1.0)
        with pytest.raises(MemoryError):
            gpu.Array(2**45)
        with pytest.raises(ValueError, match="at most 8 dimensions"):
            gpu.compact(large[0], gpu.Array(512), [2] * 9, [2**axis for axis in range(9)], 0)
        gpu.ewise_add(a, a, out)
        assert get(gpu, out).tolist() == [2.0] * 4

    work()
    before = gpu.free_memory()
    for _ in range(20):
        work()
    assert gpu.free_memory() > before - 4 * size  # bytes: not one array more is taken than before


# ---- views ----


def test_compact(gpu: ModuleType, rng: Generator) -> None:
    for _ in range(120):
        base, view = random_view(rng, repeat=True)
        out = gpu.Array(view.size)
        gpu.compact(put(gpu, base), out, *view_of(base, view))
        np.testing.assert_array_equal(get(gpu, out, view.shape), view)


def test_ewise_setitem_leaves_the_rest_alone(gpu: ModuleType, rng: Generator) -> None:
    for _ in range(120):
        base, view = random_view(rng)
        out, values = put(gpu, base), rng.standard_normal(view.shape).astype(np.float32)
        gpu.ewise_setitem(put(gpu, values), out, *view_of(base, view))
        view[...] = values
        np.testing.assert_array_equal(get(gpu, out), base)


def test_scalar_setitem_leaves_the_rest_alone(gpu: ModuleType, rng: Generator) -> None:
    for _ in range(120):
        base, view = random_view(rng)
        out = put(gpu, base)
        gpu.scalar_setitem(view.size, 7.5, out, *view_of(base, view))
        view[...] = 7.5
        np.testing.assert_array_equal(get(gpu, out), base)


@pytest.mark.parametrize(
    "order", [(1, 0), (0, 2, 1), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 3, 1, 2), (3, 1, 0, 2)], ids=str
)
def test_large_transposes(gpu: ModuleType, rng: Generator, order: Shape) -> None:
    for largest in (33, 70):
        sizes = [
            int(n)
            for n in rng.integers(16 if len(order) < 4 else 8, largest // (len(order) - 1), len(order), endpoint=True)
        ]
        base = rng.standard_normal(math.prod(sizes)).astype(np.float32)
        view = base.reshape(sizes).transpose(order)
        for part in (view, view[1:, ::-1], view[..., 1:]):
            out = gpu.Array(part.size)
            gpu.compact(put(gpu, base), out, *view_of(base, part))
            np.testing.assert_array_equal(get(gpu, out, part.shape), part)
            whole, values = put(gpu, base), rng.standard_normal(part.shape).astype(np.float32)
            gpu.ewise_setitem(put(gpu, values), whole, *view_of(base, part))
            np.testing.assert_array_equal(get(gpu, whole), assigned(base, part, values))


def test_views_by_fours(gpu: ModuleType, rng: Generator) -> None:
    base = rng.standard_normal(24 * 40).astype(np.float32)
    rows = base.reshape(24, 40)
    for view in (rows[:, 8:24], rows[::2, 4:8], rows[::-1, :36], rows[:, 1:9], rows[:, :7], rows[3:, 2:]):
        out = gpu.Array(view.size)
        gpu.compact(put(gpu, base), out, *view_of(base, view))
        np.testing.assert_array_equal(get(gpu, out, view.shape), view)
        whole, zeros = put(gpu, np.zeros(base.size)), np.zeros_like(base)
        gpu.ewise_setitem(out, whole, *view_of(base, view))
        np.testing.assert_array_equal(get(gpu, whole), assigned(base, view, view, onto=zeros))
        gpu.scalar_setitem(view.size, 3.0, whole, *view_of(base, view))
        np.testing.assert_array_equal(get(gpu, whole), assigned(base, view, 3.0, onto=zeros))


def test_an_array_is_assigned_to_a_view_of_itself(gpu: ModuleType) -> None:
    a = put(gpu, np.arange(1000))
    gpu.ewise_setitem(a, a, [1000], [-1], 999)
    np.testing.assert_array_equal(get(gpu, a), np.arange(1000)[::-1])


def test_views_without_elements(gpu: ModuleType) -> None:
    a, nothing = put(gpu, [1, 2, 3]), gpu.Array(0)
    for shape in ([0], [2, 0, 3], [0, 5]):
        strides = row_by_row(shape)
        gpu.compact(a, nothing, shape, strides, 0)
        gpu.ewise_setitem(nothing, a, shape, strides, 3)
        gpu.scalar_setitem(0, 9.0, a, shape, strides, 0)
        assert gpu.to_numpy(a, shape, strides, 0).shape == tuple(shape)
    assert get(gpu, a).tolist() == [1, 2, 3]


def test_views_that_leave_their_array_are_refused(gpu: ModuleType) -> None:
    a, out = gpu.Array(6), gpu.Array(6)
    for shape, strides, offset in (
        ([6], [1], 1),
        ([6], [-1], 4),
        ([2, 3], [4, 1], 0),
        ([6], [1], 2**62),
        ([6], [2**31 - 1], 0),
    ):
        with pytest.raises(ValueError, match="leaves a, which has 6 elements"):
            gpu.compact(a, out, shape, strides, offset)
    with pytest.raises(ValueError, match="equally long"):
        gpu.compact(a, out, [6], [1, 1], 0)
    with pytest.raises(ValueError, match="must have 4 elements"):
        gpu.compact(a, out, [2, 2], [2, 1], 0)


def test_nine_dimensions_are_refused(gpu: ModuleType) -> None:
    a, out = gpu.Array(512), gpu.Array(512)
    shape, strides = [2] * 9, [2**axis for axis in range(9)]
    calls = (
        lambda: gpu.compact(a, out, shape, strides, 0),
        lambda: gpu.ewise_setitem(a, out, shape, strides, 0),
        lambda: gpu.scalar_setitem(512, 1.0, out, shape, strides, 0),
    )
    for call in calls:
        with pytest.raises(ValueError, match="at most 8 dimensions, not 9"):
            call()


# ---- elementwise ----

BINARY = {
    "add": np.add,
    "mul": np.multiply,
    "div": np.divide,
    "maximum": np.maximum,
    "eq": np.equal,
    "ge": np.greater_equal,
}
UNARY = {"log": 2.0, "exp": 2.0, "tanh": 3.0}  # units in the last place that CUDA's own functions may be off


@pytest.mark.parametrize("name", BINARY)
def test_two_arrays(gpu: ModuleType, rng: Generator, name: str) -> None:
    for size in SIZES:
        x, y = with_special(rng, size), with_special(rng, size)
        y = np.where(rng.random(size) < 0.3, x, y)
        out = gpu.Array(size)
        getattr(gpu, f"ewise_{name}")(put(gpu, x), put(gpu, y), out)
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(get(gpu, out), BINARY[name](x, y).astype(np.float32))


@pytest.mark.parametrize("name", BINARY)
def test_array_and_number(gpu: ModuleType, rng: Generator, name: str) -> None:
    for size in SIZES:
        for number in (np.float32(0.7), np.float32(np.nan), np.float32(-np.inf)):
            x = np.where(rng.random(size) < 0.3, number, with_special(rng, size))
            out = gpu.Array(size)
            getattr(gpu, f"scalar_{name}")(put(gpu, x), float(number), out)
            with np.errstate(all="ignore"):
                np.testing.assert_array_equal(get(gpu, out), BINARY[name](x, number).astype(np.float32))


@pytest.mark.parametrize("name", UNARY)
def test_functions(gpu: ModuleType, rng: Generator, name: str) -> None:
    for size in SIZES:
        x = np.concatenate([SPECIAL, rng.standard_normal(size).astype(np.float32) * 10])[:size]
        out = gpu.Array(x.size)
        getattr(gpu, f"ewise_{name}")(put(gpu, x), out)
        with np.errstate(all="ignore"):
            assert ulps(get(gpu, out), getattr(np, name)(x.astype(np.float64))) <= UNARY[name]


@pytest.mark.parametrize("power", [2.0, 3.0, 0.5, -1.0, -0.5, 0.0, 1.0, 2.5])
def test_powers(gpu: ModuleType, rng: Generator, power: float) -> None:
    x = np.concatenate([SPECIAL, rng.standard_normal(500).astype(np.float32) * 3])
    out = gpu.Array(x.size)
    gpu.scalar_power(put(gpu, x), power, out)
    with np.errstate(all="ignore"):
        assert ulps(get(gpu, out), np.power(x.astype(np.float64), np.full(x.shape, power))) <= 8


def test_out_may_be_an_operand(gpu: ModuleType, rng: Generator) -> None:
    x, y = rng.standard_normal((2, 1025)).astype(np.float32)
    a, b = put(gpu, x), put(gpu, y)
    gpu.ewise_mul(a, b, b)
    gpu.ewise_add(a, b, a)
    gpu.scalar_mul(a, 2.0, a)
    np.testing.assert_array_equal(get(gpu, a), (x + x * y) * np.float32(2))


def test_sizes_that_differ_are_refused(gpu: ModuleType) -> None:
    with pytest.raises(ValueError, match="b must have 4 elements"):
        gpu.ewise_mul(gpu.Array(4), gpu.Array(5), gpu.Array(4))
    with pytest.raises(ValueError, match="out must have 4 elements"):
        gpu.scalar_mul(gpu.Array(4), 1.0, gpu.Array(3))


# ---- products ----

PRODUCTS = [
    *((m, n, p) for m in (1, 3, 16) for n in (1, 4, 17) for p in (1, 5, 16)),
    (63, 64, 65), (64, 64, 64), (65, 63, 64), (128, 8, 128), (129, 16, 132), (200, 30, 260), (1, 300, 70), (130, 5, 1),
    (256, 20, 256), (260, 33, 300),
]  # fmt: skip


@pytest.mark.parametrize("shape", PRODUCTS, ids=str)
def test_products(gpu: ModuleType, rng: Generator, shape: Shape) -> None:
    m, n, p = shape
    a, b = rng.standard_normal((m, n)).astype(np.float32), rng.standard_normal((n, p)).astype(np.float32)
    out = gpu.Array(m * p)
    gpu.matmul(put(gpu, a), put(gpu, b), out, m, n, p)
    exact, size = a.astype(np.float64) @ b, np.abs(a.astype(np.float64)) @ np.abs(b)
    assert (np.abs(get(gpu, out, (m, p)) - exact) <= 1e-7 * (2 + n) * size).all()


def test_products_without_elements(gpu: ModuleType) -> None:
    nothing = gpu.Array(0)
    for m, p in ((0, 5), (5, 0), (0, 0)):
        gpu.matmul(gpu.Array(m * 3), gpu.Array(3 * p), nothing, m, 3, p)
    out = gpu.Array(35)
    gpu.matmul(nothing, nothing, out, 5, 0, 7)
    assert get(gpu, out).tolist() == [0.0] * 35


def test_special_values_in_products(gpu: ModuleType, rng: Generator) -> None:
    m, n, p = 70, 19, 67
    a, b = rng.integers(-3, 4, (m, n)).astype(np.float32), rng.integers(-3, 4, (n, p)).astype(np.float32)
    a[3, 4], b[5, 6], b[7, 66], a[69, 18] = np.nan, np.inf, -np.inf, np.inf
    out = gpu.Array(m * p)
    gpu.matmul(put(gpu, a), put(gpu, b), out, m, n, p)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(get(gpu, out, (m, p)), (a[:, :, None] * b[None]).sum(axis=1))


def test_products_more_blocks_high_than_a_grid_has_in_y(gpu: ModuleType, rng: Generator) -> None:
    if gpu.__emulated__ and os.environ.get("NEEDLE_NATIVE"):
        pytest.skip("34 million threads on the CPU take minutes under sanitizers")
    if gpu.__emulated__ and os.environ.get("NEEDLE_CUDA_WATCH") != "off":  # and minutes where all they do is checked
        place = f"{__file__}::test_products_more_blocks_high_than_a_grid_has_in_y[{gpu.__name__.rsplit('.', 1)[-1]}]"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", place]
        environment = os.environ | {"NEEDLE_CUDA_WATCH": "off"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 passed" in done.stdout
        return
    m = 65_536 * 64 + 5
    a = rng.integers(-4, 5, m).astype(np.float32)
    out = gpu.Array(m)
    gpu.matmul(put(gpu, a), put(gpu, [3.0]), out, m, 1, 1)
    np.testing.assert_array_equal(get(gpu, out), 3 * a)
    gpu.matmul(put(gpu, [3.0]), put(gpu, a), out, 1, 1, m)
    np.testing.assert_array_equal(get(gpu, out), 3 * a)


def test_products_that_do_not_fit_are_refused(gpu: ModuleType) -> None:
    with pytest.raises(ValueError, match="b must have 12 elements"):
        gpu.matmul(gpu.Array(6), gpu.Array(11), gpu.Array(8), 2, 3, 4)
    a = gpu.Array(4)
    with pytest.raises(ValueError, match="another array"):
        gpu.matmul(a, gpu.Array(4), a, 2, 2, 2)


# ---- reductions ----

REDUCED = [
    *((groups, size) for groups in (1, 2, 33, 257) for size in (1, 2, 3, 4, 5, 31, 32, 33, 127, 128, 300)),
    (1, 1023), (3, 1024), (1, 1025), (5, 1028), (2, 5003), (1, 100_000), (1, 100_003), (3, 20_004), (40, 1500),
    (9, 8192),
]  # fmt: skip


@pytest.mark.parametrize("special", [False, True])
def test_reductions(gpu: ModuleType, rng: Generator, special: bool) -> None:
    for groups, size in REDUCED:
        x = rng.standard_normal((groups, size)).astype(np.float32)
        if special:
            x = np.where(rng.random(x.shape) < 0.7 / size, rng.choice(SPECIAL[:5], x.shape), x)
        a, total, largest = put(gpu, x), gpu.Array(groups), gpu.Array(groups)
        gpu.reduce_sum(a, total, size)
        gpu.reduce_max(a, largest, size)
        np.testing.assert_array_equal(get(gpu, largest), x.max(axis=1))
        with np.errstate(all="ignore"):
            exact, found = x.astype(np.float64).sum(axis=1), get(gpu, total)
        finite = np.isfinite(exact)
        np.testing.assert_array_equal(found[~finite], exact[~finite].astype(np.float32))
        bound = 6e-8 * (size + 1) * np.abs(x[finite].astype(np.float64)).sum(axis=1)
        assert (np.abs(found[finite] - exact[finite]) <= bound).all(), (groups, size)


@pytest.mark.parametrize("module", ["ndarray_backend_cuda_fast"], indirect=True)
def test_long_sums_of_the_library_stay_accurate(gpu: ModuleType, rng: Generator) -> None:
    """The exercise's sum adds from left to right, and loses digits on the way; the library's adds as a tree."""
    x = rng.random(1_000_001).astype(np.float32)
    out = gpu.Array(1)
    gpu.reduce_sum(put(gpu, x), out, x.size)
    exact = x.astype(np.float64).sum()
    assert abs(get(gpu, out)[0] - exact) <= 1e-6 * exact


def test_reductions_of_nothing(gpu: ModuleType) -> None:
    nothing, out = gpu.Array(0), put(gpu, np.ones(300))
    gpu.reduce_sum(nothing, out, 0)
    assert get(gpu, out).tolist() == [0.0] * 300
    with pytest.raises(ValueError, match="at least 1"):
        gpu.reduce_max(nothing, out, 0)
    for reduce in (gpu.reduce_max, gpu.reduce_sum):
        none = gpu.Array(0)
        reduce(nothing, none, 5)
        assert get(gpu, none).size == 0
    with pytest.raises(ValueError, match="must have 8 elements"):
        gpu.reduce_sum(gpu.Array(9), gpu.Array(4), 2)
