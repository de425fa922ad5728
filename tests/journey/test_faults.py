"""Faults between two real processes: nothing is lost, nothing is doubled, and the newest state is right.

The server is the sandbox as users start it, killed with SIGKILL; the client is the command line, or the route it uses.
"""

from __future__ import annotations

import itertools
import os
import random
import resource
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx2
import msgspec
import pytest
import stamina

from factories import DATASET, report
from qalita_ingest.delivery import Capabilities, Endpoint, Outbox, V2Route, deliver, flush, http_client
from qalita_ingest.errors import KeptInOutboxError, RejectedError
from qalita_ingest.sandbox.requests import LARGEST_PART_BYTES
from qalita_ingest.sandbox.settings import Settings
from sandboxes import open_sandbox, write_lock
from server_process import ServerProcess, free_port, server_process
from servers import Answer, Call, like, serving
from smallest_artifacts import write_artifacts
from store_dump import rows_of, state_by_natural_keys
from store_templates import lay_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qalita_ingest.contract import RunReport

STORES = ("sqlite", "postgresql")
MEBIBYTE = 1024 * 1024
COMMAND = [sys.executable, "-c", "from qalita_ingest.cli.ingest import ingest; ingest()"]


@pytest.fixture(autouse=True)
def one_attempt() -> Iterator[None]:
    """Retries would hide a fault: here the next flush has to mend it."""
    with stamina.set_testing(True, attempts=1, cap=True):
        yield


def noisy_run(environment: str, checks: int, message_bytes: int) -> RunReport:
    """Its messages are hexadecimal noise, of which gzip saves half; the same bytes each time."""
    chance = random.Random(7)  # noqa: S311 (no secret)
    run = report(2, {f"check_{number}": "failed" for number in range(checks)}, environment=environment)
    results = tuple(msgspec.structs.replace(one, message=chance.randbytes(message_bytes).hex()) for one in run.results)
    return msgspec.structs.replace(run, results=results)


@pytest.fixture(scope="module")
def server(store_of_module: Callable[[], Settings]) -> Iterator[ServerProcess]:
    """One for all tests of a store: each has an environment of its own, and leaves the server running."""
    settings = store_of_module()
    settings.store.mkdir(parents=True, exist_ok=True)
    with server_process(settings.store, database_url=settings.url) as started:
        yield started


@pytest.fixture
def outbox(tmp_path: Path, server: ServerProcess) -> Outbox:
    """Where the command line keeps the runs for that server."""
    return Outbox(tmp_path / "client" / "outbox" / Endpoint(server.url).name)


def arrived(server: ServerProcess, run: RunReport) -> bool:
    """Whether the store holds the run once, and each of its results and issues once, and no part of it."""
    ((parts,),) = rows_of(server.rows, "select count(*) from upload_parts")
    state = state_by_natural_keys(server.rows)
    of_run = {name: [row for row in state[name] if row[0] == run.environment] for name in ("runs", "results", "issues")}
    messages = {row[6] for row in of_run["results"]}
    numbers = [len(rows) for rows in of_run.values()]
    return (
        parts == 0
        and numbers == [1, len(run.results), len(run.results)]
        and messages == {one.message for one in run.results}
    )


@pytest.fixture
def artifacts(tmp_path: Path) -> list[str]:
    return ["dbt", *write_artifacts(tmp_path), "--project", "air", "--env", "two_ingests"]


