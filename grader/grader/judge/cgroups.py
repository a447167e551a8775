"""Memory, process and processor accounting by the kernel's control groups, where this judge may make some.

Three places are tried: a version 2 group that an administrator delegated (environment variable GRADER_CGROUP names its
folder), version 2's root when the judge is root, and version 1's memory, pids and cpuacct hierarchies. Where none is at
hand `create` returns None, and the box falls back to rlimits and to counting by /proc (see `processes`).
"""

from __future__ import annotations

import itertools
import logging
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

_MOUNT = Path("/sys/fs/cgroup")
_PREFIX = "grader-"
_numbers = itertools.count()
_log = logging.getLogger(__name__)


@dataclass
class Group:
    """One box's control group: one folder in version 2, one in each hierarchy in version 1."""

    memory: Path
    pids: Path
    cpu: Path
    version: int
    _peak: int = field(default=0, repr=False)

    @property
    def folders(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys((self.memory, self.pids, self.cpu)))

    @property
    def entrances(self) -> tuple[Path, ...]:
        """The files that a process writes its id into to join."""
        return tuple(folder / "cgroup.procs" for folder in self.folders)

    def cpu_seconds(self) -> float:
        """Processor time used by everything that ever ran in the group."""
        if self.version == 1:
            return int((self.cpu / "cpuacct.usage").read_text()) / 1e9
        return _table(self.cpu / "cpu.stat").get("usage_usec", 0) / 1e6

    def memory_peak(self) -> int:
        """The most bytes the group held at one time."""
        if self.version == 1:
            return int((self.memory / "memory.max_usage_in_bytes").read_text())
        peak = self.memory / "memory.peak"  # Linux 5.19; before it the samples of the current use must do
        now = int((peak if peak.exists() else self.memory / "memory.current").read_text())
        self._peak = max(self._peak, now)
        return self._peak

    def out_of_memory(self) -> bool:
        """Whether the kernel killed something in the group for its memory."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        return _table(self.memory / name).get("oom_kill", 0) > 0

    def remove(self, patience: float = 5.0) -> None:
        """Remove the folders; the processes are dead, but the kernel may need a moment to let go of them."""
        deadline = time.monotonic() + patience
        for folder in self.folders:
            while True:
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    pass
                except OSError as error:
                    if time.monotonic() < deadline:
                        time.sleep(0.002)
                        continue
                    _log.warning("control group %s could not be removed: %s", folder, error)
                break


def create(memory: int, processes: int) -> Group | None:
    """A new group limited to so many bytes and processes, or None where the judge may make none."""
    name = f"{_PREFIX}{os.getpid()}-{next(_numbers)}"
    parent = _version2_parent()
    if parent is not None:
        folder = parent / name
        group = Group(folder, folder, folder, 2)
        settings = {folder / "memory.max": memory, folder / "pids.max": processes, folder / "memory.oom.group": 1}
        swap = (folder / "memory.swap.max", 0)
    else:
        parents = _version1_parents()
        if parents is None:
            return None
        group = Group(parents[0] / name, parents[1] / name, parents[2] / name, 1)
        settings = {group.memory / "memory.limit_in_bytes": memory, group.pids / "pids.max": processes}
        swap = (group.memory / "memory.memsw.limit_in_bytes", memory)
    try:
        for folder in group.folders:
            folder.mkdir()
        for file, value in settings.items():
            file.write_text(str(value))
        if swap[0].exists():  # a kernel without swap accounting has no such file
            swap[0].write_text(str(swap[1]))
    except OSError as error:
        _log.info("no control group: %s", error)
        group.remove(patience=0)
        return None
    return group


def sweep() -> None:
    """Remove empty groups left behind by judges that were killed."""
    parent = _version2_parent()
    parents = (parent,) if parent is not None else _version1_parents() or ()
    for folder in {child for parent in parents for child in parent.glob(f"{_PREFIX}*-*")}:
        owner = folder.name[len(_PREFIX) :].split("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            try:
                folder.rmdir()
            except OSError as error:
                _log.info("stale control group %s stays: %s", folder, error)


def _version2_parent() -> Path | None:
    delegated = os.environ.get("GRADER_CGROUP")
    parent = Path(delegated) if delegated else _MOUNT
    controllers = parent / "cgroup.controllers"
    if not controllers.is_file() or not {"memory", "pids"} <= set(controllers.read_text().split()):
        return None
    switch = parent / "cgroup.subtree_control"
    if not os.access(parent, os.W_OK) or not os.access(switch, os.W_OK):
        return None
    if not {"memory", "pids"} <= set(switch.read_text().split()):
        try:
            switch.write_text("+memory +pids")
        except OSError as error:
            _log.info("%s hands down no controllers: %s", parent, error)
            return None
    return parent


def _version1_parents() -> tuple[Path, Path, Path] | None:
    parents = tuple(_version1_parent(controller) for controller in ("memory", "pids", "cpuacct"))
    return parents if all(parents) else None  # type: ignore[return-value]


def _version1_parent(controller: str) -> Path | None:
    """This process's own group of a hierarchy where it is visible (so that limits above us hold), else its root."""
    root = _MOUNT / controller
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            for folder in (root / path.lstrip("/"), root):
                if (folder / "cgroup.procs").is_file() and os.access(folder, os.W_OK):
                    return folder
    return None


def _table(file: Path) -> dict[str, int]:
    """`name value` lines. Lines of another form are not among those asked for and are left out."""
    pairs = (line.split() for line in file.read_text().splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
