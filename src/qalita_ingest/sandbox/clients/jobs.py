"""Jobs of packs: created, claimed, run and ended by clients."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import aliased

from qalita_ingest.sandbox.clients.packs import find_version
from qalita_ingest.sandbox.clients.sources import FIRST_VERSION, VersionView
from qalita_ingest.sandbox.database.model import Asset, Job, Pack, PackVersion, RegisteredSource, Upload, Worker
from qalita_ingest.sandbox.problems import Problem

if TYPE_CHECKING:
    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.clients.bodies import JobChange, NewJob

PACK = "pack"
ENDED = frozenset({"succeeded", "failed"})


class Reference(msgspec.Struct, frozen=True):
    id: int
    name: str


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """Old clients read `agent_id`, later ones `worker_id`; both are the worker that has the job, or is to have it.

    The three versions are objects, of which clients in worker mode take the id.
    """

    id: int
    name: str | None
    type: str
    status: str
    source: Reference
    pack: Reference
    source_id: int
    pack_id: int
    target_id: int | None
    agent_id: int | None
    worker_id: int | None
    source_version: VersionView | None
    target_version: VersionView | None
    pack_version: VersionView | None
    pack_config_override: str | None
    start_date: datetime | None
    end_date: datetime | None
    created_at: datetime
    logs_id: int | None
    error_message: str | None
    # Left out where there is none: not every client expects a null here.
    target: Reference | msgspec.UnsetType = msgspec.UNSET


class DocumentReference(msgspec.Struct, frozen=True):
    id: int
    kind: str


class JobDetail(JobView, frozen=True, kw_only=True):
    """`outputs` are assets: their ids and file names."""

    outputs: list[Reference]
    documents: list[DocumentReference]


def list_jobs(session: Session) -> list[JobView]:
    """The oldest first."""
    return [JobView(**_fields(row)) for row in session.execute(_query())]


def jobs_of_worker(session: Session, worker_id: int) -> list[dict[str, Any]]:
    """The oldest first, with versions as people read them: X.Y.Z."""
    rows = session.execute(_query().where(Job.worker_id == worker_id))
    return [_fields(row) | _versions_as_text(row) for row in rows]


def find_job(session: Session, job_id: int) -> JobDetail | None:
    row = session.execute(_query().where(Job.id == job_id)).first()
    if row is None:
        return None
    outputs = select(Asset.id, Asset.file_name).where(Asset.job_id == job_id, Asset.bucket == "outputs")
    documents = select(Upload.id, Upload.kind).where(Upload.job_id == job_id)
    return JobDetail(
        **_fields(row),
        outputs=[Reference(*one) for one in session.execute(outputs.order_by(Asset.id))],
        documents=[DocumentReference(*one) for one in session.execute(documents.order_by(Upload.id))],
    )


def create_job(session: Session, wanted: NewJob, now: datetime) -> JobView:
    """Pending unless it says otherwise. Raises a 422 where it names what is not there."""
    _require(session, RegisteredSource, wanted.source_id, "source_id")
    _require(session, Pack, wanted.pack_id, "pack_id")
    job = Job(kind=PACK, status="pending", source_id=wanted.source_id, pack_id=wanted.pack_id, created_at=now)
    _apply(session, job, wanted, now)
    session.add(job)
    session.flush()
    return _read(session, job.id)


def change_job(session: Session, job_id: int, change: JobChange, now: datetime) -> JobView | None:
    """None: no such job. Raises a 409 where another worker has it, a 422 where it names what is not there."""
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.kind != PACK:
        return None
    if change.is_claim:
        _claim(job, change, now)
    _apply(session, job, change, now)
    session.flush()
    return _read(session, job_id)


def next_jobs(session: Session, worker_id: int) -> list[int]:
    """The job that this worker is to be handed, if there is one: its own before a free one, the oldest first."""
    query = select(Job.id).where(*_waiting_for(worker_id)).order_by(Job.worker_id.is_(None), Job.id).limit(1)
    return list(session.scalars(query))


def hand_over(session: Session, job_id: int, worker_id: int, now: datetime) -> JobView | None:
    """Once: None where somebody else was faster."""
    taken = update(Job).where(Job.id == job_id, *_waiting_for(worker_id)).values(worker_id=worker_id, claimed_at=now)
    done = session.execute(taken.returning(Job.id)).first()
    return _read(session, job_id) if done else None


def _waiting_for(worker_id: int) -> tuple[Any, ...]:
    is_for_it = or_(Job.worker_id == worker_id, Job.worker_id.is_(None))
    return Job.kind == PACK, Job.status == "pending", Job.claimed_at.is_(None), is_for_it


def _claim(job: Job, change: JobChange, now: datetime) -> None:
    if job.status in ENDED:
        raise Problem(409, f"job {job.id} has {job.status}; there is nothing to claim")
    if job.worker_id not in {None, change.worker}:
        raise Problem(409, f"job {job.id} is worker {job.worker_id}'s")
    job.claimed_at = now


def _apply(session: Session, job: Job, change: JobChange, now: datetime) -> None:
    if change.status == "pending":
        # Free again, or for the worker that is named: handed over once more.
        job.worker_id = job.claimed_at = job.started_at = job.ended_at = None
    if change.worker is not None:
        _require(session, Worker, change.worker, "worker_id")
        job.worker_id = change.worker
    if change.target_id is not None:
        _require(session, RegisteredSource, change.target_id, "target_id")
        job.target_id = change.target_id
    _apply_facts(session, job, change)
    if change.status:
        _move(job, change, now)
    if change.logs_id is not None:
        _tie_logs(session, job, change.logs_id)


def _apply_facts(session: Session, job: Job, change: JobChange) -> None:
    if change.name is not None:
        job.name = change.name
    if change.source_version_id is not None:
        job.source_version_id = str(change.source_version_id)
    if change.error_message is not None:
        job.error = change.error_message
    override = change.pack_config_override
    if override is not None:
        job.pack_config_override = override if isinstance(override, str) else msgspec.json.encode(override).decode()
    if change.pack_version_id is not None and job.pack_id:
        job.pack_version = find_version(session, job.pack_id, change.pack_version_id)
        if job.pack_version is None:
            raise Problem(422, f"pack_version_id: pack {job.pack_id} has no version {change.pack_version_id}")


def _move(job: Job, change: JobChange, now: datetime) -> None:
    job.status = change.status or job.status
    if job.status != "pending":
        job.claimed_at = job.claimed_at or now
        job.started_at = change.start_date or job.started_at or now
    if job.status in ENDED:
        job.ended_at = change.end_date or now
    elif job.status == "running":
        job.ended_at = None


def _tie_logs(session: Session, job: Job, asset_id: int) -> None:
    session.flush()
    tied = update(Asset).where(Asset.id == asset_id, Asset.bucket == "logs").values(job_id=job.id)
    if session.execute(tied.returning(Asset.id)).first() is None:
        raise Problem(422, f"logs_id: there are no logs {asset_id}")


def _require(session: Session, model: type[Any], identifier: int, field: str) -> None:
    if session.scalar(select(model.id).where(model.id == identifier)) is None:
        raise Problem(422, f"{field}: there is no {field.removesuffix('_id')} {identifier}")


def _query() -> Select[*tuple[Any, ...]]:
    """Columns, not whole rows: clients in worker mode read all of it every second."""
    target = aliased(RegisteredSource)
    logs = select(func.max(Asset.id)).where(Asset.job_id == Job.id, Asset.bucket == "logs").scalar_subquery()
    is_its_version = (PackVersion.pack_id == Job.pack_id) & (PackVersion.sem_ver_id == Job.pack_version)
    return (
        select(
            Job.id,
            Job.name,
            Job.status,
            Job.source_id,
            RegisteredSource.name.label("source_name"),
            Job.source_version_id,
            Job.pack_id,
            Pack.name.label("pack_name"),
            Job.pack_version,
            PackVersion.id.label("pack_version_id"),
            Job.target_id,
            target.name.label("target_name"),
            Job.worker_id,
            Job.pack_config_override,
            Job.started_at.label("start_date"),
            Job.ended_at.label("end_date"),
            Job.created_at,
            Job.error.label("error_message"),
            logs.label("logs_id"),
        )
        .join(RegisteredSource, RegisteredSource.id == Job.source_id)
        .join(Pack, Pack.id == Job.pack_id)
        .outerjoin(target, target.id == Job.target_id)
        .outerjoin(PackVersion, is_its_version)
        .where(Job.kind == PACK)
        .order_by(Job.id)
    )


def _versions_as_text(row: Row[*tuple[Any, ...]]) -> dict[str, str | None]:
    return {
        "pack_version": row.pack_version,
        "source_version": FIRST_VERSION if row.source_version_id else None,
        "target": None,
    }


def _read(session: Session, job_id: int) -> JobView:
    return JobView(**_fields(session.execute(_query().where(Job.id == job_id)).one()))


def _fields(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    as_they_are = ("id", "name", "status", "source_id", "pack_id", "target_id", "worker_id", "pack_config_override")
    moments = ("start_date", "end_date", "created_at", "error_message", "logs_id")
    return {
        **{name: getattr(row, name) for name in (*as_they_are, *moments)},
        "type": PACK,
        "agent_id": row.worker_id,
        "source": Reference(row.source_id, row.source_name),
        "pack": Reference(row.pack_id, row.pack_name),
        "source_version": VersionView(row.source_id, FIRST_VERSION) if row.source_version_id else None,
        "target_version": None,
        "pack_version": VersionView(row.pack_version_id, row.pack_version) if row.pack_version_id else None,
        "target": Reference(row.target_id, row.target_name) if row.target_id else msgspec.UNSET,
    }
