"""What is said of an asset: an archive of a pack, a log, an output."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.sandbox.clients.assets import find_asset
from qalita_ingest.sandbox.requests import DatabaseOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers
from qalita_ingest.sandbox.routers.clients.bounds import IdOf

router = APIRouter(prefix="/assets", tags=["clients"])

ASSET = {
    "id": 1,
    "name": "opendata_dbt",
    "version": "1.0.0",
    "bucket": "packs",
    "type": "pack",
    "file_name": "opendata_dbt.tar.gz",
    "size_bytes": 191436,
    "url": "/packs/opendata_dbt/1.0.0-0a1b2c3d4e5f/opendata_dbt.tar.gz",
}


@router.get("/{asset_id}", responses=answers(ASSET, 404))
def read(asset_id: IdOf, database: DatabaseOf) -> Response:
    """What is known of a file; its content is at `/api/v1/assets/{id}/fetch`.

    Departs from our rules: `url` is no address. Clients never ask for it; they make of it the place in their cache
    where the archive lies, and fetch no archive twice.
    """
    with database.reading() as session:
        asset = find_asset(session, asset_id)
    if asset is None:
        raise HTTPException(404, f"there is no asset {asset_id}")
    return json_response(asset)
