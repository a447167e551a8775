"""`python -m mugrade submit KEY hw1 -k forward`: run a homework's cases here and send their values.

Exit status: 0 if every value was right, 1 if anything was not (a wrong value, a case that raised, a server that could
not be reached), 2 if the command could not be understood.
"""

from __future__ import annotations

import argparse
import getpass
import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .client import Client
from .collect import CaseFile, Homework, cases, find_root, run
from .errors import MugradeError, ServerError, UsageError

DESCRIPTION = """\
Run the submit_* cases of a homework on this machine and send the values they
compute to the course's service, which says of each whether it is right.

  export MUGRADE_SERVER=https://the.address.your.course.gave.you/
  export MUGRADE_KEY=the-key-from-your-account-there
  python -m mugrade submit hw0                    every problem
  python -m mugrade submit hw0 -k softmax_loss    one problem
  python -m mugrade submit hw0 -k "softmax and not cpp"

The key may stand in the command as well (submit KEY hw0), where others who are
logged in to this machine can see it; if it is nowhere, you are asked for it.
Nothing of a case is sent unless it runs to its end.
"""
EPILOG = """\
environment: MUGRADE_SERVER, MUGRADE_KEY, MUGRADE_HW and MUGRADE_OP stand in for
the server, the key, the homework and the word "submit" where those are left out.
exit status: 0 all values right; 1 something was not, or could not be sent; 2 usage.
"""


class Request(NamedTuple):
    """What the command line and the environment ask for."""

    homework: str
    key: str
    server: str
    pattern: str | None
    timeout: float


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    try:
        request = _parse(argv)
        client = Client(request.server, request.key, timeout=request.timeout)
        homework = Homework.load(find_root(Path.cwd()), request.homework)
        files = homework.problems(request.pattern)
        with homework.importable():
            outcomes = [_submit(client, homework.key, file) for file in files]
    except UsageError as error:
        print(f"mugrade: {error}", file=sys.stderr)
        return 2
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mugrade: interrupted; values already sent have been received", file=sys.stderr)
        return 1
    done = sum(outcomes)
    print(f"{homework.key}: {done} of {len(outcomes)} problems right")
    return 0 if done == len(outcomes) else 1


def _submit(client: Client, homework: str, file: CaseFile) -> bool:
    """Run and send every case of a problem; whether all went well. Raises ServerError, UsageError."""
    print(f"{homework} {file.problem}")
    try:
        functions = cases(file)
    except MugradeError:
        raise
    except (Exception, SystemExit) as error:
        return _failed(f"{file.path.name} cannot be imported", error)
    if not functions:
        return _failed(f"{file.path.name} has no submit_ function: restore it from the course's repository")
    fine = True
    for function in functions:
        name = function.__name__
        try:
            values = run(function)
        except (Exception, SystemExit) as error:
            fine = _failed(f"{name} did not run to its end, so nothing of it was sent", error)
            continue
        if not values:
            fine = _failed(f"{name} handed over no value")
            continue
        submission = client.begin(homework, file.problem)
        for index, value in enumerate(values):
            correct = client.test(submission, index, value)
            print(f"  {name}, value {index + 1} of {len(values)}: {'right' if correct else 'wrong'}", flush=True)
            fine &= correct
    return fine


def _failed(message: str, error: BaseException | None = None) -> bool:
    """Say what failed and, for an exception, where in the student's own code. Returns False."""
    print(f"  {message}", file=sys.stderr)
    if isinstance(error, NotImplementedError | MugradeError):
        print(f"    {type(error).__name__}: {error}", file=sys.stderr)
    elif error is not None:
        own = Path(__file__).parent
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent != own]
        frames = [frame for frame in frames if "importlib" not in frame.filename]
        lines = traceback.format_list(frames) + traceback.format_exception_only(error)
        print("".join(lines), end="", file=sys.stderr)
    return False


def _parse(argv: Sequence[str] | None) -> Request:
    """Raises UsageError: if something is named neither in the command nor in the environment."""
    parser = argparse.ArgumentParser(
        prog="python -m mugrade",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="submit [KEY] HOMEWORK", help="as in: submit hw1")
    parser.add_argument(
        "-k", dest="pattern", metavar="PROBLEM", help="a problem's name, or parts of it with and, or, not"
    )
    parser.add_argument("--server", metavar="URL", help="the course's service; default: MUGRADE_SERVER")
    parser.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS", help="for each request; default: 30")
    options = parser.parse_intermixed_args(argv)
    if options.timeout <= 0:
        raise UsageError(f"--timeout must be more than 0 seconds, not {options.timeout:g}")
    words = list(options.words)
    operation = words.pop(0) if words else os.environ.get("MUGRADE_OP", "")
    if operation != "submit":
        # The word is not repeated: it may be the key.
        raise UsageError('the first word must be "submit", as in: python -m mugrade submit hw1 (--help says more)')
    key, homework = _key_and_homework(words)
    server = options.server or os.environ.get("MUGRADE_SERVER")
    if not server:
        raise UsageError("no server is set: export MUGRADE_SERVER=https://... as your course says, or use --server")
    return Request(homework, key or _find_key(), server, options.pattern, options.timeout)


def _key_and_homework(words: list[str]) -> tuple[str | None, str]:
    """The key, if the command holds it, and the homework: `KEY hw1`, `hw1`, or `KEY` with MUGRADE_HW."""
    if len(words) > 2:
        raise UsageError(f"at most a key and a homework follow the word submit, but here are {len(words)} words")
    named = os.environ.get("MUGRADE_HW")
    if len(words) == 2:
        return words[0], words[1]
    if len(words) == 1 and re.fullmatch(r"hw\d+", words[0]):
        return None, words[0]
    if named is None:
        raise UsageError("which homework? Name it after the key, as in: python -m mugrade submit KEY hw1")
    return (words[0] if words else None), named


def _find_key() -> str:
    key = os.environ.get("MUGRADE_KEY")
    if key is None and sys.stdin.isatty():
        key = getpass.getpass("key (not shown): ")
    if not key:
        raise UsageError("no key is set: export MUGRADE_KEY=... from your account at the course's service")
    return key.strip()


if __name__ == "__main__":
    sys.exit(main())
