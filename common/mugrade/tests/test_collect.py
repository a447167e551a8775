"""Finding cases, running them, and what `mugrade.submit` does where nothing collects."""

import sys
import threading

import mugrade
import pytest
from mugrade.collect import Homework, cases, find_root, run
from mugrade.errors import EncodingError, NotCollecting, UsageError
from mugrade.select import matches


def test_submit_outside_of_a_run_says_what_to_do():
    with pytest.raises(NotCollecting, match="python -m mugrade submit KEY hw1"):
        mugrade.submit(1)


def test_values_are_collected_in_order():
    with mugrade.collecting() as values:
        mugrade.submit(1)
        mugrade.submit((2.5, "x"), rtol=1e-3, atol=0.1)
    assert values.encoded == [1, [2.5, "x"]]
    with pytest.raises(NotCollecting):
        mugrade.submit(3)


def test_a_collector_ends_with_an_exception_too():
    with pytest.raises(ZeroDivisionError), mugrade.collecting():
        mugrade.submit(1 / 0)
    with pytest.raises(NotCollecting):
        mugrade.submit(1)


def test_collectors_are_separate():
    with mugrade.collecting() as outer:
        mugrade.submit("outer")
        with mugrade.collecting() as inner:
            mugrade.submit("inner")
        mugrade.submit("outer again")
    assert (outer.encoded, inner.encoded) == (["outer", "outer again"], ["inner"])


def test_a_thread_does_not_write_into_another_run():
    caught: list[Exception] = []

    def elsewhere():
        try:
            mugrade.submit("stray")
        except NotCollecting as error:
            caught.append(error)

    with mugrade.collecting() as values:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert len(caught) == 1
    assert values.encoded == []


def test_a_value_counts_as_it_was_when_handed_over():
    def case():
        growing = [1]
        mugrade.submit(growing)
        growing.append(2)

    assert run(case) == [[1]]


def test_a_value_that_cannot_be_sent_stops_the_case():
    def case():
        mugrade.submit(object())

    with pytest.raises(EncodingError):
        run(case)


def test_the_root_is_found_from_below(course):
    assert find_root(course.root / "hw5/tests") == course.root.resolve()


def test_no_root(tmp_path):
    with pytest.raises(UsageError, match=r"no course\.toml in .* or above it"):
        find_root(tmp_path)


def test_a_homework_knows_its_problems_and_path(course):
    course.add("first", "")
    course.add("second", "")
    homework = Homework.load(course.root, "hw5")
    assert [file.problem for file in homework.files] == ["first", "second"]
    assert [file.path.name for file in homework.files] == ["test_first.py", "test_second.py"]
    before = sys.path[:]
    with homework.importable():
        assert sys.path == [str(course.root / "hw5/src"), *before]
    assert sys.path == before


@pytest.mark.parametrize("name", ["hw7", "../hw5", ".", ""])
def test_an_unknown_homework(course, name):
    with pytest.raises(UsageError, match=r"there is no homework .* here now: hw5"):
        Homework.load(course.root, name)


@pytest.mark.parametrize("text", ["key = ", "problem = 3\npython_path = []", '[[problem]]\nkey = "a"', ""])
def test_a_broken_manifest(course, text):
    (course.root / "hw5/assignment.toml").write_text(text)
    with pytest.raises(UsageError, match=r"assignment\.toml cannot be read"):
        Homework.load(course.root, "hw5")


def test_cases_are_the_submit_functions_written_in_the_file_in_their_order(course):
    other = "def submit_foreign():\n    pass\n"
    (course.root / "hw5/src/mugrade_test_other.py").write_text(other)
    course.add("one", "from mugrade_test_other import submit_foreign\nsubmit_number = 3\n")
    with (course.root / "hw5/tests/test_one.py").open("a") as file:
        file.write("def submit_b():\n    pass\ndef helper():\n    pass\ndef submit_a():\n    pass\n")
    homework = Homework.load(course.root, "hw5")
    with homework.importable():
        found = cases(homework.files[0])
    assert [case.__name__ for case in found] == ["submit_b", "submit_a"]


def test_a_missing_file_is_named(course):
    course.add("one", "")
    (course.root / "hw5/tests/test_one.py").unlink()
    with pytest.raises(UsageError, match=r"test_one\.py is missing"):
        cases(Homework.load(course.root, "hw5").files[0])


@pytest.mark.parametrize(
    ("pattern", "picked"),
    [
        (None, ["epoch", "epoch_cpp", "softmax_loss"]),
        ("epoch", ["epoch"]),
        ("epoc", ["epoch", "epoch_cpp"]),
        ("submit_epoch", ["epoch", "epoch_cpp"]),
        ("epoc and not cpp", ["epoch"]),
        ("LOSS or cpp", ["epoch_cpp", "softmax_loss"]),
        ("not (loss or cpp)", ["epoch"]),
    ],
)
def test_selection(course, pattern, picked):
    for key in ("epoch", "epoch_cpp", "softmax_loss"):
        course.add(key, "")
    assert [file.problem for file in Homework.load(course.root, "hw5").problems(pattern)] == picked


def test_a_selection_of_nothing_lists_what_there_is(course):
    course.add("epoch", "")
    with pytest.raises(UsageError, match="-k 'nothing' matches no problem of hw5; its problems are: epoch"):
        Homework.load(course.root, "hw5").problems("nothing")


@pytest.mark.parametrize("pattern", ["", "a b", "and", "f(x)", "a < b", "a.b", "1", "a and", "x" * 10 + "]"])
def test_a_pattern_that_cannot_be_read(pattern):
    with pytest.raises(UsageError, match="cannot be read"):
        matches(pattern, "submit_a")
