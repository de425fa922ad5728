"""The upload way where a call fails, is refused, or gets an answer that is none."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from factories import report
from platform_server import Fault, Platform
from qalita_ingest.delivery import Endpoint, NotAdmittedError, Outbox, deliver, http_client, reason_of
from qalita_ingest.delivery.upload_route import UploadRoute
from qalita_ingest.errors import KeptInOutboxError, QalitaIngestError, RejectedError
from servers import saying, serving
from upload_routes import EACH_CALL, RUN, kinds, route_to

if TYPE_CHECKING:
    from pathlib import Path

    from qalita_ingest.delivery import Entry


def test_a_job_that_cannot_be_begun_again_is_said_with_its_number(platform: Platform, entry: Entry) -> None:
    platform.jobs = [{"id": 9, "name": f"qalita-ingest-{entry.key[:16]}", "status": "failed", "source": {"id": 7}}]
    platform.faults = [Fault("PUT", "/api/v2/jobs/9", status=409)]

    with route_to(platform) as route, pytest.raises(RejectedError, match=r"would not begin job 9 .*HTTP 409"):
        route.send(entry)

    assert platform.uploads == []


@pytest.mark.parametrize("is_done_nevertheless", [False, True])
@pytest.mark.parametrize("call", EACH_CALL)
def test_after_a_failure_at_any_call_the_next_try_delivers(
    platform: Platform, entry: Entry, call: str, *, is_done_nevertheless: bool
) -> None:
    platform.faults = [Fault(*call.split(), status=500, after=is_done_nevertheless)]
    with route_to(platform) as route, pytest.raises(KeptInOutboxError):
        route.send(entry)

    platform.faults = []
    with route_to(platform) as route:
        route.send(entry)
        uploads = len(platform.uploads)
        assert route.send(entry).outcome == "already_delivered"

    assert [job["status"] for job in platform.jobs].count("succeeded") == 1
    assert set(kinds(platform)) == {"recommendations", "schemas", "metrics"}
    assert len(platform.uploads) == uploads


@pytest.mark.parametrize("call", EACH_CALL)
def test_a_passing_trouble_at_any_call_doubles_nothing(platform: Platform, entry: Entry, call: str) -> None:
    platform.faults = [Fault(*call.split(), status=503, times=1)]

    with route_to(platform) as route:
        answer = route.send(entry)

    assert (answer.outcome, len(platform.jobs), len(platform.workers)) == ("accepted", 1, 1)
    assert kinds(platform) == ["recommendations", "schemas", "metrics"]


def test_documents_that_are_refused_fail_the_job_and_reject_the_run(platform: Platform, entry: Entry) -> None:
    platform.faults = [Fault("POST", "/api/v1/schemas/upload", status=413)]

    with (
        route_to(platform) as route,
        pytest.raises(RejectedError, match=r"rejected schemas\.json with HTTP 413") as caught,
    ):
        route.send(entry)

    assert not isinstance(caught.value, NotAdmittedError)
    assert (platform.jobs[0]["status"], kinds(platform)) == ("failed", ["recommendations"])


def test_a_job_that_cannot_be_ended_is_said_with_its_number(platform: Platform, entry: Entry) -> None:
    platform.faults = [Fault("PUT", "/api/v2/jobs/1", status=422)]

    with route_to(platform) as route, pytest.raises(RejectedError, match="would not end job 1"):
        route.send(entry)


@pytest.mark.parametrize(
    ("source_id", "pack_id", "message"),
    [
        ("8", "3", "QALITA knows no source 8; check QALITA_SOURCE_ID"),
        ("7", "4", "knows no pack 4; check QALITA_PACK_ID"),
    ],
)
def test_a_wrong_id_is_said(platform: Platform, entry: Entry, source_id: str, pack_id: str, message: str) -> None:
    with route_to(platform, source_id, pack_id) as route, pytest.raises(RejectedError, match=message):
        route.send(entry)

    assert platform.jobs == []


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("call", EACH_CALL)
def test_a_refusal_of_any_call_parks_the_run_with_the_reason(
    platform: Platform, tmp_path: Path, call: str, status: int
) -> None:
    outbox = Outbox(tmp_path / "outbox")
    platform.faults = [Fault(*call.split(), status=status)]

    with route_to(platform) as route, pytest.raises(RejectedError, match="qalita ingest flush --parked") as caught:
        deliver(RUN, outbox, route)

    (parked,) = outbox.parked()
    assert outbox.pending() == []
    assert str(caught.value).startswith(f"{reason_of(parked)}; the run is in {parked}")


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("call", EACH_CALL)
def test_a_refused_token_at_any_call_parks_nothing(platform: Platform, tmp_path: Path, call: str, status: int) -> None:
    outbox = Outbox(tmp_path / "outbox")
    platform.faults = [Fault(*call.split(), status=status)]

    with route_to(platform) as route, pytest.raises(NotAdmittedError, match="renew QALITA_AGENT_TOKEN"):
        deliver(RUN, outbox, route)

    assert (len(outbox.pending()), outbox.parked()) == (1, [])


def test_a_server_without_upload_endpoints_is_not_asked_for_the_same_run_again(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    with serving(saying(404)) as server, http_client(Endpoint(server.url)) as client:
        for run in (RUN, report(2, {"a": "passed"})):
            with pytest.raises(RejectedError, match="HTTP 404"):
                deliver(run, outbox, UploadRoute(client, "7", "3"))

    assert len(server.calls) == 2
    assert (outbox.pending(), len(outbox.parked())) == ([], 2)


@pytest.mark.parametrize("body", [b"<html>", b'{"items": []}', b"[1]", b'[{"name": "no id"}]', b"[" * 100_000])
def test_an_answer_that_is_no_list_of_jobs_keeps_the_run(entry: Entry, body: bytes) -> None:
    with (
        serving(lambda _: (200, body)) as server,
        http_client(Endpoint(server.url)) as client,
        pytest.raises(KeptInOutboxError, match="/api/v2/jobs is not QALITA's; is the endpoint right"),
    ):
        UploadRoute(client, "7", "3").send(entry)


def test_a_damaged_entry_is_rejected_before_anything_is_asked(platform: Platform, entry: Entry) -> None:
    entry = type(entry)(entry.path, entry.content[:50])

    with route_to(platform) as route, pytest.raises(RejectedError, match="is damaged"):
        route.send(entry)

    assert platform.asked == []


def test_an_entry_nested_without_end_is_damaged(platform: Platform, entry: Entry) -> None:
    nested = gzip.compress(b'{"unknown": ' + b"[" * 100_000)

    with route_to(platform) as route, pytest.raises(RejectedError, match="is damaged"):
        route.send(type(entry)(entry.path, nested))


def test_no_message_holds_the_token(entry: Entry) -> None:
    with (
        serving(lambda call: (400, json.dumps({"detail": call.headers["authorization"]}).encode())) as server,
        http_client(Endpoint(server.url, "planted-secret")) as client,
        pytest.raises(QalitaIngestError) as caught,
    ):
        UploadRoute(client, "7", "3").send(entry)

    assert "planted-secret" not in str(caught.value)
