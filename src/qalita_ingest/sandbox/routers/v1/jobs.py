"""Jobs as workers get them, and what jobs leave behind."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.sandbox.clients.assets import keep_output
from qalita_ingest.sandbox.clients.jobs import hand_over, next_jobs
from qalita_ingest.sandbox.clients.workers import find_worker
from qalita_ingest.sandbox.database import Database
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers
from qalita_ingest.sandbox.routers.clients.assets import ASSET
from qalita_ingest.sandbox.routers.clients.bounds import IdOf
from qalita_ingest.sandbox.routers.clients.files import MULTIPART, SmallFileOf
from qalita_ingest.sandbox.routers.clients.jobs import JOB

router = APIRouter(tags=["clients"])


@router.post("/jobs/{job_id}/outputs", responses=answers(ASSET, 404, 413, 415), openapi_extra=MULTIPART)
def upload_output(job_id: IdOf, file: SmallFileOf, database: DatabaseOf, now: NowOf) -> Response:
    """Keep a picture or page of a job: at most 20, of 20 MiB each; the same file name again replaces.

    Departs from our rules: 200 for a new one, as for all that clients upload.
    """
    with database.writing() as session:
        return json_response(keep_output(session, job_id, file.name, file.content, now))


@router.get("/workers/{worker_id}/jobs/next", name="next job of a worker", responses=answers([JOB], 404))
@router.get("/agents/{worker_id}/jobs/next", name="next job of an agent", responses=answers([JOB], 404))
def hand_next(worker_id: IdOf, database: DatabaseOf, now: NowOf) -> Response:
    """Hand a pending job to this worker: one that is assigned to it, else a free one. Each is handed out once.

    Departs from our rules: a GET that changes something, a bare array, and 200 when there is nothing, since clients in
    worker mode ask in this way every second.
    """
    with database.reading() as session:
        if find_worker(session, worker_id) is None:
            raise HTTPException(404, f"there is no worker {worker_id}")
        waiting = next_jobs(session, worker_id)
    # Only then: a write every second would make other writers wait.
    handed = [_hand(database, job_id, worker_id, now) for job_id in waiting]
    return json_response([job for job in handed if job])


def _hand(database: Database, job_id: int, worker_id: int, now: NowOf) -> object:
    with database.writing() as session:
        return hand_over(session, job_id, worker_id, now)
