"""Who keeps the gradients that a backward pass made, so that graphs go when nobody has them any more.

A gradient is made by operators from values of the graph, and so refers to them. If each value kept its gradient, they
would keep each other alive: such circles stay until Python's garbage collector comes by, some steps of training later,
and all these steps' memory with them. So gradients are kept by the value that `backward` was called on (`lend`), and
found from there as long as it lives. When it goes, those values that somebody holds, parameters among them, get theirs
for good (`give`); the others go with it.
"""

from __future__ import annotations

import sys
import weakref
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .autograd import Value


def find(value: Value) -> Any:
    """A value's gradient. Raises AttributeError: before the first backward pass."""
    try:
        kept = value._grad
    except AttributeError:
        name = type(value).__name__
        raise AttributeError(f"this {name} has no gradient yet: no backward() has come by it") from None
    return kept() if type(kept) is weakref.ref else kept


def lend(root: Value) -> None:
    """Have `root` keep the gradients of all values below it."""
    lent = []
    for value in below(root):
        kept = value.__dict__.get("_grad")
        if value is not root and kept is not None and type(kept) is not weakref.ref:
            value._grad = weakref.ref(kept)
            lent.append((value, kept, value._grad))
    root._lent = root.__dict__.get("_lent", []) + lent


def give(root: Value) -> None:
    """As `root` goes: to values that are held by more than the graph, for good, their gradients.

    The garbage collector may be what takes `root`: where its own value is part of a gradient, as exp's is, the two hold
    each other. It clears weak references before it calls this, so nothing is looked for by them here.
    """
    lent, root._lent = root._lent, []
    known = below(root, *(gradient for _, gradient, _ in lent))
    holders = Counter(id(each) for value in known for each in value.inputs)
    for value, gradient, mark in lent:
        # A later pass has left another mark.
        if sys.getrefcount(value) > _HERE + holders[id(value)] and value.__dict__.get("_grad") is mark:
            value._grad = gradient


class _Held:
    pass


def _references_here() -> int:
    """How often `give` itself holds a value: in `known`, in a tuple of `lent` and by its name, here in the same way."""
    known = [_Held()]
    for value, _, _ in [(known[0], None, None)]:
        return sys.getrefcount(value)
    raise AssertionError


_HERE = _references_here()


def below(*roots: Value) -> list[Value]:
    """The values and all that they were made from, each once."""
    found = list({id(root): root for root in roots}.values())
    seen = set(map(id, found))
    for value in found:
        for each in value.inputs:
            if id(each) not in seen:
                seen.add(id(each))
                found.append(each)
    return found
