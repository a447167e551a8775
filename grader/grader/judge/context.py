"""What a verdict and the words beside it depend on, beside the run itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..authoring.manifest import Limits, Problem
from .cases import CaseFile
from .materials import Materials


@dataclass(frozen=True)
class Context:
    """The stage's materials, the problem, its cases, the graded files, and those of them that are no text."""

    materials: Materials
    problem: Problem
    cases: CaseFile
    tree: Mapping[str, bytes]
    faults: Mapping[str, str]

    @property
    def building(self) -> Limits:
        """The limits of the stage's native build."""
        build = self.materials.stage.build
        return self.problem.limits if build is None else build.limits

    def lines(self, file: str) -> list[str] | None:
        """The lines of a graded file that students may change; None for every other name."""
        if file not in self.materials.editable or file not in self.tree:
            return None
        return self.tree[file].decode("utf-8", "replace").splitlines()
