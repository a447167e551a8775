"""What is in a submission, whatever it came as: folder, zip, tar, bare git repository or bundle.

`members` yields each file once, in order, with a way to read it. Nothing is ever written to disk from an archive, no
link is followed, no name is trusted, and no more than a limit is read or unpacked. What cannot be a file of a homework
but is common and harmless (a link in a virtual environment) is yielded as such; what no honest tool makes (`../`,
absolute and NUL names, sizes that lie) is refused.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import subprocess
import tarfile
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from ..errors import GraderError

ARCHIVE_LIMIT = 256 * 1024**2  # bytes of the archive as it lies there
UNPACKED_LIMIT = 1024**3  # bytes it may unpack to
COUNT_LIMIT = 20_000  # members
PATH_LIMIT = 1024  # characters of a name
DEPTH_LIMIT = 40  # folders within folders
READ_LIMIT = 4 * 1024**2  # bytes asked for at one time, indexes of archives included
GIT_SECONDS = 60.0
GIT_OUTPUT = 8 * 1024**2  # bytes of one listing or file: a tree of trees can list without end

# Folders that no homework lies in: not descended into, never reported.
IGNORED = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", "env", "__pycache__", "node_modules", "build", "dist", "__MACOSX"}
    | {
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".ipynb_checkpoints",
        ".grader",
        ".idea",
        ".vscode",
        ".tox",
        ".eggs",
    }
)
IGNORED_FILES = (".pyc", ".pyo", ".so", ".o", ".egg-info", ".DS_Store", ".swp", "~")


class SubmissionError(GraderError):
    """A submission that cannot be graded: says what was found and what to do."""


@dataclass(frozen=True)
class Member:
    """One file of a submission.

    path: with forward slashes, relative, without `.` and `..`.
    odd: what it is instead of a file (a link, a device), which is never read.
    read: yields its content, at most so many bytes; only valid until the next member is asked for.
    """

    path: str
    size: int
    read: Callable[[int], bytes]
    odd: str | None = None


def members(source: Path) -> Iterator[Member]:
    """The files of a submission, without those of `IGNORED` folders.

    Raises SubmissionError: if `source` is nothing of the kind, is broken, or is beyond a limit.
    """
    found = _checked(_open(source))
    while True:
        with _refusing(source.name):
            member = next(found, None)
        if member is None:
            return
        yield replace(member, read=_refusing(source.name)(member.read))


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn what libraries raise over broken or exotic archives into a refusal. Decorates functions as well."""
    try:
        yield
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        raise SubmissionError(f"{name} is damaged ({error}): pack it again and upload it again") from error
    except (NotImplementedError, RuntimeError, ValueError, OverflowError) as error:
        raise SubmissionError(f"{name} cannot be unpacked ({error}): make a plain zip or tar.gz") from error


def is_submission(path: Path) -> bool:
    """Whether a name in a folder of submissions looks like one: a folder or an archive."""
    suffixes = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".bundle")
    return not path.name.startswith(".") and (path.is_dir() or path.name.lower().endswith(suffixes))


def _open(source: Path) -> Iterator[Member]:
    try:
        if source.is_dir():
            return _git(source) if _is_bare(source) else _folder(source)
        size = source.stat().st_size
        with source.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise SubmissionError(f"{source} cannot be read: {error.strerror}") from error
    if size == 0:
        raise SubmissionError(f"{source.name} is an empty file: the upload may have broken off")
    if size > ARCHIVE_LIMIT:
        raise SubmissionError(
            f"{source.name} has {size / 1e6:.0f} MB; at most {ARCHIVE_LIMIT / 1e6:.0f} are read: leave out data"
        )
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(source)
    if head.startswith((b"# v2 git bundle\n", b"# v3 git bundle\n")):
        return _bundle(source)
    for magic, opener in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open)):
        if head.startswith(magic):
            return _tar(source, opener)
    if head[257:262] == b"ustar":
        return _tar(source, None)
    kinds = "a folder, a .zip, a .tar (.gz, .bz2, .xz), a bare git repository or a git bundle"
    raise SubmissionError(f"{source.name} is none of what can be graded: {kinds}")


def _checked(found: Iterator[Member]) -> Iterator[Member]:
    """The members with their names checked and counted, without ignored ones."""
    total = 0
    for count, member in enumerate(found, 1):
        total += member.size
        if count > COUNT_LIMIT:
            raise SubmissionError(
                f"more than {COUNT_LIMIT} files: hand in the homework's folders without data and environments"
            )
        if total > UNPACKED_LIMIT:
            raise SubmissionError(
                f"unpacks to more than {UNPACKED_LIMIT / 1e9:.1f} GB: hand in the homework's folders without data"
            )
        parts = _parts(member.path)
        if IGNORED.isdisjoint(parts[:-1]) and not parts[-1].endswith(IGNORED_FILES):
            yield Member("/".join(parts), member.size, member.read, member.odd)


