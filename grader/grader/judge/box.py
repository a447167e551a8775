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
import selectors
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..authoring.manifest import Limits
from ..errors import GraderError
from . import cgroups, layout, processes, seccomp
from .layout import Mount

SANDBOXES = ("bubblewrap", "none")
RUNNER_FILE = Path(__file__).with_name("box_runner.py")

_TICK = 0.05  # seconds between two looks at the clock
_TEMPORARY = 256 * 1024**2  # bytes of /tmp
_TAIL = 16 * 1024  # bytes kept of what the box prints
_HEADROOM = 1024**3  # address space beyond the memory limit: libraries, stacks, the allocator's reserves
_DEATH = 10.0  # seconds within which a killed namespace must be gone
_log = logging.getLogger(__name__)

# The box's own user ids: above every range that distributions hand out.
_FIRST_UID, _UIDS = 0x70000000, 0x0FFFFFFF

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",
    # one thread: limits mean the same everywhere, and sums come out in one order
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


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


class BoxError(Exception):
    """The judge's own fault: the box could not be driven. Never a student's; the problem is tried again."""


class Stopped(Exception):
    """The run was called off (Ctrl-C, a judge being closed). The box is dead."""


@dataclass(frozen=True)
class Outcome:
    """What is left of a box: bytes it sent, how it ended, what it used (seconds, bytes). The box is dead."""

    frames: bytes
    printed: str
    ended: Literal["exit", "wall", "cpu", "memory", "output"]
    status: int
    wall: float
    cpu: float
    memory: int | None

    @property
    def signal(self) -> str | None:
        """The name of the signal that ended it, by the shell's convention of status 128 + number."""
        try:
            return signal.Signals(self.status - 128).name if self.status > 128 else None
        except ValueError:
            return None


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
        stop: threading.Event | None = None,
    ) -> Outcome:
        """Run one job (see `box_runner`) and return when every process of its box is dead.

        mounts: what the job sees beside `layout`; ignored without confinement.
        building: whether compilers are to be seen as well.
        Raises SandboxUnusable: if no box can be made here; BoxError: if one was made and could not be driven;
        Stopped: if `stop` was set.
        """
        user_namespace = self._user_namespace
        outcome = self._run_once(job, mounts, limits, building, stop, user_namespace)
        if outcome.frames == b"" and outcome.ended == "exit" and outcome.status != 0:
            # Not even "ready", which comes before any student code: the box itself failed.
            if self.kind == "bubblewrap" and self._may_switch and not user_namespace:
                # An interpreter that only root may read: a user namespace can, because its user is root outside.
                _log.info("no box with a user id of its own: %s", outcome.printed)
                outcome = self._run_once(job, mounts, limits, building, stop, True)
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
            job = {**job, "uid": uid, "rlimits": self._rlimits(limits, uid, building)}
            run = _Run(limits, group, stop)
            stack.callback(run.close)
            run.start(
                lambda fds: self._command(fds, mounts, building, group, user_namespace),
                json.dumps(job).encode(),
                self.kind,
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
        fds: _Descriptors,
        mounts: Sequence[Mount],
        building: bool,
        group: cgroups.Group | None,
        user_namespace: bool,
    ) -> list[str]:
        python = [layout.interpreter(), "-I", "-S", "-B", "-u"]
        if self.kind == "none":
            return [*python, str(RUNNER_FILE), str(fds.frames)]
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
        for name, value in environment.items():
            command += ["--setenv", name, value]
        command += ["--seccomp", str(fds.filter), "--info-fd", str(fds.info), "--block-fd", str(fds.block)]
        command += ["--", *python, layout.RUNNER, str(fds.frames)]
        if group is not None:
            # A shell joins the control groups and becomes bubblewrap: nothing of the box ever runs outside them.
            join = 'until [ "$1" = -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'
            command = ["/bin/sh", "-c", join, "sh", *(str(path) for path in group.entrances), "--", *command]
        return command


@dataclass
class _Descriptors:
    """The numbers of the descriptors that a box inherits."""

    frames: int
    info: int
    block: int
    filter: int


