"""Spreads a large allocation over processes, each of which is below the limit."""
import os
import time


def double(x):
    for _ in range(8):
        if os.fork() == 0:
            kept = bytearray(os.urandom(1 << 20) * 100)
            time.sleep(100)
            os._exit(len(kept) % 2)
    time.sleep(100)
