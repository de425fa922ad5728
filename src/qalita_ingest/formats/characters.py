"""Characters that may stand in a document."""

from __future__ import annotations

import re

# What XML 1.0 allows (https://www.w3.org/TR/xml/#charsets), less DEL and the C1 controls, which drive terminals.
# Lone surrogates are not in it: they come in with file names and flags that are no UTF-8.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_utf8(text: str) -> bytes:
    """Without the characters that XML forbids or that have no UTF-8."""
    return _FORBIDDEN.sub("", text).encode()


def first_line(text: str, longest: int) -> str:
    """All white space is one blank; cut, visibly, after `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
