"""Files appear whole or not at all."""

from __future__ import annotations

import os
import resource
import stat

import pytest
from grader.errors import GraderError
from grader.files import write_atomically


def test_a_file_appears_with_its_content_and_mode(tmp_path):
    target = tmp_path / "new/folder/file"
    write_atomically(target, "für", mode=0o600)
    assert target.read_bytes() == "für".encode()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    write_atomically(target, b"again", durable=False)
    assert target.read_bytes() == b"again"
    assert list(target.parent.iterdir()) == [target]


def test_a_full_disk_leaves_the_old_content_and_nothing_else(tmp_path):
    """Played by a limit on the size of files, which fails in the same place: while writing."""
    target = tmp_path / "file"
    write_atomically(target, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(GraderError, match="could not be written: File too large"):
            write_atomically(target, bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_interruption_leaves_the_old_content_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "file"
    write_atomically(target, b"old")

    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GraderError, match="could not be written"):
        write_atomically(tmp_path / "file/below", b"")
