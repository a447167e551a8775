"""Write a student repository: a git history in which each stage is a commit that only adds.

The releases live on the branch `release`. In a new repository `main` starts there. Releasing a later stage into an
existing repository adds a commit to `release`, and moves `main` along if no student has committed to it; otherwise a
plain `git merge release` brings the stage into their work. Everything is checked before anything is written.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CourseError, GraderError
from .conventions import check_problem_files
from .leaks import canary, check_hidden_files, check_tree
from .manifest import Course
from .trees import Tree, check_blocks, check_withheld, released_tree, write_tree

BRANCH = "release"
MAIN = "main"
_STAGE = re.compile(r"^Stage: (\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class ReleaseResult:
    """What a release did: the commits it added, by stage, and what to do next."""

    out: Path
    branch: str
    commits: dict[str, str] = field(default_factory=dict)
    files: int = 0
    next_step: str = ""


def release(course: Course, stage_key: str, out: Path) -> ReleaseResult:
    """Release the stages up to `stage_key` into the repository `out`, which is made if it is not there.

    Raises CourseError: if the course's files are at fault (file and line); GraderError: if `out` is not a student
    repository or is ahead of `stage_key`. In both cases `out` is as it was.
    """
    trees = check_release(course, stage_key)
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return _create(course, trees, out)
    return _extend(course, trees, out)


def check_release(course: Course, stage_key: str) -> dict[str, Tree]:
    """The tree of each stage up to `stage_key`, in order. Checked: nothing leaks, a stage only adds to those before."""
    blocks = check_blocks(course)
    check_withheld(course)
    for stage in course.upto(stage_key):
        check_problem_files(course, stage)
    check_hidden_files(course)
    mark = canary(course)
    trees: dict[str, Tree] = {}
    for stage in course.upto(stage_key):
        tree = released_tree(course, stage.key)
        for earlier, before in trees.items():
            for path, content in before.items():
                if tree.get(path) != content:
                    raise CourseError(
                        f"changes between {earlier} and {stage.key}; a stage may only add files", path=path
                    )
        trees[stage.key] = tree
    check_tree(trees[stage_key], blocks, mark)
    return trees


def _create(course: Course, trees: Mapping[str, Tree], out: Path) -> ReleaseResult:
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        partial.chmod(0o755)
        git = _Git(partial, _date(course))
        git("init", "--quiet", f"--initial-branch={MAIN}", "--template=")
        commits: dict[str, str] = {}
        for key, tree in trees.items():
            commits[key] = git.commit(tree, _message(course, key), parent=next(reversed(commits.values()), None))
        tip = next(reversed(commits.values()))
        git("update-ref", f"refs/heads/{BRANCH}", tip)
        git("update-ref", f"refs/heads/{MAIN}", tip)
        git("reset", "--quiet", "--hard", MAIN)
        if out.exists():
            out.rmdir()
        partial.rename(out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    last = list(trees)[-1]
    return ReleaseResult(out, MAIN, commits, len(trees[last]), f"cd {out} && make status")


def _extend(course: Course, trees: Mapping[str, Tree], out: Path) -> ReleaseResult:
    git = _Git(out, _date(course))
    if not (out / ".git").exists() or not git.has(f"refs/heads/{BRANCH}"):
        message = f"{out} is neither empty nor a student repository (it has no branch {BRANCH!r}); name another folder"
        raise GraderError(message)
    old_tip = git("rev-parse", BRANCH)
    there = _STAGE.findall(git("log", "--format=%B", BRANCH))
    beyond = [key for key in there if key not in trees]
    if beyond:
        raise GraderError(
            f"{out} has {beyond[0]} already; release {beyond[0]} or a later stage into it, not {list(trees)[-1]}"
        )
    tip = old_tip
    commits: dict[str, str] = {}
    for key, tree in trees.items():
        if key not in there:
            commits[key] = tip = git.commit(tree, _message(course, key), parent=tip)
    last = list(trees)[-1]
    if not commits:
        corrected = git.commit(trees[last], f"Correct {last}\n\nWhat changed since it was released.\n", parent=tip)
        if git("diff", "--name-only", tip, corrected) == "":
            return ReleaseResult(out, BRANCH, {}, len(trees[last]), f"{out} is up to date")
        commits[f"{last} (corrections)"] = tip = corrected
    git("update-ref", f"refs/heads/{BRANCH}", tip, old_tip)
    on_main = git("rev-parse", "--abbrev-ref", "HEAD") == MAIN
    untouched = git("rev-parse", MAIN) == old_tip and git("status", "--porcelain") == ""
    if on_main and untouched:
        git("merge", "--quiet", "--ff-only", BRANCH)
        return ReleaseResult(out, MAIN, commits, len(trees[last]), f"cd {out} && make status")
    return ReleaseResult(out, BRANCH, commits, len(trees[last]), f"cd {out} && git merge {BRANCH}")


def _message(course: Course, key: str) -> str:
    stage = course.stage(key)
    return f"{key}: {stage.title}\n\nStage: {key}\n"


def _date(course: Course) -> str | None:
    """The date of the commit that is released, so that the same source gives the same history; None outside git."""
    command = ["git", "-C", str(course.root), "log", "-1", "--format=%cI"]
    found = subprocess.run(command, capture_output=True, text=True)
    return found.stdout.strip() or None if found.returncode == 0 else None


class _Git:
    """git in one repository, deaf to the user's configuration, hooks and identity."""

    def __init__(self, folder: Path, date: str | None):
        self.folder = folder
        identity = {"NAME": "The course", "EMAIL": "course@example.org"} | ({"DATE": date} if date else {})
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        self.environment |= {
            f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in identity.items()
        }
        self.environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}

    def __call__(self, *arguments: str, environment: Mapping[str, str] | None = None, stdin: str = "") -> str:
        command = ["git", "-c", f"safe.directory={self.folder}", "-c", "core.hooksPath=/dev/null", *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment | dict(environment or {}),
            input=stdin,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise GraderError(
                f"git {arguments[0]} failed in {self.folder}: {done.stderr.strip() or done.stdout.strip()}"
            )
        return done.stdout.strip()

    def has(self, reference: str) -> bool:
        command = ["git", "-c", f"safe.directory={self.folder}", "show-ref", "--verify", "--quiet", reference]
        return subprocess.run(command, cwd=self.folder, env=self.environment).returncode == 0

    def commit(self, tree: Tree, message: str, *, parent: str | None) -> str:
        """Write a commit of exactly this tree, without touching the working folder or its index. Returns its hash."""
        with tempfile.TemporaryDirectory() as scratch:
            work, index = Path(scratch, "tree"), Path(scratch, "index")
            write_tree(tree, work)
            environment = {
                "GIT_INDEX_FILE": str(index),
                "GIT_WORK_TREE": str(work),
                "GIT_DIR": str(self.folder.absolute() / ".git"),
            }
            self("add", "--all", "--force", ".", environment=environment)
            written = self("write-tree", environment=environment)
        parents = ["-p", parent] if parent else []
        return self("commit-tree", written, *parents, stdin=message)
