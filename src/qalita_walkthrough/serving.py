"""QALITA's sandbox as a server of its own, that a notebook can start and stop."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from qalita_walkthrough.plain_errors import WalkthroughError

STARTS_WITHIN_SECONDS = 60
ASKED_EVERY_SECONDS = 0.2
HOST = "127.0.0.1"


class SandboxServer:
    """It serves the notebook's own store. `address` stays the same while it is down, and nothing else listens there."""

    def __init__(self) -> None:
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self._port}"

    def start(self) -> None:
        """Returns when it answers."""
        self.stop()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "qalita_ingest.sandbox"],
            env=os.environ | {"QALITA_SANDBOX_HOST": HOST, "QALITA_SANDBOX_PORT": str(self._port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # A kernel that ends takes its server with it.
        atexit.register(self.stop)
        self._wait()
        print(f"QALITA answers at {self.address}")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _wait(self) -> None:
        end = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < end and self._process and self._process.poll() is None:
            if self._answers():
                return
            time.sleep(ASKED_EVERY_SECONDS)
        self.stop()
        raise WalkthroughError(f"the sandbox did not start at {self.address}; run the cell that makes it once more")

    def _answers(self) -> bool:
        try:
            # A proxy can't reach what runs on this machine.
            with build_opener(ProxyHandler({})).open(f"{self.address}/api/v2/ingest/capabilities", timeout=5):
                return True
        except (URLError, OSError):
            return False


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port
