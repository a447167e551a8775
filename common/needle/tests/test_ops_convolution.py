"""conv: beside seven loops, matrices that are written out, PyTorch, and finite differences to order 2."""

from __future__ import annotations

import itertools

import needle as ndl
import numpy as np
import pytest
from image_loops import looped_conv, looped_conv_adjoints, random_sizes
from needle.gradcheck import check_gradients

RUNS = range(12)
DEVICES = [device for device in ndl.all_devices() if device.enabled()]


def conv(a, b, **options):
    return ndl.conv(ndl.Tensor(a), ndl.Tensor(b), **options).numpy()


def require_as_looped(a, b, stride, padding, rng, **where):
    """Values, and both gradients, beside the loops."""
    a_there, b_there = ndl.Tensor(a, **where), ndl.Tensor(b, **where)
    out = ndl.conv(a_there, b_there, stride=stride, padding=padding)
    expected = looped_conv(a, b, stride, padding)
    assert out.shape == expected.shape
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-10, atol=1e-10)
    out_grad = rng.normal(size=expected.shape)
    out.backward(ndl.Tensor(out_grad, **where))
    by_a, by_b = looped_conv_adjoints(a, b, out_grad, stride, padding)
    np.testing.assert_allclose(a_there.grad.numpy(), by_a, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(b_there.grad.numpy(), by_b, rtol=1e-10, atol=1e-10)
    for tensor in (out, a_there.grad, b_there.grad):
        assert tensor.device == a_there.device
        assert tensor.dtype == a_there.dtype


@pytest.mark.parametrize("run", RUNS)
def test_random_sizes(run, rng):
    sizes = random_sizes(rng)
    require_as_looped(*sizes.draw(rng), sizes.stride, sizes.padding, rng)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding"),
    [
        (size, kernel, stride, padding)
        for size, kernel, stride, padding in itertools.product((1, 2, 5, 6), (1, 2, 3), (1, 2, 3, 7), (0, 1, 3))
        if kernel <= size + 2 * padding
    ],
)
def test_every_remainder(size, kernel, stride, padding, rng):
    """Every remainder of H + 2 * padding - K by the stride, padding beyond the kernel, strides beyond the kernel."""
    a, b = rng.normal(size=(2, size, size, 2)), rng.normal(size=(kernel, kernel, 2, 3))
    require_as_looped(a, b, stride, padding, rng)


@pytest.mark.parametrize("device", DEVICES, ids=str)
@pytest.mark.parametrize("run", range(3))
def test_on_every_device(run, device, rng):
    sizes = random_sizes(rng, largest=5)
    a, b = (array.astype("float32") for array in sizes.draw(rng))
    where = {"device": device, "dtype": "float32"}
    out = ndl.conv(ndl.Tensor(a, **where), ndl.Tensor(b, **where), sizes.stride, sizes.padding)
    expected = looped_conv(a, b, sizes.stride, sizes.padding)
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-4, atol=1e-4)
    assert (out.device, out.dtype) == (device, "float32")


