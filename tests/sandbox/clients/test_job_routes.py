"""Jobs of packs: who gets them, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from factories import report
from qalita_ingest.sandbox.clients import assets
from sandbox.clients.conftest import plain_archive

if TYPE_CHECKING:
    from sandbox.clients.conftest import Caller

STORES = ("sqlite", "postgresql")


def handed(caller: Caller, worker: int, kind: str = "workers") -> list[int]:
    response = caller.get(f"/api/v1/{kind}/{worker}/jobs/next")
    assert response.status_code == 200
    return [job["id"] for job in response.json()]


def status(caller: Caller, job: dict[str, Any]) -> str:
    return str(caller.get(f"/api/v2/jobs/{job['id']}").json()["status"])


@pytest.mark.parametrize("kind", ["workers", "agents"])
def test_workers_and_agents_are_the_same(caller: Caller, kind: str) -> None:
    body = {"name": "w", "mode": "job", "status": "online", "is_active": True}
    created = caller.post(f"/api/v2/{kind}/create", **body)

    assert created.status_code == 201
    for other in ("workers", "agents"):
        assert caller.get(f"/api/v2/{other}").json() == [created.json()]


def test_a_worker_of_the_same_name_is_the_same(caller: Caller) -> None:
    assert caller.worker() == caller.worker()


def test_a_worker_says_what_it_does(caller: Caller) -> None:
    worker = caller.worker()

    caller.put(f"/api/v2/agents/{worker}", status="busy")

    told = caller.get(f"/api/v2/workers/{worker}").json()
    assert (told["status"], told["mode"], told["jobs"]) == ("busy", "worker", [])


def test_a_job_is_as_all_generations_read_it(ready: Caller) -> None:
    worker = ready.worker()

    job = ready.job(agent_id=worker)

    assert (job["source"]["id"], job["pack"]["id"], job["agent_id"], job["worker_id"]) == (1, 1, worker, worker)
    assert {"source_version", "target_version", "pack_version"} <= job.keys()
    assert "target" not in job


def test_a_jobs_version_of_the_pack_is_an_object_for_workers_and_text_for_people(ready: Caller) -> None:
    asset = ready.archive(plain_archive()).json()["id"]
    version = ready.put(f"/api/v1/packs/1/version?sem_ver_id=1.2.0&asset_id={asset}").json()["versions"][0]
    worker = ready.worker()

    job = ready.job(worker_id=worker, pack_version_id=version["id"])

    (listed,) = ready.get(f"/api/v2/workers/{worker}").json()["jobs"]
    assert (job["pack_version"], listed["pack_version"]) == ({"id": version["id"], "sem_ver_id": "1.2.0"}, "1.2.0")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"source_id": 9}, "source_id: there is no source 9"),
        ({"pack_id": 9}, "pack_id: there is no pack 9"),
        ({"worker_id": 9}, "worker_id: there is no worker 9"),
        ({"target_id": 9}, "target_id: there is no target 9"),
        ({"pack_version_id": 9}, "pack_version_id: pack 1 has no version 9"),
        ({"logs_id": 9}, "logs_id: there are no logs 9"),
    ],
)
def test_a_job_that_names_what_is_not_there_is_refused(ready: Caller, fields: dict[str, Any], message: str) -> None:
    response = ready.post("/api/v2/jobs/create", **({"source_id": 1, "pack_id": 1} | fields))

    assert (response.status_code, response.json()["detail"]) == (422, message)
    assert ready.get("/api/v2/jobs").json() == []


def test_jobs_of_ingested_runs_are_not_for_workers(ready: Caller) -> None:
    ready.sandbox.take(report(1, {"a": "passed"}))

    assert ready.get("/api/v2/jobs").json() == []
    assert ready.get("/api/v2/jobs/1").status_code == 404


def test_an_assigned_job_is_handed_to_its_worker_once(ready: Caller) -> None:
    one, other = ready.worker("one"), ready.worker("other")
    job = ready.job(worker_id=other)

    assert [handed(ready, one), handed(ready, other), handed(ready, other)] == [[], [job["id"]], []]


@pytest.mark.parametrize("kind", ["workers", "agents"])
def test_a_free_job_is_handed_to_whoever_asks_first(ready: Caller, kind: str) -> None:
    one, other = ready.worker("one"), ready.worker("other")
    job = ready.job(type="routine", routine_id=3)

    assert [handed(ready, one, kind), handed(ready, other, kind)] == [[job["id"]], []]
    assert ready.get(f"/api/v2/jobs/{job['id']}").json()["agent_id"] == one


def test_an_assigned_job_comes_before_an_older_free_one(ready: Caller) -> None:
    worker = ready.worker()
    free, assigned = ready.job(), ready.job(worker_id=worker)

    assert [handed(ready, worker), handed(ready, worker)] == [[assigned["id"]], [free["id"]]]


def test_a_running_job_is_handed_to_nobody(ready: Caller) -> None:
    worker = ready.worker()
    ready.job(status="running", worker_id=worker, start_date="2026-01-02 03:04:05")

    assert handed(ready, worker) == []


def test_nothing_is_handed_to_a_worker_that_is_not_there(caller: Caller) -> None:
    assert caller.get("/api/v1/workers/9/jobs/next").status_code == 404


@pytest.mark.parametrize("word", ["agent_id", "worker_id"])
def test_a_free_job_is_claimed_by_one_worker(ready: Caller, word: str) -> None:
    one, other = ready.worker("one"), ready.worker("other")
    job = ready.job()
    path = f"/api/v2/jobs/{job['id']}"

    claims = [ready.put(path, **{word: worker}).status_code for worker in (one, other, one)]

    assert claims == [200, 409, 200]
    assert handed(ready, one) == []


def test_an_ended_job_is_claimed_by_nobody(ready: Caller) -> None:
    worker = ready.worker()
    job = ready.job(status="succeeded")

    assert ready.put(f"/api/v2/jobs/{job['id']}", worker_id=worker).status_code == 409


def test_a_job_that_is_pending_again_is_handed_out_again(ready: Caller) -> None:
    worker = ready.worker()
    job = ready.job(worker_id=worker)
    handed(ready, worker)

    ready.put(f"/api/v2/jobs/{job['id']}", status="pending")

    assert handed(ready, worker) == [job["id"]]


def test_times_without_a_zone_are_utc(ready: Caller) -> None:
    job = ready.job(status="running", start_date="2026-01-02 03:04:05")

    end = {"status": "failed", "end_date": "2026-01-02 03:04:09", "error_message": "full"}

    told = ready.put(f"/api/v2/jobs/{job['id']}", **end).json()

    assert (told["start_date"], told["end_date"]) == ("2026-01-02T03:04:05Z", "2026-01-02T03:04:09Z")
    assert (told["status"], told["error_message"]) == ("failed", "full")


@pytest.mark.parametrize("fields", [{"status": "busy"}, {"end_date": "soon"}, {"logs_id": "x"}, {"worker_id": 0}])
def test_a_change_that_says_nothing_sensible_is_refused(ready: Caller, fields: dict[str, Any]) -> None:
    job = ready.job()

    assert ready.put(f"/api/v2/jobs/{job['id']}", **fields).status_code == 422
    assert status(ready, job) == "pending"


def test_a_pack_setting_of_a_job_may_be_text_or_an_object(ready: Caller) -> None:
    for override in ('{"a":1}', {"a": 1}):
        assert ready.job(pack_config_override=override)["pack_config_override"] == '{"a":1}'


def test_the_last_change_of_a_job_ties_its_log_to_it(ready: Caller) -> None:
    job = ready.job(status="running")
    log = ready.archive(b"what happened", "logs.txt", bucket="logs").json()["id"]

    ready.put(f"/api/v2/jobs/{job['id']}", status="succeeded", logs_id=log)

    assert ready.get(f"/api/v2/jobs/{job['id']}").json()["logs_id"] == log
    assert ready.get(f"/api/v2/assets/{log}").json()["job_id"] == job["id"]


def output(caller: Caller, job: dict[str, Any], name: str, content: bytes = b"x") -> int:
    return caller.upload(f"/api/v1/jobs/{job['id']}/outputs", content, name).status_code


def test_outputs_belong_to_their_job_and_the_same_name_replaces(ready: Caller) -> None:
    job = ready.job(status="running")

    statuses = [output(ready, job, "page.html", content) for content in (b"first", b"second")]

    (kept,) = ready.get(f"/api/v2/jobs/{job['id']}").json()["outputs"]
    assert (statuses, kept["name"]) == ([200, 200], "page.html")
    assert ready.get(f"/api/v1/assets/{kept['id']}/fetch").content == b"second"


def test_outputs_are_of_few_kinds_and_not_too_many(ready: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "MOST_OUTPUTS", 2)
    job = ready.job(status="running")

    statuses = [output(ready, job, name) for name in ("a.exe", "a.png", "../../b.SVG", "c.html", "a.png")]

    assert statuses == [422, 200, 200, 413, 200]
    names = {one["name"] for one in ready.get(f"/api/v2/jobs/{job['id']}").json()["outputs"]}
    assert names == {"a.png", "b.SVG"}


def test_an_output_of_no_job_is_a_404(ready: Caller) -> None:
    assert output(ready, {"id": 9}, "a.png") == 404
