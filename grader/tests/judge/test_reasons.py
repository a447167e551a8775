"""Which of Python's messages a report repeats: those that Python itself gives here, and nothing that was made up."""

from __future__ import annotations

import pytest
from grader.judge.protocol import Raised
from grader.judge.reasons import reason

BROKEN = [
    "x = (1\n",
    "x = [1)\n",
    "x = 1)\n",
    "x = 'abc\n",
    'x = """abc\n',
    "def f()\n    pass\n",
    "def f():\npass\n",
    "if True:\nx = 1\n",
    "x = 1\n  y = 2\n",
    "def f():\n    x = 1\n  y = 2\n",
    "if True:\n\tx = 1\n        y = 2\n",
    "return 1\n",
    "break\n",
    "continue\n",
    "x = 1 +\n",
    "f(1 2)\n",
    "if x = 1: pass\n",
    "f() = 1\n",
    "1 = x\n",
    "x + 1 = 2\n",
    "x = 012\n",
    "x = 1abc\n",
    "print 'x'\n",
    "x = a \\ b\n",
    "f(a=1, 2)\n",
    "f(a=1, a=2)\n",
    "def f(a, a): pass\n",
    "def f(a=1, b): pass\n",
    "x = “quoted”\n",
    "x =\u00a01\n",
    "try:\n    x = 1\nx = 2\n",
    "import nothing_of_the_kind.inner\n",
    "from nothing_of_the_kind import name\n",
    "x = undefined_name + 1\n",
]


def raised(source: str) -> tuple[Raised, int]:
    """What the box would send about a file."""
    try:
        exec(compile(source, "student.py", "exec"), {})
    except SyntaxError as error:
        line = error.lineno or 1
        return Raised("builtins", type(error).__name__, "SyntaxError", str(error), ()), line
    except Exception as error:
        return Raised(
            "builtins", type(error).__name__, "Exception", str(error), ()
        ), error.__traceback__.tb_next.tb_lineno
    raise AssertionError("the file is right")


@pytest.mark.parametrize("source", BROKEN)
def test_pythons_own_messages_pass(source):
    error, line = raised(source)
    words = reason(error, source.splitlines(), line)
    assert words is not None, error.message
    assert error.message.startswith(words)


def made_up(message: str, kind: str = "SyntaxError", module: str = "builtins", line: int = 1) -> str | None:
    return reason(Raised(module, kind, "Exception", message, ()), ["import scipy.special, secrets  # (", "x = 1"], line)


def test_names_must_stand_in_the_named_line():
    missing = "No module named '{}'"
    assert made_up(missing.format("scipy"), "ModuleNotFoundError") == "No module named 'scipy'"
    assert made_up(missing.format("scipy.special"), "ModuleNotFoundError") is not None
    for name in ("scip", "cipy", "special", "x", "hunter2", "a" * 41, "scipy..special", "1"):
        assert made_up(missing.format(name), "ModuleNotFoundError") is None
    assert made_up(missing.format("scipy"), "ModuleNotFoundError", line=2) is None
    assert made_up(missing.format("scipy"), "ModuleNotFoundError", line=99) is None


@pytest.mark.parametrize(
    "message",
    [
        "secret",
        "invalid syntax secret",
        "invalid syntax\nsecret",
        "invalid syntax (secret\n, line 3)",
        "'secret' was never closed",
        "cannot assign to secret",
        "cannot assign to secret here. Maybe you meant '==' instead of '='?",
        "unterminated string literal (detected at line 3)",
        "unterminated string literal (detected at line 0)",
        "unterminated string literal (detected at line 99999999999)",
        "expected an indented block after function definition on line 12345",
        "expected an indented block after 'secret' statement on line 1",
        "invalid character 'Z' (U+005A)",
        "invalid non-printable character U+110000",
        "keyword argument repeated: secret",
        "name 'secret' is not defined",
    ],
)
def test_what_was_made_up_does_not_pass(message):
    assert made_up(message) is None


def test_other_types_do_not_pass():
    assert made_up("invalid syntax", "ValueError") is None
    assert made_up("invalid syntax", module="victim") is None
    assert made_up("invalid syntax") == "invalid syntax"
