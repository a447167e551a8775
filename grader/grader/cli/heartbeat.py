"""A line now and then on standard error, where no terminal shows a bar: a log must not look as if all had stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

from .app import say

SECONDS = 30.0  # between two lines


class Heartbeat:
    """Says a line every `seconds` until the context is left. told: (seconds since the start) -> the line."""

    def __init__(self, told: Callable[[float], str], seconds: float = SECONDS):
        self._told, self._seconds = told, seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._seconds):
            say(self._told(time.monotonic() - self._began))
