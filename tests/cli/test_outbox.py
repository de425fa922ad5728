"""`flush` and `status` as users type them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import stamina
from click.testing import CliRunner, Result

from factories import report
from qalita_ingest.cli.ingest import ingest
from qalita_ingest.delivery import Endpoint, Outbox
from servers import like, saying, serving
from store_dump import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qalita_ingest.sandbox.settings import Settings
    from sandboxes import Sandbox

STORES = ("sqlite", "postgresql")
NOWHERE = "http://127.0.0.1:9"
EARLIER, LATER = report(1, {"a": "passed"}), report(2, {"a": "failed"}, environment="prod")


@pytest.fixture(autouse=True)
def no_waiting_between_attempts() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1, cap=True):
        yield


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the outbox; what the server keeps is elsewhere."""
    monkeypatch.setenv("QALITA_STORE", str(tmp_path / "own"))
    return tmp_path / "own"


def outbox_for(store: Path, url: str) -> Outbox:
    return Outbox(store / "outbox" / Endpoint(url).name)


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(ingest, list(arguments))


def test_what_waits_is_sent_oldest_first_one_line_each(store: Path, sandbox: Sandbox) -> None:
    with serving(like(sandbox.client)) as server:
        for run in (LATER, EARLIER):
            outbox_for(store, server.url).keep(run)
        result = typed("flush", "--endpoint", server.url)

    assert result.output.splitlines() == [
        "delivered      opendata_dbt, dev, finished 2026-01-01 01:00:00 UTC: run 1",
        "delivered      opendata_dbt, prod, finished 2026-01-01 02:00:00 UTC: run 2",
        f"2 delivered, 0 waiting, 0 parked ({server.url})",
    ]
    assert result.exit_code == 0


def test_a_run_that_qalita_has_is_told_apart(store: Path, sandbox: Sandbox) -> None:
    sandbox.take(EARLIER)
    with serving(like(sandbox.client)) as server:
        outbox_for(store, server.url).keep(EARLIER)
        result = typed("flush", "--endpoint", server.url)

    assert result.output.startswith("known already  opendata_dbt")
    assert result.output.splitlines()[-1] == f"0 delivered, 1 known already, 0 waiting, 0 parked ({server.url})"


def test_the_embedded_sandbox_is_flushed_without_an_endpoint(named_store: Settings) -> None:
    Outbox(named_store.store / "outbox" / "embedded").keep(EARLIER)

    result = typed("flush")

    assert (result.exit_code, result.output.splitlines()[0].split()[0]) == (0, "delivered")
    assert rows_of(named_store.database_url, "select count(*) from runs") == [(1,)]


def test_runs_that_wait_for_another_destination_are_named(store: Path) -> None:
    outbox_for(store, NOWHERE).keep(EARLIER)

    assert typed("flush").output.splitlines()[1:] == [
        "1 run(s) wait for 127.0.0.1_9: `qalita ingest flush --endpoint …`"
    ]


def test_a_run_that_waits_for_the_embedded_sandbox_is_named_when_a_server_is_flushed(store: Path) -> None:
    Outbox(store / "outbox" / "embedded").keep(EARLIER)

    assert typed("flush", "--endpoint", NOWHERE).output.splitlines() == [
        f"0 delivered, 0 waiting, 0 parked ({NOWHERE})",
        "1 run(s) wait for embedded: `qalita ingest flush --via embedded`",
    ]


def test_nobody_there_ends_with_3_and_tries_the_first_only(store: Path) -> None:
    for run in (EARLIER, LATER):
        outbox_for(store, NOWHERE).keep(run)

    result = typed("flush", "--endpoint", NOWHERE)

    lines = result.output.splitlines()
    assert (result.exit_code, len(lines), lines[0].split()[0]) == (3, 2, "kept")
    assert lines[1] == f"0 delivered, 2 waiting, 0 parked ({NOWHERE})"


def test_a_refusal_ends_with_4_also_where_another_run_is_kept(store: Path, sandbox: Sandbox) -> None:
    answers = saying(200, 422, 500)
    with serving(lambda call: (200, b"{}") if call.method == "GET" else answers(call)) as server:
        for hour in (1, 2, 3):
            outbox_for(store, server.url).keep(report(hour, {"a": "passed"}))
        result = typed("flush", "--endpoint", server.url)

    assert [line.split()[0] for line in result.output.splitlines()] == ["kept", "parked", "kept", "0"]
    assert result.exit_code == 4


