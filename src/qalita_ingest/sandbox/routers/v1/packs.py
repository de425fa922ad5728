"""Where clients publish packs and their versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from qalita_ingest.sandbox.clients.bodies import VERSION, NewPack
from qalita_ingest.sandbox.clients.packs import add_version, publish_pack
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers
from qalita_ingest.sandbox.routers.clients.bounds import IdOf, QueryIdOf
from qalita_ingest.sandbox.routers.clients.packs import PACK

router = APIRouter(prefix="/packs", tags=["clients"])


@router.post("/publish", responses=answers(PACK | {"versions": []}))
def publish(wanted: NewPack, database: DatabaseOf, now: NowOf) -> Response:
    """Make a pack known; its archive follows as an asset.

    Departs from our rules: 200 for a new one, since clients take a 201 for a failure. The same name again is another
    pack, since a client publishes only what it did not find.
    """
    with database.writing() as session:
        return json_response(publish_pack(session, wanted, now))


@router.put("/{pack_id}/version", responses=answers(PACK, 404, 409))
def set_version(
    pack_id: IdOf,
    sem_ver_id: Annotated[str, Query(pattern=VERSION)],
    asset_id: QueryIdOf,
    database: DatabaseOf,
    now: NowOf,
) -> Response:
    """Give a pack a version: X.Y.Z and the asset that is its archive. A version does not change: 409.

    Departs from our rules: all of it is in the query, as clients send it.
    """
    with database.writing() as session:
        pack = add_version(session, pack_id, sem_ver_id, asset_id, now)
    if pack is None:
        raise HTTPException(404, f"there is no pack {pack_id}")
    return json_response(pack)