def _parts(name: str) -> list[str]:
    """The parts of a member's name. Raises SubmissionError: for a name that leads, or may lead, out of the archive."""
    shown = ascii(name[:100])
    if len(name) > PATH_LIMIT or name.count("/") > DEPTH_LIMIT:
        raise SubmissionError(f"the name {shown}... is too long or too deep")
    if any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise SubmissionError(f"the name {shown} holds a control character")
    if "\\" in name:
        raise SubmissionError(f"the name {shown} holds a backslash: pack with a tool that writes forward slashes")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or not parts or (len(parts[0]) >= 2 and parts[0][1] == ":"):
        raise SubmissionError(f"the name {shown} leads out of the archive")
    return parts


def _folder(root: Path) -> Iterator[Member]:
    pending = [""]
    while pending:
        prefix = pending.pop()
        with os.scandir(root / prefix) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = prefix + entry.name
                try:
                    path.encode("utf-8")
                except UnicodeEncodeError:
                    raise SubmissionError(f"the name {path!a} is not UTF-8: rename it") from None
                if entry.is_symlink():
                    yield Member(path, 0, _nothing, "a link")
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in IGNORED:
                        if path.count("/") >= DEPTH_LIMIT:
                            raise SubmissionError(f"{path[:100]!a}... is more than {DEPTH_LIMIT} folders deep")
                        pending.append(path + "/")
                elif entry.is_file(follow_symlinks=False):
                    yield Member(path, entry.stat(follow_symlinks=False).st_size, _file_reader(root / path))
                else:
                    yield Member(path, 0, _nothing, "not a file")


