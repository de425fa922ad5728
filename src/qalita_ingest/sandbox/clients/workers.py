"""Clients that run packs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Worker

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.clients.bodies import NewWorker, WorkerChange


class WorkerView(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is the client's own word: online, offline, and for old ones starting, busy, succeeded, failed."""

    id: int
    name: str
    mode: str | None
    status: str
    is_active: bool
    created_at: datetime
    seen_at: datetime


def list_workers(session: Session) -> list[WorkerView]:
    return [_view(one) for one in session.scalars(select(Worker).order_by(Worker.id))]


def find_worker(session: Session, worker_id: int) -> WorkerView | None:
    known = session.get(Worker, worker_id)
    return _view(known) if known else None


def register_worker(session: Session, wanted: NewWorker, now: datetime) -> WorkerView:
    """One of the same name is the same worker."""
    worker = session.scalar(select(Worker).where(Worker.name == wanted.name)) or Worker(created_at=now)
    for field, value in wanted.model_dump().items():
        setattr(worker, field, value)
    worker.seen_at = now
    session.add(worker)
    session.flush()
    return _view(worker)


def change_worker(session: Session, worker_id: int, change: WorkerChange, now: datetime) -> WorkerView | None:
    """Only what was sent; None: no such worker."""
    worker = session.get(Worker, worker_id)
    if worker is None:
        return None
    for field, value in change.model_dump(exclude_unset=True).items():
        setattr(worker, field, value)
    worker.seen_at = now
    return _view(worker)


def _view(worker: Worker) -> WorkerView:
    return WorkerView(**{name: getattr(worker, name) for name in WorkerView.__struct_fields__})
