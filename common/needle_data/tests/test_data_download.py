"""Downloads from a server on this machine: whole, cut off, resumed, lied to, stopped; and what is left each time."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from needle_data.errors import DataError
from needle_data.fetch import _alone_in, fetch

NAME, PARTIAL = "digits.bin", "digits.bin.part"


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("kind", ["plain", "range", "unsized", "encoded", "moved"])
def test_a_file_arrives_as_it_is_and_alone(kind, server, digits, folder):
    assert fetch(digits(kind)) == folder
    assert (folder / NAME).read_bytes() == server.files[NAME]
    assert left_in(folder) == {NAME}


def test_others_may_read_what_was_downloaded(digits, folder):
    before = os.umask(0o022)
    try:
        fetch(digits("plain"))
    finally:
        os.umask(before)
    assert (folder / NAME).stat().st_mode & 0o777 == 0o644
    assert folder.stat().st_mode & 0o777 == 0o755


BAD = {
    "missing": "answered 404 Not Found",
    "broken": "answered 500 Internal Server Error",
    "page": "offers 43 bytes where 200000 were expected",
    "longer": "offers 200004 bytes where 200000 were expected",
    "endless": "sent more than the 200000 bytes expected",
    "shifted": "asked for the bytes from 0 on of 200000, it offers bytes 7-199999/200000",
    "liar": "sent another content: expected sha256:",
    "dead": "Connection refused",
}


@pytest.mark.parametrize("kind", BAD)
def test_the_next_mirror_is_asked_after_one_that_fails(kind, server, digits, folder):
    fetch(digits(kind, "plain"))
    assert (folder / NAME).read_bytes() == server.files[NAME]
    assert left_in(folder) == {NAME}
    assert [asked.kind for asked in server.asked] == ([] if kind == "dead" else [kind]) + ["plain"]


@pytest.mark.parametrize("kind", BAD)
def test_where_all_mirrors_fail_the_error_is_one_line_that_says_why_and_nothing_is_left(kind, server, digits, folder):
    with pytest.raises(DataError) as caught:
        fetch(digits("missing", kind))
    message = str(caught.value)
    hosts = server.address.removeprefix("http://")
    assert f"{hosts}: answered 404 Not Found; " in message
    assert BAD[kind] in message
    assert "\n" not in message
    assert f"put the file into {folder} by hand, or set NEEDLE_DATA" in message
    assert left_in(folder) == set()


def test_a_stream_without_an_end_is_not_followed(server, digits, folder):
    with pytest.raises(DataError, match="sent more than the 200000 bytes expected"):
        fetch(digits("flood"))
    assert server.asked[0].sent < 500 * 200_000
    assert left_in(folder) == set()


def test_a_wrong_checksum_is_reported_with_what_was_expected_and_found(server, digits, folder, sha256):
    with pytest.raises(DataError) as caught:
        fetch(digits("liar"))
    content = server.files[NAME]
    assert f"expected {sha256(content)}, found {sha256(bytes(byte ^ 1 for byte in content))}" in str(caught.value)
    assert left_in(folder) == set()


def test_after_a_cut_the_next_run_asks_only_for_the_rest(server, digits, folder):
    content = server.files[NAME]
    with pytest.raises(DataError, match="broke off after 100,000 of 200,000 bytes"):
        fetch(digits("cut"))
    assert left_in(folder) == {PARTIAL}
    assert (folder / PARTIAL).read_bytes() == content[:100_000]

    fetch(digits("range"))
    assert (server.asked[-1].range, server.asked[-1].sent) == ("bytes=100000-", 100_000)
    assert (folder / NAME).read_bytes() == content
    assert left_in(folder) == {NAME}


def test_after_a_cut_another_mirror_goes_on_in_the_same_run(server, digits, folder):
    fetch(digits("cut", "cut", "range"))
    assert [(asked.range, asked.sent) for asked in server.asked] == [
        (None, 100_000),
        ("bytes=100000-", 50_000),
        ("bytes=150000-", 50_000),
    ]
    assert (folder / NAME).read_bytes() == server.files[NAME]


@pytest.mark.parametrize("kind", ["plain", "unsatisfied"])
def test_a_server_that_does_not_do_ranges_sends_everything_again(kind, server, digits, folder):
    with pytest.raises(DataError):
        fetch(digits("cut"))
    fetch(digits(kind))
    assert (server.asked[1].kind, server.asked[1].range) == (kind, "bytes=100000-")
    assert server.asked[-1].sent == 200_000
    assert (folder / NAME).read_bytes() == server.files[NAME]
    assert left_in(folder) == {NAME}


@pytest.mark.parametrize("size", [1, 70_000, 200_000, 250_000])
def test_a_partial_file_of_something_else_is_thrown_away(size, server, digits, folder):
    folder.mkdir()
    (folder / PARTIAL).write_bytes(b"x" * size)
    fetch(digits("range"))
    assert (folder / NAME).read_bytes() == server.files[NAME]
    assert left_in(folder) == {NAME}
    assert [asked.range for asked in server.asked] == ([f"bytes={size}-"] if size < 200_000 else []) + [None]


def test_a_partial_file_that_is_whole_needs_no_server(server, digits, folder):
    folder.mkdir()
    (folder / PARTIAL).write_bytes(server.files[NAME])
    fetch(digits("dead"))
    assert left_in(folder) == {NAME}


def test_a_mirror_that_answers_about_another_file_does_not_cost_what_had_come(server, digits, folder):
    folder.mkdir()
    (folder / PARTIAL).write_bytes(server.files[NAME][:150_000])
    fetch(digits("shifted", "other", "page", "missing", "range"))
    assert (server.asked[-1].range, server.asked[-1].sent) == ("bytes=150000-", 50_000)


def test_a_liar_spoils_a_partial_file_and_the_next_mirror_still_delivers(server, digits, folder):
    folder.mkdir()
    (folder / PARTIAL).write_bytes(server.files[NAME][:150_000])
    fetch(digits("liar", "range"))
    assert [(asked.kind, asked.range) for asked in server.asked] == [
        ("liar", "bytes=150000-"),
        ("liar", None),
        ("range", None),
    ]
    assert (folder / NAME).read_bytes() == server.files[NAME]


REGISTRY = """
[digits]
title = "Digits"
mirrors = ["{mirror}"]
downloads = [{{ name = "digits.bin", bytes = 200_000, checksum = "{checksum}" }}]
"""
# As from a terminal, also where whoever runs the tests ignores Ctrl-C.
RUN = """
import pathlib, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from needle_data.__main__ import main
from needle_data.registry import load_registry
sys.exit(main([], load_registry(pathlib.Path(sys.argv[1]))))
"""


def test_ctrl_c_keeps_what_has_come(server, digits, folder, tmp_path, sha256):
    content = server.files[NAME]
    registry = tmp_path / "registry.toml"
    registry.write_text(REGISTRY.format(mirror=server.mirror("trickle"), checksum=sha256(content)))
    package = str(Path(__file__).parents[1] / "python")
    running = subprocess.Popen(
        [sys.executable, "-c", RUN, str(registry)],
        env={**os.environ, "PYTHONPATH": package},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not ((folder / PARTIAL).exists() and (folder / PARTIAL).stat().st_size):
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < deadline, "nothing came in 30 seconds"
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    stderr = running.communicate(timeout=30)[1]
    assert running.returncode == 130
    assert f"stopped. What came of digits stays in {folder}" in stderr
    assert "Traceback" not in stderr
    assert left_in(folder) == {PARTIAL}
    kept = (folder / PARTIAL).read_bytes()
    assert 0 < len(kept) <= 50_000
    assert content.startswith(kept)

    fetch(digits("range"))
    assert (server.asked[-1].range, server.asked[-1].sent) == (f"bytes={len(kept)}-", 200_000 - len(kept))
    assert (folder / NAME).read_bytes() == content


def test_a_full_disk_is_an_error_of_one_line_and_the_next_run_goes_on(server, digits, folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, hard))
    try:
        with pytest.raises(DataError, match=r"data cannot be written to: File too large\. .*NEEDLE_DATA="):
            fetch(digits("range"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert left_in(folder) == {PARTIAL}
    kept = (folder / PARTIAL).read_bytes()
    assert 0 < len(kept) <= 120_000
    assert server.files[NAME].startswith(kept)
    fetch(digits("range"))
    assert server.asked[-1].range == f"bytes={len(kept)}-"
    assert left_in(folder) == {NAME}


@pytest.mark.parametrize("place", ["file", "file/data"])
def test_a_place_that_cannot_be_written_to_is_named(place, digits, tmp_path, monkeypatch, server):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NEEDLE_DATA", str(tmp_path / place))
    with pytest.raises(
        DataError, match=rf"{tmp_path / place} cannot be written to: .*NEEDLE_DATA=/some/folder make data"
    ):
        fetch(digits("plain"))
    assert server.asked == []
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_second_run_keeps_out_while_the_first_one_writes(digits, folder, server):
    folder.mkdir()
    with _alone_in(folder), pytest.raises(DataError, match=f"another make data is writing to {folder}"):
        fetch(digits("plain"))
    assert server.asked == []
    fetch(digits("plain"))
    assert left_in(folder) == {NAME}


def test_a_mirror_of_ones_own_is_asked_first(digits, server, monkeypatch):
    monkeypatch.setenv("NEEDLE_MIRROR", server.mirror("missing").rstrip("/"))
    fetch(digits("plain"))
    assert [asked.kind for asked in server.asked] == ["missing", "plain"]


def test_a_mirror_that_is_no_address_is_an_error_of_one_line(digits, monkeypatch, server):
    monkeypatch.setenv("NEEDLE_MIRROR", "somewhere")
    with pytest.raises(DataError, match="somewhere"):
        fetch(digits("missing"))
    assert [asked.kind for asked in server.asked] == ["missing"]
