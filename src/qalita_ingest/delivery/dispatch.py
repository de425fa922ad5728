"""Runs from the outbox to QALITA: kept first, sent then, removed on success, parked when refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from qalita_ingest.delivery.failures import NotAdmittedError, UnavailableError
from qalita_ingest.delivery.label import RunLabel, label_of, read_kept
from qalita_ingest.delivery.outbox import Entry, Outbox
from qalita_ingest.errors import KeptInOutboxError, QalitaIngestError, RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qalita_ingest.contract import IngestAnswer, RunReport


class Route(Protocol):
    """One way into QALITA."""

    def send(self, entry: Entry) -> IngestAnswer:
        """Raises `KeptInOutboxError` when QALITA can't be reached, `RejectedError` when it will not take the run."""


@dataclass(frozen=True)
class Delivery:
    """`flushed`: runs from earlier that went along. `left`: reasons why others did not."""

    answer: IngestAnswer
    flushed: int = 0
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Flushed:
    """What became of one kept run: an answer, or the error that says why there is none.

    `label` is None for a damaged file. `path` is where the file is now, or was.
    """

    path: Path
    label: RunLabel | None = None
    answer: IngestAnswer | None = None
    error: QalitaIngestError | None = None

    @property
    def is_parked(self) -> bool:
        return self.error is not None and _is_about_the_run(self.error)


def deliver(report: RunReport, outbox: Outbox, route: Route) -> Delivery:
    """Keep the run, send what was kept before, then this one.

    Raises `KeptInOutboxError` when QALITA can't be reached, `RejectedError` when it will not take this run.
    """
    kept_at = datetime.now(UTC)
    mine = outbox.keep(report)
    flushed, left = 0, []
    for one in flush(outbox, route, without=mine.path):
        if isinstance(one.error, UnavailableError):
            raise _placed(one.error, mine.path)
        if one.error is None:
            flushed += 1
            continue
        left.append(str(_placed(one.error, one.path)))
        if isinstance(one.error, KeptInOutboxError):
            # The others wait; this run is tried all the same, or one bad run would hold up all that follow.
            break
    try:
        answer = route.send(mine)
    except QalitaIngestError as error:
        raise _placed(error, _settled(outbox, mine.path, error)) from None
    outbox.delivered(mine.path)
    return Delivery(_since(kept_at, answer), flushed, left)


def flush(outbox: Outbox, route: Route, *, without: Path | None = None) -> Iterator[Flushed]:
    """Send what is pending, oldest first, one at a time; ends early when nobody is there to take the others.

    A run that another process delivers meanwhile is passed over.
    """
    for path in outbox.pending():
        if path == without:
            continue
        one = _flush_one(outbox, route, path)
        if one is not None:
            yield one
            if isinstance(one.error, UnavailableError):
                return


def _flush_one(outbox: Outbox, route: Route, path: Path) -> Flushed | None:
    label = None
    try:
        content = read_kept(path)
        label = label_of(path, content)
        answer = route.send(Entry(path, content))
    except FileNotFoundError:
        return None
    except QalitaIngestError as error:
        return Flushed(_settled(outbox, path, error), label, error=error)
    outbox.delivered(path)
    return Flushed(path, label, answer)


def _settled(outbox: Outbox, path: Path, error: QalitaIngestError) -> Path:
    """Park the run where it was refused itself; where it is now."""
    return outbox.park(path, str(error)) if _is_about_the_run(error) else path


def _is_about_the_run(error: QalitaIngestError) -> bool:
    return isinstance(error, RejectedError) and not isinstance(error, NotAdmittedError)


def _placed(error: QalitaIngestError, path: Path) -> QalitaIngestError:
    """The same error, with where the run is now."""
    if _is_about_the_run(error):
        return type(error)(f"{error}; the run is in {path}: mend the cause, then `qalita ingest flush --parked`")
    return type(error)(f"{error} ({path})")


def _since(kept_at: datetime, answer: IngestAnswer) -> IngestAnswer:
    """A run that arrived after it was kept is new, even if another process, or an attempt without answer, sent it."""
    is_new = answer.outcome == "accepted" or answer.delivered_at >= kept_at
    return msgspec.structs.replace(answer, outcome="accepted") if is_new else answer
