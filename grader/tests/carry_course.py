"""A course of two homeworks, the second of which builds on the first.

hw1  `needle.ops` (double, square, encode, decode), `needle.graph` (order), `needle.mixed` (first)
hw2  `needle.nn`, and one block (second) in the file `needle.mixed` of hw1
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from grader.authoring.manifest import Course
from grader.authoring.trees import Tree, reference_tree, with_bodies, write_tree

PACKAGE = "common/needle/python/needle"
OPS, GRAPH, MIXED, NN = (f"{PACKAGE}/{name}.py" for name in ("ops", "graph", "mixed", "nn"))
EARLIER = ("ops:double", "ops:square", "ops:encode", "ops:decode", "graph:order", "mixed:first")
LATER = ("nn:linear", "nn:shift", "nn:power", "nn:trip", "nn:alone", "mixed:second")
# Stands in every block of hw1's reference: where it is read, a solution was.
REFERENCE = "reference_of_hw1"


def _function(name: str, formula: str, *, mark: bool = False) -> str:
    marked = f"    {REFERENCE} = {formula}\n    return {REFERENCE}\n" if mark else f"    return {formula}\n"
    return f'\n\ndef {name}(x):\n    """{name} of x."""\n    ### BEGIN SOLUTION\n{marked}    ### END SOLUTION\n'


def _problem(key: str, points: int, *blocks: str) -> str:
    names = ", ".join(f'"needle.{block}"' for block in blocks)
    return f"""
[[problem]]
key = "{key}"
title = "The problem {key}"
points = {points}
blocks = [{names}]
limits = {{ wall = 10.0, cpu = 2.0, memory = "512MiB" }}
"""


def _cases(module: str, **cases: str) -> str:
    bodies = "".join(
        f'\n\ndef submit_{name}():\n    """{name} of random numbers"""\n    mugrade.submit({expression})\n'
        for name, expression in cases.items()
    )
    return f'"""Hidden cases."""\n\nimport mugrade\nimport numpy as np\nfrom needle import {module}\n{bodies}'


FILES = {
    "course.toml": """
name = "carried"
title = "A Course that Builds on Itself"
stages = ["hw1", "hw2"]
shared_files = ["/course.toml"]
excluded = ["**/__pycache__/**"]
""",
    "grader/hidden/CANARY": "carry-course-canary-0123456789\n",
    "hw1/assignment.toml": f"""
key = "hw1"
title = "Foundations"
points = 10
files = ["{PACKAGE}/__init__.py", "{OPS}", "{GRAPH}", "{MIXED}", "hw1/**/*"]
python_path = ["common/needle/python"]
{_problem("ops", 8, "ops:double", "ops:square", "ops:encode", "ops:decode")}
{_problem("graph", 2, "graph:order", "mixed:first")}
""",
    "hw2/assignment.toml": f"""
key = "hw2"
title = "What stands on them"
points = 20
files = ["{NN}", "hw2/**/*"]
python_path = ["common/needle/python"]
{_problem("linear", 10, "nn:linear", "nn:shift")}
{_problem("power", 4, "nn:power")}
{_problem("trip", 4, "nn:trip")}
{_problem("alone", 2, "nn:alone", "mixed:second")}
""",
    "hw1/notes.md": "Nothing to fill here.\n",
    "hw2/notes.md": "Nothing to fill here.\n",
    f"{PACKAGE}/__init__.py": '"""needle"""\n',
    OPS: '"""Four ops."""\n'
    + _function("double", "2.0 * x", mark=True)
    + _function("square", "x * x", mark=True)
    + _function("encode", "x + 1.0", mark=True)
    + _function("decode", "x - 1.0", mark=True),
    GRAPH: '"""A graph."""\n' + _function("order", "sorted(x)", mark=True),
    MIXED: '"""Of both homeworks."""\n' + _function("first", "x + 10.0", mark=True) + _function("second", "x + 20.0"),
    NN: '"""Layers."""\n\nfrom . import ops\n'
    + _function("linear", "ops.double(x) + 3.0")
    + _function("shift", "x + 3.0")
    + _function("power", "ops.square(ops.double(x))")
    + _function("trip", "ops.square(ops.decode(ops.encode(x)))")
    + _function("alone", "x + 5.0"),
    "grader/hidden/hw1/ops.py": _cases(
        "ops", **{name: f"ops.{name}(np.random.randn(3))" for name in ("double", "square", "encode", "decode")}
    ),
    "grader/hidden/hw1/graph.py": _cases("graph, mixed", order="[graph.order([3, 1]), mixed.first(1.0)]"),
    "grader/hidden/hw2/linear.py": _cases(
        "nn",
        linear="nn.linear(np.random.randn(3))",
        wide="nn.linear(np.random.randn(2, 3))",
        again="nn.linear(np.random.randn(5))",
        shift="nn.shift(np.random.randn(3))",
    ),
    "grader/hidden/hw2/power.py": _cases("nn", power="nn.power(np.random.randn(3))"),
    "grader/hidden/hw2/trip.py": _cases("nn", trip="nn.trip(np.random.randn(3))"),
    "grader/hidden/hw2/alone.py": _cases(
        "nn, mixed", alone="nn.alone(np.random.randn(3))", second="mixed.second(np.random.randn(3))"
    ),
}


def make_course(root: Path, policy: str | None = None) -> Course:
    """Write the course below `root` and load it. policy: its `carry_forward`, if not the default."""
    files = dict(FILES)
    if policy is not None:
        files["course.toml"] = files["course.toml"] + f'carry_forward = "{policy}"\n'
    write_tree({name: text.lstrip("\n").encode() for name, text in files.items()}, root)
    return Course.load(root)


def work(course: Course, **bodies: str) -> Tree:
    """A submission to hw2 with everything right, but for these bodies: `double="return x"`."""
    names = {name.split(":")[1]: f"needle.{name}" for name in (*EARLIER, *LATER)}
    solved = reference_tree(course, "hw2")
    return with_bodies(solved, {names[key]: textwrap.dedent(body) for key, body in bodies.items()})


def stub_of(name: str) -> str:
    """The body that a student finds in a block of hw1: `stub_of("double")`."""
    problem = "graph" if name in ("order", "first") else "ops"
    return f'raise NotImplementedError("hw1 {problem}: {name}")'


def replaced(tree: Tree, path: str, old: str, new: str) -> Tree:
    """The tree with some text of one file exchanged; it must be there."""
    text = tree[path].decode()
    assert old in text, old
    return {**tree, path: text.replace(old, new).encode()}
