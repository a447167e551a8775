"""What sanitizers report, said in a sentence: reports of real programs, made by this machine's compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from grader.authoring.sanitized import account
from grader.sanitizers import Place, bare_name, first_finding

ROOT = Path(__file__).parents[2]
COMPILER = shutil.which("c++") or ""
WATCH = ["-fsanitize=address,undefined", "-fno-sanitize=object-size", "-fno-sanitize-recover=undefined", "-g1", "-O1"]

PROGRAM = """
#include <cstdlib>
#include <cstring>
#include <vector>

struct Watched {
  template <typename T>
  static void write(volatile T* place) { *place = T(1); }  // writes
};
static int read(const volatile int* place) { return *place; }  // reads
static volatile int zero = 0;
static volatile int numbers[4];
static int deep(int n) { volatile char room[1000] = {}; return n == -1 ? room[0] : deep(n + 1) + room[5]; }  // recurses

int main(int count, char** arguments) {
  const int fault = atoi(arguments[1]);
  volatile int* heap = new int[8];
  volatile int local[4] = {};
  if (fault == 0) Watched::write<int>(heap + 8);
  if (fault == 1) read(heap - 1);
  if (fault == 2) { delete[] heap; read(heap); }
  if (fault == 3) { delete[] heap; delete[] heap; }  // frees twice
  if (fault == 4) read(local + 4 + zero);
  if (fault == 5) Watched::write<double>(reinterpret_cast<double*>(8 * count - 8));
  if (fault == 6) return 2147483647 - zero + count;  // overflows
  if (fault == 7) return count / zero;  // divides
  if (fault == 8) return numbers[4 + zero];  // indexes
  if (fault == 9) return count << (40 + zero);  // shifts
  if (fault == 10) return deep(zero);
  if (fault == 11) return *static_cast<int*>(memset(const_cast<int*>(heap), 0, 4 * (9 + zero)));  // sets
  if (fault == 12) abort();  // aborts
  delete[] heap;
  return 0;
}
"""
# What each fault is called, where it is, in which function.
FAULTS = [
    ("writes 4 bytes beyond the end of an array", "// writes", "write"),
    ("reads 4 bytes before the beginning of an array", "// reads", "read"),
    ("reads 4 bytes of memory that was freed before", "// reads", "read"),
    ("frees memory that was freed before", "// frees", "main"),
    ("reads 4 bytes beyond the end of a local array", "// reads", "read"),
    ("writes through a null pointer", "// writes", "write"),
    ("signed integer overflow", "// overflows", "main"),
    ("an integer is divided by zero", "// divides", "main"),
    ("an index out of the array's bounds", "// indexes", "main"),
    ("a shift by a negative number of bits, or by more bits than the number has", "// shifts", "main"),
    ("runs out of stack: a recursion without an end, or a local array that is too large", "// recurses", "deep"),
    ("writes 36 bytes beyond the end of an array", "// sets", "main"),
    ("is ended by abort()", "// aborts", "main"),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a folder with blanks")
    (folder / "faults.cc").write_text(PROGRAM)
    command = [COMPILER, *WATCH, str(folder / "faults.cc"), "-o", str(folder / "faults")]
    built = subprocess.run(command, capture_output=True, text=True) if COMPILER else None
    if built is None or "-lasan" in built.stderr or "libasan" in built.stderr or "libclang_rt" in built.stderr:
        pytest.skip("no sanitizers here: no C++ compiler with their libraries")
    assert built.returncode == 0, built.stderr
    return folder / "faults"


def reported(program: Path, fault: int) -> str:
    options = {"ASAN_OPTIONS": "handle_abort=1:detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
    run = subprocess.run([program, str(fault)], capture_output=True, text=True, env=os.environ | options)
    assert (run.returncode == 0) == (run.stderr == ""), run.stderr
    return run.stderr


@pytest.mark.parametrize("fault", range(len(FAULTS)), ids=[what for what, _, _ in FAULTS])
def test_each_fault_is_named_with_its_place(program, fault):
    found = first_finding(reported(program, fault))
    what, comment, function = FAULTS[fault]
    assert found is not None
    assert found.what == what
    source = program.with_suffix(".cc")
    own = next(place for place in found.places if place.file == str(source))
    assert comment in source.read_text().splitlines()[own.line - 1]
    assert own.function == function


def test_a_program_without_a_fault_has_no_report(program):
    assert first_finding(reported(program, len(FAULTS))) is None


HEAP = """==9==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x61500000ee60 at pc 0x7f32 bp 0x7fff sp 0x7fff
WRITE of size 4 at 0x61500000ee60 thread T0
    #0 0x7f32d58e6b0e in needle::cpu::Compact(needle::cpu::AlignedArray const&, unsigned long) /a b/kernels.cc:54
    #1 0x7f32d5980657 in void cpu::Native<X>::f<void (*)(X const&)>()::{{lambda()#1}}::operator()() const /a b/m.h:246:9

