"""Sources that a client registered with `qalita source push`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import RegisteredSource
from qalita_ingest.sandbox.reading.fields import fields_of_entity
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class RegisteredSourceView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the store knows of it; credentials stay with the client."""

    id: int
    name: str
    type: str
    description: str | None
    visibility: str
    sensitive: bool
    reference: bool
    created_at: datetime
    updated_at: datetime


def list_registered_sources(session: Session, window: Window = FIRST) -> Page[RegisteredSourceView]:
    """In the order of their numbers. Raises `CursorError`."""
    order = Order((RegisteredSource.id,), (int,))
    return read_page(
        session, select(RegisteredSource), order, window, lambda rows: [_view(row.RegisteredSource) for row in rows]
    )


def find_registered_source(session: Session, source_id: int) -> RegisteredSourceView | None:
    """None: there is no such source."""
    source = session.get(RegisteredSource, source_id)
    return _view(source) if source else None


def _view(source: RegisteredSource) -> RegisteredSourceView:
    return RegisteredSourceView(**fields_of_entity(RegisteredSourceView, source))
