"""A folder with what boxes see of one graded tree."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ..authoring.trees import Tree, write_tree
from ..errors import GraderError
from .builds import Built
from .materials import Materials, box_part

Made = TypeVar("Made")


class Workspace:
    """The files of one graded tree, on disk where boxes can be given them. Removed on leaving.

    called_off: setting it ends the boxes that work here.
    Raises GraderError: if the disk does not take them.
    """

    def __init__(self, shared: Materials, tree: Tree, called_off: threading.Event):
        self.tree = tree
        self.called_off = called_off
        self._part = box_part(shared.stage, tree)
        self._shared = shared
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._made: dict[str, Any] = {}

    def __enter__(self) -> Workspace:
        try:
            # The outer folder keeps other users of this machine out, the inner one lets the box's user in.
            self._temporary = tempfile.TemporaryDirectory(prefix="grader-")
            try:
                self.folder = Path(self._temporary.name) / "tree"
                self.folder.mkdir()
                write_tree(self._part, self.folder)
                _open_to_box(self.folder)
            except BaseException:
                self._temporary.cleanup()
                raise
        except OSError as error:
            where = tempfile.gettempdir()
            raise GraderError(f"the files to grade cannot be written to {where}: {error.strerror}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._temporary.cleanup()

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` returns, made once for the name as long as the workspace stands; other threads wait for it."""
        with self._lock:
            lock = self._making.setdefault(name, threading.Lock())
        with lock:
            if name not in self._made:
                self._made[name] = make()
            return self._made[name]

    def pristine(self) -> Path:
        """A folder like the workspace's own, with the course's files as released in it: nothing of the student's.

        Where native code alone is judged, Python of the same author could put something else in its place.
        """

        def write() -> Path:
            folder = Path(self._temporary.name) / "pristine"
            folder.mkdir()
            write_tree(box_part(self._shared.stage, self._shared.released), folder)
            _open_to_box(folder)
            return folder

        return self.once("pristine", write)

    def text(self, name: str, content: str) -> Path:
        """A file of the judge's own with the content, always the same for one name."""
        file = Path(self._temporary.name) / name
        with self._lock:
            if not file.exists():
                file.write_text(content, encoding="utf-8")
                file.chmod(0o644)
        return file

    def built(self, built: Built) -> Path:
        """A folder with the native module in it."""
        assert built.module is not None
        name, content = built.module
        folder = Path(self._temporary.name) / f"built-{hashlib.sha256(content).hexdigest()[:16]}"
        with self._lock:
            if not folder.exists():
                folder.mkdir()
                write_tree({name: content}, folder)
                _open_to_box(folder)
        return folder


def _open_to_box(folder: Path) -> None:
    """Make everything readable for the box's user, whatever this process's umask is."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
