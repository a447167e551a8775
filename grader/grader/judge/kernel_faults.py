"""What the emulated GPU told of a kernel that failed, as a sentence that students may read.

Its words come out of the box as an exception's message, and students' code can raise what looks like one. So, as of
sanitizers' reports, only its kind is taken from it, which chooses words of this side's own, and places that are lines
of the student's own files, where the kernel's name must stand as well. Which thread it was, and which element, is for
instructors: numbers could carry hidden inputs out. The public tests say these of the same mistake.
"""

from __future__ import annotations

import re

from ..results import CaseResult, Verdict
from .context import Context

_LONGEST = 2000  # characters of a message that are looked at
_MESSAGE = re.compile(
    r"cudaErrorEmulatedKernel in \w{1,60}: kernel (?P<kernel>[A-Za-z_]\w{0,80})\b[^\n]{0,200}?"
    r"\(launched at (?P<file>[^:()\n]{1,100}):(?P<line>\d{1,6})\)"
    r"(?:, block \([\d, ]{1,40}\), thread \([\d, ]{1,40}\))?: (?P<what>[^\n]+)"
)
_PLACE = re.compile(r"\((?P<file>[\w.-]{1,100}):(?P<line>\d{1,6})(?:\)|: `)")
_ACCESS = r"(?P<does>reads|writes|updates) "
# Words by kind, of which {does} is one of three; the first kind that a message has. {0} and {1} are places.
_KINDS = (
    (rf"{_ACCESS}.* while .*: the blocks of a launch do not wait for each other",
     "{does} memory{0} that a thread of another block accesses as well{1}: blocks do not wait for each other"),
    (rf"{_ACCESS}.* while .*: no __syncthreads\(\)",
     "{does} memory{0} that another thread accesses as well{1}, and no barrier is between the two"),
    (rf"{_ACCESS}.*, which no thread of the block has written so far",
     "{does} shared memory{0} that no thread of the block has written so far"),
    (rf"{_ACCESS}.*, which nobody has written", "{does} memory{0} that nobody has written"),
    (rf"{_ACCESS}.*, outside of the shared variable", "{does} outside of a shared variable{0}"),
    (rf"{_ACCESS}.* of its argument \d+ .*, which has ", "{does} outside of an array{0}"),
    (r"has run for more than .*its loop may never end", "runs on and on{0}: its loop may never end"),
    (r"is of a block that has run for more than ", "runs on and on{0}: its threads may wait for each other"),
    (r"waits at ", "waits at a barrier{0} that not all threads of the block come to"),
    (rf"{_ACCESS}\d+ bytes at once at an address that is no multiple of ",
     "{does} several numbers at once{0} from where none can be: the address is no multiple of their size"),
    (rf"{_ACCESS}what is no memory of kernels", "{does} what is no memory of kernels{0}"),
    (r"follows a null pointer", "follows a null pointer{0}"),
    (r"divides an integer by zero", "divides an integer by zero{0}"),
    (r"has no stack left", "has no stack left{0}: it calls itself too often, or its local arrays are too large"),
    (r"needs [\d,]+ bytes of shared memory", "needs more shared memory than a block can have{0}"),
    (r"blocks of .* are more than the [\d,]+ that a block can have", "has more threads than a block can have{0}"),
    (r"its argument \d+ is a pointer to what no kernel can reach", "gets a pointer to no memory of the device{0}"),
)  # fmt: skip


def told(case: CaseResult, context: Context) -> str | None:
    """What a case says of a kernel; None if it says nothing of one, or nothing that is believed."""
    failure = case.failure
    if case.verdict is not Verdict.RTE or failure is None or failure.frames or failure.type != "RuntimeError":
        return None
    found = _MESSAGE.match((failure.message or "")[:_LONGEST])
    if found is None:
        return None
    what = found["what"]
    places = [place for match in _PLACE.finditer(what) if (place := _own(match["file"], int(match["line"]), context))]
    launched = _own(found["file"], int(found["line"]), context)
    if launched and _PLACE.search(what) is None:
        places = [f"launched at {launched}"]
    if not places or not _stands(found["kernel"], context):
        return None
    for pattern, words in _KINDS:
        if kind := re.match(pattern, what):
            first, second = (f" ({place})" for place in (*places[:2], *places[-1:] * 2)[:2])
            return f"kernel {found['kernel']} " + words.format(
                first, "" if second == first else second, does=kind.groupdict().get("does", "")
            )
    return None


def _own(name: str, line: int, context: Context) -> str | None:
    """A line of one of the student's files, of which messages have the last part of the name alone."""
    files = [file for file in context.materials.editable if file.rsplit("/", 1)[-1] == name]
    if len(files) == 1 and 1 <= line <= len(context.lines(files[0]) or []):
        return f"{files[0]}:{line}"
    return None


def _stands(kernel: str, context: Context) -> bool:
    """Whether a student's file has a function of this name."""
    called = re.compile(rf"\b{re.escape(kernel)}\s*\(")
    return any(
        called.search(line)
        for file in context.materials.editable
        if file.endswith((".cu", ".cuh"))
        for line in context.lines(file) or []
    )
