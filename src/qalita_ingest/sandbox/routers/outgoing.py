"""For other programs: `/metrics`, a feed of issues, the history as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from qalita_ingest.errors import MissingPartError
from qalita_ingest.sandbox.issues import find_issues
from qalita_ingest.sandbox.outgoing import (
    CONTENT_TYPE,
    as_csv_lines,
    as_parquet,
    exposition,
    issue_feed,
    last_acts,
    result_history,
)
from qalita_ingest.sandbox.problems import Problem
from qalita_ingest.sandbox.reading import find_environment, is_place
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qalita_ingest.sandbox.database import Database

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(database: DatabaseOf, now: NowOf) -> Response:
    """The state of every environment, for Prometheus."""
    with database.reading() as session:
        try:
            return Response(exposition(session, now), media_type=CONTENT_TYPE)
        except MissingPartError as error:
            raise Problem(501, str(error)) from None


@router.get("/issues.atom")
def feed(
    request: Request, database: DatabaseOf, now: NowOf, project: str | None = None, environment: str | None = None
) -> Response:
    """The issues that changed last."""
    with database.reading() as session:
        if (project or environment) and not is_place(session, project, environment):
            raise _no_such_place(project, environment)
        issues = find_issues(session, now=now, project=project or None, environment=environment or None)
        acts = last_acts(session)
    return Response(issue_feed(issues, acts, str(request.base_url), now), media_type="application/atom+xml")


@router.get("/export/results.{form}")
def export(
    form: Literal["csv", "parquet"], database: DatabaseOf, project: str, environment: str | None = None
) -> Response:
    """Every result of an environment: of the one of the newest run where none is named."""
    with database.reading() as session:
        place = find_environment(session, project, environment)
        if place is None:
            raise _no_such_place(project, environment)
        headers = {"Content-Disposition": f'attachment; filename="results.{form}"'}
        if form == "csv":
            return StreamingResponse(_lines(database, place.project, place.name), 200, headers, "text/csv")
        try:
            content = as_parquet(result_history(session, place.project, place.name))
        except MissingPartError as error:
            raise Problem(501, str(error)) from None
    return Response(content, 200, headers, "application/vnd.apache.parquet")


def _no_such_place(project: str | None, environment: str | None) -> Problem:
    named = [f"{word} {name!r}" for word, name in (("project", project), ("environment", environment)) if name]
    return Problem(404, f"there is no {' with '.join(named)}; /api/v2/projects lists what there is")


def _lines(database: Database, project: str, environment: str) -> Iterator[str]:
    with database.reading() as session:
        yield from as_csv_lines(result_history(session, project, environment))
