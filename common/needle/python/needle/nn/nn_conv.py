"""The modules of homework 4 for images: convolution, and what stands around it in a convolutional network.

Images are tensors (N, C, H, W) here: example, channel, row, column. The operators of needle.ops have channels last
instead, (N, H, W, C), where the numbers that are multiplied together are neighbours in memory. You fill the solution
blocks of `Conv`; the others are given.
"""

from __future__ import annotations

import math
from typing import Any

from .. import init, ops
from ..autograd import Tensor
from ..backend_selection import Device
from .nn_basic import BatchNorm1d
from .nn_module import Module, Parameter

__all__ = ["AvgPool2d", "BatchNorm2d", "Conv", "ConvTranspose2d", "MaxPool2d"]


class Conv(Module):
    """Convolution of images with square kernels, and a bias for each channel that comes out.

    weight: a Parameter of shape (kernel_size, kernel_size, in_channels / groups, out_channels), Kaiming uniform with
        fan_in = in_channels / groups * kernel_size**2 and fan_out = out_channels * kernel_size**2
    bias: a Parameter of shape (out_channels,), drawn after the weight, uniform on [-b, b) with b = 1 / sqrt(fan_in);
        None if `bias` is False
    padding: zeros on each side; None means kernel_size // 2 (times the dilation), which keeps height and width if the
        stride is 1 and kernel_size is odd
    dilation, groups: as `ops.conv` takes them, by these names
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        bias: bool = True,
        device: Device | None = None,
        dtype: Any = "float32",
        *,
        padding: int | None = None,
        dilation: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        kernel_size = _one_size("Conv: kernel_size", kernel_size)
        stride = _one_size("Conv: stride", stride)
        dilation = _one_size("Conv: dilation", dilation)
        _require_channels("Conv", in_channels, out_channels, groups)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = dilation * (kernel_size // 2) if padding is None else padding
        self.dilation = dilation
        self.groups = groups
        ### BEGIN SOLUTION
        shape = (kernel_size, kernel_size, in_channels // groups, out_channels)
        fan_in, fan_out = math.prod(shape[:3]), kernel_size**2 * out_channels
        self.weight = Parameter(init.kaiming_uniform(fan_in, fan_out, shape=shape, device=device, dtype=dtype))
        self.bias = None
        if bias:
            limit = fan_in**-0.5
            self.bias = Parameter(init.rand(out_channels, low=-limit, high=limit, device=device, dtype=dtype))
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """
        x: (N, in_channels, H, W)
        Returns (N, out_channels, H', W') with H' = (H + 2 * padding - reach) // stride + 1, and W' alike, where
        reach = dilation * (kernel_size - 1) + 1.
        Raises ValueError: if the shape is not this, or the kernel reaches over more than the padded image.
        """
        _require_images("Conv", x, self.in_channels)
        ### BEGIN SOLUTION
        pixels = ops.conv(
            _channels_last(x), self.weight, self.stride, self.padding, dilation=self.dilation, groups=self.groups
        )
        if self.bias is not None:
            pixels = pixels + self.bias.broadcast_to(pixels.shape)
        return _channels_first(pixels)
        ### END SOLUTION


class BatchNorm2d(BatchNorm1d):
    """Normalise each channel over the batch and over all pixels: each pixel of each image is an example."""

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, dim, H, W), none of them 0. Returns the same shape. Raises ValueError: if it is not."""
        _require_images("BatchNorm2d", x, self.dim)
        examples = _channels_last(x)
        rows = super().forward(examples.reshape((math.prod(examples.shape[:3]), self.dim)))
        return _channels_first(rows.reshape(examples.shape))


