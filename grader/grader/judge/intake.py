"""From what was handed in to a checked set of files: only those that the stage lets students change.

The rest of the graded tree comes from the pristine release, so tests, cases, Makefiles and build files in a submission
do nothing. A file that is byte for byte the pristine one is not worth a word; one that was changed or is unknown is
listed with the reason why it was set aside.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..authoring.manifest import Course, Stage
from ..authoring.trees import Tree, editable_files, tree_digest
from ..results import SetAside, SubmissionInfo
from .archives import Member, SubmissionError, is_submission, members
from .materials import Materials, concerns, materials
from .sizes import beyond

__all__ = ["FILE_LIMIT", "Submission", "SubmissionError", "is_submission", "take"]

FILE_LIMIT = 1024**2  # bytes of one editable file
LISTED = 50  # entries of the list of files set aside
FOLDED = 5  # files of one folder, set aside for one reason, that are listed one by one
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Submission:
    """What was handed in, as far as it counts.

    files: the editable files that were there, by path from the repository's root, with LF line ends and without BOM.
    digest: SHA-256 (hex) over `files`.
    missing: editable files that were not there; the pristine ones with their stubs stand in.
    faults: taken files that are no UTF-8 text -> what is wrong with them.
    """

    name: str
    files: Tree
    digest: str
    missing: tuple[str, ...]
    set_aside: tuple[SetAside, ...]
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    @property
    def info(self) -> SubmissionInfo:
        """For the report."""
        return SubmissionInfo(
            name=self.name,
            digest=self.digest,
            taken=list(self.taken),
            missing=list(self.missing),
            set_aside=list(self.set_aside),
        )


@dataclass
class _Found:
    """One member of a submission, matched against the paths of the course."""

    path: str
    size: int
    odd: str | None
    known: str | None = None  # the path of the course that its name ends in
    content: bytes | None = None

    @property
    def prefix(self) -> str:
        assert self.known is not None
        return self.path[: len(self.path) - len(self.known)]


def take(source: Path, course: Course, stage: Stage, *, prepared: Materials | None = None) -> Submission:
    """Read a submission: a folder, zip, tar, bare git repository or bundle, its root possibly wrapped in folders.

    prepared: the stage's materials, if they are at hand.
    Raises SubmissionError: if nothing of this homework is in it (it says what there is instead), it is damaged, holds
    names that lead out of it or collide, or is beyond a limit.
    """
    course_files = prepared or materials(course, stage.key)
    found = _match(source, course_files)
    name = source.name if source.is_dir() else source.name.split(".")[0] or source.name
    if not found:
        raise SubmissionError(f"{source.name} holds no files: hand in the repository's folders, such as {stage.key}/")
    prefix = _root(found, course_files, source.name)
    files: Tree = {}
    faults: dict[str, str] = {}
    aside: list[SetAside] = []
    for member in found:
        inside = member.known is not None and member.prefix == prefix
        if inside and member.known in course_files.editable:
            _take_one(member, files, faults, aside)
        elif not _of_the_course(member, prefix, course_files):
            aside.append(SetAside(path=_shown(member.path), reason=_reason(member, inside, stage)))
    if not files:
        reasons = "; ".join(f"{entry.path} is {entry.reason}" for entry in aside[:3])
        raise SubmissionError(f"{source.name} holds no file of {stage.key} that can be graded: {reasons}")
    missing = tuple(path for path in course_files.editable if path not in files)
    return Submission(name, files, tree_digest(files), missing, _short(aside, prefix), faults)


def _match(source: Path, course_files: Materials) -> list[_Found]:
    """All members, with the contents of those that may be files of the course."""
    by_name: dict[str, list[str]] = {}
    for path in course_files.released:
        by_name.setdefault(path.rsplit("/", 1)[-1], []).append(path)
    editable_folded = {_folded(path) for path in course_files.editable}
    found: list[_Found] = []
    seen: dict[str, str] = {}
    for member in members(source):
        entry = _Found(member.path, member.size, member.odd)
        matches = [
            path for path in by_name.get(member.path.rsplit("/", 1)[-1], ()) if f"/{member.path}".endswith(f"/{path}")
        ]
        entry.known = max(matches, key=len, default=None)
        _refuse_collision(member.path, seen, editable_folded)
        if entry.known is not None and member.odd is None and _worth_reading(member, entry.known, course_files):
            entry.content = member.read(FILE_LIMIT + 1)
        found.append(entry)
    return found


def _worth_reading(member: Member, known: str, course_files: Materials) -> bool:
    """Editable files within the limit, and others that may be byte for byte the pristine ones."""
    if member.size > FILE_LIMIT:
        return False
    return known in course_files.editable or member.size == len(course_files.released[known])


def _refuse_collision(path: str, seen: dict[str, str], editable: set[str]) -> None:
    """Two names that one disk would hold apart and another not: which of the files counts must not hang on that."""
    folded = _folded(path)
    parts = folded.split("/")
    if any("/".join(parts[start:]) in editable for start in range(len(parts))):
        if folded in seen:
            raise SubmissionError(f"{seen[folded]!a} and {path!a} are one name on some disks: hand in one of them")
        seen[folded] = path


def _folded(path: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())


def _root(found: list[_Found], course_files: Materials, name: str) -> str:
    """The folder of the submission that is the repository's root, as a prefix."""
    editable = set(course_files.editable)
    counts = Counter(member.prefix for member in found if member.known in editable)
    if not counts:
        raise SubmissionError(_explain(found, course_files, name))
    best = max(counts.values())
    winners = sorted(prefix for prefix, count in counts.items() if count == best)
    if len(winners) > 1:
        places = " and ".join(prefix or "its root" for prefix in winners[:2])
        raise SubmissionError(f"{name} holds the homework twice, in {places!a}: hand in one copy")
    return winners[0]


