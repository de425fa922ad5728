"""Rows as CSV that a spreadsheet can open without running anything."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

# How a formula begins, also behind what spreadsheets skip.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(row: type[msgspec.Struct], rows: Sequence[msgspec.Struct]) -> bytes:
    """One column per field of `row`, also where there are no rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(row.__struct_fields__)
    writer.writerows([_cell(getattr(one, field)) for field in row.__struct_fields__] for one in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """Numbers stay numbers: a spreadsheet computes with them, and `-1` is no formula."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return value
        case datetime() | date():
            return value.isoformat()
        case str():
            return guarded(value)
    return guarded(msgspec.json.encode(value).decode())


def guarded(text: str) -> str:
    """A spreadsheet takes what begins with one of these for a formula."""
    return f"'{text}" if text.startswith(FORMULA_BEGINS) else text
