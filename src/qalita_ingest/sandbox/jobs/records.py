"""The rows of jobs that take runs in: stored, claimed, ended.

A claim is good for one attempt. Who claims a job counts its attempts up, so that an earlier claim ends nothing any
more: claiming what somebody else still holds does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, or_, select, update

from qalita_ingest.sandbox.database.model import Job
from qalita_ingest.sandbox.intake import new_job

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.jobs.ticket import Ticket

# An open job of another process, untouched for so long, belongs to nobody.
LEASE = timedelta(minutes=1)
MOST_ATTEMPTS = 3
# No session holds a job that it read: the ORM need not look for any.
NO_OBJECTS = {"synchronize_session": False}

_IS_INGEST = Job.kind == "ingest"
_IS_OPEN = Job.status.in_(("pending", "running"))


@dataclass(frozen=True)
class Claim:
    """`attempt` counts from 1, over all processes that tried."""

    job_id: int
    attempt: int
    arrived_at: datetime


def has_open_job(session: Session, key: str) -> bool:
    query = select(Job.id).where(Job.idempotency_key == key, _IS_INGEST, _IS_OPEN).limit(1)
    return session.scalar(query) is not None


def store_job(session: Session, ticket: Ticket) -> int:
    """The id of a new pending job."""
    job = new_job(ticket.report, ticket.key, ticket.arrived_at)
    job.payload = ticket.packed
    session.add(job)
    session.flush()
    return job.id


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


def claim_job(session: Session, job_id: int, now: datetime) -> Claim | None:
    """None where it is no longer pending."""
    statement = (
        update(Job)
        .where(Job.id == job_id, Job.status == "pending")
        .values(status="running", attempts=Job.attempts + 1, claimed_at=now, started_at=now)
        .returning(Job.attempts, Job.created_at)
    )
    row = session.execute(statement, execution_options=NO_OBJECTS).first()
    return Claim(job_id, *row) if row else None


def payload_of(session: Session, job_id: int) -> bytes:
    return session.scalar(select(Job.payload).where(Job.id == job_id)) or b""


def is_held(session: Session, claim: Claim) -> bool:
    """Whether the claim still counts. As one writes at a time, it does so to the end of the transaction."""
    return session.scalar(select(Job.id).where(_held(claim))) is not None


def finish_job(session: Session, claim: Claim, run_id: int, now: datetime) -> None:
    values = {"status": "succeeded", "run_id": run_id, "ended_at": now, "payload": None}
    session.execute(update(Job).where(_held(claim)).values(values), execution_options=NO_OBJECTS)


def fail_job(session: Session, claim: Claim, error: str, now: datetime) -> None:
    values = {"status": "failed", "error": " ".join(error.split()), "ended_at": now, "payload": None}
    session.execute(update(Job).where(_held(claim)).values(values), execution_options=NO_OBJECTS)


def forget_job(session: Session, claim: Claim) -> None:
    """Of a report whose rows were all there: nothing came of it."""
    session.execute(delete(Job).where(_held(claim)))


def _held(claim: Claim) -> ColumnElement[bool]:
    return and_(Job.id == claim.job_id, Job.attempts == claim.attempt, Job.status == "running")
