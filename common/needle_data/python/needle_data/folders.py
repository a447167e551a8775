"""Where data sets are looked for, and where they are downloaded to. Nothing else in the course decides this."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import MissingDataError

OWN_REPOSITORY = Path(__file__).resolve().parents[4]


def repository() -> Path:
    """The repository of the working folder: the nearest folder upwards with a course.toml, else this package's own."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "course.toml").is_file()), OWN_REPOSITORY)


def searched(root: Path | None = None) -> list[Path]:
    """The folders where data sets are looked for, best first.

    The one that NEEDLE_DATA names, alone, if it is set and not empty. Otherwise `data/` of the repository, then `data/`
    and `shared/data/` beside the checkout. root: the repository; default: see `repository`
    """
    named = os.environ.get("NEEDLE_DATA")
    if named:
        return [Path(named).expanduser().absolute()]
    root = root or repository()
    return [root / "data", root.parent / "data", root.parent / "shared" / "data"]


def target(root: Path | None = None) -> Path:
    """The folder that downloads go to: the first of those searched."""
    return searched(root)[0]


def find(*names: str, root: Path | None = None) -> Path | None:
    """The first searched folder that holds every one of `names`, files or folders relative to it; None if none does."""
    return next((folder for folder in searched(root) if all((folder / name).exists() for name in names)), None)


def require(*names: str, root: Path | None = None) -> Path:
    """Like `find`. Raises MissingDataError, a FileNotFoundError, which names what is missing where, if none has all."""
    folder = find(*names, root=root)
    if folder is not None:
        return folder
    looked_in = searched(root)
    lacking = [name for name in names if not (looked_in[0] / name).exists()] or list(names)
    what = lacking[0] if len(lacking) == 1 else f"{lacking[0]} (and {len(lacking) - 1} more)"
    if os.environ.get("NEEDLE_DATA"):
        raise MissingDataError(
            f"{what} is not in {looked_in[0]}, the only folder looked in because NEEDLE_DATA names it: "
            "run make data to download it there, or correct or unset NEEDLE_DATA"
        )
    raise MissingDataError(
        f"{what} is not at hand; looked in {', '.join(map(str, looked_in))}: "
        "run make data, or set NEEDLE_DATA to the folder that holds it"
    )
