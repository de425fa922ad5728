"""The rows of jobs that take runs in: stored, claimed, ended.

A claim is good for one attempt. Who claims a job counts its attempts up, so that an earlier claim ends nothing any
more: claiming what somebody else still holds does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, or_, select, update

from qalita_ingest.sandbox.database.model import Job
from qalita_ingest.sandbox.intake import store_pending_jobs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.jobs.ticket import Ticket

# An open job of another process, untouched for so long, belongs to nobody.
LEASE = timedelta(minutes=1)
MOST_ATTEMPTS = 3

_IS_INGEST = Job.kind == "ingest"
_IS_OPEN = Job.status.in_(("pending", "running"))
# The claim still counts.
_IS_HELD = and_(Job.id == bindparam("job"), Job.attempts == bindparam("attempt"), Job.status == "running")
# Made once: these run for each run that comes.
_OPEN_OF_KEYS = select(Job.idempotency_key).where(
    Job.idempotency_key.in_(bindparam("keys", expanding=True)), _IS_INGEST, _IS_OPEN
)
_CLAIM = (
    update(Job)
    .where(Job.id.in_(bindparam("jobs", expanding=True)), Job.status == "pending")
    .values(status="running", attempts=Job.attempts + 1, claimed_at=bindparam("now"), started_at=bindparam("now"))
    .returning(Job.id, Job.attempts, Job.created_at)
)
_HELD = select(Job.id, Job.attempts).where(Job.id.in_(bindparam("jobs", expanding=True)), Job.status == "running")
_END = (
    update(Job)
    .where(_IS_HELD)
    .values(
        status=bindparam("ended_as"),
        run_id=bindparam("run"),
        error=bindparam("words"),
        ended_at=bindparam("now"),
        payload=None,
    )
)
_FORGET = delete(Job).where(_IS_HELD)


@dataclass(frozen=True)
class Claim:
    """`attempt` counts from 1, over all processes that tried."""

    job_id: int
    attempt: int
    arrived_at: datetime


def keys_of_open_jobs(session: Session, keys: Collection[str]) -> set[str | None]:
    """Those of these keys."""
    return set(session.connection().scalars(_OPEN_OF_KEYS, {"keys": keys}))


def store_jobs(session: Session, tickets: Sequence[Ticket]) -> dict[str, int]:
    """Key → id of the new pending job of each."""
    return store_pending_jobs(
        session, [(ticket.report, ticket.key, ticket.arrived_at, ticket.packed) for ticket in tickets]
    )


def open_jobs(session: Session, before: datetime | None = None) -> list[int]:
    """The oldest first. `before`: only those that have been waiting, or claimed, since then."""
    query = select(Job.id).where(_IS_INGEST, _IS_OPEN).order_by(Job.id)
    if before is not None:
        is_waiting = and_(Job.status == "pending", Job.created_at < before)
        query = query.where(or_(is_waiting, and_(Job.status == "running", Job.claimed_at < before)))
    return list(session.scalars(query))


def reopen_jobs(session: Session, job_ids: Collection[int]) -> None:
    """Those of them that are running are pending again."""
    session.execute(update(Job).where(Job.id.in_(job_ids), Job.status == "running").values(status="pending"))


def claim_jobs(session: Session, job_ids: Collection[int], now: datetime) -> list[Claim]:
    """Of those that are still pending, the oldest first."""
    rows = session.connection().execute(_CLAIM, {"jobs": job_ids, "now": now})
    return sorted((Claim(*row) for row in rows), key=attrgetter("job_id"))


def payload_of(session: Session, job_id: int) -> bytes:
    return session.scalar(select(Job.payload).where(Job.id == job_id)) or b""


def held(session: Session, claims: Collection[Claim]) -> list[Claim]:
    """Those that still count. As one writes at a time, they do so to the end of the transaction."""
    rows = session.connection().execute(_HELD, {"jobs": [claim.job_id for claim in claims]})
    still = {(job_id, attempt) for job_id, attempt in rows}
    return [claim for claim in claims if (claim.job_id, claim.attempt) in still]


def finish_jobs(session: Session, runs: Mapping[Claim, int], now: datetime) -> None:
    """`runs`: the id of what came of each."""
    ended = {"ended_as": "succeeded", "words": None, "now": now}
    if runs:
        session.connection().execute(_END, [_named(claim) | ended | {"run": run} for claim, run in runs.items()])


def fail_job(session: Session, claim: Claim, error: str, now: datetime) -> None:
    ended = {"ended_as": "failed", "words": " ".join(error.split()), "now": now, "run": None}
    session.connection().execute(_END, _named(claim) | ended)


def forget_jobs(session: Session, claims: Collection[Claim]) -> None:
    """Of reports whose rows were all there: nothing came of them."""
    if claims:
        session.connection().execute(_FORGET, [_named(claim) for claim in claims])


def _named(claim: Claim) -> dict[str, object]:
    return {"job": claim.job_id, "attempt": claim.attempt}
