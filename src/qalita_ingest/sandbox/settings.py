"""Where the sandbox keeps its store, and where a server of it listens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL

from qalita_ingest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_STORE = ".qalita"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 3080
LARGEST_PORT = 65535


@dataclass(frozen=True)
class Settings:
    """`store` is the folder of the store; it is made when it does not exist."""

    store: Path

    @property
    def database_path(self) -> Path:
        return self.store / "qalita.db"

    @property
    def database_url(self) -> URL:
        return URL.create("sqlite+pysqlite", database=str(self.database_path))


def settings_from(environ: Mapping[str, str]) -> Settings:
    """`QALITA_STORE`, else `.qalita` in the current folder."""
    return Settings(Path(environ.get("QALITA_STORE") or DEFAULT_STORE).expanduser().resolve())


@dataclass(frozen=True)
class Address:
    host: str
    port: int


def address_from(environ: Mapping[str, str]) -> Address:
    """`QALITA_SANDBOX_HOST` and `QALITA_SANDBOX_PORT`; raises `SettingsError`."""
    port = environ.get("QALITA_SANDBOX_PORT") or str(DEFAULT_PORT)
    if not (port.isascii() and port.isdecimal() and int(port) <= LARGEST_PORT):
        raise SettingsError(f"QALITA_SANDBOX_PORT: expected a number from 0 to {LARGEST_PORT}, found {port!r}")
    return Address(environ.get("QALITA_SANDBOX_HOST") or DEFAULT_HOST, int(port))
