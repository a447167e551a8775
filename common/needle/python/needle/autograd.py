"""Automatic differentiation: the computational graph, and reverse mode on it.

A `Value` is a node of the graph: either a leaf, or an operator (`Op`) applied to other values, its inputs. A `Tensor`
is a value that holds an array; a `TensorTuple` holds several. Using an operator makes a node:

    x, y = Tensor([2.0]), Tensor([5.0])
    z = x * y           # z.op is an EWiseMul, z.inputs is [x, y], z.cached_data is array([10.])
    z.backward()        # x.grad, y.grad and z.grad are now tensors

Gradients are tensors made by operators too, so they can be differentiated again.

From top to bottom: Op, Value, TensorTuple, Tensor, and the algorithms that walk the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy

import needle

from . import _gradients
from ._conversions import as_data, as_number, described, new_array
from .backend_selection import Device, NDArray, array_api, default_device

# Read whenever a node is made: when true, nothing is computed before a value is asked for.
LAZY_MODE = False

# How many values are alive: a number that grows from step to step of a training loop is a leak.
TENSOR_COUNTER = 0


class Op:
    """An operator: how to compute a value from others, and how to differentiate it."""

    def __call__(self, *args: Value) -> Value:
        raise NotImplementedError(f"{type(self).__name__} is neither a TensorOp nor a TensorTupleOp")

    def check(self, *args: NDArray) -> None:
        """Raise ValueError if `compute` cannot take these arrays. Called with its arguments, just before it."""

    def compute(self, *args: NDArray) -> NDArray | tuple[NDArray, ...]:
        """The operator on arrays, not on tensors: one array for each input in, the result's array out."""
        raise NotImplementedError(f"{type(self).__name__}.compute")

    def gradient(self, out_grad: Value, node: Value) -> Value | tuple[Value, ...]:
        """One step of reverse mode: from the adjoint of a node to its contributions to its inputs' adjoints.

        out_grad: the adjoint of `node`, with the shape of `node`.
        node: the value that this operator made; its inputs are `node.inputs`.
        Returns one value for each input, of the input's shape, made by operators; a single one need not be in a tuple.
        """
        raise NotImplementedError(f"{type(self).__name__}.gradient")

    def gradient_as_tuple(self, out_grad: Value, node: Value) -> tuple[Value, ...]:
        """`gradient`, always as a tuple, and checked: one value for each input, of the input's shape.

        Raises TypeError or ValueError: if `gradient` returned something else.
        """
        result = self.gradient(out_grad, node)
        result = tuple(result) if isinstance(result, (tuple, list)) else (result,)
        if len(result) != len(node.inputs):
            expected = f"a gradient for each of {len(node.inputs)} inputs"
            raise ValueError(f"{type(self).__name__}.gradient: expected {expected}, got {len(result)}")
        for i, (gradient, value) in enumerate(zip(result, node.inputs, strict=True)):
            if not isinstance(gradient, Value):
                what = f"expected a Tensor for input {i}, got {type(gradient).__name__}; use needle's operators"
                raise TypeError(f"{type(self).__name__}.gradient: {what}")
            # Only what is computed already can be checked without computing it here, against LAZY_MODE.
            shape, expected = getattr(gradient.cached_data, "shape", None), getattr(value.cached_data, "shape", None)
            if shape != expected and shape is not None and expected is not None:
                what = f"the gradient for input {i} has shape {shape}, but the input has {expected}"
                raise ValueError(f"{type(self).__name__}.gradient: {what}")
        return result


class TensorOp(Op):
    """An operator whose result is a Tensor."""

    def __call__(self, *args: Value) -> Tensor:
        return Tensor.make_from_op(self, args)


class TensorTupleOp(Op):
    """An operator whose result is a TensorTuple."""

    def __call__(self, *args: Value) -> TensorTuple:
        return TensorTuple.make_from_op(self, args)


