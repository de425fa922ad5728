"""Where the sandbox keeps its store, and where a server of it listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from qalita_ingest.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_STORE = ".qalita"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 3080
LARGEST_PORT = 65535
# The names under which the tools of PostgreSQL know it, and the one that names the driver.
POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


@dataclass(frozen=True)
class Settings:
    """`store` is the folder of the store; it is made when it does not exist.

    `url` is a PostgreSQL that keeps the rows instead of the folder's own file.
    """

    store: Path
    url: URL | None = field(default=None, repr=False)

    @property
    def database_path(self) -> Path:
        return self.store / "qalita.db"

    @property
    def database_url(self) -> URL:
        return self.url or URL.create("sqlite+pysqlite", database=str(self.database_path))

    @property
    def place(self) -> str:
        """Where the rows are, for people to read: without a password, which may also stand behind a question mark."""
        return self.url.set(query={}).render_as_string(hide_password=True) if self.url else str(self.database_path)


def settings_from(environ: Mapping[str, str]) -> Settings:
    """`QALITA_STORE`, else `.qalita` in the current folder; `QALITA_DATABASE_URL`. Raises `SettingsError`."""
    store = Path(environ.get("QALITA_STORE") or DEFAULT_STORE).expanduser().resolve()
    return Settings(store, database_url_from(environ))


def database_url_from(environ: Mapping[str, str]) -> URL | None:
    """`QALITA_DATABASE_URL`; None where the store's folder keeps the rows. Raises `SettingsError`."""
    text = environ.get("QALITA_DATABASE_URL")
    if not text:
        return None
    # What was found is not said: it may hold a password, wherever that ends in an address that can't be read.
    expected = "QALITA_DATABASE_URL: expected postgresql://user:password@host:port/database"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or "@" in (url.host or ""):
        raise SettingsError(f"{expected}; write what is special in the password as %40 and the like")
    if url.drivername not in POSTGRESQL:
        raise SettingsError(f"{expected}, found {url.drivername}:; for SQLite name the folder with QALITA_STORE")
    return url.set(drivername="postgresql+psycopg")


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
