"""Checks and how they fared."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.contract import Dimension
from qalita_ingest.sandbox import reading
from qalita_ingest.sandbox.database import Database
from qalita_ingest.sandbox.reading import CheckResultView, CheckView, EnvironmentRef, Page
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers
from qalita_ingest.sandbox.routers.v2.parameters import DatasetKey, EnvironmentName, EnvironmentOf, WindowOf

router = APIRouter(prefix="/checks", tags=["checks"])


@router.get("", responses=answers(Page[CheckView], 400, 404))
def list_checks(
    *,
    database: DatabaseOf,
    environment: EnvironmentOf,
    window: WindowOf,
    dataset: DatasetKey = None,
    dimension: Dimension | None = None,
    kind: str | None = None,
) -> Response:
    """The checks of a project by name, each with its last results in the environment."""
    with database.reading() as session:
        found = reading.list_checks(
            session, environment, dataset=dataset, dimension=dimension, kind=kind, window=window
        )
    return json_response(found)


@router.get("/{check_id}", responses=answers(CheckView, 404))
def read_check(check_id: IdOf, database: DatabaseOf, environment: EnvironmentName = None) -> Response:
    """One check with its last results in the environment."""
    place = _environment(database, check_id, environment)
    with database.reading() as session:
        return json_response(reading.find_check(session, check_id, place))


@router.get("/{check_id}/results", responses=answers(Page[CheckResultView], 400, 404))
def list_results_of_check(
    check_id: IdOf, database: DatabaseOf, window: WindowOf, environment: EnvironmentName = None
) -> Response:
    """All results of a check in the environment, newest first."""
    place = _environment(database, check_id, environment)
    with database.reading() as session:
        return json_response(reading.list_check_results(session, check_id, place.id, window))


def _environment(database: Database, check_id: int, environment: str | None) -> EnvironmentRef:
    """Raises 404."""
    with database.reading() as session:
        project = reading.project_of_check(session, check_id)
        found = reading.find_environment(session, project, environment) if project is not None else None
    if found is None:
        raise HTTPException(404, f"there is no check {check_id}, or not in that environment")
    return found
