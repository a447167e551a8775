"""What of this machine the box can see: an interpreter, the C library, the distributions a stage asks for, no more.

Everything is bound read-only at fixed places:

    /box/tree       the files being graded
    /box/site       the distributions of the stage's `packages`
    /box/runner.py  `box_runner`
    /box/bin        ninja, in a build
    /proc/self/exe  the interpreter, and beside it `environ`, the variables: both where sanitizers watch, plain files
    /tmp            private, empty, of limited size

The interpreter and shared libraries stay at their own paths, because both have them built in.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..errors import GraderError

BOX = "/box"
TREE = f"{BOX}/tree"
SITE = f"{BOX}/site"
RUNNER = f"{BOX}/runner.py"
CMAKE = f"{SITE}/cmake/data/bin/cmake"
NINJA = f"{BOX}/bin/ninja"
# Plain files, in a box without /proc, from where sanitizers learn of the interpreter and of their settings.
PROGRAM, VARIABLES = "/proc/self/exe", "/proc/self/environ"


@dataclass(frozen=True)
class Mount:
    """`source`, a path of this machine, is seen read-only at `target`."""

    source: str
    target: str


def interpreter() -> str:
    """The Python that runs in the box: this one, outside any virtual environment."""
    return os.path.realpath(sys.executable)


@lru_cache
def distribution(name: str) -> tuple[Mount, ...]:
    """The top-level packages, modules and data of an installed distribution, below /box/site.

    Raises GraderError: if it is not installed.
    """
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        raise GraderError(f"the box needs {name}, which is not installed: run `make setup`") from None
    tops = {file.parts[0] for file in found.files or () if ".." not in file.parts}
    tops -= {"__pycache__"}
    if not tops:  # a distribution without a list of files, as Debian's are
        tops = {name.replace("-", "_")}
    mounts = []
    for top in sorted(tops):
        source = Path(str(found.locate_file(top)))
        if source.exists() and not top.endswith(".pth"):
            mounts.append(Mount(str(source), f"{SITE}/{top}"))
    return tuple(mounts)


def host_site(packages: Iterable[str]) -> str:
    """Where distributions lie on this machine, as folders of a search path: for runs outside the box."""
    found = (importlib.metadata.distribution(name).locate_file("") for name in packages)
    return os.pathsep.join(dict.fromkeys(str(folder) for folder in found))


@lru_cache
def runtime() -> tuple[tuple[str, ...], ...]:
    """bubblewrap's arguments for the interpreter and the libraries it is linked with."""
    arguments: list[tuple[str, ...]] = []
    for folder in ("/lib", "/lib32", "/lib64", "/libx32"):
        arguments += _same(folder)
    for folder in ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/local/lib"):
        if os.path.isdir(folder):
            arguments.append(("--ro-bind", folder, folder))
    for file in ("/etc/ld.so.cache", "/etc/alternatives"):
        arguments.append(("--ro-bind-try", file, file))
    standard = sysconfig.get_path("stdlib")
    # A shared libpython has two names: the one it is linked by and the one it is loaded by.
    names = {sysconfig.get_config_var(name) or "" for name in ("LDLIBRARY", "INSTSONAME")}
    libraries = sorted(os.path.join(sysconfig.get_config_var("LIBDIR") or "", name) for name in names)
    for path in (interpreter(), standard, *filter(os.path.isfile, libraries)):
        # Installed beside the standard library of a version, yet no part of it: /usr/local/lib covers its own.
        if os.path.exists(path) and (path == interpreter() or not path.startswith(("/usr/lib/", "/usr/local/lib/"))):
            arguments.append(("--ro-bind", path, path))
    for packages in _other_packages(standard):
        arguments.append(("--tmpfs", packages))
        arguments.append(("--remount-ro", packages))
    return tuple(arguments)


LINEAR_ALGEBRA = re.compile(r"lib(\w*blas|\w*lapack|\w*atlas|\w*blis|mkl|armpl|gfortran|flame|\w*gsl)", re.ASCII)


@lru_cache
def without_linear_algebra() -> tuple[tuple[str, ...], ...]:
    """bubblewrap's arguments that cover, in the library folders, every library that multiplies matrices."""
    folders = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/local/lib", "/lib", "/lib32", "/lib64")
    return tuple(("--ro-bind", os.devnull, str(path)) for path in libraries(folders, LINEAR_ALGEBRA))


