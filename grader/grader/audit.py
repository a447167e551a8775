"""Proof that every graded test is worth its points.

For each stage: every hidden case passes on the reference, alone and in any order; none passes on the stubs; each
block's own stub is caught by its own problem; each mutant (a typical wrong answer) is caught by the problem that owns
its block; every public test passes on the reference and fails on the stubs. The checks run in the same box, by the same
judge, as a student's submission.

What this machine lacks something for (PyTorch, a GPU) is not proved here: it is counted with its reason, and never the
whole of a problem's public tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from .authoring.manifest import Course, Problem, Stage
from .authoring.mutants import mutants
from .authoring.release import check_release
from .authoring.trees import (
    Tree,
    block_owners,
    blocks_of,
    check_blocks,
    reference_tree,
    released_tree,
    stub,
    with_bodies,
    write_tree,
)
from .errors import CourseError
from .judge.cases import read_cases
from .judge.engine import Judge
from .results import CaseResult, ProblemResult, Verdict

KINDS = {
    "reference": "hidden cases pass on the reference",
    "alone": "hidden cases pass with nothing before them",
    "order": "orders in which every case passes",
    "apart": "compiled cases pass where the other problems are stubs",
    "stubs": "hidden cases fail on the stubs",
    "blocks": "blocks whose own stub is caught by their problem",
    "mutants": "mutants killed by their problem",
    "public": "public tests pass on the reference",
    "public stubs": "public tests fail on the stubs",
}


_SKIPPED = "skipped: "


@dataclass(frozen=True)
class Check:
    """One thing proved or refuted. `detail` says why not, with the file to look at."""

    stage: str
    kind: str
    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True)
class Coverage:
    """How much of a stage the audit looked at."""

    stage: str
    blocks: int
    blocks_in_problems: int
    cases: int


@dataclass(frozen=True)
class Skip:
    """A public test that this machine cannot run, and why. It neither proves nor refutes anything."""

    stage: str
    name: str
    reason: str


@dataclass
class AuditResult:
    """All checks, for each stage what they covered, and what could not be checked here."""

    coverage: list[Coverage]
    checks: list[Check] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    def count(self, stage: str, kind: str) -> tuple[int, int]:
        """(passed, all) of one kind at one stage."""
        chosen = [check for check in self.checks if (check.stage, check.kind) == (stage, kind)]
        return sum(check.passed for check in chosen), len(chosen)


Task = Callable[[], Sequence[Check | Skip]]


def audit(
    course: Course,
    stage_keys: Sequence[str] = (),
    *,
    jobs: int | None = None,
    seed: int = 0,
    sandbox: str = "bubblewrap",
    on_task: Callable[[int, int], None] | None = None,
) -> AuditResult:
    """Audit some stages (all that are here, if none is named).

    jobs: checks run at one time. seed: of the hidden cases' inputs. on_task: called with (done, all) as tasks finish.
    Raises CourseError: if the manifest, the blocks or a release is at fault; then nothing is run.
    """
    keys = list(stage_keys) or [stage.key for stage in course.stages]
    stages = [course.stage(key) for key in keys]
    check_release(course, course.stages[-1].key)
    with Judge(course, sandbox=sandbox) as judge:
        auditors = [_StageAudit(judge, stage, seed) for stage in stages]
        result = AuditResult([auditor.coverage() for auditor in auditors])
        tasks = [task for auditor in auditors for task in auditor.tasks()]
        with ThreadPoolExecutor(jobs or os.cpu_count()) as executor:
            futures = [executor.submit(task) for task in tasks]
            try:
                for done, future in enumerate(as_completed(futures), 1):
                    for found in future.result():
                        if isinstance(found, Skip):
                            result.skips.append(found)
                        else:
                            result.checks.append(found)
                    if on_task is not None:
                        on_task(done, len(tasks))
            except BaseException:
                judge.close()
                executor.shutdown(wait=False, cancel_futures=True)
                raise
    result.checks.sort(key=lambda check: (keys.index(check.stage), list(KINDS).index(check.kind), check.name))
    result.skips.sort(key=lambda skip: (keys.index(skip.stage), skip.reason, skip.name))
    return result


class _StageAudit:
    """The tasks of one stage. A task is a few runs that share a tree and returns the checks they decide."""

    def __init__(self, judge: Judge, stage: Stage, seed: int):
        self.judge, self.stage, self.seed = judge, stage, seed
        self.course = course = judge.course
        self.reference = reference_tree(course, stage.key)
        self.released = released_tree(course, stage.key)
        self._passing: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def coverage(self) -> Coverage:
        blocks = {name for name, block in check_blocks(self.course).items() if block.path in self.reference}
        own = {name for problem in self.stage.problems for name in problem.blocks}
        here = {name for name in blocks if block_owners(self.course)[name].stage.key == self.stage.key}
        cases = sum(len(read_cases(self.course, self.stage, problem).cases) for problem in self.stage.problems)
        return Coverage(self.stage.key, len(here), len(here & own), cases)

    def tasks(self) -> Iterator[Task]:
        blocks, owners = blocks_of(self.course, self.reference), block_owners(self.course)
        for problem in self.stage.problems:
            yield partial(self._on_reference, problem)
            yield partial(self._on_stubs, problem)
            if problem.build:
                yield partial(self._apart, problem)
            for name in problem.blocks:
                yield partial(self._caught, "blocks", name, problem, name, stub(blocks[name], owners[name]), "its stub")
        for mutant in mutants(self.course, self.stage):
            problem = owners[mutant.block].problem
            yield partial(self._caught, "mutants", mutant.path, problem, mutant.block, mutant.body, mutant.error)
        yield self._public_tests

    def _judge(self, tree: Tree, problem: Problem, order: Sequence[str] | None = None) -> ProblemResult:
        result = self.judge.run_cases(tree, self.stage, problem, self.seed, case_order=order)
        if result.verdict is Verdict.IE:
            path = self.stage.hidden_cases(problem)
            raise CourseError(f"the cases cannot be judged: {result.note or 'internal error'}", path=path)
        return result

    def _run(self, tree: Tree, problem: Problem, order: Sequence[str] | None = None) -> list[CaseResult]:
        return self._judge(tree, problem, order).cases

    def _sound(self, problem: Problem) -> frozenset[str]:
        """The cases that pass on the reference: only these can notice anything."""
        with self._lock:
            if problem.key not in self._passing:
                cases = self._run(self.reference, problem)
                self._passing[problem.key] = frozenset(case.name for case in cases if case.verdict is Verdict.AC)
            return self._passing[problem.key]

    def _check(self, kind: str, name: str, passed: bool, detail: str = "") -> Check:
        return Check(self.stage.key, kind, name, passed, "" if passed else detail)

    def _on_reference(self, problem: Problem) -> list[Check]:
        """Each case passes in the written order, and where it runs first; and so do all that run after it."""
        together = self._run(self.reference, problem)
        checks = [self._passes("reference", problem, case) for case in together]
        names = [case.name for case in together]
        for first in range(len(names)):
            order = names[first:] + names[:first]
            results = self._run(self.reference, problem, order)
            by_name = {case.name: case for case in results}
            checks.append(self._passes("alone", problem, by_name[names[first]]))
            wrong = sorted(case.name for case in results if case.verdict is not Verdict.AC)
            detail = f"not independent of what ran before: {', '.join(wrong)} in {self.stage.hidden_cases(problem)}"
            checks.append(self._check("order", f"{problem.key}, {names[first]} first", not wrong, detail))
        return checks

    def _passes(self, kind: str, problem: Problem, case: CaseResult) -> Check:
        wrong = [str(value.number) for value in case.values if value.verdict is not Verdict.AC]
        which = f", value {', '.join(wrong)}" if wrong else ""
        detail = (
            f"{case.verdict.value} on the reference{which}: see {self.stage.hidden_cases(problem)}; "
            "does it draw from anything but np.random, or hand over no value?"
        )
        return self._check(kind, f"{problem.key}.{case.name}", case.verdict is Verdict.AC and case.total > 0, detail)

    def _apart(self, problem: Problem) -> list[Check]:
        """Where another problem's code in the same file does not compile, a problem is graded without that code."""
        bodies = {
            name: stub(block, owner)
            for name, block in blocks_of(self.course, self.reference).items()
            if (owner := block_owners(self.course)[name]).stage.key == self.stage.key and owner.problem != problem
        }
        detail = f"needs another problem's code: see {self.stage.hidden_cases(problem)}"
        return [
            self._check("apart", f"{problem.key}.{case.name}", case.verdict is Verdict.AC, detail)
            for case in self._run(with_bodies(self.reference, bodies), problem)
        ]

    def _on_stubs(self, problem: Problem) -> list[Check]:
        detail = f"passes on the stubs, so it is worth nothing: see {self.stage.hidden_cases(problem)}"
        return [
            self._check("stubs", f"{problem.key}.{case.name}", case.right == 0, detail)
            for case in self._run(self.released, problem)
        ]

    def _caught(self, kind: str, name: str, problem: Problem, block: str, body: str, error: str) -> list[Check]:
        result = self._judge(with_bodies(self.reference, {block: body}), problem)
        failing = [
            case for case in result.cases if case.verdict is not Verdict.AC and case.name in self._sound(problem)
        ]
        detail = f"no case of {self.stage.key} {problem.key} notices: {error}"
        if kind == "mutants" and result.verdict is Verdict.CE:
            return [self._check(kind, name, False, f"does not compile or import: {result.log or result.note or ''}")]
        # A name that does not exist is a slip in the mutant, not a wrong answer that was noticed.
        if kind == "mutants" and failing and all(_misspelt(case) for case in failing):
            return [
                self._check(kind, name, False, "fails for a name that does not exist; a mutant must run and be wrong")
            ]
        return [self._check(kind, name, bool(failing), detail)]

    def _public_tests(self) -> list[Check | Skip]:
        on_reference, on_stubs = self._outcomes(self.reference), self._outcomes(self.released)
        run = {name: outcome for name, outcome in on_reference.items() if not outcome.startswith(_SKIPPED)}
        found: list[Check | Skip] = [
            Skip(self.stage.key, name, outcome.removeprefix(_SKIPPED))
            for name, outcome in on_reference.items()
            if name not in run
        ]
        detail = "passes on the stubs, so it tells a student nothing"
        for name, outcome in run.items():
            found.append(self._check("public", name, outcome == "passed", f"{outcome}; see make test-{self.stage.key}"))
            found.append(self._check("public stubs", name, on_stubs.get(name, "").startswith("failed"), detail))
        for problem in self.stage.problems:
            path = self.stage.public_tests(problem)
            module = path.removesuffix(".py").replace("/", ".")
            if not any(name.startswith(f"{module}.") for name in run):
                found.append(self._check("public", path, False, "none of its tests runs here"))
        return found

    def _outcomes(self, tree: Tree) -> dict[str, str]:
        """Public test -> `passed`, `failed: why` or `skipped: why`: pytest on a tree in its own folder."""
        with tempfile.TemporaryDirectory(prefix="audit-") as scratch:
            root = Path(scratch, "tree")
            write_tree(tree, root)
            environment = {**os.environ, "BIN": str(Path(sys.executable).parent)}
            environment.setdefault("NEEDLE_DATA", _data_folder(self.course.root))
            if not environment["NEEDLE_DATA"]:
                del environment["NEEDLE_DATA"]
            for source in dict.fromkeys(build.source for build in self.stage.builds):
                command = ["sh", "scripts/build.sh", source]
                done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
                if done.returncode != 0:
                    raise CourseError(f"does not build: {done.stdout[-2000:]}{done.stderr[-500:]}", path=source)
            results = Path(scratch, "results.xml")
            command = [sys.executable, "-B", "-m", "pytest", f"{self.stage.key}/tests", "-q", f"--junitxml={results}"]
            done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
            if not results.is_file():
                raise CourseError(
                    f"pytest gave no result: {done.stdout[-2000:]}{done.stderr[-500:]}", path=f"{self.stage.key}/tests"
                )
            cases = ElementTree.parse(results).getroot().iter("testcase")
            return {f"{case.get('classname')}.{case.get('name')}": _outcome(case) for case in cases}


def _outcome(case: ElementTree.Element) -> str:
    for child in case:
        if child.tag in ("failure", "error"):
            return f"failed: {(child.get('message') or '').splitlines()[0] if child.get('message') else child.tag}"
    skipped = case.find("skipped")
    return "passed" if skipped is None else _SKIPPED + (skipped.get("message") or "no reason given")


def _misspelt(case: CaseResult) -> bool:
    return case.failure is not None and case.failure.type in ("NameError", "UnboundLocalError", "SyntaxError")


def _data_folder(root: Path) -> str:
    """Where MNIST lies, or an empty text; `conftest.py` cannot see that from a temporary folder."""
    from needle_data import find  # a machine that only grades need not have it
    from needle_data.registry import load_registry

    return str(find(*load_registry()["mnist"].names, root=root) or "")
