"""Large runs come in here, in parts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from qalita_ingest.contract import IngestAnswer
from qalita_ingest.sandbox import requests
from qalita_ingest.sandbox.problems import Problem
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf, PartOf, unpack
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.ingest import ArrivalOf, Whole, report_of, take
from qalita_ingest.sandbox.routers.v2.openapi import answers, body, problems
from qalita_ingest.sandbox.uploads import (
    first_answer,
    join_parts,
    keep_part,
    missing_parts,
    size_of_parts,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.database import Database

router = APIRouter(prefix="/ingest/uploads", tags=["ingest"])

MOST_PARTS = 1024
SHA256 = r"^[0-9a-f]{64}$"

KeyOf = Annotated[str, Path(pattern=SHA256, description="The idempotency key of the run.")]
NumberOf = Annotated[int, Path(ge=1, le=MOST_PARTS)]


class Parts(BaseModel):
    """How many parts there are, and what they are together: the hex SHA-256 of the gzipped report."""

    parts: int = Field(ge=1, le=MOST_PARTS)
    sha256: str = Field(pattern=SHA256)


@router.put(
    "/{key}/parts/{number}",
    status_code=204,
    responses=problems(400, 413),
    openapi_extra=body(bytes, "application/octet-stream"),
)
def put_part(key: KeyOf, number: NumberOf, content: PartOf, database: DatabaseOf, now: NowOf) -> None:
    """Keep a piece of a gzipped report; the same piece again replaces it."""
    with database.writing() as session:
        keep_part(session, key, number, content, now)


@router.post("/{key}/complete", responses=answers(IngestAnswer, 400, 409, 413, successes=(200, 201)))
async def complete(key: KeyOf, parts: Parts, database: DatabaseOf, arrival: ArrivalOf) -> Response:
    """Take the run that the parts are: as `POST /api/v2/ingest/runs`, or 409 with the parts that are missing."""
    found = await run_in_threadpool(_find, database, key, parts)
    return await take(found, arrival) if isinstance(found, Whole) else found


def _find(database: Database, key: str, parts: Parts) -> Whole | Response:
    with database.reading() as session:
        missing = missing_parts(session, key, parts.parts)
        # Without a single part the run may have been completed before, and the answer was lost on its way.
        if len(missing) == parts.parts and (answer := first_answer(session, key)):
            return json_response(answer)
        if missing:
            raise Problem(409, f"{len(missing)} of {parts.parts} part(s) did not arrive", missing=missing)
        packed = _joined(session, key, parts)
    return Whole(report_of(unpack(packed), key, "the key in the address"), packed)


def _joined(session: Session, key: str, parts: Parts) -> bytes:
    if size_of_parts(session, key, parts.parts) > requests.LARGEST_BODY_BYTES:
        raise HTTPException(413, f"the parts are larger than {requests.LARGEST_BODY_BYTES} bytes together")
    packed = join_parts(session, key, parts.parts)
    found = hashlib.sha256(packed).hexdigest()
    if found != parts.sha256:
        raise Problem(
            422, f"the parts are not what was sent: expected sha256 {parts.sha256}, found {found}", sha256=found
        )
    return packed
