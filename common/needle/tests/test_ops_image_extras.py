"""Transposed convolution and pooling: beside loops, PyTorch, the identity that defines them, and finite differences."""

from __future__ import annotations

from dataclasses import dataclass

import needle as ndl
import numpy as np
import pytest
from image_loops import looped_conv, looped_conv_adjoints, looped_pool
from needle.gradcheck import check_gradients

RUNS = range(10)
DEVICES = [device for device in ndl.all_devices() if device.enabled()]
POOLS = {"max": ndl.max_pool, "mean": ndl.average_pool}


@dataclass(frozen=True)
class Transposed:
    """A transposed convolution that makes sense: sizes of its images, its weights and its result, and its options."""

    images: tuple[int, int, int, int]
    weights: tuple[int, int, int, int]
    result: tuple[int, int, int, int]
    options: tuple[int, int, int]


def random_transposed(rng, *, largest=5):
    """Kernels whose height and width may differ; strides of 1 to 3 with each output padding that they have."""
    while True:
        stride, padding = int(rng.integers(1, 4)), int(rng.integers(0, 3))
        more = int(rng.integers(0, stride))
        count, channels, features, height, width, down, right = (int(n) for n in rng.integers(1, largest, size=7))
        sides = [(n - 1) * stride + k - 2 * padding + more for n, k in ((height, down), (width, right))]
        if min(sides) > 0:
            images, result = (count, height, width, features), (count, *sides, channels)
            return Transposed(images, (down, right, channels, features), result, (stride, padding, more))


def distinct(rng, shape):
    """Numbers none of which is near another: which one is the largest does not change by a small step."""
    return rng.permutation(np.arange(float(np.prod(shape)))).reshape(shape) / 10 - 1


