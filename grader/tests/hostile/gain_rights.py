"""Tries to become somebody, to get capabilities back and to raise its limits. Right only if it cannot."""
import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)


def gained():
    done = []
    for name, attempt in {
        "root": lambda: os.setuid(0) if os.getuid() != 0 else None,
        "limits": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (10**6, 10**6)),
        "processes": lambda: resource.setrlimit(resource.RLIMIT_CPU, (10**6, 10**6)),
        "nice": lambda: os.nice(-5),
        "root's groups": lambda: os.setgroups([0]),
    }.items():
        try:
            attempt()
        except (OSError, ValueError):
            continue
        done.append(name)
    if os.getuid() == 0:
        done.append("is root")
    if libc.prctl(39, 0, 0, 0, 0) != 1:
        done.append("new privileges")
    return done


done = gained()
print(done)


def double(x):
    return 2.0 * x if not done else "gained"