class Value:
    """A node of the computational graph.

    op: the operator that made it; None for a leaf.
    inputs: the values that it was made from.
    cached_data: its array, or None while it has not been computed.
    requires_grad: whether gradients are to flow through it.
    """

    op: Op | None
    inputs: list[Value]
    num_outputs: int
    cached_data: Any
    requires_grad: bool

    def __new__(cls, *args: Any, **kwargs: Any) -> Value:
        global TENSOR_COUNTER
        TENSOR_COUNTER += 1
        return super().__new__(cls)

    def __del__(self) -> None:
        global TENSOR_COUNTER
        TENSOR_COUNTER -= 1
        if "_lent" in self.__dict__:
            _gradients.give(self)

    @property
    def grad(self) -> Any:
        """The gradient that the last backward pass put here. AttributeError: if there was none."""
        return _gradients.find(self)

    @grad.setter
    def grad(self, gradient: Any) -> None:
        self._grad = gradient

    @grad.deleter
    def grad(self) -> None:
        del self._grad

    def _init(
        self,
        op: Op | None,
        inputs: Sequence[Value],
        *,
        num_outputs: int = 1,
        cached_data: Any = None,
        requires_grad: bool | None = None,
    ) -> None:
        if requires_grad is None:
            requires_grad = any(value.requires_grad for value in inputs)
        self.op = op
        self.inputs = list(inputs)
        self.num_outputs = num_outputs
        self.cached_data = cached_data
        self.requires_grad = requires_grad

    def realize_cached_data(self) -> Any:
        """The value's array (a tuple's arrays), computed on the first call: itself, not a copy."""
        if self.cached_data is None:
            # A list of what is left to compute instead of recursion: lazy graphs are deeper than Python's stack.
            waiting: list[Value] = [self]
            while waiting:
                value = waiting[-1]
                missing = [each for each in value.inputs if each.cached_data is None]
                if missing and value.cached_data is None:
                    waiting.extend(reversed(missing))
                    continue
                if value.cached_data is None:
                    value._compute()
                waiting.pop()
        return self.cached_data

    def _compute(self) -> None:
        """Apply the operator to the inputs' arrays, which are all there."""
        op = self.op
        arrays = [value.cached_data for value in self.inputs]
        op.check(*arrays)
        self.cached_data = as_data(op, op.compute(*arrays))

    def is_leaf(self) -> bool:
        return self.op is None

    @classmethod
    def make_const(cls, data: Any, *, requires_grad: bool = False) -> Value:
        """A leaf around an array (or another value's array), which is shared and not copied."""
        value = cls.__new__(cls)
        value._init(
            None,
            [],
            cached_data=data.realize_cached_data() if isinstance(data, Value) else data,
            requires_grad=requires_grad,
        )
        return value

    @classmethod
    def make_from_op(cls, op: Op, inputs: Sequence[Value]) -> Value:
        """The node `op(*inputs)`, computed at once unless LAZY_MODE.

        If no input requires a gradient, the result is a leaf that does not know its inputs (unless LAZY_MODE).
        Raises TypeError: if an input is not a value.
        """
        requires_grad = False
        realized = not LAZY_MODE
        for value in inputs:
            if not isinstance(value, Value):
                i = next(i for i, each in enumerate(inputs) if each is value)
                raise TypeError(f"{type(op).__name__}: argument {i} is not a Tensor but {described(value)}")
            requires_grad = requires_grad or value.requires_grad
            realized = realized and value.cached_data is not None
        node = cls.__new__(cls)
        node._init(op, inputs, requires_grad=requires_grad)
        if realized:
            node._compute()
        elif not LAZY_MODE:
            node.realize_cached_data()
        if not (requires_grad or LAZY_MODE):
            node.op, node.inputs = None, []
        return node

    def detach(self) -> Value:
        """A leaf with the same array, which knows nothing of the graph and requires no gradient."""
        return self.make_const(self.realize_cached_data())


class TensorTuple(Value):
    """Several tensors as one value, made by a TensorTupleOp. Tuples of tuples do not exist."""

    def __len__(self) -> int:
        return len(self.realize_cached_data())

    def __getitem__(self, index: int) -> Tensor:
        return needle.ops.tuple_get_item(self, index)

    def tuple(self) -> tuple[Tensor, ...]:
        return tuple(self[i] for i in range(len(self)))

    def __add__(self, other: TensorTuple) -> TensorTuple:
        if not isinstance(other, TensorTuple) or len(self) != len(other):
            raise ValueError(f"add: a TensorTuple of {len(self)} needs another of {len(self)}, got {described(other)}")
        return needle.ops.make_tuple(*(self[i] + other[i] for i in range(len(self))))

    def __repr__(self) -> str:
        return f"needle.TensorTuple{self.tuple()}"


