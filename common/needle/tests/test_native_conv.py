"""The library's own kernels of products: batches of matrices of any strides, and convolutions, on every instruction set
that this machine has and with several threads, against NumPy in float64.
"""

from __future__ import annotations

import itertools
from types import ModuleType

import native
import numpy as np
import pytest
from needle import backend_ndarray as nd

fast = native.LOADED["fast"]
if isinstance(fast, str):
    pytest.skip(fast, allow_module_level=True)


@pytest.fixture(
    params=[(isa, threads) for isa in fast.isas() for threads in (1, 3)], ids=lambda param: f"{param[0]}-{param[1]}"
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


def unset(module: ModuleType, size: int) -> object:
    """An array for a result, in which what is not written shows."""
    array = module.Array(size)
    module.fill(array, float("nan"))
    return array


def close(ours: np.ndarray, exact: np.ndarray, magnitude: np.ndarray) -> None:
    """Within a few roundings of the sum of the products' magnitudes."""
    assert ours.shape == exact.shape
    assert np.isfinite(ours).all()
    assert (np.abs(ours - exact) <= 1e-6 * magnitude + 1e-30).all()


# Batches of matrices --------------------------------------------------------------------------------------------------


def a_batch(rng: np.random.Generator, batch: tuple[int, ...], rows: int, columns: int) -> native.View:
    """Matrices whose axes lie in any order in memory, some of them backwards, with gaps, or the same for a batch."""
    shape = (*(1 if rng.random() < 0.3 else size for size in batch), rows, columns)
    order = rng.permutation(len(shape))
    memory = native.numbers(rng, *(shape[axis] + 1 for axis in order))
    cuts = [slice(None, -1) if rng.random() < 0.7 else slice(None, 0, -1) for _ in order]
    seen = memory[tuple(cuts)].transpose(np.argsort(order))
    return native.View(memory.reshape(-1), np.broadcast_to(seen, (*batch, rows, columns)))


SIZES = (1, 2, 7, 12, 13, 16, 31, 33, 64, 100)


def test_batches_of_products_of_any_strides(kernels, rng):
    for _ in range(60):
        batch = tuple(int(size) for size in rng.integers(1, 4, rng.integers(0, 4)))
        m, n, p = (int(size) for size in rng.choice(SIZES, 3))
        a, b = a_batch(rng, batch, m, n), a_batch(rng, batch, n, p)
        out = unset(kernels, int(np.prod(batch)) * m * p)
        x, y = native.put(kernels, a.memory), native.put(kernels, b.memory)
        kernels.matmul_batched(x, *a.arguments, y, *b.arguments, out)
        ours = native.get(kernels, out).reshape(*batch, m, p)
        wide = a.seen.astype(np.float64), b.seen.astype(np.float64)
        close(ours, wide[0] @ wide[1], np.abs(wide[0]) @ np.abs(wide[1]))


@pytest.mark.parametrize("shape", [(300, 600, 310), (5, 1300, 40), (40, 1030, 5)], ids=str)
@pytest.mark.parametrize(("turned_a", "turned_b"), list(itertools.product((False, True), repeat=2)))
def test_long_and_large_products_of_transposes(kernels, rng, shape, turned_a, turned_b):
    m, n, p = shape
    a = native.numbers(rng, n, m).T if turned_a else native.numbers(rng, m, n)
    b = native.numbers(rng, p, n).T if turned_b else native.numbers(rng, n, p)
    views = [native.View(each.base.reshape(-1) if each.base is not None else each.reshape(-1), each) for each in (a, b)]
    out = unset(kernels, m * p)
    x, y = (native.put(kernels, view.memory) for view in views)
    kernels.matmul_batched(x, *views[0].arguments, y, *views[1].arguments, out)
    wide = a.astype(np.float64), b.astype(np.float64)
    close(native.get(kernels, out).reshape(m, p), wide[0] @ wide[1], np.abs(wide[0]) @ np.abs(wide[1]))


def test_products_of_nothing(kernels):
    empty = kernels.Array(0)
    out = unset(kernels, 24)
    kernels.matmul_batched(empty, (2, 3, 0), (0, 0, 1), 0, empty, (2, 0, 4), (0, 4, 1), 0, out)
    np.testing.assert_array_equal(native.get(kernels, out), 0)
    kernels.matmul_batched(empty, (0, 3, 2), (6, 2, 1), 0, empty, (0, 2, 4), (8, 4, 1), 0, kernels.Array(0))


def test_nan_and_infinity_pass_through_products(kernels, rng):
    a, b = native.numbers(rng, 3, 20, 17), native.numbers(rng, 3, 17, 40)
    a[0, 4, 3], b[1, 16, 39], a[2, 19, 0] = np.nan, np.inf, -np.inf
    out = unset(kernels, 3 * 20 * 40)
    kernels.matmul_batched(
        native.put(kernels, a), a.shape, (340, 17, 1), 0, native.put(kernels, b), b.shape, (680, 40, 1), 0, out
    )
    ours = native.get(kernels, out).reshape(3, 20, 40)
    expected = np.zeros(ours.shape, bool)
    expected[0, 4], expected[1, :, 39], expected[2, 19] = True, True, True
    np.testing.assert_array_equal(~np.isfinite(ours), expected)


BATCHED = {
    "b does not go on from a": ((2, 3), (3, 1), 0, (4, 5), (5, 1), 0, 10),
    "batches differ": ((2, 2, 3), (6, 3, 1), 0, (3, 3, 5), (15, 5, 1), 0, 20),
    "no matrix": ((6,), (1,), 0, (6,), (1,), 0, 1),
    "one has a batch": ((2, 2, 3), (6, 3, 1), 0, (3, 5), (5, 1), 0, 20),
    "a leaves its memory": ((2, 3), (4, 1), 90, (3, 5), (5, 1), 0, 10),
    "b leaves its memory": ((2, 3), (3, 1), 0, (3, 5), (-5, 1), 0, 10),
    "out is too small": ((2, 3), (3, 1), 0, (3, 5), (5, 1), 0, 9),
}


@pytest.mark.parametrize("case", BATCHED)
def test_a_wrong_batch_is_an_error(case):
    a_shape, a_strides, a_offset, b_shape, b_strides, b_offset, size = BATCHED[case]
    a, b = fast.Array(96), fast.Array(96)
    with pytest.raises(ValueError, match=r"^matmul_batched: "):
        fast.matmul_batched(a, a_shape, a_strides, a_offset, b, b_shape, b_strides, b_offset, fast.Array(size))
    square = fast.Array(4)
    with pytest.raises(ValueError, match="out must be another array"):
        fast.matmul_batched(square, (2, 2), (2, 1), 0, fast.Array(4), (2, 2), (2, 1), 0, square)


def test_arrays_multiply_without_being_made_compact(rng, monkeypatch):
    """The heads of attention: (batch, time, heads, features), whose products are by head."""
    x, y = native.numbers(rng, 2, 5, 3, 4), native.numbers(rng, 2, 6, 3, 4)
    q, k = (nd.NDArray(each, device=nd.cpu()).permute((0, 2, 1, 3)) for each in (x, y))
    if not hasattr(nd.cpu().mod, "matmul_batched"):
        pytest.skip("cpu() runs the kernels of the exercise")
    monkeypatch.setattr(nd.NDArray, "compact", lambda self: pytest.fail("an operand was copied"))
    scores = q @ k.permute((0, 1, 3, 2))
    monkeypatch.undo()
    expected = np.einsum("bthd,bshd->bhts", x.astype(np.float64), y.astype(np.float64))
    np.testing.assert_allclose(scores.numpy(), expected, rtol=1e-5, atol=1e-5)


# Convolutions ---------------------------------------------------------------------------------------------------------


def patches(x: np.ndarray, kernel: tuple[int, int], stride: int, padding: int, dilation: int):
    """Each place of the result with the part of the padded images that the kernel covers there."""
    pad = (padding, padding)
    padded = np.pad(x, ((0, 0), pad, pad, (0, 0)))
    reach = [(size - 1) * dilation + 1 for size in kernel]
    for i, top in enumerate(range(0, padded.shape[1] - reach[0] + 1, stride)):
        for j, left in enumerate(range(0, padded.shape[2] - reach[1] + 1, stride)):
            rows, columns = (slice(at, at + size, dilation) for at, size in zip((top, left), reach, strict=True))
            yield i, j, padded, (slice(None), rows, columns)


def conv(x: np.ndarray, w: np.ndarray, stride: int, padding: int, dilation: int) -> np.ndarray:
    sizes = [
        (n + 2 * padding - (k - 1) * dilation - 1) // stride + 1 for n, k in zip(x.shape[1:3], w.shape, strict=False)
    ]
    out = np.zeros((x.shape[0], *sizes, w.shape[3]))
    for i, j, padded, place in patches(x, w.shape[:2], stride, padding, dilation):
        out[:, i, j] = np.einsum("nabc,abcf->nf", padded[place], w)
    return out


def by_images(g: np.ndarray, w: np.ndarray, shape: tuple[int, ...], stride: int, padding: int, dilation: int):
    grad = None
    for i, j, padded, place in patches(np.zeros(shape), w.shape[:2], stride, padding, dilation):
        grad = np.zeros(padded.shape) if grad is None else grad
        grad[place] += np.einsum("nf,abcf->nabc", g[:, i, j], w)
    return grad[:, padding : padding + shape[1], padding : padding + shape[2]]


def by_weight(x: np.ndarray, g: np.ndarray, shape: tuple[int, ...], stride: int, padding: int, dilation: int):
    grad = np.zeros(shape)
    for i, j, padded, place in patches(x, shape[:2], stride, padding, dilation):
        grad += np.einsum("nabc,nf->abcf", padded[place], g[:, i, j])
    return grad


def check(kernels: ModuleType, rng: np.random.Generator, x_shape, w_shape, stride=1, padding=0, dilation=1) -> None:
    """All three kernels."""
    how = (stride, padding, dilation)
    x, w = (native.numbers(rng, *shape).astype(np.float64) for shape in (x_shape, w_shape))
    exact = conv(x, w, *how)
    g = native.numbers(rng, *exact.shape).astype(np.float64)
    out, dx, dw = (unset(kernels, each.size) for each in (exact, x, w))
    images, weight, grad = (native.put(kernels, each) for each in (x, w, g))
    kernels.conv2d(images, weight, out, x.shape, w.shape, *how)
    kernels.conv2d_by_images(grad, weight, dx, x.shape, w.shape, *how)
    kernels.conv2d_by_weight(images, grad, dw, x.shape, w.shape, *how)
    sizes = np.abs(x), np.abs(w), np.abs(g)
    close(native.get(kernels, out).reshape(exact.shape), exact, conv(sizes[0], sizes[1], *how))
    exact = by_images(g, w, x.shape, *how)
    close(native.get(kernels, dx).reshape(x.shape), exact, by_images(sizes[2], sizes[1], x.shape, *how))
    exact = by_weight(x, g, w.shape, *how)
    close(native.get(kernels, dw).reshape(w.shape), exact, by_weight(sizes[0], sizes[2], w.shape, *how))


def test_convolutions_of_random_sizes(kernels, rng):
    for _ in range(40):
        stride, padding, dilation = (int(rng.integers(*ends)) for ends in ((1, 5), (0, 4), (1, 4)))
        kernel = rng.integers(1, 6, 2)
        least = np.maximum(1, (kernel - 1) * dilation + 1 - 2 * padding)
        height, width = (int(rng.integers(low, low + 10)) for low in least)
        images, channels, filters = (
            int(rng.choice(some)) for some in ((1, 2, 3), (1, 2, 3, 8, 17), (1, 3, 16, 19, 50))
        )
        kernel = tuple(int(size) for size in kernel)
        check(kernels, rng, (images, height, width, channels), (*kernel, channels, filters), stride, padding, dilation)


SHAPES = {
    "of the lecture": ((2, 32, 32, 8), (3, 3, 8, 16), 1, 0),
    "first of ResNet9": ((3, 32, 32, 3), (7, 7, 3, 16), 4, 3),
    "small images, threads": ((40, 4, 4, 32), (3, 3, 32, 33), 1, 1),
    "one pixel in padding": ((9, 1, 1, 20), (3, 3, 20, 40), 1, 1),
    "two pixels, stride 2": ((9, 2, 2, 20), (3, 3, 20, 40), 2, 1),
    "deeper than a slice": ((2, 5, 5, 70), (3, 3, 70, 5), 1, 1),
    "wide, deeper than a slice": ((1, 9, 9, 70), (3, 3, 70, 16), 1, 1),
    "many places": ((7, 18, 18, 5), (3, 3, 5, 7), 1, 1),
    "one by one": ((2, 9, 9, 20), (1, 1, 20, 16), 1, 0),
    "one by one in padding": ((2, 9, 9, 20), (1, 1, 20, 16), 1, 1),
    "one by one, stride 2": ((2, 16, 16, 20), (1, 1, 20, 16), 2, 0),
    "stride beyond the kernel": ((2, 16, 16, 4), (2, 2, 4, 16), 3, 0),
    "more padding than kernel": ((2, 8, 8, 4), (2, 2, 4, 16), 1, 4),
    "one number": ((1, 1, 1, 1), (1, 1, 1, 1), 1, 0),
    "rows too long for a band": ((1, 3, 700, 24), (3, 3, 24, 16), 1, 1),
    "as large as the images": ((2, 8, 8, 3), (8, 8, 3, 5), 1, 0),
}


@pytest.mark.parametrize("case", SHAPES)
def test_convolutions(kernels, rng, case):
    check(kernels, rng, *SHAPES[case])


def test_gradients_are_the_same_for_any_number_of_threads(rng):
    x, g = native.numbers(rng, 20, 12, 12, 5), native.numbers(rng, 20, 12, 12, 16)
    before, found = fast.threads(), []
    for threads in (1, 2, 5):
        fast.set_threads(threads)
        out = unset(fast, 3 * 3 * 5 * 16)
        fast.conv2d_by_weight(native.put(fast, x), native.put(fast, g), out, x.shape, (3, 3, 5, 16), 1, 1)
        found.append(native.get(fast, out))
    fast.set_threads(before)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_nan_reaches_what_it_is_part_of_and_nothing_else(kernels, rng):
    x, w = native.numbers(rng, 2, 10, 10, 3), native.numbers(rng, 3, 3, 3, 16)
    x[1, 4, 5, 2] = np.nan
    out = unset(kernels, 2 * 10 * 10 * 16)
    kernels.conv2d(native.put(kernels, x), native.put(kernels, w), out, x.shape, w.shape, 1, 1)
    expected = np.zeros((2, 10, 10, 16), bool)
    expected[1, 3:6, 4:7] = True
    np.testing.assert_array_equal(np.isnan(native.get(kernels, out).reshape(expected.shape)), expected)


def test_convolutions_of_nothing(kernels, rng):
    empty, weight = kernels.Array(0), native.put(kernels, native.numbers(rng, 3, 3, 2, 4))
    kernels.conv2d(empty, weight, kernels.Array(0), (0, 5, 5, 2), (3, 3, 2, 4))
    kernels.conv2d_by_images(empty, weight, kernels.Array(0), (0, 5, 5, 2), (3, 3, 2, 4))
    grad = unset(kernels, 72)
    kernels.conv2d_by_weight(empty, empty, grad, (0, 5, 5, 2), (3, 3, 2, 4))
    np.testing.assert_array_equal(native.get(kernels, grad), 0)
    out = unset(kernels, 2 * 3 * 3 * 4)
    kernels.conv2d(empty, empty, out, (2, 5, 5, 0), (3, 3, 0, 4))
    np.testing.assert_array_equal(native.get(kernels, out), 0)


WRONG = {
    "kernel too large": ({"images_shape": (2, 2, 5, 3)}, "does not fit"),
    "kernel of nothing": ({"weight_shape": (0, 3, 3, 4)}, "does not fit"),
    "too dilated": ({"dilation": 3}, "does not fit"),
    "no stride": ({"stride": 0}, "stride must lie between 1"),
    "padding below 0": ({"padding": -1}, "padding must lie between 0"),
    "stride no number": ({"stride": 1.5}, "stride must be an integer"),
    "channels differ": ({"weight_shape": (3, 3, 2, 4)}, "expected images"),
    "too few axes": ({"images_shape": (5, 5, 3)}, "expected images"),
    "images of another size": ({"images_shape": (3, 5, 5, 3)}, "images must have 225 elements"),
    "weight of another size": ({"weight_shape": (2, 3, 3, 4)}, "weight must have 72 elements"),
    "out of another size": ({"padding": 1}, "out must have 200 elements"),
    "more than memory": ({"images_shape": (2**31 - 1, 2**31 - 1, 2**31 - 1, 3)}, "than memory could hold"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_convolution_is_an_error(case):
    change, message = WRONG[case]
    shapes = {"images_shape": (2, 5, 5, 3), "weight_shape": (3, 3, 3, 4), "stride": 1, "padding": 0, "dilation": 1}
    kind = TypeError if "integer" in message else ValueError
    images, weight, out = fast.Array(150), fast.Array(108), fast.Array(72)
    with pytest.raises(kind, match=rf"^conv2d: .*{message}"):
        fast.conv2d(images, weight, out, **{**shapes, **change})
    with pytest.raises(kind, match=rf"^conv2d_by_images: .*{message}"):
        fast.conv2d_by_images(out, weight, images, **{**shapes, **change})
    with pytest.raises(kind, match=rf"^conv2d_by_weight: .*{message}"):
        fast.conv2d_by_weight(images, out, weight, **{**shapes, **change})


def test_a_result_is_another_array():
    array = fast.Array(1)
    with pytest.raises(ValueError, match="out must be another array"):
        fast.conv2d(array, fast.Array(1), array, (1, 1, 1, 1), (1, 1, 1, 1))
