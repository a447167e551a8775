"""Topological order on random graphs, beside a recursive search written here."""

from __future__ import annotations

import needle as ndl
import numpy as np
import pytest


class Sum(ndl.autograd.TensorOp):
    """The sum of any number of inputs."""

    def compute(self, *args):
        return sum(args[1:], args[0])


def recursive(outputs: list[ndl.Tensor]) -> list[ndl.Tensor]:
    found: list[ndl.Tensor] = []

    def visit(node: ndl.Tensor) -> None:
        if all(node is not other for other in found):
            for value in node.inputs:
                visit(value)
            found.append(node)

    for output in outputs:
        visit(output)
    return found


def random_graph(rng: np.random.Generator, size: int) -> list[ndl.Tensor]:
    nodes = [ndl.Tensor([1.0]) for _ in range(3)]
    for _ in range(size):
        chosen = rng.integers(len(nodes), size=rng.integers(1, 5))
        nodes.append(Sum()(*(nodes[i] for i in chosen)))
    return nodes


@pytest.mark.parametrize("size", [1, 3, 10, 30, 60])
def test_random_graphs(size, rng):
    nodes = random_graph(rng, size)
    for outputs in ([nodes[-1]], [nodes[i] for i in rng.integers(len(nodes), size=4)]):
        found = ndl.autograd.find_topo_sort(outputs)
        assert [id(node) for node in found] == [id(node) for node in recursive(outputs)]


def test_a_search_that_begins_where_another_ended(rng):
    """`topo_sort_dfs` adds to both collections, and passes over what has been visited."""
    x = ndl.Tensor([1.0])
    left, right = x * 2, x * 3
    visited: set[ndl.Tensor] = set()
    order: list[ndl.Tensor] = []
    ndl.autograd.topo_sort_dfs(left, visited, order)
    assert visited == {x, left}
    ndl.autograd.topo_sort_dfs(right, visited, order)
    ndl.autograd.topo_sort_dfs(left, visited, order)
    assert [id(node) for node in order] == [id(x), id(left), id(right)]
    assert visited == {x, left, right}


def test_nothing_to_sort():
    assert ndl.autograd.find_topo_sort([]) == []
