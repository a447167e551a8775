"""Convolution as one operator: many small inner products, computed as one large matrix product.

Images are (batch, height, width, channels), weights are (kernel height, kernel width, channels in, channels out).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

import needle

from ..autograd import NDArray, Tensor, TensorOp
from ..backend_selection import array_api
from . import _arrays
from .ops_mathematic import reshape, transpose
from .ops_structure import dilate, flip, pad, split, stack

__all__ = ["Conv", "conv"]


class Conv(TensorOp):
    """Images a: (N, H, W, C_in) with weights b: (K, K, C_in, C_out) to (N, H', W', C_out).

        out[n, i, j, o] = sum over u, v, c of padded[n, s * i + u, s * j + v, c] * b[u, v, c, o]

    where s is the stride and `padded` is the image with `padding` zeros on each side. The kernel is not flipped.
    H' = (H + 2 * padding - K) // s + 1, and W' alike: what remains of the division are rows and columns at the lower
    and right edges that no window reaches.

    The kernel's height and width may differ; stride and padding are the same in both directions.
    """

    def __init__(self, stride: int | None = 1, padding: int | None = 0) -> None:
        self.stride = 1 if stride is None else operator.index(stride)
        self.padding = 0 if padding is None else operator.index(padding)
        if self.stride < 1:
            raise ValueError(f"conv: expected a stride of 1 or more, got {stride}")
        if self.padding < 0:
            raise ValueError(f"conv: expected a padding of 0 or more, got {padding}")

    def check(self, a: NDArray, b: NDArray) -> None:
        if len(a.shape) != 4 or len(b.shape) != 4:
            expected = "expected images (N, H, W, C_in) and weights (K, K, C_in, C_out)"
            raise ValueError(f"conv: {expected}, got shapes {a.shape} and {b.shape}")
        if a.shape[3] != b.shape[2]:
            channels = f"{a.shape[3]} channels, but weights {b.shape} take {b.shape[2]}"
            raise ValueError(f"conv: images {a.shape} have {channels}; images are (N, H, W, C_in)")
        for size, kernel, side in zip(a.shape[1:3], b.shape[:2], ("height", "width"), strict=True):
            if not 1 <= kernel <= size + 2 * self.padding:
                padded = f"images {a.shape} with padding {self.padding} have {side} {size + 2 * self.padding}"
                raise ValueError(f"conv: a kernel of {side} {kernel} does not fit: {padded}, weights are {b.shape}")

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        around, step = (self.padding, self.padding), self.stride
        padded = array_api.pad(a, ((0, 0), around, around, (0, 0))) if self.padding else a
        images, height, width, channels = padded.shape
        kernel_height, kernel_width, _, features = b.shape
        rows = (height - kernel_height) // step + 1
        columns = (width - kernel_width) // step + 1
        if kernel_height == kernel_width == 1:
            # Each pixel by itself: no window to be laid out.
            pixels = padded[:, ::step, ::step, :] if step > 1 else padded
        else:
            padded = _arrays.compact(padded)
            down, right = width * channels, channels
            pixels = _arrays.as_strided(
                padded,
                (images, rows, columns, kernel_height, kernel_width, channels),
                (height * down, step * down, step * right, down, right, 1),
            )
        # im2col: each row of the matrix is a window, in the order of the weights' rows.
        length = kernel_height * kernel_width * channels
        windows = array_api.reshape(pixels, (images * rows * columns, length))
        out = windows @ array_api.reshape(b, (length, features))
        return array_api.reshape(out, (images, rows, columns, features))
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        ### BEGIN SOLUTION
        a, b = node.inputs
        step = self.stride
        # Zeros between the elements of the adjoint undo the stride. After the last one there are step - 1 as well, but
        # only as many are wanted as there are pixels that no window reaches: the remainder of the division.
        apart = dilate(out_grad, (1, 2), step - 1) if step > 1 else out_grad
        surplus = [
            step - 1 - (size + 2 * self.padding - kernel) % step
            for size, kernel in zip(a.shape[1:3], b.shape[:2], strict=True)
        ]

        # A pixel's adjoint comes from all windows that it is in: the adjoint of the result, convolved with the weights
        # turned around and with channels in and out swapped.
        edges = [kernel - 1 - self.padding for kernel in b.shape[:2]]
        around = [(edge, edge - zeros) for edge, zeros in zip(edges, surplus, strict=True)]
        turned = transpose(flip(b, (0, 1)), (2, 3))
        grad_a = conv(pad(apart, ((0, 0), *around, (0, 0))), turned, padding=0)

        # A weight meets as many pixels as there are windows: the image, convolved with the adjoint as the weights. What
        # is summed over are images, so they take the place of the channels.
        around = [(self.padding, self.padding + zeros) for zeros in surplus]
        across = transpose(pad(a, ((0, 0), *around, (0, 0))), (0, 3))  # (C_in, H, W, N)
        kernel = transpose(transpose(apart, (0, 1)), (1, 2))  # (H', W', N, C_out)
        grad_b = conv(across, kernel, padding=0)  # (C_in, K, K, C_out)
        return grad_a, transpose(transpose(grad_b, (0, 1)), (1, 2))
        ### END SOLUTION


def conv(
    a: Tensor, b: Tensor, stride: int | None = 1, padding: int | None = 1, dilation: int = 1, groups: int = 1
) -> Tensor:
    """`Conv`, of which the padding is 1 here if none is named, and two variants of it.

    dilation: how many pixels apart neighbours in the window are; a kernel of size K reaches over dilation * (K - 1) + 1
    groups: so many convolutions side by side; each takes its share of the channels in to its share of the channels out.
        b: (K, K, C_in / groups, C_out), of which the first C_out / groups are the first group's
    Raises ValueError: if the dilation or the groups are less than 1, or the channels do not divide by the groups.
    """
    if (dilation, groups) != (1, 1):
        _check_variant(a.shape, b.shape, dilation, groups)
    if dilation > 1:
        # There are zeros after the last row and column as well, which would make the kernel larger than it is.
        last = (0, 1 - dilation)
        b = pad(dilate(b, (0, 1), dilation - 1), (last, last, (0, 0), (0, 0)))
    # By its name in needle.ops: a faster class of this name takes its place there.
    op = needle.ops.Conv(stride, padding)
    if groups == 1:
        return op(a, b)
    shares = zip(_shares(a, groups), _shares(b, groups), strict=True)
    grouped = stack([op(images, weights) for images, weights in shares], 3)
    return reshape(grouped, (*grouped.shape[:3], b.shape[3]))


def _shares(a: Tensor, groups: int) -> tuple[Tensor, ...]:
    """The last axis in equal parts."""
    return split(reshape(a, (*a.shape[:-1], groups, a.shape[-1] // groups)), len(a.shape) - 1).tuple()


def _check_variant(images: Sequence[int], weights: Sequence[int], dilation: int, groups: int) -> None:
    if dilation < 1:
        raise ValueError(f"conv: expected a dilation of 1 or more, got {dilation}")
    if groups < 1:
        raise ValueError(f"conv: expected 1 group or more, got {groups}")
    if len(images) != 4 or len(weights) != 4:
        expected = "expected images (N, H, W, C_in) and weights (K, K, C_in / groups, C_out)"
        raise ValueError(f"conv: {expected}, got shapes {images} and {weights}")
    for channels, what, shape in ((images[3], "images", images), (weights[3], "weights", weights)):
        if channels % groups:
            raise ValueError(f"conv: {what} {shape} have {channels} channels, which do not divide by {groups} groups")
    if images[3] // groups != weights[2]:
        share = f"{images[3]} channels in {groups} groups are {images[3] // groups} each"
        raise ValueError(f"conv: {share}, but weights {weights} take {weights[2]}; images are {images}")
