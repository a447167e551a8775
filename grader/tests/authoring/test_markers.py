"""Solution blocks: found where they are, never where they only seem to be, and never passed over when mistyped."""

from __future__ import annotations

import json

import pytest
from grader.authoring.markers import find_blocks, splice, strip
from grader.errors import CourseError

PYTHON = '''\
class Op:
    def compute(self, a):
        """Text that says ### BEGIN SOLUTION in a string."""
        ### BEGIN SOLUTION
        b = a
        return b
        ### END SOLUTION

    def gradient(self):
        if True:
            ### BEGIN YOUR SOLUTION
            pass
            ### END YOUR SOLUTION
        ### BEGIN CODE
        return 1
        ### END CODE
'''

CPP = """\
#include <vector>
// a comment with "quotes' that never close
const char* text = "/// BEGIN SOLUTION";
const char* raw = R"x(
/// BEGIN SOLUTION
)x";
template <typename T>
void Compact(const T& a, std::vector<int> shape, size_t offset = 1'000) {
  /// BEGIN SOLUTION
  for (;;) { call(a); }
  /// END SOLUTION
}

float Sum(const float* a, size_t n) {
  if (n == 0) {
    return 0;
  }
  /// BEGIN YOUR CODE
  return a[0];
  /// END YOUR CODE
}
"""


def notebook(*sources: str) -> str:
    cells = [
        {"cell_type": "code", "id": f"c{i}", "source": source, "outputs": [1], "execution_count": 3, "metadata": {}}
        for i, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_python_blocks_are_named_by_their_place_and_a_second_one_is_numbered():
    blocks = find_blocks("common/needle/python/needle/ops/basic.py", PYTHON)
    assert [block.name for block in blocks] == [
        "needle.ops.basic:Op.compute",
        "needle.ops.basic:Op.gradient",
        "needle.ops.basic:Op.gradient#2",
    ]
    assert (blocks[0].begin, blocks[0].end, blocks[0].indent) == (4, 7, " " * 8)
    assert blocks[0].body == "        b = a\n        return b"


def test_cpp_blocks_are_found_outside_strings_and_named_by_their_function():
    blocks = find_blocks("common/needle/src/ndarray_backend_cpu.cc", CPP)
    assert [block.name for block in blocks] == ["ndarray_backend_cpu.cc:Compact", "ndarray_backend_cpu.cc:Sum"]


def test_strip_replaces_bodies_and_keeps_everything_else():
    stripped = strip("hw1/a.py", PYTHON, lambda block: f'raise NotImplementedError("{block.label}")')
    kept = [line for line in PYTHON.splitlines() if line.strip() not in ("b = a", "return b", "pass", "return 1")]
    without_stubs = [line for line in stripped.splitlines() if "NotImplementedError" not in line]
    assert without_stubs == kept
    assert '            raise NotImplementedError("Op.gradient")\n' in stripped
    compile(stripped, "stripped", "exec")


def test_splicing_a_files_own_bodies_back_restores_it():
    for path, text in (("hw1/a.py", PYTHON), ("hw1/a.cc", CPP)):
        bodies = {block.name: block.body for block in find_blocks(path, text)}
        stripped = strip(path, text, lambda block: "stub")
        assert stripped != text
        assert splice(path, stripped, bodies) == text


def test_notebook_cells_are_stripped_by_the_same_code_and_lose_their_outputs():
    text = notebook("x = 1\n### BEGIN SOLUTION\ny = 2\n### END SOLUTION\n", "print(x)")
    assert [block.name for block in find_blocks("hw1/hw1.ipynb", text)] == ["hw1/hw1.ipynb:c0"]
    first, second = json.loads(strip("hw1/hw1.ipynb", text, lambda block: "raise NotImplementedError"))["cells"]
    assert "".join(first["source"]) == "x = 1\n### BEGIN SOLUTION\nraise NotImplementedError\n### END SOLUTION\n"
    assert first["outputs"] == []
    assert second["outputs"] == [1]


@pytest.mark.parametrize(
    "comment",
    [
        "## BEGIN SOLUTION",
        "###BEGIN SOLUTION",
        "### BEGIN SOLUTION:",
        "### Begin Solution",
        "### BEGIN SOLUTON",
        "#### END SOLUTION",
        "### BEGIN  SOLUTION",
        "# begin your solution",
        "### END SOLUTIONS",
    ],
)
def test_a_near_marker_is_an_error_with_file_and_line(comment):
    text = f"def f():\n    {comment}\n    pass\n"
    with pytest.raises(CourseError, match=r"^hw1/a\.py:2: .*nearly a marker"):
        find_blocks("hw1/a.py", text)


def test_a_near_marker_in_cpp_is_an_error():
    with pytest.raises(CourseError, match=r"^hw1/a\.cc:2: .*nearly a marker"):
        find_blocks("hw1/a.cc", "void f() {\n  // BEGIN SOLUTION\n}\n")


def test_prose_about_solutions_is_no_marker():
    assert find_blocks("hw1/a.py", "# Solutions begin where the code of the exercise ends.\n# the solution\n") == []


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (["def f():", "    ### BEGIN SOLUTION", "    pass"], 2, "never closed"),
        (["def f():", "    pass", "    ### END SOLUTION"], 3, "never began"),
        (
            ["def f():", "    ### BEGIN SOLUTION", "    ### BEGIN SOLUTION", "    pass", "    ### END SOLUTION"],
            2,
            "another begins on line 3",
        ),
        (["def f():", "    pass  ### BEGIN SOLUTION", "    ### END SOLUTION"], 2, "alone on its line"),
        (["### BEGIN SOLUTION", "x = 1", "### END SOLUTION"], 1, "inside a function"),
        (["def f(:", "    ### BEGIN SOLUTION", "    pass", "    ### END SOLUTION"], 1, "not valid Python"),
    ],
)
def test_malformed_blocks_are_errors_with_file_and_line(lines, line, said):
    with pytest.raises(CourseError, match=rf"^hw1/a\.py:{line}: .*{said}"):
        find_blocks("hw1/a.py", "\n".join(lines) + "\n")


def test_a_file_that_cannot_hold_blocks_must_not_hold_markers():
    with pytest.raises(CourseError, match=r"^hw0/CMakeLists\.txt:2: "):
        find_blocks("hw0/CMakeLists.txt", "project(x)\n### BEGIN SOLUTION\n")


def test_an_unclosed_comment_in_cpp_is_an_error():
    with pytest.raises(CourseError, match=r"^hw1/a\.cc:2: /\* is never closed"):
        find_blocks("hw1/a.cc", "int x;\n/* open\n")
