"""The pages where people hand in a token, and leave again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from qalita_ingest.sandbox.access.door import LONGEST_TOKEN, SESSION_COOKIE
from qalita_ingest.sandbox.access.tokens import SESSION_HOURS, BadTokenError, Tokens

if TYPE_CHECKING:
    from qalita_ingest.sandbox.access.identity import Identity

TEMPLATES = Path(__file__).with_name("templates")
LARGEST_FORM_BYTES = 4 * LONGEST_TOKEN
# A path of ours: browsers take //host and /\host for other hosts, and drop tabs and line feeds.
OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")

_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


def login_router(tokens: Tokens) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    def show(next: str = "/") -> Response:  # noqa: A002 (the parameter's name in the address)
        return _form(_own(next))

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        fields = await _fields(request)
        wanted, now = _own(fields.get("next", "/")), datetime.now(UTC)
        try:
            identity = await run_in_threadpool(tokens.verify, fields.get("token", "").strip())
        except BadTokenError as error:
            return _form(wanted, str(error), 401)
        return _with_session(RedirectResponse(wanted, 303), request, tokens, identity, now)

    @router.post("/logout")
    def log_out() -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
        return response

    @router.get("/login.css")
    def style() -> Response:
        return FileResponse(TEMPLATES / "login.css", media_type="text/css", headers={"Cache-Control": "no-cache"})

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


def _form(wanted: str, error: str | None = None, status: int = 200) -> Response:
    return HTMLResponse(_pages.get_template("login.html").render(next=wanted, error=error), status)


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
