"""Proof that every graded test is worth its points.

For each stage: every hidden case passes on the reference, alone and in any order; none passes on the stubs; each
block's own stub is caught by its own problem; each mutant (a typical wrong answer) is caught by the problem that owns
its block; every public test passes on the reference and fails on the stubs. The checks run in the same box, by the same
judge, as a student's submission. One problem alone can be audited as well, while its neighbours are being written.

What this machine lacks something for (PyTorch, a GPU) is not proved here: it is counted with its reason, and never the
whole of a problem's public tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from .authoring.conventions import check_problem_files
from .authoring.manifest import Course, Problem, Stage
from .authoring.mutants import Mutant, drawn, mutants
from .authoring.release import check_release
from .authoring.trees import (
    Tree,
    block_owners,
    blocks_of,
    check_blocks,
    reference_tree,
    stub,
    with_bodies,
    write_tree,
)
from .errors import CourseError, GraderError
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
    """How much of a stage, or of its problems that were asked for, the audit looked at.

    mutants: how many there are, tried or not
    """

    stage: str
    blocks: int
    blocks_in_problems: int
    cases: int
    mutants: int


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


@dataclass(frozen=True)
class Task:
    """A few runs that share a tree and return the checks they decide. `label` says which: `hw0 mean: its stub`."""

    label: str
    run: Callable[[], Sequence[Check | Skip]]


class Watch:
    """What an audit is doing, for whoever waits: asked from another thread at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: dict[str, float] = {}
        self.done = self.total = 0

    def running(self) -> list[tuple[str, float]]:
        """(label, seconds so far) of each task that runs now, the longest first."""
        now = time.monotonic()
        with self._lock:
            return sorted(((label, now - began) for label, began in self._began.items()), key=lambda task: -task[1])

    def run(self, task: Task) -> Sequence[Check | Skip]:
        """Run a task, seen by `running` while it lasts."""
        with self._lock:
            self._began[task.label] = time.monotonic()
        try:
            return task.run()
        finally:
            with self._lock:
                del self._began[task.label]
                self.done += 1


def audit(
    course: Course,
    stage_keys: Sequence[str] = (),
    *,
    problems: Sequence[str] = (),
    jobs: int | None = None,
    seed: int = 0,
    most_mutants: int | None = None,
    sandbox: str = "bubblewrap",
    on_task: Callable[[int, int], None] | None = None,
    watch: Watch | None = None,
) -> AuditResult:
    """Audit some stages (all that are here, if none is named).

    problems: keys, to audit these of one stage alone; what else the stage holds, and the release, is not looked at.
    jobs: checks run at one time. seed: of the hidden cases' inputs.
    most_mutants: of each problem that are tried, drawn by the seed; None: all.
    on_task: called with (done, all) as tasks finish.
    watch: told what runs.
    Raises CourseError: if the manifest, the blocks or a release is at fault; then nothing is run. GraderError: if a
    stage or problem is unknown, or problems are asked for without one stage.
    """
    keys = list(stage_keys) or [stage.key for stage in course.stages]
    stages = [course.stage(key) for key in keys]
    chosen = _chosen(course, stages, problems)
    watch = watch or Watch()
    with Judge(course, sandbox=sandbox) as judge:
        auditors = [_StageAudit(judge, stage, seed, chosen, most_mutants) for stage in stages]
        result = AuditResult([auditor.coverage() for auditor in auditors])
        tasks = [task for auditor in auditors for task in auditor.tasks()]
        watch.total = len(tasks)
        with ThreadPoolExecutor(jobs or os.cpu_count()) as executor:
            futures = [executor.submit(watch.run, task) for task in tasks]
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


def _chosen(course: Course, stages: Sequence[Stage], keys: Sequence[str]) -> tuple[Problem, ...] | None:
    """The problems to audit, None for all; what they, or else the whole course, must come with is there and sound."""
    if not keys:
        check_release(course, max(stages, key=course.stages.index).key)
        return None
    if len(stages) != 1:
        raise GraderError("name the one homework whose problems are to be audited, as in: audit hw1 --problem forward")
    problems = tuple(stages[0].problem(key) for key in dict.fromkeys(keys))
    check_problem_files(course, stages[0], problems)
    return problems


