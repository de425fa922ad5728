"""The one file that a client uploads, read within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from qalita_ingest.sandbox.clients.archives import LARGEST_ARCHIVE_BYTES
from qalita_ingest.sandbox.clients.assets import LARGEST_FILE_BYTES, LONGEST_FILE_NAME

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

FIELD = "file"
# Heads and borders around the file.
FRAME_BYTES = 64 * 1024
# FastAPI would read the whole upload before anybody could bound it; so the body is described by hand.
MULTIPART: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@dataclass(frozen=True)
class File:
    """`name` is a base name, whatever the client wrote."""

    name: str
    content: bytes


async def _bounded(request: Request, largest: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest + FRAME_BYTES:
            raise HTTPException(413, f"the file is larger than {largest} bytes")
        yield chunk


async def _read(request: Request, largest: int) -> File:
    """Raises 400, 413, 415 or 422."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, "Content-Type: expected multipart/form-data")
    parser = MultiPartParser(request.headers, _bounded(request, largest), max_files=1, max_fields=0)
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, KeyError) as error:
        raise HTTPException(400, f"the body is no multipart form: {error}") from None
    async with _Closing(form):
        found = form.get(FIELD)
        if not isinstance(found, UploadFile):
            raise HTTPException(422, f"expected one part, a file named {FIELD}")
        content = await found.read()
        if len(content) > largest:
            raise HTTPException(413, f"the file is larger than {largest} bytes")
        return File(_base_name(found.filename), content)


class _Closing:
    def __init__(self, form: Any) -> None:
        self._form = form

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        await self._form.close()


def _base_name(name: str | None) -> str:
    base = PurePosixPath((name or "").replace("\\", "/")).name
    printable = "".join(letter for letter in base if letter.isprintable())
    return printable.encode("utf-8", "replace").decode()[-LONGEST_FILE_NAME:] or FIELD


async def small_file(request: Request) -> File:
    return await _read(request, LARGEST_FILE_BYTES)


async def archive_or_log(request: Request) -> File:
    is_archive = request.query_params.get("bucket") == "packs"
    return await _read(request, LARGEST_ARCHIVE_BYTES if is_archive else LARGEST_FILE_BYTES)


SmallFileOf = Annotated[File, Depends(small_file)]
AssetFileOf = Annotated[File, Depends(archive_or_log)]
