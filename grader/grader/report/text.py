"""Text that students wrote, made safe to show: what it says is kept, what it does to a screen is not.

File names, compiler output, exception messages and printed lines come from a submission. Shown raw they could recolour
a terminal, overwrite a score, or, by bidirectional controls, read as something else than they are.
"""

from __future__ import annotations

import re
import unicodedata

# Escape sequences as ECMA-48 has them: CSI ... final byte, OSC ... BEL or ST, and the two-character ones.
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-Z\\-~]")
_KEPT = frozenset("\n\t\u200c\u200d")  # the two joiners shape Persian, Hindi and emoji, and hide nothing
_SHOWN_AS_CODES = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})


def plain(text: str) -> str:
    """The text without terminal sequences; other control and bidirectional characters become visible codes.

    Line breaks of all kinds become newlines; what is no character at all becomes U+FFFD.
    """
    text = _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if text.isascii() and text.isprintable() else "".join(map(_shown, text))


def one_line(text: str, width: int = 160) -> str:
    """`plain` on one line, cut in the middle so that both ends of a long path stay readable."""
    line = " ".join(plain(text).split())
    if len(line) <= width:
        return line
    tail = (width - 1) // 2
    return f"{line[: width - 1 - tail]}…{line[-tail:]}"


def tail(text: str, lines: int) -> str:
    """The last lines of a log, with a line that says how many were left out."""
    every = plain(text).strip("\n").split("\n")
    if len(every) <= lines:
        return "\n".join(every)
    return "\n".join([f"[{len(every) - lines} lines above are left out]", *every[-lines:]])


def number(value: float) -> str:
    """Points as people write them, with at most two decimals: 10, 7.5, 16.67."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def of_points(score: float, points: float) -> str:
    """`7.5 of 10 points`; where nothing but optional problems was graded, `7.5 points`."""
    return f"{number(score)} of {number(points)} points" if points else f"{number(score)} points"


def count(amount: int, noun: str, plural: str | None = None) -> str:
    """`1 case`, `2 cases`."""
    return f"{amount} {noun if amount == 1 else plural or noun + 's'}"


def _shown(character: str) -> str:
    if character in _KEPT:
        return character
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    if category not in _SHOWN_AS_CODES:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
