"""Expected values: the same cases with the same seeds on the reference, run by trusted workers and cached on disk.

The reference is the course's own code, so it needs no box. A worker is one process that imports NumPy once and forks
for each request (see `box_runner`, which runs cases in the same way here and in the box).
"""

from __future__ import annotations

import json
import os
import platform
import selectors
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..authoring.manifest import Problem
from ..authoring.trees import write_tree
from . import layout
from .box import RUNNER_FILE
from .cache import Cache, key
from .cases import CaseFile
from .materials import Materials, box_part
from .protocol import ProtocolError, Submitted, transcript
from .seeds import case_seed
from .supervise import ENVIRONMENT

_PATIENCE = 120.0  # seconds for all cases of one problem on the reference


class ReferenceFault(Exception):
    """The reference failed its own cases: the course is at fault, never the student."""


@dataclass(frozen=True)
class Expected:
    """The expected values of each case, with their tolerances, by the case's name."""

    cases: dict[str, tuple[Submitted, ...]]


class Expectations:
    """Runs the reference, or remembers what it gave. Serves any number of threads; `close` ends the workers.

    runs: how many requests a worker had to answer because the cache could not.
    """

    def __init__(self, cache: Cache | None):
        self.runs = 0
        self._cache = cache
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._trees: dict[str, Path] = {}
        self._idle: list[_Worker] = []
        self._all: list[_Worker] = []
        self._lock = threading.Lock()
        self._closed = False

    def expected(
        self,
        materials: Materials,
        problem: Problem,
        cases: CaseFile,
        seed: int,
        module: tuple[str, bytes] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Expected:
        """The reference's values for a problem's cases.

        module: file name and content of the reference's native module, for a problem that needs one. environment: that
        the cases run with, beside the box's own.
        Raises ReferenceFault: if the reference raises, hangs or hands over nothing in some case.
        """
        packages = [(name, version(name)) for name in materials.stage.packages]
        runner = RUNNER_FILE.read_bytes()
        surroundings = (platform.python_version(), packages, sorted((environment or {}).items()))
        name = key(runner, *surroundings, materials.digest, problem.key, cases.source, seed)
        data = self._cache.get("expectations", name) if self._cache else None
        if data is not None:
            try:
                return _check(data, cases)
            except (ProtocolError, ReferenceFault):
                pass  # an entry that an earlier fault wrote: run again and see
        data = self._run(materials, cases, seed, module, environment or {})
        expected = _check(data, cases)
        if self._cache:
            self._cache.put("expectations", name, data)
        return expected

    def warm(self, materials: Materials) -> None:
        """Start a worker ahead of the first request."""
        worker = self._take(materials)
        with self._lock:
            self._idle.append(worker)

    def close(self) -> None:
        """End all workers and remove their files."""
        with self._lock:
            self._closed = True
            workers, self._all, self._idle = self._all, [], []
        for worker in workers:
            worker.kill()
        if self._folder is not None:
            self._folder.cleanup()

    def _run(
        self,
        materials: Materials,
        cases: CaseFile,
        seed: int,
        module: tuple[str, bytes] | None,
        environment: Mapping[str, str],
    ) -> bytes:
        tree = self._tree(materials)
        path = [f"{tree}/{folder}" for folder in materials.stage.python_path]
        if module is not None:
            path.insert(0, str(self._module(materials, *module)))
        job = {
            "tree": str(tree),
            "path": path,
            "environment": dict(environment),
            "source": cases.source,
            "seed": case_seed(seed, ""),
            "cases": [{"name": case.name, "seed": case_seed(seed, case.name)} for case in cases.cases],
        }
        worker = self._take(materials)
        try:
            data = worker.request(job)
        except BaseException:
            worker.kill()
            with self._lock:
                if worker in self._all:
                    self._all.remove(worker)
            raise
        with self._lock:
            self.runs += 1
            self._idle.append(worker)
        return data

    def _take(self, materials: Materials) -> _Worker:
        packages = materials.stage.packages
        with self._lock:
            if self._closed:
                raise ReferenceFault("the judge is closed")
            for worker in self._idle:
                if worker.packages == packages:
                    self._idle.remove(worker)
                    return worker
            worker = _Worker(packages)
            self._all.append(worker)
            return worker

    def _tree(self, materials: Materials) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="grader-reference-")
            if materials.digest not in self._trees:
                folder = Path(self._folder.name) / materials.digest
                write_tree(box_part(materials.stage, materials.reference), folder)
                self._trees[materials.digest] = folder
            return self._trees[materials.digest]

    def _module(self, materials: Materials, name: str, content: bytes) -> Path:
        folder = self._tree(materials).with_name(f"{materials.digest}-{name}")
        with self._lock:
            if not (folder / name).exists():
                write_tree({name: content}, folder)
        return folder


class _Worker:
    """One process of trusted code that answers requests, one at a time."""

    def __init__(self, packages: tuple[str, ...]):
        self.packages = packages
        command = [layout.interpreter(), "-I", "-S", "-B", str(RUNNER_FILE), "serve", layout.host_site(packages)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )

    def request(self, job: dict[str, Any]) -> bytes:
        """The frames that the job's cases send. Raises ReferenceFault: if the worker dies or takes too long."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        text = json.dumps(job).encode()
        try:
            process.stdin.write(struct.pack("<I", len(text)) + text)
            process.stdin.flush()
        except BrokenPipeError:
            raise ReferenceFault("the reference's worker has died") from None
        data, checked = bytearray(), 0
        deadline = time.monotonic() + _PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise ReferenceFault(f"the reference took more than {_PATIENCE:g} s")
                piece = os.read(process.stdout.fileno(), 1 << 20)
                if not piece:
                    raise ReferenceFault("the reference's worker has died")
                data += piece
                while len(data) - checked >= 8:
                    header, payload = struct.unpack_from("<II", data, checked)
                    end = checked + 8 + header + payload
                    if len(data) < end:
                        break
                    if data[checked + 8 : checked + 8 + header].startswith(b'{"k": "exit"'):
                        return bytes(data[:checked])
                    checked = end

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # an unsent request, to a process that is no more
                    pipe.close()


def _check(data: bytes, cases: CaseFile) -> Expected:
    """The values in a reference's frames. Raises ReferenceFault: if they are not complete."""
    result = transcript(data)
    if result.imported is not None:
        raise ReferenceFault(f"loading the cases raised {result.imported.type}: {result.imported.message}")
    for case in cases.cases:
        run = result.cases.get(case.name)
        if run is not None and run.raised is not None:
            raise ReferenceFault(f"{case.name} raised {run.raised.type}: {run.raised.message}")
        if run is None or not run.ended:
            raise ReferenceFault(f"{case.name} did not end")
        if not run.values:
            raise ReferenceFault(f"{case.name} hands over no value")
    if not result.done:
        raise ReferenceFault("the run broke off")
    return Expected({name: tuple(run.values) for name, run in result.cases.items()})
