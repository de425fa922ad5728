"""The QALITA that was chosen: a server, or the sandbox in this process."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import stamina

from qalita_ingest.delivery import Outbox, detail_of, find_endpoint, http_client
from qalita_ingest.errors import InputError, KeptInOutboxError, RejectedError
from qalita_ingest.workspace import store_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

EMBEDDED = "embedded"
WRONG_ARGUMENTS = frozenset({httpx2.codes.NOT_FOUND, httpx2.codes.UNPROCESSABLE_CONTENT})


@dataclass(frozen=True)
class Qalita:
    """`place` is where the runs are kept, for people to read."""

    client: httpx2.Client
    outbox: Outbox
    place: str

    def get(self, path: str, parameters: dict[str, str]) -> Any:
        return self._json("GET", path, params=parameters)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._json("POST", path, json=body)

    def _json(self, method: str, path: str, **request: Any) -> Any:
        try:
            response = self.client.request(method, path, **request)
        except httpx2.TransportError as error:
            raise KeptInOutboxError(f"QALITA could not be reached at {self.place} ({error}); try again later") from None
        if response.status_code in WRONG_ARGUMENTS:
            raise InputError(detail_of(response))
        if not response.is_success:
            raise RejectedError(f"QALITA answered HTTP {response.status_code}: {detail_of(response)}")
        try:
            return response.json()
        except ValueError:
            raise RejectedError(f"{self.place}: the answer is not QALITA's; is the endpoint right?") from None


@contextmanager
def connect(endpoint_flag: str | None) -> Iterator[Qalita]:
    """Raises `SettingsError` or `StoreError`. Each server has an outbox of its own beside the store."""
    # What became of a run is said once, at the end; each attempt needs no log line of its own.
    stamina.instrumentation.set_on_retry_hooks(())
    store = store_folder(Path.cwd(), os.environ)
    endpoint = find_endpoint(endpoint_flag, os.environ)
    if endpoint:
        with http_client(endpoint) as client:
            yield Qalita(client, Outbox(store / "outbox" / endpoint.name), endpoint.url)
        return
    # Late: server and database take a second to import, and only the embedded sandbox needs them.
    from qalita_ingest.sandbox.embedded import embedded_client  # noqa: PLC0415

    with embedded_client(store) as client:
        yield Qalita(client, Outbox(store / "outbox" / EMBEDDED), str(store / "qalita.db"))
