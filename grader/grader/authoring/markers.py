"""Solution blocks: find them, name them, empty them, fill them.

A block stands between a comment `### BEGIN SOLUTION` and a comment `### END SOLUTION` (`///` in C++ and CUDA), each
alone on its line. `BEGIN YOUR SOLUTION`, `BEGIN CODE` and `BEGIN YOUR CODE` mean the same. Its name is its place:

    common/needle/python/needle/ops/ops_mathematic.py, class PowerScalar, def compute
        -> needle.ops.ops_mathematic:PowerScalar.compute
    hw0/src/simple_ml_ext.cpp, softmax_regression_epoch_cpp
        -> hw0/src/simple_ml_ext.cpp:softmax_regression_epoch_cpp

A second block in the same function is called `...compute#2`. In a notebook the place is the cell's id.

Finding is strict, because a marker that is passed over becomes a leaked solution: a comment that nearly is a marker, an
unclosed or nested block, a marker that shares its line with code are errors with file and line.
"""

from __future__ import annotations

import ast
import difflib
import functools
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ..errors import CourseError
from .comments import CPP, PYTHON, comments

MARKER = re.compile(r"^(?:###|///) (BEGIN|END) (?:YOUR )?(SOLUTION|CODE)\s*$")
_CANONICAL = [
    f"{edge} {your}{what}" for edge in ("begin", "end") for your in ("", "your ") for what in ("solution", "code")
]
_NOTEBOOK = ".ipynb"

# A path below one of these roots is named without it, Python modules with dots.
_PACKAGE_ROOT = PurePosixPath("common/needle/python")
_SOURCE_ROOT = PurePosixPath("common/needle/src")


@dataclass(frozen=True)
class Block:
    """One solution block. Lines count from 1 and are those of the markers; `body` is what stands between them."""

    name: str
    path: str
    begin: int
    end: int
    body: str
    indent: str
    cell: str | None = None
    on_device: bool = False  # whether it stands in a CUDA function that runs on the GPU

    @property
    def label(self) -> str:
        """The name without its file: `PowerScalar.compute`."""
        return self.name.split(":", 1)[1]

    @property
    def where(self) -> str:
        return f"{self.path}:{self.begin}" if self.cell is None else f"{self.path}[{self.cell}]:{self.begin}"


def can_hold_blocks(path: PurePosixPath | str) -> bool:
    return PurePosixPath(path).suffix in PYTHON | CPP | {_NOTEBOOK}


