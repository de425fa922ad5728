"""Runs into a platform without v2 ingestion: at least once, and once where nothing goes wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from factories import report
from platform_server import Fault, Platform
from qalita_ingest.delivery import Endpoint, Outbox, http_client
from qalita_ingest.delivery.platform_files import platform_files
from qalita_ingest.delivery.upload_route import upload_route
from qalita_ingest.errors import KeptInOutboxError, SettingsError
from servers import serving
from upload_routes import CALLS, NOW, RUN, kinds, route_to

if TYPE_CHECKING:
    from pathlib import Path

    from qalita_ingest.delivery import Entry


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
