"""A course made for judging: a homework with an easy victim and two bystanders, one with a library, one with C.

hw0     `double` lives in a file of its own, which attacks replace; `halve` and `total` in another
hw1     a library of one op, so that there is another homework to be mistaken for
native  an extension module in C++
"""

from __future__ import annotations

from pathlib import Path

from grader.authoring.manifest import Course
from grader.authoring.trees import Tree, reference_tree, write_tree

MARKER = "HIDDEN-CASE-MARKER-b07e51"
VICTIM = "hw0/src/victim.py"

_LIMITS = 'limits = { wall = 3.0, cpu = 1.0, memory = "256MiB", processes = 16, output = "4MiB" }'

FILES = {
    "course.toml": """
name = "judged"
title = "A Course to Judge"
stages = ["hw0", "hw1", "native"]
shared_files = ["/course.toml", "/README.md", "common/include/*"]
excluded = ["**/__pycache__/**"]
""",
    "README.md": "# A course\n",
    "grader/hidden/CANARY": MARKER + "\n",
    "hw0/assignment.toml": f"""
key = "hw0"
title = "Doubling and halving"
points = 10
files = ["hw0/**/*"]
python_path = ["hw0/src"]

[[problem]]
key = "double"
title = "Doubling"
points = 3
blocks = ["hw0/src/victim.py:double"]
{_LIMITS}

[[problem]]
key = "halve"
title = "Halving"
points = 3
blocks = ["hw0/src/bystander.py:halve"]

[[problem]]
key = "total"
title = "Summing"
points = 4
scoring = "all-or-nothing"
blocks = ["hw0/src/bystander.py:total"]
""",
    VICTIM: '''
"""Doubling."""


class LibraryError(Exception):
    """An error of the course's own."""


def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2.0 * x
    ### END SOLUTION
''',
    "hw0/src/bystander.py": '''
"""Halving and summing."""

import numpy as np


def halve(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2.0
    ### END SOLUTION


def total(x):
    """The sum of x."""
    ### BEGIN SOLUTION
    return np.sum(x)
    ### END SOLUTION
''',
    "hw0/tests/test_double.py": "from victim import double\n\n\ndef test_double():\n    assert double(1.0) == 2.0\n",
    "grader/hidden/hw0/double.py": f'''
"""Hidden cases of hw0 double: {MARKER}"""

import mugrade
import numpy as np
from victim import double

SECRET = "{MARKER}"


def submit_vector():
    """A vector and a matrix"""
    mugrade.submit(double(np.random.randn(5)))
    mugrade.submit(double(np.random.randn(2, 3)))


def submit_number():
    """A number"""
    mugrade.submit(double(float(np.random.randn())))
''',
    "grader/hidden/hw0/halve.py": '''
"""Hidden cases of hw0 halve."""

import mugrade
import numpy as np
from bystander import halve


def submit_vector():
    """A vector"""
    mugrade.submit(halve(np.random.randn(5)))
''',
    "grader/hidden/hw0/total.py": '''
"""Hidden cases of hw0 total."""

import mugrade
import numpy as np
from bystander import total


def submit_vector():
    """A vector"""
    mugrade.submit(total(np.random.randn(5)))
    mugrade.submit(total(np.ones(3)))
''',
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
blocks = ["needle.ops:square"]
""",
    "hw1/notes.md": "Nothing to fill here.\n",
    "common/needle/python/needle/__init__.py": '"""needle"""\n',
    "common/needle/python/needle/ops.py": '''
"""One op."""


def square(a):
    """a times a."""
    ### BEGIN SOLUTION
    return a * a
    ### END SOLUTION
''',
    "grader/hidden/hw1/square.py": '''
"""Hidden cases of hw1 square."""

import mugrade
import numpy as np
from needle.ops import square


def submit_square():
    """A square"""
    mugrade.submit(square(np.random.randn(3)))
''',
    "native/assignment.toml": """
key = "native"
title = "C++"
points = 4
files = ["native/**/*"]
python_path = ["native/src"]

[[build]]
key = "ext"
source = "native"
module = "answer"
output = "native/src"

[[problem]]
key = "scale"
title = "Scaling in C++"
points = 3
blocks = ["native/src/scale.cpp:scale"]
build = "ext"
limits = { wall = 20.0 }

[[problem]]
key = "plain"
title = "Beside it"
points = 1
blocks = ["native/src/plain.py:plain"]
""",
    "native/CMakeLists.txt": """
cmake_minimum_required(VERSION 3.18...4.0)
project(answer LANGUAGES CXX)
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module)
set(MODULE_OUTPUT_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/src" CACHE PATH "where the module is written")
Python_add_library(answer MODULE WITH_SOABI src/answer.cpp src/scale.cpp)
target_include_directories(answer PRIVATE ../common/include)
set_target_properties(answer PROPERTIES LIBRARY_OUTPUT_DIRECTORY "$<1:${MODULE_OUTPUT_DIRECTORY}>")
""",
    "native/src/answer.cpp": """
#include <Python.h>

#include "not_implemented.h"

double scale(double x);

static PyObject* py_scale(PyObject* self, PyObject* argument) {
    try {
        return PyFloat_FromDouble(scale(PyFloat_AsDouble(argument)));
    } catch (const needle::NotImplemented& error) {
        PyErr_SetString(PyExc_NotImplementedError, error.what());
        return nullptr;
    }
}

static PyMethodDef methods[] = {{"scale", py_scale, METH_O, "three times x"}, {nullptr, nullptr, 0, nullptr}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "answer", nullptr, -1, methods};

PyMODINIT_FUNC PyInit_answer(void) { return PyModule_Create(&module); }
""",
    "native/src/scale.cpp": """
#include "not_implemented.h"

double scale(double x) {
    /// BEGIN SOLUTION
    return 3.0 * x;
    /// END SOLUTION
}
""",
    "common/include/not_implemented.h": """
#pragma once
#include <stdexcept>
namespace needle {
struct NotImplemented : std::logic_error { using std::logic_error::logic_error; };
}
""",
    "native/src/plain.py": '''
"""Beside the C++."""


def plain():
    """One."""
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION
''',
    "grader/hidden/native/scale.py": '''
"""Hidden cases of native scale."""

import mugrade
import numpy as np
from answer import scale


def submit_scale():
    """A number"""
    mugrade.submit(scale(float(np.random.randn())))
''',
    "grader/hidden/native/plain.py": '''
"""Hidden cases of native plain."""

import mugrade
from plain import plain


def submit_plain():
    """One"""
    mugrade.submit(plain())
''',
}


def make_course(root: Path) -> Course:
    """Write the course below `root` and load it."""
    write_tree({name: text.lstrip("\n").encode() for name, text in FILES.items()}, root)
    return Course.load(root)


def solved(course: Course, stage_key: str, changes: dict[str, str] | None = None) -> Tree:
    """A submission with everything right, but for the files in `changes`."""
    return reference_tree(course, stage_key) | {path: text.encode() for path, text in (changes or {}).items()}


def hand_in(tree: Tree, folder: Path) -> Path:
    """Write a submission to a folder and return the folder."""
    folder.mkdir(parents=True)
    write_tree(tree, folder)
    return folder
