"""Why a student's file could not be imported, in Python's own words: those that cannot carry anything else.

An exception's message comes from the box, so student code may have written it and filled it with a hidden case. What
passes is a message that is word for word one of Python's own; the few places in them that vary must name what stands in
the student's file anyway.
"""

from __future__ import annotations

import re

from .protocol import Raised

_TYPES = ("SyntaxError", "IndentationError", "TabError", "ModuleNotFoundError", "NameError")
_NAME_LIMIT = 40  # characters of a name that is repeated
_SUFFIX = re.compile(r" \([^()\n]{1,200}, line \d{1,7}\)\Z")
_HINT = re.compile(r"\. Did you (?:mean|forget)[^\n]{0,200}\Z|; '[\w.]{1,200}' is not a package\Z")

_KNOWN = re.compile(
    "|".join(
        rf"(?:{pattern})"
        for pattern in (
            r"invalid syntax",
            r"invalid syntax\. Perhaps you forgot a comma\?",
            r"invalid syntax\. Maybe you meant '==' (?:or ':=' )?instead of '='\?",
            r"'[(\[{]' was never closed",
            r"unmatched '[)\]}]'",
            r"closing parenthesis '[)\]}]' does not match opening parenthesis '[(\[{]'(?: on line (?P<line1>\d{1,7}))?",
            r"expected '(?::|\(|\)|,|=|else|in)'",
            r"expected '(?:except' or 'finally)' block",
            r"unterminated (?:f-|t-)?string literal \(detected at line (?P<line2>\d{1,7})\)",
            r"unterminated triple-quoted (?:f-|t-)?string literal \(detected at line (?P<line3>\d{1,7})\)",
            r"EOL while scanning string literal",
            r"EOF while scanning triple-quoted string literal",
            r"unexpected EOF while parsing",
            r"unexpected indent",
            r"unindent does not match any outer indentation level",
            r"inconsistent use of tabs and spaces in indentation",
            r"expected an indented block",
            r"expected an indented block after (?:'(?:if|elif|else|for|while|with|try|except\*?|finally|match|case)'"
            r" statement|(?:function|class) definition)"
            r" on line (?P<line4>\d{1,7})",
            r"unexpected character after line continuation character",
            r"'(?:return|await|yield)' outside function",
            r"'break' outside loop",
            r"'continue' not properly in loop",
            r"invalid (?:decimal|hexadecimal|binary|octal|imaginary) literal",
            r"leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
            r"positional argument follows keyword argument(?: unpacking)?",
            r"(?:parameter without a default follows parameter with a default"
            r"|non-default argument follows default argument)",
            r"cannot assign to [a-zA-Z' -]{1,40}(?: here\. Maybe you meant '==' instead of '='\?)?",
            r"Missing parentheses in call to 'print'",
            r"f-string: expecting '\}'",
            r"invalid (?:non-printable )?character (?:'(?P<character>.)' \()?U\+(?P<code>[0-9A-F]{4,6})\)?",
            r"keyword argument repeated: (?P<name1>\w+)",
            r"duplicate argument '(?P<name2>\w+)' in function definition",
            r"No module named '(?P<name3>[\w.]+)'",
            r"name '(?P<name4>\w+)' is not defined",
        )
    ),
    re.ASCII,
)
# What Python calls the thing that cannot be assigned to: its own words, in none of which a name occurs.
_TARGETS = frozenset(
    "function call|literal|expression|operator|comparison|attribute|subscript|name|lambda|True|False|None|conditional "
    "expression|f-string expression|dict literal|set display|list comprehension|generator expression|ellipsis|await "
    "expression|keyword argument|assignment expression".replace(" |", "|").split("|")
)


def reason(raised: Raised, lines: list[str], line: int) -> str | None:
    """The message of an exception, if it is one of Python's own and safe to repeat, else None.

    lines: the student's file that it came out of. line: the line there that it names, counted from 1.
    """
    if raised.module != "builtins" or raised.type not in _TYPES:
        return None
    message = _HINT.sub("", _SUFFIX.sub("", raised.message[:400]))
    match = _KNOWN.fullmatch(message)
    if match is None:
        return None
    here = lines[line - 1] if 1 <= line <= len(lines) else ""
    for group, text in match.groupdict().items():
        if text is None:
            continue
        if group.startswith("line") and not 1 <= int(text) <= len(lines):
            return None
        if group.startswith("name") and not (len(text) <= _NAME_LIMIT and _stands_in(text, here)):
            return None
        if group == "code" and chr(min(int(text, 16), 0x10FFFF)) not in here:
            return None
        if group == "character" and text not in here:
            return None
    assigned = re.match(r"cannot assign to ([a-zA-Z' -]+?)(?: here\.|\Z)", message)
    if assigned is not None and assigned[1].replace("'", "") not in _TARGETS:
        return None
    return message


def _stands_in(name: str, line: str) -> bool:
    """Whether a dotted name stands in a line of code as a whole."""
    return name.replace(".", "").isidentifier() and re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", line) is not None
