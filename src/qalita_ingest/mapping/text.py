"""Foreign text made fit to keep: no terminal colours, no credentials in addresses, no endless messages."""

from __future__ import annotations

import re

LONGEST_MESSAGE = 2000
# postgresql://user:password@host → postgresql://***@host: drivers repeat their address in errors.
_CREDENTIALS = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s@]+@")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def plain(text: object) -> str | None:
    """None for nothing worth keeping; cut, visibly, after `LONGEST_MESSAGE` characters."""
    stripped = _CREDENTIALS.sub(r"\1***@", _ANSI.sub("", "" if text is None else str(text))).strip()
    if len(stripped) > LONGEST_MESSAGE:
        return stripped[:LONGEST_MESSAGE] + " … (cut)"
    return stripped or None
