"""A real PostgreSQL, started by the tests: Debian's package, in a temporary folder, on a Unix socket."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import URL

from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 60
USER = "qalita"
NOT_INSTALLED = "PostgreSQL is not installed: apt-get install postgresql"
# What nobody may depend on: a zone, and a language's order of letters, that are not those of this machine.
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "listen_addresses=",
    "timezone=Pacific/Auckland",
    "max_connections=120",
)
LOCALE = ("--encoding=UTF8", "--locale-provider=icu", "--icu-locale=de", "--locale=C.UTF-8")


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, of the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@dataclass
class PostgresqlServer:
    """`template` is a database with the tables of this version; copying it is faster than making them."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)
    template: str | None = None

    def url(self, database: str) -> URL:
        return URL.create("postgresql+psycopg", USER, database=database, query={"host": str(self.folder)})

    def execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def empty_database(self) -> Iterator[URL]:
        name = f"test_{next(self.numbers)}"
        self.execute(f"create database {name}")
        yield from self._until_done(name)

    @contextmanager
    def fresh_store(self) -> Iterator[URL]:
        """A database of its own, with all tables and no row."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"create database {name} template {self._with_tables()}")
        yield from self._until_done(name)

    def _until_done(self, name: str) -> Iterator[URL]:
        try:
            yield self.url(name)
        finally:
            self.execute(f"drop database {name} with (force)")

    def _with_tables(self) -> str:
        if self.template is None:
            self.execute("create database with_tables")
            open_database(Settings(self.folder, self.url("with_tables"))).close()
            self.template = "with_tables"
        return self.template


def _account() -> dict[str, object]:
    """PostgreSQL refuses to run as root: there it gets the account that its package has made."""
    if os.geteuid():
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Skips the test where no PostgreSQL is installed."""
    if (folder_of_programs := programs()) is None:
        pytest.skip(NOT_INSTALLED)
    account = _account()
    # Not pytest's own folder, which another account may not enter; short, as the path of a socket must be.
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        if account:
            os.chown(folder, account["user"], account["group"])
        with (folder / "log").open("wb") as log:
            process = _start(folder_of_programs, folder, account, log)
            try:
                _wait(process, folder)
                yield PostgresqlServer(folder)
            finally:
                # "Fast": whoever is still connected is sent away.
                process.send_signal(signal.SIGINT)
                process.wait(timeout=START_SECONDS)


def _start(programs: Path, folder: Path, account: dict[str, object], log: object) -> subprocess.Popen[bytes]:
    data = folder / "data"
    shared = {"cwd": folder, "stdout": log, "stderr": log, **account}
    subprocess.run([programs / "initdb", "-D", data, "-U", USER, "--no-sync", *LOCALE], check=True, **shared)
    options = [argument for one in SETTINGS for argument in ("-c", one)]
    return subprocess.Popen([programs / "postgres", "-D", data, "-k", folder, *options], **shared)


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PostgreSQL did not answer")
