"""What a served sandbox has from its first start on: source 1, the open data, and a pack, where one is named."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from qalita_ingest.errors import SettingsError
from qalita_ingest.sandbox.clients.archives import ENDING, FOLDER_ENDING, ArchiveError, check_archive
from qalita_ingest.sandbox.clients.assets import Description, find_asset, keep_asset
from qalita_ingest.sandbox.clients.bodies import VERSION, NewPack, NewSource, PackChange
from qalita_ingest.sandbox.clients.packs import add_version, change_pack, list_packs, publish_pack, replace_archive
from qalita_ingest.sandbox.clients.sources import publish_source
from qalita_ingest.sandbox.database.model import RegisteredSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.database import Database

VARIABLE = "QALITA_SANDBOX_PACK"
# As example_pack/sources-conf.yaml of the workspace has it: clients find a source by name and type.
OPEN_DATA = NewSource(
    name="opendata", type="folder", description="The dbt project of the open data on air quality", visibility="private"
)
LEFT_OUT = ("__pycache__",)


class PackFolder:
    """A pack as its author has it: `<name>_pack/` with properties.yaml, pack_conf.json, run.sh."""

    def __init__(self, folder: Path) -> None:
        """Raises `SettingsError` where the folder is no pack."""
        self._folder = folder
        self.name = folder.name.removesuffix(FOLDER_ENDING)
        self.properties = _properties(self._read("properties.yaml"))
        self.version = self.properties.get("version", "")
        if not folder.name.endswith(FOLDER_ENDING) or self.properties.get("name") != self.name:
            raise self._refused(f"expected a folder <name>{FOLDER_ENDING}, and the same name in properties.yaml")
        if not re.fullmatch(VERSION, self.version):
            raise self._refused(f"properties.yaml: version: expected X.Y.Z, found {self.version!r}")

    def _refused(self, reason: object) -> SettingsError:
        return SettingsError(f"{VARIABLE}: {self._folder}: {reason}")

    def _read(self, name: str) -> str:
        try:
            return (self._folder / name).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise self._refused(f"{name}: {reason}; is it the folder of a pack?") from None

    def about(self) -> PackChange:
        """What a client would send of it. Raises `SettingsError`."""
        config = self._read("pack_conf.json")
        try:
            json.loads(config)
        except ValueError as error:
            raise self._refused(f"pack_conf.json: not JSON: {error}") from None
        return PackChange(
            type=self.properties.get("type"),
            description=self.properties.get("description"),
            visibility=self.properties.get("visibility"),
            config=config,
            readme=base64.b64encode(self._read("README.md").encode()).decode(),
        )

    def archive(self) -> bytes:
        """The same bytes for the same files. Raises `SettingsError` where clients would not unpack it."""
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
            for path in self._files():
                member = tar.gettarinfo(path, f"{self._folder.name}/{path.relative_to(self._folder)}")
                member.mtime, member.uid, member.gid, member.uname, member.gname = 0, 0, 0, "", ""
                with path.open("rb") as content:
                    tar.addfile(member, content)
        try:
            check_archive(packed.getvalue(), self.name + ENDING)
        except ArchiveError as error:
            raise self._refused(error) from None
        return packed.getvalue()

    def _files(self) -> Iterator[Path]:
        for path in sorted(self._folder.rglob("*")):
            parts = path.relative_to(self._folder).parts
            if path.is_file() and not any(part.startswith(".") or part in LEFT_OUT for part in parts):
                yield path


def pack_folder(environ: Mapping[str, str]) -> PackFolder | None:
    """`QALITA_SANDBOX_PACK`. Raises `SettingsError`."""
    named = environ.get(VARIABLE)
    return PackFolder(Path(named).expanduser().resolve()) if named else None


def provision(database: Database, pack: PackFolder | None, now: datetime) -> None:
    """The source stays as it is when it is there. The pack is kept in step with its folder."""
    with database.writing() as session:
        known = select(RegisteredSource.id).where(
            RegisteredSource.name == OPEN_DATA.name, RegisteredSource.type == OPEN_DATA.type
        )
        if session.scalar(known) is None:
            publish_source(session, OPEN_DATA, now)
        if pack:
            _provision_pack(session, pack, now)


def _provision_pack(session: Session, pack: PackFolder, now: datetime) -> None:
    archive = pack.archive()
    # A client that publishes writes blanks for underscores.
    known = next((one for one in list_packs(session) if one.name.replace(" ", "_") == pack.name), None)
    versions = {one.sem_ver_id: one.asset_id for one in known.versions} if known else {}
    if pack.version in versions and _is_archive(session, versions[pack.version], archive):
        return
    if known:
        pack_id = known.id
        change_pack(session, pack_id, pack.about(), now)
    else:
        pack_id = publish_pack(session, NewPack(name=pack.name, **pack.about().model_dump()), now).id
    told = Description(name=pack.name, version=pack.version, bucket="packs", type="pack")
    asset = keep_asset(session, told, pack.name + ENDING, archive, now)
    if pack.version in versions:
        replace_archive(session, pack_id, pack.version, asset.id)
    else:
        add_version(session, pack_id, pack.version, asset.id, now)


def _is_archive(session: Session, asset_id: int, archive: bytes) -> bool:
    asset = find_asset(session, asset_id)
    return asset is not None and asset.sha256 == hashlib.sha256(archive).hexdigest()


def _properties(text: str) -> dict[str, str]:
    """Of properties.yaml, which is flat: one `name: value` a line."""
    lines = [line.partition(":") for line in text.splitlines() if ":" in line and not line.startswith(("#", " "))]
    return {name.strip(): value.strip().strip("\"'") for name, _, value in lines}
