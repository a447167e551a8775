"""Mutants: typical wrong answers, each the body of one block in a small file of its own.

The first two comment lines say what it is; the rest is the body, as it would stand between the markers:

    # block: needle.ops.ops_mathematic:EWiseDiv.gradient
    # error: forgets the sign of the denominator's gradient
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import CourseError
from .manifest import Course, Stage
from .markers import CPP
from .trees import block_owners

_HEADER = re.compile(r"^(?:#|//) (block|error): (.+)$")


@dataclass(frozen=True)
class Mutant:
    """A wrong body of one block. `error` says in words what a student got wrong."""

    name: str
    path: str
    block: str
    error: str
    body: str


def mutants(course: Course, stage: Stage) -> list[Mutant]:
    """The mutants of a stage, by name.

    Raises CourseError: for a file without its two header lines, or one whose block is none of the stage's.
    """
    owners = block_owners(course)
    found = []
    for full in sorted((course.root / stage.mutants).glob("*")):
        if full.suffix not in {".py", *CPP}:
            continue
        path = full.relative_to(course.root).as_posix()
        lines = full.read_text(encoding="utf-8").splitlines()
        header = {match[1]: match[2] for line in lines[:2] if (match := _HEADER.match(line))}
        if set(header) != {"block", "error"}:
            raise CourseError(
                "a mutant begins with two comment lines, 'block: NAME' and 'error: WHAT'", path=path, line=1
            )
        if header["block"] not in owners or owners[header["block"]].stage.key != stage.key:
            raise CourseError(f"{header['block']} is no block of {stage.key}", path=path, line=1)
        found.append(Mutant(full.stem, path, header["block"], header["error"], "\n".join(lines[2:]) + "\n"))
    return found


def drawn(found: Sequence[Mutant], number: int, seed: int) -> list[Mutant]:
    """At most `number` of the mutants, which ones by the seed: the same on every machine, another choice for another
    seed. Adding a mutant changes the place of no other."""

    def lot(mutant: Mutant) -> bytes:
        return hashlib.sha256(f"{seed} {mutant.path}".encode()).digest()

    return sorted(sorted(found, key=lot)[:number], key=lambda mutant: mutant.path)
