"""Two failures that are not about the run: whatever is sent next would fare the same."""

from __future__ import annotations

from qalita_ingest.errors import KeptInOutboxError, RejectedError


class UnavailableError(KeptInOutboxError):
    """Nobody listens, or the server asks to come back later."""


class NotAdmittedError(RejectedError):
    """401 or 403: the token is turned away, not the run. It is not parked, and goes by itself with a better token."""
