"""The box: student code runs here and nowhere else.

Who attacks: a student who controls every byte of the editable files, has days to try, reads this repository's public
half, and sees the report. What they try, and what stops it:

    decide the score                Nothing in the box decides. It sends values; the judge compares them with its own.
    run on after the answer         All processes of the box are dead before a value is read: the box has a process
                                    namespace of its own, and the judge kills its init and waits for it.
    read hidden cases, solutions,   Only what `layout` lists is mounted, read-only. The cases reach the box as text on
    expected values, other work     standard input, never as a file. There is no /proc; HOME, the repository and the
                                    judge's environment are not there; the box starts with an environment of its own.
    send them out                   No network but an empty one; sockets other than AF_UNIX are refused (vsock and
                                    netlink are not confined by a network namespace). What students see of a failure
                                    is a known type and places in their own files, never text that the box wrote.
    reach the judge                 No shared memory, no signals (process namespace, another user), no terminal (new
                                    session, TIOCSTI refused), no ptrace, no process_vm_*; pipes only, read with limits.
    gain rights                     No capabilities, no_new_privs, no user namespaces (`unshare`, `setns` and `clone`
                                    with namespace flags are refused); the system calls in `seccomp` answer EPERM.
                                    Where the judge is root, the box runs as a user id that nobody else has.
    exhaust memory or processes     A control group where one is at hand (it covers all processes and /tmp), else
                                    rlimits and a count by /proc; memfds are refused, the tmpfs has a size.
    seem faster than they are       What is timed, is timed by the judge's clock: see `speed`. The job stays on one core
                                    (`sched_setaffinity` is refused) and has no library of linear algebra in reach.
    exhaust time                    The judge's clock and the kernel's accounting, with SIGKILL to the whole namespace.
    fill disks or pipes             Nothing of the machine is writable; every pipe is read up to a limit, then the box
                                    dies.
    outlive the judge               bubblewrap dies with its parent, and the namespace with bubblewrap.

What it does not stop: covert use of processor time as a signal to other boxes on the machine, and holes in the kernel's
own namespaces. A judge for a large course belongs in a virtual machine of its own.

`Box("none")` runs the same job without confinement. Somebody has to ask for it by name; nothing falls back to it.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import random
import resource
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..authoring.manifest import Limits
from ..errors import GraderError
from . import cgroups, layout, seccomp
from .layout import Mount
from .supervise import ENVIRONMENT, TAIL, Descriptors, Dialogue, Outcome, Run

SANDBOXES = ("bubblewrap", "none")
RUNNER_FILE = Path(__file__).with_name("box_runner.py")

_TEMPORARY = 256 * 1024**2  # bytes of /tmp
_HEADROOM = 1024**3  # address space beyond the memory limit: libraries, stacks, the allocator's reserves
_REPORT = 256 * 1024  # bytes kept of what a watched box prints: C++ names in a sanitizer's report are long
_log = logging.getLogger(__name__)

# The box's own user ids: above every range that distributions hand out.
_FIRST_UID, _UIDS = 0x70000000, 0x0FFFFFFF


class SandboxMissing(GraderError):
    """bubblewrap is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "bubblewrap is not installed, and student code does not run without it.\n"
            "Install it:  apt-get install bubblewrap     (dnf, pacman and apk call it bubblewrap as well)\n"
            "To run student code unconfined, on a machine that has nothing to lose, ask for --sandbox none."
        )


class SandboxUnusable(GraderError):
    """bubblewrap is installed, but this machine does not let it make a box."""

    def __init__(self, said: str):
        said = said.strip()
        hint = ""
        if "user namespace" in said or "uid map" in said or "Operation not permitted" in said:
            hint = (
                "\nUnprivileged user namespaces seem to be forbidden here. As root: "
                "`sysctl kernel.unprivileged_userns_clone=1` (Debian), or "
                "`sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu); in a container, start it with "
                "--privileged or --security-opt seccomp=unconfined."
            )
        super().__init__(f"the box could not be made; bubblewrap said: {said or '(nothing)'}{hint}")


