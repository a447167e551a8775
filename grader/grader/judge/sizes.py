"""Sizes in words."""

from __future__ import annotations


def size(number: int) -> str:
    """A number of bytes in the largest unit that it reaches, with three digits: 1 MiB, 95.4 MiB, 17 bytes."""
    for unit, one in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if number >= one:
            return f"{number / one:.3g} {unit}" if number < 1000 * one else f"{number / one:.0f} {unit}"
    return f"{number} bytes"


def beyond(number: int, limit: int) -> str:
    """Says that a number of bytes is beyond a limit, and by how much: in single bytes where units would not tell."""
    allowed, came = size(limit), size(number)
    return f"larger than {allowed} ({came if came != allowed else f'{number:,} bytes'})"
