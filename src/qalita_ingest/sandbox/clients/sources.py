"""Sources that clients registered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import RegisteredSource

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.clients.bodies import NewSource, SourceChange

# Clients until 2.11 look for this version first of all; later ones know no versions of sources.
FIRST_VERSION = "1.0.0"


class VersionView(msgspec.Struct, frozen=True):
    id: int
    sem_ver_id: str


class SourceView(msgspec.Struct, frozen=True, kw_only=True):
    """`versions` is always the one: a source that changes stays the same source."""

    id: int
    name: str
    type: str
    description: str | None
    visibility: str
    sensitive: bool
    reference: bool
    created_at: datetime
    updated_at: datetime
    versions: list[VersionView]


def list_sources(session: Session) -> list[SourceView]:
    return [_view(one) for one in session.scalars(select(RegisteredSource).order_by(RegisteredSource.id))]


def find_source(session: Session, source_id: int) -> SourceView | None:
    known = session.get(RegisteredSource, source_id)
    return _view(known) if known else None


def publish_source(session: Session, wanted: NewSource, now: datetime) -> SourceView:
    """One of the same name and type is the same source, and is changed."""
    query = select(RegisteredSource).where(RegisteredSource.name == wanted.name, RegisteredSource.type == wanted.type)
    source = session.scalar(query) or RegisteredSource(created_at=now)
    for field, value in wanted.model_dump().items():
        setattr(source, field, value)
    source.updated_at = now
    session.add(source)
    session.flush()
    return _view(source)


def change_source(session: Session, source_id: int, change: SourceChange, now: datetime) -> SourceView | None:
    """Only what was sent; None: no such source."""
    source = session.get(RegisteredSource, source_id)
    if source is None:
        return None
    for field, value in change.model_dump(exclude_unset=True).items():
        setattr(source, field, value)
    source.updated_at = now
    return _view(source)


def _view(source: RegisteredSource) -> SourceView:
    fields = {name: getattr(source, name) for name in SourceView.__struct_fields__ if name != "versions"}
    return SourceView(**fields, versions=[VersionView(source.id, FIRST_VERSION)])
