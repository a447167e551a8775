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
            lent.append((weakref.ref(value), kept))
            value._grad = weakref.ref(kept)
    root._lent = root.__dict__.get("_lent", []) + lent


def give(root: Value) -> None:
    """As `root` goes: to values that are held by more than the graph, for good, their gradients."""
    lent, root._lent = root._lent, []
    known = below(root, *(gradient for _, gradient in lent))
    holders = Counter(id(each) for value in known for each in value.inputs)
    for reference, gradient in lent:
        # The graph holds it by inputs and, as long as this runs, by the list.
        if _references(reference) > holders[id(reference())] + 1 and find(reference()) is gradient:
            reference()._grad = gradient


def _references(reference: weakref.ref) -> int:
    """How many references there are to a value, 0 if it is gone."""
    value = reference()
    return 0 if value is None else sys.getrefcount(value) - _OWN


class _Held:
    """For counting how many references counting itself takes, which differs between versions of Python."""


_OWN = 0
_held = _Held()
_OWN = _references(weakref.ref(_held)) - 1


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
