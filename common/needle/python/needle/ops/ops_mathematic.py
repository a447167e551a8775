"""The operators of homework 1: arithmetic, powers, shapes, sums and products of tensors.

Each is a class with `compute`, on arrays (`array_api` is NumPy, or the NDArray of homework 3), and `gradient`, on
tensors, and below it is the function that users call: `exp(x)` is `Exp()(x)`. `check` looks at the shapes before
`compute` is called, so nobody else has to.
`EWiseAdd`, `AddScalar`, `EWiseMul` and `MulScalar` are there as examples.
"""

from ..autograd import NDArray, Op, Tensor, TensorOp, TensorTuple, TensorTupleOp, Value  # noqa: F401
from ..backend_selection import array_api
from . import _shapes


class EWiseAdd(TensorOp):
    """a + b, of equal shapes."""

    def check(self, a: NDArray, b: NDArray) -> None:
        _shapes.require_equal("add", a.shape, b.shape)

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        return a + b

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        return out_grad, out_grad


def add(a: Tensor, b: Tensor) -> Tensor:
    return EWiseAdd()(a, b)


class AddScalar(TensorOp):
    """a + scalar."""

    def __init__(self, scalar: float) -> None:
        self.scalar = scalar

    def compute(self, a: NDArray) -> NDArray:
        return a + self.scalar

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor]:
        return (out_grad,)


def add_scalar(a: Tensor, scalar: float) -> Tensor:
    return AddScalar(scalar)(a)


class EWiseMul(TensorOp):
    """a * b, element by element, of equal shapes."""

    def check(self, a: NDArray, b: NDArray) -> None:
        _shapes.require_equal("multiply", a.shape, b.shape)

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        return a * b

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        lhs, rhs = node.inputs
        return out_grad * rhs, out_grad * lhs


def multiply(a: Tensor, b: Tensor) -> Tensor:
    return EWiseMul()(a, b)


class MulScalar(TensorOp):
    """a * scalar."""

    def __init__(self, scalar: float) -> None:
        self.scalar = scalar

    def compute(self, a: NDArray) -> NDArray:
        return a * self.scalar

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor]:
        return (out_grad * self.scalar,)


def mul_scalar(a: Tensor, scalar: float) -> Tensor:
    return MulScalar(scalar)(a)


class PowerScalar(TensorOp):
    """a to the power of scalar, element by element."""

    def __init__(self, scalar: float) -> None:
        self.scalar = scalar

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return a**self.scalar
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        (a,) = node.inputs
        return out_grad * (self.scalar * a ** (self.scalar - 1))
        ### END SOLUTION


def power_scalar(a: Tensor, scalar: float) -> Tensor:
    return PowerScalar(scalar)(a)


class EWisePow(TensorOp):
    """a to the power of b, element by element, of equal shapes."""

    def check(self, a: NDArray, b: NDArray) -> None:
        _shapes.require_equal("power", a.shape, b.shape)

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return a**b
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        ### BEGIN SOLUTION
        a, b = node.inputs
        return out_grad * b * a ** (b - 1), out_grad * a**b * log(a)
        ### END SOLUTION


def power(a: Tensor, b: Tensor) -> Tensor:
    return EWisePow()(a, b)


class EWiseDiv(TensorOp):
    """a / b, element by element, of equal shapes."""

    def check(self, a: NDArray, b: NDArray) -> None:
        _shapes.require_equal("divide", a.shape, b.shape)

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return a / b
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        ### BEGIN SOLUTION
        _, b = node.inputs
        grad_a = out_grad / b
        return grad_a, -(grad_a * node)
        ### END SOLUTION


def divide(a: Tensor, b: Tensor) -> Tensor:
    return EWiseDiv()(a, b)


class DivScalar(TensorOp):
    """a / scalar."""

    def __init__(self, scalar: float) -> None:
        self.scalar = scalar

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return a / self.scalar
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return out_grad / self.scalar
        ### END SOLUTION


def divide_scalar(a: Tensor, scalar: float) -> Tensor:
    return DivScalar(scalar)(a)


class Transpose(TensorOp):
    """Swap two axes, and no others. axes: the two, negative ones counted from the end; None: the last two."""

    def __init__(self, axes: tuple[int, int] | None = None) -> None:
        self.axes = axes

    def check(self, a: NDArray) -> None:
        _shapes.require_two_axes("transpose", a.shape, self.axes)

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        first, second = self.axes or (-2, -1)
        return array_api.swapaxes(a, first, second)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return transpose(out_grad, self.axes)
        ### END SOLUTION


