"""Workers, which clients until 2.5.1 call agents: the same things at two addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.sandbox.clients.bodies import NewWorker, WorkerChange
from qalita_ingest.sandbox.clients.jobs import jobs_of_worker
from qalita_ingest.sandbox.clients.workers import change_worker, find_worker, list_workers, register_worker
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers
from qalita_ingest.sandbox.routers.clients.bounds import IdOf

if TYPE_CHECKING:
    from collections.abc import Callable

router = APIRouter(tags=["clients"])

WORKER = {"id": 1, "name": "laptop", "mode": "worker", "status": "online", "is_active": True}


def list_all(database: DatabaseOf) -> Response:
    """Every worker.

    Departs from our rules: a bare array, without pages, since clients look for their own name in it.
    """
    with database.reading() as session:
        return json_response(list_workers(session))


def create(wanted: NewWorker, database: DatabaseOf, now: NowOf) -> Response:
    """Make a worker known; one of the same name is the same worker.

    Departs from our rules: 201 also for one that was there, since clients take any other status for a failure.
    """
    with database.writing() as session:
        return json_response(register_worker(session, wanted, now), 201)


def read(worker_id: IdOf, database: DatabaseOf) -> Response:
    """A worker and its jobs.

    Departs from our rules: all jobs in the one answer, with their versions as text, since clients print them so.
    """
    with database.reading() as session:
        worker = find_worker(session, worker_id)
        if worker is None:
            raise HTTPException(404, f"there is no worker {worker_id}")
        return json_response(msgspec.structs.asdict(worker) | {"jobs": jobs_of_worker(session, worker_id)})


def change(worker_id: IdOf, wanted: WorkerChange, database: DatabaseOf, now: NowOf) -> Response:
    """Say what a worker does: only what is sent changes."""
    with database.writing() as session:
        worker = change_worker(session, worker_id, wanted, now)
    if worker is None:
        raise HTTPException(404, f"there is no worker {worker_id}")
    return json_response(worker)


def _serve(kind: str) -> None:
    def add(
        path: str, method: str, route: Callable[..., Response], example: object, *codes: int, status: int = 200
    ) -> None:
        router.add_api_route(
            f"/{kind}{path}",
            route,
            methods=[method],
            name=f"{route.__name__} {kind}",
            status_code=status,
            responses=answers(example, *codes, status=status),
        )

    add("", "GET", list_all, [WORKER])
    add("/create", "POST", create, WORKER, status=201)
    add("/{worker_id}", "GET", read, WORKER | {"jobs": []}, 404)
    add("/{worker_id}", "PUT", change, WORKER, 404)


_serve("workers")
_serve("agents")
