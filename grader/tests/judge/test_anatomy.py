"""Students' files read by a child: it finds what the course's own reader would, and nothing can hurt the judge."""

from __future__ import annotations

import time

import pytest
from carry_course import FILES, OPS
from grader.authoring.bodies import essence
from grader.judge import anatomy as reading
from grader.judge.anatomy import anatomies, anatomy

PYTHON = FILES[OPS]
CPP = """
#include <cstddef>

float Scale(float x) {
    /// BEGIN SOLUTION
    return 3.0f * x;  // three times
    /// END SOLUTION
}
"""


def test_the_child_finds_what_the_judge_would():
    files = {OPS: PYTHON, "common/needle/src/scale.cc": CPP}
    found = anatomies(files)
    assert found == {path: anatomy(path, text) for path, text in files.items()}
    assert [block.label for block in found[OPS].blocks] == ["double", "square", "encode", "decode"]


@pytest.mark.parametrize(
    ("path", "one", "other", "same"),
    [
        ("x.py", "return a + b", "# why\nreturn (a +\n        b)", True),
        ("x.py", "    return a", "return a  # indented elsewhere", True),
        ("x.py", "return a + b", "return b + a", False),
        ("x.py", "return '# a'", "return '# b'", False),
        ("x.py", "return 'a'", 'return "a"', True),
        ("x.py", "", "# nothing yet", True),
        ("x.py", "return 'a\n b'", "return 'a\n b'  ", True),
        ("x.cc", "return a+b;", "/* why */ return a + b; // so", True),
        ("x.cc", 'f("// a");', 'f("// b");', False),
        ("x.cc", "return ab;", "return a b;", False),
    ],
)
def test_comments_and_layout_are_not_work(path, one, other, same):
    assert (essence(path, one) == essence(path, other)) is same


def test_what_stands_around_the_blocks_is_told_from_what_stands_in_them():
    plain = anatomy(OPS, PYTHON)
    body = anatomy(OPS, PYTHON.replace("2.0 * x", "3.0 * x"))
    helper = anatomy(OPS, PYTHON + "\n\ndef helper(x):\n    return x\n")
    comment = anatomy(OPS, "# mine\n" + PYTHON)
    assert body.rest == plain.rest == comment.rest != helper.rest
    differing = {name for name in plain.essences if plain.essences[name] != body.essences[name]}
    assert differing == {"needle.ops:double"}
    assert helper.essences == plain.essences


HARMFUL = {
    "nested": "x = " + "(" * 100_000,
    "a long sum": "x = " + "-" * 200_000 + "1\n",
    "deep": "x = " + "[" * 150 + "]" * 150 + "\n" + "-" * 5000 + "1\n",
    "no python": "def f(:\n",
    "a marker too few": PYTHON.replace("    ### END SOLUTION\n", "", 1),
    "nul": "x = 1\0\n",
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_file_costs_itself_and_no_other(name):
    found = anatomies({"a.py": HARMFUL[name], OPS: PYTHON, "z.py": "x = 1\n"})
    assert found.keys() >= {OPS, "z.py"}
    assert not found.get("a.py") or not found["a.py"].blocks


def test_a_file_that_takes_for_ever_is_given_up(monkeypatch):
    monkeypatch.setattr(reading, "_PATIENCE", 2.0)
    slow = "def f():\n" + "    ### BEGIN SOLUTION\n    x = 1\n    ### END SOLUTION\n" * 40_000
    began = time.monotonic()
    found = anatomies({"a.py": slow, OPS: PYTHON})
    assert found.keys() == {OPS}
    assert time.monotonic() - began < 10


def test_a_reader_that_does_not_start_is_a_fault_of_the_grader(monkeypatch):
    monkeypatch.setattr(reading, "_COMMAND", "import no_such_module")
    with pytest.raises(RuntimeError, match="no_such_module"):
        anatomies({OPS: PYTHON})
