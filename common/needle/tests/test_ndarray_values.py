"""What an NDArray computes, over random views, beside NumPy: elementwise, sums, products, and writing to elements."""

from __future__ import annotations

import operator
import warnings

import numpy as np
import pytest
from ndarray_views import indexed, random_shape, random_slice, random_view, same
from needle import backend_ndarray as nd

RUNS = range(6)

# Rounding of one operation, and of a function that a kernel approximates.
EXACT = 2e-7
CLOSE = 2e-6

BINARY = {
    "add": (operator.add, 0.0),
    "subtract": (operator.sub, 0.0),
    "multiply": (operator.mul, 0.0),
    "divide": (operator.truediv, EXACT),
    "equal": (operator.eq, 0.0),
    "not_equal": (operator.ne, 0.0),
    "greater": (operator.gt, 0.0),
    "greater_equal": (operator.ge, 0.0),
    "less": (operator.lt, 0.0),
    "less_equal": (operator.le, 0.0),
}

# What is nearly lost in float32: zeros of both signs, the smallest and the largest numbers, and what is none.
SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 1.2e-38, 3e38, -3e38, np.inf, -np.inf, np.nan], dtype=np.float32
)


@pytest.fixture(autouse=True)
def quiet():
    """NumPy warns of overflow and of nan; kernels do not."""
    with np.errstate(all="ignore"):
        yield


def rounded(a: np.ndarray, step: float = 0.5) -> np.ndarray:
    """Multiples of a step, so that some are equal."""
    return np.round(a / step) * np.float32(step)


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", BINARY)
def test_ewise(name, run, device, rng):
    function, rtol = BINARY[name]
    shape = random_shape(rng, empty=True)
    a, mine = random_view(rng, shape, device)
    b, other = random_view(rng, shape, device)
    same(function(mine, other), function(a, b), rtol=rtol)
    same(function(mine, mine), function(a, a), rtol=rtol)
    a, b = rounded(a), rounded(b)
    same(function(nd.array(a, device=device), nd.array(b, device=device)), function(a, b), rtol=rtol)


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", BINARY)
def test_scalar(name, run, device, rng):
    """Numbers on either side, Python's and NumPy's of any kind."""
    function, rtol = BINARY[name]
    a, mine = random_view(rng, random_shape(rng, empty=True), device)
    for number in (0.75, 2, np.float64(-1.5), np.float32(0.5), np.int64(3), np.array(2.0), True):
        # As kernels see it.
        same(function(mine, number), function(a, np.float32(number)), rtol=rtol)
        same(function(number, mine), function(np.float32(number), a), rtol=rtol)
    a = rounded(a)
    same(function(nd.array(a, device=device), 0.5), function(a, np.float32(0.5)), rtol=rtol)
    same(function(0.5, nd.array(a, device=device)), function(np.float32(0.5), a), rtol=rtol)


@pytest.mark.parametrize("name", BINARY)
def test_special_numbers(name, device):
    """Each with each: nan, inf and numbers on the edge of float32 go as in NumPy, and nobody warns."""
    function, rtol = BINARY[name]
    a, b = (each.ravel() for each in np.meshgrid(SPECIAL, SPECIAL))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function(nd.array(a, device=device), nd.array(b, device=device))
        same(found, function(a, b), rtol=rtol)
        for number in SPECIAL:
            same(function(nd.array(SPECIAL, device=device), float(number)), function(SPECIAL, number), rtol=rtol)
            same(function(float(number), nd.array(SPECIAL, device=device)), function(number, SPECIAL), rtol=rtol)


@pytest.mark.parametrize("run", RUNS)
def test_maximum(run, device, rng):
    shape = random_shape(rng, empty=True)
    a, mine = random_view(rng, shape, device)
    b, other = random_view(rng, shape, device)
    same(mine.maximum(other), np.maximum(a, b))
    same(nd.maximum(mine, 0), np.maximum(a, np.float32(0)))
    same(nd.maximum(0.25, mine), np.maximum(np.float32(0.25), a))


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", ["log", "exp", "tanh"])
def test_functions(name, run, device, rng):
    a, mine = random_view(rng, random_shape(rng, empty=True), device, low=0.01 if name == "log" else -20.0, high=20.0)
    expected = getattr(np, name)(a.astype("float64"))
    same(getattr(mine, name)(), expected, rtol=CLOSE, atol=1e-6 if name == "log" else 0.0)
    same(getattr(nd, name)(mine), expected, rtol=CLOSE, atol=1e-6 if name == "log" else 0.0)


