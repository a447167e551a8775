from __future__ import annotations

import io

import handmade_reports as handmade
import pytest
from grader.report.terminal import print_report
from grader.results import Difference, Report, ValueResult, Verdict
from rich.console import Console


def printed(report: Report, *, width: int = 80, encoding: str = "utf-8", **kwargs) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    print_report(report, Console(file=stream, width=width, color_system=None), **kwargs)
    stream.flush()
    return raw.getvalue().decode(encoding)


def words(text: str) -> str:
    """The text without its layout."""
    return " ".join(text.split())


def test_a_student_reads_what_happened_where_and_what_to_do():
    text = words(printed(handmade.report().for_student()))
    assert "20 of 55 points" in text
    assert "WA wrong answer 3/7 10 / 25" in text
    assert "NI not implemented 0 / 20" in text
    assert "MatMul sums out broadcast batch dimensions 1 of 3 right" in text
    assert "value 2 shape expected shape (2, 3), got (5, 2, 3)" in text
    assert f"ValueError {handmade.OPS}:88, in gradient {handmade.OPS}:214, in helper" in text
    assert f"Look at {handmade.OPS}:214" in text
    assert "make test-hw1 K=backward" in text
    assert "conftest.py not a file that students change" in text
    assert "hw1/apps/simple_ml.py" in text


def test_a_student_reads_neither_messages_nor_output_nor_seed():
    text = printed(handmade.report().for_student())
    for secret in ("secret 42", "printed by the student", "123456789"):
        assert secret not in text
    everything = printed(handmade.report())
    for shown in ("secret 42", "printed by the student", "123456789"):
        assert shown in everything


def test_a_problem_that_is_right_needs_no_words():
    text = printed(handmade.report().for_student())
    assert "A case that is right, 2" not in text
    assert "make test-hw1 K=forward" not in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width):
    long = handmade.problem(
        "softmax_regression_epoch_cpp", Verdict.IE, title="A title that is long " * 5, note="why " * 60
    )
    report = handmade.report(*handmade.report().problems, long)
    assert max(len(line) for line in printed(report, width=width).splitlines()) <= width


def test_every_problem_and_verdict_is_whole_in_80_columns():
    keys = ["softmax_regression_epoch_cpp", "nn_epoch", *(f"key_{number}" for number in range(8))]
    problems = [handmade.problem(key, verdict) for key, verdict in zip(keys, Verdict, strict=True)]
    text = printed(handmade.report(*problems))
    for problem in problems:
        row = next(line for line in text.splitlines() if f" {problem.key} " in line)
        assert row.split()[2] == problem.verdict.value
        assert row.split()[3] == problem.verdict.meaning.split()[0]
        assert row.rstrip().endswith("10 / 25")


def test_an_ascii_terminal_gets_ascii():
    text = printed(handmade.report().for_student(), encoding="ascii")
    assert "-> Then run make test-hw1 K=backward" in words(text)


def test_student_text_is_neither_markup_nor_terminal_sequence():
    case = handmade.raised_case(message="[bold]boom[/bold] \x1b[2J", file="[red]ops\u202e.py")
    text = printed(handmade.report(handmade.problem(cases=[case])))
    assert "[bold]boom[/bold]" in text
    assert "[red]ops\\u202e.py" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_many_wrong_values_are_counted_not_listed():
    case = handmade.wrong_case()
    case.values = [case.values[1].model_copy(update={"number": number}) for number in range(1, 31)]
    text = words(printed(handmade.report(handmade.problem(cases=[case]))))
    assert "value 4" in text
    assert "value 5" not in text
    assert "and 26 more" in text


def test_cases_that_met_a_stub_are_counted_and_their_places_named():
    cases = [
        handmade.raised_case(file=f"hw1/apps/part_{number}.py").model_copy(update={"verdict": Verdict.NI})
        for number in range(5)
    ]
    text = words(printed(handmade.report(handmade.problem(verdict=Verdict.NI, cases=cases)).for_student()))
    assert "5 cases wait for code that is not written" in text
    assert text.count("Log of positive numbers") == 0
    assert "hw1/apps/part_2.py:214, and 2 more" in text


def test_the_same_exception_is_told_once():
    cases = [handmade.raised_case(), handmade.raised_case(), handmade.raised_case(file="hw1/apps/other.py")]
    text = words(printed(handmade.report(handmade.problem(cases=cases)).for_student()))
    assert text.count(f"{handmade.OPS}:88, in gradient") == 1
    assert text.count("ValueError, as above") == 1
    assert "hw1/apps/other.py:88, in gradient" in text


def test_after_an_exception_the_values_that_never_came_are_not_listed():
    case = handmade.raised_case()
    missing = Difference(kind="missing", message="this value was not handed over")
    case.values = [ValueResult(number=number, verdict=Verdict.RTE, difference=missing) for number in (1, 2)]
    assert "not handed over" not in printed(handmade.report(handmade.problem(cases=[case])))
    case.failure = None
    assert "not handed over" in printed(handmade.report(handmade.problem(cases=[case])))


def test_a_fault_of_the_grader_blames_nobody_and_asks_for_nothing():
    text = words(
        printed(handmade.report(handmade.problem(verdict=Verdict.IE, note="the box did not start")).for_student())
    )
    assert "the box did not start" in text
    assert "costs nothing" in text
    assert "make test" not in text


def test_files_of_the_course_are_named_where_no_frame_is():
    files = {"topo_sort": ("common/needle/python/needle/autograd.py",), "backward": ("elsewhere.py",)}
    text = words(printed(handmade.report().for_student(), files=files))
    assert "Look at common/needle/python/needle/autograd.py" in text
    assert "elsewhere.py" not in text


@pytest.mark.parametrize(("score", "full", "empty"), [(0.0, 0, 24), (0.01, 1, 23), (54.99, 23, 1), (55.0, 24, 0)])
def test_the_bar_is_full_only_if_all_is_right_and_empty_only_if_nothing_is(score, full, empty):
    report = handmade.report()
    report.score = score
    line = next(line for line in printed(report).splitlines() if line.startswith(" ada"))
    assert (line.count("━"), line.count("─")) == (full, empty)