@pytest.mark.parametrize(
    "images",
    [(1, 8, 8, 3), (3, 14, 14, 8), (4, 9, 6, 16), (2, 16, 16, 24), (1, 33, 31, 1)],
    ids=str,
)
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 1), (3, 2, 1), (5, 1, 2), (1, 1, 0), (1, 2, 0)])
def test_larger_ones_by_einsum(images, kernel, stride, padding, rng):
    """Sizes at which kernels leave their edges behind, in float32."""
    a = rng.normal(size=images).astype("float32")
    b = rng.normal(size=(kernel, kernel, images[3], 10)).astype("float32")
    around = np.pad(a, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(around, (kernel, kernel), (1, 2))[:, ::stride, ::stride]
    expected = np.einsum("nijcuv,uvco->nijo", windows.astype("float64"), b)
    a_there, b_there = ndl.Tensor(a), ndl.Tensor(b)
    out = ndl.conv(a_there, b_there, stride=stride, padding=padding)
    np.testing.assert_allclose(out.numpy(), expected, rtol=2e-4, atol=2e-4)
    out_grad = rng.normal(size=expected.shape).astype("float32")
    out.backward(ndl.Tensor(out_grad))
    by_b = np.einsum("nijcuv,nijo->uvco", windows.astype("float64"), out_grad)
    np.testing.assert_allclose(b_there.grad.numpy(), by_b, rtol=1e-3, atol=1e-3)
    # The adjoint in the images, by its definition.
    x = rng.normal(size=images)
    along = (a_there.grad.numpy().astype("float64") * x).sum()
    moved = (conv(x, b, stride=stride, padding=padding).astype("float64") * out_grad).sum()
    assert along == pytest.approx(moved, rel=1e-3, abs=1e-2)


@pytest.mark.parametrize("run", range(8))
def test_gradients_to_order_2(run, rng):
    sizes = random_sizes(rng, largest=4)
    check_gradients(lambda a, b: ndl.conv(a, b, sizes.stride, sizes.padding), sizes.draw(rng))


def test_gradients_of_a_nonlinear_function_to_order_2(rng):
    """conv is linear in each argument; a tanh behind it makes second derivatives that do not vanish."""
    args = [rng.normal(size=(2, 5, 4, 2)), rng.normal(size=(3, 3, 2, 2))]
    check_gradients(lambda a, b: ndl.tanh(ndl.conv(a, b, 2, 1)), args)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 1), (3, 2)])
def test_the_matrix_of_a_convolution(stride, padding, rng):
    """A doubly blocked Toeplitz matrix, whose columns are what unit images become; transposed, the backward pass."""
    shape, b = (1, 4, 5, 2), rng.normal(size=(3, 3, 2, 2))
    units = np.eye(4 * 5 * 2).reshape(-1, 4, 5, 2)
    columns = conv(units, b, stride=stride, padding=padding)
    rows, across = columns.shape[1:3]
    matrix = np.zeros((rows, across, 2, 4, 5, 2))
    for i, j, o, y, x, c in np.ndindex(matrix.shape):
        u, v = y + padding - stride * i, x + padding - stride * j
        if 0 <= u < 3 and 0 <= v < 3:
            matrix[i, j, o, y, x, c] = b[u, v, c, o]
    matrix = matrix.reshape(rows * across * 2, 4 * 5 * 2)
    np.testing.assert_allclose(columns.reshape(4 * 5 * 2, -1).T, matrix, rtol=1e-12, atol=1e-12)
    a = ndl.Tensor(rng.normal(size=shape))
    out = ndl.conv(a, ndl.Tensor(b), stride, padding)
    out_grad = rng.normal(size=out.shape)
    out.backward(ndl.Tensor(out_grad))
    np.testing.assert_allclose(out.numpy().ravel(), matrix @ a.numpy().ravel(), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(a.grad.numpy().ravel(), matrix.T @ out_grad.ravel(), rtol=1e-10, atol=1e-10)


def test_the_kernel_is_not_flipped():
    """A single 1 in the upper left corner of the kernel finds the upper left pixel of each window."""
    a = np.arange(9.0).reshape(1, 3, 3, 1)
    b = np.zeros((2, 2, 1, 1))
    b[0, 0] = 1
    assert conv(a, b, padding=0)[0, :, :, 0].tolist() == [[0, 1], [3, 4]]
    assert conv(a, b[::-1, ::-1].copy(), padding=0)[0, :, :, 0].tolist() == [[4, 5], [7, 8]]


def test_what_is_not_named():
    """The function pads by 1, the operator by 0, as the course's interface has it; None is the operator's own."""
    a, b = ndl.Tensor(np.ones((1, 5, 5, 1))), ndl.Tensor(np.ones((3, 3, 1, 1)))
    assert ndl.conv(a, b).shape == (1, 5, 5, 1)
    assert ndl.ops.Conv()(a, b).shape == ndl.ops.Conv(None, None)(a, b).shape == (1, 3, 3, 1)
    assert ndl.ops.Conv(stride=2, padding=1)(a, b).shape == (1, 3, 3, 1)


def test_one_argument_twice(rng):
    """(2, 2, 2, 2) is both images and weights."""
    check_gradients(lambda a: ndl.conv(a, a, 1, 1), [rng.normal(size=(2, 2, 2, 2))])


def test_no_images():
    a, b = ndl.Tensor(np.zeros((0, 5, 5, 2))), ndl.Tensor(np.ones((3, 3, 2, 4)))
    out = ndl.conv(a, b, stride=2)
    assert out.shape == (0, 3, 3, 4)
    out.backward()
    assert a.grad.shape == (0, 5, 5, 2)
    assert b.grad.numpy().tolist() == np.zeros((3, 3, 2, 4)).tolist()


def test_neither_argument_changes(rng):
    a, b = ndl.Tensor(rng.normal(size=(2, 4, 4, 2))), ndl.Tensor(rng.normal(size=(3, 3, 2, 2)))
    before = a.numpy().copy(), b.numpy().copy()
    ndl.conv(a, b, 2, 1).backward()
    assert (a.numpy() == before[0]).all()
    assert (b.numpy() == before[1]).all()


def test_lazily(lazy, rng):
    a, b = rng.normal(size=(2, 4, 5, 2)), rng.normal(size=(3, 3, 2, 2))
    out = ndl.conv(ndl.Tensor(a), ndl.Tensor(b), 2, 1)
    assert out.cached_data is None
    np.testing.assert_allclose(out.numpy(), looped_conv(a, b, 2, 1), rtol=1e-10, atol=1e-10)


# Dilation and groups.


def spread_out(b, dilation):
    """The kernel of a dilated convolution, written out with its zeros."""
    down, right = ((size - 1) * dilation + 1 for size in b.shape[:2])
    out = np.zeros((down, right, *b.shape[2:]))
    for u, v in np.ndindex(*b.shape[:2]):
        out[u * dilation, v * dilation] = b[u, v]
    return out


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 2])
def test_dilation(dilation, stride, padding, rng):
    a, b = rng.normal(size=(2, 7, 8, 2)), rng.normal(size=(3, 2, 2, 3))
    expected = looped_conv(a, spread_out(b, dilation), stride, padding)
    found = conv(a, b, stride=stride, padding=padding, dilation=dilation)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("groups", "channels", "features"), [(1, 3, 2), (2, 4, 6), (3, 3, 6), (4, 4, 4), (2, 6, 2)])
