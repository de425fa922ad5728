"""What a pack found: metrics, recommendations, schemas, figures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import insert, select

from qalita_ingest.sandbox.clients.entries import read_entries
from qalita_ingest.sandbox.database.model import (
    Job,
    Pack,
    Recommendation,
    RegisteredSource,
    Schema,
    Upload,
    UploadedMetric,
)
from qalita_ingest.sandbox.problems import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

Kind = Literal["metrics", "recommendations", "schemas", "figures"]
TABLES: dict[str, type[UploadedMetric | Recommendation | Schema]] = {
    "metrics": UploadedMetric,
    "recommendations": Recommendation,
    "schemas": Schema,
}
# Answers name so many of the entries that could not be read.
MOST_REFUSALS = 20


class Refusal(msgspec.Struct, frozen=True):
    key: str
    error: str


class Kept(msgspec.Struct, frozen=True):
    """`accepted`: how many entries could be read; `rejected`: the first of those that could not."""

    id: int
    job_id: int | None
    accepted: int
    rejected: list[Refusal]


@dataclass(frozen=True)
class Origin:
    """Registered source and pack."""

    source_id: int
    pack_id: int


def keep_document(session: Session, kind: Kind, content: bytes, origin: Origin, now: datetime) -> Kept:
    """Raises a 422 where it is no JSON, or its source or pack is not there."""
    text, document = _read(content)
    for model, identifier, word in ((RegisteredSource, origin.source_id, "source"), (Pack, origin.pack_id, "pack")):
        if session.get(model, identifier) is None:
            raise Problem(422, f"{word}_id: there is no {word} {identifier}")
    rows, refused = read_entries(kind, document)
    upload = Upload(
        kind=kind,
        job_id=_running_job(session, origin),
        source_id=origin.source_id,
        pack_id=origin.pack_id,
        content=text,
        created_at=now,
    )
    session.add(upload)
    session.flush()
    if rows and kind in TABLES:
        session.execute(insert(TABLES[kind]), [row | {"upload_id": upload.id} for row in rows])
    return Kept(upload.id, upload.job_id, len(rows), [Refusal(*one) for one in refused[:MOST_REFUSALS]])


def _read(content: bytes) -> tuple[str, Any]:
    """As Python's own `json` reads it: packs write NaN, which JSON has not."""
    try:
        text = content.decode("utf-8-sig")
        return text, json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Problem(422, f"the file is no JSON: {error}") from None


def _running_job(session: Session, origin: Origin) -> int | None:
    """A client names source and pack, not the job: the one that was started last."""
    is_its = (Job.kind == "pack", Job.source_id == origin.source_id, Job.pack_id == origin.pack_id)
    query = select(Job.id).where(*is_its, Job.status == "running")
    return session.scalar(query.order_by(Job.started_at.desc(), Job.id.desc()).limit(1))
