"""Transposed convolution, and pooling: the largest or the mean of each window.

None of them needs a convolution of its own. The transposed one is what `Conv` does in a backward pass, so that is where
it is taken from. Pooling treats the places of a window one after the other: for each, the elements that are there in
all windows at once are one strided slice of the images.

Images are (batch, height, width, channels): (N, H, W, C).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import needle

from ..autograd import NDArray, Tensor, TensorOp
from ..backend_selection import array_api
from . import _arrays

__all__ = ["AveragePool", "ConvTranspose", "MaxPool", "average_pool", "conv_transpose", "max_pool"]


class ConvTranspose(TensorOp):
    """a: (N, H', W', C_out) with weights b: (K, K, C_in, C_out) to (N, H, W, C_in), the way back through `Conv`.

    H = (H' - 1) * stride + K - 2 * padding + output_padding, and W alike. It is the adjoint of Conv with the same
    weights, stride and padding: sum(conv(x, b) * a) = sum(x * conv_transpose(a, b)) for images x of the result's shape.

    output_padding: the stride makes images of `stride` sizes to results of one; this says which, from 0 to stride - 1
    """

    def __init__(self, stride: int = 1, padding: int = 0, output_padding: int = 0) -> None:
        self.stride, self.padding, self.output_padding = map(operator.index, (stride, padding, output_padding))
        if self.stride < 1:
            raise ValueError(f"conv_transpose: expected a stride of 1 or more, got {stride}")
        if self.padding < 0:
            raise ValueError(f"conv_transpose: expected a padding of 0 or more, got {padding}")
        if not 0 <= self.output_padding < self.stride:
            expected = f"expected an output_padding of 0 or more and less than the stride, which is {stride}"
            raise ValueError(f"conv_transpose: {expected}, got {output_padding}")

    def check(self, a: NDArray, b: NDArray) -> None:
        if len(a.shape) != 4 or len(b.shape) != 4:
            expected = "expected images (N, H', W', C_out) and weights (K, K, C_in, C_out)"
            raise ValueError(f"conv_transpose: {expected}, got shapes {a.shape} and {b.shape}")
        if a.shape[3] != b.shape[3]:
            channels = f"{a.shape[3]} channels, but weights {b.shape} take {b.shape[3]}, their last size"
            raise ValueError(f"conv_transpose: images {a.shape} have {channels}")
        if min(*a.shape[1:3], *b.shape[:2], *self._size(a.shape, b.shape)) < 1:
            made = "x".join(map(str, self._size(a.shape, b.shape)))
            options = f"stride {self.stride}, padding {self.padding} and output_padding {self.output_padding}"
            raise ValueError(
                f"conv_transpose: images {a.shape} with weights {b.shape}, {options} would make images of {made} pixels"
            )

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        # The adjoint in the images does not depend on what is in them.
        images = _arrays.zeros((a.shape[0], *self._size(a.shape, b.shape), b.shape[2]), like=a)
        images, weights, out_grad = map(Tensor.make_const, (images, b, a))
        return self._gradient_of_conv(images, weights, out_grad, which=0).realize_cached_data()

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        small, weights = node.inputs
        by_weights = self._gradient_of_conv(out_grad, weights, small, which=1)
        return needle.ops.conv(out_grad, weights, self.stride, self.padding), by_weights

    def _size(self, images: Sequence[int], weights: Sequence[int]) -> tuple[int, ...]:
        """Height and width of the result."""
        more = self.output_padding - 2 * self.padding
        return tuple((size - 1) * self.stride + k + more for size, k in zip(images[1:3], weights[:2], strict=True))

    def _gradient_of_conv(self, images: Tensor, weights: Tensor, out_grad: Tensor, which: int) -> Tensor:
        """What Conv's own gradient says about its images (0) or its weights (1); the other one is not computed."""
        op = needle.ops.Conv(self.stride, self.padding)
        node = Tensor.make_const(None)
        node._init(op, [images, weights], requires_grad=True)  # not computed either, unless the gradient looks at it
        with _only_what_is_used():
            wanted = op.gradient_as_tuple(out_grad, node)[which]
        if not needle.autograd.LAZY_MODE:
            wanted.realize_cached_data()
        return wanted


def conv_transpose(a: Tensor, b: Tensor, stride: int = 1, padding: int = 0, output_padding: int = 0) -> Tensor:
    return ConvTranspose(stride, padding, output_padding)(a, b)


@contextmanager
def _only_what_is_used() -> Iterator[None]:
    """What operators make in this block is computed when somebody asks for it, and not at all if nobody does."""
    before = needle.autograd.LAZY_MODE
    needle.autograd.LAZY_MODE = True
    try:
        yield
    finally:
        needle.autograd.LAZY_MODE = before


@dataclass(frozen=True)
class _Windows:
    """The windows of a pooling operator: squares of side `kernel`, `stride` apart, over images with a padding."""

    name: str
    kernel: int
    stride: int
    padding: int

    @classmethod
    def checked(cls, name: str, kernel: int, stride: int | None, padding: int) -> _Windows:
        """stride: None means windows side by side. Raises ValueError: if a number makes no sense."""
        stride = kernel if stride is None else stride
        windows = cls(name, *map(operator.index, (kernel, stride, padding)))
        if windows.kernel < 1 or windows.stride < 1:
            raise ValueError(f"{name}: expected a kernel and a stride of 1 or more, got {kernel} and {stride}")
        if not 0 <= windows.padding <= windows.kernel // 2:
            expected = f"expected a padding of 0 to {windows.kernel // 2}, half of the kernel of {kernel}"
            raise ValueError(f"{name}: {expected}, so that no window has padding alone; got {padding}")
        return windows

    def check(self, shape: Sequence[int]) -> None:
        if len(shape) != 4:
            raise ValueError(f"{self.name}: expected images (N, H, W, C), got shape {tuple(shape)}")
        if min(shape[1:3]) + 2 * self.padding < self.kernel:
            images = f"images {tuple(shape)} with padding {self.padding}"
            raise ValueError(f"{self.name}: a kernel of {self.kernel} does not fit into {images}")

    def padded(self, a: NDArray, value: float) -> NDArray:
        """The images with one number around them."""
        if not self.padding:
            return a
        images, height, width, channels = a.shape
        framed = _arrays.full((images, height + 2 * self.padding, width + 2 * self.padding, channels), value, like=a)
        framed[self._inner(a.shape)] = a
        return framed

    def without_padding(self, framed: NDArray, shape: Sequence[int]) -> NDArray:
        """What of padded images is inside."""
        return framed[self._inner(shape)] if self.padding else framed

    def _inner(self, shape: Sequence[int]) -> tuple[slice, ...]:
        rows, columns = (slice(self.padding, self.padding + size) for size in shape[1:3])
        return slice(None), rows, columns, slice(None)

    def places(self, shape: Sequence[int]) -> list[tuple[slice, ...]]:
        """For each place of a window, from the upper left one: where in padded images it is, in all windows at once.

        shape: of the images, without padding
        """

        def steps(first: int, size: int) -> slice:
            return slice(first, first + (size + 2 * self.padding - self.kernel) + 1, self.stride)

        height, width = shape[1:3]
        return [
            (slice(None), steps(down, height), steps(right, width), slice(None))
            for down in range(self.kernel)
            for right in range(self.kernel)
        ]


class MaxPool(TensorOp):
    """The largest of each window: (N, H, W, C) to (N, H', W', C), H' = (H + 2 * padding - kernel) // stride + 1.

    kernel: the side of the window; stride: None means the same; padding: pixels on each side that are never the largest
    Of equal elements, the gradient goes to the first, row by row.
    """

    def __init__(self, kernel: int, stride: int | None = None, padding: int = 0) -> None:
        self.windows = _Windows.checked("max_pool", kernel, stride, padding)

    def check(self, a: NDArray) -> None:
        self.windows.check(a.shape)

    def compute(self, a: NDArray) -> NDArray:
        padded = self.windows.padded(a, -math.inf)
        first, *others = self.windows.places(a.shape)
        largest = padded[first]
        for place in others:
            largest = array_api.maximum(largest, padded[place])
        return largest

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        # Which element is the largest does not change with small changes: these masks need not know of the graph.
        images, largest = node.inputs[0].realize_cached_data(), node.realize_cached_data()
        padded = self.windows.padded(images, -math.inf)
        searched = _arrays.full(largest.shape, 1.0, like=largest)
        masks = []
        for place in self.windows.places(images.shape):
            masks.append(searched * (padded[place] == largest))
            searched = searched - masks[-1]
        return _Spread(self.windows, masks, images.shape)(out_grad)


def max_pool(a: Tensor, kernel: int, stride: int | None = None, padding: int = 0) -> Tensor:
    return MaxPool(kernel, stride, padding)(a)


class AveragePool(TensorOp):
    """The mean of each window: (N, H, W, C) to (N, H', W', C), H' = (H + 2 * padding - kernel) // stride + 1.

    kernel: the side of the window; stride: None means the same; padding: zeros on each side, which count
    """

    def __init__(self, kernel: int, stride: int | None = None, padding: int = 0) -> None:
        self.windows = _Windows.checked("average_pool", kernel, stride, padding)
        self.weights = [1 / self.windows.kernel**2] * self.windows.kernel**2

    def check(self, a: NDArray) -> None:
        self.windows.check(a.shape)

    def compute(self, a: NDArray) -> NDArray:
        return _Gather(self.windows, self.weights).compute(a)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return _Spread(self.windows, self.weights, node.inputs[0].shape)(out_grad)


def average_pool(a: Tensor, kernel: int, stride: int | None = None, padding: int = 0) -> Tensor:
    return AveragePool(kernel, stride, padding)(a)


class _Gather(TensorOp):
    """The weighted sum of each window. weights: for each place a number, or an array with one for each window."""

    def __init__(self, windows: _Windows, weights: Sequence[float | NDArray]) -> None:
        self.windows, self.weights = windows, weights

    def compute(self, a: NDArray) -> NDArray:
        padded = self.windows.padded(a, 0.0)
        places = self.windows.places(a.shape)
        total = padded[places[0]] * self.weights[0]
        for place, weight in zip(places[1:], self.weights[1:], strict=True):
            total = total + padded[place] * weight
        return total

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return _Spread(self.windows, self.weights, node.inputs[0].shape)(out_grad)


class _Spread(TensorOp):
    """The adjoint of _Gather: each window's number back to its places, times their weights. shape: of the images."""

    def __init__(self, windows: _Windows, weights: Sequence[float | NDArray], shape: Sequence[int]) -> None:
        self.windows, self.weights, self.shape = windows, weights, tuple(shape)

    def compute(self, a: NDArray) -> NDArray:
        images, height, width, channels = self.shape
        around = 2 * self.windows.padding
        spread = _arrays.zeros((images, height + around, width + around, channels), like=a)
        for place, weight in zip(self.windows.places(self.shape), self.weights, strict=True):
            spread[place] = spread[place] + a * weight
        return self.windows.without_padding(spread, self.shape)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return _Gather(self.windows, self.weights)(out_grad)
