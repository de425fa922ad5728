"""Foreign text made fit to keep: no terminal colours, no credentials, no endless messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST_MESSAGE = 2000
HIDDEN = "***"
# postgresql://user:password@host → postgresql://***@host: drivers repeat their address in errors.
_CREDENTIALS = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s]+@")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Plain:
    """Makes text plain. `secrets`: values that no text may hold, wherever it comes from."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        longest_first = sorted(filter(None, secrets), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, text: object) -> str | None:
        """None for nothing worth keeping; cut, visibly, after `LONGEST_MESSAGE` characters."""
        if text is None or text == "":
            return None
        plain = text if isinstance(text, str) else str(text)
        if "\x1b" in plain:
            plain = _ANSI.sub("", plain)
        if "@" in plain:
            plain = _CREDENTIALS.sub(rf"\1{HIDDEN}@", plain)
        if "\x00" in plain:
            # A database may refuse it.
            plain = plain.replace("\x00", "")
        if self._secrets:
            plain = self._secrets.sub(HIDDEN, plain)
        plain = plain.strip()
        if len(plain) > LONGEST_MESSAGE:
            return plain[:LONGEST_MESSAGE] + " … (cut)"
        return plain or None