def _file_reader(path: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        # What was a file a moment ago may be a link or a FIFO by now.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SubmissionError(f"{path.name} changed while it was being read")
            return file.read(limit)

    return read


def _zip(source: Path) -> Iterator[Member]:
    with source.open("rb") as file, zipfile.ZipFile(_Guarded(file)) as archive:
        for info in archive.infolist():
            name = info.orig_filename  # before zipfile cuts it at a NUL or changes separators
            if name.endswith("/"):
                continue
            mode = info.external_attr >> 16
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                yield Member(name, 0, _nothing, "a link" if stat.S_ISLNK(mode) else "not a file")
                continue
            if info.flag_bits & 0x1:
                raise SubmissionError(f"{name!a} is encrypted: pack without a password")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise SubmissionError(f"{name!a} is packed by an uncommon method: make a plain zip")
            yield Member(name, info.file_size, _zip_reader(archive, info))


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        with archive.open(info) as file:
            data = file.read(min(limit, READ_LIMIT))
        if len(data) < min(limit, info.file_size):
            raise SubmissionError(f"{info.filename!a} is shorter than the archive says: pack it again")
        return data

    return read


def _tar(source: Path, opener: Callable[[Path], Any] | None) -> Iterator[Member]:
    with opener(source) if opener else source.open("rb") as file:
        stream: Any = _Forward(file)
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for info in archive:
                # Headers that were read are not needed again, and an archive of many members would hoard them.
                archive.members = []  # type: ignore[attr-defined]
                if info.isdir():
                    continue
                if not info.isreg() or info.issparse():
                    link = info.issym() or info.islnk()
                    yield Member(info.name, 0, _nothing, "a link" if link else "not a plain file")
                    continue
                yield Member(info.name, info.size, _tar_reader(archive, info))


def _tar_reader(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        file = archive.extractfile(info)
        assert file is not None, "only called for plain files"
        return file.read(min(limit, READ_LIMIT))

    return read


class _Guarded(io.RawIOBase):
    """A file that answers no read beyond a limit: an archive's index is read in one piece, as large as it says."""

    def __init__(self, file: IO[bytes]):
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int | None = -1) -> bytes:
        wanted = READ_LIMIT + 1 if size is None or size < 0 else size
        data = self._file.read(wanted) if wanted <= READ_LIMIT + 1 else b""
        if wanted > READ_LIMIT + 1 or len(data) > READ_LIMIT:
            raise SubmissionError("the archive's index is too large: hand in fewer files")
        return data


class _Forward(io.RawIOBase):
    """A stream that is only read forwards, up to a limit in all, and in pieces of limited size."""

    def __init__(self, file: IO[bytes]):
        self._file, self._position = file, 0
        self._last, self._again = b"", b""  # the byte before the position; that byte again, after a step back

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0 or size > READ_LIMIT:
            raise SubmissionError("a header of the archive is too large: make a plain tar.gz")
        again = self._again[:size]
        data = again + self._file.read(size - len(again))
        if data:
            self._again, self._last = b"", data[-1:]
        self._position += len(data)
        if self._position > UNPACKED_LIMIT:
            raise SubmissionError(
                f"unpacks to more than {UNPACKED_LIMIT / 1e9:.1f} GB: hand in the homework's folders without data"
            )
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset == self._position - 1 and self._last and not self._again:
            # tarfile looks at the last byte of a member again, to know that it is there
            self._again, self._last, self._position = self._last, b"", offset
        if whence != 0 or offset < self._position:
            raise tarfile.ReadError("members overlap")
        while self._position < offset:
            if not self.read(min(offset - self._position, 1 << 16)):
                raise tarfile.ReadError("unexpected end of data")
        return self._position


def _is_bare(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


def _git(repository: Path) -> Iterator[Member]:
    """HEAD's files of a bare repository.

    Its configuration is never read: git works in an empty repository of ours that borrows the other's objects. Links,
    and `alternates` that would lend it objects of other repositories on this machine, are refused.
    """
    if any(path.is_symlink() for path in repository.rglob("*")):
        raise SubmissionError(f"{repository.name} is a git repository that holds links: hand in a bundle instead")
    for name in ("alternates", "http-alternates"):
        if (repository / "objects/info" / name).exists():
            raise SubmissionError(f"{repository.name} borrows objects of another repository: hand in a bundle instead")
    with tempfile.TemporaryDirectory(prefix="grader-git-") as own:
        _run_git(own, "init", "--quiet", "--bare", own)
        yield from _git_tree(own, _head(repository), str((repository / "objects").resolve()))


def _bundle(source: Path) -> Iterator[Member]:
    with tempfile.TemporaryDirectory(prefix="grader-git-") as own:
        _run_git(own, "init", "--quiet", "--bare", own)
        _run_git(own, "fetch", "--quiet", "--no-tags", str(source.resolve()), "HEAD:refs/heads/submission")
        yield from _git_tree(own, "refs/heads/submission", None)


def _git_tree(own: str, commit: str, objects: str | None) -> Iterator[Member]:
    listing = _run_git(own, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, objects=objects)
    for row in listing.split(b"\0"):
        if not row:
            continue
        fields, _, raw = row.partition(b"\t")
        mode, kind, name, size = fields.split()
        try:
            path = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise SubmissionError(f"the name {raw!a} is not UTF-8: rename it") from None
        if kind != b"blob" or mode == b"120000":
            yield Member(path, 0, _nothing, "a link" if mode == b"120000" else "a submodule")
        elif not size.isdigit():
            raise SubmissionError(f"git cannot read the repository: the content of {path!a} is missing")
        else:
            yield Member(path, int(size), _blob_reader(own, name.decode(), int(size), objects))


def _blob_reader(own: str, name: str, size: int, objects: str | None) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        return _run_git(own, "cat-file", "blob", name, objects=objects)[:limit] if size <= limit else b"\0" * limit

    return read


def _head(repository: Path) -> str:
    """The commit that HEAD names, read from the files themselves. Raises SubmissionError: if there is none."""
    text = _small(repository / "HEAD")
    if text.startswith("ref: refs/") and ".." not in text:
        reference = text[len("ref: ") :]
        text = _small(repository / reference) if (repository / reference).is_file() else ""
        if not text and (repository / "packed-refs").is_file():
            rows = (row.split() for row in _small(repository / "packed-refs").splitlines())
            text = next((row[0] for row in rows if len(row) == 2 and row[1] == reference), "")
    if len(text) not in (40, 64) or not all(digit in "0123456789abcdef" for digit in text):
        raise SubmissionError(
            f"{repository.name} is a git repository whose HEAD names no commit: commit your work first"
        )
    return text


def _small(path: Path) -> str:
    return _file_reader(path)(READ_LIMIT).decode("utf-8", "replace").strip()


def _run_git(own: str, *arguments: str, objects: str | None = None) -> bytes:
    """Plumbing in a repository of ours, with no configuration, hooks, filters, prompts or network."""
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": own,
        "GIT_DIR": own,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "file",
        "LC_ALL": "C",
    }
    if objects is not None:
        environment["GIT_OBJECT_DIRECTORY"] = objects
    safe = ["-c", "core.hooksPath=/dev/null", "-c", "core.bigFileThreshold=8m", "-c", "transfer.fsckObjects=true"]
    with tempfile.TemporaryFile() as errors:
        try:
            command = ["git", *safe, *arguments]
            process = subprocess.Popen(command, env=environment, cwd=own, stdout=subprocess.PIPE, stderr=errors)
        except FileNotFoundError:
            raise GraderError("reading a git repository needs git: apt-get install git") from None
        late = threading.Timer(GIT_SECONDS, process.kill)
        late.start()
        try:
            with process:
                assert process.stdout is not None
                data = process.stdout.read(GIT_OUTPUT + 1)
                if len(data) > GIT_OUTPUT:
                    raise SubmissionError(
                        "the git repository holds too many files: hand in the homework's folders alone"
                    )
        finally:
            process.kill()
            late.cancel()
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read(2000).decode("utf-8", "replace").strip().splitlines()
            raise SubmissionError(f"git cannot read the repository: {said[-1] if said else 'it took too long'!a}")
    return data


def _nothing(limit: int) -> bytes:
    return b""
