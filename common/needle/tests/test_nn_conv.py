"""Modules for images: beside loops in float64, PyTorch and finite differences, and by what defines them."""

from __future__ import annotations

import re

import needle as ndl
import numpy as np
import pytest
from needle import nn
from nn_checks import (
    ALONG_DIRECTIONS,
    as_it_is,
    assert_like_torch,
    check_module,
    random_weights,
    sizes,
    with_random_parameters,
)

RUNS = range(3)


def convolution(x, weight, bias, stride, padding, dilation, groups):
    """One output pixel at a time. x: (N, C, H, W); weight: (K, K, C / groups, O)."""
    side, _, share, features = weight.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    reach = dilation * (side - 1) + 1
    height, width = ((size - reach) // stride + 1 for size in padded.shape[2:])
    out = np.zeros((x.shape[0], features, height, width))
    for n, o, i, j in np.ndindex(out.shape):
        group = o // (features // groups)
        for u, v, c in np.ndindex(side, side, share):
            pixel = padded[n, group * share + c, i * stride + u * dilation, j * stride + v * dilation]
            out[n, o, i, j] += pixel * weight[u, v, c, o]
    return out if bias is None else out + bias[:, np.newaxis, np.newaxis]


def random_conv(rng, **options):
    """A Conv and images for it, of random sizes."""
    groups = options.get("groups", 1)
    images, channels, features, *extent = sizes(rng, 5)
    layer = nn.Conv(channels * groups, features * groups, **options)
    x = rng.normal(size=(images, channels * groups, extent[0] + 4, extent[1] + 4))
    return random_weights(rng, layer), x


OPTIONS = [
    {"kernel_size": 1},
    {"kernel_size": 3},
    {"kernel_size": 3, "stride": 2},
    {"kernel_size": 5, "stride": 3, "bias": False},
    {"kernel_size": 2, "stride": 2},
    {"kernel_size": 1, "stride": 2},
    {"kernel_size": 3, "padding": 0},
    {"kernel_size": 3, "dilation": 2},
    {"kernel_size": 3, "groups": 2, "stride": 2},
    {"kernel_size": 2, "padding": 2, "dilation": 3, "groups": 3, "bias": False},
]


def named(options):
    return ",".join(f"{name}={value}" for name, value in options.items())


class TestConv:
    @pytest.mark.parametrize("run", RUNS)
    @pytest.mark.parametrize("options", OPTIONS, ids=named)
    def test_values(self, run, options, rng):
        layer, x = random_conv(rng, **options)
        bias = None if layer.bias is None else layer.bias.numpy()
        padding = options.get("padding", options["kernel_size"] // 2 * options.get("dilation", 1))
        stride, dilation, groups = (options.get(name, 1) for name in ("stride", "dilation", "groups"))
        expected = convolution(x, layer.weight.numpy(), bias, stride, padding, dilation, groups)
        np.testing.assert_allclose(layer(ndl.Tensor(x)).numpy(), expected, rtol=1e-10, atol=1e-12)

    @pytest.mark.parametrize("options", OPTIONS, ids=named)
    def test_beside_torch(self, options, rng):
        torch = pytest.importorskip("torch")
        layer, x = random_conv(rng, **options)
        settings = {"stride": layer.stride, "padding": layer.padding, "bias": layer.bias is not None}
        settings |= {"dilation": layer.dilation, "groups": layer.groups, "dtype": torch.float64}
        other = torch.nn.Conv2d(layer.in_channels, layer.out_channels, layer.kernel_size, **settings)
        pairs = copy_weights(torch, layer, other)
        compare(torch, rng, layer, other, x, pairs)

    @pytest.mark.parametrize("options", [OPTIONS[2], OPTIONS[8]], ids=named)
    def test_gradients(self, options, rng):
        groups = options.get("groups", 1)
        layer = random_weights(rng, nn.Conv(2 * groups, 2 * groups, **options))
        check_module(layer, rng.normal(size=(1, 2 * groups, 4, 3)), **ALONG_DIRECTIONS)

    @pytest.mark.parametrize("bias", [True, False])
    def test_draws(self, bias):
        np.random.seed(2)
        layer = nn.Conv(4, 5, 3, bias=bias)
        np.random.seed(2)
        bound = np.sqrt(6 / (4 * 9))
        expected = np.random.rand(3, 3, 4, 5) * 2 * bound - bound
        np.testing.assert_allclose(layer.weight.numpy(), expected, rtol=1e-5, atol=1e-6)
        if bias:
            np.testing.assert_allclose(layer.bias.numpy(), (np.random.rand(5) * 2 - 1) / 6, rtol=1e-5, atol=1e-6)
        else:
            assert layer.bias is None
        assert len(layer.parameters()) == 1 + bias

    def test_fan_in_is_that_of_a_group(self):
        """A group of 1 in 4 channels: 9 products a pixel, so weights go up to sqrt(6 / 9)."""
        np.random.seed(2)
        layer = nn.Conv(16, 16, 3, groups=16)
        assert layer.weight.shape == (3, 3, 1, 16)
        assert 0.9 < np.abs(layer.weight.numpy()).max() / np.sqrt(6 / 9) <= 1
        assert 0.5 < np.abs(layer.bias.numpy()).max() / np.sqrt(1 / 9) <= 1

    @pytest.mark.parametrize("side", [1, 3, 5, 7])
    def test_odd_kernels_keep_the_size(self, side):
        assert nn.Conv(2, 3, side)(ndl.init.ones(1, 2, 8, 5)).shape == (1, 3, 8, 5)
        assert nn.Conv(2, 3, side, stride=2)(ndl.init.ones(1, 2, 8, 5)).shape == (1, 3, 4, 3)

    def test_sizes_as_pairs(self):
        layer = nn.Conv(2, 3, (3, 3), (2, 2))
        assert (layer.kernel_size, layer.stride) == (3, 2)
        for name, options in [("kernel_size", ((3, 5),)), ("stride", (3, (1, 2)))]:
            pattern = rf"Conv: {name} must be 1 or more and the same in both directions, not \({options[-1][0]}, "
            with pytest.raises(ValueError, match=pattern):
                nn.Conv(2, 3, *options)

    def test_a_shift_of_the_image_shifts_the_result(self, rng):
        layer = random_weights(rng, nn.Conv(2, 3, 3))
        x = np.zeros((1, 2, 9, 9))
        x[:, :, 2:6, 2:6] = rng.normal(size=(2, 4, 4))
        out = layer(ndl.Tensor(x)).numpy()
        moved = layer(ndl.Tensor(np.roll(x, (2, 1), axis=(2, 3)))).numpy()
        np.testing.assert_allclose(moved, np.roll(out, (2, 1), axis=(2, 3)), rtol=1e-10, atol=1e-12)

    def test_groups_are_convolutions_side_by_side(self, rng):
        layer, x = random_conv(rng, kernel_size=3, groups=3)
        found = layer(ndl.Tensor(x)).numpy()
        share_in, share_out = layer.in_channels // 3, layer.out_channels // 3
        for g in range(3):
            alone = nn.Conv(share_in, share_out, 3, dtype="float64")
            outputs = slice(g * share_out, (g + 1) * share_out)
            alone.weight = ndl.Tensor(layer.weight.numpy()[..., outputs])
            alone.bias = ndl.Tensor(layer.bias.numpy()[outputs])
            part = alone(ndl.Tensor(x[:, g * share_in : (g + 1) * share_in])).numpy()
            np.testing.assert_allclose(found[:, outputs], part, rtol=1e-10, atol=1e-12)

    @pytest.mark.parametrize("shape", [(2, 4, 5, 5), (3, 5, 5), (2, 5, 5, 3), (0, 3, 5, 5), (2, 3, 0, 5)], ids=str)
    def test_images_of_another_shape(self, shape):
        message = f"Conv: expected images (N, 3, H, W), none of these 0, got {shape}"
        with pytest.raises(ValueError, match=re.escape(message)):
            nn.Conv(3, 2, 3)(ndl.init.ones(*shape))

    def test_a_kernel_larger_than_the_padded_image(self):
        nn.Conv(1, 1, 5, padding=1)(ndl.init.ones(1, 1, 3, 3))
        with pytest.raises(ValueError, match="a kernel of width 5 does not fit"):
            nn.Conv(1, 1, 5, padding=1)(ndl.init.ones(1, 1, 3, 2))

    @pytest.mark.parametrize(("numbers", "found"), [((4, 6, 3), "4 in, 6 out and 3"), ((6, 4, 3), "6 in, 4 out and 3")])
    def test_groups_that_do_not_divide(self, numbers, found):
        with pytest.raises(ValueError, match=f"Conv: channels must be .* multiples of the groups, not {found} groups"):
            nn.Conv(*numbers[:2], 3, groups=numbers[2])

    @pytest.mark.parametrize("numbers", [(0, 1, 1), (1, 0, 1), (1, 1, 0)], ids=str)
    def test_no_channels(self, numbers):
        with pytest.raises(ValueError, match="Conv: channels must be 1 or more"):
            nn.Conv(*numbers[:2], 3, groups=numbers[2])

    @pytest.mark.parametrize(("name", "size"), [("kernel_size", 0), ("stride", 0), ("stride", -1), ("dilation", 0)])
    def test_sizes_below_one(self, name, size):
        with pytest.raises(ValueError, match=f"Conv: {name} must be 1 or more .*, not {size}"):
            nn.Conv(1, 1, **({"kernel_size": 3} | {name: size}))


def copy_weights(torch, layer, other):
    """PyTorch has the axes of the kernel last."""
    weight = layer.weight.numpy().transpose(3, 2, 0, 1).copy()
    other.weight.data = torch.tensor(weight, dtype=torch.float64)
    pairs = [(layer.weight, other.weight, lambda weight: weight.permute(2, 3, 1, 0))]
    if layer.bias is not None:
        other.bias.data = torch.tensor(layer.bias.numpy(), dtype=torch.float64)
        pairs.append((layer.bias, other.bias, as_it_is))
    return pairs


def compare(torch, rng, layer, other, x, pairs):
    ours, theirs = ndl.Tensor(x), torch.tensor(x, requires_grad=True)
    assert_like_torch(torch, rng, [layer(ours)], [other(theirs)], [(ours, theirs, as_it_is), *pairs])


TRANSPOSED = [
    {"kernel_size": 3},
    {"kernel_size": 4, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1},
    {"kernel_size": 2, "stride": 3, "bias": False, "output_padding": 2},
    {"kernel_size": 1, "stride": 2},
]


class TestConvTranspose:
    @pytest.mark.parametrize("options", TRANSPOSED, ids=named)
    def test_beside_torch(self, options, rng):
        torch = pytest.importorskip("torch")
        images, channels, features, height, width = sizes(rng, 5)
        layer = random_weights(rng, nn.ConvTranspose2d(channels, features, **options))
        other = torch.nn.ConvTranspose2d(channels, features, **options, dtype=torch.float64)
        pairs = copy_weights(torch, layer, other)
        compare(torch, rng, layer, other, rng.normal(size=(images, channels, height, width)), pairs)

    @pytest.mark.parametrize("options", TRANSPOSED, ids=named)
    def test_each_pixel_adds_the_kernel_where_it_goes(self, options, rng):
        layer = random_weights(rng, nn.ConvTranspose2d(2, 3, **options))
        x = rng.normal(size=(2, 2, 3, 4))
        side, stride = layer.kernel_size, layer.stride
        whole = np.zeros((2, 3, *(stride * size + side + stride for size in x.shape[2:])))
        for n, c, i, j in np.ndindex(x.shape):
            kernel = layer.weight.numpy()[:, :, :, c].transpose(2, 0, 1)
            place = (n, slice(None), slice(i * stride, i * stride + side), slice(j * stride, j * stride + side))
            whole[place] += x[n, c, i, j] * kernel
        first = layer.padding
        height, width = ((size - 1) * stride + side - 2 * layer.padding + layer.output_padding for size in x.shape[2:])
        expected = whole[:, :, first : first + height, first : first + width]
        if layer.bias is not None:
            expected = expected + layer.bias.numpy()[:, np.newaxis, np.newaxis]
        np.testing.assert_allclose(layer(ndl.Tensor(x)).numpy(), expected, rtol=1e-10, atol=1e-12)

    @pytest.mark.parametrize("stride", [1, 2, 3])
    def test_it_is_the_adjoint_of_a_convolution(self, stride, rng):
        """<conv(x), y> = <x, transposed(y)> with the same weight."""
        conv = random_weights(rng, nn.Conv(2, 3, 3, stride, bias=False))
        x = rng.normal(size=(2, 2, 1 + 3 * stride, 1 + 2 * stride))
        out = conv(ndl.Tensor(x)).numpy()
        back = nn.ConvTranspose2d(3, 2, 3, stride, padding=1, bias=False, dtype="float64")
        back.weight = ndl.Tensor(conv.weight.numpy())
        y = rng.normal(size=out.shape)
        found = back(ndl.Tensor(y)).numpy()
        np.testing.assert_allclose((out * y).sum(), (x * found).sum(), rtol=1e-10)

    def test_gradients(self, rng):
        layer = random_weights(rng, nn.ConvTranspose2d(2, 2, 3, 2, 1, 1))
        check_module(layer, rng.normal(size=(1, 2, 2, 3)), **ALONG_DIRECTIONS)

    @pytest.mark.parametrize("bias", [True, False])
    def test_draws(self, bias):
        np.random.seed(2)
        layer = nn.ConvTranspose2d(4, 5, 3, bias=bias)
        np.random.seed(2)
        bound = np.sqrt(6 / (4 * 9))
        expected = np.random.rand(3, 3, 5, 4) * 2 * bound - bound
        np.testing.assert_allclose(layer.weight.numpy(), expected, rtol=1e-5, atol=1e-6)
        if bias:
            np.testing.assert_allclose(layer.bias.numpy(), (np.random.rand(5) * 2 - 1) / 6, rtol=1e-5, atol=1e-6)
        assert len(layer.parameters()) == 1 + bias

    def test_images_of_another_shape(self):
        with pytest.raises(ValueError, match=r"ConvTranspose2d: expected images \(N, 3, H, W\).*\(2, 4, 5, 5\)"):
            nn.ConvTranspose2d(3, 2, 3)(ndl.init.ones(2, 4, 5, 5))


class TestBatchNorm:
    def test_each_channel_over_all_pixels(self, rng):
        layer = with_random_parameters(rng, nn.BatchNorm2d(3, eps=0.01, momentum=0.3))
        x = rng.normal(1, 2, size=(4, 3, 5, 2))
        out = layer(ndl.Tensor(x)).numpy()
        for c in range(3):
            pixels = x[:, c]
            normal = (pixels - pixels.mean()) / np.sqrt(pixels.var() + 0.01)
            expected = normal * layer.weight.numpy()[c] + layer.bias.numpy()[c]
            np.testing.assert_allclose(out[:, c], expected, rtol=1e-10, atol=1e-12)
            np.testing.assert_allclose(layer.running_mean.numpy()[c], 0.3 * pixels.mean(), rtol=1e-10)
            np.testing.assert_allclose(layer.running_var.numpy()[c], 0.7 + 0.3 * pixels.var(), rtol=1e-10)

    @pytest.mark.parametrize("training", [True, False])
    def test_beside_torch(self, training, rng):
        torch = pytest.importorskip("torch")
        layer = with_random_parameters(rng, nn.BatchNorm2d(3))
        other = torch.nn.BatchNorm2d(3, dtype=torch.float64).train(training)
        state = {"weight": layer.weight, "bias": layer.bias}
        if not training:
            layer.eval()
            layer.running_mean = ndl.Tensor(rng.normal(size=3), requires_grad=False)
            layer.running_var = ndl.Tensor(rng.uniform(0.5, 2, size=3), requires_grad=False)
            state |= {"running_mean": layer.running_mean, "running_var": layer.running_var}
        other.load_state_dict({name: torch.tensor(each.numpy()) for name, each in state.items()}, strict=False)
        pairs = [(layer.weight, other.weight, as_it_is), (layer.bias, other.bias, as_it_is)]
        compare(torch, rng, layer, other, rng.normal(1, 2, size=(4, 3, 5, 2)), pairs)

    def test_gradients(self, rng):
        layer = with_random_parameters(rng, nn.BatchNorm2d(2, eps=0.1))
        check_module(layer, rng.normal(size=(2, 2, 2, 3)), **ALONG_DIRECTIONS)

    @pytest.mark.parametrize("shape", [(2, 3), (2, 4, 5, 5), (0, 3, 5, 5), (2, 5, 5, 3)], ids=str)
    def test_images_of_another_shape(self, shape):
        message = f"BatchNorm2d: expected images (N, 3, H, W), none of these 0, got {shape}"
        with pytest.raises(ValueError, match=re.escape(message)):
            nn.BatchNorm2d(3)(ndl.init.ones(*shape))


WINDOWS = [(2, None, 0), (3, 2, 1), (2, 1, 0), (3, 3, 0), (2, 3, 1)]


class TestPooling:
    @pytest.mark.parametrize("windows", WINDOWS, ids=str)
    @pytest.mark.parametrize("kind", [nn.MaxPool2d, nn.AvgPool2d])
    def test_beside_torch(self, kind, windows, rng):
        torch = pytest.importorskip("torch")
        other = getattr(torch.nn, kind.__name__)(*windows)
        compare(torch, rng, kind(*windows), other, rng.normal(size=(2, 3, 7, 6)), [])

    @pytest.mark.parametrize("windows", WINDOWS, ids=str)
    @pytest.mark.parametrize("kind", [nn.MaxPool2d, nn.AvgPool2d])
    def test_values(self, kind, windows, rng):
        side, stride, padding = windows[0], windows[1] or windows[0], windows[2]
        x = rng.normal(size=(2, 3, 7, 6))
        border = -np.inf if kind is nn.MaxPool2d else 0
        padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=border)
        found = kind(*windows)(ndl.Tensor(x)).numpy()
        assert found.shape == (2, 3, *((size - side) // stride + 1 for size in padded.shape[2:]))
        for n, c, i, j in np.ndindex(found.shape):
            window = padded[n, c, i * stride : i * stride + side, j * stride : j * stride + side]
            expected = window.max() if kind is nn.MaxPool2d else window.mean()
            np.testing.assert_allclose(found[n, c, i, j], expected, rtol=1e-10, atol=1e-12)

    @pytest.mark.parametrize("kind", [nn.MaxPool2d, nn.AvgPool2d])
    def test_other_shapes(self, kind):
        with pytest.raises(ValueError, match=rf"{kind.__name__}: expected images \(N, C, H, W\).*got \(3, 4, 4\)"):
            kind(2)(ndl.init.ones(3, 4, 4))
        with pytest.raises(ValueError, match="kernel of 5 does not fit"):
            kind(5)(ndl.init.ones(1, 3, 4, 4))
