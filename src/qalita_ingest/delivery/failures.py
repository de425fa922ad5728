"""Two failures that are not about the run: whatever is sent next would fare the same."""

from __future__ import annotations

from qalita_ingest.errors import KeptInOutboxError, RejectedError


class UnavailableError(KeptInOutboxError):
    """Nobody listens, or the server asks to come back later."""


class NotAdmittedError(RejectedError):
    """The server turns away whoever asks in this way: the run itself may be all right, so it is not parked."""
