"""What a server can do is asked once; a large run goes in parts where it takes them."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from factories import report
from qalita_ingest.delivery import (
    Capabilities,
    Endpoint,
    NotAdmittedError,
    Outbox,
    V2Route,
    deliver,
    flush,
    http_client,
)
from qalita_ingest.errors import RejectedError
from qalita_ingest.sandbox import requests
from sandboxes import Sandbox
from servers import Answer, Call, like, saying, serving

STORES = ("sqlite", "postgresql")
CAPABILITIES = "/api/v2/ingest/capabilities"
RUN = report(2, {"a": "failed"})
EARLIER = report(1, {"a": "passed"})


@pytest.fixture(autouse=True)
def many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's parts are so small that each run needs several."""
    monkeypatch.setattr(requests, "LARGEST_PART_BYTES", 150)


def asked(calls: list[Call]) -> list[str]:
    """Method and path; of the paths of an upload what follows its key."""
    return [f"{call.method} {re.sub(r'^.*/uploads/[0-9a-f]{64}/', '', call.path)}" for call in calls]


def test_what_the_server_can_do_is_asked_once(
    sandbox: Sandbox, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "LARGEST_PART_BYTES", 10_000)
    outbox.keep(EARLIER)
    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
        deliver(RUN, outbox, V2Route(client))

    assert asked(server.calls) == [f"GET {CAPABILITIES}", *["POST /api/v2/ingest/runs"] * 2]


def test_a_large_run_goes_in_parts(sandbox: Sandbox, outbox: Outbox) -> None:
    content = outbox.keep(RUN).content
    count = -(-len(content) // 150)
    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
        delivery = deliver(RUN, outbox, V2Route(client))

    assert (delivery.answer.outcome, delivery.answer.new_results) == ("accepted", 1)
    numbers = range(1, count + 1)
    assert asked(server.calls[1:]) == [*(f"PUT parts/{number}" for number in numbers), "POST complete"]
    assert b"".join(call.body for call in server.calls[1:-1]) == content
    assert json.loads(server.calls[-1].body) == {"parts": count, "sha256": hashlib.sha256(content).hexdigest()}
    assert outbox.pending() == []


def test_a_run_as_large_as_a_part_goes_whole(sandbox: Sandbox, outbox: Outbox) -> None:
    size = len(outbox.keep(RUN).content)
    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
        deliver(RUN, outbox, V2Route(client, Capabilities(largest_part_bytes=size)))

    assert asked(server.calls) == ["POST /api/v2/ingest/runs"]


def test_a_server_without_parts_gets_none(sandbox: Sandbox, outbox: Outbox) -> None:
    real = like(sandbox.client)

    def older(call: Call) -> Answer:
        return (200, b'{"contract_versions": [1]}') if call.path == CAPABILITIES else real(call)

    with serving(older) as server, http_client(Endpoint(server.url)) as client:
        deliver(RUN, outbox, V2Route(client))

    assert asked(server.calls) == [f"GET {CAPABILITIES}", "POST /api/v2/ingest/runs"]


def test_parts_that_got_lost_are_sent_again_once(sandbox: Sandbox, outbox: Outbox) -> None:
    real, lost = like(sandbox.client), ["parts/2", "parts/1"]

    def losing(call: Call) -> Answer:
        if lost and call.path.endswith(lost[-1]):
            lost.pop()
            return 204, b""
        return real(call)

    with serving(losing) as server, http_client(Endpoint(server.url)) as client:
        assert deliver(RUN, outbox, V2Route(client)).answer.outcome == "accepted"

    again = asked(server.calls)[asked(server.calls).index("POST complete") :]
    assert again == ["POST complete", "PUT parts/1", "PUT parts/2", "POST complete"]


def test_parts_that_arrived_changed_are_all_sent_again_once(sandbox: Sandbox, outbox: Outbox) -> None:
    real, left = like(sandbox.client), [b"changed on its way"]

    def changing(call: Call) -> Answer:
        if left and call.path.endswith("parts/1"):
            call.body = left.pop()
        return real(call)

    with serving(changing) as server, http_client(Endpoint(server.url)) as client:
        assert deliver(RUN, outbox, V2Route(client)).answer.outcome == "accepted"

    assert asked(server.calls).count("PUT parts/1") == 2


def test_parts_that_keep_getting_lost_park_the_run(sandbox: Sandbox, outbox: Outbox) -> None:
    real = like(sandbox.client)
    with (
        serving(lambda call: (204, b"") if call.path.endswith("parts/1") else real(call)) as server,
        http_client(Endpoint(server.url)) as client,
        pytest.raises(RejectedError, match=r"HTTP 409: 1 of .* did not arrive"),
    ):
        deliver(RUN, outbox, V2Route(client))

    assert asked(server.calls).count("POST complete") == 2
    assert len(outbox.parked()) == 1


def test_a_part_that_is_refused_parks_the_run(sandbox: Sandbox, outbox: Outbox) -> None:
    real = like(sandbox.client)
    with (
        serving(lambda call: (413, b"{}") if call.path.endswith("parts/2") else real(call)) as server,
        http_client(Endpoint(server.url)) as client,
        pytest.raises(RejectedError, match="HTTP 413"),
    ):
        deliver(RUN, outbox, V2Route(client))

    assert asked(server.calls)[-1] == "PUT parts/2"


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_platform_without_v2_ingestion_is_named_and_parks_the_run(outbox: Outbox, status: int) -> None:
    with serving(saying(status)) as server, http_client(Endpoint(server.url)) as client:
        with pytest.raises(RejectedError, match=rf"has no v2 ingestion \(HTTP {status}.*use --via upload"):
            deliver(RUN, outbox, V2Route(client))

    assert asked(server.calls) == [f"GET {CAPABILITIES}"]
    assert (outbox.pending(), len(outbox.parked())) == ([], 1)


@pytest.mark.parametrize("status", [400, 410, 422])
def test_a_server_that_does_not_say_what_it_can_do_parks_the_run(outbox: Outbox, status: int) -> None:
    with serving(saying(status)) as server, http_client(Endpoint(server.url)) as client:
        with pytest.raises(RejectedError, match=rf"does not say what it can do \(HTTP {status}"):
            deliver(RUN, outbox, V2Route(client))

    assert (outbox.pending(), len(outbox.parked())) == ([], 1)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_parks_nothing(outbox: Outbox, status: int) -> None:
    with serving(saying(status)) as server, http_client(Endpoint(server.url, "t")) as client:
        with pytest.raises(NotAdmittedError, match="renew QALITA_AGENT_TOKEN"):
            deliver(RUN, outbox, V2Route(client))

    assert (len(outbox.pending()), outbox.parked()) == (1, [])


def test_flushing_ends_when_nobody_is_there(outbox: Outbox) -> None:
    outbox.keep(EARLIER)
    outbox.keep(RUN)
    with http_client(Endpoint("http://127.0.0.1:9")) as client:
        flushed = list(flush(outbox, V2Route(client)))

    assert len(flushed) == 1
    assert len(outbox.pending()) == 2


def test_a_damaged_file_is_parked_and_holds_up_nothing(sandbox: Sandbox, outbox: Outbox) -> None:
    damaged = outbox.keep(EARLIER)
    damaged.path.write_bytes(damaged.content[:-9])
    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
        delivery = deliver(RUN, outbox, V2Route(client))

    assert delivery.answer.outcome == "accepted"
    assert "is damaged" in delivery.left[0]
    (parked,) = outbox.parked()
    assert parked.read_bytes() == damaged.content[:-9]
