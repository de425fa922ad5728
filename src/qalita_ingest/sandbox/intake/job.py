"""The job that each accepted run has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qalita_ingest.sandbox.database import insert_row
from qalita_ingest.sandbox.database.model import Job

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.contract import RunReport


def store_pending_job(session: Session, report: RunReport, key: str, arrived_at: datetime, *, payload: bytes) -> int:
    """The id of a new job of kind `ingest`. `payload` is the gzipped report."""
    return insert_row(session, Job, _job(report, key, arrived_at) | {"status": "pending", "payload": payload})


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
