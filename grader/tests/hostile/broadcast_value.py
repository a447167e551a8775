"""Eight bytes that claim to be 8 terabytes."""
import numpy as np


def double(x):
    return np.broadcast_to(1.0, (10**6, 10**6))
