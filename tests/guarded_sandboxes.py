"""Sandboxes as a server guards them: on a store of their own, reached over loopback or from elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jwt
from starlette.testclient import TestClient

from qalita_ingest.sandbox.access import Access, Hosts, Role, Tokens, signing_secret
from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.settings import Settings
from store_templates import lay_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL

LOOPBACK = "http://127.0.0.1:3080"
HTML = {"Accept": "text/html,application/xhtml+xml"}


@dataclass
class GuardedSandbox:
    client: TestClient
    url: URL
    tokens: Tokens
    secret: str
    is_token_required: bool

    def token(self, role: Role = Role.DATAENGINEER, /, **changed: Any) -> str:
        """A good token, with some of its claims changed and signed again; None takes a claim away."""
        issued = self.tokens.issue("somebody", role, now=datetime.now(UTC), days=1)
        if not changed:
            return issued.token
        claims = jwt.decode(issued.token, options={"verify_signature": False}) | changed
        return jwt.encode({name: value for name, value in claims.items() if value is not None}, self.secret)

    def expired(self) -> str:
        return self.token(exp=datetime.now(UTC) - timedelta(seconds=1))

    def revoked(self) -> str:
        issued = self.tokens.issue("somebody", Role.ADMIN, now=datetime.now(UTC), days=1)
        assert self.tokens.revoke(issued.jti, datetime.now(UTC))
        return issued.token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def open_guarded(
    folder: Path,
    url: URL | None = None,
    *,
    is_token_required: bool = False,
    allowed: frozenset[str] = frozenset(),
    address: str = LOOPBACK,
    caller: str = "127.0.0.1",
) -> Iterator[GuardedSandbox]:
    """`url` as of `open_sandbox`; `address` is where the connection comes in, `caller` where it comes from."""
    settings = lay_store(Settings(folder, url))
    database = open_database(settings)
    secret, _ = signing_secret(folder)
    tokens = Tokens(database, secret)
    app = create_app(database, access=Access(tokens, Hosts(allowed), is_token_required))
    with TestClient(
        app, address, raise_server_exceptions=False, follow_redirects=False, client=(caller, 50000)
    ) as client:
        yield GuardedSandbox(client, settings.database_url, tokens, secret, is_token_required)
    database.close()
