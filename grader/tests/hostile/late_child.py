"""A child that outlives the case and writes answers again when the parent has ended."""
import os
import time


def double(x):
    if os.fork() == 0:
        os.setsid()
        time.sleep(1.0)
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b"\x00" * 1000)
            except OSError:
                continue
        os._exit(0)
    return 2.0 * x
