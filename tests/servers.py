"""HTTP servers on loopback that answer as a test wants: with given statuses, or as a real sandbox."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.testclient import TestClient


@dataclass
class Call:
    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


@dataclass
class Server:
    url: str
    calls: list[Call] = field(default_factory=list)


# Status and body, and headers where a test is about them.
Answer = tuple[int, bytes] | tuple[int, bytes, dict[str, str]]


@contextmanager
def serving(answer: Callable[[Call], Answer]) -> Iterator[Server]:
    server = Server("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def do_PUT(self) -> None:
            self.do_POST()

        def do_GET(self) -> None:
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.path, headers, body, self.command)
            server.calls.append(call)
            status, content, *more = answer(call)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **(more[0] if more else {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        server.url = f"http://127.0.0.1:{listener.server_port}"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join(timeout=10)


def saying(*statuses: int, then: Callable[[Call], Answer] | None = None) -> Callable[[Call], Answer]:
    """Each status once, in turn; afterwards `then`, or the last one for ever."""
    left = list(statuses)

    def answer(call: Call) -> Answer:
        if len(left) > 1 or (left and then):
            return left.pop(0), b'{"detail": "as the test wants"}'
        return then(call) if then else (left[0], b'{"detail": "as the test wants"}')

    return answer


OF_ONE_CONNECTION = {"host", "connection", "content-length", "accept-encoding"}
FORWARDED = {"content-encoding", "content-type", "idempotency-key"}


def like(sandbox: TestClient) -> Callable[[Call], Answer]:
    """What the real application answers to the same request."""
    lock = threading.Lock()

    def answer(call: Call) -> Answer:
        kept = {name: value for name, value in call.headers.items() if name in FORWARDED}
        with lock:
            response = sandbox.request(call.method, call.path, content=call.body, headers=kept)
        return response.status_code, response.content

    return answer


# More than a test waits for, each byte sooner than any time-out between two.
MOST_BYTES = 400
SECONDS_BETWEEN = 0.05


@contextmanager
def dribbling(begin: bytes, last: int = MOST_BYTES) -> Iterator[str]:
    """After `begin`, one byte every now and then; each connection is answered in the same way."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        is_over = threading.Event()

        def dribble(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(begin)
                for _ in range(last):
                    if is_over.wait(SECONDS_BETWEEN):
                        return
                    connection.sendall(b"x")

        def accept() -> None:
            with suppress(OSError):
                while not is_over.is_set():
                    threading.Thread(target=dribble, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
            listener.shutdown(socket.SHUT_RDWR)


def passing_on(url: str) -> Callable[[Call], Answer]:
    """What the server at this address answers to the same request."""
    client = httpx2.Client(base_url=url)

    def answer(call: Call) -> Answer:
        headers = {name: value for name, value in call.headers.items() if name not in OF_ONE_CONNECTION}
        response = client.request(call.method, call.path, content=call.body, headers=headers)
        return response.status_code, response.content, {"Content-Type": response.headers.get("content-type", "")}

    return answer
