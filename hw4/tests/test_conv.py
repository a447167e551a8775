"""hw4, conv: the operator and the module beside seven loops, and their gradients beside the same loops backwards."""

import math

import mugrade
import needle as ndl
import numpy as np
import pytest
from needle import nn


def numbers(rng, *shape):
    return rng.uniform(-1, 1, size=shape).astype(np.float32)


def tensor(values):
    return ndl.Tensor(values, dtype="float32")


def close(found, wanted):
    assert isinstance(found, ndl.Tensor)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-4, atol=2e-5)


def products(images, kernel, stride, padding):
    """Each product of a convolution: the places of the pixel, of the weight and of the sum that it belongs to.

    images: the shape (N, H, W, C_in); kernel: the shape (K, K, C_in, C_out). Pixels in the padding are left out: they
    are 0.
    """
    count, high, wide, _ = images
    rows, columns = ((n + 2 * padding - k) // stride + 1 for n, k in zip((high, wide), kernel[:2], strict=True))
    for n, i, j in np.ndindex(count, rows, columns):
        for u, v, c, o in np.ndindex(*kernel):
            y, x = i * stride + u - padding, j * stride + v - padding
            if 0 <= y < high and 0 <= x < wide:
                yield (n, y, x, c), (u, v, c, o), (n, i, j, o)


def looped(values, weights, stride, padding):
    """The convolution of images (N, H, W, C_in), in float64."""
    height, width = (
        (n + 2 * padding - k) // stride + 1 for n, k in zip(values.shape[1:3], weights.shape, strict=False)
    )
    out = np.zeros((len(values), height, width, weights.shape[3]))
    for pixel, weight, place in products(values.shape, weights.shape, stride, padding):
        out[place] += float(values[pixel]) * float(weights[weight])
    return out


def looped_back(values, weights, out_grad, stride, padding):
    """What each pixel and each weight is given: of each product, the other factor times the sum's adjoint."""
    to_images, to_weights = np.zeros(values.shape), np.zeros(weights.shape)
    for pixel, weight, place in products(values.shape, weights.shape, stride, padding):
        to_images[pixel] += float(out_grad[place]) * float(weights[weight])
        to_weights[weight] += float(out_grad[place]) * float(values[pixel])
    return to_images, to_weights


def check(rng, images, kernel, stride, padding):
    values, weights = numbers(rng, *images), numbers(rng, *kernel)
    close(
        ndl.conv(tensor(values), tensor(weights), stride=stride, padding=padding),
        looped(values, weights, stride, padding),
    )


def check_gradients(rng, images, kernel, stride, padding):
    values, weights = numbers(rng, *images), numbers(rng, *kernel)
    a, b = tensor(values), tensor(weights)
    out = ndl.conv(a, b, stride=stride, padding=padding)
    out_grad = numbers(rng, *out.shape)
    out.backward(tensor(out_grad))
    to_images, to_weights = looped_back(values, weights, out_grad, stride, padding)
    close(a.grad, to_images)
    close(b.grad, to_weights)


# (images, weights, stride, padding)
SIZES = {
    "3 x 3": ((2, 5, 5, 2), (3, 3, 2, 3), 1, 0),
    "3 x 3, same size": ((2, 4, 4, 3), (3, 3, 3, 2), 1, 1),
    "3 x 3, full": ((1, 3, 3, 2), (3, 3, 2, 2), 1, 2),
    "5 x 5, same size": ((1, 4, 4, 2), (5, 5, 2, 2), 1, 2),
    "5 x 5, some padding": ((1, 5, 5, 1), (5, 5, 1, 2), 1, 1),
    "2 x 2": ((2, 4, 4, 2), (2, 2, 2, 3), 1, 0),
    "2 x 2, padding": ((2, 3, 3, 2), (2, 2, 2, 2), 1, 1),
    "1 x 1": ((3, 3, 3, 2), (1, 1, 2, 4), 1, 0),
    "one of everything": ((1, 1, 1, 1), (1, 1, 1, 1), 1, 0),
    "kernel as large as the image": ((2, 3, 3, 2), (3, 3, 2, 2), 1, 0),
    "stride 2, even": ((2, 6, 6, 2), (3, 3, 2, 2), 2, 1),
    "stride 2, odd": ((2, 7, 7, 1), (3, 3, 1, 2), 2, 1),
    "stride 2, even, no padding": ((1, 6, 6, 2), (3, 3, 2, 3), 2, 0),
    "stride 2, odd, no padding": ((1, 5, 5, 2), (3, 3, 2, 2), 2, 0),
    "stride 2, 1 x 1": ((2, 4, 4, 2), (1, 1, 2, 2), 2, 0),
    "stride 2, 1 x 1, odd": ((2, 5, 5, 2), (1, 1, 2, 2), 2, 0),
    "stride 2, 2 x 2": ((2, 4, 4, 2), (2, 2, 2, 2), 2, 0),
    "stride 3, nothing left over": ((1, 6, 6, 2), (3, 3, 2, 2), 3, 0),
    "stride 3, 1 left over": ((1, 7, 7, 2), (3, 3, 2, 2), 3, 0),
    "stride 3, 2 left over": ((1, 6, 6, 2), (3, 3, 2, 2), 3, 1),
    "stride 4, 3 left over": ((1, 8, 8, 1), (3, 3, 1, 2), 4, 1),
    "stride beyond the image": ((2, 4, 4, 2), (3, 3, 2, 2), 9, 0),
    "images not square": ((2, 6, 4, 2), (3, 3, 2, 2), 1, 1),
    "images not square, stride 2": ((1, 4, 7, 2), (3, 3, 2, 3), 2, 1),
    "images not square, stride 3": ((2, 5, 6, 1), (2, 2, 1, 2), 3, 0),
    "kernel not square": ((2, 5, 5, 2), (3, 2, 2, 2), 1, 0),
    "kernel not square, stride 2": ((1, 4, 6, 2), (1, 3, 2, 2), 2, 1),
    "padding beyond the kernel": ((2, 3, 3, 2), (1, 1, 2, 2), 1, 1),
    "padding beyond the kernel, stride 2": ((1, 4, 4, 2), (2, 2, 2, 2), 2, 2),
}


# The operator


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_conv(rng, sizes):
    check(rng, *sizes)


def test_the_kernel_is_not_flipped():
    """A kernel whose only 1 is at its upper right takes the upper right pixel of each window."""
    image = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    kernel = np.zeros((2, 2, 1, 1))
    kernel[0, 1] = 1
    found = ndl.conv(tensor(image), tensor(kernel), stride=1, padding=0)
    assert found.numpy()[0, :, :, 0].tolist() == [[2, 3], [5, 6]]


def test_each_feature_has_weights_for_each_channel():
    """Of a pixel's channels 1, 10 and 100, two features: the sum of the first and last; three times the second."""
    image, kernel = np.array([1.0, 10.0, 100.0]).reshape(1, 1, 1, 3), np.zeros((1, 1, 3, 2))
    kernel[0, 0] = [[1, 0], [0, 3], [1, 0]]
    assert ndl.conv(tensor(image), tensor(kernel), padding=0).numpy().ravel().tolist() == [101, 30]


def test_what_conv_pads_by_where_nothing_is_said(rng):
    """By 1, with stride 1."""
    values, weights = numbers(rng, 1, 4, 4, 2), numbers(rng, 3, 3, 2, 2)
    close(ndl.conv(tensor(values), tensor(weights)), looped(values, weights, 1, 1))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
def test_arguments_that_are_views(rng, stride, padding):
    """Images and weights whose elements do not lie in order in their buffers, or do not fill them."""
    values, weights = numbers(rng, 4, 5, 6, 2), numbers(rng, 2, 2, 3, 2)
    for cut in (lambda array: array.transpose((3, 1, 2, 0))[:, :, :, 1:], lambda array: array[1:, ::2, :, -1:]):
        some, channels = cut(values), cut(values).shape[3]
        view = ndl.Tensor.make_const(cut(tensor(values).realize_cached_data()))
        kernel = numbers(rng, 2, 2, channels, 3)
        close(ndl.conv(view, tensor(kernel), stride=stride, padding=padding), looped(some, kernel, stride, padding))
    turned = ndl.Tensor.make_const(tensor(weights).realize_cached_data().transpose((1, 0, 3, 2)))
    found = ndl.conv(tensor(values), turned, stride=stride, padding=padding)
    close(found, looped(values, weights.transpose(1, 0, 3, 2), stride, padding))


def test_the_arguments_stay_as_they_are(rng):
    values, weights = numbers(rng, 2, 4, 4, 2), numbers(rng, 3, 3, 2, 2)
    a, b = tensor(values), tensor(weights)
    ndl.conv(a, b, stride=2, padding=1).backward()
    np.testing.assert_array_equal(a.numpy(), values)
    np.testing.assert_array_equal(b.numpy(), weights)


# Its gradients


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_gradients_of_conv(rng, sizes):
    check_gradients(rng, *sizes)


def test_pixels_that_no_window_reaches_have_no_gradient(rng):
    a = tensor(numbers(rng, 1, 6, 6, 1))
    ndl.conv(a, tensor(np.ones((2, 2, 1, 1))), stride=3, padding=0).backward()
    wanted = np.zeros((6, 6))
    for y, x in np.ndindex(6, 6):
        wanted[y, x] = y % 3 < 2 and x % 3 < 2
    np.testing.assert_allclose(a.grad.numpy()[0, :, :, 0], wanted, atol=1e-6)


def test_gradients_through_two_convolutions(rng):
    """The adjoint of the first one's result is the second one's gradient by its images."""
    values, first, second = numbers(rng, 1, 5, 5, 2), numbers(rng, 3, 3, 2, 2), numbers(rng, 3, 3, 2, 1)
    a, b, c = tensor(values), tensor(first), tensor(second)
    out = ndl.conv(ndl.conv(a, b, stride=1, padding=1), c, stride=2, padding=1)
    out_grad = numbers(rng, *out.shape)
    out.backward(tensor(out_grad))
    between = looped(values, first, 1, 1)
    to_between, to_second = looped_back(between, second, out_grad, 2, 1)
    to_images, to_first = looped_back(values, first, to_between, 1, 1)
    close(c.grad, to_second)
    close(b.grad, to_first)
    close(a.grad, to_images)


# The module, whose images have their channels in front


def module_looped(layer, values):
    weights, bias = layer.weight.numpy(), 0.0 if layer.bias is None else layer.bias.numpy()
    out = looped(values.transpose(0, 2, 3, 1), weights, layer.stride, weights.shape[0] // 2) + bias
    return out.transpose(0, 3, 1, 2)


MODULES = {
    "3 x 3": (2, 4, 3, 1),
    "3 x 3, stride 2": (3, 2, 3, 2),
    "1 x 1": (3, 4, 1, 1),
    "1 x 1, stride 2": (2, 2, 1, 2),
    "5 x 5": (1, 2, 5, 1),
    "5 x 5, stride 3": (2, 1, 5, 3),
    "2 x 2": (2, 3, 2, 1),
    "4 x 4, stride 2": (2, 2, 4, 2),
    "as many channels as rows": (4, 4, 3, 1),
    "as many channels as columns": (5, 5, 3, 1),
}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("sizes", MODULES.values(), ids=MODULES)
def test_module(rng, sizes, bias):
    layer = nn.Conv(*sizes, bias=bias)
    values = numbers(rng, 2, sizes[0], 4, 5)
    close(layer(tensor(values)), module_looped(layer, values))


@pytest.mark.parametrize(("channels", "features", "kernel"), [(2, 4, 3), (4, 2, 1), (1, 3, 5)], ids=str)
def test_weight_and_bias_as_drawn(channels, features, kernel):
    """By one call each, the weight first: its bound is that of Kaiming, by as many products as a sum has."""
    np.random.seed(7)
    layer = nn.Conv(channels, features, kernel)
    np.random.seed(7)
    summands = channels * kernel * kernel
    bound = math.sqrt(6 / summands)
    close(layer.weight, (2 * np.random.rand(kernel, kernel, channels, features) - 1) * bound)
    close(layer.bias, (2 * np.random.rand(features) - 1) / math.sqrt(summands))


def test_parameters():
    layer = nn.Conv(3, 8, 5)
    assert [each.shape for each in layer.parameters()] == [(5, 5, 3, 8), (8,)]
    assert layer.parameters()[0] is layer.weight
    assert layer.parameters()[1] is layer.bias


def test_no_bias_is_not_drawn():
    np.random.seed(7)
    layer, after = nn.Conv(2, 3, 3, bias=False), np.random.rand()
    assert layer.bias is None
    assert [each.shape for each in layer.parameters()] == [(3, 3, 2, 3)]
    np.random.seed(7)
    np.random.rand(3, 3, 2, 3)
    assert after == np.random.rand()


@pytest.mark.parametrize("sizes", MODULES.values(), ids=MODULES)
def test_gradients_of_the_module(rng, sizes):
    layer, values = nn.Conv(*sizes), numbers(rng, 2, sizes[0], 4, 5)
    x = tensor(values)
    out = layer(x)
    out_grad = numbers(rng, *out.shape)
    out.backward(tensor(out_grad))
    to_images, to_weights = looped_back(
        values.transpose(0, 2, 3, 1), layer.weight.numpy(), out_grad.transpose(0, 2, 3, 1), sizes[3], sizes[2] // 2
    )
    close(x.grad, to_images.transpose(0, 3, 1, 2))
    close(layer.weight.grad, to_weights)
    close(layer.bias.grad, out_grad.sum(axis=(0, 2, 3)))


def test_a_bias_goes_to_each_pixel_of_its_feature():
    layer = nn.Conv(1, 3, 3)
    layer.weight, layer.bias = nn.Parameter(np.zeros((3, 3, 1, 3))), nn.Parameter(np.array([1.0, 2.0, 3.0]))
    found = layer(tensor(np.ones((2, 1, 3, 4)))).numpy()
    for n, o, i, j in np.ndindex(2, 3, 3, 4):
        assert found[n, o, i, j] == o + 1


def test_padding_dilation_and_groups_that_are_named(rng):
    """Each as `ops.conv` takes it: a padding of one's own, weights that are apart, channels in shares."""
    values = numbers(rng, 1, 4, 6, 6)
    for named, padding in (({"padding": 0}, 0), ({"dilation": 2}, 2), ({"groups": 2}, 1)):
        layer = nn.Conv(4, 2, 3, **named)
        assert layer.weight.shape == (3, 3, 4 // named.get("groups", 1), 2)
        wanted = ndl.conv(
            tensor(values.transpose(0, 2, 3, 1)),
            layer.weight,
            padding=padding,
            dilation=named.get("dilation", 1),
            groups=named.get("groups", 1),
        ).numpy()
        close(layer(tensor(values)), (wanted + layer.bias.numpy()).transpose(0, 3, 1, 2))


def submit_conv() -> None:
    """Convolutions with and without padding and strides, their gradients, and the module"""
    np.random.seed(44)
    for stride, padding in ((1, 0), (1, 1), (2, 1), (2, 0)):
        a, b = (ndl.Tensor(np.random.randn(*shape), dtype="float32") for shape in ((2, 6, 6, 2), (3, 3, 2, 3)))
        out = ndl.conv(a, b, stride=stride, padding=padding)
        mugrade.submit(out.numpy())
        out.backward(ndl.Tensor(np.random.rand(*out.shape), dtype="float32"))
        mugrade.submit(a.grad.numpy())
        mugrade.submit(b.grad.numpy())
    layer = nn.Conv(2, 3, 3, stride=2)
    mugrade.submit(layer.weight.numpy())
    mugrade.submit(layer(ndl.Tensor(np.random.randn(1, 2, 5, 6), dtype="float32")).numpy())
