"""A run that somebody waits for."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from qalita_ingest.contract import IngestAnswer, RunReport, idempotency_key

if TYPE_CHECKING:
    from datetime import datetime

# The answer, and whether anything of the run was new.
Taken = tuple[IngestAnswer, bool]


@dataclass(frozen=True)
class Ticket:
    """`packed` is the gzipped report. `taken` gets the answer, or the error that says why there is none."""

    report: RunReport
    packed: bytes
    arrived_at: datetime
    taken: Future[Taken] = field(default_factory=Future)

    @cached_property
    def key(self) -> str:
        return idempotency_key(self.report)

    def __post_init__(self) -> None:
        # Who gives up waiting cancels nothing.
        self.taken.set_running_or_notify_cancel()
