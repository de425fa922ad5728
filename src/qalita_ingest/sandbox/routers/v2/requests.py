"""What routes share: the store, the clock, and the body of a request as sent."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from qalita_ingest.sandbox.database import Database

LARGEST_BODY_BYTES = 512 * 1024 * 1024
GZIP_WINDOW = 31


def database(request: Request) -> Database:
    opened: Database = request.app.state.database
    return opened


def now(request: Request) -> datetime:
    moment: datetime = request.app.state.clock()
    return moment


async def body(request: Request) -> bytes:
    """The body, unpacked where it came with `Content-Encoding: gzip` (FastAPI leaves that to us)."""
    sent = await request.body()
    if request.headers.get("content-encoding", "").lower() != "gzip":
        return sent
    return unpack(sent)


def unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        content = unpacker.decompress(packed, LARGEST_BODY_BYTES)
    except zlib.error as error:
        raise HTTPException(400, f"the body is not gzip: {error}") from None
    if unpacker.unconsumed_tail:
        raise HTTPException(413, f"the body is larger than {LARGEST_BODY_BYTES} bytes when unpacked")
    if not unpacker.eof:
        raise HTTPException(400, "the gzip body is cut off")
    return content


DatabaseOf = Annotated[Database, Depends(database)]
NowOf = Annotated[datetime, Depends(now)]
BodyOf = Annotated[bytes, Depends(body)]
