"""A server on this machine that behaves well or badly, by the first part of the path it is asked for."""

from __future__ import annotations

import hashlib
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from needle_data.registry import DataSet, Item

NAME = "digits.bin"


@dataclass
class Asked:
    """One request. sent: how many bytes of the file went out."""

    kind: str
    range: str | None
    sent: int = 0


@dataclass
class Server:
    """Serves `files` as /KIND/NAME, where KIND is one of the methods `do_KIND` of the handler below."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def mirror(self, kind: str) -> str:
        """The address of the mirror that behaves as `kind` says; `dead` is one where nobody listens."""
        return f"{_nobody() if kind == 'dead' else self.address}/{kind}/"


def _nobody() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


class Handler(BaseHTTPRequestHandler):
    served: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Quiet: the test reads `Server.asked`."""

    def do_GET(self) -> None:
        kind, name = self.path.strip("/").split("/")
        self.asked = Asked(kind, self.headers.get("Range"))
        self.served.asked.append(self.asked)
        getattr(self, f"do_{kind}")(self.served.files[name])

    def answer(self, status: int, headers: dict[str, str], body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.write(body)
        self.close_connection = length is not None

    def write(self, body: bytes) -> None:
        self.asked.sent += len(body)  # first: who receives the last byte may look at once
        self.wfile.write(body)
        self.wfile.flush()

    def part(self, content: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and bytes that answer the request's Range as the standard says."""
        if self.asked.range is None:
            return 200, {}, content
        start = int(self.asked.range.removeprefix("bytes=").removesuffix("-"))
        return 206, {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}, content[start:]

    def do_plain(self, content: bytes) -> None:
        self.answer(200, {}, content)

    def do_range(self, content: bytes) -> None:
        self.answer(*self.part(content))

    def do_cut(self, content: bytes) -> None:
        status, headers, body = self.part(content)
        self.answer(status, headers, body[: len(body) // 2], length=len(body))

    def do_trickle(self, content: bytes) -> None:
        status, headers, body = self.part(content)
        self.answer(status, headers, body[:50_000], length=len(body))
        self.served.go_on.wait(30)

    def do_liar(self, content: bytes) -> None:
        self.answer(*self.part(bytes(byte ^ 1 for byte in content)))

    def do_page(self, _: bytes) -> None:
        self.answer(200, {"Content-Type": "text/html"}, b"<html>Please log in to this network.</html>")

    def do_longer(self, content: bytes) -> None:
        self.answer(200, {}, content + b"more")

    def do_endless(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.write(content + b"more")
        self.close_connection = True

    def do_flood(self, content: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        with suppress(ConnectionError):
            for _ in range(500):
                self.write(content)

    def do_unsized(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(f"{len(content):x}\r\n".encode())
        self.write(content)
        self.wfile.write(b"\r\n0\r\n\r\n")

    def do_shifted(self, content: bytes) -> None:
        size = len(content)
        self.answer(206, {"Content-Range": f"bytes 7-{size - 1}/{size}"}, content[7:])

    def do_other(self, content: bytes) -> None:
        status, headers, body = self.part(content + b"more")
        self.answer(status, headers, body)

    def do_unsatisfied(self, content: bytes) -> None:
        self.answer(416 if self.asked.range else 200, {}, b"" if self.asked.range else content)

    def do_encoded(self, content: bytes) -> None:
        self.answer(200, {"Content-Encoding": "gzip"}, content)

    def do_moved(self, _: bytes) -> None:
        self.answer(302, {"Location": f"/range/{NAME}"}, b"")

    def do_missing(self, _: bytes) -> None:
        self.answer(404, {}, b"not here")

    def do_broken(self, _: bytes) -> None:
        self.answer(500, {}, b"oh")


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with one file, `digits.bin`, of 200,000 bytes."""
    served = Server(files={NAME: random.Random(3).randbytes(200_000)})
    listening = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"served": served}))
    listening.daemon_threads = True
    served.address = f"http://127.0.0.1:{listening.server_address[1]}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.go_on.set()
    listening.shutdown()
    listening.server_close()
    thread.join()


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def sha256() -> Callable[[bytes], str]:
    """`sha256(content)`: its checksum in the registry's form."""
    return _sha256


@pytest.fixture
def digits(server: Server) -> Callable[..., DataSet]:
    """`digits(*kinds)`: the data set that consists of `digits.bin`, with these mirrors in turn."""

    def make(*kinds: str) -> DataSet:
        content = server.files[NAME]
        items = (Item(NAME, len(content), _sha256(content)),)
        return DataSet("digits", "Digits", tuple(server.mirror(kind) for kind in kinds), items, items)

    return make


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for data, named by NEEDLE_DATA; not there yet. The machine's own settings do not reach a test."""
    for name in ("NEEDLE_MIRROR", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NEEDLE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"
