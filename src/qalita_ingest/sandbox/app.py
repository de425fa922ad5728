"""The sandbox as an ASGI application."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from qalita_ingest.sandbox.access import Access, Door, SecureHeaders, login_router
from qalita_ingest.sandbox.dashboard import include_dashboard, login_page
from qalita_ingest.sandbox.jobs import JobWorker
from qalita_ingest.sandbox.problems import handle_problems
from qalita_ingest.sandbox.reading import CursorError
from qalita_ingest.sandbox.routers import clients, documentation, outgoing, v1, v2
from qalita_ingest.sandbox.routers.v2.openapi import completed
from qalita_ingest.sandbox.routers.v2.parameters import refuse_cursor
from qalita_ingest.sandbox.webhooks import WebhookSender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fastapi import APIRouter
    from starlette.types import ASGIApp

    from qalita_ingest.sandbox.database import Database


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Sandbox(FastAPI):
    def include_router(self, router: APIRouter, **options: Any) -> None:
        """With HEAD wherever GET is answered, as HTTP has it; the server sends no body then.

        What OpenAPI lists answers the methods that are listed there.
        """
        for route in router.routes:
            methods = route.methods if isinstance(route, APIRoute) and not route.include_in_schema else None
            if methods and "GET" in methods:
                methods.add("HEAD")
        super().include_router(router, **options)

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        """Around all others, so that the answer to a failure of ours has these headers too."""
        return SecureHeaders(super().build_middleware_stack())


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    """While the application is served, runs are taken in, and others are told of them."""
    jobs: JobWorker = app.state.jobs
    webhooks: WebhookSender = app.state.webhooks
    jobs.start()
    webhooks.start()
    yield
    await run_in_threadpool(webhooks.stop)
    await run_in_threadpool(jobs.stop)


def create_app(database: Database, clock: Callable[[], datetime] = _utc_now, access: Access | None = None) -> FastAPI:
    """The clock tells of arrival, jobs and muting only. Without `access` whoever holds the application may do all."""
    # The pages that FastAPI has for documentation come from a CDN.
    app = Sandbox(
        title="QALITA sandbox",
        description="Keeps, scores and follows data-quality results.",
        docs_url=None,
        redoc_url=None,
        lifespan=_working,
    )
    app.state.database = database
    app.state.clock = clock
    app.state.jobs = JobWorker(database, clock)
    app.state.webhooks = WebhookSender(database, clock)
    app.state.tokens = access.tokens if access else None
    handle_problems(app)
    app.add_exception_handler(CursorError, refuse_cursor)
    if access:
        app.add_middleware(Door, access=access)
        app.include_router(login_router(access.tokens, login_page))
    app.include_router(documentation.router)
    app.include_router(outgoing.router)
    for router in v1.routers:
        app.include_router(router, prefix="/api/v1")
    # What clients call comes first: there their contract wins.
    for router in (*clients.routers, *v2.routers):
        app.include_router(router, prefix="/api/v2")
    include_dashboard(app)
    # Last, so that it comes before all others, which look at paths.
    app.add_middleware(clients.SingleSlashes)
    return app
