"""Runs come in here."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, HTTPException, Response

from qalita_ingest.contract import decode_report, idempotency_key
from qalita_ingest.sandbox.intake import ConflictingRunError, accept
from qalita_ingest.sandbox.routers.v2.requests import BodyOf, DatabaseOf, NowOf
from qalita_ingest.sandbox.routers.v2.responses import json_response

router = APIRouter(prefix="/ingest", tags=["ingest"])


@router.get("/capabilities")
def capabilities() -> dict[str, list[int] | list[str]]:
    """What this server can do."""
    return {"contract_versions": [1], "kinds": ["dbt"], "encodings": ["gzip", "identity"]}


@router.post("/runs")
def ingest_run(
    content: BodyOf,
    database: DatabaseOf,
    now: NowOf,
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> Response:
    """Take a run: 201 when it is new, 200 when it was there before, 422 when it contradicts what was."""
    try:
        report = decode_report(content)
    except msgspec.DecodeError as error:
        raise HTTPException(400, f"the body is no run report: {error}") from None
    if wrong := report.inconsistency():
        raise HTTPException(400, f"the body is no run report: {wrong}")
    if key is not None and key != idempotency_key(report):
        raise HTTPException(
            422,
            "Idempotency-Key is not this run's: it is computed from kind, project, environment, git_sha and run_id",
        )
    with database.writing() as session:
        try:
            answer, is_new = accept(session, report, now)
        except ConflictingRunError as error:
            raise HTTPException(422, str(error)) from None
    return json_response(answer, 201 if is_new else 200)
