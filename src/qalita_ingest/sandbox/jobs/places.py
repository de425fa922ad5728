"""Where each ticket goes: to a new job, to the answer that is there, or to wait for who has its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qalita_ingest.contract import IngestAnswer
from qalita_ingest.sandbox.intake import ConflictingRunError, answer_again, kept_runs
from qalita_ingest.sandbox.jobs import records
from qalita_ingest.sandbox.uploads import forget_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.intake import KeptRun
    from qalita_ingest.sandbox.jobs.ticket import Ticket

# The id of its new job, an answer, an error, or None while an open job has its key.
Place = int | IngestAnswer | ConflictingRunError | None


def places_of(session: Session, tickets: Sequence[Ticket]) -> list[Place]:
    """In their order. Of those of one key, the first gets a job."""
    kept = kept_runs(session, [ticket.key for ticket in tickets])
    new = {ticket.key: ticket for ticket in reversed(tickets) if ticket.key not in kept}
    in_hand = records.keys_of_open_jobs(session, new)
    jobs = records.store_jobs(session, [new[key] for key in reversed(new) if key not in in_hand])
    forget_parts(session, kept)
    return [
        _answered(ticket, kept[ticket.key]) if ticket.key in kept else jobs.pop(ticket.key, None) for ticket in tickets
    ]


def _answered(ticket: Ticket, kept: KeptRun) -> Place:
    try:
        return answer_again(ticket.report, kept)
    except ConflictingRunError as error:
        return error
