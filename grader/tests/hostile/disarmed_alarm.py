"""Ignores every signal that can be ignored, and waits."""
import signal
import time

for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.alarm(0)


def double(x):
    time.sleep(1000)
