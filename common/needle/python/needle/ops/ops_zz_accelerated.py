"""The library's own fast operators in the place of those that students write: taken last by discovery, their names win.

They compute by the kernels of the device's native module, and by their parents' code where it has none. On the NumPy
backend there are none of them.
"""

from __future__ import annotations

import math

from ..autograd import NDArray, Tensor, TensorOp
from ..backend_selection import array_api
from . import _shapes, ops_convolution, ops_mathematic
from ._accelerated_fused import handles, unless_unwanted

__all__ = [] if array_api.__name__ == "numpy" else ["Conv", "MatMul", "ReLU", "matmul", "relu"]


class MatMul(ops_mathematic.MatMul):
    """Matrix products, of which each matrix may be taken as its transpose: that is a view, where `transpose` copies.

    turned_a, turned_b: whether a is (..., n, m) instead of (..., m, n), and b (..., p, n) instead of (..., n, p)
    """

    def __init__(self, turned_a: bool = False, turned_b: bool = False) -> None:
        self.turned_a = turned_a
        self.turned_b = turned_b

    def check(self, a: NDArray, b: NDArray) -> None:
        _shapes.require_matmul(_turned(a.shape, self.turned_a), _turned(b.shape, self.turned_b))

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        right = b.swapaxes(-2, -1) if self.turned_b else b
        if self._one_for_all(a.shape, b.shape):
            product = array_api.reshape(a, (math.prod(a.shape[:-1]), a.shape[-1])) @ right
            return array_api.reshape(product, (*a.shape[:-1], product.shape[-1]))
        return (a.swapaxes(-2, -1) if self.turned_a else a) @ right

    def _one_for_all(self, a: tuple[int, ...], b: tuple[int, ...]) -> bool:
        """Whether one matrix is for all matrices of a: then the rows of all of them are those of one."""
        return len(a) > 2 and len(b) == 2 and not self.turned_a

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        lhs, rhs = node.inputs
        if self._one_for_all(lhs.shape, rhs.shape):
            by_lhs = _gradient_by(lhs, out_grad, rhs, False, not self.turned_b)
            rows, by_rows = (ops_mathematic.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1])) for x in (lhs, out_grad))
            by_rhs = (by_rows, rows) if self.turned_b else (rows, by_rows)
            return by_lhs, _gradient_by(rhs, *by_rhs, True, False)
        by_lhs = (rhs, out_grad, self.turned_b, True) if self.turned_a else (out_grad, rhs, False, not self.turned_b)
        by_rhs = (out_grad, lhs, True, self.turned_a) if self.turned_b else (lhs, out_grad, not self.turned_a, False)
        return _gradient_by(lhs, *by_lhs), _gradient_by(rhs, *by_rhs)


def _turned(shape: tuple[int, ...], turned: bool) -> tuple[int, ...]:
    return (*shape[:-2], shape[-1], shape[-2]) if turned and len(shape) > 1 else shape


def _gradient_by(wanted: Tensor, first: Tensor, second: Tensor, turned_first: bool, turned_second: bool) -> Tensor:
    """A product as the gradient of an input that may have been broadcast: summed over the axes that were repeated."""
    grad = unless_unwanted(MatMul(turned_first, turned_second), wanted, first, second)
    if grad.cached_data is None and len(first.shape) == len(second.shape) == len(wanted.shape) == 2:
        return grad
    shape = wanted.shape
    padded = (1,) * (len(grad.shape) - len(shape)) + shape
    axes = tuple(axis for axis, size in enumerate(padded) if size != grad.shape[axis])
    return grad if grad.shape == shape else ops_mathematic.summation(grad, axes).reshape(shape)


def matmul(a: Tensor, b: Tensor, turned_a: bool = False, turned_b: bool = False) -> Tensor:
    """a @ b. turned_a, turned_b: of the transpose of a, or of b, without a copy."""
    return MatMul(turned_a, turned_b)(a, b)


class ReLU(ops_mathematic.ReLU):
    """max(a, 0), whose gradient reads its mask from what came in."""

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        argument = node.inputs[0].realize_cached_data()
        if not hasattr(argument.device.mod, "masked"):
            return super().gradient(out_grad, node)
        return Masked(argument)(out_grad)


class Masked(TensorOp):
    """a where a mask is above 0, else 0; of the mask, a constant."""

    def __init__(self, mask: NDArray) -> None:
        self.mask = mask

    def compute(self, a: NDArray) -> NDArray:
        out = array_api.empty(a.shape, device=a.device)
        a.device.mod.masked(*handles(a, self.mask, out))
        return out

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return Masked(self.mask)(out_grad)


def relu(a: Tensor) -> Tensor:
    return ReLU()(a)


class Conv(ops_convolution.Conv):
    """Convolution by a kernel that writes down no windows; and its two gradients likewise.

    The three are bilinear and each other's gradients, so there is no order at which kernels end.
    """

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        if not hasattr(a.device.mod, "conv2d"):
            return super().compute(a, b)
        sizes = [(n + 2 * self.padding - k) // self.stride + 1 for n, k in zip(a.shape[1:3], b.shape[:2], strict=True)]
        out = array_api.empty((a.shape[0], *sizes, b.shape[3]), device=a.device)
        a.device.mod.conv2d(*handles(a, b, out), a.shape, b.shape, self.stride, self.padding)
        return out

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        images, weight = node.inputs
        if not hasattr(images.device.mod, "conv2d"):
            return super().gradient(out_grad, node)
        settings = images.shape, weight.shape, self.stride, self.padding
        by_images = unless_unwanted(_ConvByImages(*settings), images, out_grad, weight)
        return by_images, unless_unwanted(_ConvByWeight(*settings), weight, images, out_grad)


class _ConvGradient(TensorOp):
    """images, weight: the shapes that the convolution's arguments have"""

    def __init__(self, images: tuple[int, ...], weight: tuple[int, ...], stride: int, padding: int) -> None:
        self.images = images
        self.weight = weight
        self.stride = stride
        self.padding = padding

    @property
    def settings(self) -> tuple[tuple[int, ...], tuple[int, ...], int, int]:
        return self.images, self.weight, self.stride, self.padding


class _ConvByImages(_ConvGradient):
    """From the result's adjoint and the weight, the adjoint of the images."""

    def compute(self, out_grad: NDArray, weight: NDArray) -> NDArray:
        out = array_api.empty(self.images, device=weight.device)
        weight.device.mod.conv2d_by_images(*handles(out_grad, weight, out), *self.settings)
        return out

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        adjoint, weight = node.inputs
        return Conv(self.stride, self.padding)(out_grad, weight), _ConvByWeight(*self.settings)(out_grad, adjoint)


class _ConvByWeight(_ConvGradient):
    """From the images and the result's adjoint, the adjoint of the weight."""

    def compute(self, images: NDArray, out_grad: NDArray) -> NDArray:
        out = array_api.empty(self.weight, device=images.device)
        images.device.mod.conv2d_by_weight(*handles(images, out_grad, out), *self.settings)
        return out

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        images, adjoint = node.inputs
        return _ConvByImages(*self.settings)(adjoint, out_grad), Conv(self.stride, self.padding)(images, out_grad)
