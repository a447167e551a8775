"""Everything is right here; what is planted beside it wants to be run."""


def double(x):
    return 2.0 * x
