"""A service on this machine that records what it is sent, and a small course whose cases submit."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    target: str


@dataclass
class Service:
    """Answers as the course's service does, unless `answer` is replaced: (status, text) for a request."""

    url: str = ""
    requests: list[Seen] = field(default_factory=list)
    answer: Callable[[Seen], tuple[int, str]] = lambda seen: (200, json.dumps(_usual(seen)))

    def paths(self) -> list[str]:
        return [seen.path for seen in self.requests]

    def bodies(self) -> list[Any]:
        return [json.loads(seen.body) for seen in self.requests if seen.path == "/submit_test"]


def _usual(seen: Seen) -> dict[str, Any]:
    return {"submission_id": 41} if seen.path.endswith("/submit") else {"correct": True}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    recorder = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            query = {name: values[0] for name, values in parse_qs(url.query, strict_parsing=True).items()}
            seen = Seen("POST", url.path, query, dict(self.headers), body, self.path)
            recorder.requests.append(seen)
            status, text = recorder.answer(seen)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", recorder.url + "elsewhere")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def do_GET(self) -> None:
            recorder.requests.append(Seen("GET", self.path, {}, dict(self.headers), b"", self.path))
            self.send_error(404)

        def log_message(self, *arguments: object) -> None:
            """Silent: what arrived is in `requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorder.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    for name in ("MUGRADE_KEY", "MUGRADE_SERVER", "MUGRADE_HW", "MUGRADE_OP", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield recorder
    server.shutdown()
    thread.join()
    server.server_close()


MANIFEST = """\
key = "hw5"
title = "A homework for tests"
points = 3
files = ["hw5/**/*"]
python_path = ["hw5/src"]
"""
PROBLEM = """
[[problem]]
key = "{key}"
title = "{key}"
points = 1
blocks = ["hw5/src/work.py:{key}"]
"""


class CourseFolder:
    """A course with one homework, hw5, written to a folder."""

    def __init__(self, root: Path):
        self.root = root
        (root / "hw5/tests").mkdir(parents=True)
        (root / "hw5/src").mkdir()
        (root / "course.toml").write_text('name = "test"\n')
        self._manifest = root / "hw5/assignment.toml"
        self._manifest.write_text(MANIFEST)

    def add(self, key: str, source: str) -> None:
        """A problem and the source of its test file."""
        with self._manifest.open("a") as file:
            file.write(PROBLEM.format(key=key))
        (self.root / f"hw5/tests/test_{key}.py").write_text("import mugrade\nimport numpy as np\n" + source)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CourseFolder:
    """The course; the tests run in a folder inside it."""
    folder = CourseFolder(tmp_path / "course")
    monkeypatch.chdir(folder.root / "hw5")
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    return folder
