"""The requests on the wire, and every way in which a server can disappoint."""

import json
import socket

import numpy as np
import pytest
from mugrade import client as client_module
from mugrade.client import Client
from mugrade.encoding import encode
from mugrade.errors import ServerError, UsageError

KEY = "kq7-secret-key-9ZtX"


def test_the_two_requests(service):
    client = Client(service.url, KEY)
    number = client.begin("hw1", "forward")
    assert number == 41
    assert client.test(number, 0, encode(np.array([1.5, np.nan]))) is True
    first, second = service.requests
    assert (first.method, first.path, first.body) == ("POST", "/submit", b"")
    assert first.query == {"assignment": "hw1", "problem": "forward"}
    assert (second.method, second.path) == ("POST", "/submit_test")
    assert second.query == {"submission_id": "41", "test_case_index": "0"}
    assert second.headers["Content-Type"] == "application/json"
    assert second.body == b'{"_encoded_type":"np.ndarray","data":[1.5,NaN]}'


def test_the_key_is_in_a_header_and_nowhere_else(service):
    client = Client(service.url, KEY)
    client.test(client.begin("hw1", "forward"), 0, 1)
    for seen in service.requests:
        assert seen.headers.pop("Authorization") == f"Bearer {KEY}"
        assert KEY not in seen.target + str(seen.headers) + seen.body.decode()
    assert KEY not in repr(client)


def test_a_server_below_a_path(service):
    Client(service.url + "api", KEY).begin("hw1", "forward")
    assert service.paths() == ["/api/submit"]


def test_a_wrong_value(service):
    service.answer = lambda seen: (200, '{"correct": false}')
    assert Client(service.url, KEY).test(41, 3, 1.0) is False


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500, 503, 201])
def test_any_other_status_shows_the_servers_text(service, status):
    service.answer = lambda seen: (status, "The deadline has passed.")
    with pytest.raises(ServerError, match=r"^Error : The deadline has passed\.$"):
        Client(service.url, KEY).begin("hw1", "forward")


def test_an_error_without_text_names_the_status(service):
    service.answer = lambda seen: (500, "")
    with pytest.raises(ServerError, match=r"^Error : .*status 500"):
        Client(service.url, KEY).begin("hw1", "forward")


def test_a_servers_text_cannot_drive_the_terminal_or_show_the_key(service):
    service.answer = lambda seen: (400, f"\x1b[2Jno\x07 such key {KEY}\nsecond line" + "x" * 10_000)
    with pytest.raises(ServerError) as caught:
        Client(service.url, KEY).begin("hw1", "forward")
    text = str(caught.value)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert KEY not in text
    assert "no  such key (key)\nsecond line" in text
    assert len(text) < 2100


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirections_are_not_followed(service, status):
    service.answer = lambda seen: (status, "moved")
    with pytest.raises(ServerError, match=r"^Error : moved"):
        Client(service.url, KEY).begin("hw1", "forward")
    assert service.paths() == ["/submit"]


@pytest.mark.parametrize("text", ["", "<html>", "[1]", "null", "[" * 30_000, "{}" + " " * 70_000, '{"correct": true}'])
def test_an_answer_that_is_not_the_services(service, text):
    service.answer = lambda seen: (200, text)
    with pytest.raises(ServerError, match=r"does not answer as the course's service does|no submission_id"):
        Client(service.url, KEY).begin("hw1", "forward")


@pytest.mark.parametrize("correct", [1, "true", None, [True]])
def test_correct_must_be_true_or_false(service, correct):
    service.answer = lambda seen: (200, json.dumps({"correct": correct}))
    with pytest.raises(ServerError, match="no true or false"):
        Client(service.url, KEY).test(41, 0, 1)


@pytest.mark.parametrize("number", [True, None, 1.5, {}])
def test_a_submission_id_is_a_number_or_text(service, number):
    service.answer = lambda seen: (200, json.dumps({"submission_id": number}))
    with pytest.raises(ServerError, match="no submission_id"):
        Client(service.url, KEY).begin("hw1", "forward")


def test_a_value_that_is_too_large_is_not_sent(service, monkeypatch):
    monkeypatch.setattr(client_module, "MAX_BODY", 100)
    client = Client(service.url, KEY)
    assert client.test(41, 0, "x" * 98) is True
    with pytest.raises(ServerError, match="value 2 takes 101 bytes, and 100 are the most"):
        client.test(41, 1, "x" * 99)
    assert len(service.requests) == 1


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(ServerError, match=f"cannot reach {address}"):
            Client(address, KEY).begin("hw1", "forward")


def test_a_silent_server_is_given_up():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(ServerError, match="timed out"):
            Client(address, KEY, timeout=0.1).begin("hw1", "forward")


@pytest.mark.parametrize(
    ("server", "message"),
    [
        ("", "must be given as https://host/"),
        ("course.example.edu", "must be given as https://host/"),
        ("ftp://course.example.edu/", "must be given as https://host/"),
        ("file:///etc/passwd", "must be given as https://host/"),
        ("https://user:word@course.example.edu/", "must be given as https://host/"),
        ("https://course.example.edu/?a=b", "must be given as https://host/"),
        ("https://course.example.edu:port/", "not a URL"),
        ("http://course.example.edu/", "in the clear"),
        ("http://127.0.0.1.example.edu/", "in the clear"),
        ("http://10.0.0.1/", "in the clear"),
    ],
)
def test_servers_that_are_refused(server, message):
    with pytest.raises(UsageError, match=message):
        Client(server, KEY)


@pytest.mark.parametrize("server", ["https://course.example.edu", "http://localhost:8000", "http://[::1]:8000/"])
def test_servers_that_are_taken(server):
    assert Client(server, KEY)._base == server.rstrip("/") + "/"


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "line\rX-Header: 1", "schlüssel"])
def test_keys_that_could_not_stand_in_a_header(key):
    with pytest.raises(UsageError, match="printable ASCII") as caught:
        Client("https://course.example.edu/", key)
    assert not key or key not in str(caught.value)
