"""One submission to one report.

    take the files ─▶ compose them over the pristine tree ─▶ (build) ─▶ a box for each problem ─▶ compare ─▶ report
                                    the reference, same cases, same seed ─▶ expected values ─▶──────┘

A problem that fails on a student's own earlier homeworks goes this way again, on the reference's: see `carry`.

`Judge` holds what many submissions share: the course's trees, the box, the reference's workers, the cache. It serves
any number of threads. `grade` and `run_cases` make one for a single use.
"""

from __future__ import annotations

import datetime
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from ..authoring.manifest import Course, Limits, Problem, Stage
from ..authoring.trees import Tree
from ..errors import GraderError
from ..results import ProblemResult, Report, SoundResult, Verdict
from . import layout
from .apart import problem_alone
from .box import Box
from .builds import Builder, Built
from .cache import Cache
from .carry import counted, on_sound_foundations
from .cases import read_cases
from .context import Context, Graded
from .diagnosis import SecondLooks
from .expectations import Expectations, Expected, ReferenceFault
from .foundations import Foundations
from .intake import take
from .layout import Mount
from .materials import Materials, materials
from .seeds import case_seed, course_secret, submission_seed
from .speed import Race
from .supervise import BoxError, Outcome, Stopped
from .verdicts import build_failure, built_apart, internal_error, problem_result, unreadable
from .workspace import Workspace

CaseRuns = ProblemResult

_BUILT = f"{layout.BOX}/built"
_ATTEMPTS = 2  # an internal error is tried again


