"""Tokens: JWTs that the sandbox signs, and a row for each, so that it can be taken back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from qalita_ingest.sandbox.access.identity import Identity, Role
from qalita_ingest.sandbox.access.placeholders import is_placeholder
from qalita_ingest.sandbox.database.model import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qalita_ingest.sandbox.database import Database

ALGORITHM = "HS256"
CLAIMS = ["sub", "role", "scopes", "jti", "iat", "exp"]
# A session's cookie is no token for the API, nor the other way round: only the cookie names an audience.
OF_SESSIONS = "qalita-sandbox-session"
SESSION_HOURS = 12
# `used_at` is kept to the hour: a write for every request would cost more than it tells.
USE_IS_NOTED_EVERY = timedelta(hours=1)
RENEW = "`make token` prints a new one"


class BadTokenError(Exception):
    """One line for whoever sent the token; never the token."""


@dataclass(frozen=True)
class Issued:
    token: str = field(repr=False)
    jti: str
    expires_at: datetime


class Tokens:
    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._secret = secret

    def issue(self, subject: str, role: Role, *, now: datetime, days: int) -> Issued:
        """Rows of expired tokens go: their date refuses them."""
        jti, expires_at = uuid4().hex, now + timedelta(days=days)
        with self._database.writing() as session:
            session.execute(delete(Token).where(Token.expires_at < now))
            session.add(Token(jti=jti, subject=subject, role=role, created_at=now, expires_at=expires_at))
        claims = {"sub": subject, "role": role, "scopes": role.scopes, "jti": jti, "iat": now, "exp": expires_at}
        return Issued(self._signed(claims), jti, expires_at)

    def verify(self, token: str) -> Identity:
        """Raises `BadTokenError`."""
        if is_placeholder(token):
            raise BadTokenError("the token is the placeholder of the documentation; `make token` prints a real one")
        return self._identity(self._claims(token, audience=None))

    def session(self, identity: Identity, now: datetime) -> str:
        """What the cookie of a login holds: it ends with the token's row, or after `SESSION_HOURS`."""
        claims = {"sub": identity.subject, "role": identity.role, "scopes": sorted(identity.scopes)}
        until = {"jti": identity.jti, "iat": now, "exp": now + timedelta(hours=SESSION_HOURS), "aud": OF_SESSIONS}
        return self._signed(claims | until)

    def verify_session(self, cookie: str) -> Identity:
        """Raises `BadTokenError`."""
        return self._identity(self._claims(cookie, audience=OF_SESSIONS))

    def revoke(self, jti: str, now: datetime) -> bool:
        """False when no such token is good any more."""
        good = update(Token).where(Token.jti == jti, Token.revoked_at.is_(None)).values(revoked_at=now)
        with self._database.writing() as session:
            return bool(session.execute(good.returning(Token.id)).all())

    def revoke_all(self, now: datetime) -> int:
        """How many were good until now."""
        good = update(Token).where(Token.revoked_at.is_(None), Token.expires_at > now).values(revoked_at=now)
        with self._database.writing() as session:
            return len(session.execute(good.returning(Token.id)).all())

    def listed(self) -> Sequence[Token]:
        with self._database.reading() as session:
            return session.scalars(select(Token).order_by(Token.created_at, Token.id)).all()

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._secret, ALGORITHM)

    def _claims(self, token: str, audience: str | None) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._secret, [ALGORITHM], audience=audience, options={"require": CLAIMS}
            )
        except jwt.PyJWTError as error:
            raise BadTokenError(_words(error)) from None
        return claims

    def _identity(self, claims: dict[str, Any]) -> Identity:
        role, scopes = claims["role"], claims["scopes"]
        if role not in list(Role) or not isinstance(scopes, list):
            raise BadTokenError(f"the token has no role that is known here; {RENEW}")
        self._check_row(claims["jti"])
        return Identity(claims["sub"], Role(role), frozenset(map(str, scopes)), claims["jti"])

    def _check_row(self, jti: str) -> None:
        with self._database.reading() as session:
            row = session.scalars(select(Token).where(Token.jti == jti)).one_or_none()
        if row is None:
            raise BadTokenError(f"the token was not given out by this store; {RENEW}")
        if row.revoked_at is not None:
            raise BadTokenError(f"the token was revoked on {row.revoked_at:%Y-%m-%d}; {RENEW}")
        now = datetime.now(UTC)
        if row.expires_at <= now:
            raise BadTokenError(f"the token has expired; {RENEW}")
        # Whoever may only read gets in although the store can't be written just now.
        if row.used_at is None or row.used_at + USE_IS_NOTED_EVERY < now:
            with suppress(OperationalError), self._database.writing() as session:
                session.execute(update(Token).where(Token.jti == jti).values(used_at=now))


def _words(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.ExpiredSignatureError):
        return f"the token has expired; {RENEW}"
    if isinstance(error, jwt.InvalidSignatureError):
        return (
            "the token was signed with another secret: it is another QALITA's, or this sandbox's secret was replaced; "
            f"{RENEW}"
        )
    if isinstance(error, jwt.InvalidAlgorithmError):
        return f"the token is not signed with {ALGORITHM}; {RENEW}"
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"the token lacks {error.claim}; {RENEW}"
    if isinstance(error, jwt.InvalidAudienceError):
        return f"this is no token for the API; {RENEW}"
    return f"this is no token of a QALITA (three parts with dots between them); {RENEW}"
