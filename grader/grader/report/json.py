"""A report as JSON and back. The schema's version is in the file, so an old reader refuses a new report in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import GraderError
from ..results import SCHEMA_VERSION, Report


def dump_report(report: Report) -> str:
    """The report as JSON text in ASCII, ending with a newline. Whatever a file is named, it can be written."""
    return json.dumps(report.model_dump(), indent=2, allow_nan=False) + "\n"


def load_report(path: Path) -> Report:
    """Read a report that `dump_report` wrote.

    Raises GraderError: if the file is not there, is not JSON, is no report, or is of a newer schema than this one.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise GraderError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise GraderError(f"{path}: not a report: not UTF-8 text (byte {error.start})") from error
    try:
        data = json.loads(text)
    except RecursionError:
        raise GraderError(f"{path}: not a report: nested too deeply") from None
    except ValueError as error:
        raise GraderError(f"{path}: not a report: not JSON: {error}") from error
    return parse_report(data, str(path))


def parse_report(data: Any, name: str) -> Report:
    """The report in decoded JSON. `name` stands in messages. Raises GraderError: as `load_report` does."""
    version = data.get("schema_version") if isinstance(data, dict) else None
    if type(version) is not int:
        message = "JSON, but no report: it has no schema_version; `grader grade --report FILE` writes one"
        raise GraderError(f"{name}: {message}")
    if version > SCHEMA_VERSION:
        message = f"a report of schema version {version}; this grader reads up to {SCHEMA_VERSION}: update the grader"
        raise GraderError(f"{name}: {message}")
    try:
        return Report.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise GraderError(f"{name}: a damaged report: {field}: {first['msg']}") from error


def schema() -> str:
    """The JSON schema of a report, as JSON text."""
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **Report.model_json_schema()}, indent=2)
        + "\n"
    )
