"""The job that each accepted run has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qalita_ingest.sandbox.database.model import Job

if TYPE_CHECKING:
    from datetime import datetime

    from qalita_ingest.contract import RunReport


def new_job(report: RunReport, key: str, arrived_at: datetime) -> Job:
    """A pending job of kind `ingest`; its name says where the run belongs."""
    return Job(
        kind="ingest",
        status="pending",
        name=f"{report.project} / {report.environment}",
        idempotency_key=key,
        attempts=0,
        created_at=arrived_at,
    )


def done_job(report: RunReport, key: str, run_id: int, arrived_at: datetime) -> Job:
    """The job of a run that was taken in as it came, without waiting."""
    job = new_job(report, key, arrived_at)
    job.status, job.run_id, job.attempts = "succeeded", run_id, 1
    job.claimed_at = job.started_at = job.ended_at = arrived_at
    return job
