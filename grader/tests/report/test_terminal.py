from __future__ import annotations

import io

import handmade_reports as handmade
import pytest
from grader.report.terminal import print_report
from grader.results import Difference, Failure, Frame, Report, SetAside, ValueResult, Verdict
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


def test_what_the_compiler_said_begins_with_its_first_error():
    problem = handmade.problem(verdict=Verdict.CE, log="x.cpp:3:5: error: expected ';'\nx.cpp:9:1: error: so on")
    assert "The compiler said: x.cpp:3:5: error: expected ';'" in words(printed(handmade.report(problem)))


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
    case.failure, case.verdict = None, Verdict.WA
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


@pytest.mark.parametrize(
    ("verdict", "note", "hint"),
    [
        (Verdict.RTE, "the process was ended by SIGSEGV", "index out of bounds"),
        (Verdict.RTE, "the process was ended by SIGABRT", "aborted itself"),
        (Verdict.RTE, "the process ended itself", "calls that exit"),
        (Verdict.TLE, "stopped after 20 s, the limit of processor time", "endless loop"),
        (Verdict.MLE, "stopped for using more than 2 GiB of memory", "grows with every step"),
    ],
)
def test_a_killed_process_is_told_in_one_case_and_one_line_with_its_own_advice(verdict, note, hint):
    problem = handmade.problem(verdict=verdict, note=note, cases=handmade.killed_cases(verdict))
    text = words(printed(handmade.report(problem).for_student(), files={"backward": ("hw0/src/x.cpp",)}))
    assert "A large batch 1 of 3 right" in text
    assert "2 cases after that never ran." in text
    assert hint in text
    assert "Look at hw0/src/x.cpp" in text
    for false in ("not handed over", "Never begun", "Fewer values", "line named last", "cases came out right"):
        assert false not in text
    assert "The other case came out right" in text
    problem.note = f"{note} while running «A large batch»; the 2 cases after it did not run"
    assert "never ran" not in printed(handmade.report(problem).for_student())


def test_what_did_not_compile_says_so_once_and_names_the_first_error():
    cases = [case.model_copy(update={"verdict": Verdict.CE}) for case in handmade.killed_cases()]
    log = "In file included from x.cpp:1:\nhw0/src/x.cpp:7:12: error: expected ';'\nhw0/src/x.cpp:9:1: error: more"
    problem = handmade.problem(verdict=Verdict.CE, note="the C++ file does not build", cases=cases, log=log)
    text = words(printed(handmade.report(problem).for_student()))
    assert "None of its 4 cases could run" in text
    assert "Look at hw0/src/x.cpp:7 " in text
    assert "compiler's first error" in text
    assert "A large batch" not in text


def test_a_failed_import_is_one_reason_and_one_place():
    cases = [case.model_copy(update={"verdict": Verdict.CE, "values": []}) for case in handmade.killed_cases()]
    failure = Failure(type="SyntaxError", frames=[Frame(file="a.py", line=3, function="<module>")])
    cases[0].failure = failure
    problem = handmade.problem(verdict=Verdict.CE, note="a.py:3: SyntaxError: never closed", cases=cases)
    text = words(printed(handmade.report(problem).for_student()))
    assert text.count("SyntaxError") == 1
    assert "Look at a.py:3 " in text
    assert "as above" not in text
    assert "None of its 4 cases could run" in text


def test_empty_blocks_are_not_blamed_for_what_another_function_did():
    empty = handmade.raised_case(file="hw1/empty.py").model_copy(update={"verdict": Verdict.NI})
    wrong = handmade.problem(cases=[handmade.wrong_case(), empty])
    text = words(printed(handmade.report(wrong).for_student(), files={"backward": ("hw1/home.py",)}))
    assert "Look at hw1/home.py" in text
    raising = handmade.problem(verdict=Verdict.RTE, cases=[empty, handmade.raised_case(file="hw1/raised.py")])
    text = words(printed(handmade.report(raising).for_student()))
    assert "Look at hw1/raised.py:214 " in text


def test_lines_of_one_file_are_joined():
    cases = [handmade.raised_case(), handmade.raised_case()]
    cases[1].failure.frames[-1].line = 317
    text = words(printed(handmade.report(handmade.problem(verdict=Verdict.RTE, cases=cases)).for_student()))
    assert f"Look at {handmade.OPS}:214, 317" in text


def test_a_title_of_few_letters_is_left_out():
    assert "Forward computation" in printed(handmade.report(), width=100)
    row = next(line for line in printed(handmade.report(), width=62).splitlines() if " forward " in line)
    assert "Forwa" not in row
    assert row.rstrip().endswith("10 / 10")


def test_a_long_list_of_paths_counts_what_the_judge_counted():
    report = handmade.report()
    report.submission.set_aside = [SetAside(path=f"junk/{number}", reason="no file of hw1") for number in range(20)]
    report.submission.set_aside.append(SetAside(path="and 43 more", reason="set aside for reasons like these"))
    assert "and 55 more paths" in words(printed(report))
    report.submission.set_aside = report.submission.set_aside[:-1]
    assert "and 12 more paths" in words(printed(report))
    report.submission.set_aside.append(SetAside(path="data/", reason="1,200 files, no file of hw1"))
    assert "and 1212 more paths" in words(printed(report))


def test_a_file_that_was_not_handed_in_is_said_in_the_problem_that_needs_it():
    home = "hw1/apps/simple_ml.py"  # missing in the report made by hand
    text = words(printed(handmade.report().for_student(), files={"topo_sort": (home,)}))
    assert f"{home} was not in the submission, so its blocks count as not written" in text
    assert "waiting to be written" not in text
    elsewhere = words(printed(handmade.report().for_student(), files={"topo_sort": ("other.py",)}))
    assert "was not in the submission" not in elsewhere
    assert "waiting to be written" in elsewhere


def test_an_infinite_error_is_sought_where_nan_is():
    message = "not close: the largest error is beyond all numbers (2 of 4 elements are wrong)"
    infinite = Difference(kind="close", message=message)
    case = handmade.wrong_case()
    case.values = [ValueResult(number=1, verdict=Verdict.WA, difference=infinite)]
    text = words(printed(handmade.report(handmade.problem(cases=[case]))))
    assert "look at each exp, log and division" in text
    assert "check signs" not in text
