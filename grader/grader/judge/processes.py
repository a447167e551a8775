"""What the processes of a box use, counted by /proc: the fallback where no control group can be made."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """A sample: living threads, seconds of processor time (reaped children included), resident private bytes."""

    threads: int
    cpu: float
    memory: int


def namespace_usage(init: int) -> Usage:
    """The use of all processes that share a process namespace with `init`, a process id of this namespace.

    A process that ends while it is being read counts as nothing.
    """
    try:
        namespace = os.readlink(f"/proc/{init}/ns/pid")
    except OSError:
        return Usage(0, 0.0, 0)
    threads, ticks, pages = 0, 0, 0
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            if os.readlink(f"/proc/{entry.name}/ns/pid") != namespace:
                continue
            fields = Path(f"/proc/{entry.name}/stat").read_text().rpartition(")")[2].split()
            resident, shared = Path(f"/proc/{entry.name}/statm").read_text().split()[1:3]
        except (OSError, IndexError):
            continue
        # proc(5): utime, stime, cutime, cstime are fields 14 to 17, num_threads 20; after ")" comes field 3
        ticks += sum(int(value) for value in fields[11:15])
        threads += int(fields[17])
        pages += int(resident) - int(shared)
    return Usage(threads, ticks * _TICK, pages * _PAGE)
