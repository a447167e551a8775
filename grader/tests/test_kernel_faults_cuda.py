"""What a student's CUDA kernel does wrong is told by its report: which kernel, which thread, which line, and what."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from grader.authoring.manifest import Course, find_root
from grader.authoring.trees import reference_tree, with_bodies, write_tree
from grader.judge.engine import Judge
from grader.judge.kernel_faults import told
from grader.judge.materials import materials as derive
from grader.results import CaseResult, Failure, ProblemResult, Verdict

COURSE = Course.load(find_root(Path(__file__)))
WARMUP = "hw3/src/cuda_warmup.cu"
KERNELS = "common/needle/src/ndarray_backend_cuda.cu"
# One mistake in each problem. Those in the loops of kernels are marked by the words of their line.
FAULTS = {
    f"{WARMUP}:MatmulTiledKernel": """
        __shared__ float left[kTile][kTile], right[kTile][kTile];
        const int tx = threadIdx.x, ty = threadIdx.y;
        const int i = blockIdx.y * kTile + ty, j = blockIdx.x * kTile + tx;
        float total = 0;
        for (int begin = 0; begin < N; begin += kTile) {
          left[ty][tx] = i < M && begin + tx < N ? a[i * N + begin + tx] : 0;
          right[ty][tx] = begin + ty < N && j < P ? b[(begin + ty) * P + j] : 0;
          __syncthreads();
          for (int k = 0; k < kTile; ++k) total += left[ty][k] * right[k][tx];
        }
        if (i < M && j < P) out[i * P + j] = total;""",
    "ndarray_backend_cuda.cu:ReduceKernel": """
        const size_t group = GlobalIndex();
        if (group >= size) return;
        scalar_t most = a[group * reduce_size];
        for (size_t k = 1; k <= reduce_size; ++k) most = function(most, a[group * reduce_size + k]);
        out[group] = most;""",
    "ndarray_backend_cuda.cu:ScalarSetitemKernel": """
        size_t i = GlobalIndex();
        while (i < size) {
          out[ViewPosition(i, shape, strides, offset)] = val;
        }""",
    "ndarray_backend_cuda.cu:MatmulKernel": """
        volatile bool on = true;
        while (on) {
        }""",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ProblemResult]:
    """Of one submission with all four faults, the problems of CUDA."""
    work = tmp_path_factory.mktemp("faults") / "work"
    write_tree(with_bodies(reference_tree(COURSE, "hw3"), FAULTS), work)
    required = ["cuda_warmup", "cuda_compact", "cuda_elementwise", "cuda_reductions", "cuda_matmul"]
    with Judge(COURSE) as judge:
        return {problem.key: problem for problem in judge.grade(work, "hw3", problems=required).problems}


def line_of(file: str, words: str) -> str:
    """The place, as messages have it, of the one line of the submission with these words."""
    lines = with_bodies(reference_tree(COURSE, "hw3"), FAULTS)[file].decode().splitlines()
    (line,) = (number for number, text in enumerate(lines, start=1) if words in text)
    return re.escape(f"{Path(file).name}:{line}")


def place(file: str, words: str) -> str:
    """The same, as notes have it."""
    return re.escape(file).rsplit("/", 1)[0] + "/" + line_of(file, words)


def said_of(message: str) -> str | None:
    """What students read of an exception with this message."""
    materials = derive(COURSE, "hw3")
    failure = Failure(type="RuntimeError", message=message)
    case = CaseResult(name="submit_x", title="x", verdict=Verdict.RTE, right=0, total=1, failure=failure)
    files = {file: content.decode().splitlines() for file, content in materials.reference.items() if file == WARMUP}
    return told(case, SimpleNamespace(materials=materials, lines=files.get))


def said(problem: ProblemResult) -> set[str]:
    """What its cases with errors say."""
    return {case.failure.message for case in problem.cases if case.failure is not None}


def names(problem: ProblemResult, pattern: str) -> bool:
    return any(re.search(pattern, words) for words in said(problem))


THREAD = r"block \(\d+, \d+, \d+\), thread \(\d+, \d+, \d+\): "


def test_each_fault_loses_its_own_problem(results):
    assert results["cuda_elementwise"].verdict is Verdict.AC
    for key in ("cuda_warmup", "cuda_compact", "cuda_reductions", "cuda_matmul"):
        assert results[key].verdict is Verdict.RTE
        assert results[key].own_score < results[key].points


def test_a_missing_barrier_is_a_race_with_both_lines(results):
    reads, writes = line_of(WARMUP, "total += left"), line_of(WARMUP, "left[ty][tx] = i < M")
    also = line_of(WARMUP, "right[ty][tx] = begin")
    pattern = rf"kernel MatmulTiledKernel .*{THREAD}(?:reads|writes) .*`(?:left|right)\[\d+\]\[\d+\]`.*no __syncthreads"
    assert names(results["cuda_warmup"], pattern), said(results["cuda_warmup"])
    assert names(results["cuda_warmup"], reads)
    assert names(results["cuda_warmup"], f"{writes}|{also}")


def test_a_read_beyond_an_array_names_the_element(results):
    line = line_of(KERNELS, "k <= reduce_size")
    pattern = rf"kernel ReduceKernel.*{THREAD}reads element \d+ of its argument 1 .*{line}.*, which has \d+ elements?"
    assert names(results["cuda_reductions"], pattern), said(results["cuda_reductions"])


def test_an_endless_loop_is_told_of_in_time(results):
    line = line_of(KERNELS, "out[ViewPosition(i, shape")
    pattern = rf"kernel ScalarSetitemKernel.*{THREAD}has run for more than 0\.5 seconds .*may never end .*{line}"
    assert names(results["cuda_compact"], pattern), said(results["cuda_compact"])


def test_an_endless_loop_that_touches_no_memory_too(results):
    pattern = (
        rf"kernel MatmulKernel.*{THREAD}has run for more than 0\.5 seconds .*may never end .*{Path(KERNELS).name}:\d+"
    )
    assert names(results["cuda_matmul"], pattern), said(results["cuda_matmul"])


def test_students_read_what_it_was_and_where(results):
    """In words of the judge's own: without the numbers of threads and elements, which could tell hidden inputs."""

    def note(key: str, words: str) -> None:
        assert re.fullmatch(words, results[key].note or ""), results[key].note

    loop, left, right = (place(WARMUP, words) for words in ("total += left", "left[ty][tx] = i", "right[ty][tx] = b"))
    both = rf"\({loop}\) .* accesses as well \((?:{left}|{right})\)|\((?:{left}|{right})\) .* \({loop}\)"
    note(
        "cuda_warmup", rf"(?s)kernel MatmulTiledKernel (?:reads|writes) memory (?:{both}), and no barrier is between.*"
    )
    note("cuda_reductions", rf"kernel ReduceKernel reads outside of an array \({place(KERNELS, 'k <= reduce_size')}\)")
    endless = place(KERNELS, "out[ViewPosition(i, shape")
    note("cuda_compact", rf"kernel ScalarSetitemKernel runs on and on \({endless}\): its loop may never end")
    note("cuda_matmul", rf"kernel MatmulKernel runs on and on \({re.escape(KERNELS)}:\d+\): its loop may never end")


