"""Datasets, their columns, scores and lineage."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.sandbox import reading
from qalita_ingest.sandbox.reading import DatasetDetail, DatasetView, Page, find_environment, project_of_dataset
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers
from qalita_ingest.sandbox.routers.v2.parameters import EnvironmentName, EnvironmentOf, WindowOf

router = APIRouter(prefix="/datasets", tags=["datasets"])


@router.get("", responses=answers(Page[DatasetView], 400, 404))
def list_datasets(
    database: DatabaseOf,
    environment: EnvironmentOf,
    window: WindowOf,
    kind: str | None = None,
    source: str | None = None,
) -> Response:
    """The datasets of a project by name, with their newest scores in the environment."""
    with database.reading() as session:
        return json_response(reading.list_datasets(session, environment, kind=kind, source=source, window=window))


@router.get("/{dataset_id}", responses=answers(DatasetDetail, 404))
def read_dataset(dataset_id: IdOf, database: DatabaseOf, environment: EnvironmentName = None) -> Response:
    """One dataset with its columns, and three levels of what it is made from and what is made from it."""
    with database.reading() as session:
        project = project_of_dataset(session, dataset_id)
        place = find_environment(session, project, environment) if project is not None else None
        found = reading.find_dataset(session, dataset_id, place) if place else None
    if found is None:
        raise HTTPException(404, f"there is no dataset {dataset_id}, or not in that environment")
    return json_response(found)
