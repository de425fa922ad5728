"""The pages where people hand in a token, and leave again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from qalita_ingest.sandbox.access.door import LONGEST_TOKEN, SESSION_COOKIE
from qalita_ingest.sandbox.access.tokens import SESSION_HOURS, BadTokenError, Tokens

if TYPE_CHECKING:
    from qalita_ingest.sandbox.access.identity import Identity

LARGEST_FORM_BYTES = 4 * LONGEST_TOKEN
# A path of ours: browsers take //host and /\host for other hosts, and drop tabs and line feeds.
OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")

# The path that is wanted, and what is wrong with the token → HTML.
LoginPage = Callable[[str, str | None], str]


def login_router(tokens: Tokens, page: LoginPage) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    def show(next: str = "/") -> Response:  # noqa: A002 (the parameter's name in the address)
        return HTMLResponse(page(_own(next), None))

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        fields = await _fields(request)
        wanted, now = _own(fields.get("next", "/")), datetime.now(UTC)
        try:
            identity = await run_in_threadpool(tokens.verify, fields.get("token", "").strip())
        except BadTokenError as error:
            return HTMLResponse(page(wanted, str(error)), 401)
        return _with_session(RedirectResponse(wanted, 303), request, tokens, identity, now)

    @router.post("/logout")
    def log_out() -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
        return response

    return router


def _with_session(response: Response, request: Request, tokens: Tokens, identity: Identity, now: datetime) -> Response:
    response.set_cookie(
        SESSION_COOKIE,
        tokens.session(identity, now),
        max_age=SESSION_HOURS * 3600,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def _own(path: str) -> str:
    return path if OWN_PATH.fullmatch(path) else "/"


async def _fields(request: Request) -> dict[str, str]:
    """The last value of each. Raises 413."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM_BYTES:
            raise HTTPException(413, f"the form is larger than {LARGEST_FORM_BYTES} bytes")
    return {name: values[-1] for name, values in parse_qs(body.decode(errors="replace")).items()}
