"""Runs come in here."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, HTTPException, Response

from qalita_ingest.contract import RunReport, decode_report, idempotency_key
from qalita_ingest.sandbox import requests
from qalita_ingest.sandbox.intake import ConflictingRunError, take_in
from qalita_ingest.sandbox.requests import Arrival, ArrivalOf, SentOf
from qalita_ingest.sandbox.responses import json_response

router = APIRouter(prefix="/ingest", tags=["ingest"])


@router.get("/capabilities")
def capabilities() -> dict[str, int | list[int] | list[str]]:
    """What this server can do."""
    return {
        "contract_versions": [1],
        "kinds": ["dbt"],
        "encodings": list(requests.ENCODINGS),
        "largest_part_bytes": requests.LARGEST_PART_BYTES,
    }


@router.post("/runs")
def ingest_run(
    sent: SentOf, arrival: ArrivalOf, key: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> Response:
    """Take a run: 201 when it is new, 200 when it was there before, 422 when it contradicts what was."""
    return take(report_of(sent.unpacked(), key, "Idempotency-Key"), arrival)


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


def take(report: RunReport, arrival: Arrival) -> Response:
    """One transaction; whoever sends the same run meanwhile is told to come back."""
    key = idempotency_key(report)
    with arrival.in_flight.claimed(key):
        try:
            answer, is_new = take_in(arrival.database, report, arrival.now)
        except ConflictingRunError as error:
            raise HTTPException(422, str(error)) from None
    return json_response(answer, 201 if is_new else 200)
