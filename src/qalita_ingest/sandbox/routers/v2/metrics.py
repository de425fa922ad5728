"""Numbers that runs brought."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qalita_ingest.sandbox import reading
from qalita_ingest.sandbox.reading import MetricPerimeter, MetricView, Page
from qalita_ingest.sandbox.requests import LARGEST_ID, DatabaseOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers
from qalita_ingest.sandbox.routers.v2.parameters import EnvironmentOf, WindowOf

router = APIRouter(prefix="/metrics", tags=["metrics"])


@router.get("", responses=answers(Page[MetricView], 400, 404))
def list_metrics(
    *,
    database: DatabaseOf,
    environment: EnvironmentOf,
    window: WindowOf,
    run: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="The run that brought it.")] = None,
    key: Annotated[str | None, Query(description="What is counted: rows, seconds, …")] = None,
    perimeter: MetricPerimeter | None = None,
    scope: Annotated[str | None, Query(description="The key of the thing that it is about.")] = None,
) -> Response:
    """Metrics, the newest first."""
    with database.reading() as session:
        found = reading.list_metrics(
            session, environment.id, run=run, key=key, perimeter=perimeter, scope=scope, window=window
        )
    return json_response(found)
