"""The slices that Split makes, and their adjoint, which is put together once instead of slice by slice.

An element of a plain TensorTuple answers a backward pass with a tuple as long as the whole one: its own adjoint, and
zeros for all others. Of a sequence of T steps, each used by itself, that is T tuples of T arrays to add up. The adjoint
of a slice says instead which elements it has; zeros are made at the end, for those that nobody used.
"""

from __future__ import annotations

from ..autograd import NDArray, Tensor, TensorTuple, TensorTupleOp
from . import _arrays
from .ops_tuple import TupleGetItem, make_tuple


class Slices(TensorTuple):
    """A TensorTuple whose elements are mostly used one by one."""

    def __getitem__(self, index: int) -> Tensor:
        return _Slice(index)(self)


class _Slice(TupleGetItem):
    """One of the slices."""

    def gradient(self, out_grad: Tensor, node: Tensor) -> TensorTuple:
        (whole,) = node.inputs
        return _Adjoint.of({self.index % len(whole): out_grad}, whole.realize_cached_data())


class _Adjoint(TensorTuple):
    """A tuple of which some elements are there, by their indices; the others are zeros. Computed when it is used."""

    parts: dict[int, Tensor]

    @classmethod
    def of(cls, parts: dict[int, Tensor], like: tuple[NDArray, ...]) -> _Adjoint:
        """like: arrays of the shapes that all elements have"""
        made = cls.make_const(None)
        made._init(_FillUp(tuple(parts), like), list(parts.values()))
        made.parts = parts
        return made

    def __len__(self) -> int:
        return len(self.op.like)

    def __getitem__(self, index: int) -> Tensor:
        part = self.parts.get(index)
        return super().__getitem__(index) if part is None else part

    def detach(self) -> TensorTuple:
        return TensorTuple.make_const(self.realize_cached_data())

    def __add__(self, other: TensorTuple) -> TensorTuple:
        if isinstance(other, _Adjoint) and len(self) == len(other):
            both = dict(self.parts)
            for i, part in other.parts.items():
                both[i] = both[i] + part if i in both else part
            return _Adjoint.of(both, self.op.like)
        if isinstance(other, TensorTuple) and len(self) == len(other):
            elements = (other[i] + self.parts[i] if i in self.parts else other[i] for i in range(len(self)))
            return make_tuple(*elements)
        return super().__add__(other)

    __radd__ = __add__


class _FillUp(TensorTupleOp):
    """Zeros between some elements of a tuple. places: where the elements belong; like: arrays of all shapes."""

    def __init__(self, places: tuple[int, ...], like: tuple[NDArray, ...]) -> None:
        self.places, self.like = places, like

    def compute(self, *args: NDArray) -> tuple[NDArray, ...]:
        there = dict(zip(self.places, args, strict=True))
        return tuple(there[i] if i in there else _arrays.zeros(a.shape, like=a) for i, a in enumerate(self.like))

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        return tuple(out_grad[i] for i in self.places)
