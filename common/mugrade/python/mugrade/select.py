"""The little language of `-k`: parts of names with `and`, `or`, `not` and brackets, as pytest's `-k` reads them."""

from __future__ import annotations

import ast

from .errors import UsageError


def matches(pattern: str, name: str) -> bool:
    """Whether the name satisfies the pattern: `softmax and not cpp` holds for `submit_softmax_loss`.

    Raises UsageError: if the pattern cannot be read.
    """
    try:
        return _holds(ast.parse(pattern.strip(), mode="eval").body, name.lower())
    except (SyntaxError, ValueError):
        example = "'softmax_loss' or 'softmax and not cpp'"
        raise UsageError(f"-k {pattern!r} cannot be read: write a part of a name, such as {example}") from None


def _holds(node: ast.expr, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id.lower() in name
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _holds(node.operand, name)
    if isinstance(node, ast.BoolOp):
        parts = [_holds(part, name) for part in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    raise ValueError(ast.dump(node))
