"""The v2 ingestion endpoints: a run in one piece, or in parts where it is large."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

import httpx2
import msgspec

from qalita_ingest.contract import IngestAnswer, decode_answer
from qalita_ingest.delivery.client import KEPT, ask, described
from qalita_ingest.errors import KeptInOutboxError, RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.delivery.outbox import Entry

CAPABILITIES_PATH = "/api/v2/ingest/capabilities"
RUNS_PATH = "/api/v2/ingest/runs"
# What a server says that has no such route, or none for this method.
ABSENT = frozenset({404, 405, 501})


class Capabilities(msgspec.Struct, frozen=True):
    """Of what a server says of itself, what decides how to send. None: it takes no parts."""

    largest_part_bytes: Annotated[int, msgspec.Meta(ge=1)] | None = None


class _Refusal(msgspec.Struct):
    """What a problem+json of this protocol may hold besides: which parts to send again."""

    missing: tuple[int, ...] = ()
    sha256: str | None = None


class V2Route:
    """Asks the server once what it can do, before the first run, where that isn't known already."""

    def __init__(self, client: httpx2.Client, capabilities: Capabilities | None = None) -> None:
        self._client = client
        self._capabilities = capabilities

    def send(self, entry: Entry) -> IngestAnswer:
        """Raises `KeptInOutboxError` when QALITA can't be reached, `RejectedError` when it will not take the run."""
        if self._capabilities is None:
            self._capabilities = capabilities_of(self._client)
        size = self._capabilities.largest_part_bytes
        is_large = size is not None and len(entry.content) > size
        return _answer(self._send_in_parts(entry, size or 0) if is_large else self._send_whole(entry))

    def _send_whole(self, entry: Entry) -> httpx2.Response:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Idempotency-Key": entry.key}
        return ask(self._client, "POST", RUNS_PATH, content=entry.content, headers=headers)

    def _send_in_parts(self, entry: Entry, size: int) -> httpx2.Response:
        count = -(-len(entry.content) // size)
        self._put_parts(entry, size, range(1, count + 1))
        response = self._complete(entry, count)
        if wanted := _wanted_again(response, count):
            self._put_parts(entry, size, wanted)
            response = self._complete(entry, count)
        return response

    def _put_parts(self, entry: Entry, size: int, numbers: Iterable[int]) -> None:
        for number in numbers:
            part = entry.content[(number - 1) * size : number * size]
            headers = {"Content-Type": "application/octet-stream"}
            response = ask(self._client, "PUT", f"{_upload(entry)}/parts/{number}", content=part, headers=headers)
            if not response.is_success:
                raise _rejected(response)

    def _complete(self, entry: Entry, count: int) -> httpx2.Response:
        whole = {"parts": count, "sha256": hashlib.sha256(entry.content).hexdigest()}
        return ask(self._client, "POST", f"{_upload(entry)}/complete", json=whole)


def capabilities_of(client: httpx2.Client) -> Capabilities:
    """Raises `RejectedError` where there is no v2 ingestion, `KeptInOutboxError` where nobody can say."""
    response = ask(client, "GET", CAPABILITIES_PATH, final=ABSENT)
    if response.status_code in ABSENT:
        raise RejectedError(
            f"{client.base_url} has no v2 ingestion ({described(response)}); for a platform without it use --via upload"
        )
    if not response.is_success:
        raise RejectedError(f"{client.base_url} does not say what it can do ({described(response)})")
    try:
        return msgspec.json.decode(response.content, type=Capabilities)
    except (msgspec.DecodeError, RecursionError):
        raise KeptInOutboxError(
            f"{client.base_url}: the answer is not QALITA's (is the endpoint right? A platform without v2 ingestion "
            f"takes runs with --via upload); {KEPT}"
        ) from None


def _upload(entry: Entry) -> str:
    return f"/api/v2/ingest/uploads/{entry.key}"


def _wanted_again(response: httpx2.Response, count: int) -> list[int]:
    """The parts that the server lacks, or all of them where what it joined is not what was sent."""
    if response.is_success:
        return []
    try:
        refusal = msgspec.json.decode(response.content, type=_Refusal)
    except (msgspec.DecodeError, RecursionError):
        return []
    everything = range(1, count + 1)
    return list(everything) if refusal.sha256 else [number for number in refusal.missing if number in everything]


def _rejected(response: httpx2.Response) -> RejectedError:
    return RejectedError(f"QALITA rejected the run with {described(response)}")


def _answer(response: httpx2.Response) -> IngestAnswer:
    if not response.is_success:
        raise _rejected(response)
    try:
        answer = decode_answer(response.content)
    except (msgspec.DecodeError, RecursionError):
        raise KeptInOutboxError(
            f"the answer is not QALITA's; is the endpoint right? {KEPT[0].upper()}{KEPT[1:]}"
        ) from None
    # 201 is a new run; 200 repeats the answer to the first delivery.
    is_repeated = response.status_code != httpx2.codes.CREATED
    return msgspec.structs.replace(answer, outcome="already_delivered") if is_repeated else answer
