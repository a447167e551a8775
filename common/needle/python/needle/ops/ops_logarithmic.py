"""Logarithms of sums of exponentials, which do not overflow: what a softmax loss is made of.

exp(89) is more than float32 can hold, but log(exp(a) + exp(b)) is never far from max(a, b). Taking the largest element
m out of the sum first makes every exponential at most 1, and changes nothing else:
log sum exp(a) = m + log sum exp(a - m).
"""

from __future__ import annotations

from ..autograd import NDArray, Tensor, TensorOp
from ..backend_selection import array_api
from . import _shapes
from .ops_mathematic import broadcast_to, exp, reshape, summation

__all__ = ["LogSoftmax", "LogSumExp", "logsoftmax", "logsumexp"]


class LogSumExp(TensorOp):
    """log(sum(exp(a))) over axes, which are gone from the result. axes: one or several; None: all.

    Right for elements as large as 1e10 and for as small as -1e10.
    """

    def __init__(self, axes: int | tuple[int, ...] | None = None) -> None:
        self.axes = tuple(axes) if isinstance(axes, list) else axes

    def check(self, a: NDArray) -> None:
        _shapes.require_axes("logsumexp", a.shape, self.axes)
        _shapes.require_elements("logsumexp", a.shape)

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        largest = array_api.max(a, axis=self.axes, keepdims=True)
        at_most_one = array_api.exp(a - array_api.broadcast_to(largest, a.shape))
        log_of_sum = array_api.log(array_api.sum(at_most_one, axis=self.axes))
        return log_of_sum + array_api.reshape(largest, log_of_sum.shape)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        (a,) = node.inputs
        reduced = range(len(a.shape)) if self.axes is None else self.axes
        reduced = [axis % len(a.shape) for axis in ((reduced,) if isinstance(reduced, int) else reduced)]
        kept = tuple(1 if axis in reduced else size for axis, size in enumerate(a.shape))
        softmax = exp(a - broadcast_to(reshape(node, kept), a.shape))
        return broadcast_to(reshape(out_grad, kept), a.shape) * softmax
        ### END SOLUTION


def logsumexp(a: Tensor, axes: int | tuple[int, ...] | None = None) -> Tensor:
    return LogSumExp(axes)(a)


class LogSoftmax(TensorOp):
    """The logarithm of the softmax of each row: a - logsumexp(a) for a of shape (m, k), over the k columns."""

    def check(self, a: NDArray) -> None:
        _shapes.require_dimensions("logsoftmax", a.shape, 2)
        _shapes.require_elements("logsoftmax", a.shape)

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        below_zero = a - array_api.broadcast_to(array_api.max(a, axis=1, keepdims=True), a.shape)
        log_of_sums = array_api.log(array_api.sum(array_api.exp(below_zero), axis=1, keepdims=True))
        return below_zero - array_api.broadcast_to(log_of_sums, a.shape)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        rows, columns = node.shape
        row_sums = broadcast_to(reshape(summation(out_grad, 1), (rows, 1)), (rows, columns))
        return out_grad - exp(node) * row_sums
        ### END SOLUTION


def logsoftmax(a: Tensor) -> Tensor:
    return LogSoftmax()(a)
