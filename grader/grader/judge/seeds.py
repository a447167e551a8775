"""Fresh inputs for each submission: seeds that only the course's secret foretells, and that anybody can replay."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from ..authoring.manifest import Course
from ..errors import GraderError

_FILE = ".grader/secret"
_VARIABLE = "GRADER_SECRET"
_LENGTH = 16  # characters that a secret has at least


def submission_seed(secret: bytes, stage_key: str, digest: str) -> int:
    """The seed of a submission: 63 bits of an HMAC, so equal files get equal inputs, different files unrelated ones."""
    message = f"{stage_key}\0{digest}".encode()
    return int.from_bytes(hmac.new(secret, message, hashlib.sha256).digest()[:8], "big") >> 1


def case_seed(seed: int, case: str) -> int:
    """The seed of one case: 32 bits, as `np.random.seed` takes. It does not depend on which cases ran before."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{case}".encode()).digest()[:4], "big")


def course_secret(course: Course) -> bytes:
    """The course's secret: the variable GRADER_SECRET, else the file .grader/secret, made at first use.

    Raises GraderError: if the file cannot be read or made, or is too short to be a secret.
    """
    given = os.environ.get(_VARIABLE)
    if given is not None:
        return _checked(given.encode(), f"the variable {_VARIABLE}")
    path = course.root / _FILE
    advice = f"or set the variable {_VARIABLE} to at least {_LENGTH} characters, the same at each grading"
    try:
        if not path.exists():
            _create(path)
    except OSError as error:
        message = f"the course's secret {path} is not there yet and cannot be made: {error.strerror}. "
        raise GraderError(f"{message}Let this user write to {path.parent} once, {advice}") from error
    try:
        return _checked(path.read_bytes().strip(), str(path))
    except OSError as error:
        message = f"the course's secret {path} cannot be read: {error.strerror}. "
        raise GraderError(f"{message}Let this user read it, {advice}") from error


def _create(path: Path) -> None:
    """Write a new secret under a name of its own and link it into place: of two judges starting together, one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    neighbour = path.with_name(f".secret-{secrets.token_hex(8)}")
    descriptor = os.open(neighbour, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        try:
            os.link(neighbour, path)
        except FileExistsError:
            return  # the other judge's is as good
    finally:
        neighbour.unlink()


def _checked(secret: bytes, where: str) -> bytes:
    if len(secret) < _LENGTH:
        raise GraderError(f"{where} holds {len(secret)} characters; a course's secret needs at least {_LENGTH}")
    return secret
