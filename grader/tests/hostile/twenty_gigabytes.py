"""Allocates 20 GB and touches all of it."""
import numpy as np


def double(x):
    return np.ones(20 * 10**9 // 8)