class Tensor(Value):
    """An array that is a node of the computational graph.

    array: a number, a (nested) list, an array, or another tensor. The data are copied, except those of a tensor
        whose device and dtype are wanted: they are shared.
    device, dtype: None takes the tensor's or array's own, else the default device and whatever dtype the data have. (On
        the nd backend, every dtype is float32.)
    requires_grad: whether a backward pass is to reach it.

    After a `backward()`, `grad` is the gradient as another Tensor; before the first, there is no such attribute.
    """

    # NumPy then leaves `array + tensor` to Tensor.__radd__ instead of making an array of tensors.
    __array_ufunc__ = None

    def __init__(
        self,
        array: Any,
        *,
        device: Device | None = None,
        dtype: Any = None,
        requires_grad: bool = True,
        **kwargs: Any,
    ) -> None:
        if isinstance(array, Tensor):
            device = array.device if device is None else device
            dtype = array.dtype if dtype is None else dtype
            shared = device == array.device and dtype == array.dtype
            data = array.realize_cached_data() if shared else new_array(array.numpy(), device, dtype)
        else:
            data = new_array(array, device, dtype)
        self._init(None, [], cached_data=data, requires_grad=requires_grad)

    @property
    def data(self) -> Tensor:
        """The tensor without its graph: `detach()`."""
        return self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        """Take over the array of another tensor; operator, inputs and gradient stay as they are."""
        if not isinstance(value, Tensor):
            raise TypeError(f"data: expected a Tensor, got {described(value)}")
        if value.dtype != self.dtype:
            raise AssertionError(f"data: the dtype must stay {self.dtype}, but the new data have {value.dtype}")
        self.cached_data = value.realize_cached_data()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.realize_cached_data().shape

    @property
    def dtype(self) -> Any:
        return self.realize_cached_data().dtype

    @property
    def device(self) -> Device:
        return default_device() if array_api is numpy else self.realize_cached_data().device

    def numpy(self) -> numpy.ndarray:
        """The data as a NumPy array; on the NumPy backend, the very array that the tensor holds."""
        data = self.realize_cached_data()
        return data if array_api is numpy else data.numpy()

    def backward(self, out_grad: Tensor | None = None) -> None:
        """Put into `grad` of every node below this one the gradient of sum(self * out_grad).

        out_grad: of this tensor's shape; None means ones. Older gradients are overwritten, not added to.
        Raises TypeError: if out_grad is no tensor. Raises ValueError: if the shapes differ.
        """
        if out_grad is None:
            out_grad = needle.init.ones(*self.shape, dtype=self.dtype, device=self.device)
        elif not isinstance(out_grad, Tensor):
            raise TypeError(f"backward: out_grad is not a Tensor but {described(out_grad)}")
        elif out_grad.shape != self.shape:
            raise ValueError(f"backward: out_grad has shape {out_grad.shape}, but the tensor has {self.shape}")
        compute_gradient_of_variables(self, out_grad)
        _gradients.lend(self)

    def reset_grad(self) -> None:
        self.grad = None

    def __repr__(self) -> str:
        return f"needle.Tensor({self.realize_cached_data()})"

    def __str__(self) -> str:
        return str(self.realize_cached_data())

    # Arithmetic with another tensor of the same shape, or with a number.

    def __add__(self, other: Tensor | float) -> Tensor:
        if isinstance(other, Tensor):
            return needle.ops.add(self, other)
        return needle.ops.add_scalar(self, as_number("add", other))

    def __mul__(self, other: Tensor | float) -> Tensor:
        if isinstance(other, Tensor):
            return needle.ops.multiply(self, other)
        return needle.ops.mul_scalar(self, as_number("multiply", other))

    def __sub__(self, other: Tensor | float) -> Tensor:
        if isinstance(other, Tensor):
            return needle.ops.add(self, needle.ops.negate(other))
        return needle.ops.add_scalar(self, -as_number("subtract", other))

    def __truediv__(self, other: Tensor | float) -> Tensor:
        if isinstance(other, Tensor):
            return needle.ops.divide(self, other)
        return needle.ops.divide_scalar(self, as_number("divide", other))

    def __pow__(self, other: Tensor | float) -> Tensor:
        if isinstance(other, Tensor):
            return needle.ops.power(self, other)
        return needle.ops.power_scalar(self, as_number("power", other))

    def __rsub__(self, other: float) -> Tensor:
        return needle.ops.add_scalar(needle.ops.negate(self), as_number("subtract", other))

    def __rtruediv__(self, other: float) -> Tensor:
        return needle.ops.divide(self._filled_with(as_number("divide", other)), self)

    def __rpow__(self, other: float) -> Tensor:
        return needle.ops.power(self._filled_with(as_number("power", other)), self)

    def __neg__(self) -> Tensor:
        return needle.ops.negate(self)

    def __matmul__(self, other: Tensor) -> Tensor:
        return needle.ops.matmul(self, other)

    __radd__ = __add__
    __rmul__ = __mul__

    def matmul(self, other: Tensor) -> Tensor:
        return needle.ops.matmul(self, other)

    def sum(self, axes: int | tuple[int, ...] | None = None) -> Tensor:
        return needle.ops.summation(self, axes)

    def broadcast_to(self, shape: tuple[int, ...]) -> Tensor:
        return needle.ops.broadcast_to(self, shape)

    def reshape(self, shape: tuple[int, ...]) -> Tensor:
        return needle.ops.reshape(self, shape)

    def transpose(self, axes: tuple[int, int] | None = None) -> Tensor:
        return needle.ops.transpose(self, axes)

    def _filled_with(self, number: float) -> Tensor:
        """A constant of this tensor's shape, of the dtype that NumPy gives this tensor's dtype with the number."""
        dtype = numpy.result_type(self.dtype, number)
        return needle.init.constant(*self.shape, c=number, device=self.device, dtype=dtype)


