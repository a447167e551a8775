"""The two operators between tensors and tuples of tensors: they are each other's inverse, and each other's gradient."""

from __future__ import annotations

from ..autograd import NDArray, Tensor, TensorOp, TensorTuple, TensorTupleOp
from ..init import zeros_like

__all__ = ["MakeTensorTuple", "TupleGetItem", "make_tuple", "tuple_get_item"]


class MakeTensorTuple(TensorTupleOp):
    """Several tensors as one value."""

    def compute(self, *args: NDArray) -> tuple[NDArray, ...]:
        return args

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        return out_grad.tuple()


def make_tuple(*args: Tensor) -> TensorTuple:
    return MakeTensorTuple()(*args)


class TupleGetItem(TensorOp):
    """One tensor of a tuple. index: counted from 0, a negative one from the end."""

    def __init__(self, index: int) -> None:
        self.index = index

    def __call__(self, *args: TensorTuple) -> Tensor:
        (whole,) = args
        if not isinstance(whole, TensorTuple):
            raise TypeError(f"tuple_get_item: expected a TensorTuple, got {type(whole).__name__}")
        if not -len(whole) <= self.index < len(whole):
            raise IndexError(f"tuple_get_item: index {self.index} is not in a TensorTuple of {len(whole)}")
        return super().__call__(whole)

    def compute(self, whole: tuple[NDArray, ...]) -> NDArray:
        return whole[self.index]

    def gradient(self, out_grad: Tensor, node: Tensor) -> TensorTuple:
        """The adjoint of the whole: zero except at the index."""
        (whole,) = node.inputs
        chosen = self.index % len(whole)
        zeros = (zeros_like(Tensor.make_const(part)) for part in whole.realize_cached_data())
        return make_tuple(*(out_grad if i == chosen else zero for i, zero in enumerate(zeros)))


def tuple_get_item(value: TensorTuple, index: int) -> Tensor:
    return TupleGetItem(index)(value)
