"""Runs come in here."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from qalita_ingest.contract import IngestAnswer, RunReport, decode_report, idempotency_key
from qalita_ingest.sandbox import requests
from qalita_ingest.sandbox.intake import ConflictingRunError
from qalita_ingest.sandbox.jobs import JobWorker
from qalita_ingest.sandbox.requests import Sent, SentOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers, body, problems

router = APIRouter(prefix="/ingest", tags=["ingest"])

# Less than what clients and proxies wait for an answer.
PATIENCE_SECONDS = 25.0
# For the store's sake, not the wire's: the payload is gone when the run is in.
FASTEST = 1


@dataclass(frozen=True)
class Arrival:
    """When a run came, and who takes it in."""

    jobs: JobWorker
    now: datetime


async def arrival(request: Request) -> Arrival:
    return Arrival(request.app.state.jobs, requests.now(request))


ArrivalOf = Annotated[Arrival, Depends(arrival)]


@dataclass(frozen=True)
class Whole:
    """A report that is one, and its gzipped bytes."""

    report: RunReport
    packed: bytes


@router.get("/capabilities", responses=problems())
def capabilities() -> dict[str, int | list[int] | list[str]]:
    """What this server can do."""
    return {
        "contract_versions": [1],
        "kinds": ["dbt"],
        "encodings": list(requests.ENCODINGS),
        "largest_part_bytes": requests.LARGEST_PART_BYTES,
    }


@router.post(
    "/runs",
    responses=answers(IngestAnswer, 400, 409, 413, 415, successes=(200, 201)),
    openapi_extra=body(RunReport),
)
async def ingest_run(
    sent: SentOf, arrival: ArrivalOf, key: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> Response:
    """Take a run: 201 when it is new, 200 when it was there before, 422 when it contradicts what was."""
    return await take(await run_in_threadpool(_whole, sent, key), arrival)


def _whole(sent: Sent, key: str | None) -> Whole:
    content = sent.unpacked()
    report = report_of(content, key, "Idempotency-Key")
    return Whole(report, sent.content if sent.encoding == "gzip" else gzip.compress(content, FASTEST))


def report_of(content: bytes, key: str | None, origin: str) -> RunReport:
    """Raises 400 where there is no report, 422 where it has another key than the one that `origin` gives."""
    try:
        report = decode_report(content)
    except msgspec.DecodeError as error:
        raise HTTPException(400, f"the body is no run report: {error}") from None
    if wrong := report.inconsistency():
        raise HTTPException(400, f"the body is no run report: {wrong}")
    if key is not None and key != idempotency_key(report):
        raise HTTPException(
            422, f"{origin} is not this run's: it is computed from kind, project, environment, git_sha and run_id"
        )
    return report


async def take(whole: Whole, arrival: Arrival) -> Response:
    """The answer of the run's job; who waits too long for it is told to come back."""
    taken = arrival.jobs.submit(whole.report, whole.packed, arrival.now)
    try:
        answer, is_new = await asyncio.wait_for(asyncio.wrap_future(taken), PATIENCE_SECONDS)
    except TimeoutError:
        raise HTTPException(409, "this run is being taken in just now", headers={"Retry-After": "1"}) from None
    except ConflictingRunError as error:
        raise HTTPException(422, str(error)) from None
    return json_response(answer, 201 if is_new else 200)