0x61500000ee60 is located 0 bytes {where} 96-byte region [0x61500000ee00,0x61500000ee60)
"""


@pytest.mark.parametrize("where", ["to the right of", "after"], ids=["GCC 12", "GCC 13 and Clang"])
def test_the_wordings_of_compilers_mean_the_same(where):
    found = first_finding("noise\n" + HEAP.format(where=where))
    assert found is not None
    places = (Place("/a b/kernels.cc", 54, "Compact"), Place("/a b/m.h", 246, "f"))
    assert (found.what, found.places) == ("writes 4 bytes beyond the end of an array", places)
    assert found.said == f"0 bytes {where} 96-byte region"
    sentence = "AddressSanitizer: writes 4 bytes beyond the end of an array in Compact, kernels.cc:54"
    assert found.sentence(Place("kernels.cc", 54, "Compact")) == sentence


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("main", "main"),
        ("needle::cpu::Fill(needle::cpu::AlignedArray*, float)", "Fill"),
        ("void needle::cpu::(anonymous namespace)::Zip<float (*)(float, float)>(float const*)", "Zip"),
        ("needle::Sum(int)::{lambda(float)#1}::operator()(float) const", "Sum"),
        ("Matmul(float const*) [clone ._omp_fn.0]", "Matmul"),
        ("", ""),
        ("<script>", ""),
    ],
)
def test_bare_names(signature, name):
    assert bare_name(signature) == name


@pytest.mark.parametrize(
    "text",
    [
        "AddressSanitizer: heap-buffer-overflow\nWRITE of size 4\n",
        "==9==ERROR: AddressSanitizer: good news\n",
        "kernels.cc:3:4: runtime error: all is well\n",
        "==9==ERROR: AddressSanitizer: CHECK failed: asan_poisoning.cpp:36\n",
    ],
)
def test_what_is_no_report_of_a_known_kind_is_none(text):
    assert first_finding(text) is None


def test_a_long_and_wild_report_is_read_in_no_time():
    wild = "==1==ERROR: AddressSanitizer: SEGV" + "\n    #0 0x1 in " + "<" * 100_000 + " /" * 100_000 + ":1" * 100_000
    found = first_finding(wild * 3)
    assert found is not None
    assert found.places == ()


# `make test-hw3 SAN=1`, in a repository with the course's own scripts and a library of one function -------------------

PROJECT = """
cmake_minimum_required(VERSION 3.18...4.0)
project(tiny LANGUAGES CXX)
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module)
Python_add_library(tiny MODULE WITH_SOABI tiny.cc)
target_compile_options(tiny PRIVATE {watch})
target_link_options(tiny PRIVATE {watch})
set_target_properties(tiny PROPERTIES LIBRARY_OUTPUT_DIRECTORY "$<1:${{MODULE_OUTPUT_DIRECTORY}}>")
add_custom_target(exercise DEPENDS tiny)
"""
MODULE = """
#include <Python.h>

static void fill(volatile float* out, long size, long count) {
  for (long i = 0; i < count; ++i) {
    out[i] = 1;
  }
}

static PyObject* py_fill(PyObject*, PyObject* argument) {
  float* out = new float[10];
  fill(out, 10, PyLong_AsLong(argument));
  delete[] out;
  Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"fill", py_fill, METH_O, ""}, {nullptr, nullptr, 0, nullptr}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tiny", nullptr, -1, methods};

PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&module); }
"""
TESTS = """
import os
import sys

sys.path.insert(0, os.environ["NEEDLE_NATIVE"])
import tiny

def test_within():
    tiny.fill(10)

def test_beyond():
    tiny.fill(11)

def test_after_it():
    tiny.fill(9)
