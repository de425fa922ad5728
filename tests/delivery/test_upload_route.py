"""Runs into a platform without v2 ingestion: at least once, and once where nothing goes wrong."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from factories import report
from platform_server import Fault, Platform
from qalita_ingest.delivery import Endpoint, NotAdmittedError, Outbox, deliver, http_client, reason_of
from qalita_ingest.delivery.platform_files import platform_files
from qalita_ingest.delivery.upload_route import UploadRoute, upload_route
from qalita_ingest.errors import KeptInOutboxError, QalitaIngestError, RejectedError, SettingsError
from sandboxes import Sandbox, open_sandbox
from servers import like, saying, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qalita_ingest.delivery import Entry

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RUN = report(1, {"a": "passed", "b": "failed"})
# Every request of a first delivery, in its order.
CALLS = [
    "GET /api/v2/jobs",
    "GET /api/v2/sources/7",
    "GET /api/v2/packs/3",
    "GET /api/v2/workers",
    "POST /api/v2/workers/create",
    "GET /api/v2/workers",
    "POST /api/v2/jobs/create",
    "POST /api/v1/recommendations/upload",
    "POST /api/v1/schemas/upload",
    "POST /api/v1/metrics/upload",
    "PUT /api/v2/jobs/1",
]
EACH_CALL = sorted(set(CALLS))


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    return Outbox(tmp_path / "outbox").keep(RUN)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@contextmanager
def route_to(platform: Platform, source_id: str = "7", pack_id: str = "3") -> Iterator[UploadRoute]:
    with serving(platform) as server, http_client(Endpoint(server.url, "t")) as client:
        yield UploadRoute(client, source_id, pack_id, clock=lambda: NOW)


def register_source_and_pack(sandbox: Sandbox) -> None:
    """Number 1 of each; the pack with a version."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("p_pack/run.sh"))
    file = {"file": ("p.tar.gz", packed.getvalue())}
    asset = {"registry_id": 1, "name": "p", "version": "1.0.0", "bucket": "packs", "type": "pack"}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/v1/sources/publish", {"json": {"name": "s", "type": "folder", "visibility": "private"}}),
        ("POST", "/api/v1/packs/publish", {"json": {"name": "p", "type": "validity"}}),
        ("POST", "/api/v1/assets/upload", {"params": asset, "files": file}),
        ("PUT", "/api/v1/packs/1/version", {"params": {"sem_ver_id": "1.0.0", "asset_id": 1}}),
    ]
    for method, path, request in calls:
        response = sandbox.client.request(method, path, **request)
        assert response.is_success, response.text


def kinds(platform: Platform) -> list[str]:
    return [upload.kind for upload in platform.uploads]


def test_a_run_is_a_job_three_documents_and_the_end_of_the_job(platform: Platform, entry: Entry) -> None:
    with route_to(platform) as route:
        answer = route.send(entry)

    assert platform.asked == CALLS
    assert (answer.outcome, answer.run, answer.delivered_at) == ("accepted", 1, NOW)
    assert (answer.new_results, answer.scores[0].value) == (2, 0.5)


def test_the_job_bears_the_name_of_the_run_and_succeeds(platform: Platform, entry: Entry) -> None:
    with route_to(platform) as route:
        route.send(entry)

    assert platform.jobs == [
        {
            "id": 1,
            "name": f"qalita-ingest-{entry.key[:16]}",
            "worker_id": 1,
            "source": {"id": 7},
            "pack": {"id": 3},
            "pack_version_id": 33,
            "start_date": "2026-01-02 03:04:05",
            "end_date": "2026-01-02 03:04:05",
            "status": "succeeded",
        }
    ]


def test_the_documents_are_those_of_a_pack(platform: Platform, entry: Entry) -> None:
    with route_to(platform) as route:
        route.send(entry)

    for upload, (name, content) in zip(platform.uploads, platform_files(RUN).as_json().items(), strict=True):
        assert (upload.filename, upload.document) == (name, json.loads(content))
        assert upload.query == {"source_id": "7", "pack_id": "3", "pack_version_id": "33"}


def test_a_platform_with_agents_is_told_the_agent_and_the_version_of_the_source(entry: Entry) -> None:
    platform = Platform("agents")

    with route_to(platform) as route:
        route.send(entry)

    job = platform.jobs[0]
    assert (job["agent_id"], job["source_version_id"], job["status"]) == (1, 71, "succeeded")
    assert {upload.query["source_version_id"] for upload in platform.uploads} == {"71"}


def test_a_worker_of_our_name_is_used_again(platform: Platform, entry: Entry) -> None:
    platform.workers = [{"id": 1, "name": "somebody"}, {"id": 5, "name": "qalita-ingest"}]

    with route_to(platform) as route:
        route.send(entry)

    assert (len(platform.workers), platform.jobs[0]["worker_id"]) == (2, 5)


def test_a_second_run_asks_neither_for_source_nor_pack_nor_worker(platform: Platform, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "two")
    entries = [outbox.keep(report(hour, {"a": "passed"})) for hour in (1, 2)]

    with route_to(platform) as route:
        for one in entries:
            route.send(one)

    assert platform.asked[len(CALLS) :] == [CALLS[0], *CALLS[6:10], "PUT /api/v2/jobs/2"]


