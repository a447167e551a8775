"""A value whose pickle runs a command where it is loaded."""
import os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch @MARK@",)


def double(x):
    return Bomb()
