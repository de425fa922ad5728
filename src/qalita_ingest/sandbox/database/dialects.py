"""What SQLite and PostgreSQL need to make the same promises: one writer at a time, and reading that sees one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Engine, create_engine, event

if TYPE_CHECKING:
    import sqlite3

    from psycopg import Connection
    from sqlalchemy import URL

BUSY_TIMEOUT_MILLISECONDS = 30_000
CACHE_KIBIBYTES = 65_536
CONNECT_TIMEOUT_SECONDS = 10
# Any number would do that no other user of the database takes for a lock of its own.
WRITER_LOCK = int.from_bytes(b"qalita")


def engines(url: URL) -> tuple[Engine, Engine]:
    """The writer's and the reader's. The writer's takes the lock where a transaction begins, so that two queue."""
    if url.get_backend_name() == "postgresql":
        return _postgresql_writer(url), _postgresql_engine(url, "REPEATABLE READ")
    return _sqlite_engine(url, "BEGIN IMMEDIATE"), _sqlite_engine(url, "BEGIN")


def _engine(url: URL, **options: Any) -> Engine:
    return create_engine(
        url,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        **options,
    )


def _sqlite_engine(url: URL, begin: str) -> Engine:
    engine = _engine(url, connect_args={"timeout": BUSY_TIMEOUT_MILLISECONDS / 1000})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not begin transactions on its own: the `begin` listener does, and chooses the lock.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
    connection.execute("PRAGMA journal_mode = WAL")
    # NORMAL in WAL mode never corrupts; FULL also survives a power cut with the last commit, and ingests are few.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # A large run touches more pages than SQLite keeps by default (2 MB); it would write and read them over and over.
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")


def _postgresql_engine(url: URL, isolation_level: str) -> Engine:
    # A server that does not answer would be waited for for minutes.
    bounded = url.set(query={"connect_timeout": str(CONNECT_TIMEOUT_SECONDS), **url.query})
    # A connection that the server has closed meanwhile is replaced before it is used.
    return _engine(bounded, isolation_level=isolation_level, pool_pre_ping=True)


def _postgresql_writer(url: URL) -> Engine:
    # What was committed while the lock was waited for must be seen: not so where all is read as of one moment.
    engine = _postgresql_engine(url, "READ COMMITTED")
    event.listen(engine, "connect", _bound_waiting)
    event.listen(
        engine, "begin", lambda connection: connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
    )
    return engine


def _bound_waiting(connection: Connection, _record: Any) -> None:
    connection.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
    connection.commit()
