"""The sandbox as an ASGI application."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import FastAPI

from qalita_ingest.sandbox.problems import handle_problems
from qalita_ingest.sandbox.requests import InFlight
from qalita_ingest.sandbox.routers import v2

if TYPE_CHECKING:
    from collections.abc import Callable

    from qalita_ingest.sandbox.database import Database


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(database: Database, clock: Callable[[], datetime] = _utc_now) -> FastAPI:
    """The clock is asked for arrival and muting only."""
    app = FastAPI(title="QALITA sandbox", description="Keeps, scores and follows data-quality results.")
    app.state.database = database
    app.state.clock = clock
    app.state.in_flight = InFlight()
    handle_problems(app)
    for router in v2.routers:
        app.include_router(router, prefix="/api/v2")
    return app
