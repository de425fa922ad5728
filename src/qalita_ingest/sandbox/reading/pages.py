"""A list, one page at a time: a cursor says after which row the next page begins, whatever came or went meanwhile."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec
from sqlalchemy import literal, tuple_

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from qalita_ingest.sandbox.reading.fields import Record, Records

PAGE_SIZE = 50
LARGEST_PAGE = 200

Item = TypeVar("Item")


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """`next` is the cursor of the page that follows; None on the last one."""

    items: tuple[Item, ...]
    next: str | None


class CursorError(ValueError):
    """The cursor is none that this list gave."""


class Window(NamedTuple):
    """Which page of a list: `limit` rows after the one that `cursor` names."""

    limit: int = PAGE_SIZE
    cursor: str | None = None


class Order(NamedTuple):
    """What a list is sorted by, all up or all down; no value is null, and together they are of one row only."""

    columns: tuple[InstrumentedAttribute[Any] | ColumnElement[Any], ...]
    types: tuple[type, ...]
    is_descending: bool = False


FIRST = Window()


def read_page(
    session: Session,
    query: Records,
    order: Order,
    window: Window,
    views: Callable[[Sequence[Record]], Sequence[Item]],
) -> Page[Item]:
    """`views` makes the items of all rows of the page at once. Raises `CursorError`."""
    place = tuple_(*order.columns)
    if window.cursor is not None:
        # Each as its column keeps it: a moment without a type of its own is compared as another kind of moment.
        values = zip(_values_of(window.cursor, order), order.columns, strict=True)
        after = tuple_(*(literal(value, column.type) for value, column in values))
        query = query.where(place < after if order.is_descending else place > after)
    keys = [column.label(f"place_{number}") for number, column in enumerate(order.columns)]
    sorted_by = [column.desc() if order.is_descending else column.asc() for column in order.columns]
    # One more than the page holds tells whether another follows.
    rows = session.execute(query.add_columns(*keys).order_by(*sorted_by).limit(window.limit + 1)).all()
    shown = rows[: window.limit]
    follows = _cursor(shown[-1][-len(keys) :]) if len(rows) > len(shown) else None
    return Page(tuple(views(shown)), follows)


def _cursor(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def _values_of(cursor: str, order: Order) -> tuple[Any, ...]:
    padded = cursor.encode() + b"=" * (-len(cursor) % 4)
    try:
        content = base64.b64decode(padded, altchars=b"-_", validate=True)
        values: tuple[Any, ...] = msgspec.json.decode(content, type=tuple[order.types])  # type: ignore[name-defined]
    except (binascii.Error, msgspec.DecodeError, UnicodeError):
        raise CursorError("cursor: expected the `next` of the page before, found something else") from None
    return values
