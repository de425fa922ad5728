"""The systems that hold the data. `/sources` is what clients call for the sources that they registered."""

from __future__ import annotations

from fastapi import APIRouter, Response

from qalita_ingest.sandbox.reading import Page, SourceView, list_sources
from qalita_ingest.sandbox.requests import DatabaseOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers
from qalita_ingest.sandbox.routers.v2.parameters import WindowOf

router = APIRouter(prefix="/data-sources", tags=["data sources"])


@router.get("", responses=answers(Page[SourceView], 400))
def list_data_sources(database: DatabaseOf, window: WindowOf, project: str | None = None) -> Response:
    """The sources that runs name, by project and name; never their credentials."""
    with database.reading() as session:
        return json_response(list_sources(session, project=project, window=window))
