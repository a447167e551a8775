"""An integer of ten million bits, as a value."""


def double(x):
    return 1 << 10**7
