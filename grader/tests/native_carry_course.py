"""A course of two homeworks: the second computes with the C++ of the first, and with its Python.

hw1  `src/kernels.cc` (twice, thrice), `src/other.cc` (other, in a module that hw2 does not need), `needle.ops` (shift)
hw2  `needle.nn` in Python: double and triple run the C++, plain does not
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from grader.authoring.manifest import Course
from grader.authoring.trees import Tree, reference_tree, with_bodies, write_tree

PROJECT = "common/needle"
PACKAGE = f"{PROJECT}/python/needle"
KERNELS, OTHER, OPS, NN = (
    f"{PROJECT}/src/kernels.cc",
    f"{PROJECT}/src/other.cc",
    f"{PACKAGE}/ops.py",
    f"{PACKAGE}/nn.py",
)
_LIMITS = 'limits = { wall = 10.0, cpu = 1.5, memory = "512MiB" }'


def _build(key: str, module: str, source: str) -> str:
    return f"""
[[build]]
key = "{key}"
source = "{PROJECT}"
module = "{module}"
kernels = ["{source}"]
output = "{PROJECT}/python"
"""


def _problem(key: str, points: int, blocks: str, build: str = "") -> str:
    needs = f'build = "{build}"\n' if build else ""
    return f"""
[[problem]]
key = "{key}"
title = "The problem {key}"
points = {points}
blocks = [{blocks}]
{needs}{_LIMITS}
"""


def _kernel(name: str, formula: str) -> str:
    return f"""
double {name}(double x) {{
    /// BEGIN SOLUTION
    return {formula};
    /// END SOLUTION
}}
"""


def _module(name: str, *functions: str) -> str:
    wrappers = "".join(
        f"""
double {function}(double x);
static PyObject* py_{function}(PyObject*, PyObject* argument) {{
    try {{
        return PyFloat_FromDouble({function}(PyFloat_AsDouble(argument)));
    }} catch (const needle::NotImplemented& error) {{
        PyErr_SetString(PyExc_NotImplementedError, error.what());
        return nullptr;
    }}
}}
"""
        for function in functions
    )
    table = ", ".join(f'{{"{function}", py_{function}, METH_O, ""}}' for function in functions)
    return f"""
#include <Python.h>

#include "not_implemented.h"
{wrappers}
static PyMethodDef methods[] = {{{table}, {{nullptr, nullptr, 0, nullptr}}}};
static struct PyModuleDef module = {{PyModuleDef_HEAD_INIT, "{name}", nullptr, -1, methods}};
PyMODINIT_FUNC PyInit_{name}(void) {{ return PyModule_Create(&module); }}
"""


def _function(name: str, formula: str) -> str:
    return f"\n\ndef {name}(x):\n    ### BEGIN SOLUTION\n    return {formula}\n    ### END SOLUTION\n"


def _cases(imports: str, **cases: str) -> str:
    bodies = "".join(
        f'\n\ndef submit_{name}():\n    """{name} of a number"""\n    mugrade.submit({expression})\n'
        for name, expression in cases.items()
    )
    return f'"""Hidden cases."""\n\nimport mugrade\nimport numpy as np\n{imports}\n{bodies}'


_NUMBER = "float(np.random.randn())"
FILES = {
    "course.toml": """
name = "native"
title = "A Course that Builds on its C++"
stages = ["hw1", "hw2"]
shared_files = ["/course.toml", "common/include/*"]
excluded = ["**/__pycache__/**", "**/*.so"]
""",
    "grader/hidden/CANARY": "native-carry-course-canary-0123456789\n",
    "common/include/not_implemented.h": """
#pragma once
#include <stdexcept>
namespace needle {
struct NotImplemented : std::logic_error { using std::logic_error::logic_error; };
}
""",
    f"{PROJECT}/CMakeLists.txt": """
