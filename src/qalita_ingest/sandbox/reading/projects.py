"""Projects, and how each of their environments fares."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from qalita_ingest.sandbox.database.model import Check, Dataset, Environment, Project, Run, Score
from qalita_ingest.sandbox.issues import count_open_issues
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record


class EnvironmentView(msgspec.Struct, frozen=True, kw_only=True):
    """`score` (0–1) and `checks` (how many counted) are of the newest run; `previous_score` of the one before.

    A muted issue is not open.
    """

    id: int
    name: str
    runs: int
    last_run: int | None
    last_run_at: datetime | None
    score: float | None
    checks: int | None
    previous_score: float | None
    open_issues: int


class ProjectView(msgspec.Struct, frozen=True, kw_only=True):
    """`datasets` and `checks` are how many were ever defined; the environments are sorted by name."""

    id: int
    name: str
    datasets: int
    checks: int
    environments: tuple[EnvironmentView, ...]


def list_projects(session: Session, now: datetime, window: Window = FIRST) -> Page[ProjectView]:
    """By name. `now` decides which issues are muted. Raises `CursorError`."""
    order = Order((Project.name,), (str,))
    return read_page(
        session, select(Project), order, window, lambda rows: [_view(session, row.Project, now) for row in rows]
    )


def find_project(session: Session, name: str, now: datetime) -> ProjectView | None:
    """None: there is no such project."""
    project = session.scalar(select(Project).where(Project.name == name))
    return _view(session, project, now) if project else None


def _view(session: Session, project: Project, now: datetime) -> ProjectView:
    environments = session.scalars(
        select(Environment).where(Environment.project_id == project.id).order_by(Environment.name)
    )
    return ProjectView(
        id=project.id,
        name=project.name,
        datasets=_count(session, Dataset, project.id),
        checks=_count(session, Check, project.id),
        environments=tuple(_environment(session, one, now) for one in environments),
    )


def _count(session: Session, table: type[Dataset | Check], project_id: int) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.project_id == project_id)) or 0


def _environment(session: Session, environment: Environment, now: datetime) -> EnvironmentView:
    last, before = _last_two_runs(session, environment.id)
    runs = select(func.count()).select_from(Run).where(Run.environment_id == environment.id)
    return EnvironmentView(
        id=environment.id,
        name=environment.name,
        runs=session.scalar(runs) or 0,
        last_run=last.id if last else None,
        last_run_at=last.finished_at if last else None,
        score=last.value if last else None,
        checks=last.checks if last else None,
        previous_score=before.value if before else None,
        open_issues=count_open_issues(session, environment.id, now),
    )


def _last_two_runs(session: Session, environment_id: int) -> tuple[Record | None, Record | None]:
    query = (
        select(Run.id, Run.finished_at, Score.value, Score.checks)
        .outerjoin(Score, (Score.run_id == Run.id) & (Score.perimeter == "project"))
        .where(Run.environment_id == environment_id)
        .order_by(Run.finished_at.desc(), Run.id.desc())
        .limit(2)
    )
    rows = session.execute(query).all()
    return (rows[0] if rows else None), (rows[1] if len(rows) > 1 else None)
