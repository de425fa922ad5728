"""Registered sources: those of `qalita source push`."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.sandbox.clients.bodies import SourceChange
from qalita_ingest.sandbox.clients.sources import change_source, find_source, list_sources
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers
from qalita_ingest.sandbox.routers.clients.bounds import IdOf

router = APIRouter(prefix="/sources", tags=["clients"])

SOURCE = {
    "id": 1,
    "name": "opendata",
    "type": "folder",
    "description": "The dbt project of the open data",
    "visibility": "private",
    "sensitive": False,
    "reference": False,
    "versions": [{"id": 1, "sem_ver_id": "1.0.0"}],
}


@router.get("", responses=answers([SOURCE]))
def list_all(database: DatabaseOf) -> Response:
    """Every registered source.

    Departs from our rules: a bare array, without pages, and 200 also when it is empty: clients look in it for a source
    of their own name and type, and break on anything else. `versions` begins with 1.0.0, or clients until 2.11 would
    change the source with every push.
    """
    with database.reading() as session:
        return json_response(list_sources(session))


@router.get("/{source_id}", responses=answers(SOURCE, empty="There is no such source."))
def read(source_id: IdOf, database: DatabaseOf) -> Response:
    """A registered source.

    Departs from our rules: an unknown one is a 204, since clients tell only this status apart.
    """
    with database.reading() as session:
        source = find_source(session, source_id)
    return json_response(source) if source else Response(status_code=204)


@router.put("/{source_id}", responses=answers(SOURCE, 404))
def change(source_id: IdOf, wanted: SourceChange, database: DatabaseOf, now: NowOf) -> Response:
    """Change a registered source: only what is sent changes."""
    with database.writing() as session:
        source = change_source(session, source_id, wanted, now)
    if source is None:
        raise HTTPException(404, f"there is no source {source_id}")
    return json_response(source)