def random_pool(rng, largest=7):
    """The shape of images, and kernel, stride and padding."""
    kernel = int(rng.integers(1, 4))
    height, width = (int(n) for n in rng.integers(kernel, largest, size=2))
    shape = int(rng.integers(1, 3)), height, width, int(rng.integers(1, 3))
    return shape, (kernel, int(rng.integers(1, 4)), int(rng.integers(0, kernel // 2 + 1)))


# Transposed convolution.


@pytest.mark.parametrize("run", RUNS)
def test_it_is_the_adjoint_of_conv(run, rng):
    """sum(conv(x, b) * y) = sum(x * conv_transpose(y, b)), and element by element, by loops that know nothing of it."""
    case = random_transposed(rng)
    stride, padding, _ = case.options
    x, b, y = (rng.normal(size=shape) for shape in (case.result, case.weights, case.images))
    found = ndl.conv_transpose(ndl.Tensor(y), ndl.Tensor(b), *case.options)
    assert found.shape == case.result
    image = looped_conv(x, b, stride, padding)
    np.testing.assert_allclose((image * y).sum(), (x * found.numpy()).sum(), rtol=1e-9, atol=1e-9)
    expected, _ = looped_conv_adjoints(x, b, y, stride, padding)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("run", RUNS)
def test_gradients_of_the_transposed_convolution(run, rng):
    """By its images it is conv; by its weights, conv's own adjoint with images and result in each other's place."""
    case = random_transposed(rng)
    stride, padding, _ = case.options
    y, b = ndl.Tensor(rng.normal(size=case.images)), ndl.Tensor(rng.normal(size=case.weights))
    out_grad = rng.normal(size=case.result)
    ndl.conv_transpose(y, b, *case.options).backward(ndl.Tensor(out_grad))
    by_images = looped_conv(out_grad, b.numpy(), stride, padding)
    _, by_weights = looped_conv_adjoints(out_grad, b.numpy(), y.numpy(), stride, padding)
    np.testing.assert_allclose(y.grad.numpy(), by_images, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(b.grad.numpy(), by_weights, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("run", range(5))
def test_gradients_of_the_transposed_convolution_to_order_2(run, rng):
    case = random_transposed(rng, largest=4)
    args = [rng.normal(size=case.images), rng.normal(size=case.weights)]
    check_gradients(lambda a, b: ndl.conv_transpose(a, b, *case.options), args)


def test_second_order_through_conv_and_back(rng):
    """What one takes apart the other puts together again, with something nonlinear between and behind."""

    def round_trip(a, b):
        return ndl.tanh(ndl.conv_transpose(ndl.tanh(ndl.conv(a, b, 2, 1)), b, 2, 1, 1))

    check_gradients(round_trip, [rng.normal(size=(1, 4, 4, 2)), rng.normal(scale=0.2, size=(3, 3, 2, 2))])


@pytest.mark.parametrize("which", ["images", "weights"])
def test_one_of_the_two_is_a_constant(which, rng):
    case = random_transposed(rng)
    y, b = rng.normal(size=case.images), rng.normal(size=case.weights)
    if which == "images":
        check_gradients(lambda t: ndl.conv_transpose(t, ndl.Tensor(b, requires_grad=False), *case.options), [y])
    else:
        check_gradients(lambda t: ndl.conv_transpose(ndl.Tensor(y, requires_grad=False), t, *case.options), [b])


def test_what_nobody_needs_is_not_computed(monkeypatch, rng):
    """The transposed convolution is one half of a backward pass. The other half costs nothing."""
    calls = []
    compute = ndl.ops.Conv.compute

    def counted(self, a, b):
        calls.append((a.shape, b.shape))
        return compute(self, a, b)

    monkeypatch.setattr(ndl.ops.Conv, "compute", counted)
    a, b = ndl.Tensor(rng.normal(size=(2, 3, 3, 4))), ndl.Tensor(rng.normal(size=(3, 3, 2, 4)))
    out = ndl.conv_transpose(a, b, 2, 1, 1)
    assert len(calls) <= 1
    assert not ndl.autograd.LAZY_MODE
    out.backward()
    assert len(calls) <= 3


def test_the_transposed_convolution_lazily(lazy, rng):
    case = random_transposed(rng)
    y, b = ndl.Tensor(rng.normal(size=case.images)), ndl.Tensor(rng.normal(size=case.weights))
    out = ndl.conv_transpose(y, b, *case.options)
    assert out.cached_data is None
    out.backward()
    assert ndl.autograd.LAZY_MODE
    expected = looped_conv(np.ones(case.result), b.numpy(), *case.options[:2])
    np.testing.assert_allclose(y.grad.numpy(), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("run", RUNS)
def test_the_transposed_convolution_beside_torch(run, rng):
    torch = pytest.importorskip("torch")
    case = random_transposed(rng)
    stride, padding, more = case.options
    y, b = rng.normal(size=case.images), rng.normal(size=case.weights)
    images = torch.tensor(np.ascontiguousarray(y.transpose(0, 3, 1, 2)))
    weights = torch.tensor(np.ascontiguousarray(b.transpose(3, 2, 0, 1)))
    expected = torch.nn.functional.conv_transpose2d(
        images, weights, stride=stride, padding=padding, output_padding=more
    )
    found = ndl.conv_transpose(ndl.Tensor(y), ndl.Tensor(b), *case.options)
    np.testing.assert_allclose(found.numpy(), expected.numpy().transpose(0, 2, 3, 1), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("images", "weights", "options", "message"),
    [
        ((2, 3, 3, 4), (3, 3, 2, 4), {"stride": 0}, "expected a stride of 1 or more, got 0"),
        ((2, 3, 3, 4), (3, 3, 2, 4), {"padding": -1}, "expected a padding of 0 or more, got -1"),
        ((2, 3, 3, 4), (3, 3, 2, 4), {"output_padding": 1}, "less than the stride, which is 1, got 1"),
        ((2, 3, 3, 4), (3, 3, 2, 4), {"stride": 2, "output_padding": -1}, "less than the stride, which is 2, got -1"),
        ((2, 3, 3, 2), (3, 3, 2, 4), {}, r"images \(2, 3, 3, 2\) have 2 channels, but weights \(3, 3, 2, 4\) take 4"),
        ((2, 1, 4, 4), (3, 3, 2, 4), {"padding": 2}, "padding 2 and output_padding 0 would make images of -1x2 pixels"),
        ((2, 0, 4, 4), (3, 3, 2, 4), {}, "would make images of 2x6 pixels"),
        ((2, 3, 4), (3, 3, 2, 4), {}, r"got shapes \(2, 3, 4\) and \(3, 3, 2, 4\)"),
    ],
    ids=str,
)
def test_what_the_transposed_convolution_refuses(images, weights, options, message):
    with pytest.raises(ValueError, match=f"conv_transpose: .*{message}"):
        ndl.conv_transpose(ndl.Tensor(np.zeros(images)), ndl.Tensor(np.zeros(weights)), **options)


# Pooling.


@pytest.mark.parametrize("reduce", POOLS)
@pytest.mark.parametrize("run", RUNS)
def test_pooling(run, reduce, rng):
    shape, options = random_pool(rng)
    a = rng.normal(size=shape)
    found = POOLS[reduce](ndl.Tensor(a), *options)
    expected = looped_pool(a, *options, reduce)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("reduce", POOLS)
def test_windows_side_by_side_unless_a_stride_is_named(reduce, rng):
    a = rng.normal(size=(2, 6, 5, 2))
    np.testing.assert_allclose(POOLS[reduce](ndl.Tensor(a), 2).numpy(), looped_pool(a, 2, 2, 0, reduce), rtol=1e-12)


@pytest.mark.parametrize("reduce", POOLS)
@pytest.mark.parametrize("run", range(6))
def test_gradients_of_pooling_to_order_2(run, reduce, rng):
    """By themselves, and squared: then the second derivatives do not vanish."""
    shape, options = random_pool(rng, largest=5)
    check_gradients(lambda a: POOLS[reduce](a, *options), [distinct(rng, shape)])
    check_gradients(lambda a: POOLS[reduce](a, *options) ** 2, [distinct(rng, shape)])


@pytest.mark.parametrize("reduce", POOLS)
@pytest.mark.parametrize("run", RUNS)
def test_pooling_beside_torch(run, reduce, rng):
    torch = pytest.importorskip("torch")
    shape, options = random_pool(rng, largest=12)
    # Few values: many windows have several largest elements.
    a = rng.integers(-2, 3, size=shape).astype("float64")
    images = torch.tensor(np.ascontiguousarray(a.transpose(0, 3, 1, 2)), requires_grad=True)
    pool = {"max": torch.nn.functional.max_pool2d, "mean": torch.nn.functional.avg_pool2d}[reduce]
    expected = pool(images, *options)
    out_grad = rng.normal(size=expected.shape)
    expected.backward(torch.tensor(out_grad))
    there = ndl.Tensor(a)
    found = POOLS[reduce](there, *options)
    found.backward(ndl.Tensor(out_grad.transpose(0, 2, 3, 1)))
    np.testing.assert_allclose(found.numpy(), expected.detach().numpy().transpose(0, 2, 3, 1), rtol=1e-12)
    np.testing.assert_allclose(there.grad.numpy(), images.grad.numpy().transpose(0, 2, 3, 1), rtol=1e-9, atol=1e-12)


def test_of_equal_elements_the_first_is_given_the_gradient():
    a = ndl.Tensor(np.ones((1, 2, 4, 1)))
    ndl.max_pool(a, 2).backward(ndl.Tensor(np.array([3.0, 5.0]).reshape(1, 1, 2, 1)))
    assert a.grad.numpy()[0, :, :, 0].tolist() == [[3, 0, 5, 0], [0, 0, 0, 0]]


def test_padding_is_never_the_largest_and_counts_in_the_mean():
    a = ndl.Tensor(np.full((1, 2, 2, 1), -4.0))
    assert (ndl.max_pool(a, 2, 1, 1).numpy() == -4).all()
    assert ndl.average_pool(a, 2, 1, 1).numpy()[0, :, :, 0].tolist() == [[-1, -2, -1], [-2, -4, -2], [-1, -2, -1]]


@pytest.mark.parametrize("reduce", POOLS)
def test_pooling_leaves_its_images_alone(reduce, rng):
    a = ndl.Tensor(rng.normal(size=(2, 4, 4, 2)))
    before = a.numpy().copy()
    POOLS[reduce](a, 2).backward()
    assert (a.numpy() == before).all()


@pytest.mark.parametrize("reduce", POOLS)
@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((2, 4, 4, 1), (0,), "expected a kernel and a stride of 1 or more, got 0 and 0"),
        ((2, 4, 4, 1), (2, 0), "expected a kernel and a stride of 1 or more, got 2 and 0"),
        ((2, 4, 4, 1), (2, 1, 2), "expected a padding of 0 to 1, half of the kernel of 2, .*; got 2"),
        ((2, 4, 4, 1), (2, 1, -1), "expected a padding of 0 to 1, .*; got -1"),
        ((2, 4, 2, 1), (3,), r"a kernel of 3 does not fit into images \(2, 4, 2, 1\) with padding 0"),
        ((2, 4, 4), (2,), r"expected images \(N, H, W, C\), got shape \(2, 4, 4\)"),
    ],
    ids=str,
)
def test_what_pooling_refuses(reduce, shape, options, message):
    with pytest.raises(ValueError, match=message):
        POOLS[reduce](ndl.Tensor(np.zeros(shape)), *options)


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_results_stay_on_the_device_and_keep_their_dtype(device, rng):
    where = {"device": device, "dtype": "float32"}
    a = ndl.Tensor(rng.normal(size=(1, 4, 4, 2)), **where)
    b = ndl.Tensor(rng.normal(size=(3, 3, 2, 2)), **where)
    for result in (ndl.conv_transpose(a, b, 2, 1), ndl.max_pool(a, 2, 1, 1), ndl.average_pool(a, 2, 1, 1)):
        result.backward()
        for tensor in (result, a.grad):
            assert (tensor.device, tensor.dtype) == (device, "float32")
