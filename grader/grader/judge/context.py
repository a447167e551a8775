"""What a verdict and the words beside it depend on, beside the run itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..authoring.manifest import Limits, Problem
from ..authoring.trees import Tree
from .cases import CaseFile
from .materials import Materials


@dataclass(frozen=True)
class Graded:
    """The files that a grading runs on.

    faults: files of the student's that are no text -> what is wrong with them. replaced: files that hold something of
    the reference's in a student's place; no line of them is shown.
    """

    tree: Tree
    faults: Mapping[str, str] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Context:
    """The stage's materials, the problem, its cases, the graded files."""

    materials: Materials
    problem: Problem
    cases: CaseFile
    graded: Graded

    @property
    def faults(self) -> Mapping[str, str]:
        return self.graded.faults

    @property
    def building(self) -> Limits:
        """The limits of the problem's native build."""
        build = self.materials.stage.build_of(self.problem)
        return self.problem.limits if build is None else build.limits

    def lines(self, file: str) -> list[str] | None:
        """The lines of a graded file that students may change; None for every other name."""
        tree = self.graded.tree
        if file not in self.materials.editable or file not in tree or file in self.graded.replaced:
            return None
        return tree[file].decode("utf-8", "replace").split("\n")
