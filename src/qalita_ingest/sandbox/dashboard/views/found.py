"""What an address names, or 404."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from fastapi import HTTPException

from qalita_ingest.sandbox.reading import EnvironmentRef, ProjectView, find_environment, find_project

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

Thing = TypeVar("Thing")


def found(thing: Thing | None, what: str) -> Thing:
    if thing is None:
        raise HTTPException(404, f"there is no {what}")
    return thing


def place_of(session: Session, project: str | None, environment: str | None, what: str) -> EnvironmentRef:
    """The environment that was asked for, else the one with the newest run. `what` belongs to the project."""
    name = found(project, what)
    return found(
        find_environment(session, name, environment or None),
        f"environment {environment} in project {name}" if environment else f"environment in project {name}",
    )


def environments_of(session: Session, project: str, now: datetime) -> list[str]:
    there: ProjectView = found(find_project(session, project, now), f"project {project}")
    return [one.name for one in there.environments]
