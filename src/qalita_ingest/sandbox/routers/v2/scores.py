"""How scores went from run to run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qalita_ingest.sandbox import reading
from qalita_ingest.sandbox.reading import Page, Perimeter, ScorePoint
from qalita_ingest.sandbox.requests import DatabaseOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers
from qalita_ingest.sandbox.routers.v2.parameters import EnvironmentOf, WindowOf

router = APIRouter(prefix="/scores", tags=["scores"])


@router.get("", responses=answers(Page[ScorePoint], 400, 404))
def list_scores(
    database: DatabaseOf,
    environment: EnvironmentOf,
    window: WindowOf,
    perimeter: Perimeter = "project",
    key: Annotated[str | None, Query(description="A dimension, or a dataset's key.")] = None,
) -> Response:
    """Scores of the project, its dimensions or its datasets, of the newest run first."""
    with database.reading() as session:
        return json_response(reading.list_scores(session, environment.id, perimeter=perimeter, key=key, window=window))
