"""A value of the database → text that is safe to keep and to print."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time

LONGEST_CELL = 200
CUT = "…"
# Enough to be cut after cleaning; a cell may hold a whole file.
_LOOKED_AT = 10 * LONGEST_CELL
_TERMINAL_SEQUENCES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
_WHITE_SPACE = re.compile(r"[\t-\r\x85\u2028\u2029]+")
# Controls, marks that reverse the direction of writing, halves of surrogate pairs (which no JSON can carry).
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def cell(value: object) -> str | None:
    """None stays None. Times are ISO 8601, bytes hexadecimal, floats as Python writes them, nested values JSON."""
    if value is None:
        return None
    text = printable(_text(value))
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT)] + CUT


def printable(text: str) -> str:
    """On one line, without what a terminal would obey; only the beginning of a very long text."""
    one_line = _WHITE_SPACE.sub(" ", _TERMINAL_SEQUENCES.sub("", text[:_LOOKED_AT]))
    return _UNPRINTABLE.sub("", one_line)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value[:_LOOKED_AT]).hex()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, dict | list | tuple):
        return json.dumps(_nested(value), ensure_ascii=False)
    return str(value)


def _nested(value: object) -> object:
    """A map's keys may be anything, JSON's only text."""
    if isinstance(value, dict):
        return {_text(key): _nested(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_nested(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else _text(value)