def test_parked_runs_are_sent_on_request(store: Path, sandbox: Sandbox) -> None:
    with serving(like(sandbox.client)) as server:
        outbox = outbox_for(store, server.url)
        outbox.park(outbox.keep(EARLIER).path, "because")
        without, with_parked = (typed("flush", "--endpoint", server.url, *more) for more in ([], ["--parked"]))

    assert without.output == f"0 delivered, 0 waiting, 1 parked ({server.url})\n"
    assert with_parked.output.splitlines()[0] == "1 parked run(s) wait again"
    assert with_parked.output.splitlines()[-1] == f"1 delivered, 0 waiting, 0 parked ({server.url})"
    assert [path for path in (store / "outbox").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("damage", [b"", b"not gzip", None])
def test_a_damaged_file_is_reported_and_not_deleted(store: Path, sandbox: Sandbox, damage: bytes | None) -> None:
    with serving(like(sandbox.client)) as server:
        outbox = outbox_for(store, server.url)
        damaged = outbox.keep(EARLIER)
        damaged.path.write_bytes(damaged.content[:-20] if damage is None else damage)
        outbox.keep(LATER)
        seen = typed("status").output
        result = typed("flush", "--endpoint", server.url)

    assert f"{damaged.path.name} is damaged" in seen
    assert [line.split()[0] for line in result.output.splitlines()] == ["parked", "delivered", "1"]
    assert result.exit_code == 4
    assert [path.name for path in outbox.parked()] == [damaged.path.name]


def test_something_that_is_no_file_is_reported_too(store: Path) -> None:
    (store / "outbox" / "embedded" / "pending" / "folder.json.gz").mkdir(parents=True)

    result = typed("flush")

    assert (result.exit_code, result.output.split()[0]) == (4, "parked")
    assert "is damaged (Is a directory)" in result.output


def test_status_says_that_nothing_waits(store: Path) -> None:
    result = typed("status")

    assert result.output.splitlines() == [
        f"Store     {store}",
        "Endpoint  none: the embedded sandbox is used",
        "Outbox    nothing waits",
    ]
    assert not store.exists()


def test_status_names_the_database_that_keeps_the_rows_without_its_password(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QALITA_DATABASE_URL", "postgresql://qalita:hunter2@db.example.org/quality")
    place = "postgresql+psycopg://qalita:***@db.example.org/quality"

    text, told = typed("status"), json.loads(typed("status", "--format", "json").stdout)

    assert text.output.splitlines()[0] == f"Store     {place}, outbox in {store}"
    assert (told["store"], told["database"]) == (str(store), place)


def test_status_says_what_is_wrong_with_the_name_of_the_database(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_DATABASE_URL", "mysql://hunter2@db.example.org/quality")

    result = typed("status")

    assert (result.exit_code, "hunter2" in result.output) == (2, False)
    assert "QALITA_DATABASE_URL: expected postgresql://" in result.output


def test_status_lists_what_waits_for_each_destination(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_AGENT_TOKEN", "hunter2")
    outbox_for(store, NOWHERE).keep(EARLIER)
    embedded = Outbox(store / "outbox" / "embedded")
    embedded.park(embedded.keep(LATER).path, "HTTP 422: because")

    result = typed("status", "--endpoint", NOWHERE)

    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert lines == [
        f"Store {store}",
        f"Endpoint {NOWHERE} (with a token)",
        "",
        "127.0.0.1_9: 1 waiting",
        "1 KiB opendata_dbt, dev, finished 2026-01-01 01:00:00 UTC",
        "",
        "embedded: 1 parked",
        "1 KiB opendata_dbt, prod, finished 2026-01-01 02:00:00 UTC",
        "HTTP 422: because",
    ]


def test_status_as_json(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALITA_AGENT_TOKEN", "hunter2")
    outbox = outbox_for(store, NOWHERE)
    pending = outbox.keep(EARLIER)
    outbox.park(outbox.keep(LATER).path, "because")

    result = typed("status", "--endpoint", NOWHERE, "--format", "json")

    found = json.loads(result.stdout)
    assert "hunter2" not in result.output
    assert (found["store"], found["endpoint"], found["has_token"]) == (str(store), NOWHERE, True)
    assert found["database"] is None
    (destination,) = found["destinations"]
    assert destination["pending"] == [
        {
            "project": "opendata_dbt",
            "environment": "dev",
            "finished_at": "2026-01-01T01:00:00+00:00",
            "damage": None,
            "size_bytes": len(pending.content),
            "file": str(pending.path),
        }
    ]
    assert (destination["parked"][0]["environment"], destination["parked"][0]["reason"]) == ("prod", "because")
