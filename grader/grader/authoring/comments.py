"""The comments of a source file, by a tokenizer of its language: a marker inside a string is never a comment."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from ..errors import CourseError

PYTHON = frozenset({".py"})
CPP = frozenset({".c", ".cc", ".cpp", ".cu", ".cuh", ".h", ".hpp"})


@dataclass(frozen=True)
class Comment:
    """One comment. `line` counts from 1; `alone` is true when nothing but blanks shares its first line."""

    line: int
    text: str
    alone: bool


def comments(path: PurePath | str, text: str) -> Iterator[Comment]:
    """Yield the comments of `text`, in order, by the language that the suffix of `path` names.

    Raises CourseError: if the text cannot be tokenised (file and line are named).
    """
    suffix = PurePath(path).suffix
    if suffix in PYTHON:
        yield from _python(path, text)
    elif suffix in CPP:
        yield from _cpp(path, text)
    else:
        raise ValueError(f"no tokenizer for {path}")


def _python(path: PurePath | str, text: str) -> Iterator[Comment]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                alone = token.line[: token.start[1]].strip() == ""
                yield Comment(token.start[0], token.string, alone)
    except (tokenize.TokenError, SyntaxError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else error.args[1][0]
        raise CourseError(f"not valid Python: {error.args[0]}", path=path, line=line) from error


# Alternatives in order: what opens first wins, so quotes inside comments and comments inside quotes are inert.
# An apostrophe between digits (1'000'000) is a separator and opens nothing.
_CPP_TOKEN = re.compile(
    r"""
      (?P<raw>R"(?P<tag>[^()\\\s]{0,16})\((?:.|\n)*?\)(?P=tag)")
    | (?P<string>"(?:\\(?:.|\n)|[^"\\\n])*")
    | (?P<separator>(?<=[0-9a-fA-F])'(?=[0-9a-fA-F]))
    | (?P<char>'(?:\\.|[^'\\\n])+')
    | (?P<line>//(?:\\\n|[^\n])*)
    | (?P<block>/\*(?:.|\n)*?\*/)
    | (?P<open>"|/\*)
    """,
    re.VERBOSE,
)


def _cpp(path: PurePath | str, text: str) -> Iterator[Comment]:
    for match in _CPP_TOKEN.finditer(text):
        kind = match.lastgroup if match.lastgroup != "tag" else "raw"
        line = text.count("\n", 0, match.start()) + 1
        if kind == "open":
            raise CourseError(f"{match.group()} is never closed", path=path, line=line)
        if kind in ("line", "block"):
            start = text.rfind("\n", 0, match.start()) + 1
            yield Comment(line, match.group(), text[start : match.start()].strip() == "")


def words(code: str) -> Iterator[str]:
    """The words of C++ code, in order: names, numbers, strings and signs, without blanks and comments.

    A quote or comment that is never closed is a sign.
    """
    place = 0
    for match in _CPP_TOKEN.finditer(code):
        yield from _WORD.findall(code, place, match.start())
        place = match.end()
        if match.group("line") is None and match.group("block") is None:
            yield match.group()
    yield from _WORD.findall(code, place)


_WORD = re.compile(r"\w+|\S")
