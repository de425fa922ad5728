"""Which troubles are waited for, and how long."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import httpx2
import pytest
import stamina

from factories import report
from qalita_ingest import punctual
from qalita_ingest.delivery import (
    Capabilities,
    Endpoint,
    NotAdmittedError,
    Outbox,
    UnavailableError,
    V2Route,
    deliver,
    http_client,
)
from qalita_ingest.delivery.retry import ATTEMPTS, Patience, TryAgainError
from qalita_ingest.errors import KeptInOutboxError, RejectedError
from sandboxes import Sandbox
from servers import Answer, Call, dribbling, like, serving

if TYPE_CHECKING:
    from collections.abc import Callable

SQLITE_ONLY = "about what is sent and what waits; what a server keeps of it is test_v2_route's"
RUN = report(2, {"a": "failed"})
EARLIER = report(1, {"a": "passed"})


def once(first: Answer, then: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    left = [first]
    return lambda call: left.pop() if left else then(call)


def test_what_the_server_asks_for_is_waited_with_some_jitter() -> None:
    waits = {Patience()(TryAgainError("", 7.0)) for _ in range(20)}

    assert all(7 <= wait <= 8 for wait in waits)
    assert len(waits) > 1


def test_attempts_end() -> None:
    patience = Patience()

    assert [patience(httpx2.ReadTimeout("")) for _ in range(ATTEMPTS)] == [True] * (ATTEMPTS - 1) + [False]


def test_a_run_in_flight_is_waited_for_without_counting() -> None:
    patience = Patience()

    assert all(patience(TryAgainError("", 1.0, is_in_flight=True)) for _ in range(50))
    assert patience(TryAgainError(""))


def test_other_errors_are_not_tried_again() -> None:
    assert Patience()(ValueError()) is False


def test_retry_after_is_waited_for_really(sandbox: Sandbox, outbox: Outbox) -> None:
    answer = once((429, b"{}", {"Retry-After": "1"}), like(sandbox.client))
    with stamina.set_testing(False), serving(answer) as server, http_client(Endpoint(server.url)) as client:
        started = time.monotonic()
        assert deliver(RUN, outbox, V2Route(client, Capabilities())).answer.new_results == 1

    assert 1 <= time.monotonic() - started < 5


def test_a_conflict_that_says_when_to_come_back_is_tried_again(sandbox: Sandbox, outbox: Outbox) -> None:
    answer = once((409, b"{}", {"Retry-After": "1"}), like(sandbox.client))
    with serving(answer) as server, http_client(Endpoint(server.url)) as client:
        assert deliver(RUN, outbox, V2Route(client, Capabilities())).answer.outcome == "accepted"


def test_a_long_wait_is_not_waited_for_and_its_end_is_told(outbox: Outbox) -> None:
    outbox.keep(EARLIER)
    with (
        serving(lambda _call: (503, b"{}", {"Retry-After": "3600"})) as server,
        http_client(Endpoint(server.url)) as client,
        pytest.raises(UnavailableError, match=r"asks to wait until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(HTTP 503"),
    ):
        deliver(RUN, outbox, V2Route(client, Capabilities()))

    # The other run is not tried: the server said that it takes none.
    assert len(server.calls) == 1
    assert len(outbox.pending()) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_parks_nothing_and_names_its_variable(outbox: Outbox, status: int) -> None:
    body = json.dumps({"detail": "token hunter2 is expired"}).encode()
    with serving(lambda _call: (status, body)) as server, http_client(Endpoint(server.url, "hunter2")) as client:
        with pytest.raises(
            NotAdmittedError, match=rf"HTTP {status}: token … is expired; .*QALITA_AGENT_TOKEN"
        ) as caught:
            deliver(RUN, outbox, V2Route(client, Capabilities()))

    assert isinstance(caught.value, RejectedError)
    assert "hunter2" not in str(caught.value)
    assert (len(server.calls), len(outbox.pending()), outbox.parked()) == (1, 1, [])


def test_without_a_token_the_message_says_to_set_one(outbox: Outbox) -> None:
    with serving(lambda _call: (401, b"")) as server, http_client(Endpoint(server.url)) as client:
        with pytest.raises(NotAdmittedError, match=r"without a token .*set QALITA_AGENT_TOKEN"):
            deliver(RUN, outbox, V2Route(client, Capabilities()))


GARBAGE: list[Answer] = [
    (200, b""),
    (200, b"<html>"),
    (201, b"[" * 100_000),
    (200, b"not gzip", {"Content-Encoding": "gzip"}),
    (200, b"{}", {"Content-Length": "100"}),
    (302, b"", {"Location": "http://127.0.0.1:9/login"}),
    (500, b"[" * 100_000),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda one: f"{one[0]} {one[1][:8]!r}")
@pytest.mark.parametrize("is_known", [True, False], ids=["to the run", "to the question what it can do"])
def test_garbage_keeps_the_run(outbox: Outbox, garbage: Answer, *, is_known: bool) -> None:
    with serving(lambda _call: garbage) as server, http_client(Endpoint(server.url)) as client:
        client.timeout = httpx2.Timeout(0.5)
        with pytest.raises(KeptInOutboxError) as caught:
            deliver(RUN, outbox, V2Route(client, Capabilities() if is_known else None))

    assert "\n" not in str(caught.value)
    assert len(outbox.pending()) == 1


def test_a_server_that_never_answers_keeps_the_run(outbox: Outbox) -> None:
    def slow(_call: Call) -> Answer:
        time.sleep(0.5)
        return 201, b"{}"

    with serving(slow) as server, http_client(Endpoint(server.url)) as client:
        client.timeout = httpx2.Timeout(0.1)
        with pytest.raises(KeptInOutboxError, match="timed out"):
            deliver(RUN, outbox, V2Route(client, Capabilities()))

    assert len(outbox.pending()) == 1


def test_a_server_that_dribbles_its_answer_keeps_the_run(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(punctual, "LONGEST_EXCHANGE_SECONDS", 0.2)
    with (
        dribbling(b"HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n") as url,
        http_client(Endpoint(url)) as client,
        pytest.raises(KeptInOutboxError, match=r"could not be reached .*no whole answer"),
    ):
        deliver(RUN, outbox, V2Route(client, Capabilities()))

    assert len(outbox.pending()) == 1
