"""One exchange over HTTP, tried again where that can help."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import stamina

from qalita_ingest.delivery.endpoint import TOKEN_VARIABLES
from qalita_ingest.delivery.failures import NotAdmittedError, UnavailableError
from qalita_ingest.delivery.retry import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    PASSING_STATUSES,
    PATIENCE_SECONDS,
    Patience,
    TryAgainError,
)
from qalita_ingest.errors import KeptInOutboxError
from qalita_ingest.punctual import PunctualClient
from qalita_ingest.retry_after import wait_asked

if TYPE_CHECKING:
    from qalita_ingest.delivery.endpoint import Endpoint

TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
LONGEST_DETAIL = 500
REFUSED_TO_ALL = frozenset({httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN})
KEPT = "the run is kept and goes with the next ingest, or with `qalita ingest flush`"


# A proxy can't reach what runs on this machine.
PAST_ANY_PROXY = dict.fromkeys(("all://127.0.0.1", "all://localhost", "all://[::1]"))


def http_client(endpoint: Endpoint) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}
    return PunctualClient(base_url=endpoint.url, headers=headers, timeout=TIMEOUT, mounts=PAST_ANY_PROXY)


def ask(
    client: httpx2.Client, method: str, path: str, *, final: frozenset[int] = frozenset(), **request: Any
) -> httpx2.Response:
    """A 2xx, a 4xx that is about this very request, or one of `final`.

    Raises `KeptInOutboxError` when there is no such answer, `UnavailableError` when another request would get none
    either, `NotAdmittedError` on 401 and 403.
    """
    try:
        for attempt in stamina.retry_context(
            on=Patience(), attempts=None, timeout=PATIENCE_SECONDS, wait_initial=FIRST_WAIT_SECONDS
        ):
            with attempt:
                return _checked(client.request(method, path, **request), final)
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise UnavailableError(_unreachable(client, error)) from None
    except (httpx2.RequestError, TryAgainError) as error:
        if (wait := getattr(error, "wait_seconds", None) or 0) > LONGEST_WAIT_SECONDS:
            raise UnavailableError(f"QALITA asks to wait until {_then(wait)} ({error}); {KEPT} after that") from None
        raise KeptInOutboxError(_unreachable(client, error)) from None
    raise AssertionError("stamina returns or raises")


def _checked(response: httpx2.Response, final: frozenset[int]) -> httpx2.Response:
    if response.status_code in final:
        return response
    wait = wait_asked(response.headers)
    # The same run, sent by somebody else, is being taken in; a conflict without a time to wait is one for good.
    is_in_flight = response.status_code == httpx2.codes.CONFLICT and wait is not None
    if response.is_server_error or response.status_code in PASSING_STATUSES or is_in_flight:
        raise TryAgainError(described(response), wait, is_in_flight=is_in_flight)
    if response.is_redirect:
        raise TryAgainError(f"HTTP {response.status_code}: the server is elsewhere; is the endpoint right?")
    if response.status_code in REFUSED_TO_ALL:
        raise NotAdmittedError(_not_admitted(response))
    return response


def _unreachable(client: httpx2.Client, error: Exception) -> str:
    return f"QALITA could not be reached at {client.base_url} ({str(error) or type(error).__name__}); {KEPT}"


def _then(wait_seconds: float) -> str:
    """Ten digits of seconds are centuries: the calendar ends before."""
    try:
        return f"{datetime.now(UTC) + timedelta(seconds=wait_seconds):%Y-%m-%d %H:%M:%S} UTC"
    except OverflowError:
        return "the end of time"


def _not_admitted(response: httpx2.Response) -> str:
    variable = TOKEN_VARIABLES[0]
    has_token = "authorization" in response.request.headers
    cure = f"it may be wrong, expired or short of rights: renew {variable}" if has_token else f"set {variable}"
    named = "the token" if has_token else "a request without a token"
    return f"QALITA refused {named} with {described(response)}; {cure}; {KEPT}"


def described(response: httpx2.Response) -> str:
    return f"HTTP {response.status_code}: {detail_of(response)}"


def detail_of(response: httpx2.Response) -> str:
    """What a problem+json says, or the words of the status; never the token, which a server may repeat."""
    try:
        detail = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError, RecursionError):
        detail = response.reason_phrase or "no reason given"
    token = response.request.headers.get("authorization", "").removeprefix("Bearer ")
    shown = detail.replace(token, "…") if token else detail
    return shown[:LONGEST_DETAIL]
