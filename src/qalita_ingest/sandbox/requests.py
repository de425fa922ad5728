"""What routes share: the store, the clock, the runs in flight, and the body of a request within bounds."""

from __future__ import annotations

import threading
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, HTTPException, Request

from qalita_ingest.sandbox.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_BODY_BYTES = 512 * 1024 * 1024
LARGEST_PART_BYTES = 8 * 1024 * 1024
GZIP_WINDOW = 31
ENCODINGS = ("gzip", "identity")


class InFlight:
    """The keys of the runs that this process is taking in just now; nothing of it outlives the process."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claimed(self, key: str) -> Iterator[None]:
        """Raises a 409 with `Retry-After` while another request has the key."""
        with self._lock:
            if key in self._keys:
                raise HTTPException(409, "this run is being taken in just now", headers={"Retry-After": "1"})
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.remove(key)


@dataclass(frozen=True)
class Sent:
    """A body as it came; unpacked only by who needs it, in a thread of its own."""

    content: bytes
    encoding: str

    def unpacked(self) -> bytes:
        """Raises 400, 413 or 415."""
        if self.encoding not in ENCODINGS:
            raise HTTPException(415, f"Content-Encoding: expected {' or '.join(ENCODINGS)}, found {self.encoding}")
        return unpack(self.content) if self.encoding == "gzip" else self.content


def database(request: Request) -> Database:
    opened: Database = request.app.state.database
    return opened


def now(request: Request) -> datetime:
    moment: datetime = request.app.state.clock()
    return moment


@dataclass(frozen=True)
class Arrival:
    """What taking in a run needs besides the run."""

    database: Database
    now: datetime
    in_flight: InFlight


def arrival(request: Request) -> Arrival:
    return Arrival(database(request), now(request), request.app.state.in_flight)


async def part(request: Request) -> bytes:
    content = await read_body(request, LARGEST_PART_BYTES)
    if not content:
        raise HTTPException(400, "the part is empty")
    return content


async def sent(request: Request) -> Sent:
    encoding = request.headers.get("content-encoding", "").strip().lower()
    return Sent(await read_body(request, LARGEST_BODY_BYTES), encoding or "identity")


async def read_body(request: Request, largest: int) -> bytes:
    """Raises 413 as soon as more has come than there may be."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest:
            raise HTTPException(413, f"the body is larger than {largest} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def unpack(packed: bytes) -> bytes:
    """FastAPI leaves gzip to us. Raises 400 on what is no whole gzip, 413 on what unpacks to too much."""
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        content = unpacker.decompress(packed, LARGEST_BODY_BYTES)
    except zlib.error as error:
        raise HTTPException(400, f"the body is not gzip: {error}") from None
    if unpacker.unconsumed_tail:
        raise HTTPException(413, f"the body is larger than {LARGEST_BODY_BYTES} bytes when unpacked")
    if not unpacker.eof:
        raise HTTPException(400, "the gzip body is cut off")
    if unpacker.unused_data:
        raise HTTPException(400, "there is more behind the end of the gzip body")
    return content


DatabaseOf = Annotated[Database, Depends(database)]
NowOf = Annotated[datetime, Depends(now)]
ArrivalOf = Annotated[Arrival, Depends(arrival)]
PartOf = Annotated[bytes, Depends(part)]
SentOf = Annotated[Sent, Depends(sent)]
