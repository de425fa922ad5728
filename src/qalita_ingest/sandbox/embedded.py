"""The sandbox in this very process: its store for the runs, and its application, without a socket, for all else."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.exc import DBAPIError

from qalita_ingest.errors import KeptInOutboxError, RejectedError
from qalita_ingest.sandbox.database import is_refused, open_database, words_for
from qalita_ingest.sandbox.intake import ConflictingRunError, take_in
from qalita_ingest.sandbox.settings import Settings, postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2

    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.sandbox.database import Database


class EmbeddedSandbox:
    """`place` is where the rows are, for people to read."""

    def __init__(self, database: Database, place: str, closing: ExitStack) -> None:
        self.place = place
        self._database = database
        self._closing = closing

    def take(self, report: RunReport) -> IngestAnswer:
        """What `POST /ingest/runs` does, without the trip through bytes that a large run would notice.

        Raises `KeptInOutboxError` when the store can't be written now, `RejectedError` when it will not take the run.
        """
        if wrong := report.inconsistency():
            raise RejectedError(f"QALITA rejected the run: {wrong}")
        try:
            answer, is_new = take_in(self._database, report, datetime.now(UTC))
        except (ConflictingRunError, DBAPIError, OverflowError) as error:
            raise _as_told(error) from None
        return answer if is_new else msgspec.structs.replace(answer, outcome="already_delivered")

    @cached_property
    def client(self) -> httpx2.Client:
        """An HTTP client whose requests the application answers in-process.

        Starlette's test client is the maintained way to call an ASGI application from synchronous code.
        """
        # Late: an ingest needs none of it.
        from starlette.testclient import TestClient  # noqa: PLC0415

        from qalita_ingest.sandbox.app import create_app  # noqa: PLC0415

        app = create_app(self._database)
        client = TestClient(app, base_url="http://sandbox", raise_server_exceptions=False)
        # Closed and never entered: that would start what a server does besides answering.
        self._closing.callback(client.close)
        return client


def _as_told(error: Exception) -> KeptInOutboxError | RejectedError:
    if isinstance(error, DBAPIError) and not is_refused(error):
        return KeptInOutboxError(
            f"{words_for(error)}; the run is kept and goes with the next ingest, or with `qalita ingest flush`"
        )
    return RejectedError(f"QALITA rejected the run: {words_for(error)}")


@contextmanager
def embedded_sandbox(store: Path, database_url: str | None = None) -> Iterator[EmbeddedSandbox]:
    """`database_url` is a PostgreSQL that keeps the rows instead. Raises `SettingsError` or `StoreError`."""
    settings = Settings(store, postgresql_url(database_url) if database_url else None)
    with ExitStack() as closing:
        database = open_database(settings)
        closing.callback(database.close)
        yield EmbeddedSandbox(database, settings.place, closing)
