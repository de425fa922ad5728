"""The QALITA that was chosen: a server, or the sandbox in this process."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import httpx2
import stamina

from qalita_ingest.delivery import (
    Delivery,
    Endpoint,
    Entry,
    Outbox,
    Route,
    V2Route,
    deliver,
    detail_of,
    find_endpoint,
    http_client,
)
from qalita_ingest.errors import InputError, KeptInOutboxError, RejectedError, SettingsError, StoreError
from qalita_ingest.workspace import store_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from qalita_ingest.contract import IngestAnswer, RunReport
    from qalita_ingest.sandbox.embedded import EmbeddedSandbox

Via = Literal["v2", "upload", "embedded"]
EMBEDDED = "embedded"
WRONG_ARGUMENTS = frozenset({httpx2.codes.NOT_FOUND, httpx2.codes.UNPROCESSABLE_CONTENT})


@dataclass(frozen=True)
class Qalita:
    """`route` sends one run from the outbox. `place` is where the runs are kept, for people to read."""

    outbox: Outbox
    place: str
    route: Route
    client_of: Callable[[], httpx2.Client]

    def get(self, path: str, parameters: dict[str, str]) -> Any:
        return self._json("GET", path, params=parameters)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._json("POST", path, json=body)

    def _json(self, method: str, path: str, **request: Any) -> Any:
        try:
            response = self.client_of().request(method, path, **request)
        except httpx2.RequestError as error:
            raise KeptInOutboxError(f"QALITA could not be reached at {self.place} ({error}); try again later") from None
        if response.status_code in WRONG_ARGUMENTS:
            raise InputError(detail_of(response))
        if not response.is_success:
            raise RejectedError(f"QALITA answered HTTP {response.status_code}: {detail_of(response)}")
        try:
            return response.json()
        except ValueError:
            raise RejectedError(f"{self.place}: the answer is not QALITA's; is the endpoint right?") from None


@dataclass(frozen=True)
class EmbeddedRoute:
    sandbox: EmbeddedSandbox

    def send(self, entry: Entry) -> IngestAnswer:
        """Raises `KeptInOutboxError` when the store can't be written now, `RejectedError` when it refuses the run."""
        return self.sandbox.take(entry.read())


@contextmanager
def connect(endpoint_flag: str | None = None, via: Via | None = None, *, makes_store: bool = True) -> Iterator[Qalita]:
    """Raises `SettingsError` or `StoreError`. Each server has an outbox of its own beside the store.

    `via` None: the v2 ingestion of the endpoint, the embedded sandbox where there is no endpoint.
    `makes_store`: whether the embedded sandbox may begin with an empty one; else that is a `StoreError`.
    """
    # What became of a run is said once, at the end; each attempt needs no log line of its own.
    stamina.instrumentation.set_on_retry_hooks(())
    store = store_folder(Path.cwd(), os.environ)
    endpoint = choose_endpoint(endpoint_flag, via, os.environ)
    if endpoint:
        with http_client(endpoint) as client:
            yield Qalita(outbox_of(store, endpoint), endpoint.url, _route(client, via), lambda: client)
        return
    database, database_url = store / "qalita.db", os.environ.get("QALITA_DATABASE_URL")
    if not (makes_store or database_url or database.exists()):
        raise StoreError(
            f"no QALITA store here yet ({database}): ingest a run first, or name the store with QALITA_STORE"
        )
    # Late: the database takes its time to import, and only the embedded sandbox needs it.
    from qalita_ingest.sandbox.embedded import embedded_sandbox  # noqa: PLC0415

    with embedded_sandbox(store, database_url) as sandbox:
        route = EmbeddedRoute(sandbox)
        yield Qalita(outbox_of(store, None), sandbox.place, route, lambda: sandbox.client)


def send(report: RunReport, endpoint: str | None = None, via: Via | None = None) -> Delivery:
    """Keep the run and deliver it, as `qalita ingest dbt` does: to the endpoint, or to the embedded sandbox.

    Raises `SettingsError`, `StoreError`, `KeptInOutboxError` (it goes with the next one) or `RejectedError`.
    """
    with connect(endpoint, via) as qalita:
        return deliver(report, qalita.outbox, qalita.route)


def choose_endpoint(flag: str | None, via: Via | None, environ: Mapping[str, str]) -> Endpoint | None:
    """None is the embedded sandbox. `embedded` overrules the environment, and contradicts a flag."""
    if via == EMBEDDED:
        if flag:
            raise SettingsError("--via embedded and --endpoint contradict each other; keep one of them")
        return None
    endpoint = find_endpoint(flag, environ)
    if via and not endpoint:
        raise SettingsError(f"--via {via}: no server is named; give --endpoint, or set QALITA_AGENT_ENDPOINT")
    return endpoint


def outbox_of(store: Path, endpoint: Endpoint | None) -> Outbox:
    return Outbox(store / "outbox" / _destination(endpoint))


def _destination(endpoint: Endpoint | None) -> str:
    return endpoint.name if endpoint else EMBEDDED


def outboxes_in(store: Path) -> list[tuple[str, Outbox]]:
    """Of every destination for which a run was ever kept; the name is that of its folder."""
    folder = store / "outbox"
    return [(one.name, Outbox(one)) for one in sorted(folder.iterdir()) if one.is_dir()] if folder.is_dir() else []


def waiting_elsewhere(endpoint_flag: str | None, via: Via | None) -> dict[str, int]:
    """How many runs wait for each destination but the chosen one; those for which none waits are left out."""
    chosen = _destination(choose_endpoint(endpoint_flag, via, os.environ))
    found = {name: len(outbox.pending()) for name, outbox in outboxes_in(store_folder(Path.cwd(), os.environ))}
    return {name: number for name, number in found.items() if number and name != chosen}


def _route(client: httpx2.Client, via: Via | None) -> Route:
    if via != "upload":
        return V2Route(client)
    # Late: only a platform without v2 ingestion needs what this imports.
    from qalita_ingest.delivery.upload_route import upload_route  # noqa: PLC0415

    return upload_route(client, os.environ)
