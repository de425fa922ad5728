"""The one place that every request passes: name, origin, who asks, and whether his role reaches."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy.exc import OperationalError, ProgrammingError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from qalita_ingest.sandbox.access.identity import LOCAL, NOBODY, Identity
from qalita_ingest.sandbox.access.rules import WRITING, needed_role
from qalita_ingest.sandbox.access.tokens import BadTokenError, Tokens
from qalita_ingest.sandbox.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import Headers
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qalita_ingest.sandbox.access.hosts import Hosts

SESSION_COOKIE = "qalita_session"
API = "/api/"
LONGEST_TOKEN = 8192


@dataclass(frozen=True)
class Access:
    """How a served sandbox is guarded. Without `is_token_required` who comes without a token is an admin."""

    tokens: Tokens
    hosts: Hosts
    is_token_required: bool


def who_asks(request: Request) -> Identity:
    """An application without a door is in this very process: who calls it holds the store."""
    identity: Identity = getattr(request.state, "identity", LOCAL)
    return identity


class Door:
    """It refuses as the application does: with the handler that this has for an HTTPException."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            request = Request(scope)
            answer = await self._answer_of_the_door(request)
            await (answer or self._app)(scope, receive, send)

    async def _answer_of_the_door(self, request: Request) -> Response | None:
        """None where the request may pass."""
        try:
            _check_name(self._access, request)
            identity = await self._identity(request)
            _check_origin(self._access, request)
            _check_role(request, identity)
        except HTTPException as error:
            return _refusal(request, error)
        except (OperationalError, ProgrammingError) as error:
            # The application's handlers come after this door.
            told: Response = request.app.exception_handlers[type(error)](request, error)
            return told
        request.state.identity = identity
        return None

    async def _identity(self, request: Request) -> Identity:
        if (token := _bearer(request.headers)) is not None:
            try:
                return await run_in_threadpool(self._access.tokens.verify, token)
            except BadTokenError as error:
                raise _no_token(str(error)) from None
        if cookie := request.cookies.get(SESSION_COOKIE):
            try:
                return await run_in_threadpool(self._access.tokens.verify_session, cookie)
            except BadTokenError:
                # Of an earlier login: as good as none.
                pass
        return NOBODY if self._access.is_token_required else LOCAL


class LesserRoleError(HTTPException):
    """Who asks is known, and may not."""


def _refusal(request: Request, error: HTTPException) -> Response:
    is_form = isinstance(error, LesserRoleError) and request.method in WRITING
    if (error.status_code == HTTPStatus.UNAUTHORIZED or is_form) and _is_of_a_page(request):
        # 307: the browser takes along what was typed into a form, and the login keeps it.
        status = 307 if request.method in WRITING else 303
        return RedirectResponse(f"/login?next={quote(_wanted(request), safe='')}", status)
    handler: Callable[[Request, HTTPException], Response] = request.app.exception_handlers[HTTPException]
    return handler(request, error)


def _is_of_a_page(request: Request) -> bool:
    is_page = not request.url.path.startswith(API) and "text/html" in request.headers.get("accept", "")
    return is_page and "authorization" not in request.headers


def _wanted(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _check_name(access: Access, request: Request) -> None:
    scope = request.scope
    if not access.hosts.answers(scope, request.headers):
        raise HTTPException(
            421,
            "this sandbox does not answer under the name in Host; use localhost, or start it with the name in "
            "QALITA_SANDBOX_ALLOWED_HOSTS",
        )
    if access.is_token_required:
        return
    # Whatever started the server: without tokens it serves this machine only.
    ends = (scope.get("server") or ("", 0), scope.get("client") or ("", 0))
    if not all(is_loopback(host) for host, _port in ends):
        raise HTTPException(
            403, "without tokens the sandbox serves its own machine only; start it with QALITA_SANDBOX_REQUIRE_TOKEN=1"
        )


def _check_origin(access: Access, request: Request) -> None:
    """Browsers say with every writing request whose page sends it; programs say nothing."""
    if request.method not in WRITING:
        return
    origin = request.headers.get("origin")
    if origin is not None and not access.hosts.is_own_origin(origin, request.headers):
        raise HTTPException(403, "a page of another origin may change nothing here")
    is_of_a_browser = not request.url.path.startswith(API) or SESSION_COOKIE in request.cookies
    if origin is None and is_of_a_browser and "authorization" not in request.headers:
        raise HTTPException(403, "the header Origin is missing: pages are for browsers; a program sends a token")


def _check_role(request: Request, identity: Identity) -> None:
    needed = needed_role(request.method, request.url.path)
    if needed is None:
        return
    if identity is NOBODY:
        raise _no_token("a token is needed: Authorization: Bearer …; `make token` prints one")
    if not identity.may_act_as(needed):
        raise LesserRoleError(403, f"this needs a token of role {needed}; this one is of role {identity.role}")


def _bearer(headers: Headers) -> str | None:
    given = headers.get("authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or len(token) > LONGEST_TOKEN:
        raise _no_token("expected Authorization: Bearer and a token; `make token` prints one")
    return token.strip()


def _no_token(detail: str) -> HTTPException:
    return HTTPException(401, detail, headers={"WWW-Authenticate": 'Bearer realm="qalita sandbox"'})
