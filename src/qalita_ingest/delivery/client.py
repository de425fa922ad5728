"""One run over HTTP, tried again where that can help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import msgspec
import stamina

from qalita_ingest.contract import IngestAnswer, decode_answer
from qalita_ingest.errors import KeptInOutboxError, RejectedError

if TYPE_CHECKING:
    from qalita_ingest.delivery.endpoint import Endpoint
    from qalita_ingest.delivery.outbox import Entry

ATTEMPTS = 3
TIMEOUT_SECONDS = 60.0
# A timeout that the server noticed, the same run still in flight, too many requests: these pass; other 4xx don't.
PASSING_STATUSES = frozenset({408, 409, 425, 429})


class _TryAgainError(Exception):
    """The server did not take the run, and may do so soon."""


def http_client(endpoint: Endpoint) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}
    return httpx2.Client(base_url=endpoint.url, headers=headers, timeout=TIMEOUT_SECONDS)


def send(client: httpx2.Client, entry: Entry) -> IngestAnswer:
    """Raises `KeptInOutboxError` when QALITA can't be reached, `RejectedError` when it will not take the run."""
    try:
        for attempt in stamina.retry_context(
            on=(httpx2.TransportError, _TryAgainError), attempts=ATTEMPTS, wait_max=5.0
        ):
            with attempt:
                return _post(client, entry)
    except (httpx2.TransportError, _TryAgainError) as error:
        raise KeptInOutboxError(
            f"QALITA could not be reached at {client.base_url} ({error}); the run is kept and goes with the next ingest"
        ) from None
    raise AssertionError("stamina returns or raises")


def _post(client: httpx2.Client, entry: Entry) -> IngestAnswer:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Idempotency-Key": entry.key}
    response = client.post("/api/v2/ingest/runs", content=entry.content, headers=headers)
    if response.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR or response.status_code in PASSING_STATUSES:
        raise _TryAgainError(f"HTTP {response.status_code}: {detail_of(response)}")
    if response.is_redirect:
        raise _TryAgainError(f"HTTP {response.status_code}: the server is elsewhere; is the endpoint right?")
    if not response.is_success:
        raise RejectedError(f"QALITA rejected the run with HTTP {response.status_code}: {detail_of(response)}")
    try:
        answer = decode_answer(response.content)
    except msgspec.DecodeError:
        raise _TryAgainError("the answer is not QALITA's; is the endpoint right?") from None
    # 201 is a new run; 200 repeats the answer to the first delivery.
    is_repeated = response.status_code != httpx2.codes.CREATED
    return msgspec.structs.replace(answer, outcome="already_delivered") if is_repeated else answer


def detail_of(response: httpx2.Response) -> str:
    """What a problem+json says, or the words of the status."""
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase or "no reason given"
