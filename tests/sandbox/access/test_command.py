"""`make sandbox` and `make token`: the process that people start, its lines for a shell, and its log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest
from click.testing import CliRunner

from guarded_sandboxes import bearer
from qalita_ingest.sandbox.__main__ import sandbox
from qalita_ingest.sandbox.settings import Settings
from server_process import ServerProcess, free_port, server_process
from store_dump import full_dump

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STORES = ("sqlite", "postgresql")
NAMES = ("ENDPOINT", "TOKEN", "NAME", "MODE")


@contextmanager
def served(settings: Settings) -> Iterator[ServerProcess]:
    settings.store.mkdir(parents=True, exist_ok=True)
    with server_process(settings.store, database_url=settings.url) as started:
        yield started


@pytest.fixture(scope="module")
def server(store_of_module: Callable[[], Settings]) -> Iterator[ServerProcess]:
    with served(store_of_module()) as started:
        yield started


def command(settings: Settings, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    named = {"QALITA_DATABASE_URL": settings.url.render_as_string(hide_password=False)} if settings.url else {}
    place = {"QALITA_STORE": str(settings.store), "PYTHONPATH": os.pathsep.join(sys.path)} | named
    environment = os.environ | place | variables
    line = [sys.executable, "-m", "qalita_ingest.sandbox", *arguments]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=60)


def settings_of(server: ServerProcess) -> Settings:
    return Settings(server.store, server.database_url)


def variables_of(lines: str) -> dict[str, str]:
    """What a shell has after it took the lines."""
    script = f"{lines}\nenv"
    done = subprocess.run(["sh", "-eu", "-c", script], env={}, capture_output=True, text=True, check=True, timeout=10)
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    return {name: value for name, _, value in pairs if name.startswith("QALITA_")}


def test_a_token_comes_as_lines_for_a_shell_and_opens_the_server(server: ServerProcess) -> None:
    done = command(settings_of(server), "token", "--name", "workshop", QALITA_SANDBOX_PORT=str(server.port))
    found = variables_of(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert set(found) == {f"QALITA_{kind}_{name}" for kind in ("AGENT", "WORKER") for name in NAMES}
    for kind in ("AGENT", "WORKER"):
        endpoint, token = (found[f"QALITA_{kind}_{name}"] for name in ("ENDPOINT", "TOKEN"))
        assert found[f"QALITA_{kind}_NAME"] == "workshop"
        assert httpx2.get(f"{endpoint}/api/v2/runs", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "http://localhost:3080"),
        ({"QALITA_SANDBOX_PORT": "4000"}, "http://localhost:4000"),
        ({"QALITA_SANDBOX_HOST": "192.0.2.7"}, "http://192.0.2.7:3080"),
        ({"QALITA_SANDBOX_HOST": "0.0.0.0", "QALITA_SANDBOX_PORT": "80"}, "http://localhost:80"),  # noqa: S104 (told)
    ],
)
def test_a_token_names_the_sandbox_of_the_settings(tmp_path: Path, settings: dict[str, str], url: str) -> None:
    done = command(Settings(tmp_path / "store"), "token", **settings)

    assert variables_of(done.stdout)["QALITA_WORKER_ENDPOINT"] == url
    assert done.stdout.startswith(f"# for the sandbox at {url}; ")


def test_a_token_for_a_port_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    done = command(Settings(tmp_path / "store"), "token", QALITA_SANDBOX_PORT="0")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("qalita sandbox: QALITA_SANDBOX_PORT: with 0 the system chooses one at each start")


def test_a_server_prints_such_lines_when_it_starts(server: ServerProcess) -> None:
    log = (server.store.parent / "server.log").read_text()
    lines = "\n".join(line for line in log.splitlines() if line.startswith("export "))

    found = variables_of(lines)
    assert found["QALITA_AGENT_ENDPOINT"] == f"http://localhost:{server.port}"
    assert found["QALITA_AGENT_TOKEN"].count(".") == 2
    assert f"serving {settings_of(server).place} at http://localhost:{server.port}" in log


def test_a_token_that_was_taken_back_is_refused_at_once(server: ServerProcess) -> None:
    found = variables_of(command(settings_of(server), "token", "--name", "leaver", "--role", "admin").stdout)
    url, headers = f"{server.url}/api/v2/runs", bearer(found["QALITA_AGENT_TOKEN"])
    assert httpx2.get(url, headers=headers).status_code == 200

    (listed,) = [
        line for line in command(settings_of(server), "token", "--list").stdout.splitlines() if "leaver" in line
    ]
    jti = listed.split()[0]
    revoked = command(settings_of(server), "token", "--revoke", jti)

    assert (revoked.returncode, revoked.stdout) == (0, f"revoked {jti}\n")
    assert httpx2.get(url, headers=headers).status_code == 401
    assert "revoked on" in command(settings_of(server), "token", "--list").stdout
    again = command(settings_of(server), "token", "--revoke", jti)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "arguments", [["--role", "king"], ["--days", "0"], ["--days", "soon"], ["--name", "two words"], ["--name", ""]]
)
def test_a_wish_that_makes_no_sense_is_refused(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(sandbox, ["token", *arguments], env={"QALITA_STORE": str(tmp_path)})

    assert done.exit_code != 0
    assert "export" not in done.output


def test_no_token_and_no_secret_is_in_the_log_or_the_store(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    planted = "planted.token-of-somebody.x1y2z3"
    with served(settings) as server:
        good = variables_of(command(settings_of(server), "token").stdout)["QALITA_AGENT_TOKEN"]
        for token in (planted, good):
            httpx2.get(f"{server.url}/api/v2/runs", headers=bearer(token))
            httpx2.get(f"{server.url}/api/v2/runs", params={"token": token})
            httpx2.get(f"{server.url}/login", params={"next": f"/?{token}"})
            httpx2.post(f"{server.url}/login", data={"token": token}, headers={"Origin": server.url})
            httpx2.get(f"{server.url}/api/v2/runs", cookies={"qalita_session": token})
    secret = (server.store / "token-secret").read_bytes().strip()
    written = {path.name: path.read_bytes() for path in settings.store.parent.rglob("*") if path.is_file()}
    written["rows"] = repr(full_dump(settings.database_url)).encode()
    del written["token-secret"]

    assert {"server.log", "rows"} <= set(written)
    assert ("qalita.db" in written) is (settings.url is None)
    assert b"/api/v2/runs" in written["server.log"]
    for word in (planted.encode(), good.rpartition(".")[2].encode(), secret):
        assert [name for name, content in written.items() if word in content] == []


def test_a_lost_secret_ends_all_tokens_and_says_so(new_store: Callable[[], Settings]) -> None:
    settings = new_store()
    token = variables_of(command(settings, "token").stdout)["QALITA_AGENT_TOKEN"]
    (settings.store / "token-secret").unlink()

    with served(settings) as server:
        answer = httpx2.get(f"{server.url}/api/v2/runs", headers=bearer(token))
        log = (settings.store.parent / "server.log").read_text()

    assert (answer.status_code, answer.json()["detail"][:43]) == (401, "the token was signed with another secret: i")
    assert "1 earlier token(s) ended with the lost secret" in log


def test_elsewhere_than_on_loopback_every_request_needs_a_token(tmp_path: Path) -> None:
    variables = {"QALITA_SANDBOX_HOST": "0.0.0.0", "QALITA_SANDBOX_REQUIRE_TOKEN": "1"}  # noqa: S104 (guarded)
    server = ServerProcess(tmp_path / "store", free_port(), variables=variables)
    server.start()
    try:
        assert " at http://localhost:" in (log := (tmp_path / "server.log").read_text())
        assert "0.0.0.0" not in log  # noqa: S104 (looked for)
        assert httpx2.get(f"{server.url}/api/v2/runs").status_code == 401
        assert httpx2.get(server.url, headers={"Accept": "text/html"}).headers["location"] == "/login?next=%2F"
    finally:
        server.kill()


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_asked_to_stop_does_so_quietly(tmp_path: Path, word: signal.Signals) -> None:
    with server_process(tmp_path / "store") as server:
        assert server.process
        server.process.send_signal(word)

        assert server.process.wait(timeout=20) == 0
    assert "Traceback" not in (tmp_path / "server.log").read_text()
