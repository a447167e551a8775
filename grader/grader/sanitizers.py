"""Reports of AddressSanitizer and UndefinedBehaviorSanitizer, read and said in one sentence.

Their text goes to the same place as what the watched program prints, so it may be forged, and `first_finding` treats it
so: of each report it keeps a kind from the list below, a size, and places. What stands in the places (names of files
and functions) is still the report's, and for the caller to compare with the files that there are.

    ==2==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000068 at pc ...
    WRITE of size 4 at 0x602000000068 thread T0
        #0 0x7f43d8 in needle::cpu::Compact(needle::cpu::AlignedArray const&, ...) /home/me/.../kernels.cc:54
        ...
    0x602000000068 is located 0 bytes to the right of 40-byte region ...

    /home/me/.../kernels.cc:60:12: runtime error: signed integer overflow: 2147483647 + 1 cannot be ...
        #0 0x7f43d8 in ...
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ADDRESS, UNDEFINED = "AddressSanitizer", "UndefinedBehaviorSanitizer"

_LINE = 1000  # characters of a line that are read
_PLACES = 32  # frames of a report that are kept
_MOST = 4096  # bytes of one access that are told; a larger number could be a message of the author's

# Kinds of AddressSanitizer's reports, as its ERROR line begins with them -> what was done, in words. {does} becomes
# "reads 4 bytes", {where} "beyond the end of".
_ADDRESS_KINDS = {
    "heap-buffer-overflow": "{does} {where} an array",
    "stack-buffer-overflow": "{does} {where} a local array",
    "stack-buffer-underflow": "{does} {where} a local array",
    "dynamic-stack-buffer-overflow": "{does} {where} a local array",
    "global-buffer-overflow": "{does} {where} a global array",
    "container-overflow": "{does} {where} a container's elements",
    "use-after-poison": "{does} {where} an array",
    "heap-use-after-free": "{does} of memory that was freed before",
    "stack-use-after-return": "{does} of a local variable of a function that has returned",
    "stack-use-after-scope": "{does} of a local variable whose block has ended",
    "attempting double-free": "frees memory that was freed before",
    "attempting free on address which was not malloc()-ed": "frees what was never allocated",
    "alloc-dealloc-mismatch": "frees memory by another way than it was allocated",
    "negative-size-param": "copies a negative number of bytes",
    "memcpy-param-overlap": "copies between places that overlap",
    "requested allocation size": "asks for more memory than there can be",
    "stack-overflow": "runs out of stack: a recursion without an end, or a local array that is too large",
    "SEGV": "{through}",
    "BUS": "{through}",
    "FPE": "divides an integer by zero",
    "ILL": "executes what is no instruction, as after undefined behaviour",
    "ABRT": "is ended by abort()",
}

# Patterns of UndefinedBehaviorSanitizer's messages -> the same in words that hold nothing of the message.
_UNDEFINED_KINDS = {
    r"signed integer overflow": "signed integer overflow",
    r"division by zero": "an integer is divided by zero",
    r"negation of .* cannot be represented": "signed integer overflow",
    r"shift exponent ": "a shift by a negative number of bits, or by more bits than the number has",
    r"left shift of ": "a left shift of a negative number, or beyond the number's bits",
    r"index .* out of bounds": "an index out of the array's bounds",
    r".*null pointer": "a null pointer is used",
    r".*misaligned address": "a pointer that is not a multiple of its type's alignment is used",
    r".*with insufficient space for an object": "an object is read or written where there is no room for it",
    r"load of value .* not a valid value for type": "a bool or enum holds none of its values",
    r"execution reached the end of a value-returning function": "a function ends without returning its value",
    r"execution reached an unreachable": "a place is reached that was declared unreachable",
    r"pointer index expression|.*addition of unsigned offset|.*subtraction of unsigned offset|applying .* offset": (
        "a pointer is moved out of its array"
    ),
    r"variable length array bound": "an array of no or a negative length",
    r".* is outside the range of representable values": "a number is converted to a type that cannot hold it",
    r".*does not point to an object of type": "a pointer is used as one to another type of object",
}

_ERROR = re.compile(r"==\d{1,9}==ERROR: AddressSanitizer: (?P<kind>.*)")
_ACCESS = re.compile(r"(?P<what>READ|WRITE) of size (?P<size>\d{1,15}) at ")
_REGION = re.compile(
    r"0x[0-9a-f]{1,16} is located \d{1,15} bytes (?P<where>to the right of|to the left of|after|before|inside of) "
)
_VARIABLE = re.compile(r"\s+\[\d+, \d+\) '[^']*' .*<== Memory access at offset \d+ (?P<where>\w+)")
_SIGNAL = re.compile(r"==\d{1,9}==The signal is caused by a (?P<what>READ|WRITE) memory access")
_ZERO_PAGE = re.compile(r"==\d{1,9}==Hint: address points to the zero page")
_FRAME = re.compile(r"\s+#\d{1,4} 0x[0-9a-f]{1,16} in (?P<text>.+)")
_FILE = re.compile(r"(?P<file>[^:]+):(?P<line>\d{1,7})(?::\d{1,7})?\Z")
_RUNTIME = re.compile(r"(?P<file>[^:]+):(?P<line>\d{1,7}):\d{1,7}: runtime error: (?P<what>.*)")
_WHERE = dict.fromkeys(("to the right of", "after", "overflows"), "beyond the end of") | dict.fromkeys(
    ("to the left of", "before", "underflows"), "before the beginning of"
)


@dataclass(frozen=True)
class Place:
    """A frame of a report. function: its bare name, or empty."""

    file: str
    line: int
    function: str


@dataclass(frozen=True)
class Finding:
    """What a sanitizer found. what: in words of this module's own and a number. places: innermost first.

    said: in the sanitizer's own words, which may be anybody's where the watched program is not trusted.
    """

    tool: str
    what: str
    places: tuple[Place, ...]
    said: str = ""

    def sentence(self, place: Place | None) -> str:
        """`AddressSanitizer: writes 4 bytes beyond the end of an array in Compact, src/kernels.cc:54`."""
        text = f"{self.tool}: {self.what}"
        if place is None:
            return text
        function = f" in {place.function}," if place.function else ":"
        return f"{text}{function} {place.file}:{place.line}"


def first_finding(text: str) -> Finding | None:
    """The first report in `text`; None if there is none of a known kind."""
    lines = [line[:_LINE] for line in text.splitlines()]
    for number, line in enumerate(lines):
        error, runtime = _ERROR.match(line), _RUNTIME.match(line)
        found = None
        if error:
            found = _address(error["kind"], lines[number + 1 :])
        elif runtime:
            found = _undefined(runtime, lines[number + 1 :])
        if found is not None:
            return found
    return None


def _address(said: str, rest: list[str]) -> Finding | None:
    words = next((words for kind, words in _ADDRESS_KINDS.items() if said.startswith(kind)), None)
    if words is None:
        return None
    does, where, null, places, said = "reads or writes", "outside", False, _frames(rest), ""
    for line in rest:
        if line.startswith("Shadow bytes") or _ERROR.match(line):
            break
        access, signal = _ACCESS.match(line), _SIGNAL.match(line)
        region = _REGION.match(line) or _VARIABLE.match(line)
        if access:
            size = int(access["size"])
            much = f" {size} byte{'' if size == 1 else 's'}" if size <= _MOST else ""
            does = f"{access['what'].lower()}s{much}"
        elif signal:
            does = f"{signal['what'].lower()}s"
        elif region and not said:
            said = line.partition(" is located ")[2].partition(" [")[0]
            where = _WHERE.get(region["where"], where)
        null = null or _ZERO_PAGE.match(line) is not None
    through = f"{does} through a null pointer" if null else f"{does} where the program has no memory"
    return Finding(ADDRESS, words.format(does=does, where=where, through=through), places, said)


def _undefined(runtime: re.Match[str], rest: list[str]) -> Finding | None:
    what = runtime["what"]
    words = next((words for pattern, words in _UNDEFINED_KINDS.items() if re.match(pattern, what)), None)
    if words is None:
        return None
    frames = _frames(rest)
    file, line = runtime["file"], int(runtime["line"])
    function = next((frame.function for frame in frames if (frame.file, frame.line) == (file, line)), "")
    return Finding(UNDEFINED, words, (Place(file, line, function), *frames), what)


def _frames(lines: list[str]) -> tuple[Place, ...]:
    """The first stack in the lines, its frames of known places alone."""
    places: list[Place] = []
    begun = False
    for line in lines:
        frame = _FRAME.match(line)
        if frame is None:
            if begun:
                break
            continue
        begun = True
        # The file's path follows the function, which may hold blanks; so may the path.
        function, _, path = frame["text"].partition(" /")
        file = _FILE.match(f"/{path}")
        if file is not None and len(places) < _PLACES:
            places.append(Place(file["file"], int(file["line"]), bare_name(function)))
    return tuple(places)


def bare_name(signature: str) -> str:
    """`needle::cpu::Compact(needle::cpu::AlignedArray const&)` -> `Compact`; of a lambda, the function around it."""
    text = signature.replace("(anonymous namespace)::", "")
    shorter = re.sub(r"<[^<>]*>", "", text)
    while shorter != text:
        text, shorter = shorter, re.sub(r"<[^<>]*>", "", shorter)
    name = text.partition("(")[0].rpartition("::")[2].rpartition(" ")[2]
    return name if re.fullmatch(r"\w{1,100}", name, re.ASCII) else ""
