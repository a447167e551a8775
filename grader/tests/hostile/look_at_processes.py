"""Looks for other processes, and tries to trace its parent. Right only if all of it fails."""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE = 0x4206


def stolen():
    seen = [name for name in os.listdir("/proc") if name.isdigit()] if os.path.isdir("/proc") else []
    traced = libc.ptrace(PTRACE_SEIZE, os.getppid(), 0, 0) == 0
    child = os.fork()
    if child == 0:
        import time

        time.sleep(0.2)
        os._exit(0)
    traced = traced or libc.ptrace(PTRACE_SEIZE, child, 0, 0) == 0
    os.kill(child, 9)
    os.waitpid(child, 0)
    return traced or len(seen) > 3


found = stolen()


def double(x):
    return 2.0 * x if not found else "stolen"
