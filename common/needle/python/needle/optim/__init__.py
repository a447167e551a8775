"""Optimizers: everything public in the modules `optim_*` of this folder, those of later homeworks included."""

from .. import _discovery

globals().update(_discovery.public_names(__name__, __path__, prefix="optim_"))
