"""Numbers that runs brought."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Invocation, Metric
from qalita_ingest.sandbox.reading.fields import fields_of_entity
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record

MetricPerimeter = Literal["project", "dataset", "check"]


class MetricView(msgspec.Struct, frozen=True, kw_only=True):
    """A number about one thing at one time: `scope` is the key of the thing, `perimeter` its kind."""

    id: int
    run: int
    finished_at: datetime
    key: str
    value: float
    perimeter: MetricPerimeter
    scope: str
    parent_scope: str | None


def list_metrics(
    session: Session,
    environment_id: int,
    *,
    run: int | None = None,
    key: str | None = None,
    perimeter: MetricPerimeter | None = None,
    scope: str | None = None,
    window: Window = FIRST,
) -> Page[MetricView]:
    """Newest first. Raises `CursorError`."""
    query = (
        select(Metric, Invocation.finished_at)
        .join(Invocation, Invocation.id == Metric.invocation_id)
        .where(Invocation.environment_id == environment_id)
    )
    wanted = {Metric.run_id: run, Metric.key: key, Metric.perimeter: perimeter, Metric.scope_value: scope}
    for column, value in wanted.items():
        query = query if value is None else query.where(column == value)
    order = Order((Invocation.finished_at, Metric.id), (datetime, int), is_descending=True)
    return read_page(session, query, order, window, lambda rows: [_view(row) for row in rows])


def _view(row: Record) -> MetricView:
    metric: Metric = row.Metric
    return MetricView(
        run=metric.run_id,
        finished_at=row.finished_at,
        scope=metric.scope_value,
        **fields_of_entity(MetricView, metric),
    )
