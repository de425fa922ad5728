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
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2


@dataclass
class Sandbox:
    """A sandbox on a store of its own; `now` is its clock."""

    client: TestClient
    database: Path
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

    def statuses(self, **wanted: str) -> dict[str, str]:
        return {name: issue["status"] for name, issue in self.issues(**wanted).items()}


@contextmanager
def open_sandbox(folder: Path) -> Iterator[Sandbox]:
    sandbox: Sandbox
    database = open_database(Settings(store=folder))
    app = create_app(database, clock=lambda: sandbox.now)
    with TestClient(app) as client:
        sandbox = Sandbox(client, folder / "qalita.db", MIDNIGHT + timedelta(days=30))
        yield sandbox
    database.close()
