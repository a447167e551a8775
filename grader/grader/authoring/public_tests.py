"""The public tests of one problem, run by pytest and counted.

They run in a process of their own, so a crash, an endless loop or an import that fails costs one problem, and is shown
as what it is: never as zero tests.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 60.0  # seconds for all public tests of one problem together

_DONE = re.compile(r" (?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b")


@dataclass(frozen=True)
class TestsStatus:
    """The outcome of one problem's public tests.

    first_failed: the first test that failed, if possible one that did not end at an empty block. only_stubs: whether
    every failure was a NotImplementedError; stub: what that of `first_failed` said. trouble: why there are no counts,
    or too few. unbuilt: whether the trouble is that the C++ they test is not built.
    """

    __test__ = False  # not a test class, whatever its name

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    first_failed: str | None = None
    only_stubs: bool = False
    stub: str | None = None
    trouble: str | None = None
    unbuilt: bool = False

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped

    @property
    def good(self) -> bool:
        return self.trouble is None and self.failed == 0 and self.passed > 0


def run_tests(root: Path, test_file: str, timeout: float = TIMEOUT) -> TestsStatus:
    """Run one file of public tests by pytest, in a process group of its own, from the course's root."""
    if not (root / test_file).is_file():
        return TestsStatus(trouble=f"{test_file} is not there")
    with tempfile.TemporaryDirectory(prefix="status-") as folder:
        xml = Path(folder) / "results.xml"
        # No cache, so that `pytest --lf` keeps meaning the student's own last run; no user's options, which could
        # stop it early.
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-v",  # names each test before it runs
            "--tb=line",
            "-p",
            "no:cacheprovider",
            f"--junitxml={xml}",
            test_file,
        ]
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
        process = subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as expired:
            return TestsStatus(
                trouble=f"not done after {timeout:g} s for the whole file, so stopped{_running(expired.output)}; "
                "look for an endless loop"
            )
        finally:
            _end(process)
        return _outcome(process.returncode, output, xml, root)


def _running(output: str | bytes | None) -> str:
    """Which test pytest had begun when it was stopped: its name is the last line, and no outcome follows it."""
    text = output.decode("utf-8", "replace") if isinstance(output, bytes) else output or ""
    begun = re.search(r"::(\S+(?: \S+)*)\s*\Z", text)
    return f" while {begun[1]} was running" if begun and not _DONE.search(begun[1]) else ""


def _end(process: subprocess.Popen[str]) -> None:
    """Kill the whole group: tests may have left processes behind, and an interrupt must not leave any."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nobody of the group is left
        return
    finally:
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _outcome(code: int, output: str, xml: Path, root: Path) -> TestsStatus:
    if code < 0:
        return TestsStatus(trouble=f"Python itself was killed by {_signal_name(-code)} while the tests ran")
    try:
        # A test cut short by `pytest.exit` leaves an entry without a name.
        cases = [case for case in ElementTree.parse(xml).getroot().iter("testcase") if case.get("name")]
    except (OSError, ElementTree.ParseError):
        return TestsStatus(trouble=f"pytest stopped with status {code}: {_last_line(output)}")
    collection = [
        error for case in cases for error in case.findall("error") if error.get("message") == "collection failure"
    ]
    if collection:
        return TestsStatus(trouble=f"the tests could not be loaded: {_reason(collection[0].text or '', root)}")
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    own = [case for case in failed if not _met_a_stub(case)]
    skipped = sum(case.find("skipped") is not None for case in cases)
    trouble = None
    if not cases:
        trouble = "it holds no tests" if code == 5 else f"pytest stopped with status {code}: {_last_line(output)}"
    elif code not in (0, 1):
        trouble = f"pytest stopped early, with status {code}: {_last_line(output)}"
    return TestsStatus(
        passed=len(cases) - len(failed) - skipped,
        failed=len(failed),
        skipped=skipped,
        first_failed=(own or failed)[0].get("name") if failed else None,
        only_stubs=bool(failed) and not own,
        stub=_reasons(failed[0])[0].partition(": ")[2] if failed and not own else None,
        trouble=trouble,
    )


def _met_a_stub(case: ElementTree.Element) -> bool:
    """Whether a test failed because it came to a block that nobody has written."""
    return all(reason.startswith("NotImplementedError") for reason in _reasons(case))


def _reasons(case: ElementTree.Element) -> list[str]:
    return [reason.get("message") or "" for reason in [*case.findall("failure"), *case.findall("error")]]


def _reason(text: str, root: Path) -> str:
    """What a traceback says happened, and where: pytest marks those lines with E, a syntax error's place among them."""
    marked = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    message = marked[-1] if marked else _last_line(text)
    for line in marked:
        place = re.match(r'File "([^"]+)", line (\d+)', line)
        if place:
            file = Path(place[1])
            shown = file.relative_to(root) if file.is_relative_to(root) else file
            return f"{shown}:{place[2]}: {message}"
    return message


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].strip("= ")[:300] if lines else "it printed nothing"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
