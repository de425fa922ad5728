"""Files of clients, in and out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response

from qalita_ingest.sandbox.access import as_attachment
from qalita_ingest.sandbox.clients.assets import Description, keep_asset, read_asset
from qalita_ingest.sandbox.clients.bodies import Name, Text, Version, Word
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.clients.answers import answers, refusals
from qalita_ingest.sandbox.routers.clients.assets import ASSET
from qalita_ingest.sandbox.routers.clients.bounds import IdOf
from qalita_ingest.sandbox.routers.clients.files import MULTIPART, AssetFileOf

router = APIRouter(prefix="/assets", tags=["clients"])

BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {}}},
    **refusals(404),
}


def described(
    name: Annotated[Name, Query()],
    version: Annotated[Version, Query()],
    bucket: Annotated[Literal["packs", "logs"], Query()],
    kind: Annotated[Word, Query(alias="type")],
    *,
    description: Annotated[Text | None, Query()] = None,
    user_id: Annotated[Name | None, Query()] = None,
) -> Description:
    return Description(name=name, version=version, bucket=bucket, type=kind, description=description, user=user_id)


DescriptionOf = Annotated[Description, Depends(described)]


@router.post("/upload", responses=answers(ASSET, 413, 415), openapi_extra=MULTIPART)
def upload(told: DescriptionOf, file: AssetFileOf, database: DatabaseOf, now: NowOf) -> Response:
    """Keep the archive of a pack (64 MiB) or the log of a job (20 MiB).

    An archive is a gzipped tar `<name>.tar.gz` with everything below `<name>_pack/`: no links, no devices, no `..`, at
    most 10,000 files and 256 MiB when unpacked.

    Departs from our rules: 200 for a new one, since clients take a 201 for a failure; all but the file is in the query.
    """
    with database.writing() as session:
        return json_response(keep_asset(session, told, file.name, file.content, now))


@router.get("/{asset_id}/fetch", response_class=Response, responses=BYTES)
def fetch(asset_id: IdOf, database: DatabaseOf) -> Response:
    """The file as it came, for saving: a browser never shows it as a page of this server."""
    with database.reading() as session:
        found = read_asset(session, asset_id)
    if found is None:
        raise HTTPException(404, f"there is no asset {asset_id}")
    return as_attachment(found[0], "application/octet-stream", found[1])
