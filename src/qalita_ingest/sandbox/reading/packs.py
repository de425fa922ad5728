"""Packs that a client published."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Asset, Pack, PackVersion
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record


class PackVersionView(msgspec.Struct, frozen=True, kw_only=True):
    """`version` is X.Y.Z; the archive is the asset."""

    version: str
    asset: int
    file_name: str
    size_bytes: int
    sha256: str
    created_at: datetime


class PackView(msgspec.Struct, frozen=True, kw_only=True):
    """A pack with its versions, newest first."""

    id: int
    name: str
    type: str | None
    description: str | None
    url: str | None
    visibility: str | None
    compatible_sources: list[Any] | None
    created_at: datetime
    updated_at: datetime
    versions: tuple[PackVersionView, ...]


def list_packs(session: Session, window: Window = FIRST) -> Page[PackView]:
    """In the order of their numbers. Raises `CursorError`."""
    # Not the whole row: readme and picture are large.
    return read_page(session, select(*COLUMNS), Order((Pack.id,), (int,)), window, lambda rows: _views(session, rows))


def find_pack(session: Session, pack_id: int) -> PackView | None:
    """None: there is no such pack."""
    rows = session.execute(select(*COLUMNS).where(Pack.id == pack_id)).all()
    return _views(session, rows)[0] if rows else None


COLUMNS = (
    Pack.id,
    Pack.name,
    Pack.type,
    Pack.description,
    Pack.url,
    Pack.visibility,
    Pack.compatible_sources,
    Pack.created_at,
    Pack.updated_at,
)


def _views(session: Session, rows: Sequence[Record]) -> list[PackView]:
    versions: dict[int, list[PackVersionView]] = defaultdict(list)
    query = (
        select(PackVersion, Asset.file_name, Asset.size_bytes, Asset.sha256)
        .join(Asset, Asset.id == PackVersion.asset_id)
        .where(PackVersion.pack_id.in_([row.id for row in rows]))
        .order_by(PackVersion.id.desc())
    )
    for version, file_name, size_bytes, sha256 in session.execute(query):
        versions[version.pack_id].append(
            PackVersionView(
                version=version.sem_ver_id,
                asset=version.asset_id,
                file_name=file_name,
                size_bytes=size_bytes,
                sha256=sha256,
                created_at=version.created_at,
            )
        )
    names = [column.key for column in COLUMNS]
    return [PackView(versions=tuple(versions[row.id]), **{name: getattr(row, name) for name in names}) for row in rows]
