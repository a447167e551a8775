"""Data sets: everything public in the modules `data_*` of this folder, those of later homeworks included."""

from .. import _discovery

globals().update(_discovery.public_names(__name__, __path__, prefix="data_"))
