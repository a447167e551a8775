"""The tokens of C++ and CUDA: names, numbers, literals, comments, white space, and every other character alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<space>(?:[^\S\n]|\\\r?\n)+)
    | (?P<newline>\n)
    | (?P<comment>//(?:\\\r?\n|[^\n])*|/\*.*?(?:\*/|\Z))
    | (?P<raw>(?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)")
    | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
    | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
    | (?P<number>\.?\d(?:[eEpP][+-]|'?[\w.])*)
    | (?P<name>[^\W\d]\w*)
    | (?P<punctuation>::|->|.)
    """,
    re.VERBOSE | re.DOTALL,
)
BLANK = ("space", "newline", "comment")
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}"}, {")": "(", "]": "[", "}": "{"}


@dataclass
class Token:
    kind: str  # the name of its group in _TOKEN
    text: str
    line: int


def tokens_of(source: str, line: int = 1) -> Iterator[Token]:
    """The tokens of C++; with comments and white space, all of them together are the source."""
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:  # cannot be: `.` takes what nothing else takes
            raise ValueError(f"no token begins with {source[position]!r}")
        yield Token(match.lastgroup or "", match[0], line)
        line += match[0].count("\n")
        position = match.end()
