"""Many submissions: one judge, several workers, one submission at a time each."""

from __future__ import annotations

import atexit
import functools
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from ..authoring.manifest import Course
from ..errors import GraderError
from ..results import Report
from .archives import is_submission
from .engine import Judge
from .materials import materials


@dataclass(frozen=True)
class Entry:
    """One submission of a batch: its report, or why it was refused."""

    name: str
    source: Path
    report: Report | None = None
    error: str | None = None


def submissions(folder: Path) -> list[Path]:
    """The submissions in a folder, folders and archives, sorted by name. Raises GraderError: if there are none."""
    if not folder.is_dir():
        raise GraderError(f"{folder} is not a folder of submissions")
    found = sorted(path for path in folder.iterdir() if is_submission(path))
    if not found:
        raise GraderError(
            f"{folder} holds no submissions: expected a folder or an archive (.zip, .tar.gz, .bundle) for each"
        )
    return found


def grade_all(
    folder: Path,
    course: Course,
    stage_key: str,
    *,
    sources: Sequence[Path] | None = None,
    workers: int | None = None,
    problems: Sequence[str] | None = None,
    on_done: Callable[[Entry], None] | None = None,
    executor: Executor | None = None,
    sandbox: str = "bubblewrap",
    cache_dir: Path | None = None,
) -> Generator[Entry, None, None]:
    """Grade every submission in `folder`, yielding each as it completes. A refused one becomes an entry that says why.

    sources: grade these of its submissions only, as the command does when some were graded before.
    workers: submissions graded at one time (default: one a processor).
    on_done: called with each entry before it is yielded.
    executor: runs the work elsewhere (processes, a cluster that shares the course's folder) instead of in threads here.
    Raises GraderError: if there is no submission, no such stage or problem, or no sandbox.
    """
    chosen = submissions(folder) if sources is None else list(sources)
    stage = course.stage(stage_key)
    for key in problems or ():
        stage.problem(key)
    keys = None if problems is None else tuple(problems)
    if executor is not None:
        work = functools.partial(_grade_there, course.root, materials(course, stage_key).digest)
        tasks = [executor.submit(work, source, stage_key, keys, sandbox, cache_dir) for source in chosen]
        yield from _completed(tasks, on_done)
        return
    with Judge(course, sandbox=sandbox, cache_dir=cache_dir) as judge:
        judge.materials(stage_key)
        pool = ThreadPoolExecutor(workers, "submission")
        tasks = [pool.submit(_grade_here, judge, source, stage_key, keys) for source in chosen]
        try:
            yield from _completed(tasks, on_done)
        finally:
            # Reached by Ctrl-C and by a caller that stops asking as well: nothing that has not begun begins.
            for task in tasks:
                task.cancel()
            judge.close()
            pool.shutdown(wait=True)


def _completed(tasks: Sequence[Future[Entry]], on_done: Callable[[Entry], None] | None) -> Iterator[Entry]:
    for task in as_completed(tasks):
        entry = task.result()
        if on_done is not None:
            on_done(entry)
        yield entry


def _grade_here(judge: Judge, source: Path, stage_key: str, problems: tuple[str, ...] | None) -> Entry:
    name = source.name
    try:
        return Entry(name, source, judge.grade(source, stage_key, problems=problems, jobs=1))
    except GraderError as error:
        return Entry(name, source, error=str(error))


# The judges of a process that grades for an executor, by what they were made from: kept, because their workers and
# caches serve every submission that arrives there, and closed with the process.
_judges: dict[tuple[object, ...], Judge] = {}
_lock = threading.Lock()


def _grade_there(
    root: Path,
    version: str,
    source: Path,
    stage_key: str,
    problems: tuple[str, ...] | None,
    sandbox: str,
    cache_dir: Path | None,
) -> Entry:
    """`_grade_here` in another process. version: of the course's files; another one needs a new judge."""
    with _lock:
        key = (root, version, sandbox, cache_dir)
        if key not in _judges:
            _judges[key] = Judge(Course.load(root), sandbox=sandbox, cache_dir=cache_dir)
        judge = _judges[key]
    return _grade_here(judge, source, stage_key, problems)


@atexit.register
def close_all() -> None:
    """End what executors' work left open in this process."""
    with _lock:
        for judge in _judges.values():
            judge.close()
        _judges.clear()
