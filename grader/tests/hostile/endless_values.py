"""Hands over values for ever."""
import mugrade
import numpy as np


def double(x):
    while True:
        mugrade.submit(np.zeros(10000))
