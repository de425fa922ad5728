"""Packs and their versions."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import load_only

from qalita_ingest.sandbox.database.model import Asset, Pack, PackVersion
from qalita_ingest.sandbox.problems import Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.clients.bodies import NewPack, PackChange

# Those of the list: no pictures, no pages.
SHORT = (Pack.id, Pack.name, Pack.type, Pack.description, Pack.url, Pack.visibility, Pack.compatible_sources)


class PackVersionView(msgspec.Struct, frozen=True):
    """Clients take the highest `sem_ver_id`."""

    id: int
    sem_ver_id: str
    asset_id: int


class PackSummary(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    type: str | None
    description: str | None
    url: str | None
    visibility: str | None
    compatible_sources: list[Any] | None
    created_at: datetime
    updated_at: datetime
    versions: list[PackVersionView]


class PackView(PackSummary, frozen=True, kw_only=True):
    config: str | None
    readme: str | None
    avatar: str | None


def list_packs(session: Session) -> list[PackSummary]:
    query = select(Pack).options(load_only(*SHORT, Pack.created_at, Pack.updated_at)).order_by(Pack.id)
    versions = _versions(session)
    return [PackSummary(**_fields(pack, PackSummary), versions=versions[pack.id]) for pack in session.scalars(query)]


def find_pack(session: Session, pack_id: int) -> PackView | None:
    pack = session.get(Pack, pack_id)
    return _view(session, pack) if pack else None


def publish_pack(session: Session, wanted: NewPack, now: datetime) -> PackView:
    """Always a new one: a name may be there twice."""
    pack = Pack(**wanted.model_dump(), created_at=now, updated_at=now)
    session.add(pack)
    session.flush()
    return _view(session, pack)


def change_pack(session: Session, pack_id: int, change: PackChange, now: datetime) -> PackView | None:
    """Only what was sent; None: no such pack."""
    pack = session.get(Pack, pack_id)
    if pack is None:
        return None
    for field, value in change.model_dump(exclude_unset=True).items():
        setattr(pack, field, value)
    pack.updated_at = now
    return _view(session, pack)


def add_version(session: Session, pack_id: int, sem_ver_id: str, asset_id: int, now: datetime) -> PackView | None:
    """None: no such pack. Raises a 422 where the asset is no archive, a 409 where the version has another one."""
    pack = session.get(Pack, pack_id, with_for_update=True)
    if pack is None:
        return None
    if session.scalar(select(Asset.bucket).where(Asset.id == asset_id)) != "packs":
        raise Problem(422, f"asset_id: expected the archive of a pack, found {asset_id}")
    query = select(PackVersion).where(PackVersion.pack_id == pack_id, PackVersion.sem_ver_id == sem_ver_id)
    known = session.scalar(query)
    if known is None:
        session.add(PackVersion(pack_id=pack_id, sem_ver_id=sem_ver_id, asset_id=asset_id, created_at=now))
        pack.updated_at = now
        session.flush()
    elif known.asset_id != asset_id:
        raise Problem(409, f"pack {pack_id} has a version {sem_ver_id}, and a version does not change; raise it")
    return _view(session, pack)


def replace_archive(session: Session, pack_id: int, sem_ver_id: str, asset_id: int) -> None:
    """Another archive for a version that is there; the old one goes."""
    query = select(PackVersion).where(PackVersion.pack_id == pack_id, PackVersion.sem_ver_id == sem_ver_id)
    version = session.scalars(query).one()
    old, version.asset_id = version.asset_id, asset_id
    session.flush()
    if session.scalar(select(PackVersion.id).where(PackVersion.asset_id == old).limit(1)) is None:
        session.execute(delete(Asset).where(Asset.id == old))


def find_version(session: Session, pack_id: int, version_id: int) -> str | None:
    """X.Y.Z; None: the pack has no such version."""
    query = select(PackVersion.sem_ver_id).where(PackVersion.id == version_id, PackVersion.pack_id == pack_id)
    return session.scalar(query)


def _view(session: Session, pack: Pack) -> PackView:
    return PackView(**_fields(pack, PackView), versions=_versions(session, pack.id)[pack.id])


def _fields(pack: Pack, view: type[msgspec.Struct]) -> dict[str, Any]:
    return {name: getattr(pack, name) for name in view.__struct_fields__ if name != "versions"}


def _versions(session: Session, pack_id: int | None = None) -> defaultdict[int, list[PackVersionView]]:
    """Pack → its versions, the first one first."""
    query = select(PackVersion).order_by(PackVersion.id)
    found = defaultdict[int, list[PackVersionView]](list)
    for one in session.scalars(query if pack_id is None else query.where(PackVersion.pack_id == pack_id)):
        found[one.pack_id].append(PackVersionView(one.id, one.sem_ver_id, one.asset_id))
    return found
