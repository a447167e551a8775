"""New tensors: everything public in the modules `init_*` of this folder, those of later homeworks included."""

from .. import _discovery

globals().update(_discovery.public_names(__name__, __path__, prefix="init_"))
