"""The style sheet and the icon, and files that clients uploaded."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import undefer

from qalita_ingest.sandbox.access.attachments import as_attachment
from qalita_ingest.sandbox.dashboard.rendering import address_of, static_files
from qalita_ingest.sandbox.dashboard.views.found import found
from qalita_ingest.sandbox.database.model import Asset
from qalita_ingest.sandbox.requests import DatabaseOf

router = APIRouter(include_in_schema=False)

MEDIA_TYPES = {"css": "text/css", "svg": "image/svg+xml"}
A_YEAR = "public, max-age=31536000, immutable"


@router.get("/static/{name}")
def static_file(name: str, request: Request) -> Response:
    """`name` holds a digest of the content."""
    content = found(static_files().get(request.url.path), f"{name} in this version")
    return Response(content, media_type=MEDIA_TYPES[name.rpartition(".")[2]], headers={"Cache-Control": A_YEAR})


@router.get("/favicon.ico")
def favicon() -> Response:
    """What browsers ask for on pages that name no icon, as that of the API's documentation."""
    content = static_files()[address_of("icon.svg")]
    return Response(content, media_type=MEDIA_TYPES["svg"], headers={"Cache-Control": "no-cache"})


@router.get("/assets/{asset_id}")
def asset(asset_id: int, database: DatabaseOf) -> Response:
    """As an attachment: nothing that was uploaded is ever shown as a page of ours."""
    with database.reading() as session:
        query = select(Asset).where(Asset.id == asset_id).options(undefer(Asset.content))
        kept = found(session.scalar(query), f"file {asset_id}")
        return as_attachment(kept.file_name, "application/octet-stream", kept.content)
