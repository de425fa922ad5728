"""Which troubles pass, and how long to wait for it."""

from __future__ import annotations

import random
from dataclasses import dataclass

import httpx2

ATTEMPTS = 4
FIRST_WAIT_SECONDS = 0.5
# No attempt begins later than this after the first.
PATIENCE_SECONDS = 150.0
LONGEST_WAIT_SECONDS = 60.0
# A timeout that the server noticed, too early, too many requests: these pass; other 4xx don't.
PASSING_STATUSES = frozenset({408, 425, 429})


class TryAgainError(Exception):
    """The server did not take what was sent, and may do so soon; `wait_seconds` is what it asks for."""

    def __init__(self, message: str, wait_seconds: float | None = None, *, is_in_flight: bool = False) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds
        self.is_in_flight = is_in_flight


@dataclass
class Patience:
    """A backoff hook of stamina: False gives up, True waits as stamina does, a number of seconds overrules it.

    While the same run is in flight elsewhere it is being taken in: that may last, and is no failure to be counted.
    """

    attempts: int = ATTEMPTS
    failures: int = 0

    def __call__(self, error: Exception) -> bool | float:
        if isinstance(error, TryAgainError):
            return self._again(error)
        return isinstance(error, httpx2.TransportError) and self._is_left()

    def _again(self, error: TryAgainError) -> bool | float:
        if not error.is_in_flight and not self._is_left():
            return False
        if error.wait_seconds is None:
            return True
        # Jitter: those who were told the same must not come back at one moment.
        return error.wait_seconds <= LONGEST_WAIT_SECONDS and error.wait_seconds + random.uniform(0, 1)  # noqa: S311

    def _is_left(self) -> bool:
        self.failures += 1
        return self.failures < self.attempts
