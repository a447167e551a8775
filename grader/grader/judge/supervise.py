"""One box from start to death, seen from outside: what it sends, what it uses, when it has to die, that it is dead."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..authoring.manifest import Limits
from . import cgroups, processes, seccomp

# All that a process of the judge's making finds in its environment.
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

_TICK = 0.05  # seconds between two looks at the clock
TAIL = 16 * 1024  # bytes kept of what the box prints
_PIPE = 1024**2  # bytes that a pipe holds while the judge is about to read it, where answers are timed
_AHEAD_OF_ALL = -20  # the priority of a box that is timed
_DEATH = 10.0  # seconds within which a killed namespace must be gone

Ended = Literal["exit", "wall", "cpu", "memory", "output"]


class BoxError(Exception):
    """The judge's own fault: the box could not be driven. Never a student's; the problem is tried again."""


class Stopped(Exception):
    """The run was called off (Ctrl-C, a judge being closed). The box is dead."""


@dataclass(frozen=True)
class Outcome:
    """What is left of a box: bytes it sent, how it ended, what it used (seconds, bytes). The box is dead."""

    frames: bytes
    printed: str
    ended: Ended
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


class Dialogue(Protocol):
    """What the judge says to a box while it runs. All of the box's processes stay on one core."""

    core: int
    done: bool  # nothing more is to come that matters: the box may die

    def hear(self, frames: bytearray, now: float) -> bytes:
        """Called when bytes have come, with all there are and the time they came: what to tell the box, or nothing."""
        ...


@dataclass
class Descriptors:
    """The numbers of the descriptors that a box inherits. challenges: where it hears the judge, if it does; else -1."""

    frames: int
    challenges: int
    info: int
    block: int
    filter: int


class Run:
    """One box from start to death, seen from outside."""

    def __init__(self, limits: Limits, group: cgroups.Group | None, stop: threading.Event | None, tail: int = TAIL):
        self.limits, self.group, self.stop, self.tail = limits, group, stop, tail
        self._open: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._init: int | None = None  # process id of the namespace's init
        self._init_fd: int | None = None
        self._unconfined = self._hurried = False
        self._used: resource.struct_rusage | None = None
        self._sampled = 0.0
        self._peak = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def start(self, command: Any, job: bytes, kind: str, dialogue: Dialogue | None = None) -> None:
        self._unconfined = kind == "none"
        self._began = time.monotonic()
        self._frames, frames_w = self._pipe()
        self._printed, printed_w = self._pipe()
        self._dialogue, challenges = dialogue, -1
        if dialogue is not None:
            challenges, self._challenges = self._pipe()
            with suppress(OSError):  # this user's pipes hold too much already: it is merely slower
                fcntl.fcntl(self._frames, fcntl.F_SETPIPE_SZ, _PIPE)
        info, info_w = self._pipe()
        block_r, block = self._pipe()
        stdin = self._file(job)
        if self._unconfined:
            self._folder = tempfile.TemporaryDirectory(prefix="grader-none-")
            given, fds = [frames_w], Descriptors(frames_w, challenges, -1, -1, -1)
        else:
            filter_fd = self._file(seccomp.program())
            given = [frames_w, info_w, block_r, filter_fd]
            fds = Descriptors(frames_w, challenges, info_w, block_r, filter_fd)
        given += [] if dialogue is None else [challenges]
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
        for descriptor in (frames_w, printed_w, info_w, block_r, stdin, challenges):
            self._close(descriptor)
        if not self._unconfined:
            self._hold_init(info)
            if dialogue is not None and self._init is not None:
                # Before anything of the job runs; all that it starts inherits this, and `seccomp` keeps it so.
                os.sched_setaffinity(self._init, {dialogue.core})
                with suppress(PermissionError):  # a judge without the right to: what else runs here disturbs more
                    os.setpriority(os.PRIO_PROCESS, self._init, _AHEAD_OF_ALL)
            with suppress(BrokenPipeError):  # bubblewrap gave up; what it said comes by the other pipe
                os.write(block, b"\n")
        self._close(info)
        self._close(block)

    def finish(self) -> Outcome:
        """Read what the box sends until it ends or is ended; then see it dead."""
        assert self._process is not None
        frames, printed = bytearray(), _Tail(self.tail)
        ended: Ended = "exit"
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
                        self._converse(frames)
                    else:
                        printed.add(data)
                if len(frames) > limit or printed.total > limit:
                    ended = "output"
                    break
                now = time.monotonic()
                if watched in ready or (self._dialogue is not None and self._dialogue.done):
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

    def _converse(self, frames: bytearray) -> None:
        if self._dialogue is not None:
            if not self._hurried and self._init is not None:
                self._hurried = True
                # The box has a session of its own by now. Where the kernel shares a processor out by sessions, a
                # process's own priority counts within its session alone.
                with suppress(OSError), open(f"/proc/{self._init}/autogroup", "w") as priority:
                    priority.write(str(_AHEAD_OF_ALL))
            words = self._dialogue.hear(frames, time.monotonic())
            if words:
                with suppress(BrokenPipeError):  # it is dead, or wants to hear nothing: then no answer comes
                    os.write(self._challenges, words)

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
