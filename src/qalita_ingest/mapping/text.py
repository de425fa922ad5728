"""Foreign text made fit to keep: no terminal colours, no endless messages."""

from __future__ import annotations

import re

LONGEST_MESSAGE = 2000
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def plain(text: str | None) -> str | None:
    """None for nothing worth keeping; cut, visibly, after `LONGEST_MESSAGE` characters."""
    stripped = _ANSI.sub("", text or "").strip()
    if len(stripped) > LONGEST_MESSAGE:
        return stripped[:LONGEST_MESSAGE] + " … (cut)"
    return stripped or None
