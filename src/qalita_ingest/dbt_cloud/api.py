"""GET requests to dbt Cloud's API, tried again where that can help. The only network code of this room."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx2
import stamina

from qalita_ingest.errors import InputError, SettingsError
from qalita_ingest.punctual import PunctualClient
from qalita_ingest.retry_after import wait_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qalita_ingest.dbt_cloud.access import Access

    Write = Callable[[bytes], object]
    Restart = Callable[[], object]

ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 60.0
TIMEOUT_SECONDS = 60.0
# dbt Cloud redirects accounts that have moved to an address of their own; httpx2 drops the token on another host.
MOST_REDIRECTS = 3


class _TryAgainError(Exception):
    """No answer that counts; `wait_seconds` is what `Retry-After` asked for, None where it asked for nothing."""

    def __init__(self, status: int, wait_seconds: float | None) -> None:
        wish = "" if wait_seconds is None else f", which asks to wait {wait_seconds:.0f} s"
        super().__init__(f"HTTP {status}{wish}")
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Api:
    """The account's corner of the API. Every method raises `InputError` or `SettingsError`."""

    client: httpx2.Client
    account: str

    def get(self, path: str, parameters: dict[str, str]) -> bytes | None:
        """The body, or None where dbt Cloud has no such thing."""
        body = bytearray()
        return bytes(body) if self._tried(path, parameters, body.extend, body.clear) else None

    def download(self, path: str, parameters: dict[str, str], target: Path) -> bool:
        """Into a file, never whole in memory; whether dbt Cloud has it."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            is_there = self._tried(path, parameters, file.write, lambda: file.truncate(file.seek(0)))
        if not is_there:
            target.unlink()
        return is_there

    def _tried(self, path: str, parameters: dict[str, str], write: Write, restart: Restart) -> bool:
        try:
            for attempt in stamina.retry_context(
                on=_wait_before_retry, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=10.0
            ):
                with attempt:
                    restart()
                    return self._fetch(path, parameters, write)
        except (httpx2.RequestError, _TryAgainError) as error:
            raise InputError(
                f"dbt Cloud can't be read at {self.client.base_url.host} ({error}); try again later"
            ) from None
        raise AssertionError("stamina returns or raises")

    def _fetch(self, path: str, parameters: dict[str, str], write: Write) -> bool:
        with self.client.stream("GET", f"/api/v2/accounts/{self.account}/{path}", params=parameters) as response:
            if response.status_code == HTTPStatus.NOT_FOUND:
                return False
            self._require_success(response)
            for piece in response.iter_bytes():
                write(piece)
        return True

    def _require_success(self, response: httpx2.Response) -> None:
        status = response.status_code
        if status == HTTPStatus.UNAUTHORIZED:
            raise SettingsError(
                f"dbt Cloud at {self.client.base_url.host} refused the token (HTTP 401): it is wrong, expired or "
                "revoked, or the account is on another host; set DBT_CLOUD_API_TOKEN to a valid one"
            )
        if status == HTTPStatus.FORBIDDEN:
            raise SettingsError(
                f"dbt Cloud: the token may not read the runs of account {self.account} (HTTP 403); "
                "give it a permission set that may view jobs"
            )
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _TryAgainError(status, wait_asked(response.headers))
        if not response.is_success:
            raise InputError(f"dbt Cloud answered HTTP {status}; are host and account right?")


def _wait_before_retry(error: Exception) -> bool | float:
    """Whether to try again, or how many seconds to wait before; a wait that is too long is left to the user."""
    if isinstance(error, _TryAgainError) and error.wait_seconds is not None:
        return error.wait_seconds if error.wait_seconds <= LONGEST_WAIT_SECONDS else False
    return isinstance(error, (_TryAgainError, httpx2.TransportError))


@contextmanager
def open_api(access: Access) -> Iterator[Api]:
    # What became of a request is said once, at the end; each attempt needs no log line of its own.
    stamina.instrumentation.set_on_retry_hooks(())
    headers = {"Authorization": f"Token {access.token}", "Accept": "application/json"}
    with PunctualClient(
        base_url=access.url,
        headers=headers,
        timeout=TIMEOUT_SECONDS,
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
    ) as client:
        yield Api(client, access.account)
