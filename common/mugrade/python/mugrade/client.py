"""The service's two requests, over HTTP.

    POST /submit?assignment=hw1&problem=forward           -> {"submission_id": ...}
    POST /submit_test?submission_id=...&test_case_index=0, an encoded value -> {"correct": true}

The key is a secret. It travels in the `Authorization` header over verified TLS, to the host that was named and to no
other: it is in no URL (servers log those), redirections are not followed (they could lead anywhere), and plain http is
refused except to this machine itself. Text of the server is shown without control characters and without the key.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

from .encoding import dumps
from .errors import ServerError, UsageError

MAX_BODY = 16 * 1024 * 1024
MAX_ANSWER = 64 * 1024
MAX_SHOWN = 2000


class Client:
    """One server, one key."""

    def __init__(self, server: str, key: str, *, timeout: float = 30.0):
        """server: `https://host/` and perhaps a path; timeout: seconds that the server may keep silent

        Raises UsageError: if the server is not such a URL or the key could not stand in a header.
        """
        self._base = _checked_server(server)
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise UsageError("the key must be printable ASCII without blanks: copy it again from the course's page")
        self._key = key
        self._timeout = timeout
        self._opener = urllib.request.build_opener(_NoRedirect)

    def __repr__(self) -> str:
        return f"Client({self._base!r})"

    def begin(self, assignment: str, problem: str) -> str | int:
        """Open a submission to a problem; returns its id. Raises ServerError."""
        answer = self._post("submit", {"assignment": assignment, "problem": problem}, b"")
        number = answer.get("submission_id")
        if isinstance(number, bool) or not isinstance(number, (str, int)):
            raise ServerError(f"no submission_id in the answer to /submit: {self._shown(json.dumps(answer))}")
        return number

    def test(self, submission_id: str | int, index: int, encoded: Any) -> bool:
        """Send the value of number `index`, counted from 0; returns whether it is right. Raises ServerError."""
        body = dumps(encoded)
        if len(body) > MAX_BODY:
            raise ServerError(f"value {index + 1} takes {len(body)} bytes, and {MAX_BODY} are the most: hand over less")
        answer = self._post("submit_test", {"submission_id": submission_id, "test_case_index": index}, body)
        correct = answer.get("correct")
        if not isinstance(correct, bool):
            raise ServerError(f"no true or false in the answer to /submit_test: {self._shown(json.dumps(answer))}")
        return correct

    def _post(self, path: str, query: dict[str, object], body: bytes) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._base}{path}?{urlencode(query)}",
            data=body,
            method="POST",
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                status, text = response.status, response.read(MAX_ANSWER + 1)
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read(MAX_ANSWER + 1)
        except (OSError, HTTPException) as error:
            reason = self._shown(str(getattr(error, "reason", "") or error) or type(error).__name__)
            raise ServerError(
                f"cannot reach {self._base}: {reason}; is that address right, and are you online?"
            ) from error
        shown = self._shown(text.decode("utf-8", errors="replace"))
        if status != 200:
            raise ServerError(f"Error : {shown or f'the server answered with status {status} and no text'}")
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            answer = None
        if len(text) > MAX_ANSWER or not isinstance(answer, dict):
            raise ServerError(f"{self._base} does not answer as the course's service does, is it right?\n{shown}")
        return answer

    def _shown(self, text: str) -> str:
        plain = "".join(character if character.isprintable() or character == "\n" else " " for character in text)
        return plain.replace(self._key, "(key)").strip()[:MAX_SHOWN]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves a redirection as the answer, which is then shown as an error."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _checked_server(server: str) -> str:
    try:
        url = urlsplit(server)
        host, _ = url.hostname or "", url.port
    except ValueError as error:
        raise UsageError(f"the server {server!r} is not a URL: {error}") from None
    if url.scheme not in ("https", "http") or not host or url.query or url.fragment or url.username or url.password:
        raise UsageError(f"the server must be given as https://host/, not {server!r}")
    if url.scheme == "http" and not _is_this_machine(host):
        raise UsageError(f"http would send your key in the clear: give the server as https://, not {server!r}")
    return server if server.endswith("/") else server + "/"


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
