"""Jobs of the real clients, against the real server: run by hand, and picked up by a worker."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from qalita_ingest.sandbox.database.model import Recommendation, Schema, Upload, UploadedMetric
from vendor_clients import wait_for, write_probe

if TYPE_CHECKING:
    from pathlib import Path

    from clients.conftest import Server
    from example_copies import ExampleCopy
    from vendor_clients import Client

pytestmark = pytest.mark.slow
STORES = ("sqlite", "postgresql")


@pytest.fixture
def probe(client: Client, server: Server, tmp_path: Path) -> int:
    """A pack that leaves one of everything behind, pushed once for each release; the number the server gave it."""
    client.run("source", "push")
    name = f"probe_{client.release.word}"
    if not server.named("packs", name):
        client.run("pack", "push", "-n", name, folder=write_probe(tmp_path, name))
    (pack,) = server.named("packs", name)
    return int(pack["id"])


def last_job(server: Server, client: Client) -> dict[str, Any]:
    """With what it brought."""
    (worker,) = server.named("workers", client.name)
    jobs = [job for job in server.get("/api/v2/jobs") if job["worker_id"] == worker["id"]]
    found: dict[str, Any] = server.get(f"/api/v2/jobs/{jobs[-1]['id']}")
    return found


def documents(server: Server, job: dict[str, Any]) -> dict[str, Any]:
    """Kind → document, from the store."""
    return {row["kind"]: json.loads(row["content"]) for row in server.rows(Upload, Upload.job_id == job["id"])}


def rows_of(server: Server, model: Any, job: dict[str, Any]) -> list[dict[str, Any]]:
    uploads = [one["id"] for one in job["documents"]]
    return server.rows(model, model.upload_id.in_(uploads))


def test_the_example_pack_runs_on_the_open_data_as_source_1_and_pack_1(
    client: Client, server: Server, wheels: dict[str, str], built: ExampleCopy
) -> None:
    client.variables = wheels
    client.set_source(config={"path": str(built.folder)})
    client.run("source", "push")

    said = client.work("run", "-s", "1", "-p", "1")

    job = last_job(server, client)
    found = documents(server, job)
    assert (job["status"], job["source_id"], job["pack_id"], job["pack_version"]["sem_ver_id"]) == (
        "succeeded",
        1,
        1,
        "1.0.0",
    ), said
    assert set(found) == {"metrics", "recommendations", "schemas"}
    assert {one["perimeter"] for one in rows_of(server, UploadedMetric, job)} >= {"project", "dataset"}
    assert len(rows_of(server, UploadedMetric, job)) == len(found["metrics"])
    assert len(rows_of(server, Recommendation, job)) == len(found["recommendations"]) > 0
    assert len(rows_of(server, Schema, job)) == len(found["schemas"]) > 0


def test_what_a_pack_found_is_in_the_store_with_its_job(client: Client, server: Server, probe: int) -> None:
    client.work("run", "-s", "1", "-p", str(probe))

    job = last_job(server, client)
    score, rows = rows_of(server, UploadedMetric, job)
    (finding,) = rows_of(server, Recommendation, job)
    (schema,) = rows_of(server, Schema, job)
    assert job["status"] == "succeeded"
    assert (score["key"], score["value"], score["number"], score["scope_value"]) == ("score", "0.75", 0.75, "air")
    assert (rows["value"], rows["number"]) == ("12", 12)
    assert (finding["content"], finding["level"]) == ("3 values are missing", "warning")
    assert (schema["key"], schema["value"]) == ("dataset", "air")


def test_a_jobs_log_is_tied_to_it(client: Client, server: Server, probe: int) -> None:
    client.work("run", "-s", "1", "-p", str(probe))

    job = last_job(server, client)
    assert server.get(f"/api/v2/assets/{job['logs_id']}")["job_id"] == job["id"]
    assert b"the probe has run" in server.content(job["logs_id"])


def test_figures_and_outputs_come_from_the_clients_that_send_them(client: Client, server: Server, probe: int) -> None:
    client.work("run", "-s", "1", "-p", str(probe))

    job = last_job(server, client)
    pages = [(one["name"], server.content(one["id"])) for one in job["outputs"]]
    if client.release.version == "3.2.1":
        assert documents(server, job)["figures"] == [{"key": "bars", "title": "Values by month"}]
        assert pages == [("page.html", b"<p>three values are missing</p>\n")]
        shown = [one for one in server.get(f"/jobs/{job['id']}.json")["uploads"] if one["kind"] == "figure"]
        assert [(one["label"], one["content"]) for one in shown] == [("bars", "Values by month")]
    else:
        assert "figures" not in documents(server, job)
        assert pages == []


def test_a_pack_that_fails_is_a_failed_job(client: Client, server: Server, tmp_path: Path) -> None:
    client.run("source", "push")
    name = f"failing_{client.release.word}"
    folder = write_probe(tmp_path, name)
    (folder / f"{name}_pack" / "run.sh").write_text("#!/bin/sh\necho 'error: nothing to read' >&2\nexit 3\n")
    client.run("pack", "push", "-n", name, folder=folder)
    (pack,) = server.named("packs", name)

    client.work("run", "-s", "1", "-p", str(pack["id"]))

    assert last_job(server, client)["status"] == "failed"


def test_a_pack_that_the_server_does_not_have_makes_no_job(client: Client, server: Server) -> None:
    client.run("source", "push")
    before = server.get("/api/v2/jobs")

    client.work("run", "-s", "1", "-p", "999")

    assert server.get("/api/v2/jobs") == before


def test_the_list_of_jobs_shows_how_each_ended(client: Client, server: Server, probe: int) -> None:
    client.work("run", "-s", "1", "-p", str(probe))

    job = last_job(server, client)
    (line,) = [line for line in client.work("joblist").splitlines() if job["name"] in line]
    assert line.split()[:3] == [str(job["id"]), job["name"], "succeeded"]
    assert "1.0.0" in line.split()


@pytest.mark.parametrize("is_assigned", [True, False], ids=["assigned to it", "free"])
def test_a_worker_picks_up_a_pending_job_and_goes_offline_when_stopped(
    client: Client, server: Server, probe: int, *, is_assigned: bool
) -> None:
    (worker,) = server.named("workers", client.name)
    wanted = {"source_id": 1, "pack_id": probe} | ({"worker_id": worker["id"]} if is_assigned else {})
    job = server.http.post("/api/v2/jobs/create", json=wanted).json()

    with client.working() as process:
        wait_for(lambda: server.get(f"/api/v2/jobs/{job['id']}")["status"] != "pending", "the beginning of the job")
        wait_for(lambda: server.get(f"/api/v2/jobs/{job['id']}")["status"] != "running", "the end of the job")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0, (client.home / "worker.log").read_text()

    ended = server.get(f"/api/v2/jobs/{job['id']}")
    assert (ended["status"], ended["worker_id"]) == ("succeeded", worker["id"])
    assert {"metrics", "recommendations", "schemas"} <= set(documents(server, ended))
    assert server.get(f"/api/v2/workers/{worker['id']}")["status"] == "offline"
