"""Projects and how their environments fare."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from qalita_ingest.sandbox.reading import Page, ProjectView
from qalita_ingest.sandbox.reading import find_project as find
from qalita_ingest.sandbox.reading import list_projects as read_projects
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers
from qalita_ingest.sandbox.routers.v2.parameters import WindowOf

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("", responses=answers(Page[ProjectView], 400))
def list_projects(database: DatabaseOf, now: NowOf, window: WindowOf) -> Response:
    """All projects by name, with the newest score and the open issues of each environment."""
    with database.reading() as session:
        return json_response(read_projects(session, now, window))


# A project may be called with a slash.
@router.get("/{name:path}", responses=answers(ProjectView, 404))
def read_project(name: str, database: DatabaseOf, now: NowOf) -> Response:
    """One project."""
    with database.reading() as session:
        project = find(session, name, now)
    if project is None:
        raise HTTPException(404, f"there is no project {name}")
    return json_response(project)
