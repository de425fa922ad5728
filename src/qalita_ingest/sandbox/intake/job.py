"""The job that each accepted run has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from qalita_ingest.sandbox.database import insert_row
from qalita_ingest.sandbox.database.model import Job

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport

_INTO_JOBS = insert(Job).returning(Job.idempotency_key, Job.id)


def store_pending_jobs(session: Session, arrived: Iterable[tuple[RunReport, str, datetime, bytes]]) -> dict[str, int]:
    """Key → id of new jobs of kind `ingest`. Of each the report, its key, when it came, and the gzipped report."""
    rows = [
        _job(report, key, arrived_at) | {"status": "pending", "payload": payload}
        for report, key, arrived_at, payload in arrived
    ]
    if not rows:
        return {}
    return {key: job_id for key, job_id in session.connection().execute(_INTO_JOBS, rows) if key}


def store_done_job(session: Session, report: RunReport, key: str, run_id: int, arrived_at: datetime) -> None:
    """The job of a run that was taken in as it came, without waiting."""
    times = dict.fromkeys(("claimed_at", "started_at", "ended_at"), arrived_at)
    done = {"status": "succeeded", "run_id": run_id, "attempts": 1}
    insert_row(session, Job, _job(report, key, arrived_at) | times | done)


def _job(report: RunReport, key: str, arrived_at: datetime) -> dict[str, Any]:
    """Its name says where the run belongs."""
    return {
        "kind": "ingest",
        "name": f"{report.project} / {report.environment}",
        "idempotency_key": key,
        "attempts": 0,
        "created_at": arrived_at,
    }
