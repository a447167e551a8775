"""Graphs far deeper than Python's stack: everything that walks one must do so without recursion."""

from __future__ import annotations

import gc
import sys

import needle as ndl
import pytest

DEPTH = 100_000


def unrolled(x: ndl.Tensor, depth: int = DEPTH) -> ndl.Tensor:
    """x + x + ... + x, as a chain: each node uses the one before and x."""
    total = x
    for _ in range(depth):
        total = total + x
    return total


def test_the_depth_is_beyond_pythons_stack():
    assert sys.getrecursionlimit() < DEPTH / 10


def test_sort_differentiate_and_forget(alive):
    """One graph for all three, because building it takes longest."""
    x = ndl.Tensor([1.0])
    result = unrolled(x)
    order = ndl.autograd.find_topo_sort([result])
    assert len(order) == DEPTH + 1
    assert order[0] is x
    assert order[-1] is result
    del order

    result.backward()
    assert x.grad.numpy().tolist() == [DEPTH + 1]

    del result
    x.reset_grad()
    gc.collect()
    assert alive[0] + 1 == ndl.autograd.TENSOR_COUNTER


def test_a_graph_of_gradients_is_forgotten(alive):
    """x.grad holds on to products with x: a ring of references that only the garbage collector can undo."""
    x = ndl.Tensor([1.0])
    result = x
    for _ in range(DEPTH // 2):
        result = result * x
    result.backward()
    assert x.grad.numpy().tolist() == [DEPTH // 2 + 1]
    del x, result
    gc.collect()
    assert alive[0] == ndl.autograd.TENSOR_COUNTER


def test_a_chain_without_a_ring_is_forgotten_at_once(alive):
    x = ndl.Tensor([1.0])
    result = unrolled(x)
    gc.disable()
    try:
        del result
        assert alive[0] + 1 == ndl.autograd.TENSOR_COUNTER
    finally:
        gc.enable()


@pytest.mark.usefixtures("lazy")
def test_a_lazy_graph_is_computed():
    x = ndl.Tensor([1.0])
    result = unrolled(x)
    assert result.numpy().tolist() == [DEPTH + 1]