def _explain(found: list[_Found], course_files: Materials, name: str) -> str:
    """Why there is nothing to grade: another homework's files, another layout, or neither."""
    stage, course = course_files.stage, course_files.course
    paths = [member.path for member in found]
    for other in course.stages:
        if other.key != stage.key:
            theirs = [path for path in editable_files(course, other.key) if concerns(other, path)]
            if any(f"/{path}".endswith(f"/{own}") for path in paths for own in theirs):
                return (
                    f"{name} looks like {other.key}, not {stage.key}: hand in {stage.key}, or grade it as {other.key}"
                )
    for path in paths:
        own = max(course_files.editable, key=lambda candidate: _common_tail(path, candidate))
        if _common_tail(path, own):
            return (
                f"{name} has another layout: {path!a} would be {own} in this course. "
                f"Keep the folders from the repository's root (`make archive S={stage.key}` packs them)"
            )
    some = ", ".join(ascii(path) for path in paths[:3])
    return f"{name} holds nothing of {stage.key}: found {some}; expected files such as {course_files.editable[0]}"


def _common_tail(left: str, right: str) -> int:
    count = 0
    for one, other in zip(reversed(PurePosixPath(left).parts), reversed(PurePosixPath(right).parts), strict=False):
        if one != other:
            break
        count += 1
    return count


def _take_one(member: _Found, files: Tree, faults: dict[str, str], aside: list[SetAside]) -> None:
    assert member.known is not None
    if member.odd is not None:
        aside.append(SetAside(path=_shown(member.path), reason=f"{member.odd}, not a file"))
    elif member.content is None or len(member.content) > FILE_LIMIT:
        aside.append(SetAside(path=_shown(member.path), reason=beyond(member.size, FILE_LIMIT)))
    else:
        text = member.content.removeprefix(_BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            faults[member.known] = f"not UTF-8: byte {error.start} is 0x{text[error.start]:02x}"
        if b"\0" in text:
            faults[member.known] = f"not text: byte {text.index(0)} is NUL"
        files[member.known] = text


def _of_the_course(member: _Found, prefix: str, course_files: Materials) -> bool:
    """Whether a file is no surprise: pristine, or another stage's, as in the repository of a whole term."""
    if member.known is not None and member.prefix == prefix:
        return member.known in course_files.elsewhere or member.content == course_files.released[member.known]
    inner = member.path.removeprefix(prefix)
    return member.odd is None and member.path.startswith(prefix) and inner in course_files.course_paths


def _reason(member: _Found, inside: bool, stage: Stage) -> str:
    if member.odd is not None:
        return f"{member.odd}, not a file"
    if inside:
        return "not for students to change; the course's own was used"
    return f"no file of {stage.key}"


def _shown(path: str) -> str:
    """A path of a submission as a report may hold it: printable characters only."""
    return "".join(character if character.isprintable() else "?" for character in path)[:200]


def _short(aside: list[SetAside], prefix: str) -> tuple[SetAside, ...]:
    """The list that a reader sees: a folder's files as one entry where they are many, and an end."""

    def top(entry: SetAside) -> str | None:
        inner = entry.path.removeprefix(prefix)
        folder = inner.partition("/")[0]
        return entry.path[: len(entry.path) - len(inner)] + folder + "/" if "/" in inner else None

    counts = Counter((top(entry), entry.reason) for entry in aside)
    entries: dict[tuple[str, str], SetAside] = {}
    for entry in aside:
        folder, count = top(entry), counts[top(entry), entry.reason]
        if folder is not None and count > FOLDED:
            entry = SetAside(path=folder, reason=f"{count:,} files, {entry.reason}")
        entries.setdefault((entry.path, entry.reason), entry)
    shown = list(entries.values())
    if len(shown) > LISTED:
        rest = SetAside(path=f"and {len(shown) - LISTED:,} more", reason="set aside for reasons like these")
        shown = [*shown[:LISTED], rest]
    return tuple(shown)
