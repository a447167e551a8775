"""`python -m mugrade`: what it sends, prints and exits with."""

import io
import os
import subprocess
import sys

import pytest
from mugrade.__main__ import main

KEY = "kq7-secret-key-9ZtX"
GOOD = "def submit_{0}():\n    mugrade.submit({1})\n"


@pytest.fixture
def submit(service, course, monkeypatch, capfd):
    """submit(*words) -> (exit status, what was printed), with key and server in the environment."""
    monkeypatch.setenv("MUGRADE_KEY", KEY)
    monkeypatch.setenv("MUGRADE_SERVER", service.url)

    def call(*words):
        status = main(["submit", *words])
        printed = "".join(capfd.readouterr())
        assert KEY not in printed
        assert all(KEY not in seen.target + seen.body.decode() for seen in service.requests)
        return status, printed

    return call


def test_every_problem_and_value_is_sent_in_order(service, course, submit):
    course.add("first", "def submit_a():\n    mugrade.submit(1)\n    mugrade.submit((np.float32(2), [3]))\n")
    course.add("second", GOOD.format("b", "np.arange(2)"))
    status, printed = submit("hw5")
    assert status == 0
    assert "2 of 2 problems right" in printed
    assert service.paths() == ["/submit", "/submit_test", "/submit_test", "/submit", "/submit_test"]
    assert [seen.query for seen in service.requests if seen.path == "/submit"] == [
        {"assignment": "hw5", "problem": "first"},
        {"assignment": "hw5", "problem": "second"},
    ]
    indices = [seen.query["test_case_index"] for seen in service.requests if seen.path == "/submit_test"]
    assert indices == ["0", "1", "0"]
    assert service.bodies() == [1, [2.0, [3]], {"_encoded_type": "np.ndarray", "data": [0, 1]}]


def test_k_picks_a_problem(service, course, submit):
    course.add("softmax_loss", GOOD.format("softmax_loss", 1))
    course.add("epoch", GOOD.format("epoch", 2))
    assert submit("hw5", "-k", "softmax")[0] == 0
    assert service.bodies() == [1]


def test_student_code_is_imported_by_the_homeworks_python_path(service, course, submit):
    (course.root / "hw5/src/mugrade_test_answer.py").write_text("def answer():\n    return 42\n")
    course.add("one", "from mugrade_test_answer import answer\n" + GOOD.format("one", "answer()"))
    assert submit("hw5")[0] == 0
    assert service.bodies() == [42]


def test_a_wrong_value_is_shown_and_fails(service, course, submit):
    course.add("one", "def submit_a():\n    mugrade.submit(1)\n    mugrade.submit(2)\n")
    usual = service.answer
    service.answer = lambda seen: (200, '{"correct": false}') if seen.body == b"2" else usual(seen)
    status, printed = submit("hw5")
    assert status == 1
    assert "submit_a, value 1 of 2: right" in printed
    assert "submit_a, value 2 of 2: wrong" in printed
    assert "0 of 1 problems right" in printed


@pytest.mark.parametrize(
    ("failure", "shown"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("raise NotImplementedError('hw5 broken: broken')", "NotImplementedError: hw5 broken: broken"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("mugrade.submit(object())", "cannot hand over a value of type builtins.object"),
    ],
)
def test_nothing_of_a_case_that_crashes_is_sent_and_others_go_on(service, course, submit, failure, shown):
    course.add("broken", f"def submit_broken():\n    mugrade.submit(1)\n    {failure}\n")
    course.add("sound", GOOD.format("sound", 2))
    status, printed = submit("hw5")
    assert status == 1
    assert service.bodies() == [2]
    assert [seen.query["problem"] for seen in service.requests if seen.path == "/submit"] == ["sound"]
    assert "submit_broken did not run to its end, so nothing of it was sent" in printed
    assert shown in printed
    assert "1 of 2 problems right" in printed


def test_a_traceback_shows_the_students_lines_and_not_ours(course, submit):
    course.add("broken", "def helper():\n    return [][1]\n\ndef submit_broken():\n    mugrade.submit(helper())\n")
    printed = submit("hw5")[1]
    assert "in helper" in printed
    assert "collect.py" not in printed


def test_a_file_that_cannot_be_imported_fails_alone(service, course, submit):
    course.add("broken", "def submit_broken(:\n")
    course.add("sound", GOOD.format("sound", 2))
    status, printed = submit("hw5")
    assert status == 1
    assert "test_broken.py cannot be imported" in printed
    assert "SyntaxError" in printed
    assert service.bodies() == [2]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("def submit_a():\n    pass\n", "submit_a handed over no value"),
        ("def test_a():\n    pass\n", "test_one.py has no submit_ function"),
    ],
)
def test_nothing_to_send_is_a_failure(service, course, submit, source, shown):
    course.add("one", source)
    status, printed = submit("hw5")
    assert status == 1
    assert shown in printed
    assert service.requests == []