def test_a_run_that_was_delivered_is_not_sent_again(platform: Platform, entry: Entry) -> None:
    with route_to(platform) as route:
        route.send(entry)
        again = route.send(entry)

    assert (again.outcome, again.run, again.delivered_at) == ("already_delivered", 1, NOW)
    assert (again.new_results, again.known_results) == (0, 2)
    assert (len(platform.jobs), len(platform.uploads)) == (1, 3)


def test_the_same_run_on_another_source_is_another_delivery(platform: Platform, entry: Entry) -> None:
    with route_to(platform) as route:
        route.send(entry)
    platform.jobs[0]["source"] = {"id": 8}

    with route_to(platform) as route:
        assert route.send(entry).outcome == "accepted"
    assert len(platform.jobs) == 2


@pytest.mark.parametrize("status", ["running", "failed", "pending"])
def test_a_job_that_did_not_succeed_is_taken_up_again(platform: Platform, entry: Entry, status: str) -> None:
    platform.jobs = [{"id": 9, "name": f"qalita-ingest-{entry.key[:16]}", "status": status, "source": {"id": 7}}]

    with route_to(platform) as route:
        answer = route.send(entry)

    assert (answer.outcome, answer.run, len(platform.jobs)) == ("accepted", 9, 1)
    assert (platform.jobs[0]["status"], kinds(platform)) == ("succeeded", ["recommendations", "schemas", "metrics"])


def test_a_job_that_is_taken_up_again_runs_while_its_documents_arrive(platform: Platform, entry: Entry) -> None:
    platform.jobs = [{"id": 9, "name": f"qalita-ingest-{entry.key[:16]}", "status": "failed", "source": {"id": 7}}]
    platform.faults = [Fault("POST", "/api/v1/recommendations/upload", status=500)]

    with route_to(platform) as route, pytest.raises(KeptInOutboxError):
        route.send(entry)

    assert (platform.jobs[0]["status"], platform.jobs[0]["worker_id"]) == ("running", 1)


def test_a_job_that_cannot_be_begun_again_is_said_with_its_number(platform: Platform, entry: Entry) -> None:
    platform.jobs = [{"id": 9, "name": f"qalita-ingest-{entry.key[:16]}", "status": "failed", "source": {"id": 7}}]
    platform.faults = [Fault("PUT", "/api/v2/jobs/9", status=409)]

    with route_to(platform) as route, pytest.raises(RejectedError, match=r"would not begin job 9 .*HTTP 409"):
        route.send(entry)

    assert platform.uploads == []


def test_documents_of_a_job_that_failed_before_are_tied_to_it(tmp_path: Path, entry: Entry) -> None:
    job = {"name": f"qalita-ingest-{entry.key[:16]}", "status": "failed", "source_id": 1, "pack_id": 1}
    with open_sandbox(tmp_path / "server") as sandbox:
        register_source_and_pack(sandbox)
        sandbox.client.post("/api/v2/jobs/create", json=job).raise_for_status()
        with serving(like(sandbox.client)) as server, http_client(Endpoint(server.url)) as client:
            UploadRoute(client, "1", "1").send(entry)
        told = sandbox.client.get("/api/v2/jobs/1").json()

    assert told["status"] == "succeeded"
    assert sorted(one["kind"] for one in told["documents"]) == ["metrics", "recommendations", "schemas"]


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


def test_the_ids_and_the_workers_name_come_from_the_environment(platform: Platform, entry: Entry) -> None:
    environ = {"QALITA_SOURCE_ID": "7", "QALITA_PACK_ID": "3", "QALITA_WORKER_NAME": "nightly"}

    with serving(platform) as server, http_client(Endpoint(server.url, "t")) as client:
        upload_route(client, environ).send(entry)

    assert (platform.jobs[0]["source"], platform.workers[0]["name"]) == ({"id": 7}, "nightly")


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({}, "QALITA_SOURCE_ID and QALITA_PACK_ID"),
        ({"QALITA_SOURCE_ID": "7", "QALITA_PACK_ID": " "}, "QALITA_PACK_ID"),
    ],
)
def test_a_missing_id_is_named(environ: dict[str, str], missing: str) -> None:
    with (
        http_client(Endpoint("http://127.0.0.1:9")) as client,
        pytest.raises(SettingsError, match=f"--via upload: set {missing}: "),
    ):
        upload_route(client, environ)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-01-05T06:07:08+02:00", datetime(2026, 1, 5, 4, 7, 8, tzinfo=UTC)),
        ("soon", RUN.context.finished_at),
        (None, RUN.context.finished_at),
    ],
)
def test_the_time_of_an_earlier_delivery_is_the_end_of_its_job(
    platform: Platform, entry: Entry, said: str | None, expected: datetime
) -> None:
    name, status = f"qalita-ingest-{entry.key[:16]}", "succeeded"
    platform.jobs = [{"id": "a-uuid", "name": name, "status": status, "end_date": said}]

    with route_to(platform) as route:
        answer = route.send(entry)

    assert (answer.delivered_at, answer.run) == (expected, 0)
