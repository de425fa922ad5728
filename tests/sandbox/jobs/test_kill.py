"""The server as users start it, killed with SIGKILL while clients write, and started again."""

from __future__ import annotations

import random
import threading
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import httpx2

from factories import report
from qalita_ingest.contract import encode, idempotency_key
from server_process import ServerProcess, server_process
from store_dump import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import URL

    from qalita_ingest.contract import RunReport
    from qalita_ingest.sandbox.settings import Settings

STORES = ("sqlite", "postgresql")
CLIENTS, RUNS_EACH, KILLS = 4, 12, 4
CHECKS = 50
COME_BACK = 409


@contextmanager
def served(settings: Settings) -> Iterator[ServerProcess]:
    settings.store.mkdir(parents=True, exist_ok=True)
    with server_process(settings.store, database_url=settings.url) as server:
        yield server


def runs_of(client: int) -> list[RunReport]:
    statuses = {f"check_{number}": "failed" if number % 5 else "passed" for number in range(CHECKS)}
    return [report(hour, statuses, environment=f"env{client}") for hour in range(RUNS_EACH)]


def client_of(url: str) -> httpx2.Client:
    # Without certificates, which take longer to read than a run to send.
    return httpx2.Client(base_url=url, timeout=60, verify=False)


def post(client: httpx2.Client, run: RunReport) -> int:
    headers = {"Idempotency-Key": idempotency_key(run)}
    return client.post("/api/v2/ingest/runs", content=encode(run), headers=headers).status_code


class Clients:
    """Each sends its runs in turn, again and again the one that got no answer, until all have one.

    They take turns at the servers, too.
    """

    def __init__(self, *urls: str) -> None:
        self.urls = urls
        self.statuses: list[int] = []
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(number,)) for number in range(CLIENTS)]

    def _send(self, number: int) -> None:
        with client_of(self.urls[number % len(self.urls)]) as client:
            for run in runs_of(number // len(self.urls)):
                while not self.is_over.is_set() and not self._is_taken(client, run):
                    self.is_over.wait(0.05)

    def _is_taken(self, client: httpx2.Client, run: RunReport) -> bool:
        with suppress(httpx2.TransportError):
            status = post(client, run)
            # On a slow machine: the run is still being taken in.
            if status != COME_BACK:
                self.statuses.append(status)
            return status < 300
        return False

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def wait(self, seconds: float) -> None:
        for thread in self.threads:
            thread.join(timeout=seconds)

    def close(self) -> None:
        self.is_over.set()
        self.wait(10)


def assert_undamaged(store: URL) -> None:
    """SQLite's file. PostgreSQL's files are its own: it was not killed, only who wrote."""
    if store.get_backend_name() == "sqlite":
        assert rows_of(store, "pragma integrity_check") == [("ok",)]
        assert rows_of(store, "pragma foreign_key_check") == []


def assert_whole(store: URL) -> None:
    """Every run that is seen has all its rows, its scores and its issues."""
    assert_undamaged(store)
    of_each_run = rows_of(
        store,
        """
        select distinct (select count(*) from results t where t.run_id = r.id),
            (select min(1) from scores s where s.run_id = r.id),
            (select count(*) from jobs j where j.run_id = r.id and j.status = 'succeeded' and j.payload is null)
        from runs r""",
    )
    assert of_each_run in ([], [(CHECKS, 1, 1)])


def test_killed_again_and_again_while_clients_write_no_run_is_lost_halved_or_doubled(
    new_store: Callable[[], Settings],
) -> None:
    chance = random.Random(11)  # noqa: S311 (no secret)
    with served(new_store()) as server, closing(Clients(server.url)) as clients:
        clients.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 0.4))
            server.kill()
            assert_whole(server.rows)
            server.start()
        clients.wait(120)
        assert not any(thread.is_alive() for thread in clients.threads)

        assert_whole(server.rows)
        assert set(clients.statuses) <= {200, 201}
        assert rows_of(server.rows, "select count(*), count(distinct idempotency_key) from runs") == [
            (CLIENTS * RUNS_EACH, CLIENTS * RUNS_EACH)
        ]
        assert rows_of(server.rows, "select distinct status from jobs") == [("succeeded",)]
        # As many as without a kill: each issue was counted once for each run.
        assert rows_of(server.rows, "select distinct occurrences from issues") == [(RUNS_EACH,)]


