"""Jobs as people see them. `/jobs` is what clients call."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.sandbox.reading import JobDetail, JobView, Page, find_job, list_jobs
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers
from qalita_ingest.sandbox.routers.v2.parameters import WindowOf

router = APIRouter(prefix="/job-history", tags=["job history"])


@router.get("", responses=answers(Page[JobView], 400))
def list_job_history(
    database: DatabaseOf,
    window: WindowOf,
    kind: Literal["ingest", "pack"] | None = None,
    status: Literal["pending", "running", "succeeded", "failed"] | None = None,
) -> Response:
    """Jobs, newest first: reports that are taken in, packs that are run."""
    with database.reading() as session:
        return json_response(list_jobs(session, kind=kind, status=status, window=window))


@router.get("/{job_id}", responses=answers(JobDetail, 404))
def read_job(job_id: IdOf, database: DatabaseOf) -> Response:
    """One job with its files and the text of its logs."""
    with database.reading() as session:
        job = find_job(session, job_id)
    if job is None:
        raise HTTPException(404, f"there is no job {job_id}")
    return json_response(job)