def test_groups_are_small_convolutions(groups, channels, features, rng):
    a = rng.normal(size=(2, 5, 4, channels))
    b = rng.normal(size=(3, 3, channels // groups, features))
    shares = zip(np.split(a, groups, 3), np.split(b, groups, 3), strict=True)
    expected = np.concatenate([looped_conv(images, weights, 2, 1) for images, weights in shares], 3)
    np.testing.assert_allclose(conv(a, b, stride=2, padding=1, groups=groups), expected, rtol=1e-10, atol=1e-10)


def test_gradients_of_dilated_groups_to_order_2(rng):
    args = [rng.normal(size=(1, 4, 5, 4)), rng.normal(size=(2, 2, 2, 2))]
    check_gradients(lambda a, b: ndl.conv(a, b, stride=2, padding=1, dilation=2, groups=2), args)


# PyTorch.


def to_torch(torch, array, order):
    return torch.tensor(np.ascontiguousarray(array.transpose(order)), requires_grad=True)


@pytest.mark.parametrize("run", range(20))
def test_beside_torch(run, rng):
    torch = pytest.importorskip("torch")
    sizes = random_sizes(rng, largest=12)
    groups = int(rng.choice([1, 1, 2]))
    dilation = int(rng.choice([1, 1, 2]))
    (count, height, width, channels), (down, right, _, features) = sizes.images, sizes.weights
    grown = dilation * (max(down, right) - 1)
    a = rng.normal(size=(count, height + grown, width + grown, channels * groups))
    b = rng.normal(size=(down, right, channels, features * groups))
    images, weights = to_torch(torch, a, (0, 3, 1, 2)), to_torch(torch, b, (3, 2, 0, 1))
    expected = torch.nn.functional.conv2d(
        images, weights, stride=sizes.stride, padding=sizes.padding, dilation=dilation, groups=groups
    )
    out_grad = rng.normal(size=expected.shape)
    expected.backward(torch.tensor(out_grad))
    a_there, b_there = ndl.Tensor(a), ndl.Tensor(b)
    found = ndl.conv(a_there, b_there, sizes.stride, sizes.padding, dilation, groups)
    found.backward(ndl.Tensor(out_grad.transpose(0, 2, 3, 1)))
    for mine, theirs, order in (
        (found, expected.detach(), (0, 2, 3, 1)),
        (a_there.grad, images.grad, (0, 2, 3, 1)),
        (b_there.grad, weights.grad, (2, 3, 1, 0)),
    ):
        np.testing.assert_allclose(mine.numpy(), theirs.numpy().transpose(order), rtol=1e-9, atol=1e-9)


# Bad input.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stride": 0}, "conv: expected a stride of 1 or more, got 0"),
        ({"stride": -2}, "conv: expected a stride of 1 or more, got -2"),
        ({"padding": -1}, "conv: expected a padding of 0 or more, got -1"),
        ({"dilation": 0}, "conv: expected a dilation of 1 or more, got 0"),
        ({"groups": 0}, "conv: expected 1 group or more, got 0"),
        ({"groups": 3}, r"conv: images \(2, 4, 5, 4\) have 4 channels, which do not divide by 3 groups"),
        ({"groups": 2}, r"conv: 4 channels in 2 groups are 2 each, but weights \(3, 3, 4, 2\) take 4"),
        ({"groups": 4}, r"conv: weights \(3, 3, 4, 2\) have 2 channels, which do not divide by 4 groups"),
    ],
    ids=str,
)
def test_options_that_make_no_sense(options, message):
    a, b = ndl.Tensor(np.zeros((2, 4, 5, 4))), ndl.Tensor(np.zeros((3, 3, 4, 2)))
    with pytest.raises(ValueError, match=message):
        ndl.conv(a, b, **options)


