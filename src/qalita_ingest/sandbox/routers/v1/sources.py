"""Where clients publish sources."""

from __future__ import annotations

from fastapi import APIRouter, Response

from qalita_ingest.sandbox.clients.bodies import NewSource
from qalita_ingest.sandbox.clients.sources import publish_source
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers
from qalita_ingest.sandbox.routers.clients.sources import SOURCE

router = APIRouter(prefix="/sources", tags=["clients"])


@router.post("/publish", responses=answers(SOURCE))
def publish(wanted: NewSource, database: DatabaseOf, now: NowOf) -> Response:
    """Register a source; one of the same name and type is the same source.

    Departs from our rules: 200 also for a new one, since clients take a 201 for a failure and forget the id.
    """
    with database.writing() as session:
        return json_response(publish_source(session, wanted, now))