@pytest.mark.parametrize(
    "message",
    [
        "cudaErrorEmulatedKernel in matmul: kernel Secret (launched at cuda_warmup.cu:1), block (0, 0, 0), "
        "thread (1, 0, 0): reads `a[1]` (cuda_warmup.cu:1), outside of the shared variable `a[1]`",
        "cudaErrorEmulatedKernel in matmul: kernel VectorAddKernel (launched at cuda_warmup.cu:1), block (0, 0, 0), "
        "thread (1, 0, 0): reads `a[1]` (cuda_warmup.cu:99999), outside of the shared variable `a[1]`",
        "cudaErrorEmulatedKernel in matmul: kernel VectorAddKernel (launched at cuda_warmup.cu:1), block (0, 0, 0), "
        "thread (1, 0, 0): says 0.25 (cuda_warmup.cu:1)",
        "VectorAddKernel (cuda_warmup.cu:1)",
    ],
)
def test_what_only_looks_like_a_report_is_not_believed(message):
    assert said_of(message) is None


PAGE = (COURSE.root / "docs/cuda.md").read_text(encoding="utf-8")
MESSAGES = dict(re.findall(r"^\| .* \| `(\w+)` \| `` (.*) `` \|$", PAGE, re.MULTILINE))


@pytest.mark.parametrize("name", MESSAGES)
def test_each_message_of_the_page_has_words_for_students(name):
    message = re.sub(r"^kernel [\w<>* ]+?(?= \()", "kernel VectorAddKernel", MESSAGES[name].replace("\\|", "|"))
    # Lines of the page's file become lines that the other has, each another one.
    message = re.sub(r"cuda_watch_kernels\.cu:(\d+)", lambda found: f"cuda_warmup.cu:{int(found[1]) // 2}", message)
    lines = [int(number) for number in re.findall(r"cuda_warmup\.cu:(\d+)", message)]
    words = said_of(f"cudaErrorEmulatedKernel in add: {message}")
    assert words is not None
    assert words.startswith("kernel VectorAddKernel ")
    assert re.search(
        rf"{WARMUP}:{lines[1] if lines[1:] else lines[0]}\b", words
    )  # not the launch's, if another is told
    assert not re.search(r"\d", re.sub(r"\([^()]*\)", "", words))  # of threads, blocks and elements it says nothing


def test_nothing_but_kind_and_place_is_taken_from_a_report():
    message = (
        "cudaErrorEmulatedKernel in matmul: kernel VectorAddKernel (launched at 0.25:1), block (31, 41, 5), "
        "thread (9, 2, 6): reads `0.25` (cuda_warmup.cu:7), outside of the shared variable `0.5`"
    )
    assert said_of(message) == f"kernel VectorAddKernel reads outside of a shared variable ({WARMUP}:7)"
