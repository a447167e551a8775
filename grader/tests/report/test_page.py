from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import handmade_reports as handmade
import pytest
from grader.report.page import render_page
from grader.results import SetAside, Verdict

VOID = {"meta", "link", "rect", "br", "wbr", "hr", "img", "input"}


class Page(HTMLParser):
    """The elements of a page, the text of each kind, and whether its tags match."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: dict[str, str] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data):
        for tag in {*self.open}:
            self.text[tag] = self.text.get(tag, "") + " " * (tag == "body") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def hostile_report():
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7*7 }} \u202egnp.exe \x1b[31mred\x07"
    report = handmade.report(
        handmade.problem(
            "backward",
            Verdict.RTE,
            title=attack,
            note=attack,
            log=attack,
            output=attack,
            cases=[handmade.raised_case(attack, attack)],
        )
    )
    report.title = report.course = report.submission.name = attack
    report.submission.taken = [attack]
    report.submission.missing = [attack]
    report.submission.set_aside = [SetAside(path=attack, reason=attack)]
    return report


@pytest.mark.parametrize(
    "report",
    [handmade.report(), handmade.report().for_student(), hostile_report()],
    ids=["whole", "student", "hostile"],
)
def test_the_page_is_well_formed_and_needs_nothing_else(report):
    page = Page(render_page(report))
    assert page.open == []
    names = {name for name, _ in page.elements}
    assert not names & {"script", "img", "iframe", "object", "embed", "base", "form"}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "action")]
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))
    assert "@import" not in page.text["style"]
    assert "url(" not in page.text["style"]


def test_the_policy_forbids_scripts_and_allows_this_style_only():
    page = Page(render_page(handmade.report()))
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    digest = base64.b64encode(hashlib.sha256(page.text["style"].encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == f"'sha256-{digest}'"
    assert not set(rules) & {"script-src", "script-src-elem", "connect-src"}


def test_student_text_is_text():
    html = render_page(hostile_report())
    page = Page(html)
    assert "<script>alert(1)</script>" in page.text["pre"]
    assert "{{ 7*7 }}" in page.text["pre"]
    assert "49" not in page.text["pre"]
    for acting in ("\u202e", "\x1b", "\x07"):
        assert acting not in html
    assert "\\u202egnp.exe red\\x07" in page.text["pre"]


def test_a_student_reads_neither_messages_nor_output_nor_seed():
    theirs, whole = render_page(handmade.report().for_student()), render_page(handmade.report())
    for secret in ("secret 42", "printed by the student", "123456789"):
        assert secret not in theirs
        assert secret in whole


def test_the_page_tells_each_problem_and_what_to_do():
    files = {"topo_sort": ("common/needle/python/needle/autograd.py",)}
    page = Page(render_page(handmade.report().for_student(), files=files))
    body = " ".join(page.text["body"].split())
    assert "20 of 55 points" in body
    assert "MatMul sums out broadcast batch dimensions 1 of 3 right" in body
    assert "expected shape (2, 3), got (5, 2, 3)" in body
    assert f"{handmade.OPS}:214 in helper" in body
    assert "Look at common/needle/python/needle/autograd.py" in body
    assert "make test-hw1 K=backward" in page.text["code"]
    assert "make test-hw1 K=forward" not in body
    anchors = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {"forward", "backward", "topo_sort"} <= anchors


def test_what_went_wrong_is_open_and_what_is_right_is_folded():
    page = Page(render_page(handmade.report(handmade.problem(cases=[handmade.right_case(1), handmade.wrong_case()]))))
    assert ["open" in details for details in page.all("details")][:2] == [False, True]


def test_tables_have_headers_and_bars_their_share():
    page = Page(render_page(handmade.report()))
    for header in page.all("th"):
        assert header.get("scope") in ("col", "row")
    fills = [rect["width"] for rect in page.all("rect") if rect["class"] == "fill"]
    assert fills == [f"{100 * 20 / 55:.2f}", "100.00", "40.00", "0.00"]


def channel(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    red, green, blue = (channel(int(digits[at : at + 2], 16)) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_colour_can_be_read_on_every_ground_in_light_and_dark():
    style = Page(render_page(handmade.report())).text["style"]
    palettes = [dict(re.findall(r"--(\w+): #([0-9a-f]{3,6})", part)) for part in style.split("@media")[:2]]
    assert [len(palette) for palette in palettes] == [11, 11]
    for palette in palettes:
        for name in ("ink", "soft", "link", "right", "wrong", "todo", "fault"):
            for ground in ("paper", "card"):
                light, dark = sorted((luminance(palette[name]), luminance(palette[ground])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, ground, palette)


def test_a_killed_process_is_told_in_one_case_and_one_line():
    problem = handmade.problem(verdict=Verdict.TLE, note="stopped after 20 s", cases=handmade.killed_cases(Verdict.TLE))
    body = " ".join(Page(render_page(handmade.report(problem))).text["body"].split())
    assert "The time ran out in this case." in body
    assert "2 cases after that never ran." in body
    assert "not handed over" not in body
    assert "Never begun" not in body


def test_keys_break_after_underscores_and_stay_text():
    html = render_page(handmade.report(handmade.problem("compute_<b>gradient")))
    assert "compute_<wbr>&lt;b&gt;gradient</a>" in html


def test_the_rest_of_a_long_list_is_counted():
    report = handmade.report()
    report.submission.set_aside.append(SetAside(path="and 43 more", reason="set aside for reasons like these"))
    assert " 44 " in Page(render_page(report)).text["body"]
