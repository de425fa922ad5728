"""Checks and how they fare in one environment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Check, Dataset, Project
from qalita_ingest.sandbox.reading.fields import fields_of_entity
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page
from qalita_ingest.sandbox.reading.recent_results import RecentResult, latest_outcomes, recent_results, score_of
from qalita_ingest.sandbox.scoring.flakiness import is_flaky

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.environments import EnvironmentRef
    from qalita_ingest.sandbox.reading.fields import Record, Records


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, and its last results in the environment, newest first.

    `dataset` is the dataset's key; all three of the dataset are None for a rule on several at once. `status`, `score`
    (0–1) and `last_seen_at` are of the newest result: None where there is none, `score` also where it was no outcome.
    `is_flaky` is judged by its latest outcomes, which may lie before what `recent` holds.
    """

    id: int
    key: str
    name: str
    kind: str
    project: str
    environment: str
    dataset_id: int | None
    dataset: str | None
    dataset_name: str | None
    column: str | None
    dimension: str
    severity: Literal["error", "warn"]
    description: str | None
    owner: str | None
    tags: list[str]
    path: str | None
    meta: dict[str, Any]
    status: str | None
    score: float | None
    last_seen_at: datetime | None
    is_flaky: bool
    recent: tuple[RecentResult, ...]


def list_checks(
    session: Session,
    environment: EnvironmentRef,
    *,
    dataset: str | None = None,
    dimension: str | None = None,
    kind: str | None = None,
    window: Window = FIRST,
) -> Page[CheckView]:
    """The project's checks by name; `dataset` is a dataset's key. Raises `CursorError`."""
    query = _checks().where(Check.project_id == environment.project_id)
    for column, value in ((Dataset.key, dataset), (Check.dimension, dimension), (Check.kind, kind)):
        query = query if value is None else query.where(column == value)
    order = Order((Check.name, Check.id), (str, int))
    return read_page(session, query, order, window, lambda rows: _views(session, rows, environment))


def find_check(session: Session, check_id: int, environment: EnvironmentRef) -> CheckView | None:
    """None: the environment's project has no such check."""
    rows = session.execute(_checks().where(Check.id == check_id, Check.project_id == environment.project_id)).all()
    return _views(session, rows, environment)[0] if rows else None


def project_of_check(session: Session, check_id: int) -> str | None:
    return session.scalar(select(Project.name).join(Check, Check.project_id == Project.id).where(Check.id == check_id))


def _checks() -> Records:
    return select(Check, Dataset.key.label("dataset"), Dataset.name.label("dataset_name")).outerjoin(
        Dataset, Dataset.id == Check.dataset_id
    )


def _views(session: Session, rows: Sequence[Record], environment: EnvironmentRef) -> list[CheckView]:
    recent = recent_results(session, environment.id, [row.Check.id for row in rows])
    outcomes = latest_outcomes(session, environment.id, recent)
    return [_view(row, environment, recent.get(row.Check.id, ()), outcomes.get(row.Check.id, ())) for row in rows]


def _view(
    row: Record, environment: EnvironmentRef, recent: tuple[RecentResult, ...], outcomes: tuple[RecentResult, ...]
) -> CheckView:
    last = recent[0] if recent else None
    columns = fields_of_entity(CheckView, row.Check)
    return CheckView(
        project=environment.project,
        environment=environment.name,
        dataset=row.dataset,
        dataset_name=row.dataset_name,
        status=last.status if last else None,
        score=score_of(last.status) if last else None,
        last_seen_at=last.finished_at if last else None,
        is_flaky=is_flaky(one.status for one in reversed(outcomes)),
        recent=recent,
        **columns,
    )
