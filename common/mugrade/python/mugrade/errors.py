"""What can go wrong, in words for the person at the keyboard."""

from __future__ import annotations


class MugradeError(Exception):
    """Something that keeps values from being sent or judged; its message says what to do."""


class UsageError(MugradeError):
    """The command was not told enough, or names something that is not there."""


class NotCollecting(MugradeError):
    """`mugrade.submit` was called where nothing collects values."""


class EncodingError(MugradeError, TypeError):
    """A value of a type that cannot be handed over."""


class ServerError(MugradeError):
    """The service cannot be reached, refused the request or gave an answer that makes no sense."""
