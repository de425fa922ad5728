"""Kept first, sent then, removed on a 2xx only; over real sockets on loopback."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import httpx2
import pytest

from factories import report
from qalita_ingest.contract import IngestAnswer, decode_report, idempotency_key
from qalita_ingest.delivery import Capabilities, Endpoint, Entry, Outbox, V2Route, deliver, flush, http_client
from qalita_ingest.errors import KeptInOutboxError, RejectedError, StoreError
from sandboxes import Sandbox
from servers import Call, like, saying, serving

if TYPE_CHECKING:
    from pathlib import Path

SQLITE_ONLY = "about what is sent and what waits; what a server keeps of it is test_v2_route's"
RUN = report(2, {"a": "failed"})
EARLIER = report(1, {"a": "passed"})


def in_one_piece(client: httpx2.Client) -> V2Route:
    """To a server of which it is known that it takes no parts."""
    return V2Route(client, Capabilities())


def names(folder: Path, kind: str) -> list[str]:
    return sorted(path.name for path in (folder / "outbox" / kind).glob("*"))


def test_a_run_reaches_a_server_and_leaves_the_outbox(sandbox: Sandbox, outbox: Outbox, tmp_path: Path) -> None:
    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url, "hunter2")) as client:
        delivery = deliver(RUN, outbox, in_one_piece(client))

    assert (delivery.answer.outcome, delivery.answer.new_results) == ("accepted", 1)
    assert names(tmp_path, "pending") == []
    (call,) = server.calls
    assert call.headers["idempotency-key"] == idempotency_key(RUN)
    assert call.headers["authorization"] == "Bearer hunter2"
    assert decode_report(gzip.decompress(call.body)) == RUN


def test_a_repeated_delivery_is_told_apart(sandbox: Sandbox, outbox: Outbox) -> None:
    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
        first, second = deliver(RUN, outbox, in_one_piece(client)), deliver(RUN, outbox, in_one_piece(client))

    assert (first.answer.outcome, second.answer.outcome) == ("accepted", "already_delivered")
    assert second.answer.delivered_at == first.answer.delivered_at


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408, 425])
def test_a_passing_trouble_is_tried_again(sandbox: Sandbox, outbox: Outbox, status: int) -> None:
    answers = saying(status, status, then=like(sandbox.client))
    with serving(answers) as server, http_client(Endpoint(server.url)) as client:
        assert deliver(RUN, outbox, in_one_piece(client)).answer.new_results == 1

    assert len(server.calls) == 3


def test_a_lasting_trouble_keeps_the_run(outbox: Outbox, tmp_path: Path) -> None:
    with serving(saying(503)) as server, http_client(Endpoint(server.url)) as client:
        with pytest.raises(KeptInOutboxError, match=r"HTTP 503: as the test wants.*kept.*pending"):
            deliver(RUN, outbox, in_one_piece(client))

    assert len(server.calls) == 3
    assert len(names(tmp_path, "pending")) == 1


def test_nobody_listening_keeps_the_run_and_the_next_ingest_delivers_both(
    sandbox: Sandbox, outbox: Outbox, tmp_path: Path
) -> None:
    with http_client(Endpoint("http://127.0.0.1:9")) as client, pytest.raises(KeptInOutboxError):
        deliver(EARLIER, outbox, in_one_piece(client))

    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
        delivery = deliver(RUN, outbox, in_one_piece(client))

    assert (delivery.flushed, delivery.answer.new_results) == (1, 1)
    assert [decode_report(gzip.decompress(call.body)).context.run_id for call in server.calls] == [
        "invocation-01",
        "invocation-02",
    ]
    assert names(tmp_path, "pending") == []
    assert len(sandbox.client.get("/api/v2/runs").json()["items"]) == 2


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_a_refused_run_is_parked_with_the_reason(outbox: Outbox, tmp_path: Path, status: int) -> None:
    with serving(saying(status)) as server, http_client(Endpoint(server.url)) as client:
        with pytest.raises(RejectedError, match=f"HTTP {status}: as the test wants"):
            deliver(RUN, outbox, in_one_piece(client))

    assert len(server.calls) == 1
    assert names(tmp_path, "pending") == []
    parked = names(tmp_path, "parked")
    assert len(parked) == 2
    reason = (tmp_path / "outbox" / "parked" / parked[1]).read_text()
    assert reason == f"QALITA rejected the run with HTTP {status}: as the test wants\n"


def test_an_earlier_run_that_is_refused_does_not_hold_up_this_one(
    sandbox: Sandbox, outbox: Outbox, tmp_path: Path
) -> None:
    outbox.keep(EARLIER)
    with serving(saying(422, then=like(sandbox.client))) as server, http_client(Endpoint(server.url)) as client:
        delivery = deliver(RUN, outbox, in_one_piece(client))

    assert (delivery.flushed, len(delivery.left), delivery.answer.new_results) == (0, 1, 1)
    assert len(names(tmp_path, "parked")) == 2


def test_an_answer_that_is_not_qalitas_keeps_the_run(outbox: Outbox, tmp_path: Path) -> None:
    with (
        serving(lambda _call: (200, b"<html>a login page</html>")) as server,
        http_client(Endpoint(server.url)) as client,
        pytest.raises(KeptInOutboxError, match="not QALITA's"),
    ):
        deliver(RUN, outbox, in_one_piece(client))

    assert len(names(tmp_path, "pending")) == 1


def test_the_same_run_kept_twice_is_one_file_with_the_same_bytes(outbox: Outbox, tmp_path: Path) -> None:
    first, second = outbox.keep(RUN), outbox.keep(RUN)

    assert first == second
    assert names(tmp_path, "pending") == [first.path.name]


def test_two_runs_that_claim_to_be_one_are_both_kept(outbox: Outbox, tmp_path: Path) -> None:
    outbox.keep(RUN)
    outbox.keep(report(2, {"a": "passed"}))

    assert len(names(tmp_path, "pending")) == 2


def test_a_run_that_another_process_delivers_meanwhile_is_passed_over(sandbox: Sandbox, outbox: Outbox) -> None:
    entry, later = outbox.keep(EARLIER), outbox.keep(RUN)

    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
        sending = flush(outbox, in_one_piece(client))
        first = next(sending)
        later.path.unlink()
        rest = list(sending)

    assert (first.path, first.error, rest) == (entry.path, None, [])
    outbox.delivered(entry.path)


def test_a_run_that_another_process_delivered_first_gets_the_first_answer(sandbox: Sandbox, outbox: Outbox) -> None:
    with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
        route = in_one_piece(client)

        class Overtaken:
            def send(self, entry: Entry) -> IngestAnswer:
                first.append(route.send(entry))
                entry.path.unlink()
                return route.send(entry)

        first: list[IngestAnswer] = []
        mine = deliver(RUN, outbox, Overtaken())

    assert first[0].opened
    assert mine.answer.opened == first[0].opened


def test_an_outbox_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")

    with pytest.raises(StoreError, match=r"the outbox can't be written: .*QALITA_STORE"):
        Outbox(tmp_path / "outbox").keep(RUN)


def test_a_full_disk_leaves_nothing_half_written(
    outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StoreError, match="No space left on device"):
        outbox.keep(RUN)

    assert names(tmp_path, "pending") == []


def test_the_token_is_in_no_file(sandbox: Sandbox, outbox: Outbox, tmp_path: Path) -> None:
    with serving(saying(503)) as server, http_client(Endpoint(server.url, "hunter2")) as client:
        with pytest.raises(KeptInOutboxError) as caught:
            deliver(RUN, outbox, in_one_piece(client))

    kept = [gzip.decompress(path.read_bytes()) for path in (tmp_path / "outbox").rglob("*.json.gz")]
    assert kept
    assert not any(b"hunter2" in content for content in kept)
    assert "hunter2" not in str(caught.value)
    assert isinstance(client, httpx2.Client)


def test_an_earlier_run_that_the_server_fails_on_does_not_hold_up_this_one(
    sandbox: Sandbox, outbox: Outbox, tmp_path: Path
) -> None:
    outbox.keep(EARLIER)
    real = like(sandbox.client)

    def failing_on_earlier(call: Call) -> tuple[int, bytes]:
        return (500, b"{}") if call.headers["idempotency-key"] == idempotency_key(EARLIER) else real(call)

    with serving(failing_on_earlier) as server, http_client(Endpoint(server.url)) as client:
        delivery = deliver(RUN, outbox, in_one_piece(client))

    assert (delivery.answer.new_results, len(delivery.left)) == (1, 1)
    assert len(names(tmp_path, "pending")) == 1


def test_a_server_that_is_elsewhere_parks_nothing(outbox: Outbox, tmp_path: Path) -> None:
    with serving(saying(301)) as server, http_client(Endpoint(server.url)) as client:
        with pytest.raises(KeptInOutboxError, match="is the endpoint right"):
            deliver(RUN, outbox, in_one_piece(client))

    assert names(tmp_path, "parked") == []


def test_what_a_killed_process_left_is_removed_an_hour_later(outbox: Outbox, tmp_path: Path) -> None:
    folder = outbox.keep(EARLIER).path.parent
    old, young = folder / ".old.part", folder / ".young.part"
    old.touch()
    young.touch()
    os.utime(old, (0, 0))

    outbox.keep(RUN)

    assert (old.exists(), young.exists()) == (False, True)