class Judge:
    """Grades submissions of one course. A context manager: leaving it ends all processes and removes all files.

    sandbox: "bubblewrap" or "none". cache_dir: where expected values and builds are kept (default: `.grader/cache` in
    the course).
    Raises SandboxMissing: if bubblewrap is asked for and not installed.
    """

    def __init__(self, course: Course, *, sandbox: str = "bubblewrap", cache_dir: Path | None = None):
        self.course = course
        self.sandbox = sandbox
        self._cache = Cache(cache_dir or course.root / ".grader/cache")
        self._boxes: dict[tuple[str, ...], Box] = {("numpy",): Box(sandbox)}
        # Without NumPy: what a build sees could be taken into the module, a library of linear algebra as well.
        self._boxes[()] = Box(sandbox, ())
        self._builder = Builder(self._boxes[()], self._cache)
        self._looks = SecondLooks(self._builder)
        self.expectations = Expectations(self._cache)
        self._materials: dict[str, Materials] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._running: set[threading.Event] = set()  # one for each tree being judged; setting it ends its boxes

    def __enter__(self) -> Judge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all boxes and workers. What other threads are grading ends with Stopped."""
        with self._lock:
            self._closed = True
            for called_off in self._running:
                called_off.set()
        self.expectations.close()

    def materials(self, stage_key: str) -> Materials:
        """What grading a stage needs, derived once."""
        with self._lock:
            if stage_key not in self._materials:
                self._materials[stage_key] = materials(self.course, stage_key)
            return self._materials[stage_key]

    def grade(
        self,
        source: Path,
        stage_key: str,
        *,
        problems: Sequence[str] | None = None,
        seed: int | None = None,
        jobs: int | None = None,
    ) -> Report:
        """Grade one submission.

        source: a folder, zip, tar, bare git repository or bundle. problems: keys (default: all of the stage).
        seed: replay the inputs of an earlier report. jobs: problems judged at one time (default: one a processor).
        Raises SubmissionError: if it cannot be graded; GraderError: for unknown stages or problems, a faulty course, no
        box.
        """
        began, started = time.monotonic(), datetime.datetime.now(datetime.timezone.utc)
        stage = self.course.stage(stage_key)
        chosen = stage.problems if problems is None else tuple(stage.problem(key) for key in problems)
        files = {problem.key: read_cases(self.course, stage, problem) for problem in chosen}
        shared = self.materials(stage_key)
        submission = take(Path(source), self.course, stage, prepared=shared)
        if seed is None:
            seed = submission_seed(course_secret(self.course), stage_key, submission.digest)
        graded = Graded(shared.released | submission.files, submission.faults)
        contexts = [Context(shared, problem, files[problem.key], graded) for problem in chosen]
        results = self._judge_all(contexts, graded, seed, jobs or os.cpu_count() or 1)
        return Report(
            course=self.course.title,
            stage=stage.key,
            title=stage.title,
            submission=submission.info,
            seed=seed,
            score=sum(result.score for result in results),
            own_score=sum(result.own_score for result in results),
            sound_score=sum(result.sound.score if result.sound else result.own_score for result in results),
            carry_forward=self.course.carry_forward,
            points=sum(problem.points for problem in chosen if not problem.optional),
            problems=results,
            sandbox=self._box(stage).description,
            started=started.isoformat(timespec="seconds"),
            seconds=time.monotonic() - began,
        )

    def run_cases(
        self, tree: Tree, stage: Stage, problem: Problem, seed: int, *, case_order: Sequence[str] | None = None
    ) -> CaseRuns:
        """Run one problem's hidden cases on any tree (a mutant, the reference) in a box and compare with the reference.

        tree: whole, as `reference_tree` gives it. case_order: the cases' names, each once, in the order to run them in.
        """
        shared = self.materials(stage.key)
        cases = read_cases(self.course, stage, problem)
        if case_order is not None:
            cases = cases.ordered(tuple(case_order))
        context = Context(shared, problem, cases, Graded(tree))
        with self._workspace(shared, tree) as workspace:
            return self._judge_one(context, workspace, seed)

    def _judge_all(self, contexts: Sequence[Context], graded: Graded, seed: int, jobs: int) -> list[ProblemResult]:
        shared = contexts[0].materials
        seen = {context.problem.key: shared.seen_by(context.problem) for context in contexts}
        foundations = {files: Foundations(shared, graded, files) for files in seen.values()}
        with self._workspace(shared, graded.tree) as workspace:

            def judge(context: Context) -> ProblemResult:
                own = self._second_look(context, self._judge_one(context, workspace, seed), workspace, seed)
                if context.problem.speed is not None:
                    return own  # of the work as it stands, and once all else is done: see below
                sound = self._on_sound_foundations(
                    context, own, foundations[seen[context.problem.key]], workspace, seed
                )
                return counted(own, sound, self.course.carry_forward)

            def timed(results: Iterable[ProblemResult]) -> list[ProblemResult]:
                pairs = zip(contexts, results, strict=True)
                return [self._timed(context, workspace, result) for context, result in pairs]

            if jobs <= 1 or len(contexts) == 1:
                return timed([judge(context) for context in contexts])
            with ThreadPoolExecutor(min(jobs, len(contexts)), "problem") as pool:
                # A build takes longest, so it starts first.
                order = sorted(contexts, key=lambda context: not context.problem.build)
                futures = {context.problem.key: pool.submit(judge, context) for context in order}
                try:
                    results = [futures[context.problem.key].result() for context in contexts]
                except BaseException:
                    # Ctrl-C, or no box at all: the other boxes end at once, and the pool with them.
                    workspace.called_off.set()
                    for future in futures.values():
                        future.cancel()
                    raise
            return timed(results)

    def _timed(self, context: Context, workspace: Workspace, result: ProblemResult) -> ProblemResult:
        """The result with its speed, of a problem that is graded by it; of any other as it is."""
        shared, problem, stop = context.materials, context.problem, workspace.called_off
        build = shared.stage.build_of(problem)
        if problem.speed is None or build is None or result.verdict is Verdict.IE:
            return result

        def race() -> ProblemResult:
            assert problem.speed is not None
            reference = self._builder.module(shared, build, shared.reference, stop)
            built, _ = self._built(context, workspace)
            student = None if built.module is None else workspace.built(built)
            box = self._box_with(())
            return Race(problem, problem.speed, build, box, workspace.built(reference), student, stop).result(result)

        return self._with_patience(context, workspace, race)

    def _second_look(self, context: Context, own: ProblemResult, workspace: Workspace, seed: int) -> ProblemResult:
        def run(some: Context, built: Built, limits: Limits, watched: Mapping[str, str]) -> Outcome:
            return self._outcome(some, workspace, built, seed, limits, watched)

        return self._looks.noted(own, context, workspace, run)

    def _on_sound_foundations(
        self, context: Context, own: ProblemResult, foundations: Foundations, workspace: Workspace, seed: int
    ) -> SoundResult | None:
        def run(graded: Graded, cases: Collection[str] | None) -> ProblemResult:
            with self._workspace(context.materials, graded.tree, workspace.called_off) as other:
                return self._judge_one(replace(context, graded=graded), other, seed, cases)

        try:
            return on_sound_foundations(own, foundations, run)
        except (GraderError, Stopped):
            raise
        except Exception as error:
            note = f"{type(error).__name__}: {error}"
            return SoundResult(stages=[], score=0.0, verdict=Verdict.IE, note=note, runs=0)

    def _judge_one(
        self, context: Context, workspace: Workspace, seed: int, only: Collection[str] | None = None
    ) -> ProblemResult:
        """Judge one problem on the files of a workspace. only: names of the cases to run, if not all."""
        return self._with_patience(context, workspace, lambda: self._attempt(context, workspace, seed, only))

    def _with_patience(
        self, context: Context, workspace: Workspace, attempt: Callable[[], ProblemResult]
    ) -> ProblemResult:
        """What an attempt gives. An internal error is tried again, and a result of its own if it stays."""
        for _ in range(_ATTEMPTS):
            try:
                return attempt()
            except (GraderError, Stopped):
                raise  # no box at all, a faulty course, Ctrl-C: not this problem's matter
            except ReferenceFault as error:
                note = f"the reference failed: {error}"
            except Exception as error:
                note = f"{type(error).__name__}: {error}"
            if workspace.called_off.is_set():
                raise Stopped
        return internal_error(context.problem, context.cases, note)

    def _attempt(
        self, context: Context, workspace: Workspace, seed: int, only: Collection[str] | None
    ) -> ProblemResult:
        shared, problem = context.materials, context.problem
        module, environment = None, {}
        build = shared.stage.build_of(problem)
        if build is not None:
            reference = self._builder.module(shared, build, shared.reference, workspace.called_off)
            if reference.module is None:
                raise ReferenceFault(f"its native module does not build:\n{reference.log}")
            module, environment = reference.module, build.environment
        # Of all cases, whichever are run: so they are made once.
        expected = self.expectations.expected(shared, problem, context.cases, seed, module, environment)
        if only is not None:
            context = replace(context, cases=context.cases.only(only))
        return self._run(context, workspace, expected, seed)

    def _run(self, context: Context, workspace: Workspace, expected: Expected, seed: int) -> ProblemResult:
        shared, problem = context.materials, context.problem
        refusal = unreadable(context, expected)
        if refusal is not None:
            return refusal
        build, built, apart = shared.stage.build_of(problem), None, False
        if build is not None:
            built, apart = self._built(context, workspace)
            if built.module is None:
                return build_failure(context, expected, built)
        outcome = self._outcome(context, workspace, built, seed, problem.limits)
        result = problem_result(context, expected, outcome)
        return built_apart(result) if apart else result

    def _built(self, context: Context, workspace: Workspace) -> tuple[Built, bool]:
        """The native module that a problem needs; and whether it was built without the other problems' code."""
        shared, problem, stop = context.materials, context.problem, workspace.called_off
        build = shared.stage.build_of(problem)
        assert build is not None
        built = self._builder.module(shared, build, workspace.tree, stop)
        if built.module is None and built.outcome is not None and built.outcome.ended == "exit":
            alone = problem_alone(shared, build, problem, workspace.tree)
            if alone is not None:
                return self._builder.module(shared, build, alone, stop), True
        return built, False

    def _outcome(
        self,
        context: Context,
        workspace: Workspace,
        built: Built | None,
        seed: int,
        limits: Limits,
        watched: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run the cases in a box, with a native module if there is one. watched: see `Box.run`."""
        shared, cases = context.materials, context.cases
        box, build = self._box(shared.stage), shared.stage.build_of(context.problem)
        tree = workspace.pristine() if shared.all_native(context.problem) else workspace.folder
        mounts = [Mount(str(tree), layout.TREE)]
        seen = box.tree or str(tree)
        path = [f"{seen}/{folder}" for folder in shared.stage.python_path]
        if built is not None:
            folder = workspace.built(built)
            mounts.append(Mount(str(folder), _BUILT))
            path.insert(0, _BUILT if box.tree else str(folder))
        if watched is not None:
            mounts.append(Mount(layout.interpreter(), layout.PROGRAM))
            variables = "".join(f"{name}={value}\0" for name, value in watched.items())
            mounts.append(Mount(str(workspace.text("variables", variables)), layout.VARIABLES))
        job = {
            "kind": "cases",
            "tree": seen,
            "path": path,
            "site": layout.SITE if box.tree else layout.host_site(shared.stage.packages),
            "environment": build.environment if build else {},
            "source": cases.source,
            "seed": case_seed(seed, ""),
            "cases": [{"name": case.name, "seed": case_seed(seed, case.name)} for case in cases.cases],
        }
        outcome = box.run(job, mounts, limits, watched=watched, stop=workspace.called_off)
        if not outcome.frames:
            raise BoxError(f"the box ended ({outcome.ended}) before it was ready: {outcome.printed}")
        return outcome

    @contextmanager
    def _workspace(
        self, shared: Materials, tree: Tree, called_off: threading.Event | None = None
    ) -> Iterator[Workspace]:
        """The tree's files. called_off: of another workspace, with which this one's boxes end."""
        own = threading.Event()
        with Workspace(shared, tree, called_off or own) as workspace:
            with self._lock:
                if self._closed:
                    raise Stopped
                self._running.add(own)
            try:
                yield workspace
            finally:
                with self._lock:
                    self._running.remove(own)

    def _box(self, stage: Stage) -> Box:
        return self._box_with(stage.packages)

    def _box_with(self, packages: tuple[str, ...]) -> Box:
        with self._lock:
            if packages not in self._boxes:
                self._boxes[packages] = Box(self.sandbox, packages)
            return self._boxes[packages]


def grade(
    source: Path,
    course: Course,
    stage_key: str,
    *,
    problems: Sequence[str] | None = None,
    seed: int | None = None,
    sandbox: str = "bubblewrap",
    cache_dir: Path | None = None,
    jobs: int | None = None,
) -> Report:
    """Grade one submission with a judge of its own: see `Judge.grade`."""
    with Judge(course, sandbox=sandbox, cache_dir=cache_dir) as judge:
        return judge.grade(source, stage_key, problems=problems, seed=seed, jobs=jobs)


def run_cases(
    tree: Tree,
    course: Course,
    stage: Stage,
    problem: Problem,
    seed: int,
    *,
    case_order: Sequence[str] | None = None,
    sandbox: str = "bubblewrap",
    cache_dir: Path | None = None,
) -> CaseRuns:
    """Run one problem's hidden cases on any tree with a judge of its own: see `Judge.run_cases`."""
    with Judge(course, sandbox=sandbox, cache_dir=cache_dir) as judge:
        return judge.run_cases(tree, stage, problem, seed, case_order=case_order)