@pytest.mark.parametrize(
    ("name", "numbers", "values"),
    [
        ("log", [0.0, 1.0, np.inf, -1.0, np.nan], [-np.inf, 0.0, np.inf, np.nan, np.nan]),
        ("exp", [0.0, -np.inf, np.inf, 100.0, -200.0, np.nan], [1.0, 0.0, np.inf, np.inf, 0.0, np.nan]),
        ("tanh", [0.0, -np.inf, np.inf, 50.0, np.nan], [0.0, -1.0, 1.0, 1.0, np.nan]),
    ],
)
def test_functions_of_special_numbers(name, numbers, values, device):
    same(getattr(nd.array(numbers, device=device), name)(), values)


@pytest.mark.parametrize("run", RUNS)
def test_power(run, device, rng):
    shape = random_shape(rng, empty=True)
    a, mine = random_view(rng, shape, device, low=0.5, high=2.0)
    b, other = random_view(rng, shape, device)
    for exponent in (2, 3, 0.5, -1, -0.5, 0, 1, 1.7):
        same(mine**exponent, a.astype("float64") ** exponent, rtol=CLOSE)
    same(mine**other, a.astype("float64") ** b, rtol=CLOSE)
    same(2**other, np.exp2(b.astype("float64")), rtol=CLOSE)
    same(-(mine**2), -(a.astype("float64") ** 2), rtol=CLOSE)


def test_powers_of_negative_numbers_and_of_zero(device):
    """As in NumPy: whole exponents have a sign, others have no value."""
    a = np.array([-2.0, -2.0, -2.0, 0.0, 0.0, 0.0, 2.0], dtype="float32")
    b = np.array([2.0, 3.0, 0.5, 0.0, 1.0, -1.0, np.inf], dtype="float32")
    same(nd.array(a, device=device) ** nd.array(b, device=device), a**b)
    for exponent in (2.0, 3.0, 0.5, -1.0, 0.0):
        same(nd.array(a, device=device) ** exponent, a ** np.float32(exponent), rtol=EXACT)


@pytest.mark.parametrize("run", RUNS)
def test_negative_and_shapes_that_broadcast(run, device, rng):
    new = random_shape(rng, least=1)
    old = tuple(1 if rng.random() < 0.5 else size for size in new)[int(rng.integers(0, len(new) + 1)) :]
    a, mine = random_view(rng, new, device)
    b, other = random_view(rng, old, device)
    same(-mine, -a)
    same(mine + other, a + b)
    same(other - mine, b - a)
    same(other > mine, b > a)


def test_what_does_not_go_together(device):
    a, b = nd.array(np.zeros((2, 3)), device=device), nd.array(np.zeros((3, 2)), device=device)
    with pytest.raises(ValueError, match=r"add: shapes \(2, 3\) and \(3, 2\) do not go together"):
        a + b
    with pytest.raises(TypeError, match="mul: an NDArray goes with another or with a number, not with list"):
        a * [1.0]
    with pytest.raises(TypeError, match=r"an NDArray goes with .* not with ndarray of shape \(2, 3\)"):
        a + np.zeros((2, 3))
    with pytest.raises(TypeError, match=r"an NDArray goes with .* not with ndarray of shape \(2, 3\)"):
        np.zeros((2, 3)) - a
    with pytest.raises(TypeError, match="not with complex"):
        a + 1j
    assert (a == None) is False  # noqa: E711 - what == does is what is tested
    assert (a != "text") is True


def test_arrays_are_not_changed_by_arithmetic(device, rng):
    """`a += b` gives the name a to a new array."""
    values, a = random_view(rng, (2, 3), device)
    before = a
    a += 1
    a *= before
    same(before, values)
    same(a, (values + 1) * values, rtol=EXACT)


