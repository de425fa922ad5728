"""The charts at addresses of their own: a page that shows one does not wait for it, and a browser keeps it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response

from qalita_ingest import charts
from qalita_ingest.contract import ResultStatus
from qalita_ingest.errors import MissingPartError
from qalita_ingest.sandbox.dashboard.views.found import found, place_of
from qalita_ingest.sandbox.problems import Problem
from qalita_ingest.sandbox.reading import (
    Window,
    find_check,
    find_dataset,
    find_run,
    list_check_results,
    list_scores,
    project_of_check,
    project_of_dataset,
)
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf

if TYPE_CHECKING:
    from collections.abc import Callable

router = APIRouter(prefix="/charts", include_in_schema=False)

Theme = Literal["light", "dark"]
Size = Literal["wide", "narrow"]
MOST_RUNS = 90
# A picture is drawn in a tenth of a second and takes some ten kilobytes.
PICTURES_KEPT = 256
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
drawn = {
    draw.__name__: lru_cache(PICTURES_KEPT)(draw)
    for draw in (
        charts.dimension_chart,
        charts.duration_chart,
        charts.history_strip,
        charts.lineage_picture,
        charts.score_trend,
    )
}


def look_of(theme: Theme = "light", size: Size = "wide") -> charts.Look:
    return charts.Look(theme, size)


LookOf = Annotated[charts.Look, Depends(look_of)]


@router.get("/score.svg")
def score_trend(
    *,
    request: Request,
    database: DatabaseOf,
    look: LookOf,
    project: str,
    environment: str | None = None,
    dataset: str | None = None,
) -> Response:
    """Of the project, or of one of its datasets, by key."""
    with database.reading() as session:
        place = place_of(session, project, environment, "chart")
        perimeter: Literal["dataset", "project"] = "dataset" if dataset else "project"
        points = list_scores(session, place.id, perimeter=perimeter, key=dataset, window=Window(MOST_RUNS)).items
    runs = tuple(charts.ScoredRun(one.finished_at, one.value) for one in reversed(points))
    name = f"{dataset or project} ({place.name})"
    return _picture(request, lambda: drawn["score_trend"](runs, name=name, look=look))


@router.get("/dimensions/{run_id}.svg")
def dimensions(request: Request, run_id: IdOf, database: DatabaseOf, look: LookOf) -> Response:
    with database.reading() as session:
        run = found(find_run(session, run_id), f"run {run_id}")
    bars = tuple(
        charts.DimensionScore(one.key, one.value, one.checks) for one in run.scores if one.perimeter == "dimension"
    )
    return _picture(request, lambda: drawn["dimension_chart"](bars, name=run.project, look=look))


@router.get("/checks/{check_id}/{kind}.svg")
def check(
    *,
    request: Request,
    check_id: IdOf,
    kind: Literal["history", "duration"],
    database: DatabaseOf,
    look: LookOf,
    environment: str | None = None,
) -> Response:
    with database.reading() as session:
        place = place_of(session, project_of_check(session, check_id), environment, f"check {check_id}")
        name = found(find_check(session, check_id, place), f"check {check_id}").name
        newest = list_check_results(session, check_id, place.id, Window(MOST_RUNS)).items
    if kind == "history":
        outcomes = tuple(charts.Outcome(one.finished_at, ResultStatus(one.status)) for one in reversed(newest))
        return _picture(request, lambda: drawn["history_strip"](outcomes, name=name, look=look))
    timings = tuple(charts.Timing(one.finished_at, one.seconds) for one in reversed(newest))
    return _picture(request, lambda: drawn["duration_chart"](timings, name=name, look=look))


@router.get("/datasets/{dataset_id}/lineage.svg")
def lineage(request: Request, dataset_id: IdOf, database: DatabaseOf, look: LookOf) -> Response:
    what = f"dataset {dataset_id}"
    with database.reading() as session:
        place = place_of(session, project_of_dataset(session, dataset_id), None, what)
        detail = found(find_dataset(session, dataset_id, place), what)
    line = detail.lineage
    nodes = (
        *(charts.LineageNode(one.key, one.name, one.kind, one.level == 0) for one in line.datasets),
        *(charts.LineageNode(one.key, one.name, one.type or "exposure") for one in line.exposures),
    )
    edges = tuple((one.source, one.target) for one in line.edges)
    name = detail.dataset.name
    return _picture(request, lambda: drawn["lineage_picture"](nodes, edges, name=name, look=look))


def _picture(request: Request, draw: Callable[[], bytes]) -> Response:
    """A browser asks again each time, and is told that what it has is still right."""
    try:
        content = draw()
    except MissingPartError as error:
        raise Problem(501, str(error)) from None
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Content-Security-Policy": SVG_POLICY}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="image/svg+xml", headers=headers)
