"""Opens descriptors until no more can be opened."""
import os


def double(x):
    kept = []
    while True:
        kept.append(os.open("/dev/null", os.O_RDONLY))
