"""The sandbox as a process of its own, as users start it: killed, restarted, on a port that stays the same."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from qalita_ingest.sandbox.settings import Settings
from store_templates import lay_store, variables_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import URL

START_SECONDS = 60
OURS = ("-m", "qalita_ingest.sandbox")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class ServerProcess:
    store: Path
    port: int
    command: tuple[str, ...] = OURS
    variables: dict[str, str] = field(default_factory=dict)
    # A PostgreSQL that keeps the rows, instead of the file in the folder.
    database_url: URL | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.store / "qalita.db"

    @property
    def settings(self) -> Settings:
        return Settings(self.store, self.database_url)

    @property
    def rows(self) -> URL:
        """Of whichever store it is."""
        return self.settings.database_url

    def start(self, limit: Callable[[], None] | None = None) -> None:
        """`limit` is called in the new process before it begins."""
        environment = os.environ | {
            **variables_of(self.settings),
            "QALITA_SANDBOX_PORT": str(self.port),
            "PYTHONPATH": os.pathsep.join(sys.path),
            **self.variables,
        }
        with (self.store.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                env=environment,
                stdout=log,
                stderr=log,
                preexec_fn=limit,  # noqa: PLW1509 (one call of the kernel, which needs no lock)
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self.process
            assert self.process.poll() is None, (self.store.parent / "server.log").read_text()
            try:
                httpx2.get(f"{self.url}/api/v2/ingest/capabilities")
            except httpx2.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server did not answer")

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(timeout=10)


@contextmanager
def server_process(
    store: Path,
    port: int | None = None,
    command: tuple[str, ...] = OURS,
    database_url: URL | None = None,
    **variables: str,
) -> Iterator[ServerProcess]:
    """`command`: what follows `python`; `variables`: of its environment, besides those of the test."""
    lay_store(Settings(store, database_url))
    server = ServerProcess(store, port or free_port(), command, variables, database_url)
    server.start()
    try:
        yield server
    finally:
        server.kill()
