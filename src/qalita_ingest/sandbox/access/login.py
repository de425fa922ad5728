"""The pages where people hand in a token, and leave again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from qalita_ingest.sandbox.access.door import SESSION_COOKIE, who_asks
from qalita_ingest.sandbox.access.identity import NOBODY
from qalita_ingest.sandbox.access.rules import needed_role
from qalita_ingest.sandbox.access.tokens import SESSION_HOURS, BadTokenError, Tokens

if TYPE_CHECKING:
    from qalita_ingest.sandbox.access.identity import Identity

# A comment of ten thousand signs, each written as %XX four times, and a token.
LARGEST_FORM_BYTES = 160 * 1024
MOST_FIELDS = 10
# A path of ours: browsers take //host and /\host for other hosts, and drop tabs and line feeds.
OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")


class Waiting(NamedTuple):
    """The fields of a form that waits for the login; `is_refused`: the token that came may not send it."""

    fields: dict[str, str]
    is_refused: bool = False


# The path that is wanted, what is wrong with the token, and what waits for the login → HTML.
LoginPage = Callable[[str, str | None, Waiting | None], str]


def login_router(tokens: Tokens, page: LoginPage) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    def show(next: str = "/") -> Response:  # noqa: A002 (the parameter's name in the address)
        return HTMLResponse(page(_own(next), None, None))

    @router.post("/login")
    async def log_in(request: Request, next: str | None = None) -> Response:  # noqa: A002 (as above)
        """With `next` in the address it is that of a form whose session had ended, or has become one of a lesser role.

        It is sent again after a login that may send it.

        Only our own pages can send that: the door sees to their origin.
        """
        fields = await _fields(request)
        token, given = fields.pop("token", None), fields.pop("next", "/")
        waiting = None if next is None else Waiting(fields)
        wanted, now = _own(given if next is None else next), datetime.now(UTC)
        if token is None and waiting is not None:
            return _asked(request, page, wanted, waiting)
        try:
            identity = await run_in_threadpool(tokens.verify, (token or "").strip())
        except BadTokenError as error:
            return HTMLResponse(page(wanted, str(error), waiting), 401)
        answer: Response
        if waiting is None:
            answer = RedirectResponse(wanted, 303)
        elif refusal := _refusal(identity, wanted):
            # The session begins: who holds the token may read.
            answer = _refused(page, wanted, refusal, fields)
        else:
            answer = RedirectResponse(wanted, 307)
        return _with_session(answer, request, tokens, identity, now)

    @router.post("/logout")
    def log_out() -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
        return response

    return router


def _asked(request: Request, page: LoginPage, wanted: str, waiting: Waiting) -> Response:
    """The login that a form led to: no session is there, or one that may not send it."""
    identity = who_asks(request)
    refusal = None if identity is NOBODY else _refusal(identity, wanted)
    if refusal is not None:
        return _refused(page, wanted, refusal, waiting.fields)
    return HTMLResponse(page(wanted, None, waiting), 401)


def _refused(page: LoginPage, wanted: str, refusal: str, fields: dict[str, str]) -> Response:
    return HTMLResponse(page(wanted, refusal, Waiting(fields, is_refused=True)), 403)


def _refusal(identity: Identity, wanted: str) -> str | None:
    """Why the form that waits would not be taken; None where it is."""
    path = urlsplit(wanted).path
    needed = needed_role("POST", path)
    if needed is None or identity.may_act_as(needed):
        return None
    act = "comment" if path.endswith("/comment") else "send this"
    return f"a token of role {identity.role} can't {act}: that needs one of role {needed}"


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
    """The last value of each, also where it is empty. Raises 413."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM_BYTES:
            raise HTTPException(413, f"the form is larger than {LARGEST_FORM_BYTES} bytes")
    try:
        fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(413, f"the form has more than {MOST_FIELDS} fields") from None
    return {name: values[-1] for name, values in fields.items()}