class _StageAudit:
    """The tasks of one stage, or of some of its problems."""

    def __init__(
        self,
        judge: Judge,
        stage: Stage,
        seed: int,
        chosen: tuple[Problem, ...] | None,
        most_mutants: int | None = None,
    ):
        self.judge, self.stage, self.seed, self.most_mutants = judge, stage, seed, most_mutants
        self.course = course = judge.course
        self.reference = reference_tree(course, stage.key)
        self.released = judge.materials(stage.key).released
        self.problems = stage.problems if chosen is None else chosen
        self.whole = chosen is None
        self._passing: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def coverage(self) -> Coverage:
        own = {name for problem in self.problems for name in problem.blocks}
        blocks = check_blocks(self.course, None if self.whole else own)
        here = {
            name
            for name, block in blocks.items()
            if block.path in self.reference and block_owners(self.course)[name].stage.key == self.stage.key
        }
        cases = sum(len(read_cases(self.course, self.stage, problem).cases) for problem in self.problems)
        count = sum(map(len, self._mutants().values()))
        return Coverage(self.stage.key, len(here), len(here & own), cases, count)

    def _mutants(self) -> dict[str, list[Mutant]]:
        """All that there are, by the key of their problem."""
        owners = block_owners(self.course)
        found: dict[str, list[Mutant]] = {problem.key: [] for problem in self.problems}
        for mutant in mutants(self.course, self.stage):
            owner = owners[mutant.block].problem.key
            if owner in found:
                found[owner].append(mutant)
        return found

    def tasks(self) -> Iterator[Task]:
        blocks, owners = blocks_of(self.course, self.reference), block_owners(self.course)

        def task(problem: Problem, what: str, run: Callable[..., Sequence[Check | Skip]], *arguments: object) -> Task:
            return Task(f"{self.stage.key} {problem.key}: {what}", partial(run, *arguments))

        for problem in self.problems:
            yield task(problem, "on the reference", self._on_reference, problem)
            yield task(problem, "on the stubs", self._on_stubs, problem)
            if problem.build and self.judge.materials(self.stage.key).all_native(problem):
                yield task(problem, "without the other problems' code", self._apart, problem)
            for name in problem.blocks:
                body = stub(blocks[name], owners[name])
                what = f"without {blocks[name].label}"
                yield task(problem, what, self._caught, "blocks", name, problem, name, body, "its stub")
        for problem in self.problems:
            tried = self._mutants()[problem.key]
            for mutant in tried if self.most_mutants is None else drawn(tried, self.most_mutants, self.seed):
                wrong = "mutants", mutant.path, problem, mutant.block, mutant.body, mutant.error
                yield task(problem, f"mutant {mutant.name}", self._caught, *wrong)
        yield Task(f"{self.stage.key}: public tests", self._public_tests)

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
        with tempfile.TemporaryDirectory(prefix="audit-") as scratch:
            on_reference = self._outcomes(self.reference, Path(scratch))
            # In the same place, so that only the C++ that differs is compiled again.
            stubs = {path: data for path, data in self.released.items() if self.reference[path] != data}
            on_stubs = self._outcomes(stubs, Path(scratch))
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
        for problem in self.problems:
            path = self.stage.public_tests(problem)
            module = path.removesuffix(".py").replace("/", ".")
            if not any(name.startswith(f"{module}.") for name in run):
                found.append(self._check("public", path, False, "none of its tests runs here"))
        return found

    def _outcomes(self, tree: Tree, scratch: Path) -> dict[str, str]:
        """Public test -> `passed`, `failed: why` or `skipped: why`: pytest on files that are added to a folder."""
        root, results = scratch / "tree", scratch / "results.xml"
        write_tree(tree, root)
        environment = {**os.environ, "BIN": str(Path(sys.executable).parent)}
        environment.setdefault("NEEDLE_DATA", _data_folder(self.course.root))
        if not environment["NEEDLE_DATA"]:
            del environment["NEEDLE_DATA"]
        targets: dict[str, list[str]] = {}  # by project: what these problems run, and nothing else of it
        for build in self.stage.builds:
            if any(problem.build == build.key for problem in self.problems):
                targets.setdefault(build.source, []).append(build.module)
        for source, modules in targets.items():
            command = ["sh", "scripts/build.sh", source]
            building = {**environment, "TARGETS": " ".join(modules)}
            done = subprocess.run(command, cwd=root, env=building, capture_output=True, text=True)
            if done.returncode != 0:
                raise CourseError(f"does not build: {done.stdout[-2000:]}{done.stderr[-500:]}", path=source)
        folder = f"{self.stage.key}/tests"
        tests = [folder] if self.whole else [self.stage.public_tests(problem) for problem in self.problems]
        results.unlink(missing_ok=True)
        command = [sys.executable, "-B", "-m", "pytest", *tests, "-q", f"--junitxml={results}"]
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        if not results.is_file():
            raise CourseError(f"pytest gave no result: {done.stdout[-2000:]}{done.stderr[-500:]}", path=folder)
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
