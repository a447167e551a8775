"""The command `grader`. Each family of verbs has its file; what they share, exit codes and errors, is in `app`.

Nothing heavy is imported before a verb needs it, so that `grader --help` answers at once.
"""

from . import audit, author, batch, grade, look, pack
from .app import app, main

__all__ = ["app", "audit", "author", "batch", "grade", "look", "main", "pack"]
