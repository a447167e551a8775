from __future__ import annotations

import json

import handmade_reports as handmade
import jsonschema
import pytest
from grader.errors import GraderError
from grader.report.json import dump_report, load_report, schema
from grader.results import SCHEMA_VERSION


def test_a_report_is_read_back_as_it_was_written(tmp_path):
    path = tmp_path / "ada.json"
    for report in (handmade.report(), handmade.report().for_student()):
        path.write_text(dump_report(report), encoding="ascii")
        assert load_report(path) == report


def test_a_file_name_that_is_no_unicode_can_be_written_and_read(tmp_path):
    report = handmade.report()
    report.submission.set_aside[0].path = "not-utf8-\udcff.py"
    path = tmp_path / "ada.json"
    path.write_text(dump_report(report), encoding="ascii")
    assert load_report(path).submission.set_aside[0].path == "not-utf8-\udcff.py"


def test_what_is_written_follows_the_schema_and_says_its_version():
    data = json.loads(dump_report(handmade.report()))
    jsonschema.validate(data, json.loads(schema()))
    assert data["schema_version"] == SCHEMA_VERSION
    del data["score"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json.loads(schema()))


def edited(**changes) -> str:
    return json.dumps({**json.loads(dump_report(handmade.report())), **changes})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            edited(schema_version=SCHEMA_VERSION + 1),
            f"schema version {SCHEMA_VERSION + 1}; this grader reads up to {SCHEMA_VERSION}",
        ),
        (edited(schema_version="1"), "no report"),
        (edited(schema_version=True), "no report"),
        (edited(score="many"), "a damaged report: score"),
        (edited(problems=[{"key": "forward"}]), "a damaged report: problems.0"),
        ('{"tests": []}', "no report"),
        ("[1, 2]", "no report"),
        ("PK\x03\x04 a zip", "not JSON"),
        ("", "not JSON"),
        ("[" * 100_000, "not a report"),
    ],
    ids=[
        "newer",
        "text version",
        "true version",
        "wrong type",
        "cut short",
        "other JSON",
        "a list",
        "zip",
        "empty",
        "deep",
    ],
)
def test_another_file_is_refused_in_words(tmp_path, text, says):
    path = tmp_path / "ada.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GraderError, match=r"ada\.json") as refused:
        load_report(path)
    assert says in str(refused.value)


def test_bytes_folders_and_missing_files_are_refused_in_words(tmp_path):
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GraderError, match="not UTF-8"):
        load_report(binary)
    with pytest.raises(GraderError, match="No such file"):
        load_report(tmp_path / "missing.json")
    with pytest.raises(GraderError, match="directory"):
        load_report(tmp_path)