def sum_node_list(node_list: list[Value]) -> Value:
    """The sum of values of one shape, added from left to right; a single one is returned as it is."""
    return reduce(add, node_list)


def find_topo_sort(node_list: list[Value]) -> list[Value]:
    """Every node that the nodes of a list depend on, those of the list included, each once and after all its inputs.

    The order is that of a depth-first search which begins with the nodes in the order of the list, visits inputs from
    left to right, and writes a node down when it leaves it (post-order).
    """
    ### BEGIN SOLUTION
    visited: set[Value] = set()
    topo_order: list[Value] = []
    for output in node_list:
        topo_sort_dfs(output, visited, topo_order)
    return topo_order
    ### END SOLUTION


def topo_sort_dfs(node: Value, visited: set[Value], topo_order: list[Value]) -> None:
    """Append `node` to `topo_order`, after all it depends on that is not in `visited`; add all of these to `visited`.

    A function that calls itself can do this in a few lines, and meets Python's limit on a graph a thousand nodes deep.
    """
    ### BEGIN SOLUTION
    if node in visited:
        return
    visited.add(node)
    # The path from `node` down to where the search is: each node on it with its inputs yet to be visited.
    path = [(node, iter(node.inputs))]
    while path:
        deepest, remaining = path[-1]
        for child in remaining:
            if child not in visited:
                visited.add(child)
                path.append((child, iter(child.inputs)))
                break
        else:
            topo_order.append(deepest)
            path.pop()
    ### END SOLUTION


def compute_gradient_of_variables(output_tensor: Tensor, out_grad: Tensor) -> None:
    """Reverse mode: set `grad` of every node that `output_tensor` depends on, and its own, which is `out_grad`.

    A node's gradient is the sum of what the nodes that use it contribute, in the order in which they are met.
    """
    # For each node, the contributions to its gradient that have been found so far.
    node_to_output_grads_list: dict[Value, list[Value]] = {output_tensor: [out_grad]}
    # Every node before its inputs: when a node is reached, all its contributions are there.
    reverse_topo_order = list(reversed(find_topo_sort([output_tensor])))

    ### BEGIN SOLUTION
    for node in reverse_topo_order:
        node.grad = sum_node_list(node_to_output_grads_list[node])
        if node.is_leaf():
            continue
        partial_adjoints = node.op.gradient_as_tuple(node.grad, node)
        for child, partial_adjoint in zip(node.inputs, partial_adjoints, strict=True):
            node_to_output_grads_list.setdefault(child, []).append(partial_adjoint)
    ### END SOLUTION