"""


@pytest.fixture(scope="module")
def repository(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Depends on `program`, which says whether there are sanitizers here."""
    root = tmp_path_factory.mktemp("a repository") / "work"
    (root / "common/needle").mkdir(parents=True)
    shutil.copytree(ROOT / "scripts", root / "scripts", ignore=lambda _, names: [n for n in names if n[-3:] != ".sh"])
    shutil.copy(ROOT / "course.mk", root)
    for stage in ("hw0", "hw3"):
        (root / stage / "tests").mkdir(parents=True)
        (root / stage / "assignment.toml").touch()
    (root / "hw3/tests/test_fill.py").write_text(TESTS)
    (root / "common/needle/CMakeLists.txt").write_text(PROJECT.format(watch=" ".join(WATCH)))
    (root / "common/needle/tiny.cc").write_text(MODULE)
    (root / "requirements").mkdir()
    (root / "requirements/course.txt").touch()
    (root / "venv").mkdir()
    for item in Path(sys.prefix).iterdir():
        if item.name != ".ready":
            (root / "venv" / item.name).symlink_to(item)
    (root / "venv/.ready").touch()
    return root


def make(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "NEEDLE", "MAKE"))
    }
    command = ["make", "-f", "course.mk", "VENV=venv", *arguments]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, env=environment)


def test_the_first_access_outside_an_array_is_told_in_the_last_lines(repository):
    run = make(repository, "test-hw3", "SAN=1")
    assert run.returncode != 0
    report = next((repository / "common/needle/build/sanitize/reports").glob("address.*"))
    lines = MODULE.splitlines()
    writing, calling = lines.index("    out[i] = 1;"), lines.index("  fill(out, 10, PyLong_AsLong(argument));")
    said = "beyond the end of an array (0 bytes to the right of 40-byte region)"
    assert run.stdout.replace("bytes after", "bytes to the right of").splitlines()[-7:] == [
        f"AddressSanitizer: writes 4 bytes {said}",
        f"  in fill, common/needle/tiny.cc:{writing + 1}",
        "      out[i] = 1;",
        f"  called from py_fill, common/needle/tiny.cc:{calling + 1}",
        "      fill(out, 10, PyLong_AsLong(argument));",
        "  while hw3/tests/test_fill.py::test_beyond ran; the tests after it did not run",
        f"  all that is known of it: {report.relative_to(repository)}",
    ]


def test_tests_that_stay_within_arrays_pass(repository):
    run = make(repository, "test-hw3", "SAN=1", "K=within or after")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout
    assert "Sanitizer" not in run.stdout


def test_a_test_that_merely_fails_has_no_account(repository):
    (repository / "hw3/tests/test_wrong.py").write_text("def test_wrong():\n    assert 1 == 2\n")
    run = make(repository, "test-hw3", "SAN=1", "K=wrong")
    assert run.returncode != 0
    assert "1 failed" in run.stdout
    assert "Sanitizer" not in run.stdout


def test_homeworks_without_needles_cpp_say_so(repository):
    run = make(repository, "test-hw0", "SAN=1")
    assert run.returncode != 0
    assert "the tests of hw0 do not use" in run.stdout


def test_an_account_of_an_unknown_report_shows_where_it_is(tmp_path):
    (tmp_path / "address.12").write_text("==9==ERROR: AddressSanitizer: good news\n")
    said = account(tmp_path, tmp_path)
    assert said is not None
    assert said.splitlines()[-1] == "  all that is known of it: address.12"
    assert account(tmp_path / "nothing", tmp_path) is None


@pytest.mark.skipif(not COMPILER, reason="no C++ compiler here")
def test_a_compiler_without_sanitizers_is_told(tmp_path):
    """As on a machine that lacks libasan: linking with it fails."""
    compiler = tmp_path / "c++"
    refuse = 'case "$*" in *-fsanitize*) echo "cannot find -lasan" >&2; exit 1;; esac'
    compiler.write_text(f'#!/bin/sh\n{refuse}\nexec {COMPILER} "$@"\n')
    compiler.chmod(0o755)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = ["-DNEEDLE_SANITIZE=ON", f"-DCMAKE_CXX_COMPILER={compiler}", f"-DPython_EXECUTABLE={sys.executable}"]
    command = ["cmake", "-S", str(ROOT / "common/needle"), "-B", str(tmp_path / "build"), "-G", "Ninja", *settings]
    run = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PATH": programs})
    assert run.returncode != 0
    assert "the runtime libraries of its sanitizers are missing" in " ".join(run.stderr.split())
