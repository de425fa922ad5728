"""Tokens that were given out; never the token."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Token
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is whose it is; `used_at` is kept to the hour. Expired ones go when the next one is given out."""

    id: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None


def list_tokens(session: Session, window: Window = FIRST) -> Page[TokenView]:
    """The oldest first. Raises `CursorError`."""
    order = Order((Token.id,), (int,))
    return read_page(session, select(Token), order, window, lambda rows: [_view(row.Token) for row in rows])


def find_token(session: Session, jti: str) -> TokenView:
    return _view(session.scalars(select(Token).where(Token.jti == jti)).one())


def _view(token: Token) -> TokenView:
    return TokenView(
        id=token.jti,
        name=token.subject,
        role=token.role,
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        used_at=token.used_at,
    )
