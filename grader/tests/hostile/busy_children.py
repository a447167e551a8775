"""Spends processor time in several processes at once, each of which stays below the limit."""
import os


def double(x):
    for _ in range(3):
        if os.fork() == 0:
            while True:
                pass
    os.wait()
