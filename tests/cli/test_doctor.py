"""`qalita ingest doctor`: each line says what is, and what to do about it."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from environments import build_wheel, foreign_wheel, install, make_environment
from qalita_ingest.cli.ingest import ingest
from qalita_ingest.sandbox.database.engine import HEAD_REVISION, open_database
from qalita_ingest.sandbox.settings import Settings
from servers import Answer, Call, serving

if TYPE_CHECKING:
    from pathlib import Path

SQLITE_ONLY = "doctor looks into the file of SQLite; a PostgreSQL it names, and asks nothing"
TOKEN = "planted-secret"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def examined(**variables: str) -> dict[str, tuple[str, str]]:
    """Subject → state and text."""
    done = CliRunner().invoke(ingest, ["doctor", "--format", "json"], env=variables)
    document = json.loads(done.stdout)
    found = {one["subject"]: (one["state"], one["text"]) for one in document["findings"]}
    assert document["usable"] == (done.exit_code == 0) == all(state != "mend" for state, _ in found.values())
    return found


def platform(call: Call) -> Answer:
    """One without /api/v2/ingest."""
    if call.path == "/api/v1/version":
        return 200, b'{"version": "3.2.1"}'
    return 404, b'{"detail": "Not Found"}'


def test_with_nothing_set_all_is_usable_and_nothing_is_written(folder: Path) -> None:
    done = CliRunner().invoke(ingest, ["doctor"])

    assert done.exit_code == 0
    assert "✓ endpoint        the embedded sandbox: none of QALITA_AGENT_ENDPOINT" in done.stdout
    assert f"✓ store           {folder / '.qalita'}, made by the first run" in done.stdout
    assert "! dbt's files" in done.stdout
    assert list(folder.iterdir()) == []


def test_each_finding_is_one_line() -> None:
    lines = CliRunner().invoke(ingest, ["doctor"]).stdout.splitlines()

    assert all(line[:2] in {"✓ ", "! ", "✗ "} for line in lines)


def test_dbt_and_its_adapters_are_named_with_their_versions() -> None:
    state, text = examined()["dbt"]

    assert (state, text.split(", ")[0], "dbt-duckdb" in text, "dbt-adapters" in text) == (
        "fine",
        "dbt-core 1.11.16",
        True,
        False,
    )


def test_a_server_that_takes_runs_is_fine_and_the_token_is_never_shown() -> None:
    with serving(lambda _: (200, b'{"contract_versions": [1]}')) as server:
        done = CliRunner().invoke(
            ingest, ["doctor"], env={"QALITA_WORKER_ENDPOINT": server.url, "QALITA_AGENT_TOKEN": TOKEN}
        )

    assert f"✓ endpoint        {server.url}, from QALITA_WORKER_ENDPOINT\n" in done.stdout
    assert "✓ token           from QALITA_AGENT_TOKEN (its value is not shown)\n" in done.stdout
    assert "✓ server          takes runs (/api/v2/ingest, contract version 1)\n" in done.stdout
    assert server.calls[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in done.output


def test_a_platform_without_ingestion_needs_the_ids_of_source_and_pack() -> None:
    with serving(platform) as server:
        without = examined(QALITA_AGENT_ENDPOINT=server.url, QALITA_SOURCE_ID="7")["server"]
        complete = examined(QALITA_AGENT_ENDPOINT=server.url, QALITA_SOURCE_ID="7", QALITA_PACK_ID="3")["server"]

    assert without == (
        "mend",
        "platform 3.2.1 has no /api/v2/ingest: use --via upload, which needs QALITA_PACK_ID",
    )
    assert complete == (
        "fine",
        "platform 3.2.1 has no /api/v2/ingest: use --via upload, to source 7 with pack 3",
    )


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (401, b"{}", "refuses the token (HTTP 401)"),
        (503, b"{}", "fails with HTTP 503; runs wait in the outbox"),
        (200, b"<html>", "answers HTTP 200, not as QALITA does; is the endpoint right?"),
        (404, b"<html>", "answers HTTP 404, not as QALITA does; is the endpoint right?"),
    ],
)
def test_a_server_that_will_not_do_is_to_be_mended(status: int, body: bytes, text: str) -> None:
    with serving(lambda _: (status, body)) as server:
        assert examined(QALITA_API_URL=server.url)["server"] == ("mend", text)


def test_a_server_that_is_down_is_to_be_mended() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"

        state, text = examined(QALITA_AGENT_ENDPOINT=url)["server"]

    assert (state, text.startswith(f"{url} can't be reached")) == ("mend", True)


def test_a_server_that_never_answers_costs_three_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()

        found = examined(QALITA_AGENT_ENDPOINT=url)["server"]

    assert found == ("mend", f"no answer of {url} within 3 seconds")
    assert time.monotonic() - started < 10


def test_two_endpoints_that_differ_are_to_be_mended() -> None:
    found = examined(QALITA_AGENT_ENDPOINT="http://a.example", QALITA_API_URL="http://b.example")

    assert found["endpoint"] == ("mend", "QALITA_AGENT_ENDPOINT and QALITA_API_URL differ; keep one of them")
    assert "server" not in found


def test_a_store_of_this_version_is_fine(folder: Path) -> None:
    open_database(Settings(store=folder / ".qalita")).close()

    assert examined()["store"] == ("fine", f"{folder / '.qalita' / 'qalita.db'}, writable, revision {HEAD_REVISION}")


@pytest.mark.parametrize(
    ("revision", "state", "text"),
    [
        ("0001", "fine", f"brought to {HEAD_REVISION} by the next ingest"),
        ("9999", "mend", "of a newer version (9999); upgrade"),
    ],
)
def test_a_store_of_another_version_says_so(folder: Path, revision: str, state: str, text: str) -> None:
    open_database(Settings(store=folder / ".qalita")).close()
    with sqlite3.connect(folder / ".qalita" / "qalita.db") as connection:
        connection.execute("update alembic_version set version_num = ?", [revision])

    found = examined()["store"]

    assert (found[0], text in found[1]) == (state, True)


def test_a_store_in_postgresql_is_named_without_its_password(folder: Path) -> None:
    state, text = examined(QALITA_DATABASE_URL="postgresql://qalita:hunter2@db.example/qalita")["store"]

    assert (state, "db.example" in text, "hunter2" in text) == ("fine", True, False)


def test_an_address_of_a_database_that_is_none_is_to_be_mended(folder: Path) -> None:
    assert examined(QALITA_DATABASE_URL="mysql://db.example/qalita")["store"][0] == "mend"


def test_a_file_that_is_no_store_is_to_be_mended(folder: Path) -> None:
    (folder / ".qalita").mkdir()
    (folder / ".qalita" / "qalita.db").write_text("something else, long enough to be read as a database" * 10)

    state, text = examined()["store"]

    assert (state, "is no QALITA store" in text) == ("mend", True)


def test_a_store_that_cannot_be_written_is_to_be_mended(folder: Path) -> None:
    (folder / "file").touch()

    state, text = examined(QALITA_STORE=str(folder / "file" / "store"))["store"]

    assert (state, "choose another folder with QALITA_STORE" in text) == ("mend", True)


def test_runs_that_wait_or_are_parked_are_counted_by_destination(folder: Path) -> None:
    box = folder / ".qalita" / "outbox" / "qalita.example"
    for name in ("pending/1.json.gz", "pending/2.json.gz", "parked/3.json.gz", "parked/3.json.reason.txt"):
        (box / name).parent.mkdir(parents=True, exist_ok=True)
        (box / name).touch()

    state, text = examined()["outbox"]

    assert (state, text.split(";")[0]) == ("note", "qalita.example: 2 waiting, 1 parked")


def test_the_files_of_dbt_are_found_here_and_one_folder_below(folder: Path) -> None:
    (folder / "project" / "target").mkdir(parents=True)
    (folder / "project" / "target" / "manifest.json").touch()
    below = examined()["dbt's files"]
    (folder / "target").mkdir()
    for name in ("manifest.json", "run_results.json"):
        (folder / "target" / name).touch()

    assert below == ("fine", "project/target: manifest.json")
    assert examined()["dbt's files"] == ("fine", "target: manifest.json, run_results.json")


def test_a_client_that_cannot_be_executed_is_to_be_mended(folder: Path) -> None:
    (folder / "client").touch()

    assert examined(QALITA_CLI=str(folder / "client"))["QALITA's client"][0] == "mend"


@pytest.mark.parametrize(("last", "owner"), [("ours", "ours"), ("theirs", "the client's")])
def test_both_packages_in_one_environment_are_to_be_mended(tmp_path: Path, last: str, owner: str) -> None:
    environment = make_environment(tmp_path / "both")
    packages = [build_wheel(tmp_path), foreign_wheel(tmp_path)]
    for wheel in packages if last == "theirs" else reversed(packages):
        install(environment, wheel)

    # By the name that only we have: `qalita` may be the other's.
    done = subprocess.run(
        [environment / "bin" / "qalita-ingest", "doctor"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "✗ qalita          QALITA's own client 9.9.9 is in this environment too" in done.stdout
    assert f"{environment / 'bin' / 'qalita'} is {owner} now; pip uninstall qalita" in done.stdout
