"""An HTTP client whose requests end: time-outs of httpx2 count from byte to byte, and a server may dribble for ever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# For the search of the name, the connection, the request, the wait and the answer; large bodies get more.
LONGEST_EXCHANGE_SECONDS = 150.0
SLOWEST_BYTES_PER_SECOND = 64 * 1024

T = TypeVar("T")


class PunctualClient(httpx2.Client):
    """Raises `httpx2.ReadTimeout` for an exchange that lasts too long, also while a streamed body is read."""

    def __init__(self, *, longest_exchange_seconds: float | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._longest_exchange_seconds = longest_exchange_seconds

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        sent = int(request.headers.get("content-length", 0))
        deadline = _Deadline(self._longest_exchange_seconds or LONGEST_EXCHANGE_SECONDS, sent)
        send = super().send
        try:
            response = deadline.keep(lambda: send(request, stream=True, **options))
        except httpx2.TimeoutException as error:
            error.request = request
            raise
        response.stream = _PunctualStream(response.stream, deadline)
        if not stream:
            response.read()
        return response


class _Deadline:
    """Later with every byte that is exchanged: slow is not the same as without end."""

    def __init__(self, seconds: float, exchanged_bytes: int) -> None:
        self._seconds = seconds
        self._ends_at = time.monotonic() + seconds
        self.exchanged(exchanged_bytes)

    def exchanged(self, number: int) -> None:
        self._ends_at += number / SLOWEST_BYTES_PER_SECOND

    def keep(self, work: Callable[[], T]) -> T:
        """In a thread, which is left alone when it is late: nothing else ends a header that dribbles."""
        done = Future[T]()
        threading.Thread(target=_fulfil, args=(done, work), daemon=True).start()
        try:
            return done.result(max(0.0, self._ends_at - time.monotonic()))
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no whole answer within {self._seconds:.0f} seconds") from None


def _fulfil(done: Future[T], work: Callable[[], T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 (raised again where it is waited for)
        done.set_exception(error)


class _PunctualStream(httpx2.SyncByteStream):
    def __init__(self, stream: Any, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._stream)
        while (piece := self._deadline.keep(lambda: next(pieces, None))) is not None:
            self._deadline.exchanged(len(piece))
            yield piece

    def close(self) -> None:
        self._stream.close()
