"""Runs: the list, one with its context, what it found and what it built."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.contract import Dimension, ResultStatus
from qalita_ingest.sandbox import reading
from qalita_ingest.sandbox.reading import Page, RunDetail, RunResultView, RunView, StepView
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers
from qalita_ingest.sandbox.routers.v2.parameters import DatasetKey, WindowOf

router = APIRouter(prefix="/runs", tags=["runs"])


@router.get("", responses=answers(Page[RunView], 400))
def list_runs(
    database: DatabaseOf, window: WindowOf, project: str | None = None, environment: str | None = None
) -> Response:
    """Runs, newest first, with the project's score and the number of results by status."""
    with database.reading() as session:
        return json_response(reading.list_runs(session, project=project, environment=environment, window=window))


@router.get("/{run_id}", responses=answers(RunDetail, 404))
def read_run(run_id: IdOf, database: DatabaseOf) -> Response:
    """One run: where and with what it was made, its scores, its invocations, the issues that it changed."""
    with database.reading() as session:
        run = reading.find_run(session, run_id)
    if run is None:
        raise _not_there(run_id)
    return json_response(run)


@router.get("/{run_id}/results", responses=answers(Page[RunResultView], 400, 404))
def list_results_of_run(
    *,
    run_id: IdOf,
    database: DatabaseOf,
    window: WindowOf,
    status: ResultStatus | None = None,
    dimension: Dimension | None = None,
    dataset: DatasetKey = None,
    kind: str | None = None,
) -> Response:
    """What a run found, the worst first."""
    with database.reading() as session:
        if not reading.is_run(session, run_id):
            raise _not_there(run_id)
        found = reading.list_run_results(
            session, run_id, status=status, dimension=dimension, dataset=dataset, kind=kind, window=window
        )
    return json_response(found)


@router.get("/{run_id}/steps", responses=answers(Page[StepView], 400, 404))
def list_steps_of_run(run_id: IdOf, database: DatabaseOf, window: WindowOf) -> Response:
    """What a run built: models, seeds, snapshots, functions, hooks."""
    with database.reading() as session:
        if not reading.is_run(session, run_id):
            raise _not_there(run_id)
        return json_response(reading.list_run_steps(session, run_id, window))


def _not_there(run_id: int) -> HTTPException:
    return HTTPException(404, f"there is no run {run_id}")
