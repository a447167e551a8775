"""Looks for secrets in its own environment and arguments, and in other processes'. Right only if it finds nothing."""
import os
import sys


def stolen():
    if any("GRADER" in text or "a-secret-of-the-test" in text for text in (repr(dict(os.environ)), repr(sys.argv))):
        return True
    for process in ("1", str(os.getppid())):
        for name in ("environ", "cmdline"):
            try:
                with open(f"/proc/{process}/{name}", errors="replace") as file:
                    if file.read():
                        return True
            except OSError:
                continue
    return False


found = stolen()


def double(x):
    return 2.0 * x if not found else "stolen"
