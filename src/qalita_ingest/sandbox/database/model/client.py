"""What QALITA's clients register, fetch and bring: sources, packs, assets, workers, and what a pack found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qalita_ingest.sandbox.database.model.base import Base, Id, Key, LongText, Name, Word


class RegisteredSource(Base):
    """A source of `qalita source push`. Numbered apart from the sources that runs bring: number 1 is the open data."""

    __tablename__ = "registered_sources"
    __table_args__ = (UniqueConstraint("name", "type"),)
    id: Mapped[Id]
    name: Mapped[Name]
    type: Mapped[Word]
    description: Mapped[LongText | None]
    visibility: Mapped[Word]
    sensitive: Mapped[bool]
    reference: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Pack(Base):
    """`config`, `readme` and `avatar` are kept as the client sent them: JSON text, base64, base64.

    Names are not unique: a client that does not find its pack by name publishes it again.
    """

    __tablename__ = "packs"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(index=True)
    type: Mapped[Word | None]
    description: Mapped[LongText | None]
    url: Mapped[LongText | None]
    visibility: Mapped[Word | None]
    config: Mapped[LongText | None]
    readme: Mapped[LongText | None]
    avatar: Mapped[LongText | None]
    compatible_sources: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PackVersion(Base):
    """`sem_ver_id` is X.Y.Z; the archive is an asset."""

    __tablename__ = "pack_versions"
    __table_args__ = (UniqueConstraint("pack_id", "sem_ver_id"),)
    id: Mapped[Id]
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    sem_ver_id: Mapped[Name]
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    created_at: Mapped[datetime]


class Asset(Base):
    """A file that a client uploaded: `bucket` is packs, logs or outputs. `job_id` is the job that it belongs to."""

    __tablename__ = "assets"
    id: Mapped[Id]
    name: Mapped[Name]
    version: Mapped[Name]
    bucket: Mapped[Word]
    type: Mapped[Word]
    description: Mapped[LongText | None]
    file_name: Mapped[Name]
    size_bytes: Mapped[int]
    sha256: Mapped[Name]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    user: Mapped[Name | None]
    created_at: Mapped[datetime]


class Worker(Base):
    """A client that runs packs; those of 2.3 and before call themselves agents. `status` is the client's own word."""

    __tablename__ = "workers"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    mode: Mapped[Word | None]
    status: Mapped[Word]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Upload(Base):
    """A document that a pack left and its client sent: metrics, recommendations, schemas or figures.

    A client names source and pack, not the job: it is that of the running job of both, if there is one. `content` is
    the document as it came; its entries are in the tables below where they could be read.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "source_id", "pack_id"),)
    id: Mapped[Id]
    kind: Mapped[Word]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("registered_sources.id"))
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("packs.id"))
    content: Mapped[LongText] = mapped_column(deferred=True)
    created_at: Mapped[datetime]


class UploadedMetric(Base):
    """`value` as text: packs also send words. `number` is the same where it is a number."""

    __tablename__ = "uploaded_metrics"
    id: Mapped[Id]
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"), index=True)
    key: Mapped[Name]
    value: Mapped[LongText | None]
    number: Mapped[float | None]
    perimeter: Mapped[Word | None]
    scope_value: Mapped[Key | None]
    parent_scope: Mapped[LongText | None]


class Recommendation(Base):
    """A finding of a pack; `level` is info, warning or high."""

    __tablename__ = "recommendations"
    id: Mapped[Id]
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"), index=True)
    content: Mapped[LongText]
    type: Mapped[Name | None]
    level: Mapped[Word | None]
    perimeter: Mapped[Word | None]
    scope_value: Mapped[Key | None]
    parent_scope: Mapped[LongText | None]


class Schema(Base):
    """A fact about the shape of the data that a pack read: a dataset, a column, its type."""

    __tablename__ = "schemas"
    id: Mapped[Id]
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"), index=True)
    key: Mapped[Name]
    value: Mapped[LongText | None]
    perimeter: Mapped[Word | None]
    scope_value: Mapped[Key | None]
    parent_scope: Mapped[LongText | None]
