"""What packs found: four documents, at four addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from qalita_ingest.sandbox.clients.documents import Kind, Origin, keep_document
from qalita_ingest.sandbox.database import Database
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers
from qalita_ingest.sandbox.routers.clients.bounds import QueryIdOf
from qalita_ingest.sandbox.routers.clients.files import MULTIPART, SmallFileOf

router = APIRouter(tags=["clients"])

KEPT = {"id": 4, "job_id": 7, "accepted": 12, "rejected": [{"key": "3", "error": "expected an object with a key"}]}
ANSWERS = answers(KEPT, 413, 415)


@dataclass(frozen=True)
class Arrived:
    origin: Origin
    content: bytes
    database: Database
    now: datetime


def arrived(source_id: QueryIdOf, pack_id: QueryIdOf, file: SmallFileOf, database: DatabaseOf, now: NowOf) -> Arrived:
    return Arrived(Origin(source_id, pack_id), file.content, database, now)


ArrivedOf = Annotated[Arrived, Depends(arrived)]


def _keep(kind: Kind, came: Arrived) -> Response:
    with came.database.writing() as session:
        return json_response(keep_document(session, kind, came.content, came.origin, came.now))


@router.post("/metrics/upload", responses=ANSWERS, openapi_extra=MULTIPART)
def upload_metrics(came: ArrivedOf) -> Response:
    """Keep metrics.json, a list of `key`, `value` and `scope`, with the running job of this source and pack.

    Departs from our rules: 200 for a new one, since clients take a 201 for a failure. Entries that can't be read are
    named, not refused: the client sends a document once.
    """
    return _keep("metrics", came)


@router.post("/recommendations/upload", responses=ANSWERS, openapi_extra=MULTIPART)
def upload_recommendations(came: ArrivedOf) -> Response:
    """Keep recommendations.json, a list of `content`, `type`, `level` and `scope`; otherwise as metrics."""
    return _keep("recommendations", came)


@router.post("/schemas/upload", responses=ANSWERS, openapi_extra=MULTIPART)
def upload_schemas(came: ArrivedOf) -> Response:
    """Keep schemas.json, a list of `key`, `value` and `scope`; otherwise as metrics."""
    return _keep("schemas", came)


@router.post("/figures/upload", responses=ANSWERS, openapi_extra=MULTIPART)
def upload_figures(came: ArrivedOf) -> Response:
    """Keep figures.json, a list of objects, which clients since 2.16.4 send; otherwise as metrics."""
    return _keep("figures", came)