# So many checks that taking them in lasts long enough to be killed amid it.
MANY = report(1, {f"check_{number}": "passed" for number in range(5000)})


def kill_amid(server: ServerProcess) -> None:
    """While `MANY` is taken in: its job is claimed, and the run is not yet seen."""
    sender = threading.Thread(target=lambda: suppressed_post(server.url))
    sender.start()
    for _ in range(2000):
        if rows_of(server.rows, "select 1 from jobs where status = 'running'"):
            break
    server.kill()
    sender.join(timeout=10)
    assert rows_of(server.rows, "select status, attempts from jobs") == [("running", 1)]


def suppressed_post(url: str) -> None:
    with suppress(httpx2.TransportError), client_of(url) as client:
        post(client, MANY)


def test_a_job_that_a_killed_server_left_is_taken_in_without_its_client(new_store: Callable[[], Settings]) -> None:
    with served(new_store()) as server:
        kill_amid(server)
        assert rows_of(server.rows, "select count(*) from runs") == [(0,)]

        server.start()
        until = time.monotonic() + 30
        while not rows_of(server.rows, "select 1 from runs") and time.monotonic() < until:
            time.sleep(0.05)

        assert_undamaged(server.rows)
        assert rows_of(server.rows, "select count(*) from results") == [(5000,)]
        assert rows_of(server.rows, "select status, attempts from jobs") == [("succeeded", 2)]


def test_a_retry_after_a_kill_waits_for_the_job_that_was_left(new_store: Callable[[], Settings]) -> None:
    with served(new_store()) as server:
        kill_amid(server)
        server.start()

        with client_of(server.url) as client:
            assert post(client, MANY) == 200
        assert rows_of(server.rows, "select count(*) from runs") == [(1,)]
        assert rows_of(server.rows, "select status, attempts from jobs") == [("succeeded", 2)]


def test_two_servers_on_one_store_take_in_every_run_once(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    with served(settings) as one, served(settings) as other, closing(Clients(one.url, other.url)) as clients:
        clients.start()
        clients.wait(120)
        assert not any(thread.is_alive() for thread in clients.threads)

        assert_whole(one.rows)
        # Each run came to both, in the same moment or one after the other: it is new to one of them.
        expected = CLIENTS // 2 * RUNS_EACH
        assert sorted(clients.statuses) == [200] * expected + [201] * expected
        assert rows_of(one.rows, "select count(*), count(distinct idempotency_key) from runs") == [(expected, expected)]
        assert rows_of(one.rows, "select status, count(*) from jobs group by status") == [("succeeded", expected)]
        assert rows_of(one.rows, "select distinct occurrences from issues") == [(RUNS_EACH,)]


def test_of_two_servers_on_one_store_one_may_be_killed_again_and_again(new_store: Callable[[], Settings]) -> None:
    settings, chance = new_store(), random.Random(12)  # noqa: S311 (no secret)
    with served(settings) as one, served(settings) as other, closing(Clients(one.url, other.url)) as clients:
        clients.start()
        for _ in range(KILLS // 2):
            time.sleep(chance.uniform(0.05, 0.4))
            one.kill()
            assert_whole(other.rows)
            one.start()
        clients.wait(120)
        assert not any(thread.is_alive() for thread in clients.threads)

        assert_whole(other.rows)
        expected = CLIENTS // 2 * RUNS_EACH
        assert rows_of(other.rows, "select count(*), count(distinct idempotency_key) from runs") == [
            (expected, expected)
        ]
        assert rows_of(other.rows, "select distinct occurrences from issues") == [(RUNS_EACH,)]
