"""Where the sandbox keeps its store, and where a server of it listens."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
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
YES, NO = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}
HOST_NAME = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.ASCII)
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
    database_url = environ.get("QALITA_DATABASE_URL")
    return Settings(store, postgresql_url(database_url) if database_url else None)


def postgresql_url(text: str) -> URL:
    """What `QALITA_DATABASE_URL` holds. Raises `SettingsError`."""
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


@dataclass(frozen=True)
class Guard:
    """`allowed_hosts`: names under which the server is reached, besides loopback's and its addresses."""

    is_token_required: bool
    allowed_hosts: frozenset[str]


def guard_from(environ: Mapping[str, str], address: Address) -> Guard:
    """`QALITA_SANDBOX_REQUIRE_TOKEN` and `QALITA_SANDBOX_ALLOWED_HOSTS`.

    Raises `SettingsError`, also when others could reach the address and no token is required.
    """
    word = environ.get("QALITA_SANDBOX_REQUIRE_TOKEN", "").strip().lower()
    if word not in YES | NO:
        raise SettingsError("QALITA_SANDBOX_REQUIRE_TOKEN: expected 1 or 0")
    if word in NO and not is_loopback(address.host):
        raise SettingsError(
            f"QALITA_SANDBOX_HOST: other machines can reach {address.host}; set QALITA_SANDBOX_REQUIRE_TOKEN=1, so "
            "that every request needs a token, or leave QALITA_SANDBOX_HOST out"
        )
    names = {name.lower() for name in re.split(r"[,\s]+", environ.get("QALITA_SANDBOX_ALLOWED_HOSTS", "")) if name}
    if wrong := sorted(name for name in names if not HOST_NAME.fullmatch(name)):
        raise SettingsError(
            f"QALITA_SANDBOX_ALLOWED_HOSTS: expected names such as qalita.example.org, found {wrong[0]!r}"
        )
    own = set() if _is_number(address.host) else {address.host.lower()}
    return Guard(word in YES, frozenset(names | own))


def is_loopback(host: str) -> bool:
    return ip_address(host).is_loopback if _is_number(host) else host == "localhost"


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
