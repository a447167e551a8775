"""What networks are made of: a `Parameter` is a tensor that is trained, a `Module` is a function that has some.

Modules hold modules: as attributes, and in lists, tuples and dicts of any depth. Nothing is registered; whoever wants
the parameters of a module walks through what it holds, in the order in which it was assigned.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..autograd import Tensor

__all__ = ["Module", "Parameter"]


class Parameter(Tensor):
    """A tensor that a module owns and an optimizer changes."""


class Module:
    """A function with parameters. Subclasses assign them in `__init__` and compute in `forward`.

    training: whether layers that differ between training and use (Dropout, BatchNorm1d) are to behave as in training.
    """

    training: bool = True

    def __init__(self) -> None:
        self.training = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}.forward")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)

    def parameters(self) -> list[Tensor]:
        """The parameters of this module and of all that it holds, in order; one held twice is listed twice.

        Raises ValueError: if a module holds itself.
        """
        return [value for _, value in walk(self) if isinstance(value, Parameter)]

    def _children(self) -> list[Module]:
        """The modules that this one holds, at any depth, in order."""
        return [value for path, value in walk(self) if isinstance(value, Module) and path]

    def train(self) -> None:
        """Behave as in training, here and in all modules below."""
        self._set_training(True)

    def eval(self) -> None:
        """Behave as in use, here and in all modules below."""
        self._set_training(False)

    def _set_training(self, training: bool) -> None:
        for module in [self, *self._children()]:
            module.training = training


def walk(value: Any, path: str = "", above: tuple[Any, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every tensor and module that a value holds, itself included, with its path: `("modules.0.weight", Parameter)`.

    A module comes before what it holds. Raises ValueError: if a module, list, tuple or dict holds itself.
    """
    if isinstance(value, (Tensor, Module)):
        yield path, value
    if isinstance(value, Module):
        held = vars(value).items()
    elif isinstance(value, dict):
        held = value.items()
    elif isinstance(value, (list, tuple)):
        held = enumerate(value)
    else:
        return
    if any(value is each for each in above):
        name = type(value).__name__
        raise ValueError(f"a {name} holds itself, as {path or 'its own part'}: its parameters would have no end")
    for key, each in held:
        yield from walk(each, f"{path}.{key}" if path else str(key), (*above, value))
