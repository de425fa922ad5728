"""Open the store: SQLite in WAL mode, or a PostgreSQL, migrated to the version of this library."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import URL, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from qalita_ingest.errors import StoreError
from qalita_ingest.sandbox.database import dialects
from qalita_ingest.sandbox.database.faults import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from qalita_ingest.sandbox.settings import Settings

# The newest migration; a test holds it against the migrations folder.
HEAD_REVISION = "0005"


class _WritingSession(Session):
    """Of one transaction. Asked dozens of times for each run, SQLAlchemy takes long over which connection that is."""

    @cached_property
    def _connection(self) -> Connection:
        return super().connection()

    def connection(self, *_arguments: object, **_options: object) -> Connection:
        return self._connection


class Database:
    """Two engines on one store: writers take its lock where they begin, so that two of them queue instead of failing.

    Those of one process queue before that: SQLite lets who waits sleep, and not in the order in which they came.
    """

    def __init__(self, url: URL) -> None:
        self._writer, self._reader = dialects.engines(url)
        self._turn = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: all of it is kept when the block ends, none of it when it raises.

        One writer at a time per store: what it reads stays as it is until it is done. Raises `OperationalError` when
        the turn does not come in time.
        """
        with self._own_turn(), _WritingSession(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        seconds = dialects.BUSY_TIMEOUT_MILLISECONDS / 1000
        if not self._turn.acquire(timeout=seconds):
            raise OperationalError(None, None, TimeoutError(f"others have been writing for {seconds:.0f} s"))
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """All of it sees the store as of one moment."""
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
    """Raises `StoreError` when the store can't be used, or comes from a newer version."""
    try:
        settings.store.mkdir(parents=True, exist_ok=True)
        if settings.url is None and not settings.database_path.exists():
            # It holds secrets of webhooks: for its owner alone, and so are the files that SQLite puts beside it.
            settings.database_path.touch(mode=0o600)
        database = Database(settings.database_url)
        database.migrate()
    except ImportError:
        advice = "pip install 'qalita-ingest[postgresql]', or unset QALITA_DATABASE_URL"
        raise _unusable(settings, "psycopg is not installed", advice) from None
    except DatabaseError as error:
        raise _unusable(settings, reason_of(error), _advice(settings)) from None
    except OSError as error:
        raise _unusable(settings, error.strerror or str(error), _advice(settings)) from None
    return database


def _advice(settings: Settings) -> str:
    if settings.url:
        return "check the server, and QALITA_DATABASE_URL"
    return "check the folder, or choose another with QALITA_STORE"


def _unusable(settings: Settings, reason: str, advice: str) -> StoreError:
    return StoreError(f"{settings.place}: the QALITA store can't be used: {reason}; {advice}")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("select version_num from alembic_version"))
    return revision
