"""A course of two tiny homeworks, written to a temporary folder, for tests of authoring, judging and the command."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from grader.authoring.manifest import Course

CANARY = "tiny-course-canary-0123456789-do-not-distribute"

FILES = {
    "course.toml": """
name = "tiny"
title = "A Tiny Course"
stages = ["hw0", "hw1", "hw2"]
shared_files = ["/course.toml"]
excluded = ["**/__pycache__/**"]

[renamed]
"README.md" = "docs/student.md"
""",
    "docs/student.md": "# Welcome\n",
    "README.md": "# For instructors\n",
    "grader/hidden/CANARY": CANARY + "\n",
    "hw0/assignment.toml": """
key = "hw0"
title = "Sums"
points = 10
files = ["hw0/**/*"]
python_path = ["hw0/src"]

[[problem]]
key = "total"
title = "A total"
points = 4
blocks = ["hw0/src/sums.py:total"]
limits = { wall = 5.0, cpu = 3.0 }

[[problem]]
key = "mean"
title = "A mean"
points = 6
blocks = ["hw0/src/sums.py:mean"]
limits = { wall = 5.0, cpu = 3.0 }
""",
    "hw0/src/sums.py": '''
"""Sums of vectors."""

import numpy as np


def total(x):
    """The sum of x."""
    ### BEGIN SOLUTION
    accumulated = np.sum(x)
    return accumulated
    ### END SOLUTION


def mean(x):
    """The mean of x, which is not empty."""
    ### BEGIN SOLUTION
    return total(x) / len(x)
    ### END SOLUTION
''',
    "hw0/tests/conftest.py": """
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
""",
    "hw0/tests/test_total.py": """
import mugrade
from sums import total


def test_total_of_three():
    assert total([1.0, 2.0, 4.0]) == 7.0


def submit_total():
    mugrade.submit(total([1.0, 2.0]))
""",
    "hw0/tests/test_mean.py": """
import mugrade
from sums import mean


def test_mean_of_two():
    assert mean([1.0, 2.0]) == 1.5


def submit_mean():
    mugrade.submit(mean([1.0, 2.0]))
""",
    "grader/hidden/hw0/total.py": f'''
"""Hidden cases of hw0 total."""
# {CANARY}

import mugrade
import numpy as np
from sums import total


def submit_total_of_vector():
    """total of a vector"""
    mugrade.submit(total(np.random.randn(5)))
    mugrade.submit(total(np.random.randn(7)))


def submit_total_of_one():
    """total of a single number"""
    mugrade.submit(total(np.random.randn(1)))
''',
    "grader/hidden/hw0/mean.py": f'''
"""Hidden cases of hw0 mean."""
# {CANARY}

import mugrade
import numpy as np
from sums import mean


def submit_mean_of_vector():
    """mean of a vector"""
    mugrade.submit(mean(np.random.randn(6)))
''',
    "grader/hidden/hw0/mutants/mean_of_total.py": f"""# block: hw0/src/sums.py:mean
# error: forgets to divide
# {CANARY}
return np.sum(x)
""",
    "hw1/assignment.toml": """
key = "hw1"
title = "Squares"
points = 5
files = ["hw1/**/*", "common/needle/python/needle/**/*.py"]
python_path = ["common/needle/python"]

[[problem]]
key = "square"
title = "A square"
points = 5
scoring = "all-or-nothing"
blocks = ["needle.ops:Square.compute", "needle.ops:Square.gradient"]
""",
    "hw1/tests/conftest.py": """
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "common/needle/python"))
""",
    "hw1/tests/test_square.py": """
import mugrade
from needle.ops import Square


def test_square():
    assert Square().compute(3.0) == 9.0


def submit_square():
    mugrade.submit(Square().compute(2.0))
""",
    "common/needle/python/needle/__init__.py": '"""needle"""\n',
    "common/needle/python/needle/ops.py": '''
"""One op."""


class Square:
    def compute(self, a):
        ### BEGIN SOLUTION
        return a * a * 1.0
        ### END SOLUTION

    def gradient(self, out_grad, a):
        ### BEGIN SOLUTION
        return 2.0 * a * out_grad
        ### END SOLUTION
''',
    "grader/hidden/hw1/square.py": f'''
"""Hidden cases of hw1 square."""
# {CANARY}

import mugrade
import numpy as np
from needle.ops import Square


def submit_square():
    """the square and its gradient"""
    mugrade.submit(Square().compute(np.random.randn(3)))
    mugrade.submit(Square().gradient(np.random.randn(3), np.random.randn(3)))
''',
}


def write_files(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")


@pytest.fixture
def tiny_root(tmp_path: Path) -> Path:
    """The folder of the tiny course: two homeworks (`hw0`, `hw1`), a third announced, no git."""
    root = tmp_path / "course"
    write_files(root, FILES)
    return root


@pytest.fixture
def tiny_course(tiny_root: Path) -> Course:
    return Course.load(tiny_root)


@pytest.fixture
def git():
    """Run git in a folder as some student, and return what it printed."""

    def run(folder: Path, *arguments: str) -> str:
        identity = ["-c", "user.name=A Student", "-c", "user.email=student@example.org"]
        done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    return run