@pytest.mark.parametrize(
    ("images", "weights", "padding", "message"),
    [
        ((2, 4, 5, 3), (3, 3, 4, 2), 0, r"images \(2, 4, 5, 3\) have 3 channels, but weights \(3, 3, 4, 2\) take 4"),
        ((2, 3, 4, 5), (3, 3, 3, 2), 0, r"have 5 channels, but .* take 3; images are \(N, H, W, C_in\)"),
        ((2, 4, 6, 3), (5, 5, 3, 2), 0, r"a kernel of height 5 does not fit: images \(2, 4, 6, 3\) .* have height 4"),
        ((2, 6, 2, 3), (5, 5, 3, 2), 1, "a kernel of width 5 does not fit: .* with padding 1 have width 4"),
        ((2, 0, 5, 3), (1, 1, 3, 2), 0, "a kernel of height 1 does not fit: .* have height 0"),
        ((2, 4, 5, 3), (0, 3, 3, 2), 0, "a kernel of height 0 does not fit"),
        ((4, 5, 3), (3, 3, 3, 2), 0, r"expected images \(N, H, W, C_in\) .*got shapes \(4, 5, 3\) and \(3, 3, 3, 2\)"),
        ((2, 4, 5, 3), (3, 3, 3), 0, r"got shapes \(2, 4, 5, 3\) and \(3, 3, 3\)"),
    ],
    ids=str,
)
def test_shapes_that_do_not_go_together(images, weights, padding, message):
    with pytest.raises(ValueError, match=f"conv: .*{message}"):
        conv(np.zeros(images), np.zeros(weights), padding=padding)


def test_strides_are_whole_numbers():
    with pytest.raises(TypeError, match="integer"):
        ndl.ops.Conv(stride=1.5)