cmake_minimum_required(VERSION 3.18...4.0)
project(kernels LANGUAGES CXX)
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module)
set(MODULE_OUTPUT_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/python" CACHE PATH "where modules are written")
foreach(name kernels other)
  Python_add_library(native_${name} MODULE WITH_SOABI src/native_${name}.cc src/${name}.cc)
  target_include_directories(native_${name} PRIVATE ../include)
  set_target_properties(native_${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "$<1:${MODULE_OUTPUT_DIRECTORY}>")
endforeach()
""",
    f"{PROJECT}/src/native_kernels.cc": _module("native_kernels", "twice", "thrice"),
    f"{PROJECT}/src/native_other.cc": _module("native_other", "other"),
    KERNELS: '#include "not_implemented.h"\n' + _kernel("twice", "2.0 * x") + _kernel("thrice", "3.0 * x"),
    OTHER: '#include "not_implemented.h"\n' + _kernel("other", "x - 7.0"),
    f"{PACKAGE}/__init__.py": '"""needle"""\n',
    OPS: '"""One op."""\n' + _function("shift", "x + 1.0"),
    NN: '"""What stands on it."""\n\nfrom . import ops\n'
    + "\n\ndef native():\n    import native_kernels\n\n    return native_kernels\n"
    + _function("double", "ops.shift(native().twice(x))")
    + _function("triple", "native().thrice(native().twice(x))")
    + _function("plain", "ops.shift(x) + 5.0"),
    "hw1/assignment.toml": f"""
key = "hw1"
title = "Kernels"
points = 10
files = ["hw1/**/*", "{PROJECT}/CMakeLists.txt", "{PROJECT}/src/*", "{PACKAGE}/__init__.py", "{OPS}"]
python_path = ["{PROJECT}/python"]
{_build("kernels", "native_kernels", "kernels.cc")}
{_build("other", "native_other", "other.cc")}
{_problem("kernels", 6, '"kernels.cc:twice", "kernels.cc:thrice"', "kernels")}
{_problem("other", 2, '"other.cc:other"', "other")}
{_problem("ops", 2, '"needle.ops:shift"')}
""",
    "hw2/assignment.toml": f"""
key = "hw2"
title = "What stands on them"
points = 20
files = ["hw2/**/*", "{NN}"]
python_path = ["{PROJECT}/python"]
{_build("kernels", "native_kernels", "kernels.cc")}
environment = {{ NEEDLE_BACKEND = "native" }}
{_problem("double", 8, '"needle.nn:double"', "kernels")}
{_problem("triple", 8, '"needle.nn:triple"', "kernels")}
{_problem("plain", 4, '"needle.nn:plain"')}
""",
    "hw1/notes.md": "Nothing to fill here.\n",
    "hw2/notes.md": "Nothing to fill here.\n",
    "grader/hidden/hw1/kernels.py": _cases(
        "import native_kernels", twice=f"native_kernels.twice({_NUMBER})", thrice=f"native_kernels.thrice({_NUMBER})"
    ),
    "grader/hidden/hw1/other.py": _cases("import native_other", other=f"native_other.other({_NUMBER})"),
    "grader/hidden/hw1/ops.py": _cases("from needle import ops", shift=f"ops.shift({_NUMBER})"),
    "grader/hidden/hw2/double.py": _cases(
        "import os\n\nfrom needle import nn", double=f"(nn.double({_NUMBER}), os.environ['NEEDLE_BACKEND'])"
    ),
    "grader/hidden/hw2/triple.py": _cases("from needle import nn", triple=f"nn.triple({_NUMBER})"),
    "grader/hidden/hw2/plain.py": _cases("from needle import nn", plain=f"nn.plain({_NUMBER})"),
}
_NAMES = {
    **{name: f"kernels.cc:{name}" for name in ("twice", "thrice")},
    "other": "other.cc:other",
    "shift": "needle.ops:shift",
    **{name: f"needle.nn:{name}" for name in ("double", "triple", "plain")},
}


def make_course(root: Path) -> Course:
    """Write the course below `root` and load it."""
    write_tree({name: text.lstrip("\n").encode() for name, text in FILES.items()}, root)
    return Course.load(root)


def work(course: Course, stage: str = "hw2", **bodies: str) -> Tree:
    """A submission with everything right, but for these bodies: `twice="return x;"`."""
    solved = reference_tree(course, stage)
    return with_bodies(solved, {_NAMES[key]: textwrap.dedent(body) for key, body in bodies.items()})


def stub_of(name: str) -> str:
    """The body that a student finds in a block of hw1's C++."""
    problem = "other" if name == "other" else "kernels"
    return f'throw needle::NotImplemented("{name} (hw1 {problem})");'
