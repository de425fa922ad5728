"""What a job's pack found, as its client sent it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import literal, select, union_all

from qalita_ingest.sandbox.clients.entries import read_entries
from qalita_ingest.sandbox.database.model import Recommendation, Schema, Upload, UploadedMetric

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

MOST_FINDINGS = 500


class UploadedView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a document. `label` is its key, or a recommendation's level; `content` is a figure's title."""

    kind: str
    label: str | None
    content: str | None
    perimeter: str | None
    scope: str | None
    created_at: datetime


def uploads_of(session: Session, job_id: int) -> list[UploadedView]:
    """Recommendations, then metrics, schemas and figures, each in the order of their document."""
    queries = (
        _entries(0, "recommendation", Recommendation, Recommendation.level, Recommendation.content),
        _entries(1, "metric", UploadedMetric, UploadedMetric.key, UploadedMetric.value),
        _entries(2, "schema", Schema, Schema.key, Schema.value),
    )
    union = union_all(*(one.where(Upload.job_id == job_id) for one in queries)).subquery()
    rows = session.execute(select(union).order_by(union.c.rank, union.c.id).limit(MOST_FINDINGS))
    return [
        UploadedView(
            kind=row.kind,
            label=row.label,
            content=row.content,
            perimeter=row.perimeter,
            scope=row.scope,
            created_at=row.created_at,
        )
        for row in rows
    ] + _figures(session, job_id)


def _figures(session: Session, job_id: int) -> list[UploadedView]:
    query = select(Upload.content, Upload.created_at).where(Upload.job_id == job_id, Upload.kind == "figures")
    return [
        UploadedView(
            kind="figure",
            label=one["key"],
            content=one["title"],
            perimeter=one["perimeter"],
            scope=one["scope_value"],
            created_at=created_at,
        )
        for content, created_at in session.execute(query.order_by(Upload.id))
        for one in read_entries("figures", json.loads(content))[0]
    ]


def _entries(
    rank: int, kind: str, table: type[Recommendation | UploadedMetric | Schema], label: Any, content: Any
) -> Select[*tuple[Any, ...]]:
    return select(
        literal(rank).label("rank"),
        table.id.label("id"),
        literal(kind).label("kind"),
        label.label("label"),
        content.label("content"),
        table.perimeter,
        table.scope_value.label("scope"),
        Upload.created_at,
    ).join(Upload, Upload.id == table.upload_id)
