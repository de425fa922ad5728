"""Work: reports that were taken in, packs that workers ran."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import undefer

from qalita_ingest.sandbox.database.model import Asset, Job, Pack, RegisteredSource, Worker
from qalita_ingest.sandbox.reading.fields import fields_of_row
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page
from qalita_ingest.sandbox.reading.runs import seconds_between

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record, Records

# A log is shown to its end; what is longer keeps its end, where a failure says why.
LONGEST_LOG_BYTES = 256 * 1024


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """`run` is the run that an ingest became. `source`, `pack` and `worker` are names; None for an ingest."""

    id: int
    kind: Literal["ingest", "pack"]
    status: Literal["pending", "running", "succeeded", "failed"]
    name: str | None
    run: int | None
    source_id: int | None
    source: str | None
    pack_id: int | None
    pack: str | None
    pack_version: str | None
    worker: str | None
    error: str | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None


class JobFileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the job left."""

    asset: int
    bucket: str
    file_name: str
    size_bytes: int
    created_at: datetime


class JobLogView(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a log; where it `is_cut`, only its end."""

    asset: int
    file_name: str
    text: str
    is_cut: bool


class JobDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A job with what it wrote; `files` are logs and outputs, `logs` the text of the logs."""

    job: JobView
    files: tuple[JobFileView, ...]
    logs: tuple[JobLogView, ...]


COLUMNS = (
    Job.id,
    Job.kind,
    Job.status,
    Job.name,
    Job.run_id.label("run"),
    Job.source_id,
    RegisteredSource.name.label("source"),
    Job.pack_id,
    Pack.name.label("pack"),
    Job.pack_version,
    Worker.name.label("worker"),
    Job.error,
    Job.attempts,
    Job.created_at,
    Job.started_at,
    Job.ended_at,
)


def list_jobs(
    session: Session, *, kind: str | None = None, status: str | None = None, window: Window = FIRST
) -> Page[JobView]:
    """Newest first. Raises `CursorError`."""
    query = _jobs()
    for column, value in ((Job.kind, kind), (Job.status, status)):
        query = query if value is None else query.where(column == value)
    order = Order((Job.id,), (int,), is_descending=True)
    return read_page(session, query, order, window, lambda rows: [_view(row) for row in rows])


def find_job(session: Session, job_id: int) -> JobDetail | None:
    """None: there is no such job."""
    row = session.execute(_jobs().where(Job.id == job_id)).first()
    if row is None:
        return None
    files = session.scalars(select(Asset).where(Asset.job_id == job_id).order_by(Asset.id)).all()
    logs = session.scalars(
        select(Asset)
        .where(Asset.job_id == job_id, Asset.bucket == "logs")
        .options(undefer(Asset.content))
        .order_by(Asset.id)
        .execution_options(populate_existing=True)
    )
    return JobDetail(
        job=_view(row),
        files=tuple(_file(one) for one in files),
        logs=tuple(_log(one) for one in logs),
    )


def _jobs() -> Records:
    return (
        select(*COLUMNS)
        .outerjoin(RegisteredSource, RegisteredSource.id == Job.source_id)
        .outerjoin(Pack, Pack.id == Job.pack_id)
        .outerjoin(Worker, Worker.id == Job.worker_id)
    )


def _view(row: Record) -> JobView:
    seconds = seconds_between(row.started_at, row.ended_at)
    return JobView(seconds=seconds, **fields_of_row(JobView, row))


def _file(asset: Asset) -> JobFileView:
    return JobFileView(
        asset=asset.id,
        bucket=asset.bucket,
        file_name=asset.file_name,
        size_bytes=asset.size_bytes,
        created_at=asset.created_at,
    )


def _log(asset: Asset) -> JobLogView:
    text = asset.content[-LONGEST_LOG_BYTES:].decode("utf-8", errors="replace")
    return JobLogView(
        asset=asset.id, file_name=asset.file_name, text=text, is_cut=len(asset.content) > LONGEST_LOG_BYTES
    )
