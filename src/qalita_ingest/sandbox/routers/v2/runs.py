"""Runs, newest first."""

from __future__ import annotations

from datetime import datetime

import msgspec
from fastapi import APIRouter, Response
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Environment, Project, Run, Score
from qalita_ingest.sandbox.requests import DatabaseOf
from qalita_ingest.sandbox.responses import json_response

router = APIRouter(prefix="/runs", tags=["runs"])


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """`score` is the project's, 0–1; None where no check had an outcome."""

    id: int
    project: str
    environment: str
    finished_at: datetime
    git_sha: str | None
    score: float | None


@router.get("")
def list_runs(database: DatabaseOf, project: str | None = None, environment: str | None = None) -> Response:
    query = (
        select(Run.id, Project.name, Environment.name, Run.finished_at, Run.git_sha, Score.value)
        .join(Environment, Environment.id == Run.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .outerjoin(Score, (Score.run_id == Run.id) & (Score.perimeter == "project"))
        .order_by(Run.finished_at.desc(), Run.id.desc())
    )
    for column, value in ((Project.name, project), (Environment.name, environment)):
        query = query if value is None else query.where(column == value)
    with database.reading() as session:
        rows = session.execute(query).all()
    return json_response(
        [
            RunView(id=run, project=of_project, environment=of, finished_at=at, git_sha=sha, score=score)
            for run, of_project, of, at, sha, score in rows
        ]
    )
