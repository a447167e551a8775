"""What stands in a block: nothing yet, or work; and whether two bodies are the same work."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence
from pathlib import PurePosixPath

from .comments import CPP, words
from .markers import Block, splice_into

STUB_IN_CPP = r"(?:throw\s+)?(?:::)?needle::NotImplemented(?:OnDevice)?\b"


def is_empty(block: Block) -> bool:
    """Whether nobody has written the block: it holds no statement, or its first one raises the stub's exception."""
    if PurePosixPath(block.path).suffix in CPP:
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", block.body, flags=re.DOTALL).strip()
        return not code or re.match(STUB_IN_CPP, code) is not None
    code = "\n".join(line for line in block.body.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return not code or re.match(r"raise\s+NotImplementedError\b", _without_docstring(code).lstrip()) is not None


def _without_docstring(code: str) -> str:
    """The code from its first statement on that is not a string, so that a note left above the stub changes nothing."""
    try:
        body = ast.parse(textwrap.dedent(code)).body
    except (SyntaxError, ValueError):
        return code  # `return` outside a function parses; what does not is code that someone wrote
    lines = textwrap.dedent(code).splitlines()
    for statement in body:
        if not (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        ):
            return "\n".join(lines[statement.lineno - 1 :])
    return ""


def essence(path: str, body: str) -> str:
    """What a body says, whatever its comments and layout: two bodies of one block with equal essences do the same.

    Python that does not parse, as a body cut out of its function may not, is compared word by word.
    """
    if PurePosixPath(path).suffix in CPP:
        return " ".join(words(body))
    lines = textwrap.indent(textwrap.dedent(body), "    ")
    try:
        return ast.dump(ast.parse(f"def _():\n{lines}\n    pass\n"))
    except (SyntaxError, ValueError):
        return "\n".join(line.rstrip() for line in body.splitlines() if line.strip())


def rest(path: str, text: str, blocks: Sequence[Block]) -> str:
    """What a file says around its blocks, comments and layout aside. Raises SyntaxError: if it is no Python."""
    if PurePosixPath(path).suffix in CPP:
        return " ".join(words(splice_into(text, blocks, {block.name: "" for block in blocks})))
    return ast.dump(ast.parse(splice_into(text, blocks, {block.name: "pass" for block in blocks})))
