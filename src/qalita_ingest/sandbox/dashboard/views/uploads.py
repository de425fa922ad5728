"""What a job's pack found, as its client sent it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import func, select

from qalita_ingest.sandbox.clients.entries import read_entries
from qalita_ingest.sandbox.database.model import Recommendation, Schema, Upload, UploadedMetric

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Row = dict[str, Any]


class UploadedView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a document. `label` is its key, or a recommendation's level; `content` is a figure's title."""

    kind: str
    label: str | None
    content: str | None
    perimeter: str | None
    scope: str | None
    created_at: datetime


class Uploads(msgspec.Struct, frozen=True, kw_only=True):
    """`counts` is kind → number, also of those beyond the limit; a kind without any is not in it."""

    counts: dict[str, int]
    entries: list[UploadedView]


def uploads_of(session: Session, job_id: int, limit: int) -> Uploads:
    """Recommendations, then metrics, schemas and figures, each as sent; at most `limit` of each kind."""
    found = {
        "recommendation": _kept(session, job_id, Recommendation.level, Recommendation.content, limit=limit),
        "metric": _kept(session, job_id, UploadedMetric.key, UploadedMetric.value, limit=limit),
        "schema": _kept(session, job_id, Schema.key, Schema.value, limit=limit),
        "figure": _figures(session, job_id, limit=limit),
    }
    return Uploads(
        counts={kind: count for kind, (count, _rows) in found.items() if count},
        entries=[UploadedView(kind=kind, **row) for kind, (_count, rows) in found.items() for row in rows],
    )


def _kept(session: Session, job_id: int, label: Any, content: Any, *, limit: int) -> tuple[int, list[Row]]:
    table = label.class_
    columns = (
        label.label("label"),
        content.label("content"),
        table.perimeter,
        table.scope_value.label("scope"),
        Upload.created_at,
    )
    of_job = select(*columns).join(Upload, Upload.id == table.upload_id).where(Upload.job_id == job_id)
    count = session.scalar(of_job.with_only_columns(func.count())) or 0
    rows = session.execute(of_job.order_by(table.id).limit(limit)).mappings()
    return count, [dict(row) for row in rows]


def _figures(session: Session, job_id: int, *, limit: int) -> tuple[int, list[Row]]:
    query = select(Upload.content, Upload.created_at).where(Upload.job_id == job_id, Upload.kind == "figures")
    rows = [
        {
            "label": one["key"],
            "content": one["title"],
            "perimeter": one["perimeter"],
            "scope": one["scope_value"],
            "created_at": created_at,
        }
        for content, created_at in session.execute(query.order_by(Upload.id))
        for one in read_entries("figures", json.loads(content))[0]
    ]
    return len(rows), rows[:limit]
