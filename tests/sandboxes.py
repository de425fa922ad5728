"""Sandboxes on stores of their own, with a clock that the test moves."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from factories import MIDNIGHT
from qalita_ingest.contract import IngestAnswer, RunReport, decode_answer, encode, idempotency_key
from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.database import Database, open_database
from qalita_ingest.sandbox.settings import Settings
from store_dump import rows_of
from store_templates import lay_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2
    from sqlalchemy import URL


@dataclass
class Sandbox:
    """A sandbox on a store of its own; `now` is its clock. `database` is SQLite's file, `url` whichever store it is."""

    client: TestClient
    database: Path
    url: URL
    now: datetime

    def post(self, run: RunReport) -> httpx2.Response:
        self.now += timedelta(minutes=1)
        return self.client.post(
            "/api/v2/ingest/runs", content=encode(run), headers={"Idempotency-Key": idempotency_key(run)}
        )

    def take(self, run: RunReport) -> IngestAnswer:
        response = self.post(run)
        assert response.is_success, response.text
        return decode_answer(response.content)

    def issues(self, **wanted: str) -> dict[str, dict[str, Any]]:
        """Check name → issue."""
        return {
            issue["subject"].split(".")[-1]: issue for issue in self.client.get("/api/v2/issues", params=wanted).json()
        }

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the store answers to a statement of SQL."""
        return rows_of(self.url, query)

    def statuses(self, **wanted: str) -> dict[str, str]:
        return {name: issue["status"] for name, issue in self.issues(**wanted).items()}


@contextmanager
def open_sandbox(folder: Path, url: URL | None = None) -> Iterator[Sandbox]:
    """`url`: a PostgreSQL that keeps the rows, instead of SQLite in the folder."""
    sandbox: Sandbox
    settings = lay_store(Settings(folder, url))
    database = open_database(settings)
    app = create_app(database, clock=lambda: sandbox.now)
    client = TestClient(app)
    sandbox = Sandbox(client, settings.database_path, settings.database_url, MIDNIGHT + timedelta(days=30))
    with client:
        yield sandbox
    database.close()


@contextmanager
def write_lock(url: URL) -> Iterator[None]:
    """As if another program wrote to the store: until the end nothing else can."""
    other = Database(url)
    with other.writing() as session:
        # The lock is taken where the transaction begins.
        session.connection()
        yield
    other.close()
