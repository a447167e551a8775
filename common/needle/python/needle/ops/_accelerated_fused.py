"""Operators that are one native kernel forward and one backward: what they share, and their gradients' gradients.

A fused operator computes by kernels what a composition of plain operators computes as well, and says which composition.
Its gradient is one operator too. Of that gradient's own gradient nobody wrote a kernel: there the composition takes its
place, is differentiated, and what comes out is differentiated once more. So gradients of any order are there, the first
one fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import autograd
from ..autograd import NDArray, Tensor, TensorOp, TensorTuple, TensorTupleOp, Value, sum_node_list
from ..backend_selection import array_api
from ..init import zeros_like
from ._slices import Slices


def has_kernel(name: str, *tensors: Tensor) -> bool:
    """Whether a kernel is there for these tensors, all on one device, and may be used: not while LAZY_MODE is on."""
    if autograd.LAZY_MODE or array_api.__name__ == "numpy":
        return False
    devices = {id(tensor.device): tensor.device for tensor in tensors}
    return len(devices) == 1 and hasattr(next(iter(devices.values())).mod, name)


def handles(*arrays: NDArray) -> list[Any]:
    """The buffers of arrays, made compact where they are not."""
    return [array.compact()._handle for array in arrays]


class Fused(TensorOp):
    """An operator with kernels of its own and a plain composition beside them.

    What its kernels found forward and want backward, they may keep in attributes: an operator is made for one use.
    """

    def native_gradient(self, out_grad: NDArray, *arrays: NDArray) -> tuple[NDArray, ...]:
        """The gradient of sum(out * out_grad) by each input."""
        raise NotImplementedError(f"{type(self).__name__}.native_gradient")

    def plain(self, *inputs: Tensor) -> Tensor:
        """The same by plain operators."""
        raise NotImplementedError(f"{type(self).__name__}.plain")

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, ...]:
        return FusedGradient(self)(out_grad, *node.inputs).tuple()


class FusedGradient(TensorTupleOp):
    """The gradients of a fused operator, from its result's adjoint and its inputs."""

    def __init__(self, forward: Fused) -> None:
        self.forward = forward

    def __call__(self, *args: Value) -> TensorTuple:
        return Slices.make_from_op(self, args)

    def compute(self, *args: NDArray) -> tuple[NDArray, ...]:
        return self.forward.native_gradient(*args)

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        adjoint, *inputs = variables(node.inputs)
        gradients = gradients_between([(self.forward.plain(*inputs), adjoint)], inputs)
        pairs = [(gradients[i], out_grad[i]) for i in range(len(out_grad))]
        return tuple(gradients_between(pairs, [adjoint, *inputs]))


def variables(values: Sequence[Value]) -> list[Value]:
    """The values; for one that requires no gradient another that does, so that what is computed of it has a graph."""
    return [each if each.requires_grad else each.make_const(each, requires_grad=True) for each in values]


def gradients_between(outputs: Sequence[tuple[Value, Value]], inputs: Sequence[Value]) -> list[Value]:
    """Reverse mode over that part of the graph that lies between: the gradient by each input of the sum of
    output * adjoint over all pairs. No node's `grad` is touched.
    """
    found: dict[Value, list[Value]] = {}
    for output, adjoint in outputs:
        found.setdefault(output, []).append(adjoint)
    ends = set(inputs)
    for node in reversed(_order([output for output, _ in outputs], ends)):
        if node in ends or node.is_leaf():
            continue
        contributions = node.op.gradient_as_tuple(sum_node_list(found.pop(node)), node)
        for value, contribution in zip(node.inputs, contributions, strict=True):
            found.setdefault(value, []).append(contribution)
    return [sum_node_list(found[value]) if value in found else zeros_like(value) for value in inputs]


def _order(outputs: list[Value], ends: set[Value]) -> list[Value]:
    """Every node from the outputs back to the ends, each after its inputs."""
    seen: set[Value] = set()
    order: list[Value] = []
    waiting = [(output, False) for output in reversed(outputs)]
    while waiting:
        node, done = waiting.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            if node not in ends:
                waiting.extend((value, False) for value in reversed(node.inputs))
    return order


class _Postponed(TensorOp):
    """An operator on the arrays that its inputs had when the node was made, computed when somebody asks for it."""

    def __init__(self, op: TensorOp, arrays: list[NDArray]) -> None:
        self.op = op
        self.arrays: list[NDArray] | None = arrays

    def compute(self, *args: NDArray) -> NDArray:
        arrays, self.arrays = self.arrays or args, None
        return self.op.compute(*arrays)

    def gradient(self, out_grad: Tensor, node: Tensor) -> Value | tuple[Value, ...]:
        return self.op.gradient(out_grad, node)


def unless_unwanted(op: TensorOp, wanted: Tensor, *inputs: Tensor) -> Tensor:
    """The gradient `op(*inputs)` by `wanted`; if that requires none (a batch of images), once somebody looks at it."""
    if wanted.requires_grad or autograd.LAZY_MODE:
        return op(*inputs)
    node = Tensor.__new__(Tensor)
    node._init(_Postponed(op, [value.realize_cached_data() for value in inputs]), inputs)
    return node
