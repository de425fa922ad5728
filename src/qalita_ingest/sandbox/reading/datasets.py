"""Datasets of a project, and how they fare in one environment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import func, select

from qalita_ingest.sandbox.database.model import Check, Dataset, Project, Run, Score, Source
from qalita_ingest.sandbox.reading.fields import fields_of_row
from qalita_ingest.sandbox.reading.lineage import Lineage, lineage_of
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.environments import EnvironmentRef
    from qalita_ingest.sandbox.reading.fields import Record, Records


class DatasetView(msgspec.Struct, frozen=True, kw_only=True):
    """One table-like thing. `checks` is how many rules it has.

    `score` (0–1), `scored_run` and `scored_at` are of the newest run of the environment that measured it.
    """

    id: int
    key: str
    name: str
    kind: str
    project: str
    environment: str
    source: str
    relation: str | None
    description: str | None
    owner: str | None
    tags: list[str]
    checks: int
    score: float | None
    scored_run: int | None
    scored_at: datetime | None


class ColumnView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    type: str | None = None
    description: str | None = None


class DatasetDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset with its columns and its place among the others."""

    dataset: DatasetView
    path: str | None
    meta: dict[str, Any]
    defined_at: datetime
    columns: tuple[ColumnView, ...]
    lineage: Lineage


def list_datasets(
    session: Session,
    environment: EnvironmentRef,
    *,
    kind: str | None = None,
    source: str | None = None,
    window: Window = FIRST,
) -> Page[DatasetView]:
    """The project's datasets by name; `source` is a source's name. Raises `CursorError`."""
    query = _datasets().where(Dataset.project_id == environment.project_id)
    for column, value in ((Dataset.kind, kind), (Source.name, source)):
        query = query if value is None else query.where(column == value)
    order = Order((Dataset.name, Dataset.id), (str, int))
    return read_page(session, query, order, window, lambda rows: _views(session, rows, environment))


def find_dataset(session: Session, dataset_id: int, environment: EnvironmentRef) -> DatasetDetail | None:
    """None: the environment's project has no such dataset."""
    query = _datasets().where(Dataset.id == dataset_id, Dataset.project_id == environment.project_id)
    rows = session.execute(query).all()
    if not rows:
        return None
    dataset = session.get_one(Dataset, dataset_id)
    return DatasetDetail(
        dataset=_views(session, rows, environment)[0],
        path=dataset.path,
        meta=dataset.meta,
        defined_at=dataset.defined_at,
        columns=msgspec.convert(dataset.columns, tuple[ColumnView, ...]),
        lineage=lineage_of(session, environment.project_id, dataset.key),
    )


def project_of_dataset(session: Session, dataset_id: int) -> str | None:
    return session.scalar(
        select(Project.name).join(Dataset, Dataset.project_id == Project.id).where(Dataset.id == dataset_id)
    )


def _datasets() -> Records:
    # Not the whole row: it holds all columns of the dataset.
    return select(
        Dataset.id,
        Dataset.key,
        Dataset.name,
        Dataset.kind,
        Source.name.label("source"),
        Dataset.relation,
        Dataset.description,
        Dataset.owner,
        Dataset.tags,
    ).join(Source, Source.id == Dataset.source_id)


def _views(session: Session, rows: Sequence[Record], environment: EnvironmentRef) -> list[DatasetView]:
    counts = _count_checks(session, [row.id for row in rows])
    scores = _newest_scores(session, environment.id, [row.key for row in rows])
    return [_view(row, counts.get(row.id, 0), scores.get(row.key), environment) for row in rows]


def _view(row: Record, checks: int, scored: Record | None, environment: EnvironmentRef) -> DatasetView:
    fields = fields_of_row(DatasetView, row)
    return DatasetView(
        project=environment.project,
        environment=environment.name,
        checks=checks,
        score=scored.value if scored else None,
        scored_run=scored.id if scored else None,
        scored_at=scored.finished_at if scored else None,
        **fields,
    )


def _count_checks(session: Session, dataset_ids: Sequence[int]) -> dict[int, int]:
    query = select(Check.dataset_id, func.count()).where(Check.dataset_id.in_(dataset_ids)).group_by(Check.dataset_id)
    return {dataset_id: count for dataset_id, count in session.execute(query) if dataset_id is not None}


def _newest_scores(session: Session, environment_id: int, keys: Sequence[str]) -> dict[str, Record]:
    """Dataset → its newest score: walks the runs from the newest on until one has it."""
    newest = (
        select(Score.id)
        .join(Run, Run.id == Score.run_id)
        .where(Run.environment_id == environment_id, Score.perimeter == "dataset", Score.key == Dataset.key)
        .order_by(Run.finished_at.desc(), Run.id.desc())
        .limit(1)
        .correlate(Dataset)
        .scalar_subquery()
    )
    ids: Iterable[int | None] = session.scalars(select(newest).select_from(Dataset).where(Dataset.key.in_(keys)))
    query = (
        select(Score.key, Score.value, Run.id, Run.finished_at)
        .join(Run, Run.id == Score.run_id)
        .where(Score.id.in_([number for number in ids if number is not None]))
    )
    return {row.key: row for row in session.execute(query)}