def lines_of(text: str, *, keepends: bool = False) -> list[str]:
    """The lines of a text as compilers and interpreters count them: `\\n` ends one.

    `str.splitlines` would also break at a form feed or at Unicode's separators, which may stand within a comment.
    """
    lines = text.split("\n")
    if not keepends:
        return lines if lines[-1] else lines[:-1]
    return [line + "\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def find_blocks(path: str, text: str) -> list[Block]:
    """The blocks of a file, in order.

    path: from the repository's root, with forward slashes; its suffix names the language.
    Raises CourseError: for a near-marker, an unclosed, nested or misplaced block, text that cannot be tokenised.
    """
    if PurePosixPath(path).suffix == _NOTEBOOK:
        return [
            replace(block, name=f"{path}:{cell['id']}", cell=cell["id"])
            for cell in _code_cells(path, text)
            for block in _find(f"{path}[{cell['id']}].py", _source(cell), path)
        ]
    if not can_hold_blocks(path):
        _refuse_markers(path, text)
        return []
    return _find(path, text, path)


def possible_paths(block_name: str) -> tuple[str, ...]:
    """The paths, from the root, where a block of this name may stand: how blocks are named, read backwards."""
    place = block_name.rsplit(":", 1)[0]
    pure = PurePosixPath(place)
    if pure.suffix in CPP:
        return (place, str(_SOURCE_ROOT / pure)) if "/" in place else (str(_SOURCE_ROOT / pure),)
    if "/" in place:
        return (place,)
    module = _PACKAGE_ROOT.joinpath(*place.split("."))
    return (f"{module}.py", f"{module}/__init__.py")


def locate(root: Path, block_name: str) -> str:
    """The path, from the root, of the file that a block of this name stands in, or would if it were there."""
    paths = possible_paths(block_name)
    return next((path for path in paths if (root / path).is_file()), paths[0])


def strip(path: str, text: str, stub: Callable[[Block], str]) -> str:
    """The file with each block's body replaced by `stub(block)`, indented as the block is. Markers stay."""
    return splice(path, text, {block.name: stub(block) for block in find_blocks(path, text)})


def splice(path: str, text: str, bodies: Mapping[str, str]) -> str:
    """The file with the bodies of the named blocks replaced; blocks not named keep theirs.

    A body is written at the block's own indentation, whatever its own was.
    """
    if PurePosixPath(path).suffix == _NOTEBOOK:
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                source = _source(cell)
                named = _find(f"{path}[{cell['id']}].py", source, path)
                named = [replace(block, name=f"{path}:{cell['id']}") for block in named]
                new = splice_into(source, named, bodies)
                if new != source:
                    cell["source"] = new.splitlines(keepends=True)
                    cell["outputs"], cell["execution_count"] = [], None
        return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    return splice_into(text, find_blocks(path, text), bodies)


def splice_into(text: str, blocks: Sequence[Block], bodies: Mapping[str, str]) -> str:
    """`splice` where the text's blocks are known, in order. Parses nothing."""
    lines = lines_of(text, keepends=True)
    for block in reversed(blocks):
        if block.name in bodies:
            body = textwrap.indent(textwrap.dedent(bodies[block.name]).strip("\n"), block.indent)
            lines[block.begin : block.end - 1] = [body + "\n"] if body else []
    return "".join(lines)


def _find(source_path: str, text: str, path: str) -> list[Block]:
    return list(_found(source_path, text, path))


@functools.lru_cache(maxsize=512)
def _found(source_path: str, text: str, path: str) -> tuple[Block, ...]:
    """The blocks of a text. Remembered: deriving one tree from another looks at the same files again and again."""
    lines = lines_of(text)
    blocks: list[Block] = []
    counts: dict[str, int] = {}
    opened: int | None = None
    place = _python_place if PurePosixPath(source_path).suffix in PYTHON else _cpp_place
    for comment in comments(source_path, text):
        match = MARKER.match(comment.text)
        if match is None:
            _refuse_near_marker(comment.text, path, comment.line)
            continue
        if not comment.alone:
            raise CourseError("a marker must stand alone on its line", path=path, line=comment.line)
        if match[1] == "BEGIN":
            if opened is not None:
                message = (
                    f"this block is not closed when another begins on line {comment.line}: END SOLUTION is missing"
                )
                raise CourseError(message, path=path, line=opened)
            opened = comment.line
            continue
        if opened is None:
            raise CourseError("a block ends that never began", path=path, line=comment.line)
        indent = lines[opened - 1][: len(lines[opened - 1]) - len(lines[opened - 1].lstrip())]
        body = "\n".join(lines[opened : comment.line - 1])
        label = "" if source_path != path else place(path, text, opened)
        counts[label] = counts.get(label, 0) + 1
        label += f"#{counts[label]}" if counts[label] > 1 else ""
        on_device = place is _cpp_place and _runs_on_device(text, opened)
        blocks.append(
            Block(f"{_file_name(path)}:{label}", path, opened, comment.line, body, indent, on_device=on_device)
        )
        opened = None
    if opened is not None:
        raise CourseError("this block is never closed", path=path, line=opened)
    if source_path != path and len(blocks) > 1:
        raise CourseError("a notebook cell may hold one block; split the cell", path=path, line=blocks[1].begin)
    return tuple(blocks)


def _refuse_near_marker(comment: str, path: str, line: int) -> None:
    """Raise CourseError if the comment looks like a marker that was mistyped."""
    for part in comment.splitlines():
        words = re.findall(r"[a-z]+", part.lower())
        # "the solution" is prose, "begn solution" and "beginsolution" are slips.
        edged = len(words) == 1 or bool(
            difflib.get_close_matches(words[0] if words else "", ["begin", "end"], cutoff=0.6)
        )
        if len(words) <= 4 and edged and difflib.get_close_matches(" ".join(words), _CANONICAL, n=1, cutoff=0.8):
            message = (
                f"{part.strip()!r} is nearly a marker; write '### BEGIN SOLUTION' or '### END SOLUTION' ('///' in C++)"
            )
            raise CourseError(message, path=path, line=line)


def _refuse_markers(path: str, text: str) -> None:
    """A file whose language has no blocks must not hold a line that reads as a marker: it would not be stripped."""
    for number, line in enumerate(text.splitlines(), 1):
        if MARKER.match(line.strip()):
            raise CourseError(f"{PurePosixPath(path).name} cannot hold solution blocks", path=path, line=number)


def _file_name(path: str) -> str:
    pure = PurePosixPath(path)
    if pure.is_relative_to(_PACKAGE_ROOT) and pure.suffix in PYTHON:
        parts = pure.relative_to(_PACKAGE_ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    if pure.is_relative_to(_SOURCE_ROOT):
        return str(pure.relative_to(_SOURCE_ROOT))
    return path


def _python_place(path: str, text: str, line: int) -> str:
    """The dotted names of the classes and functions around a line, outermost first."""
    node: ast.AST = _parsed(path, text)
    lines = lines_of(text)
    names: list[str] = []
    inside_function = False
    found: ast.AST | None = node
    while found is not None:
        found = next((child for child in _definitions(found) if _holds(child, lines, line)), None)
        if found is not None:
            names.append(found.name)
            inside_function |= not isinstance(found, ast.ClassDef)
    if not inside_function:
        raise CourseError("a block must stand inside a function", path=path, line=line)
    return ".".join(names)


@functools.lru_cache(maxsize=2)
def _parsed(path: str, text: str) -> ast.Module:
    """A file's syntax tree, parsed once for all its blocks."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"not valid Python: {error.msg}", path=path, line=error.lineno) from error


def _holds(definition: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str], line: int) -> bool:
    """Whether a comment's line lies in a definition, which to `ast` ends with its last statement: an emptied block
    at the end of a function holds none."""
    end = definition.end_lineno or 0
    if line <= end:
        return definition.lineno < line
    indent = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    return indent > definition.col_offset and all(
        not text.strip() or text.lstrip().startswith("#") for text in lines[end:line]
    )


def _definitions(node: ast.AST) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Definitions directly below a node, looking through `if`, `with` and `try`, from last to first."""
    for child in reversed(list(ast.iter_child_nodes(node))):
        if isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child
        elif isinstance(child, ast.stmt):
            yield from _definitions(child)


_CPP_FUNCTION = re.compile(
    r"^[ \t]*[A-Za-z_][\w:<>,*&\s]*?[\s*&]([A-Za-z_]\w*)\s*\([^;{}]*\)\s*(?:const\s*)?(?:noexcept\s*)?\{", re.MULTILINE
)
_CPP_KEYWORDS = frozenset({"if", "for", "while", "switch", "catch", "return", "else"})


def _cpp_place(path: str, text: str, line: int) -> str:
    """The name of the function whose definition opens last before a line."""
    function = _cpp_function(text, line)
    if function is None:
        raise CourseError("a block must stand inside a function", path=path, line=line)
    return function[1]


def _runs_on_device(text: str, line: int) -> bool:
    """Whether that function is one of CUDA's that run on a GPU."""
    function = _cpp_function(text, line)
    return function is not None and re.search(r"\b__(?:global|device)__\b", function[0].split("(")[0]) is not None


def _cpp_function(text: str, line: int) -> re.Match[str] | None:
    """The head of the function that opens last before a line; its group is the name."""
    head = "\n".join(lines_of(text)[: line - 1])
    functions = [match for match in _CPP_FUNCTION.finditer(head) if match[1] not in _CPP_KEYWORDS]
    return functions[-1] if functions else None


def _code_cells(path: str, text: str) -> list[dict]:
    try:
        notebook = json.loads(text)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        for cell in cells:
            cell["id"], _source(cell)
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(f"not a notebook of nbformat 4.5 or later: {error!r}", path=path) from error
    return cells


def _source(cell: dict) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
