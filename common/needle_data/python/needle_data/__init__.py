"""The course's data sets: where they are (`find`, `require`) and how they get there (`make data`).

Loaders ask `require("train-images-idx3-ubyte.gz")` for the folder that holds a file; what may be missing is looked for
with `find`. `python -m needle_data --help` tells about downloads.
"""

from .errors import DataError, MissingDataError
from .folders import find, require, searched

__all__ = ["DataError", "MissingDataError", "find", "require", "searched"]