class Box:
    """Runs jobs, each in a box of its own. One instance serves any number of threads.

    kind: "bubblewrap", or "none" for no confinement at all.
    packages: names of the distributions that jobs may import.
    user_namespace: force (True) or forbid (False) a user namespace; None decides by who the judge is.
    control_groups: False leaves them out even where they are at hand.
    Raises SandboxMissing: if bubblewrap is asked for and not there.
    """

    def __init__(
        self,
        kind: str = "bubblewrap",
        packages: Sequence[str] = ("numpy",),
        *,
        user_namespace: bool | None = None,
        control_groups: bool = True,
    ):
        if kind not in SANDBOXES:
            raise GraderError(f"there is no sandbox {kind!r}; there are: {', '.join(SANDBOXES)}")
        self.kind = kind
        self.packages = tuple(packages)
        self.control_groups = control_groups and kind == "bubblewrap"
        self._program = ""
        if kind == "bubblewrap":
            program = shutil.which("bwrap")
            if program is None:
                raise SandboxMissing
            if not seccomp.supported():
                raise SandboxUnusable(f"no system call filter for {platform.machine()} is known")
            self._program = program
            self._options = subprocess.run([program, "--help"], capture_output=True, text=True).stdout
            cgroups.sweep()
        self._user_namespace = not _is_plain_root() if user_namespace is None else user_namespace
        self._may_switch = user_namespace is None and not self._user_namespace
        self._lock = threading.Lock()

    @property
    def description(self) -> str:
        """How student code is confined, for the report."""
        if self.kind == "none":
            return "none"
        with self._lock:
            if not hasattr(self, "_grouped"):
                group = cgroups.create(64 * 1024**2, 8) if self.control_groups else None
                self._grouped = group is not None
                if group is not None:
                    group.remove()
        return "bubblewrap, seccomp, " + ("control groups" if self._grouped else "rlimits")

    @property
    def tree(self) -> str | None:
        """Where a job sees the mounted tree; None if it sees this machine's own paths."""
        return layout.TREE if self.kind == "bubblewrap" else None

    def run(
        self,
        job: dict[str, Any],
        mounts: Sequence[Mount],
        limits: Limits,
        *,
        building: bool = False,
        watched: Mapping[str, str] | None = None,
        dialogue: Dialogue | None = None,
        stop: threading.Event | None = None,
    ) -> Outcome:
        """Run one job (see `box_runner`) and return when every process of its box is dead.

        mounts: what the job sees beside `layout`; ignored without confinement.
        building: whether compilers are to be seen as well.
        watched: set for native modules that sanitizers watch: environment variables beside the box's own. The address
        space is not limited then, of which sanitizers reserve terabytes; memory is, as ever.
        dialogue: what the judge says to the job while it runs, for one that is timed: it stays on one core, and sees no
        library of linear algebra that the machine may have.
        Raises SandboxUnusable: if no box can be made here; BoxError: if one was made and could not be driven;
        Stopped: if `stop` was set.
        """
        user_namespace = self._user_namespace
        outcome = self._run_once(job, mounts, limits, building, watched, dialogue, stop, user_namespace)
        if outcome.frames == b"" and outcome.ended == "exit" and outcome.status != 0:
            # Not even "ready", which comes before any student code: the box itself failed.
            if self.kind == "bubblewrap" and self._may_switch and not user_namespace:
                # An interpreter that only root may read: a user namespace can, because its user is root outside.
                _log.info("no box with a user id of its own: %s", outcome.printed)
                outcome = self._run_once(job, mounts, limits, building, watched, dialogue, stop, True)
                if outcome.frames:
                    self._user_namespace = True
                    return outcome
            raise SandboxUnusable(outcome.printed)
        return outcome

    def _run_once(
        self,
        job: dict[str, Any],
        mounts: Sequence[Mount],
        limits: Limits,
        building: bool,
        watched: Mapping[str, str] | None,
        dialogue: Dialogue | None,
        stop: threading.Event | None,
        user_namespace: bool,
    ) -> Outcome:
        with ExitStack() as stack:
            uid = None
            if self.kind == "bubblewrap" and not user_namespace:
                uid = _FIRST_UID + random.SystemRandom().randrange(_UIDS)
            group = None
            if self.control_groups:
                group = cgroups.create(int(limits.memory), limits.processes + 3)  # the shell, bubblewrap and its init
                if group is not None:
                    stack.callback(group.remove)
            rlimits = self._rlimits(limits, uid, building)
            if watched is not None:
                del rlimits["AS"]
            job = {**job, "uid": uid, "rlimits": rlimits}
            run = Run(limits, group, stop, TAIL if watched is None else _REPORT)
            stack.callback(run.close)
            run.start(
                lambda fds: self._command(fds, mounts, building, watched or {}, group, user_namespace),
                json.dumps(job).encode(),
                self.kind,
                dialogue,
            )
            return run.finish()

    def _rlimits(self, limits: Limits, uid: int | None, building: bool) -> dict[str, tuple[int, int]]:
        cpu = int(limits.cpu) + 1
        rlimits = {
            "AS": (int(limits.memory) + _HEADROOM,) * 2,
            "CPU": (cpu, cpu + 1),
            "CORE": (0, 0),
            "NOFILE": (256, 256),
            "FSIZE": (_TEMPORARY, _TEMPORARY),
            "MSGQUEUE": (0, 0),
            "MEMLOCK": (0, 0),
        }
        # Counted for the box alone where its user id is its own, or its user namespace's count is (Linux 5.14).
        if uid is not None or (self.kind == "bubblewrap" and os.geteuid() != 0 and _kernel() >= (5, 14)):
            rlimits["NPROC"] = (limits.processes + 2,) * 2
        for name, (soft, hard) in rlimits.items():
            ceiling = resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1]
            if ceiling != resource.RLIM_INFINITY:
                rlimits[name] = (min(soft, ceiling), min(hard, ceiling))
        return rlimits

    def _command(
        self,
        fds: Descriptors,
        mounts: Sequence[Mount],
        building: bool,
        variables: Mapping[str, str],
        group: cgroups.Group | None,
        user_namespace: bool,
    ) -> list[str]:
        python = [layout.interpreter(), "-I", "-S", "-B", "-u"]
        if self.kind == "none":
            given = {"PYTHONPATH": layout.host_site(("pybind11",)), **variables} if building else variables
            env = ["/usr/bin/env", *(f"{name}={value}" for name, value in given.items())] if given else []
            return [*env, *python, str(RUNNER_FILE), str(fds.frames), str(fds.challenges)]
        command = [self._program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        command += ["--unshare-cgroup-try", "--hostname", "box", "--die-with-parent", "--new-session"]
        if user_namespace:
            command += ["--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
            if "--disable-userns" in self._options:
                command += ["--disable-userns"]
        else:
            command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        size = ["--size", str(_TEMPORARY)] if "--size" in self._options else []
        visible = [*layout.runtime(), *(layout.toolchain() if building else ())]
        visible += layout.without_linear_algebra() if building or fds.challenges >= 0 else ()
        visible += [("--dev", "/dev"), ("--remount-ro", "/dev")]
        visible += [
            ("--perms", "1777", *size, "--tmpfs", name) for name in ("/tmp", f"{layout.BOX}/build")[: 1 + building]
        ]
        mounts = [
            Mount(str(RUNNER_FILE), layout.RUNNER),
            *(mount for name in self.packages for mount in layout.distribution(name)),
            *mounts,
        ]
        visible += [("--ro-bind", mount.source, mount.target) for mount in mounts]
        # bubblewrap makes the folders on the way to a mount for its own user alone, and the box's is another.
        ways = {str(parent) for arguments in visible for parent in Path(arguments[-1]).parents} - {"/", "/dev"}
        for folder in sorted(ways):
            if not any(folder == target or folder.startswith(f"{target}/") for target in _targets(visible)):
                command += ["--perms", "0755", "--dir", folder]
        for arguments in visible:
            command += arguments
        command += ["--remount-ro", "/", "--chdir", "/tmp", "--clearenv"]
        environment = ENVIRONMENT | ({"PYTHONPATH": layout.SITE, "PYTHONDONTWRITEBYTECODE": "1"} if building else {})
        for name, value in {**environment, **variables}.items():
            command += ["--setenv", name, value]
        command += ["--seccomp", str(fds.filter), "--info-fd", str(fds.info), "--block-fd", str(fds.block)]
        command += ["--", *python, layout.RUNNER, str(fds.frames), str(fds.challenges)]
        if group is not None:
            # A shell joins the control groups and becomes bubblewrap: nothing of the box ever runs outside them.
            join = 'until [ "$1" = -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'
            command = ["/bin/sh", "-c", join, "sh", *(str(path) for path in group.entrances), "--", *command]
        return command


def _targets(visible: Sequence[tuple[str, ...]]) -> set[str]:
    """What is bound from this machine, so that folders below it are there already."""
    return {arguments[-1] for arguments in visible if arguments[0].startswith("--ro-bind")}


def _is_plain_root() -> bool:
    """Root with every user id at hand: not root of a user namespace that maps a few."""
    if os.geteuid() != 0:
        return False
    try:
        rows = [[int(part) for part in line.split()] for line in Path("/proc/self/uid_map").read_text().splitlines()]
    except OSError:
        return False
    return any(first == 0 and count >= _FIRST_UID + _UIDS for first, _, count in rows)


def _kernel() -> tuple[int, int]:
    major, minor = platform.release().split(".")[:2]
    return int(major), int("".join(digit for digit in minor if digit.isdigit()) or 0)