class ConvTranspose2d(Module):
    """The way back through a Conv: small images to large ones, as generators of images need it.

    With the same weight, stride and padding it is the adjoint of `ops.conv`; `ops.conv_transpose` says more.

    weight: a Parameter of shape (kernel_size, kernel_size, out_channels, in_channels), Kaiming uniform with
        fan_in = in_channels * kernel_size**2 and fan_out = out_channels * kernel_size**2
    bias: a Parameter of shape (out_channels,), drawn after the weight, uniform on [-b, b) with b = 1 / sqrt(fan_in);
        None if `bias` is False
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int = 0,
        output_padding: int = 0,
        bias: bool = True,
        device: Device | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        _require_channels("ConvTranspose2d", in_channels, out_channels, groups=1)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = side = _one_size("ConvTranspose2d: kernel_size", kernel_size)
        self.stride = _one_size("ConvTranspose2d: stride", stride)
        self.padding = padding
        self.output_padding = output_padding
        fans = in_channels * side * side, out_channels * side * side
        sizes = (side, side, out_channels, in_channels)
        self.weight = Parameter(init.kaiming_uniform(*fans, shape=sizes, device=device, dtype=dtype))
        b = 1 / math.sqrt(fans[0])
        options: dict[str, Any] = {"low": -b, "high": b, "device": device, "dtype": dtype}
        self.bias = Parameter(init.rand(out_channels, **options)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """
        x: (N, in_channels, H', W')
        Returns (N, out_channels, H, W) with H = (H' - 1) * stride + kernel_size - 2 * padding + output_padding.
        Raises ValueError: if the shape is not this, or there would be no pixels.
        """
        _require_images("ConvTranspose2d", x, self.in_channels)
        large = ops.conv_transpose(_channels_last(x), self.weight, self.stride, self.padding, self.output_padding)
        return _channels_first(large if self.bias is None else large + ops.broadcast_to(self.bias, large.shape))


class MaxPool2d(Module):
    """The largest of each window: (N, C, H, W) to (N, C, H', W'), H' = (H + 2 * padding - kernel_size) // stride + 1.

    kernel_size: the side of the windows; stride: None means the same; padding: at most half of kernel_size, never the
        largest
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding

    def forward(self, x: Tensor) -> Tensor:
        _require_images("MaxPool2d", x)
        return _channels_first(ops.max_pool(_channels_last(x), self.kernel_size, self.stride, self.padding))


class AvgPool2d(Module):
    """The mean of each window: (N, C, H, W) to (N, C, H', W'), H' = (H + 2 * padding - kernel_size) // stride + 1.

    kernel_size: the side of the windows; stride: None means the same; padding: at most half of kernel_size, zeros that
        count as pixels
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding

    def forward(self, x: Tensor) -> Tensor:
        _require_images("AvgPool2d", x)
        return _channels_first(ops.average_pool(_channels_last(x), self.kernel_size, self.stride, self.padding))


def _channels_last(images: Tensor) -> Tensor:
    """(N, C, H, W) to (N, H, W, C)."""
    return ops.transpose(ops.transpose(images, (1, 3)), (1, 2))


def _channels_first(images: Tensor) -> Tensor:
    """(N, H, W, C) to (N, C, H, W)."""
    return ops.transpose(ops.transpose(images, (1, 2)), (1, 3))


def _one_size(what: str, size: int | tuple[int, int]) -> int:
    """A size that is the same in both directions. Raises ValueError: if it is not, or is below 1."""
    sizes = set(size) if isinstance(size, (tuple, list)) else {size}
    if len(sizes) != 1 or min(sizes) < 1:
        raise ValueError(f"{what} must be 1 or more and the same in both directions, not {size}")
    return sizes.pop()


def _require_channels(name: str, in_channels: int, out_channels: int, groups: int) -> None:
    """Raises ValueError: unless both are multiples of the number of groups, and nothing is below 1."""
    if min(in_channels, out_channels, groups) < 1 or in_channels % groups or out_channels % groups:
        found = f"{in_channels} in, {out_channels} out and {groups} groups"
        raise ValueError(f"{name}: channels must be 1 or more and multiples of the groups, not {found}")


def _require_images(name: str, x: Tensor, channels: int | None = None) -> None:
    """Raises ValueError: unless x is (N, channels, H, W), none of them 0. channels: None for any number."""
    if len(x.shape) != 4 or channels not in (None, x.shape[1]) or 0 in x.shape:
        expected = f"(N, {'C' if channels is None else channels}, H, W)"
        raise ValueError(f"{name}: expected images {expected}, none of these 0, got {x.shape}")
