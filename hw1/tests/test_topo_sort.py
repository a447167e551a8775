"""hw1, topological sort: every node once, after its inputs, in the order of a depth-first search.

The graphs here use only the operators that are given.
"""

import mugrade
import needle as ndl
import numpy as np
import pytest


def leaf(value):
    return ndl.Tensor([float(value)])


def sort(*nodes):
    return ndl.autograd.find_topo_sort(list(nodes))


def check(found, expected):
    """The same nodes (not only equal ones) in the same order; a message shows their values."""
    assert [id(node) for node in found] == [id(node) for node in expected], f"{found} instead of {expected}"


def test_a_single_leaf():
    a = leaf(1)
    check(sort(a), [a])


def test_a_chain():
    a = leaf(1)
    b = a + 1
    c = b * 5
    check(sort(c), [a, b, c])


def test_inputs_from_left_to_right():
    a, b = leaf(1), leaf(2)
    check(sort(product := a * b), [a, b, product])
    check(sort(product := b * a), [b, a, product])


def test_a_node_that_is_used_twice_appears_once():
    a = leaf(3)
    square = a * a
    total = square + square
    check(sort(total), [a, square, total])


def test_a_diamond():
    """c is used directly by the last node and, by way of d, before it: it stands before both."""
    a, b = leaf(1), leaf(2)
    c = a * b
    d = c + 1
    check(sort(last := c * d), [a, b, c, d, last])
    check(sort(last := d * c), [a, b, c, d, last])


def test_depth_before_breadth():
    """All that the left input needs comes before anything that only the right one needs."""
    a, b, c, d = (leaf(i) for i in range(4))
    left, right = a * b, c * d
    check(sort(total := left + right), [a, b, left, c, d, right, total])


def test_a_deep_input_beside_a_shallow_one():
    a, b = leaf(1), leaf(2)
    deep = a
    chain = [deep := deep + i for i in range(5)]
    check(sort(last := b * deep), [b, a, *chain, last])
    check(sort(last := deep * b), [a, *chain, b, last])


def test_several_nodes():
    a, b = leaf(1), leaf(2)
    product = a * b
    total = a + b
    check(sort(product, total), [a, b, product, total])
    check(sort(total, product), [a, b, total, product])


def test_a_listed_node_below_another():
    a, b = leaf(1), leaf(2)
    product = a * b
    above = product + 1
    check(sort(above, product), [a, b, product, above])
    check(sort(product, above), [a, b, product, above])
    check(sort(b, above), [b, a, product, above])


@pytest.mark.parametrize("seed", range(5))
def test_random_graphs(seed):
    rng = np.random.default_rng(seed)
    nodes = [leaf(i) for i in range(3)]
    for _ in range(40):
        lhs, rhs = (nodes[i] for i in rng.integers(len(nodes), size=2))
        nodes.append(lhs + rhs if rng.random() < 0.5 else lhs * rhs)
    found = sort(nodes[-1])
    place = {id(node): i for i, node in enumerate(found)}
    assert len(place) == len(found), "a node appears twice"
    assert found[-1] is nodes[-1]
    for node in found:
        for value in node.inputs:
            assert place[id(value)] < place[id(node)], "a node stands before one of its inputs"


def test_the_graph_is_left_as_it_is():
    a = leaf(1)
    b = a * a
    check(sort(b), [a, b])
    check(sort(b), [a, b])
    assert not hasattr(a, "grad")


def submit_topo_sort() -> None:
    """Values in the order found, for a graph with shared nodes"""
    a, b = leaf(2), leaf(3)
    c = a * b + b
    last = c * (a + c) + a
    mugrade.submit([float(node.numpy()[0]) for node in sort(last)])
    mugrade.submit([float(node.numpy()[0]) for node in sort(c, a * 4, last)])
