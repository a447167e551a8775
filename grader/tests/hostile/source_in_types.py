"""Puts what it found into the names of types, dtypes, keys and texts of values."""
import sys

import mugrade


def double(x):
    secret = sys.modules["hidden_cases"].SECRET
    mugrade.submit(type(secret, (), {})())
    mugrade.submit({secret: secret})
    return type(secret, (), {})