def transpose(a: Tensor, axes: tuple[int, int] | None = None) -> Tensor:
    return Transpose(axes)(a)


class Reshape(TensorOp):
    """The same elements, in the same order, in another shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def check(self, a: NDArray) -> None:
        _shapes.require_same_size("reshape", a.shape, self.shape)

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return array_api.reshape(a, self.shape)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return reshape(out_grad, node.inputs[0].shape)
        ### END SOLUTION


def reshape(a: Tensor, shape: tuple[int, ...]) -> Tensor:
    return Reshape(shape)(a)


class BroadcastTo(TensorOp):
    """Repeat elements along axes of size 1 and along new axes in front: (3, 1), (4,) and () can all become (3, 4)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def check(self, a: NDArray) -> None:
        _shapes.require_broadcast("broadcast_to", a.shape, self.shape)

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return array_api.broadcast_to(a, self.shape)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        original = node.inputs[0].shape
        padded = (1,) * (len(self.shape) - len(original)) + original
        repeated = tuple(axis for axis, size in enumerate(padded) if size != self.shape[axis])
        summed = summation(out_grad, repeated)
        return summed if summed.shape == original else summed.reshape(original)
        ### END SOLUTION


def broadcast_to(a: Tensor, shape: tuple[int, ...]) -> Tensor:
    return BroadcastTo(shape)(a)


class Summation(TensorOp):
    """Sum over axes, which are gone from the result. axes: one or several, negative ones from the end; None: all."""

    def __init__(self, axes: int | tuple[int, ...] | None = None) -> None:
        self.axes = tuple(axes) if isinstance(axes, list) else axes

    def check(self, a: NDArray) -> None:
        _shapes.require_axes("summation", a.shape, self.axes)

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return array_api.sum(a, axis=self.axes)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        original = node.inputs[0].shape
        axes = range(len(original)) if self.axes is None else self.axes
        axes = (axes,) if isinstance(axes, int) else axes
        with_ones = list(original)
        for axis in axes:
            with_ones[axis] = 1
        return broadcast_to(reshape(out_grad, tuple(with_ones)), original)
        ### END SOLUTION


def summation(a: Tensor, axes: int | tuple[int, ...] | None = None) -> Tensor:
    return Summation(axes)(a)


class MatMul(TensorOp):
    """Matrix products: (..., m, n) and (..., n, p) give (..., m, p). Batch dimensions (...) broadcast, both ways."""

    def check(self, a: NDArray, b: NDArray) -> None:
        _shapes.require_matmul(a.shape, b.shape)

    def compute(self, a: NDArray, b: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return a @ b
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        ### BEGIN SOLUTION
        def sum_to(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
            """Undo the broadcasting of batch dimensions: sum over those that were added or repeated."""
            padded = (1,) * (len(grad.shape) - len(shape)) + shape
            repeated = tuple(axis for axis, size in enumerate(padded) if size != grad.shape[axis])
            return summation(grad, repeated).reshape(shape) if grad.shape != shape else grad

        a, b = node.inputs
        grad_a = matmul(out_grad, transpose(b))
        grad_b = matmul(transpose(a), out_grad)
        return sum_to(grad_a, a.shape), sum_to(grad_b, b.shape)
        ### END SOLUTION


def matmul(a: Tensor, b: Tensor) -> Tensor:
    return MatMul()(a, b)


class Negate(TensorOp):
    """-a."""

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return -a
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return -out_grad
        ### END SOLUTION


def negate(a: Tensor) -> Tensor:
    return Negate()(a)


class Log(TensorOp):
    """The natural logarithm, element by element."""

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return array_api.log(a)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return out_grad / node.inputs[0]
        ### END SOLUTION


def log(a: Tensor) -> Tensor:
    return Log()(a)


class Exp(TensorOp):
    """e to the power of a, element by element."""

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return array_api.exp(a)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        return out_grad * exp(node.inputs[0])
        ### END SOLUTION


def exp(a: Tensor) -> Tensor:
    return Exp()(a)


class ReLU(TensorOp):
    """max(a, 0), element by element; its derivative at 0 is taken to be 0."""

    def compute(self, a: NDArray) -> NDArray:
        ### BEGIN SOLUTION
        return array_api.maximum(a, 0)
        ### END SOLUTION

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        # The derivative is a constant almost everywhere, so a mask that knows nothing of the graph will do.
        mask = node.inputs[0].realize_cached_data() > 0
        return out_grad * Tensor(mask, device=out_grad.device, dtype=out_grad.dtype, requires_grad=False)
        ### END SOLUTION


def relu(a: Tensor) -> Tensor:
    return ReLU()(a)