def libraries(folders: Iterable[str], name: re.Pattern[str]) -> list[Path]:
    """The files, links followed, at most two folders deep, whose own or link's name begins as `name` says."""
    found = (path for folder in folders for depth in ("", "*/", "*/*/") for path in Path(folder).glob(f"{depth}lib*"))
    return sorted({path.resolve() for path in found if name.match(path.name) and path.is_file()})


@lru_cache
def toolchain() -> tuple[tuple[str, ...], ...]:
    """bubblewrap's arguments for a C++ compiler, beside `runtime`: the system's programs and headers, and Python's."""
    arguments: list[tuple[str, ...]] = []
    for folder in ("/bin", "/sbin"):
        arguments += _same(folder)
    for folder in ("/usr/bin", "/usr/include", "/usr/share", "/usr/libexec", "/usr/local/include"):
        if os.path.isdir(folder):
            arguments.append(("--ro-bind", folder, folder))
    headers = sysconfig.get_path("include")
    if os.path.isdir(headers) and not headers.startswith(("/usr/include/", "/usr/local/include/")):
        arguments.append(("--ro-bind", headers, headers))
    for mount in (*distribution("cmake"), *distribution("pybind11"), _ninja()):
        arguments.append(("--ro-bind", mount.source, mount.target))
    return tuple(arguments)


def _ninja() -> Mount:
    """The one program of its distribution, which lies outside its package. Raises GraderError: if it is absent."""
    distribution("ninja")
    found = importlib.metadata.distribution("ninja")
    for file in found.files or ():
        path = Path(str(found.locate_file(file))).resolve()
        if file.name == "ninja" and path.is_file() and _is_binary(path):
            return Mount(str(path), NINJA)
    raise GraderError("building needs the program ninja, which its distribution lacks: run `make setup`")


@lru_cache
def sanitizers() -> tuple[str, ...]:
    """What to load before Python in a box whose native module sanitizers watch: their runtime, and that of C++.

    Of the compiler that builds in the box. Raises GraderError: if they are not where the box can see them.
    """
    compiler = shutil.which("c++", path="/usr/bin:/bin")
    if compiler is None:
        raise GraderError("there is no C++ compiler /usr/bin/c++")
    found = []
    for name in ("libasan.so", "libstdc++.so.6"):
        done = subprocess.run([compiler, f"-print-file-name={name}"], capture_output=True, text=True)
        path = os.path.realpath(done.stdout.strip())
        if os.path.isfile(path) and not _is_binary(Path(path)):  # a linker's script, which names the library
            script = re.search(rf"/\S*{re.escape(name)}\S*", Path(path).read_text(encoding="utf-8", errors="replace"))
            path = os.path.realpath(script[0]) if script else path
        if not path.startswith(("/lib", "/usr/lib", "/usr/local/lib")) or not os.path.isfile(path):
            raise GraderError(f"{compiler} knows of no {name} in the system's folders: it has no sanitizers")
        found.append(path)
    return tuple(found)


def build_programs() -> tuple[str, str]:
    """The paths of cmake and ninja on this machine. Raises GraderError: if one is not installed."""
    cmake = next(mount.source for mount in distribution("cmake") if mount.target == f"{SITE}/cmake")
    return f"{cmake}/data/bin/cmake", _ninja().source


def _is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _same(folder: str) -> list[tuple[str, ...]]:
    """A folder of the root as it is here: a link into /usr, or bound."""
    if os.path.islink(folder):
        return [("--symlink", os.readlink(folder), folder)]
    return [("--ro-bind", folder, folder)] if os.path.isdir(folder) else []


def _other_packages(standard: str) -> list[str]:
    """Folders of installed packages that would come along with the library folders; the box sees none of them."""
    parents = {Path(standard), *Path("/usr/lib").glob("python3*"), *Path("/usr/local/lib").glob("python3*")}
    folders = (parent / name for parent in parents for name in ("site-packages", "dist-packages"))
    return sorted(str(folder) for folder in folders if folder.is_dir() and not folder.is_symlink())
