"""Work that is done, or is to be done: a report that is taken in, a pack that a worker runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from qalita_ingest.sandbox.database.model.base import Base, Id, LongText, Name, Word


class Job(Base):
    """`kind` is `ingest` (a report becomes a run) or `pack` (a client runs a pack on a source).

    `status` is pending, running, succeeded or failed. `payload` is the gzipped report of an ingest until it is taken
    in, so that a job whose process died can be claimed again. `source_id` is a registered source. `source_version_id`
    is kept as the client sent it, `pack_version` is X.Y.Z. Logs and outputs are assets. `error` says why a job failed.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "kind", "status"),)
    id: Mapped[Id]
    kind: Mapped[Word]
    status: Mapped[Word]
    name: Mapped[Name | None]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    idempotency_key: Mapped[Name | None] = mapped_column(index=True)
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("registered_sources.id"))
    source_version_id: Mapped[Name | None]
    target_id: Mapped[int | None] = mapped_column(ForeignKey("registered_sources.id"))
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("packs.id"))
    pack_version: Mapped[Name | None]
    pack_config_override: Mapped[LongText | None]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    error: Mapped[LongText | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
