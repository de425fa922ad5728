"""The thread behind the route: many clients at once, a store that is held, a server that stops."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from factories import report
from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.jobs import desk
from qalita_ingest.sandbox.routers.v2 import ingest
from sandboxes import Sandbox, open_sandbox, write_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2
    import pytest

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
CLIENTS, RUNS_EACH = 20, 10


def at_once(sandbox: Sandbox, runs: list[RunReport]) -> list[httpx2.Response]:
    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(sandbox.post, runs))


def job_threads() -> int:
    return sum(thread.name == "jobs" for thread in threading.enumerate())


def test_of_many_clients_at_once_no_run_is_lost_doubled_or_refused(sandbox: Sandbox) -> None:
    def send_all(client: int) -> list[int]:
        runs = [report(hour, {"a": "failed", "b": "passed"}, environment=f"env{client}") for hour in range(RUNS_EACH)]
        # Each twice: as a client does that lost its answer.
        return [sandbox.post(run).status_code for run in runs for _ in range(2)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = list(pool.map(send_all, range(CLIENTS)))

    assert statuses == [[201, 200] * RUNS_EACH] * CLIENTS
    expected = CLIENTS * RUNS_EACH
    assert sandbox.rows("select count(*), count(distinct idempotency_key) from runs") == [(expected, expected)]
    assert sandbox.rows("select count(*) from results") == [(2 * expected,)]
    assert sandbox.rows("select status, count(*), count(distinct run_id), count(payload) from jobs group by 1") == [
        ("succeeded", expected, expected, 0)
    ]


def test_the_same_run_from_many_clients_at_once_is_one_job_and_one_answer(sandbox: Sandbox) -> None:
    responses = at_once(sandbox, [report(1, {"a": "failed"})] * 8)

    assert sorted(response.status_code for response in responses) == [200] * 7 + [201]
    assert len({response.content for response in responses}) == 1
    assert sandbox.rows("select count(*) from jobs") == [(1,)]


def test_a_run_that_fails_is_a_problem_and_the_next_one_is_taken(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(desk, "accept", lambda *_arguments: 1 / 0)
        quiet = TestClient(sandbox.client.app, raise_server_exceptions=False)
        failed = Sandbox(quiet, sandbox.database, sandbox.url, sandbox.now).post(report(1, {"a": "failed"}))
    assert (failed.status_code, failed.headers["content-type"]) == (500, "application/problem+json")

    assert sandbox.post(report(1, {"a": "failed"})).status_code == 201
    assert sandbox.rows("select status from jobs order by id") == [("failed",), ("succeeded",)]


def test_a_request_does_not_wait_for_ever_and_its_run_arrives_all_the_same(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "PATIENCE_SECONDS", 0.1)
    run = report(1, {"a": "failed"})
    with write_lock(sandbox.url):
        refused = sandbox.post(run)
    assert (refused.status_code, refused.headers["retry-after"]) == (409, "1")
    assert refused.json()["detail"] == "this run is being taken in just now"
    until = time.monotonic() + 20
    while not sandbox.rows("select 1 from runs") and time.monotonic() < until:
        time.sleep(0.02)

    monkeypatch.undo()
    again = sandbox.post(run)

    assert (again.status_code, len(again.json()["opened"])) == (200, 1)


def test_other_requests_are_answered_while_many_wait_for_their_runs(sandbox: Sandbox) -> None:
    # More than there are threads for requests.
    many = 60
    with ThreadPoolExecutor(many) as pool:
        with write_lock(sandbox.url):
            waiting = [pool.submit(sandbox.post, report(hour, {"a": "failed"})) for hour in range(many)]
            time.sleep(0.5)
            assert sandbox.client.get("/api/v2/ingest/capabilities").status_code == 200
            assert not any(one.done() for one in waiting)

        assert [one.result(timeout=30).status_code for one in waiting] == [201] * many


def test_a_server_that_stops_ends_its_thread_and_the_job_in_hand(new_store: Callable[[], Settings]) -> None:
    before, settings = job_threads(), new_store()
    with open_sandbox(settings.store, settings.url) as sandbox:
        assert job_threads() == before + 1
        assert sandbox.post(report(1, {"a": "failed"})).status_code == 201

    assert job_threads() == before
    with open_sandbox(settings.store, settings.url) as again:
        assert [run["id"] for run in again.client.get("/api/v2/runs").json()["items"]] == [1]


def test_without_a_started_application_a_run_is_not_left_waiting(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    database = open_database(settings)
    client = TestClient(create_app(database), raise_server_exceptions=False)
    sandbox_of = Sandbox(client, settings.database_path, settings.database_url, report(1, {}).order[0])

    assert sandbox_of.post(report(1, {"a": "failed"})).status_code == 500
    database.close()
