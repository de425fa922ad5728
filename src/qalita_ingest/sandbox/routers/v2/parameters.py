"""What many routes are asked with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Query, Request, Response

from qalita_ingest.sandbox.problems import problem
from qalita_ingest.sandbox.reading import LARGEST_PAGE, PAGE_SIZE, EnvironmentRef, Window, find_environment
from qalita_ingest.sandbox.requests import DatabaseOf

LONGEST_CURSOR = 4096
DEFAULT_ENVIRONMENT = "Without it: the one of the project's newest run."

ProjectName = Annotated[str, Query(description="The project's name.")]
EnvironmentName = Annotated[str | None, Query(description=DEFAULT_ENVIRONMENT)]
DatasetKey = Annotated[str | None, Query(description="A dataset's key (dbt's unique_id).")]


def window(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most.")] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next` of the page before.")] = None,
) -> Window:
    return Window(limit, cursor)


def environment_of(database: DatabaseOf, project: ProjectName, environment: EnvironmentName = None) -> EnvironmentRef:
    """Raises 404."""
    with database.reading() as session:
        found = find_environment(session, project, environment)
    if found is None:
        named = f" with an environment {environment}" if environment is not None else ""
        raise HTTPException(404, f"there is no project {project}{named} that has runs")
    return found


def refuse_cursor(_request: Request, error: Exception) -> Response:
    """The answer to a `CursorError`."""
    return problem(400, str(error))


WindowOf = Annotated[Window, Depends(window)]
EnvironmentOf = Annotated[EnvironmentRef, Depends(environment_of)]
