"""A problem's C++ without the other problems': for a file in which something of theirs does not compile.

One file holds the kernels of several problems, and a compiler takes it as a whole or not at all. So where it refuses a
student's file, each problem gets another chance: the same file with the other problems' blocks emptied. What stands
around the blocks, helpers among them, stays, and every line keeps its number: what a compiler or a sanitizer says of
this file is true of the student's.
"""

from __future__ import annotations

from ..authoring.manifest import Build, Problem
from ..authoring.markers import Block, splice_into
from ..authoring.trees import Tree, block_owners, stub
from .anatomy import anatomies
from .materials import Materials, build_part


def problem_alone(materials: Materials, build: Build, problem: Problem, tree: Tree) -> Tree | None:
    """The tree with stubs in place of what other problems of this stage have in the files that a build reads.

    None if that changes nothing: no such block, or a file in which blocks cannot be found.
    """
    owners = block_owners(materials.course)
    others = {
        name
        for name, owner in owners.items()
        if owner.stage.key == materials.stage.key and owner.problem.key != problem.key
    }
    sources = build_part(build, tree)
    homes = {path for path in materials.homes[problem.key] if path in sources}
    texts = {path: _text(tree[path]) for path in homes}
    changed = dict(tree)
    for path, found in anatomies({path: text for path, text in texts.items() if text is not None}).items():
        bodies = {
            block.name: _as_long(stub(block, owners[block.name]), block)
            for block in found.blocks
            if block.name in others
        }
        changed[path] = splice_into(texts[path] or "", found.blocks, bodies).encode("utf-8")
    return changed if changed != tree else None


def _as_long(stub: str, block: Block) -> str:
    """A stub and empty comments, so that the block has as many lines as before."""
    return "\n".join([stub, *["//"] * (block.end - 1 - block.begin - len(stub.splitlines()))])


def _text(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
