from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from grader.authoring.manifest import Course
from grader.authoring.public_tests import run_tests
from grader.authoring.status import status
from grader.report.status import print_status
from rich.console import Console


@pytest.fixture
def solved(tiny_root: Path) -> Course:
    (tiny_root / "conftest.py").write_text(
        "import pathlib, sys\n\nsys.path.insert(0, str(pathlib.Path(__file__).parent / 'hw0/src'))\n"
    )
    return Course.load(tiny_root)


def test_skips_are_counted_apart(solved):
    test = solved.root / "hw0/tests/test_total.py"
    test.write_text(test.read_text() + "\n\ndef test_later():\n    import pytest\n\n    pytest.skip('no data')\n")
    tests = run_tests(solved.root, "hw0/tests/test_total.py")
    assert (tests.passed, tests.failed, tests.skipped, tests.good) == (1, 0, 1, True)
    stream = io.StringIO()
    print_status(status(solved, "hw0"), Console(file=stream, width=80, color_system=None))
    assert "1/2 (1 skipped)" in stream.getvalue()


@pytest.mark.parametrize(
    ("test", "says"),
    [
        ("import no_such_module_anywhere\n", "No module named 'no_such_module_anywhere'"),
        ("def test_x(:\n    pass\n", "hw0/tests/test_total.py:1"),
        ("", "holds no tests"),
        ("import os\n\n\ndef test_x():\n    os.kill(os.getpid(), 9)\n", "SIGKILL"),
        ("import os\n\n\ndef test_x():\n    os._exit(0)\n", "status 0"),
        ("import pytest\n\n\ndef test_x():\n    pytest.exit('enough')\n", "status"),
    ],
    ids=["import", "syntax", "none", "killed", "exit", "stopped"],
)
def test_tests_that_do_not_run_are_trouble_not_zero_tests(solved, test, says):
    (solved.root / "hw0/tests/test_total.py").write_text(test)
    tests = run_tests(solved.root, "hw0/tests/test_total.py")
    assert says in (tests.trouble or "")
    assert not tests.good
    assert tests.passed == 0


def test_a_missing_test_file_is_trouble(solved):
    assert "is not there" in (run_tests(solved.root, "hw0/tests/test_none.py").trouble or "")


def test_an_endless_test_is_stopped_with_all_it_started(solved):
    note = solved.root / "pid"
    code = "import pathlib, subprocess, time\n\n\ndef test_x():\n    child = subprocess.Popen(['sleep', '600'])\n"
    code += f"    pathlib.Path({str(note)!r}).write_text(str(child.pid))\n    time.sleep(600)\n"
    (solved.root / "hw0/tests/test_total.py").write_text(code)
    started = time.monotonic()
    tests = run_tests(solved.root, "hw0/tests/test_total.py", timeout=5.0)
    assert "not done after 5 s" in (tests.trouble or "")
    assert "while test_x was running" in (tests.trouble or "")
    assert time.monotonic() - started < 60
    assert not _alive(int(note.read_text()))


def _alive(pid: int) -> bool:
    """Whether a process runs. A killed one may stay a moment as a zombie, until its new parent has reaped it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_users_pytest_options_do_not_stop_the_count(solved, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--maxfail=1 -k nothing_is_called_this")
    assert run_tests(solved.root, "hw0/tests/test_total.py").passed == 1
