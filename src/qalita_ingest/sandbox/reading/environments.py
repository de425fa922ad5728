"""Where results belong: everything that has a state has it in one environment of one project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Environment, Project, Run

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class EnvironmentRef(msgspec.Struct, frozen=True, kw_only=True):
    """An environment by number and by name. The numbers are those of the store, which nothing outside relies on."""

    id: int
    name: str
    project_id: int
    project: str


def is_place(session: Session, project: str | None, environment: str | None) -> bool:
    """Whether there is such an environment; without a project, in any."""
    query = select(Environment.id).join(Project, Project.id == Environment.project_id).limit(1)
    wanted = {Project.name: project, Environment.name: environment}
    for column, name in wanted.items():
        query = query.where(column == name) if name else query
    return session.scalar(query) is not None


def find_environment(session: Session, project: str, environment: str | None = None) -> EnvironmentRef | None:
    """The project's environment of that name; without one, that of its newest run. None where there is none."""
    query = (
        select(Environment.id, Environment.name, Project.id, Project.name)
        .join(Project, Project.id == Environment.project_id)
        .outerjoin(Run, Run.environment_id == Environment.id)
        .where(Project.name == project)
        .order_by(Run.finished_at.desc().nulls_last(), Environment.id)
        .limit(1)
    )
    row = session.execute(query if environment is None else query.where(Environment.name == environment)).first()
    return EnvironmentRef(id=row[0], name=row[1], project_id=row[2], project=row[3]) if row else None