def test_the_servers_refusal_is_shown(service, course, submit):
    course.add("one", GOOD.format("one", 1))
    service.answer = lambda seen: (401, "This key is not known.")
    status, printed = submit("hw5")
    assert status == 1
    assert "Error : This key is not known." in printed
    assert "Traceback" not in printed


def test_an_unknown_homework_is_a_usage_error(service, course, submit):
    course.add("one", GOOD.format("one", 1))
    for words in (("hw9",), (KEY, "homework5")):
        status, printed = submit(*words)
        assert status == 2
        assert "there is no homework" in printed
        assert "here now: hw5" in printed
    assert service.requests == []


def test_an_unknown_problem_is_a_usage_error(service, course, submit):
    course.add("one", GOOD.format("one", 1))
    status, printed = submit("hw5", "-k", "two")
    assert status == 2
    assert "its problems are: one" in printed
    assert service.requests == []


def test_the_key_may_be_in_the_command(service, course, submit, monkeypatch):
    monkeypatch.setenv("MUGRADE_KEY", "another")
    course.add("one", GOOD.format("one", 1))
    assert submit(KEY, "hw5", "-k", "one")[0] == 0
    assert service.requests[0].headers["Authorization"] == f"Bearer {KEY}"


def test_the_environment_stands_in_for_every_word(service, course, submit, monkeypatch, capfd):
    monkeypatch.setenv("MUGRADE_OP", "submit")
    monkeypatch.setenv("MUGRADE_HW", "hw5")
    course.add("one", GOOD.format("one", 1))
    assert main([]) == 0
    assert main(["submit", KEY, "-k", "one"]) == 0
    assert KEY not in "".join(capfd.readouterr())
    assert service.bodies() == [1, 1]


def test_the_option_goes_before_the_environments_server(service, course, submit, monkeypatch):
    monkeypatch.setenv("MUGRADE_SERVER", "https://nowhere.invalid/")
    course.add("one", GOOD.format("one", 1))
    assert submit("hw5", "--server", service.url)[0] == 0
    assert service.bodies() == [1]


@pytest.mark.parametrize(
    ("unset", "words", "message"),
    [
        ("MUGRADE_SERVER", ["submit", "hw5"], "export MUGRADE_SERVER="),
        ("MUGRADE_KEY", ["submit", "hw5"], "export MUGRADE_KEY="),
        (None, ["submit"], "which homework?"),
        (None, ["submit", KEY], "which homework?"),
        (None, [], "first word must be"),
        (None, [KEY, "hw5"], "first word must be"),
        (None, ["publish", KEY, "hw5"], "first word must be"),
        (None, ["submit", KEY, "hw5", "forward"], "here are 3 words"),
        (None, ["submit", "hw5", "--timeout", "0"], "more than 0 seconds, not 0"),
        (None, ["submit", "hw5", "-k", "a b"], "cannot be read"),
        (None, ["submit", "hw5", "--server", "http://course.example.edu/"], "in the clear"),
    ],
)
def test_usage_errors(service, course, submit, monkeypatch, capfd, unset, words, message):
    course.add("one", GOOD.format("one", 1))
    if unset:
        monkeypatch.delenv(unset)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(words) == 2
    printed = "".join(capfd.readouterr())
    assert message in printed
    assert KEY not in printed
    assert service.requests == []


def test_the_key_is_asked_for_where_someone_can_answer(service, course, submit, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.delenv("MUGRADE_KEY")
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: KEY)
    course.add("one", GOOD.format("one", 1))
    assert submit("hw5")[0] == 0
    assert service.requests[0].headers["Authorization"] == f"Bearer {KEY}"


def test_outside_of_a_course(submit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, printed = submit("hw5")
    assert status == 2
    assert "no course.toml" in printed


def test_as_a_process(service, course):
    """The whole command, as it is typed; the key is asked of nobody and shown to nobody."""
    course.add("one", GOOD.format("one", 1))
    environment = {**os.environ, "MUGRADE_SERVER": service.url}
    command = [sys.executable, "-m", "mugrade", "submit", KEY, "hw5", "-k", "one"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "submit_one, value 1 of 1: right" in done.stdout
    assert KEY not in done.stdout
    assert service.bodies() == [1]


def test_help_teaches(capfd):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    printed = capfd.readouterr().out
    for word in ("MUGRADE_SERVER", "MUGRADE_KEY", "submit hw0 -k softmax_loss", "exit status"):
        assert word in printed
