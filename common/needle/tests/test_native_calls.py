"""Wrong calls of the modules of kernels: each is a Python exception that says what was expected and what came, and none
reads or writes memory that is not the array's. All native modules have their checks from `src/native_module.h`.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import native
import numpy as np
import pytest
from native import get, put

pytestmark = pytest.mark.skipif(not native.NATIVE, reason="no native module is built: `make lib` builds them")

INT32 = 2**31 - 1


@pytest.fixture(params=native.NATIVE or ["none"])
def kernels(request: pytest.FixtureRequest) -> ModuleType:
    return native.LOADED[request.param]


@pytest.fixture
def arrays(kernels: ModuleType) -> SimpleNamespace:
    """Arrays a, b, c of 12, 6 and 0 elements, whose memory lies between others."""
    return SimpleNamespace(a=put(kernels, np.arange(12)), b=put(kernels, np.arange(6)), c=kernels.Array(0))


Call = Callable[[Any, Any], Any]

VIEWS: dict[str, tuple[tuple[Any, Any, Any], type[Exception], str]] = {
    "one element too many": (((13,), (1,), 0), ValueError, "(13,)"),
    "offset too large": (((12,), (1,), 1), ValueError, "offset 1"),
    "offset behind the end": (((), (), 12), ValueError, "offset 12"),
    "negative stride to before the start": (((4,), (-1,), 2), ValueError, "(-1,)"),
    "strides against each other": (((4, 4), (-3, 3), 8), ValueError, "leaves"),
    "stride too large": (((3, 4), (5, 1), 0), ValueError, "(5, 1)"),
    "negative offset": (((2,), (1,), -1), ValueError, "offset must lie between 0"),
    "negative size": (((2, -3), (1, 1), 0), ValueError, "shape[1]"),
    "fewer strides than sizes": (((2, 3), (1,), 0), ValueError, "equally long"),
    "more strides than sizes": (((2,), (1, 1), 0), ValueError, "equally long"),
    "size of 32 bits": (((2**31,), (0,), 0), ValueError, "shape[0] must lie between 0 and 2147483647, not 2147483648"),
    "size that is 0 in 32 bits": (((2**32,), (0,), 0), ValueError, "4294967296"),
    "size of 100 bits": (((2**100,), (0,), 0), ValueError, str(2**100)),
    "stride of 32 bits": (((2,), (2**31,), 0), ValueError, "strides[0]"),
    "negative stride of 32 bits": (((2,), (-(2**31) - 1,), 0), ValueError, "strides[0]"),
    "stride that is 1 in 32 bits": (((2,), (2**32 + 1,), 0), ValueError, "strides[0]"),
    "offset of 64 bits": (((2,), (1,), 2**64), ValueError, "offset"),
    "offset that is -1 as size_t": (((2,), (1,), 2**64 - 1), ValueError, "offset"),
    "reach of 62 bits": (((2**30, 2**30), (INT32, INT32), 0), ValueError, "leaves"),
    "reach that is 0 in 64 bits": (((INT32,) * 2 + (INT32,) * 6, (INT32,) * 2 + (0,) * 6, 0), ValueError, "elements"),
    "reach to and fro": (((2**30, 2**30), (INT32, -INT32), 0), ValueError, "leaves"),
    "more elements than 64 bits count": (((INT32,) * 4, (0,) * 4, 0), ValueError, "more than"),
    "elements that are 0 in 64 bits": (((2**30,) * 4, (0,) * 4, 0), ValueError, "more than"),
    "float size": (((2.0,), (1,), 0), TypeError, "shape[0] must be an integer, not float"),
    "float offset": (((2,), (1,), 0.0), TypeError, "offset must be an integer, not float"),
    "string shape": (("12", (1, 1), 0), TypeError, "shape[0] must be an integer, not str"),
    "no shape": ((None, (1,), 0), TypeError, "shape must be a sequence of integers, not NoneType"),
    "number as strides": (((2,), 1, 0), TypeError, "strides must be a sequence of integers, not int"),
}


@pytest.mark.parametrize("function", ["compact", "ewise_setitem", "scalar_setitem", "to_numpy"])
@pytest.mark.parametrize("name", VIEWS)
def test_wrong_views(kernels: ModuleType, arrays: SimpleNamespace, function: str, name: str) -> None:
    view, error, message = VIEWS[name]
    before = get(kernels, arrays.a)
    calls: dict[str, Callable[[], Any]] = {
        "compact": lambda: kernels.compact(arrays.a, arrays.b, *view),
        "ewise_setitem": lambda: kernels.ewise_setitem(arrays.b, arrays.a, *view),
        "scalar_setitem": lambda: kernels.scalar_setitem(6, 1.0, arrays.a, *view),
        "to_numpy": lambda: kernels.to_numpy(arrays.a, *view),
    }
    with pytest.raises(error, match=re.escape(message)) as caught:
        calls[function]()
    assert function in str(caught.value)
    np.testing.assert_array_equal(get(kernels, arrays.a), before)


CALLS: dict[str, tuple[Call, type[Exception], str]] = {
    "compact to a larger array": (lambda k, s: k.compact(s.b, s.a, (6,), (1,), 0), ValueError, "out must have 6"),
    "compact to a smaller array": (lambda k, s: k.compact(s.a, s.b, (12,), (1,), 0), ValueError, "out must have 12"),
    "compact of no array": (lambda k, s: k.compact(None, s.b, (6,), (1,), 0), TypeError, "compact"),
    "compact to no array": (lambda k, s: k.compact(s.a, None, (6,), (1,), 0), TypeError, "compact"),
    "compact to itself": (lambda k, s: k.compact(s.a, s.a, (3, 4), (1, 3), 0), ValueError, "another array"),
    "setitem of a larger array": (
        lambda k, s: k.ewise_setitem(s.a, s.b, (6,), (1,), 0),
        ValueError,
        "a must have 6 elements, as the shape, not 12",
    ),
    "setitem of a smaller array": (lambda k, s: k.ewise_setitem(s.b, s.a, (12,), (1,), 0), ValueError, "12"),
    "setitem of too many": (lambda k, s: k.scalar_setitem(7, 1, s.a, (6,), (1,), 0), ValueError, "size must be 6"),
    "setitem of -1": (lambda k, s: k.scalar_setitem(-1, 1, s.a, (6,), (1,), 0), ValueError, "size"),
    "setitem to no array": (lambda k, s: k.scalar_setitem(6, 1, None, (6,), (1,), 0), TypeError, "scalar_setitem"),
    "ewise b": (lambda k, s: k.ewise_add(s.a, s.b, s.a), ValueError, "b must have 12 elements, as a, not 6"),
    "ewise out": (lambda k, s: k.ewise_mul(s.a, s.a, s.b), ValueError, "out must have 12 elements, as a, not 6"),
    "ewise out of none": (lambda k, s: k.ewise_ge(s.a, s.a, s.c), ValueError, "not 0"),
    "ewise out larger": (lambda k, s: k.ewise_maximum(s.b, s.b, s.a), ValueError, "not 12"),
    "ewise None": (lambda k, s: k.ewise_eq(s.a, None, s.a), TypeError, "ewise_eq"),
    "ewise of NumPy": (lambda k, s: k.ewise_div(s.a, np.zeros(12, np.float32), s.a), TypeError, "ewise_div"),
    "scalar out": (lambda k, s: k.scalar_power(s.a, 2.0, s.b), ValueError, "scalar_power: out must have 12"),
    "scalar text": (lambda k, s: k.scalar_add(s.a, "1", s.a), TypeError, "scalar_add"),
    "unary out": (lambda k, s: k.ewise_log(s.a, s.b), ValueError, "ewise_log: out must have 12"),
    "unary None": (lambda k, s: k.ewise_exp(s.a, None), TypeError, "ewise_exp"),
    "matmul a": (lambda k, s: k.matmul(s.b, s.a, put(k, np.zeros(8)), 2, 4, 2), ValueError, "a must have 8"),
    "matmul b": (lambda k, s: k.matmul(s.a, s.b, put(k, np.zeros(8)), 4, 3, 3), ValueError, "b must have 9"),
    "matmul out": (lambda k, s: k.matmul(s.a, s.b, put(k, np.zeros(9)), 4, 3, 2), ValueError, "out must have 8"),
    "matmul in place": (lambda k, s: k.matmul(put(k, np.zeros(1)), s.b, s.b, 1, 1, 6), ValueError, "another array"),
    "matmul of sizes that are 12 in 32 bits": (
        lambda k, s: k.matmul(s.a, s.b, s.a, 2**31 + 2, 2, 3),
        ValueError,
        "a must have",
    ),
    "matmul of 33 bits": (lambda k, s: k.matmul(s.a, s.b, s.a, 2**32 + 4, 3, 2), ValueError, "m must lie between"),
    "matmul of -4 rows": (lambda k, s: k.matmul(s.a, s.b, s.a, -4, -3, -2), ValueError, "m must lie between"),
    "matmul of floats": (lambda k, s: k.matmul(s.a, s.b, s.a, 4.0, 3, 2), TypeError, "m must be an integer"),
    "reduce too long": (lambda k, s: k.reduce_sum(s.a, s.b, 3), ValueError, "a must have 18"),
    "reduce too short": (lambda k, s: k.reduce_max(s.a, s.b, 1), ValueError, "a must have 6"),
    "reduce nothing": (lambda k, s: k.reduce_max(s.c, s.b, 0), ValueError, "reduce_size must be at least 1"),
    "reduce to nothing": (lambda k, s: k.reduce_sum(s.a, s.c, 5), ValueError, "a must have 0"),
    "reduce -2": (lambda k, s: k.reduce_sum(s.a, s.b, -2), ValueError, "reduce_size must lie between 0"),
    "reduce to 2 in 64 bits": (lambda k, s: k.reduce_sum(s.a, s.b, 2**63 - 1), ValueError, "6 * 9223372036854775807"),
    "reduce in place": (lambda k, s: k.reduce_sum(s.a, s.a, 1), ValueError, "another array"),
    "from_numpy of another size": (lambda k, s: k.from_numpy(np.zeros(13), s.a), ValueError, "out must have 13"),
    "from_numpy of a list": (lambda k, s: k.from_numpy([0.0] * 12, s.a), TypeError, "from_numpy"),
    "from_numpy of complex numbers": (lambda k, s: k.from_numpy(np.zeros(12, complex), s.a), TypeError, "complex"),
    "from_numpy of text": (lambda k, s: k.from_numpy(np.array(["x"] * 12), s.a), ValueError, "x"),
    "from_numpy to None": (lambda k, s: k.from_numpy(np.zeros(12), None), TypeError, "from_numpy"),
    "fill None": (lambda k, s: k.fill(None, 1.0), TypeError, "fill"),
    "Array of -1": (lambda k, s: k.Array(-1), ValueError, "Array: size must lie between 0"),
    "Array of 1.5": (lambda k, s: k.Array(1.5), TypeError, "Array: size must be an integer, not float"),
    "Array of 2^62": (lambda k, s: k.Array(2**62), MemoryError, "4611686018427387904"),
    "Array of 2^58": (lambda k, s: k.Array(2**58), MemoryError, "288230376151711744"),
    "Array of no size": (lambda k, s: k.Array(), TypeError, "argument"),
    "Array of two sizes": (lambda k, s: k.Array(1, 2), TypeError, "at most 1 argument"),
    "Array of a count": (lambda k, s: k.Array(count=1), TypeError, "size"),
    "Array that cannot be set": (lambda k, s: setattr(s.a, "size", 100), AttributeError, "size"),
    "Array of another module": (lambda k, s: k.fill(Stranger(), 1.0), TypeError, "fill"),
}


class Stranger:
    """Looks like an Array."""

    size = 12

    def ptr(self) -> int:
        return 0


@pytest.mark.parametrize("name", CALLS)
def test_wrong_calls(kernels: ModuleType, arrays: SimpleNamespace, name: str) -> None:
    call, error, message = CALLS[name]
    before = get(kernels, arrays.a), get(kernels, arrays.b)
    with pytest.raises(error, match=re.escape(message)):
        call(kernels, arrays)
    np.testing.assert_array_equal(get(kernels, arrays.a), before[0])
    np.testing.assert_array_equal(get(kernels, arrays.b), before[1])


@pytest.mark.parametrize("sizes", [(12, 8, 8), (8, 4, 8), (8, 8, 1), (7, 8, 8)])
def test_matmul_tiled_takes_whole_tiles_only(kernels: ModuleType, sizes: tuple[int, int, int]) -> None:
    if not hasattr(kernels, "matmul_tiled"):
        pytest.skip(f"{kernels.__device_name__} has no matmul_tiled: it is an exercise for the CPU")
    m, n, p = sizes
    with pytest.raises(ValueError, match=r"matmul_tiled: [mnp] must be a multiple of the tile size 8, not (12|4|1|7)"):
        kernels.matmul_tiled(kernels.Array(m * n), kernels.Array(n * p), kernels.Array(m * p), m, n, p)


def test_integers_of_numpy_and_lists_are_shapes(kernels: ModuleType, arrays: SimpleNamespace) -> None:
    kernels.compact(arrays.a, arrays.b, np.array([2, 3]), [np.int64(-1), np.int32(4)], np.uint8(3))
    np.testing.assert_array_equal(get(kernels, arrays.b), [3, 7, 11, 2, 6, 10])


NASTY = '''
import faulthandler, gc, sys, threading
faulthandler.enable()
sys.path.insert(0, TESTS)
import native, numpy as np
k = native.LOADED[DEVICE]
INT32 = 2**31 - 1

def refused(function, *arguments):
    try:
        function(*arguments)
    except (ValueError, TypeError, MemoryError, RuntimeError) as error:
        return error
    raise SystemExit(f"{function} took {arguments}")

a, b = native.put(k, np.arange(12)), k.Array(6)

class Shrinking(list):
    """A list that gets shorter while it is read."""
class Index:
    def __init__(self, values): self.values = values
    def __index__(self):
        self.values.clear()
        gc.collect()
        return 3
shape = Shrinking()
shape += [Index(shape), 2, 10**30, 10**30]
refused(k.compact, a, b, shape, (1, 1, 1, 1), 0)

class Raising:
    def __index__(self): raise OSError("no index")
refused(k.compact, a, b, (Raising(),), (1,), 0)

for function in (k.compact, k.ewise_setitem):
    for view in [((INT32,) * 64, (INT32,) * 64, 2**63 - 1), ((INT32,) * 9, (-INT32 - 1,) * 9, 11),
                 ((2,) * 70, (0,) * 70, 0), ((INT32, 1, 0, -1), (1, 1, 1, 1), 0), ((12,), (1,), 2**63 - 12),
                 ((12,), (INT32,), 0)]:
        refused(function, a, b, *view)
        refused(k.to_numpy, a, *view)
        refused(k.scalar_setitem, 2**63 - 1, 1.0, a, *view)
refused(k.to_numpy, a, (2**28, 2**28), (0, 0), 0)  # 2^58 bytes
refused(k.Array)
refused(k.Array, "12")
for size in (2**59, 2**61, 2**63 - 1, 2**64, 2**100, -2**63):
    refused(k.Array, size)
try:
    k.compact(a, b, [1] * 200_000, [0] * 200_000, 0)  # many axes, one element
except ValueError:
    pass

# An array lives as long as something computes with it.
threads = [threading.Thread(target=lambda: [k.ewise_add(x := native.put(k, np.ones(1000)), x, x) for _ in range(200)])
           for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
view = k.to_numpy(native.put(k, np.arange(6)), (2, 3), (3, 1), 0)
gc.collect()
assert view.sum() == 15
assert (native.get(k, a) == np.arange(12)).all()
print("alive")
'''


def test_an_array_by_keyword_and_what_it_leaves_behind(kernels) -> None:
    assert kernels.Array(size=3).size == 3
    held = sys.getrefcount(kernels.Array)
    arrays = [kernels.Array(4) for _ in range(100)]
    assert len({array.ptr() for array in arrays}) == 100
    for _ in range(10):
        with contextlib.suppress(ValueError):
            kernels.Array(-1)
    del arrays
    left = sys.getrefcount(kernels.Array)  # not within the assert, which keeps what it looks at
    assert left == held, "each array holds its class, and gives it back"


@pytest.mark.parametrize("device", native.NATIVE)
def test_nothing_crashes(device: str) -> None:
    """In a process of its own, whose end is looked at."""
    script = f"TESTS, DEVICE = {str(Path(__file__).parent)!r}, {device!r}\n" + NASTY
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr
