"""The sandbox in this very process: the same application as the server, without a socket."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2


@contextmanager
def embedded_client(store: Path) -> Iterator[httpx2.Client]:
    """An HTTP client whose requests the application answers in-process. Raises `StoreError`.

    Starlette's test client is the maintained way to call an ASGI application from synchronous code.
    """
    app = create_app(Settings(store=store))
    try:
        with TestClient(app, base_url="http://sandbox", raise_server_exceptions=False) as client:
            yield client
    finally:
        app.state.database.close()
