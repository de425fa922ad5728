"""Files that clients upload and fetch: archives of packs, logs and outputs of jobs."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import delete, func, select

from qalita_ingest.sandbox.clients.archives import ArchiveError, ArchiveTooLargeError, check_archive
from qalita_ingest.sandbox.database.model import Asset, Job
from qalita_ingest.sandbox.problems import Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Bucket = Literal["packs", "logs", "outputs"]
LARGEST_FILE_BYTES = 20 * 1024 * 1024
MOST_OUTPUTS = 20
OUTPUT_ENDINGS = (".html", ".htm", ".png", ".svg", ".jpg", ".jpeg")
LONGEST_FILE_NAME = 255
DIGITS_OF_HASH = 12


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says of the file."""

    name: str
    version: str
    bucket: Bucket
    type: str
    description: str | None = None
    user: str | None = None


class AssetView(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is a name, not an address: clients make the path in their cache of it, and fetch by id."""

    id: int
    name: str
    version: str
    bucket: str
    type: str
    description: str | None
    file_name: str
    size_bytes: int
    sha256: str
    job_id: int | None
    created_at: datetime
    url: str


def find_asset(session: Session, asset_id: int) -> AssetView | None:
    asset = session.get(Asset, asset_id)
    return _view(asset) if asset else None


def read_asset(session: Session, asset_id: int) -> tuple[str, bytes] | None:
    """File name and content."""
    row = session.execute(select(Asset.file_name, Asset.content).where(Asset.id == asset_id)).first()
    return (row.file_name, row.content) if row else None


def keep_asset(session: Session, told: Description, file_name: str, content: bytes, now: datetime) -> AssetView:
    """Raises a 413 or 422 where it is no archive of a pack, and should be one."""
    if told.bucket == "packs":
        _check_pack(content, file_name)
    return _view(_add(session, told, file_name, content, now))


def keep_output(session: Session, job_id: int, file_name: str, content: bytes, now: datetime) -> AssetView:
    """A picture or page that a pack made; the same name again replaces. Raises a 404, 413 or 422."""
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.kind != "pack":
        raise Problem(404, f"there is no job {job_id} of a pack")
    ending = PurePosixPath(file_name).suffix.lower()
    if ending not in OUTPUT_ENDINGS:
        raise Problem(422, f"{file_name!r}: expected a file that ends in {', '.join(OUTPUT_ENDINGS)}")
    of_job = (Asset.job_id == job_id, Asset.bucket == "outputs")
    session.execute(delete(Asset).where(*of_job, Asset.file_name == file_name))
    if (session.scalar(select(func.count(Asset.id)).where(*of_job)) or 0) >= MOST_OUTPUTS:
        raise Problem(413, f"job {job_id} has {MOST_OUTPUTS} outputs, and may have no more")
    told = Description(name=file_name, version="1.0.0", bucket="outputs", type=ending.removeprefix("."))
    return _view(_add(session, told, file_name, content, now, job_id=job_id))


def _check_pack(content: bytes, file_name: str) -> None:
    try:
        check_archive(content, file_name)
    except ArchiveTooLargeError as error:
        raise Problem(413, str(error)) from None
    except ArchiveError as error:
        raise Problem(422, str(error)) from None


def _add(
    session: Session,
    told: Description,
    file_name: str,
    content: bytes,
    now: datetime,
    *,
    job_id: int | None = None,
) -> Asset:
    asset = Asset(
        **msgspec.structs.asdict(told),
        file_name=file_name,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        job_id=job_id,
        created_at=now,
    )
    session.add(asset)
    session.flush()
    return asset


def _view(asset: Asset) -> AssetView:
    fields = {name: getattr(asset, name) for name in AssetView.__struct_fields__ if name != "url"}
    return AssetView(**fields, url=_url(asset))


def _url(asset: Asset) -> str:
    """`/packs/<name>/<version>-<hash>/<name>.tar.gz`. Clients never fetch again what they have under this name.

    The hash parts archives of one version from different stores.
    """
    name = asset.file_name.split(".")[0]
    return f"/{asset.bucket}/{name}/{asset.version}-{asset.sha256[:DIGITS_OF_HASH]}/{asset.file_name}"
