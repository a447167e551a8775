"""Hands over more values than there are, in the hope that some are right."""
import mugrade


def double(x):
    mugrade.submit(2.0 * x)
    return 2.0 * x
