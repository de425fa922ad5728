"""Runs that are still on their way in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qalita_ingest.sandbox.database.model.base import Base, Id, Name


class UploadPart(Base):
    """A piece of the gzipped body of one run. Nothing of it is seen until the run is complete; then it is gone."""

    __tablename__ = "upload_parts"
    __table_args__ = (UniqueConstraint("idempotency_key", "number"),)
    id: Mapped[Id]
    idempotency_key: Mapped[Name]
    number: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
