"""What routes share: the store, the clock, the body of a request within bounds, and what people type."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request

from qalita_ingest.sandbox.database import Database

LARGEST_ID = 2**63 - 1
LARGEST_BODY_BYTES = 512 * 1024 * 1024
LARGEST_PART_BYTES = 8 * 1024 * 1024
GZIP_WINDOW = 31
# What is smaller unpacks to 64 MiB at the most: gzip makes a byte of a thousand.
NO_BOMB_BYTES = 64 * 1024
PIECE_BYTES = 1024 * 1024
ENCODINGS = ("gzip", "identity")
_NO_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


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


def one_line(text: str) -> str:
    """Raises `ValueError`."""
    if _NO_LINE.search(text):
        raise ValueError("expected one line without control characters")
    return text


def plain_text(text: str) -> str:
    """Of several lines. Raises `ValueError`."""
    if _NO_TEXT.search(text):
        raise ValueError("expected text without control characters")
    return text


def unpack(packed: bytes) -> bytes:
    """FastAPI leaves gzip to us. Raises 400 on what is no whole gzip, 413 on what unpacks to too much."""
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        if len(packed) > NO_BOMB_BYTES:
            _refuse_a_bomb(packed)
        content = unpacker.decompress(packed, LARGEST_BODY_BYTES)
    except zlib.error as error:
        raise HTTPException(400, f"the body is not gzip: {error}") from None
    if unpacker.unconsumed_tail:
        raise _too_large()
    if not unpacker.eof:
        raise HTTPException(400, "the gzip body is cut off")
    if unpacker.unused_data:
        raise HTTPException(400, "there is more behind the end of the gzip body")
    return content


def _refuse_a_bomb(packed: bytes) -> None:
    """Unpacks it once for nothing, piece by piece: what is too large is never held."""
    unpacker, size = zlib.decompressobj(GZIP_WINDOW), 0
    while packed and not unpacker.eof:
        size += len(unpacker.decompress(packed, PIECE_BYTES))
        packed = unpacker.unconsumed_tail
        if size > LARGEST_BODY_BYTES:
            raise _too_large()


def _too_large() -> HTTPException:
    return HTTPException(413, f"the body is larger than {LARGEST_BODY_BYTES} bytes when unpacked")


IdOf = Annotated[int, Path(ge=1, le=LARGEST_ID)]
DatabaseOf = Annotated[Database, Depends(database)]
NowOf = Annotated[datetime, Depends(now)]
PartOf = Annotated[bytes, Depends(part)]
SentOf = Annotated[Sent, Depends(sent)]
