"""Open the store: SQLite in WAL mode, migrated to the version of this library."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import URL, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from qalita_ingest.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from qalita_ingest.sandbox.settings import Settings

# The newest migration; a test holds it against the migrations folder.
HEAD_REVISION = "0003"
BUSY_TIMEOUT_MILLISECONDS = 30_000
CACHE_KIBIBYTES = 65_536


class Database:
    """Two engines on one file: writers take the write lock at BEGIN, so that two of them queue instead of failing."""

    def __init__(self, url: URL) -> None:
        self._writer = _engine(url, "BEGIN IMMEDIATE")
        self._reader = _engine(url, "BEGIN")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: all of it is kept when the block ends, none of it when it raises."""
        with Session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self._reader) as session:
            yield session

    def migrate(self) -> None:
        """Bring the tables to `HEAD_REVISION`, in one transaction."""
        with self._reader.connect() as connection:
            revision = _revision(connection)
        if revision == HEAD_REVISION:
            return
        # Late: alembic takes half a second to import and is needed once in the life of a store.
        from qalita_ingest.sandbox.database.migrations.upgrade import upgrade  # noqa: PLC0415

        with self._writer.begin() as connection:
            upgrade(connection)

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()


def open_database(settings: Settings) -> Database:
    """Raises `StoreError` when the folder or the file can't be used, or comes from a newer version."""
    try:
        settings.store.mkdir(parents=True, exist_ok=True)
        database = Database(settings.database_url)
        database.migrate()
    except (OSError, DatabaseError) as error:
        reason = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
        raise StoreError(
            f"{settings.database_path}: the QALITA store can't be used: {reason}; "
            f"check the folder, or choose another with QALITA_STORE"
        ) from None
    return database


def _engine(url: URL, begin: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_MILLISECONDS / 1000},
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not begin transactions on its own: the `begin` listener does, and chooses the lock.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
    connection.execute("PRAGMA journal_mode = WAL")
    # NORMAL in WAL mode never corrupts; FULL also survives a power cut with the last commit, and ingests are few.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # A large run touches more pages than SQLite keeps by default (2 MB); it would write and read them over and over.
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")


def _revision(connection: Any) -> str | None:
    table = connection.execute(text("select 1 from sqlite_master where name = 'alembic_version'")).scalar()
    return connection.execute(text("select version_num from alembic_version")).scalar() if table else None
