"""Native modules: a stage's CMake project, built in the box from a student's C++ over the pristine rest.

Nothing that a build reads or runs is the student's but their source files; what it makes leaves the box as bytes
through the pipe. To make one changed file cheap, the pristine project is built once (with stubs, in a box at the same
paths) and its build folder is kept: later builds start from a copy, in which everything but the changed files is up to
date.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
import sysconfig
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from ..authoring.manifest import Build
from ..authoring.trees import Tree, tree_digest, write_tree
from . import layout
from .box import RUNNER_FILE, Box
from .cache import Cache, key
from .layout import Mount
from .materials import Materials, build_part, takes
from .protocol import BuildTranscript, ProtocolError, build_transcript
from .supervise import BoxError, Outcome

_FOLDER = f"{layout.BOX}/build"
_PREPARED = f"{layout.BOX}/prepared.tar"
_OLD = 1_000_000_000.0  # the modification time of pristine files, older than any build
_MODULE_LIMIT = 64 * 1024**2
_LOG_LINES, _LOG_BYTES = 40, 64 * 1024
_NINJA = ("FAILED: ", "ninja: build stopped", "ninja: Entering", "ninja: Leaving")
_PROGRESS = re.compile(r"\[\d+/\d+\] ")
_FIRST_ERROR = re.compile(r"[^:\s][^:\n]*:\d+:(?:\d+:)? (?:fatal )?error: ")
_BEFORE = 3  # lines that lead to an error: which function, what was included from where
# Python, which has NumPy; loading libraries, looking for those that are there; other programs; code made at run time.
_FOREIGN = re.compile(
    r"_*Py|_ZNK?8pybind11|(?:__libc_)?dl(?:open|sym|vsym|mopen|addr|info|_iterate_phdr)|_dl_|_r_debug|_?_?cblas|.*gemm"
    r"|system$|popen|exec[lv]|fexecve|posix_spawn|v?fork$|clone|syscall$|mmap|mprotect|mremap|memfd|pkey_|ptrace|process_vm"
    # Of the emulated CUDA, what watches kernels and counts their traffic; calls that the compiler puts there are not.
    r"|_ZNK?14cuda_emulation(?!(?:13block_barrier|14warp_operation|4lane|11lanes_alive|4trap|5fence|15shared_variable"
    r"|16shared_of_launch|3now|3run|13atomic_access)(?:E|I))"
)
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Built:
    """A native module (file name and content), or None and why not: the compiler's words, or how it ended.

    The log of a build that succeeded is whole but for its beginning; that of one that failed is fit for students.
    """

    module: tuple[str, bytes] | None
    log: str = ""
    outcome: Outcome | None = None


class Builder:
    """Builds and remembers native modules. Serves any number of threads."""

    def __init__(self, box: Box, cache: Cache | None):
        self._box, self._cache = box, cache
        self._lock = threading.Lock()
        self._prepared: dict[str, bytes] = {}
        self._modules: dict[str, Built] = {}
        self._making: dict[str, threading.Lock] = {}
        self._broken: dict[str, str] = {}  # of pristine projects that do not build: the compiler's words

    def module(
        self,
        materials: Materials,
        build: Build,
        tree: Tree,
        stop: threading.Event | None = None,
        *,
        remember: bool = True,
    ) -> Built:
        """One of the stage's modules built from `tree`.

        Raises BoxError: if even the pristine project does not build, which no student is to blame for.
        """
        pristine = build_part(build, materials.released)
        # Of what students may change, only what this build takes: another's kernels do not make it another module.
        part = {
            path: content if takes(build, path) or path not in materials.changeable else pristine[path]
            for path, content in build_part(build, tree).items()
        }
        name = key("module", self._tools(), _settings(build), tree_digest(part))
        with self._making_of(name):
            known = self._modules.get(name) or self._cached(name, build)
            if known is not None:
                return known
            prepared = self._prepare(pristine, build, stop) if self._box.tree else None
            built = self._build(part, pristine, build, prepared, stop)[0]
            if not remember:
                return built
            if built.module is not None or (built.outcome is not None and built.outcome.ended == "exit"):
                self._modules[name] = built  # what a limit ended may end well another time
            if built.module is not None and self._cache:
                self._cache.put("modules", name, built.module[1])
            return built

    def _making_of(self, name: str) -> threading.Lock:
        """One thread builds what has this name, the others wait for it."""
        with self._lock:
            return self._making.setdefault(name, threading.Lock())

    def prepare(self, materials: Materials, build: Build, stop: threading.Event | None = None) -> None:
        """Build the pristine project now, so that a later `module` takes only the time of what a student changed.

        Raises BoxError: if it does not build.
        """
        if self._box.tree:
            self._prepare(build_part(build, materials.released), build, stop)

    def _tools(self) -> tuple[str, ...]:
        versions = (importlib.metadata.version(name) for name in ("cmake", "ninja", "pybind11"))
        box = (self._box.kind, *self._box.packages)
        return (platform.python_version(), platform.machine(), _processor(), *box, *versions)

    def _cached(self, name: str, build: Build) -> Built | None:
        content = self._cache.get("modules", name) if self._cache else None
        return None if content is None else Built((_file_name(build), content))

    def _prepare(self, pristine: Tree, build: Build, stop: threading.Event | None) -> bytes:
        """The build folder of the pristine project, as a tar."""
        name = key("prepared", self._tools(), _settings(build), RUNNER_FILE.read_bytes(), tree_digest(pristine))
        with self._making_of(name):
            if name in self._broken:
                raise BoxError(self._broken[name])
            if name not in self._prepared:
                data = self._cache.get("prepared", name) if self._cache else None
                if data is None:
                    built, answer = self._build(pristine, pristine, build, None, stop, pack=True)
                    data = answer.files.get("prepared.tar")
                    if built.module is None or data is None:
                        message = f"the course's own {build.source} does not build:\n{built.log}"
                        if built.outcome is not None and built.outcome.ended == "exit":
                            self._broken[name] = message  # what a limit ended may end well another time
                        raise BoxError(message)
                    if self._cache:
                        self._cache.put("prepared", name, data)
                self._prepared[name] = data
            return self._prepared[name]

    def _build(
        self,
        tree: Tree,
        pristine: Tree,
        build: Build,
        prepared: bytes | None,
        stop: threading.Event | None,
        pack: bool = False,
    ) -> tuple[Built, BuildTranscript]:
        with tempfile.TemporaryDirectory(prefix="grader-build-") as temporary:
            source = Path(temporary) / "tree"
            source.mkdir(mode=0o755)
            unchanged = {path: data for path, data in tree.items() if pristine.get(path) == data}
            write_tree(unchanged, source, mtime=_OLD)
            write_tree({path: data for path, data in tree.items() if path not in unchanged}, source, mtime=time.time())
            seen, folder = self._box.tree or str(source), _FOLDER if self._box.tree else f"{temporary}/build"
            mounts = [Mount(str(source), seen)]
            if prepared is not None:
                (Path(temporary) / "prepared.tar").write_bytes(prepared)
                mounts.append(Mount(f"{temporary}/prepared.tar", _PREPARED))
            if not self._box.tree:
                Path(folder).mkdir()
            job = {
                "kind": "build",
                "site": layout.SITE,
                "folder": folder,
                "output": f"{folder}/out",
                "module": build.module,
                "kernels": list(build.kernels),
                "prepared": _PREPARED if prepared is not None else None,
                "commands": self._commands(build, f"{seen}/{build.source}", folder, configure=prepared is None),
                "log_limit": _LOG_BYTES,
                "pack": pack,
            }
            outcome = self._box.run(job, mounts, build.limits, building=True, stop=stop)
        return self._read(outcome, build, (seen, folder))

    def _commands(self, build: Build, source: str, folder: str, *, configure: bool) -> list[list[str]]:
        cmake, ninja = layout.CMAKE, layout.NINJA
        if not self._box.tree:
            cmake, ninja = layout.build_programs()
        make = [cmake, "--build", folder, "--target", build.module]
        if not configure:
            return [make]
        options = {
            "CMAKE_MAKE_PROGRAM": ninja,
            "CMAKE_BUILD_TYPE": "Release",
            "Python_EXECUTABLE": layout.interpreter(),
            "MODULE_OUTPUT_DIRECTORY": f"{folder}/out",
            **build.options,
        }
        settings = [f"-D{name}={value}" for name, value in options.items()]
        return [[cmake, "-S", source, "-B", folder, "-G", "Ninja", *settings], make]

    def _read(self, outcome: Outcome, build: Build, folders: tuple[str, ...]) -> tuple[Built, BuildTranscript]:
        try:
            answer = build_transcript(outcome.frames, _MODULE_LIMIT)
        except ProtocolError as error:
            return Built(None, f"the build's answer could not be read: {error}", outcome), BuildTranscript()
        folders = (*folders, *_places())
        log = readable(answer.log or outcome.printed, folders, whole=answer.ok)
        modules = {name: data for name, data in answer.files.items() if name.startswith(build.module + ".")}
        if not answer.ok or len(modules) != 1:
            return Built(None, log, outcome), answer
        foreign = _foreign(answer.files.get("called", b""))
        if foreign:
            return Built(None, _refusal(build, foreign), outcome), answer
        # The name is ours, whatever the build called it.
        return Built((_file_name(build), next(iter(modules.values()))), log, outcome), answer


def readable(log: str, folders: tuple[str, ...], *, whole: bool = False) -> str:
    """The lines of a build's output that help: no control characters, no paths outside the tree, no command lines.

    folders: what to take off the front of paths. whole: keep what ninja says of its own steps.
    Of many lines those from the first error on are kept, or else the last.
    """
    for folder in sorted(folders, key=len, reverse=True):
        log = log.replace(f"{folder}/", "")
    lines = [line[:300] for line in _CONTROL.sub("", log).splitlines()]
    if not whole:
        # The line after FAILED is the command that failed.
        commands = {number + 1 for number, line in enumerate(lines) if line.startswith("FAILED: ")}
        lines = [
            line
            for number, line in enumerate(lines)
            if number not in commands and not line.startswith(_NINJA) and not _PROGRESS.match(line)
        ]
    first = next((number for number, line in enumerate(lines) if _FIRST_ERROR.match(line)), len(lines))
    start = max(0, min(first - _BEFORE, len(lines) - _LOG_LINES))
    return "\n".join(lines[start : start + _LOG_LINES])


def _places() -> tuple[str, ...]:
    """Where this machine keeps headers: a student's error may come with a path to one."""
    headers = {sysconfig.get_path("include"), sysconfig.get_path("platinclude")}
    return (layout.SITE, *headers, *layout.host_site(("pybind11",)).split(os.pathsep), sys.prefix, sys.base_prefix)


def _processor() -> str:
    """What this machine's processor is and can do: a build may use all of it (`-march=native`)."""
    told = ("model name", "flags", "Features", "CPU implementer", "CPU part")
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(sorted({line for line in lines if line.startswith(told)}))


def _settings(build: Build) -> list[str]:
    return [build.module, *build.kernels, *(f"{name}={value}" for name, value in sorted(build.options.items()))]


def _foreign(called: bytes) -> list[str]:
    """Of the symbols that kernels call, those through which they would let others do the work."""
    names = {line.decode("ascii", "replace") for line in called.splitlines()}
    return sorted(name for name in names if _FOREIGN.match(name))


def _refusal(build: Build, foreign: list[str]) -> str:
    names = ", ".join(name[:60] for name in foreign[:3]) + (" ..." if len(foreign) > 3 else "")
    return f"{', '.join(build.kernels)}: calls {names}; kernels may call what they define and the C++ library, no more"


def _file_name(build: Build) -> str:
    return f"{build.module}.so"