# Sums and maxima.


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("run", RUNS)
def test_reductions(run, keepdims, device, rng):
    """Over every axis, over several, and over all."""
    a, mine = random_view(rng, random_shape(rng), device)
    several = [int(axis) for axis in rng.permutation(a.ndim)[: int(rng.integers(0, a.ndim + 1))]]
    for axis in [*range(-a.ndim, a.ndim), tuple(several), tuple(axis - a.ndim for axis in several)]:
        expected = a.sum(axis=axis, keepdims=keepdims, dtype="float64")
        same(mine.sum(axis=axis, keepdims=keepdims), expected, rtol=1e-5, atol=1e-5)
        same(nd.sum(mine, axis=axis, keepdims=keepdims), expected, rtol=1e-5, atol=1e-5)
        same(mine.max(axis=axis, keepdims=keepdims), a.max(axis=axis, keepdims=keepdims))
        same(nd.max(mine, axis=axis, keepdims=keepdims), a.max(axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("run", RUNS)
def test_reductions_of_all_elements(run, device, rng):
    """Methods give shape (1,), functions shape (), and both keep all axes as 1 if they are to be kept."""
    a, mine = random_view(rng, random_shape(rng), device)
    same(mine.sum(), a.sum(dtype="float64").reshape(1), rtol=1e-5, atol=1e-5)
    same(nd.sum(mine), a.sum(dtype="float64"), rtol=1e-5, atol=1e-5)
    same(mine.max(), a.max().reshape(1))
    same(nd.max(mine), a.max())
    same(mine.sum(keepdims=True), a.sum(keepdims=True, dtype="float64"), rtol=1e-5, atol=1e-5)
    same(nd.max(mine, keepdims=True), a.max(keepdims=True))


@pytest.mark.parametrize("shape", [(3, 50_000), (50_000, 3), (1000, 10, 16)], ids=str)
def test_large_sums(shape, device, rng):
    """A sum of many numbers loses no more than float32 must: a plain loop over 50,000 would lose more than this."""
    a = rng.uniform(0, 1, size=shape).astype("float32")
    for axis in range(len(shape)):
        expected = a.sum(axis=axis, dtype="float64")
        same(nd.array(a, device=device).sum(axis=axis), expected, rtol=1e-3)
        same(nd.array(a, device=device).max(axis=axis), a.max(axis=axis))


def test_reductions_of_nothing(device):
    a = nd.array(np.zeros((0, 3)), device=device)
    same(a.sum(axis=0), np.zeros(3))
    same(a.sum(axis=1), np.zeros(0))
    same(a.sum(), np.zeros(1))
    same(a.max(axis=1), np.zeros(0))
    with pytest.raises(ValueError, match=r"max: an array of shape \(0, 3\) has no elements"):
        a.max(axis=0)
    with pytest.raises(ValueError, match=r"max: an array of shape \(0, 3\) has no elements"):
        nd.max(a)


def test_reductions_of_special_numbers(device):
    rows = np.array([[1.0, np.nan, 2.0], [-np.inf, -1.0, -2.0], [np.inf, 1.0, -1.0], [-5.0, -3.0, -4.0]])
    a = nd.array(rows, device=device)
    same(a.sum(axis=1), rows.sum(axis=1))
    same(a.max(axis=1), rows.max(axis=1))
    same(a.T.max(axis=0), rows.max(axis=1))


def test_reductions_refuse(device):
    a = nd.array(np.zeros((2, 3)), device=device)
    for axis in (2, -3, (0, 2)):
        with pytest.raises(ValueError, match="is not one of 2 axes"):
            a.sum(axis=axis)
    with pytest.raises(ValueError, match="twice"):
        a.max(axis=(0, -2))


# Products.


@pytest.mark.parametrize(
    ("m", "n", "p"),
    [(1, 1, 1), (2, 3, 4), (5, 1, 7), (1, 9, 1), (8, 8, 8), (16, 24, 8), (72, 8, 72), (73, 71, 75), (64, 128, 80)],
)
def test_matmul(m, n, p, device, rng):
    """Sizes that are multiples of tiles and sizes that are not, of views of all kinds."""
    a, mine = random_view(rng, (m, n), device)
    b, other = random_view(rng, (n, p), device)
    expected = a.astype("float64") @ b.astype("float64")
    same(mine @ other, expected, rtol=1e-4, atol=1e-4)
    same(nd.matmul(mine, other), expected, rtol=1e-4, atol=1e-4)
    if (m, p) != (n, n):
        same(other.T @ mine.T, expected.T, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("run", range(12))
def test_batched_matmul(run, device, rng):
    """Batch dimensions are drawn for the result; each side drops some in front and has 1 in place of others."""
    m, n, p = (int(size) for size in rng.integers(1, 10, size=3))
    batch = random_shape(rng, most=2)
    lhs, rhs = (
        tuple(1 if rng.random() < 0.3 else size for size in batch)[int(rng.integers(0, len(batch) + 1)) :]
        for _ in range(2)
    )
    a, mine = random_view(rng, (*lhs, m, n), device)
    b, other = random_view(rng, (*rhs, n, p), device)
    same(mine @ other, np.matmul(a.astype("float64"), b.astype("float64")), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shapes", [((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 3), (3, 0)), ((0, 2, 3), (3, 2))], ids=str)
def test_matmul_of_nothing(shapes, device):
    a, b = (np.zeros(shape) for shape in shapes)
    same(nd.array(a, device=device) @ nd.array(b, device=device), a @ b)


def test_matmul_refuses(device):
    def zeros(*shape):
        return nd.array(np.zeros(shape), device=device)

    for lhs, rhs, message in (
        (zeros(3, 4), zeros(5, 6), r"matmul: shapes \(3, 4\) and \(5, 6\) do not match: 4 != 5"),
        (zeros(3), zeros(3, 2), r"matmul: shapes \(3,\) and \(3, 2\) must both have two dimensions"),
        (zeros(2, 3, 3), zeros(4, 3, 3), r"matmul: shapes \(2,\) and \(4,\) do not go together"),
    ):
        with pytest.raises(ValueError, match=message):
            lhs @ rhs
    with pytest.raises(TypeError, match="matmul: an NDArray goes with another, not with ndarray"):
        zeros(2, 2) @ np.zeros((2, 2))


# Writing.


@pytest.mark.parametrize("run", range(24))
def test_setitem(run, device, rng):
    """A number, an array of the shape, one that broadcasts, one of NumPy's: only what is named changes."""
    expected = rng.normal(size=random_shape(rng, least=1, empty=True)).astype("float32")
    a = nd.array(expected, device=device)
    handle = a._handle.ptr()
    indices = tuple(random_slice(rng, size, empty=True) for size in a.shape)
    place = indexed(expected, *indices)
    values, mine = random_view(rng, place.shape, device)

    place[...] = values
    a[indices] = mine
    same(a, expected)

    place[...] = 0.5
    a[indices] = np.float64(0.5)
    same(a, expected)

    if place.size:
        place[...] = values[:, ...][:1]
        a[indices] = mine[:1]
        same(a, expected)

    place[...] = values
    a[indices] = np.array(values, dtype="float64")
    same(a, expected)
    assert a._handle.ptr() == handle


@pytest.mark.parametrize("run", RUNS)
def test_setitem_through_a_view(run, device, rng):
    """Writing to a view writes to what it is a view of."""
    expected = rng.normal(size=(4, 5, 6)).astype("float32")
    a = nd.array(expected, device=device)
    axes = tuple(int(axis) for axis in rng.permutation(3))
    indices = [random_slice(rng, size) for size in expected.transpose(axes).shape]
    expected.transpose(axes)[tuple(indices)] = 7
    a.permute(axes)[tuple(indices)] = 7
    same(a, expected)


def test_setitem_takes_arrays_of_the_right_size_in_order(device):
    a = nd.array(np.zeros((2, 3)), device=device)
    a[:, 1:] = nd.array([1.0, 2.0, 3.0, 4.0], device=device)
    assert a.numpy().tolist() == [[0, 1, 2], [0, 3, 4]]


@pytest.mark.parametrize(
    ("to", "of"),
    [
        (slice(1, None), slice(None, -1)),
        (slice(None, -1), slice(1, None)),
        (slice(None, None, -1), slice(None)),
        (slice(None), slice(None, None, -1)),
        (slice(None, 3), slice(5, 2, -1)),
        (slice(None), slice(None)),
    ],
)
def test_setitem_of_overlapping_views_reads_all_before_it_writes(to, of, device):
    expected = np.arange(18.0, dtype="float32").reshape(6, 3)
    a = nd.array(expected, device=device)
    expected[to] = expected[of].copy()
    a[to] = a[of]
    same(a, expected)


def test_setitem_of_its_own_transpose(device):
    expected = np.arange(9.0, dtype="float32").reshape(3, 3)
    a = nd.array(expected, device=device)
    a[:, :] = a.T
    same(a, expected.T)


def test_setitem_refuses(device):
    a = nd.array(np.zeros((2, 3)), device=device)
    with pytest.raises(ValueError, match=r"cannot write 4 numbers of shape \(4,\) to shape \(2, 3\)"):
        a[:] = nd.array(np.zeros(4), device=device)
    with pytest.raises(ValueError, match="elements share memory"):
        a[:1].broadcast_to((4, 3))[:] = 1
    with pytest.raises(TypeError, match="expected real numbers"):
        a[:] = "text"
    same(a, np.zeros((2, 3)))


def test_single_elements(device):
    a = nd.array(np.zeros(()), device=device)
    a[()] = 3
    assert a.item() == float(a) == 3
    a[...] = nd.array([4.0], device=device)
    assert a.numpy().tolist() == 4
    b = nd.array(np.zeros((2, 2)), device=device)
    b.flat[3] += 0.5
    b.flat[-4] -= 0.25
    assert b.numpy().tolist() == [[-0.25, 0], [0, 0.5]]


def test_fill(device):
    """Of a view: no element that is not in it."""
    a = nd.array(np.zeros((3, 3)), device=device)
    a.fill(1)
    a[1].fill(2)
    a[:, ::2].T.fill(np.float32(3))
    assert a.numpy().tolist() == [[3, 1, 3], [3, 2, 3], [3, 1, 3]]


@pytest.mark.parametrize("ndim", [0, 1, 5, 8])
def test_any_number_of_axes(ndim, device, rng):
    shape = (2,) * ndim
    a = rng.normal(size=shape).astype("float32")
    mine = nd.array(a, device=device)
    same(mine.T + mine, a.T + a)
    same(mine.T.sum(axis=None), a.sum(dtype="float64").reshape(1), rtol=1e-5, atol=1e-5)
    out = nd.empty(shape, device=device)
    out.T[...] = mine
    same(out, a.T)


def test_nine_axes(device, rng):
    """More than a GPU's kernels take, which says so."""
    a = rng.normal(size=(2,) * 9).astype("float32")
    mine = nd.array(a, device=device)
    same(mine + 1, a + np.float32(1))
    if device.name == "cuda":
        with pytest.raises(ValueError, match="8"):
            mine.T.compact()
    else:
        same(mine.T.compact(), a.T)


def test_numbers_go_in_and_out(device):
    for given in ([[1, 2], [3, 4]], np.arange(4, dtype="uint8").reshape(2, 2), np.ones((2, 2), order="F"), 3, True, []):
        same(nd.array(given, device=device), np.array(given, dtype="float32"))
    a = nd.array([1.0, 2.0], device=device)
    copy = nd.NDArray(a)
    copy[0] = 5
    assert a.numpy().tolist() == [1, 2]
    values = a.numpy()
    values[0] = 7
    assert a.numpy().tolist() == [1, 2]
    np.testing.assert_array_equal(np.asarray(a), [1, 2])
    assert [each.item() for each in a] == [1, 2]
    assert len(a) == 2
    assert str(a) == "[1. 2.]"
    assert repr(a) == f"NDArray([1. 2.], device={device})"
    for wrong in ("text", None, [None], [1j], object()):
        with pytest.raises(TypeError, match="expected real numbers"):
            nd.array(wrong, device=device)


def test_truth_and_number_of_one_element_only(device):
    a = nd.array([1.0, 2.0], device=device)
    assert bool(a[0] == 1)
    assert not bool(a[0] == 2)
    with pytest.raises(ValueError, match="neither true nor false"):
        bool(a == a)
    with pytest.raises(ValueError, match="has 2 elements, not one"):
        float(a)
    with pytest.raises(TypeError):
        hash(a)


def test_too_large_for_memory(device):
    with pytest.raises(MemoryError):
        nd.empty((2**31 - 1, 2**20), device=device)
    with pytest.raises((MemoryError, ValueError)):
        nd.array([[1.0]], device=device).broadcast_to((2**31 - 1, 2**31 - 1)).compact()


@pytest.mark.parametrize("sizes", [(8, 8, 8), (16, 8, 24), (24, 32, 16)], ids=str)
def test_matmul_tiled(sizes, device, rng):
    """The kernel by itself, on tiles cut by NumPy."""
    if not hasattr(device, "matmul_tiled"):
        pytest.skip(f"{device} has no matmul_tiled")
    t = device.__tile_size__
    m, n, p = sizes

    def tiles(a):
        return a.reshape(a.shape[0] // t, t, a.shape[1] // t, t).transpose(0, 2, 1, 3)

    a, b = rng.normal(size=(m, n)), rng.normal(size=(n, p))
    lhs, rhs = nd.array(tiles(a), device=device), nd.array(tiles(b), device=device)
    out = nd.array(np.full((m // t, p // t, t, t), 99.0), device=device)
    device.matmul_tiled(lhs._handle, rhs._handle, out._handle, m, n, p)
    same(out, tiles(a @ b), rtol=1e-4, atol=1e-4)
