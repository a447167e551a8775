"""Hidden cases of hw1, topological sort. They use only operators that are given."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np


class Sum(ndl.autograd.TensorOp):
    """The sum of any number of inputs."""

    def compute(self, *args):
        return sum(args[1:], args[0])


def leaf():
    return ndl.Tensor(np.random.rand(1))


def order(nodes, *outputs):
    """Where each node that was found stands in `nodes`."""
    place = {id(node): i for i, node in enumerate(nodes)}
    return [place[id(node)] for node in ndl.autograd.find_topo_sort(list(outputs))]


def grow(count):
    """A random graph: each node from two earlier ones, which may be the same."""
    nodes = [leaf() for _ in range(3)]
    for _ in range(count):
        lhs, rhs = (nodes[i] for i in np.random.randint(len(nodes), size=2))
        nodes.append(lhs + rhs if np.random.rand() < 0.5 else lhs * rhs)
    return nodes


def submit_leaf() -> None:
    """A node without inputs"""
    a = leaf()
    mugrade.submit(order([leaf(), a], a))


def submit_chain() -> None:
    """A chain of nodes with one input each"""
    nodes = [leaf()]
    for _ in range(int(np.random.randint(5, 20))):
        nodes.append(nodes[-1] + 1 if np.random.rand() < 0.5 else nodes[-1] * 2)
    mugrade.submit(order(nodes, nodes[-1]))
    mugrade.submit(order(nodes, nodes[3]))


def submit_left_to_right() -> None:
    """A tree: what the left input needs comes first"""
    a, b, c, d = (leaf() for _ in range(4))
    left, right = a * b, c + d
    both, mirrored = left * right, right * left
    nodes = [a, b, c, d, left, right, both, mirrored]
    mugrade.submit(order(nodes, both))
    mugrade.submit(order(nodes, mirrored))


def submit_shared() -> None:
    """Nodes that are used by several others, at different depths"""
    a, b = leaf(), leaf()
    c = a * b
    d = c + 1
    e = d * c
    f = c * d
    g = e + a
    nodes = [a, b, c, d, e, f, g]
    for output in (e, f, g):
        mugrade.submit(order(nodes, output))


def submit_same_input_twice() -> None:
    """Both inputs of a node are the same node"""
    nodes = [leaf()]
    for _ in range(4):
        nodes.append(nodes[-1] * nodes[-1])
    mugrade.submit(order(nodes, nodes[-1]))


def submit_many_inputs() -> None:
    """Nodes with three inputs and more"""
    a, b, c, d = (leaf() for _ in range(4))
    first = Sum()(c, a, b)
    second = Sum()(d, first, a, first)
    third = Sum()(second, b, first)
    nodes = [a, b, c, d, first, second, third]
    for output in (first, second, third):
        mugrade.submit(order(nodes, output))


def submit_several_outputs() -> None:
    """A list of several nodes, some below others"""
    a, b = leaf(), leaf()
    product, total = a * b, a + b
    above = product * 3
    apart = leaf() * 2
    nodes = [a, b, product, total, above, apart, apart.inputs[0]]
    for outputs in ((product, total), (total, product), (above, product), (product, above), (b, above), (apart, total)):
        mugrade.submit(order(nodes, *outputs))
    mugrade.submit(order(nodes, above, above))


def submit_random_graphs() -> None:
    """Random graphs"""
    for count in (5, 10, 20, 40):
        nodes = grow(count)
        mugrade.submit(order(nodes, nodes[-1]))
        mugrade.submit(order(nodes, *(nodes[i] for i in np.random.permutation(len(nodes))[:4])))


def submit_again() -> None:
    """Sorting twice gives the same twice"""
    nodes = grow(15)
    mugrade.submit([order(nodes, nodes[-1]) for _ in range(2)])
    mugrade.submit([order(nodes, nodes[-1], nodes[-2]), order(nodes, nodes[-2], nodes[-1])])
