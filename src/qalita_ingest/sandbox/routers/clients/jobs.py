"""Jobs of packs, and routines, of which the sandbox has none."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.sandbox.clients.bodies import JobChange, NewJob
from qalita_ingest.sandbox.clients.jobs import change_job, create_job, find_job, list_jobs
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers
from qalita_ingest.sandbox.routers.clients.bounds import IdOf

router = APIRouter(tags=["clients"])

JOB = {
    "id": 7,
    "name": None,
    "type": "pack",
    "status": "pending",
    "source": {"id": 1, "name": "opendata"},
    "pack": {"id": 1, "name": "opendata_dbt"},
    "source_id": 1,
    "pack_id": 1,
    "agent_id": 3,
    "worker_id": 3,
    "source_version": None,
    "target_version": None,
    "pack_version": None,
    "start_date": None,
    "end_date": None,
    "logs_id": None,
}


@router.get("/routines", responses=answers([]))
def list_routines() -> list[Any]:
    """Jobs on a schedule: the sandbox has none.

    Departs from our rules: a bare array and 200, since a 204 ends a client in worker mode.
    """
    return []


@router.get("/jobs", responses=answers([JOB]))
def list_all(database: DatabaseOf) -> Response:
    """Every job of a pack, the oldest first. Jobs of ingested runs are not here.

    Departs from our rules: a bare array, without pages. Clients in worker mode read it every second and claim what is
    pending and has no `agent_id`: so it holds only what a client can run, with `source` and `pack` as objects.
    """
    with database.reading() as session:
        return json_response(list_jobs(session))


@router.get("/jobs/{job_id}", responses=answers(JOB | {"outputs": [], "documents": []}, 404))
def read(job_id: IdOf, database: DatabaseOf) -> Response:
    """A job of a pack with what its client brought: `logs_id` and `outputs` are assets, `documents` are uploads."""
    with database.reading() as session:
        job = find_job(session, job_id)
    if job is None:
        raise HTTPException(404, f"there is no job {job_id} of a pack")
    return json_response(job)


@router.post("/jobs/create", status_code=201, responses=answers(JOB, status=201))
def create(wanted: NewJob, database: DatabaseOf, now: NowOf) -> Response:
    """Create a job of a pack on a source.

    For a worker to run: `{"source_id": 1, "pack_id": 1}` is for any, with `"worker_id": 3` for that one. Clients create
    jobs that they run at once in the same way, with `"status": "running"`.

    Departs from our rules: the address ends in `create`, as clients have it; ids are numbers or text.
    """
    with database.writing() as session:
        return json_response(create_job(session, wanted, now), 201)


@router.put("/jobs/{job_id}", responses=answers(JOB, 404, 409))
def change(job_id: IdOf, wanted: JobChange, database: DatabaseOf, now: NowOf) -> Response:
    """Claim, begin or end a job: only what is sent changes.

    A body with nothing but a worker claims the job for it: 409 when another one has it. `"status": "pending"` sets it
    free again, or gives it to the worker that is named.

    Departs from our rules: ids are numbers or text, a time without a zone is UTC.
    """
    with database.writing() as session:
        job = change_job(session, job_id, wanted, now)
    if job is None:
        raise HTTPException(404, f"there is no job {job_id} of a pack")
    return json_response(job)
