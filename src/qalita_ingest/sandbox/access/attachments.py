"""What clients uploaded, handed out again: to be saved, never to be shown as a page of ours."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import Response

MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
LONGEST_NAME = 150


def as_attachment(name: str, content_type: str, content: bytes) -> Response:
    """`name` and `content_type` are the uploader's: what is not plain in them is replaced.

    Should a browser show it all the same, it does so in a sandbox: no script, no form, an origin of its own.
    """
    base = re.split(r"[/\\]", name)[-1][-LONGEST_NAME:]
    plain = re.sub(r"[^\w.-]", "_", base, flags=re.ASCII).lstrip(".") or "file"
    in_full = quote(re.sub(r"[\x00-\x1f\x7f]", "", base).lstrip(".") or "file", safe="", errors="replace")
    return Response(
        content,
        media_type=content_type if MEDIA_TYPE.fullmatch(content_type) else "application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{in_full}",
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )
