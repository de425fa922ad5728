"""Documents of packs → rows. Packs are written by many: what can be read is, what can't is counted and skipped."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
LONGEST_KEY = 255
LONGEST_WORD = 40


def read_entries(kind: str, document: Any) -> tuple[list[Row], list[tuple[str, str]]]:
    """The rows, and for each entry that is none its key (or its place) and why."""
    read = READERS.get(kind, _figure)
    if not isinstance(document, list):
        return [], [("", f"expected a list, found {_kind_of(document)}")]
    rows, refused = [], []
    for place, entry in enumerate(document):
        row = read(entry) if isinstance(entry, dict) else None
        if row is None:
            key = entry.get("key") if isinstance(entry, dict) else None
            refused.append((_text(key) or str(place), "expected an object with a key and a value, or with a content"))
        else:
            rows.append(row)
    return rows, refused


def _metric(entry: Row) -> Row | None:
    key, value = _text(entry.get("key")), entry.get("value")
    return {"key": key[:LONGEST_KEY], "value": _text(value), "number": _number(value), **_scope(entry)} if key else None


def _schema(entry: Row) -> Row | None:
    key = _text(entry.get("key"))
    return {"key": key[:LONGEST_KEY], "value": _text(entry.get("value")), **_scope(entry)} if key else None


def _recommendation(entry: Row) -> Row | None:
    content = _text(entry.get("content"))
    if not content:
        return None
    kind, level = _text(entry.get("type")), _text(entry.get("level"))
    return {"content": content, "type": kind and kind[:LONGEST_KEY], "level": level and level[:LONGEST_WORD]} | _scope(
        entry
    )


def _figure(entry: Row) -> Row | None:
    """No table has them: pages read them from the document."""
    return {"key": _text(entry.get("key")), "title": _text(entry.get("title"))} | _scope(entry)


READERS: dict[str, Callable[[Row], Row | None]] = {
    "metrics": _metric,
    "recommendations": _recommendation,
    "schemas": _schema,
}


def _scope(entry: Row) -> Row:
    scope = entry.get("scope")
    told = scope if isinstance(scope, dict) else {}
    perimeter = _text(told.get("perimeter"))
    value = _text(told.get("value"))
    return {
        "perimeter": perimeter and perimeter[:LONGEST_WORD],
        "scope_value": value and value[: 2 * LONGEST_KEY],
        "parent_scope": _text(told.get("parent_scope")),
    }


def _text(value: Any) -> str | None:
    """Lists and objects as JSON. Without what no database keeps: a NUL, half a character."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _kind_of(document: Any) -> str:
    return "an object" if isinstance(document, dict) else "a single value"
