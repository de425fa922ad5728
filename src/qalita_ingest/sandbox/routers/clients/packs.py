"""Packs: those of `qalita pack push`."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.sandbox.clients.bodies import PackChange
from qalita_ingest.sandbox.clients.packs import change_pack, find_pack, list_packs
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers
from qalita_ingest.sandbox.routers.clients.bounds import IdOf

router = APIRouter(prefix="/packs", tags=["clients"])

PACK = {
    "id": 1,
    "name": "opendata_dbt",
    "type": "validity",
    "description": "dbt's tests as metrics and recommendations",
    "visibility": "private",
    "versions": [{"id": 1, "sem_ver_id": "1.0.0", "asset_id": 1}],
}


@router.get("", responses=answers([PACK]))
def list_all(database: DatabaseOf) -> Response:
    """Every pack, without its page and its picture.

    Departs from our rules: a bare array, without pages, and 200 also when it is empty: clients look in it for a pack of
    their own name, and publish a second one when they do not find it.
    """
    with database.reading() as session:
        return json_response(list_packs(session))


@router.get("/{pack_id}", responses=answers(PACK, empty="There is no such pack."))
def read(pack_id: IdOf, database: DatabaseOf) -> Response:
    """A pack with all that its author wrote. `versions` holds its archives; clients take the highest.

    Departs from our rules: an unknown one is a 204, since clients tell only this status apart.
    """
    with database.reading() as session:
        pack = find_pack(session, pack_id)
    return json_response(pack) if pack else Response(status_code=204)


@router.put("/{pack_id}", responses=answers(PACK, 404))
def change(pack_id: IdOf, wanted: PackChange, database: DatabaseOf, now: NowOf) -> Response:
    """Change what is said of a pack: only what is sent changes. Its name stays."""
    with database.writing() as session:
        pack = change_pack(session, pack_id, wanted, now)
    if pack is None:
        raise HTTPException(404, f"there is no pack {pack_id}")
    return json_response(pack)
