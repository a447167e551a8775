from __future__ import annotations

import unicodedata

import pytest
from grader.report.text import count, number, one_line, plain, tail


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a new window title\x07after", "after"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("up\x1b[2A and erased\x1b[2K", "up and erased"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\tb\nc", "a\tb\nc"),
        ("bell\x07", "bell\\x07"),
        ("evil\u202etxt.exe", "evil\\u202etxt.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("half \udcff a byte", "half \ufffd a byte"),
        ("naïve Ωmega 漢字", "naïve Ωmega 漢字"),
    ],
)
def test_what_a_text_says_is_kept_and_what_it_does_is_not(raw, shown):
    assert plain(raw) == shown


def test_no_character_that_acts_on_a_screen_survives():
    everything = "".join(map(chr, range(0x11000))) + "\U000e0041\U0010ffff"
    kept = {
        character
        for character in plain(everything)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    }
    assert kept == {"\n", "\t", "\u200c", "\u200d"}


def test_one_line_keeps_both_ends_of_a_long_path():
    line = one_line("start/" + "x" * 500 + "\n/end.py", width=40)
    assert len(line) == 40
    assert line.startswith("start/")
    assert line.endswith("/end.py")


def test_tail_says_how_much_it_left_out():
    assert tail("\n".join(map(str, range(10))), 3) == "[7 lines above are left out]\n7\n8\n9"
    assert tail("a\nb\n", 2) == "a\nb"


@pytest.mark.parametrize(
    ("value", "shown"), [(10.0, "10"), (7.5, "7.5"), (50 / 3, "16.67"), (0.0, "0"), (100.0, "100")]
)
def test_points_have_at_most_two_decimals(value, shown):
    assert number(value) == shown


def test_count_knows_its_plural():
    assert count(1, "case") == "1 case"
    assert count(2, "case") == "2 cases"