def started(settings: Settings, *arguments: str, limit: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QALITA_")}
    ours = {"QALITA_STORE": str(settings.store), "PYTHONPATH": os.pathsep.join(sys.path)}
    if settings.url:
        ours["QALITA_DATABASE_URL"] = settings.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env=kept | ours,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509 (one call of the kernel, which needs no lock)
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout, stderr


def largest_file(size_bytes: int) -> Callable[[], None]:
    """A disk that is full: no file grows beyond this, also for root. Python ignores the signal and gets an error."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


def half_a_part(server: ServerProcess, request: httpx2.Request) -> None:
    """What a client sends that is cut off in the middle of a part."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        head = f"PUT {request.url.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {MEBIBYTE}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * (MEBIBYTE // 2))


def kill_and_lose_the_answer(server: ServerProcess) -> None:
    server.kill()
    raise httpx2.ReadError("the connection was lost")


Hooks = dict[str, list[Any]]


def before_part_2(server: ServerProcess) -> Hooks:
    return {"request": [lambda request: server.kill() if request.url.path.endswith("parts/2") else None]}


def amid_part_2(server: ServerProcess) -> Hooks:
    def hook(request: httpx2.Request) -> None:
        if request.url.path.endswith("parts/2"):
            half_a_part(server, request)
            server.kill()

    return {"request": [hook]}


def before_completion(server: ServerProcess) -> Hooks:
    return {"request": [lambda request: server.kill() if request.url.path.endswith("complete") else None]}


def amid_completion(server: ServerProcess) -> Hooks:
    """While the run is taken in: the store is held, so that the server is still at it."""

    def hook(request: httpx2.Request) -> None:
        if not request.url.path.endswith("complete"):
            return
        is_held = threading.Event()

        def hold_and_kill() -> None:
            with write_lock(server.rows):
                is_held.set()
                time.sleep(0.3)
                server.kill()

        threading.Thread(target=hold_and_kill).start()
        assert is_held.wait(10)

    return {"request": [hook]}


def after_completion(server: ServerProcess) -> Hooks:
    """The run is taken in, and its answer is lost."""

    def hook(response: httpx2.Response) -> None:
        if response.request.url.path.endswith("complete"):
            kill_and_lose_the_answer(server)

    return {"response": [hook]}


# So small that a run of a few kilobytes needs three.
SMALL_PARTS = Capabilities(largest_part_bytes=4096)


@pytest.mark.parametrize("hooks", [before_part_2, amid_part_2, before_completion, amid_completion, after_completion])
def test_a_server_killed_during_an_upload_gets_the_run_once_with_the_next_flush(
    server: ServerProcess, outbox: Outbox, hooks: Callable[[ServerProcess], Hooks]
) -> None:
    run = noisy_run(hooks.__name__, checks=10, message_bytes=1000)
    with http_client(Endpoint(server.url)) as client:
        client.event_hooks = hooks(server)
        with pytest.raises(KeptInOutboxError, match="the run is kept"):
            deliver(run, outbox, V2Route(client, SMALL_PARTS))
    assert len(outbox.pending()) == 1
    server.kill()
    server.start()

    with http_client(Endpoint(server.url)) as client:
        (flushed,) = flush(outbox, V2Route(client, SMALL_PARTS))

    assert flushed.answer
    # As the first answer says, whoever got it.
    assert len(flushed.answer.opened) == len(run.results)
    assert outbox.pending() == []
    assert arrived(server, run)


def test_a_server_whose_disk_is_full_gets_the_run_when_there_is_room(tmp_path: Path) -> None:
    """Of SQLite, whose files are the server's own."""
    run, outbox = noisy_run("full_disk", checks=1, message_bytes=2 * MEBIBYTE), Outbox(tmp_path / "outbox")
    settings = lay_store(Settings(tmp_path / "store"))
    server = ServerProcess(settings.store, free_port())
    server.start(largest_file(MEBIBYTE))
    try:
        with http_client(Endpoint(server.url)) as client, pytest.raises(KeptInOutboxError, match="HTTP 503"):
            deliver(run, outbox, V2Route(client))
        server.kill()
        server.start()

        with http_client(Endpoint(server.url)) as client:
            (flushed,) = flush(outbox, V2Route(client))

        assert flushed.error is None
        assert arrived(server, run)
    finally:
        server.kill()


def test_two_flushes_of_one_outbox_at_once_deliver_a_large_run_once(
    server: ServerProcess, outbox: Outbox, tmp_path: Path
) -> None:
    run = noisy_run("two_flushes", checks=18, message_bytes=MEBIBYTE // 2)
    # More than one part, as the command line cuts them.
    assert len(outbox.keep(run).content) > LARGEST_PART_BYTES

    client = Settings(tmp_path / "client")
    both = [started(client, "flush", "--endpoint", server.url) for _ in range(2)]

    assert [ended(one)[0] for one in both] == [0, 0]
    assert (outbox.pending(), outbox.parked()) == ([], [])
    assert arrived(server, run)


@pytest.mark.parametrize("is_embedded", [False, True], ids=["server", "embedded"])
def test_two_ingests_of_the_same_files_at_once_are_one_run(
    server: ServerProcess, artifacts: list[str], new_store: Callable[[], Settings], *, is_embedded: bool
) -> None:
    way, client = [] if is_embedded else ["--endpoint", server.url], new_store()

    both = [ended(one) for one in [started(client, *artifacts, *way) for _ in range(2)]]

    assert [status for status, *_ in both] == [0, 0], both
    state = state_by_natural_keys(client.database_url if is_embedded else server.rows)
    for name in ("runs", "results", "issues"):
        assert [row[0] for row in state[name]].count("two_ingests") == 1, name
    assert list(client.store.rglob("*.json.gz")) == []


TROUBLES: list[Answer] = [
    (500, b""),
    (429, b"", {"Retry-After": "3600"}),
    (503, b"", {"Retry-After": "soon"}),
    (401, b""),
    (200, b"<html>please log in</html>"),
    (201, b"{}"),
    (201, b"", {"Content-Length": "1000000000"}),
    (302, b"", {"Location": "/login"}),
]


def test_after_many_troubles_each_run_has_arrived_once(tmp_path: Path, new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    outbox, left = Outbox(tmp_path / "outbox"), list(TROUBLES)
    runs = [report(hour, {"a": "failed"}) for hour in (1, 2)]
    with open_sandbox(settings.store, settings.url) as sandbox:
        real = like(sandbox.client)

        def troubled(call: Call) -> Answer:
            taken = real(call)
            # Half of the troubles come after the run was taken in: only its answer is lost.
            return left.pop() if left else taken

        with serving(troubled) as stand_in, http_client(Endpoint(stand_in.url)) as client:
            client.timeout = httpx2.Timeout(0.5)
            for run in runs:
                with suppress(KeptInOutboxError, RejectedError):
                    deliver(run, outbox, V2Route(client, Capabilities()))
            for _ in TROUBLES:
                list(flush(outbox, V2Route(client, Capabilities())))
        assert (left, outbox.pending(), outbox.parked()) == ([], [], [])
        assert len(sandbox.client.get("/api/v2/runs").json()["items"]) == 2


def test_a_full_disk_at_the_outbox_is_one_line_and_leaves_nothing_half_written(
    artifacts: list[str], tmp_path: Path
) -> None:
    client = Settings(tmp_path / "client")
    process = started(client, *artifacts, "--endpoint", "http://127.0.0.1:9", limit=largest_file(100))

    status, _, stderr = ended(process)

    assert (status, stderr.count("\n")) == (2, 1), stderr
    assert "the outbox can't be written: File too large; free some space" in stderr
    assert [path for path in (tmp_path / "client").rglob("*") if path.is_file()] == []


def test_a_full_disk_in_the_embedded_sandbox_leaves_the_store_as_it_was(artifacts: list[str], tmp_path: Path) -> None:
    """Of SQLite: the disk of a PostgreSQL is another process's."""
    client = lay_store(Settings(tmp_path / "client"))

    status, _, stderr = ended(started(client, *artifacts, limit=largest_file(100)))

    assert (status, stderr.count("\n")) == (2, 1), stderr
    assert not any(state_by_natural_keys(client.database_url).values())
    assert ended(started(client, *artifacts))[0] == 0
    assert len(state_by_natural_keys(client.database_url)["runs"]) == 1


# One check fails, recovers, fails again and is removed; a model fails and recovers.
FOUR_RUNS = [
    report(1, {"a": "failed", "b": "passed"}, steps={DATASET: "error"}),
    report(2, {"a": "passed", "b": "failed"}, steps={DATASET: "success"}),
    report(3, {"a": "failed"}, defined=("a", "b")),
    report(4, {"b": "passed"}),
]


def state_after(order: tuple[int, ...], settings: Settings) -> dict[str, Any]:
    outbox = Outbox(settings.store / "outbox")
    with open_sandbox(settings.store, settings.url) as sandbox:
        route = V2Route(sandbox.client, Capabilities())
        for number in order:
            outbox.keep(FOUR_RUNS[number])
            (one,) = flush(outbox, route)
            assert one.error is None
    return state_by_natural_keys(sandbox.url)


def test_runs_flushed_in_any_order_end_in_the_same_store(new_store: Callable[[], Settings]) -> None:
    orders = list(itertools.permutations(range(4)))
    expected = state_after(orders[0], new_store())

    for order in orders[1:]:
        assert state_after(order, new_store()) == expected, order