class _Run:
    """One box from start to death, seen from outside."""

    def __init__(self, limits: Limits, group: cgroups.Group | None, stop: threading.Event | None):
        self.limits, self.group, self.stop = limits, group, stop
        self._open: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._init: int | None = None  # process id of the namespace's init
        self._init_fd: int | None = None
        self._unconfined = False
        self._used: resource.struct_rusage | None = None
        self._sampled = 0.0
        self._peak = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def start(self, command: Any, job: bytes, kind: str) -> None:
        self._unconfined = kind == "none"
        self._began = time.monotonic()
        self._frames, frames_w = self._pipe()
        self._printed, printed_w = self._pipe()
        info, info_w = self._pipe()
        block_r, block = self._pipe()
        stdin = self._file(job)
        if self._unconfined:
            self._folder = tempfile.TemporaryDirectory(prefix="grader-none-")
            given, fds = [frames_w], _Descriptors(frames_w, -1, -1, -1)
        else:
            filter_fd = self._file(seccomp.program())
            given = [frames_w, info_w, block_r, filter_fd]
            fds = _Descriptors(frames_w, info_w, block_r, filter_fd)
        self._process = subprocess.Popen(
            command(fds),
            stdin=stdin,
            stdout=printed_w,
            stderr=printed_w,
            pass_fds=given,
            env=ENVIRONMENT,
            cwd=self._folder.name if self._folder else "/",
            start_new_session=True,
        )
        for descriptor in (frames_w, printed_w, info_w, block_r, stdin):
            self._close(descriptor)
        if not self._unconfined:
            self._hold_init(info)
            with suppress(BrokenPipeError):  # bubblewrap gave up; what it said comes by the other pipe
                os.write(block, b"\n")
        self._close(info)
        self._close(block)

    def finish(self) -> Outcome:
        """Read what the box sends until it ends or is ended; then see it dead."""
        assert self._process is not None
        frames, printed = bytearray(), _Tail(_TAIL)
        ended: Literal["exit", "wall", "cpu", "memory", "output"] = "exit"
        limit = int(self.limits.output)
        deadline = self._began + self.limits.wall
        watched = os.pidfd_open(self._process.pid)
        self._open.add(watched)
        with selectors.DefaultSelector() as selector:
            for descriptor in (self._frames, self._printed, watched):
                selector.register(descriptor, selectors.EVENT_READ)
            look = 0.0
            while True:
                ready = {key.fd for key, _ in selector.select(_TICK)}
                for descriptor in ready & {self._frames, self._printed}:
                    data = os.read(descriptor, 1 << 20)
                    if not data:
                        selector.unregister(descriptor)
                    elif descriptor == self._frames:
                        frames += data
                    else:
                        printed.add(data)
                if len(frames) > limit or printed.total > limit:
                    ended = "output"
                    break
                now = time.monotonic()
                if watched in ready:
                    break
                if self.stop is not None and self.stop.is_set():
                    raise Stopped
                if now >= deadline:
                    ended = "wall"
                    break
                if now >= look:
                    look = now + _TICK
                    over = self._over_limit()
                    if over is not None:
                        ended = over
                        break
        wall = time.monotonic() - self._began
        self._kill()
        if ended != "output":
            for descriptor, sink in ((self._frames, frames.extend), (self._printed, printed.add)):
                self._drain(descriptor, sink, limit)
        cpu, memory = self._accounts()
        if self.group is not None and self.group.out_of_memory():
            ended = "memory"
        elif ended == "exit" and cpu >= self.limits.cpu:
            ended = "cpu"
        if ended == "exit" and (len(frames) > limit or printed.total > limit):
            ended = "output"
        text = bytes(printed.data).decode("utf-8", "replace")
        return Outcome(bytes(frames[:limit]), text, ended, self._status(), wall, cpu, memory)

    def close(self) -> None:
        """Kill whatever is left and let go of everything. Safe to call at any time."""
        try:
            self._kill()
        finally:
            for descriptor in tuple(self._open):
                self._close(descriptor)
            if self._folder is not None:
                self._folder.cleanup()

    def _hold_init(self, info: int) -> None:
        """Learn the namespace's init from bubblewrap, which waits until we hold it: its id cannot have been reused."""
        text = b""
        while data := os.read(info, 4096):
            text += data
            try:
                self._init = int(json.loads(text)["child-pid"])
            except ValueError:
                continue
            self._init_fd = os.pidfd_open(self._init)
            self._open.add(self._init_fd)
            return

    def _over_limit(self) -> Literal["cpu", "memory"] | None:
        if self.group is not None:
            self._peak = max(self._peak, self.group.memory_peak())
            return "cpu" if self.group.cpu_seconds() >= self.limits.cpu else None
        if self._init is None:
            return None
        usage = processes.namespace_usage(self._init)
        self._sampled, self._peak = max(self._sampled, usage.cpu), max(self._peak, usage.memory)
        if usage.memory > self.limits.memory:
            return "memory"
        # More processes than allowed can only be where no rlimit counts them; each costs memory, so that is the name.
        if usage.threads > self.limits.processes + 8:
            return "memory"
        return "cpu" if self._sampled >= self.limits.cpu else None

    def _kill(self) -> None:
        """Kill the namespace and wait until the last of its processes is gone."""
        process = self._process
        if process is None:
            return
        if self._init_fd is not None:
            _send(self._init_fd, signal.SIGKILL)
            # A pid namespace's init becomes a zombie only after all others in it were killed and reaped.
            with selectors.DefaultSelector() as selector:
                selector.register(self._init_fd, selectors.EVENT_READ)
                if not selector.select(_DEATH):
                    raise BoxError(f"the box's processes did not die within {_DEATH:g} s of SIGKILL")
            self._close(self._init_fd)
            self._init_fd = None
        if process.returncode is None:
            if self._unconfined:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            elif self._init is None:
                os.kill(process.pid, signal.SIGKILL)  # not Popen.kill, which would reap it and lose its accounts
            _, status, self._used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)

    def _drain(self, descriptor: int, sink: Any, limit: int) -> None:
        """Read what is left in a pipe that nobody can write to any more."""
        os.set_blocking(descriptor, False)
        left = limit + 1
        while left > 0:
            try:
                data = os.read(descriptor, 1 << 20)
            except BlockingIOError:  # only without confinement: an orphan holds the other end
                return
            if not data:
                return
            sink(data)
            left -= len(data)

    def _accounts(self) -> tuple[float, int | None]:
        if self.group is not None:
            return self.group.cpu_seconds(), self.group.memory_peak()
        used = self._used
        if used is None:
            return self._sampled, self._peak or None
        # Not ru_maxrss: it begins with what this process held when it forked. A run between two samples has no peak.
        return max(self._sampled, used.ru_utime + used.ru_stime), self._peak or None

    def _status(self) -> int:
        assert self._process is not None
        assert self._process.returncode is not None
        code = self._process.returncode
        return 128 - code if code < 0 else code

    def _pipe(self) -> tuple[int, int]:
        ends = os.pipe()
        self._open.update(ends)
        return ends

    def _file(self, data: bytes) -> int:
        """A descriptor that reads `data` from memory."""
        descriptor = os.memfd_create("job")
        self._open.add(descriptor)
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        return descriptor

    def _close(self, descriptor: int) -> None:
        if descriptor in self._open:
            self._open.remove(descriptor)
            os.close(descriptor)


def _targets(visible: Sequence[tuple[str, ...]]) -> set[str]:
    """What is bound from this machine, so that folders below it are there already."""
    return {arguments[-1] for arguments in visible if arguments[0].startswith("--ro-bind")}


class _Tail:
    """The last bytes of a stream, and how many there were."""

    def __init__(self, size: int):
        self.size, self.total, self.data = size, 0, bytearray()

    def add(self, data: bytes) -> None:
        self.total += len(data)
        self.data += data
        del self.data[: max(0, len(self.data) - self.size)]


def _send(pidfd: int, number: int) -> None:
    with suppress(ProcessLookupError):  # already gone, which is what was wanted
        signal.pidfd_send_signal(pidfd, number)


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
