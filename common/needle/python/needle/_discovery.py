"""How packages of needle pick up the modules that later homeworks add: by looking, so that no earlier file changes."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def public_names(package: str, path: list[str], prefix: str) -> dict[str, Any]:
    """The names that `from module import *` would bring, for each module of a package whose name begins with `prefix`.

    Modules are taken in alphabetical order. A module that is there and does not import raises its own error.
    """
    names: dict[str, Any] = {}
    for name in sorted(found.name for found in pkgutil.iter_modules(path) if found.name.startswith(prefix)):
        contents = vars(importlib.import_module(f"{package}.{name}"))
        exported = contents.get("__all__", [key for key in contents if not key.startswith("_")])
        names.update((key, contents[key]) for key in exported)
    return names
