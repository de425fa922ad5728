"""The sandbox for a server: `uvicorn qalita_ingest.sandbox.server:app --factory`."""

from __future__ import annotations

import copy
import logging
import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qalita_ingest.errors import SettingsError
from qalita_ingest.sandbox.access import Access, Hosts, Tokens, signing_secret
from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.clients.provision import pack_folder, provision
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings, address_from, guard_from, settings_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

    from qalita_ingest.sandbox.database import Database
    from qalita_ingest.sandbox.settings import Address, Guard

BACKLOG = 2048
GRACE_SECONDS = 10


@dataclass(frozen=True)
class Store:
    """`ended_tokens`: how many were good until now, and are not, because the secret that signed them is gone."""

    settings: Settings
    database: Database
    tokens: Tokens
    ended_tokens: int


def open_store(environ: Mapping[str, str]) -> Store:
    """Raises `StoreError` when it can't be opened, `SettingsError`."""
    settings = settings_from(environ)
    database = open_database(settings)
    secret, is_new = signing_secret(settings.store)
    tokens = Tokens(database, secret)
    return Store(settings, database, tokens, tokens.revoke_all(datetime.now(UTC)) if is_new else 0)


def application(store: Store, guard: Guard) -> FastAPI:
    """Raises `SettingsError` where the pack that is to be in it is none."""
    provision(store.database, pack_folder(os.environ), datetime.now(UTC))
    access = Access(store.tokens, Hosts(guard.allowed_hosts), guard.is_token_required)
    return create_app(store.database, access=access)


def app() -> FastAPI:
    """Reads the environment when it is called. Raises `StoreError`, `SettingsError`."""
    guard = guard_from(os.environ, address_from(os.environ))
    return application(open_store(os.environ), guard)


def listen(address: Address) -> socket.socket:
    """Raises `SettingsError` when the address can't be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=BACKLOG)
    except OSError as error:
        # Python adds what it was doing, with the address once more.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise SettingsError(
            f"{address.host}, port {address.port}: {reason}; stop what listens there, or choose another with "
            "QALITA_SANDBOX_HOST and QALITA_SANDBOX_PORT"
        ) from None


def run(app: FastAPI, listener: socket.socket) -> None:
    """Until SIGINT or SIGTERM; requests under way are finished first. Raises `SettingsError` without uvicorn."""
    try:
        import uvicorn  # noqa: PLC0415 (an extra, which only this needs)
    except ImportError:
        raise SettingsError("uvicorn is not installed; pip install 'qalita-ingest[server]'") from None
    config = uvicorn.Config(
        app,
        log_config=_logging(uvicorn.config.LOGGING_CONFIG),
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # uvicorn sends itself the signal again when it has ended; the default would end us without tidying up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


class WithoutQueries(logging.Filter):
    """What stands behind a question mark is the caller's, and may be anything."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.partition("?")[0] if isinstance(arg, str) else arg for arg in record.args)
        return True


def _logging(base: dict[str, Any]) -> dict[str, Any]:
    """uvicorn's, all of it on stderr: stdout is for the lines that a shell takes."""
    config = copy.deepcopy(base)
    config["filters"] = {"without_queries": {"()": WithoutQueries}}
    config["handlers"]["access"] |= {"stream": "ext://sys.stderr", "filters": ["without_queries"]}
    return config
