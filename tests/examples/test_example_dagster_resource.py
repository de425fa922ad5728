"""example_dagster's resource without QALITA's client: settings, processes, secrets; and what the README shows."""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from dagster_example import DagsterCopy, make_copy
from docs.pages import page
from qalita_ingest.delivery.endpoint import TOKEN_VARIABLES, URL_VARIABLES
from qalita_ingest.sandbox.access import Role
from qalita_ingest.sandbox.server import open_store
from server_process import server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from example_copies import ExampleCopy

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmVkIGJ5IHNvbWVib2R5"
README = page("example_dagster/README.md")


@pytest.fixture(scope="module")
def copy(built: ExampleCopy, tmp_path_factory: pytest.TempPathFactory) -> DagsterCopy:
    return make_copy(tmp_path_factory.mktemp("dagster"), built)


@pytest.fixture(scope="module")
def definitions(copy: DagsterCopy) -> Iterator[Any]:
    with copy.loaded() as loaded:
        yield loaded.defs


@pytest.fixture
def resource(definitions: Any) -> Any:
    return sys.modules["resources"].QalitaResource


def failure(call: Any) -> str:
    with pytest.raises(dg.Failure) as caught:
        call()
    return caught.value.description or ""


# --- the definitions


@pytest.mark.slow
def test_dagster_finds_the_definitions_valid(copy: DagsterCopy) -> None:
    done = copy.dagster("definitions", "validate", "-f", "definitions.py")

    assert done.returncode == 0, done.stdout
    assert "All code locations passed validation" in done.stdout


def test_all_that_the_readme_names_is_in_the_definitions(definitions: Any) -> None:
    assert {job.name for job in definitions.jobs} == {"airquality_job", "example_qalita_job"}
    assert set(definitions.resources) == {"dbt", "gate", "qalita", "run_files"}
    assert {sensor.name for sensor in definitions.sensors} == {"qalita_check_sensor", "qalita_run_sensor"}


def test_the_example_run_config_is_one_of_the_job(definitions: Any, copy: DagsterCopy) -> None:
    import yaml  # noqa: PLC0415 (one test needs it)

    config = yaml.safe_load((copy.folder / "run_config.example.yaml").read_text(encoding="utf-8"))

    assert dg.validate_run_config(definitions.resolve_job_def("example_qalita_job"), config)


def test_a_source_that_is_no_number_is_refused_before_the_run(definitions: Any) -> None:
    config = {"ops": {"run": {"config": {"source_id": "opendata"}}}}

    with pytest.raises(dg.DagsterInvalidConfigError, match="source_id"):
        dg.validate_run_config(definitions.resolve_job_def("example_qalita_job"), config)


# --- settings


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({}, "QALITA_AGENT_ENDPOINT is not set"),
        ({"QALITA_API_URL": "http://127.0.0.1:9"}, "QALITA_AGENT_TOKEN is not set"),
        (
            {"QALITA_AGENT_ENDPOINT": "http://127.0.0.1:9", "QALITA_API_URL": "http://127.0.0.1:8"},
            "QALITA_AGENT_ENDPOINT and QALITA_API_URL differ; keep one of them",
        ),
        (
            {
                "QALITA_AGENT_ENDPOINT": "http://127.0.0.1:9",
                "QALITA_AGENT_TOKEN": TOKEN,
                "QALITA_WORKER_TOKEN": "another-one",
            },
            "QALITA_AGENT_TOKEN and QALITA_WORKER_TOKEN differ; keep one of them",
        ),
    ],
    ids=["nothing", "no token", "two servers", "two tokens"],
)
def test_settings_that_lack_or_contradict_are_one_line(
    resource: Any, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], reason: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    said = failure(lambda: resource()._server())  # noqa: SLF001

    assert said.startswith(reason)
    assert TOKEN not in said
    assert "\n" not in said


def test_the_workers_name_and_mode_are_those_of_the_environment_or_the_defaults(
    resource: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (resource()._name(), resource()._mode()) == ("dagster-agent", "job")  # noqa: SLF001

    monkeypatch.setenv("QALITA_WORKER_NAME", "night-shift")
    assert resource()._name() == "night-shift"  # noqa: SLF001
    assert resource(agent_name="mine")._name() == "mine"  # noqa: SLF001

    monkeypatch.setenv("QALITA_AGENT_NAME", "day-shift")
    said = failure(lambda: resource()._name())  # noqa: SLF001
    assert said == "QALITA_AGENT_NAME and QALITA_WORKER_NAME differ; keep one of them"


def test_a_worker_that_waits_can_not_run_one_pack(resource: Any) -> None:
    assert failure(lambda: resource(agent_mode="worker").run(1, 1)).startswith("agent_mode is worker")


def test_a_client_that_is_not_there_is_one_line(resource: Any, tmp_path: Path) -> None:
    said = failure(resource(executable=str(tmp_path / "qalita")).version)

    assert said.startswith(f"QALITA's own client is not at {tmp_path / 'qalita'}: `make setup-vendor`")


# --- secrets


def test_a_token_that_was_given_is_in_no_repr(resource: Any) -> None:
    assert TOKEN not in repr(resource(token=TOKEN))


def test_a_token_among_the_arguments_is_refused(resource: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QALITA_AGENT_TOKEN", TOKEN)
    program = script(tmp_path, "echo 'Version : 3.2.1'")

    said = failure(lambda: resource(executable=str(program))._run(["login", "--token", TOKEN], {}))  # noqa: SLF001

    assert said.startswith("a token must not be an argument")


def test_a_token_is_hidden_also_where_it_is_broken_into_lines(definitions: Any) -> None:
    hide = sys.modules["resources.client_process"].hide

    assert hide(f"sent with {TOKEN}.", [TOKEN]) == "sent with •••."
    assert hide(f"sent with {TOKEN[:20]}", [TOKEN]) == "sent with •••"
    assert hide("Job created with id 12", [TOKEN]) == "Job created with id 12"


# --- the client's process


def script(folder: Path, text: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def run_program(command: list[Path], **more: Any) -> Any:
    arguments = {"environment": {"PATH": "/usr/bin:/bin"}, "folder": Path("/"), "timeout_seconds": 30}
    return sys.modules["resources.client_process"].run_program(command, **(arguments | {"on_line": print} | more))


def test_lines_come_as_they_are_printed(definitions: Any, tmp_path: Path) -> None:
    came: list[tuple[str, float]] = []
    program = script(tmp_path, "echo one; sleep 1; echo two >&2; exit 3")

    printed = run_program([program], on_line=lambda line: came.append((line, time.monotonic())))

    assert (printed.exit_code, printed.lines) == (3, ["one", "two"])
    assert came[1][1] - came[0][1] > 0.5


def test_a_program_out_of_time_is_ended_with_what_it_started(definitions: Any, tmp_path: Path) -> None:
    started = tmp_path / "started"
    program = script(tmp_path, f"sleep 298 & echo $! >{started}; wait")

    with pytest.raises(TimeoutError, match="not finished after 1 seconds"):
        run_program([program], timeout_seconds=1)

    time.sleep(0.2)
    status = Path(f"/proc/{started.read_text().strip()}/status")
    assert not status.exists() or "zombie" in status.read_text()


def test_a_home_keeps_the_clients_settings_of_others_out(definitions: Any, tmp_path: Path) -> None:
    home = sys.modules["resources.client_home"].ClientHome(tmp_path)
    outside = {"HOME": "/home", "QALITA_WORKER_TOKEN": TOKEN, "QALITA_HOME": "/elsewhere", "QALITA_PACK_WHEELS": "/w"}

    inside = home.environment(outside, {"QALITA_AGENT_NAME": "me"})

    assert TOKEN not in inside.values()
    assert (inside["HOME"], inside["QALITA_HOME"]) == (str(tmp_path), str(tmp_path / ".qalita"))
    assert (inside["QALITA_AGENT_NAME"], inside["QALITA_PACK_WHEELS"]) == ("me", "/w")


@pytest.mark.parametrize(
    ("version", "family"), [("2.3.2", "agent"), ("2.5.2", "worker"), ("2.10.0", "worker"), ("3.2.1", "worker")]
)
def test_a_release_is_spoken_to_in_its_own_words(resource: Any, tmp_path: Path, version: str, family: str) -> None:
    program = script(tmp_path, f"echo '--- CLI ---'; echo 'Version : {version}'")

    with dg.build_resources({"qalita": resource(executable=str(program))}) as resources:
        assert (resources.qalita.version(), resources.qalita.family) == (version, family)


def test_a_resource_that_nobody_tears_down_leaves_no_home(
    resource: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    alone = resource(executable=str(script(tmp_path, "echo 'Version : 3.2.1'")))
    alone.version()
    assert len(list(tmp_path.glob("qalita-client-*"))) == 1

    del alone
    gc.collect()

    assert list(tmp_path.glob("qalita-client-*")) == []


def test_a_program_that_is_another_is_one_line(resource: Any, tmp_path: Path) -> None:
    program = script(tmp_path, "echo hello")

    assert "`version` printed no version" in failure(resource(executable=str(program)).version)


# --- what the README shows


@pytest.mark.slow
def test_the_ten_line_resource_asks_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = [code for language, code in README.blocks if language == "python"]
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 (this project's own page)
    with server_process(tmp_path / "store") as server:
        opened = open_store({"QALITA_STORE": str(tmp_path / "store")})
        issued = opened.tokens.issue("tester", Role.VIEWER, now=datetime.now(UTC), days=1)
        opened.database.close()
        monkeypatch.setenv("QALITA_AGENT_ENDPOINT", f"{server.url}/")
        monkeypatch.setenv("QALITA_AGENT_TOKEN", issued.token)

        answer = names["QalitaRest"]().ask("GET", "/api/v2/runs", params={"limit": 1})

    assert answer == {"items": [], "next": None}


def test_the_readmes_settings_are_those_that_the_code_reads(definitions: Any) -> None:
    module = sys.modules["resources.client_settings"]
    read = [*URL_VARIABLES, *TOKEN_VARIABLES, *module.NAMES, *module.MODES, "QALITA_CLI"]

    rows = [cell for row in README.table("Settings") for cell in row]
    assert [name for name in read if not any(f"`{name}`" in cell for cell in rows)] == []


def test_the_requirements_are_the_versions_of_the_workspace(copy: DagsterCopy) -> None:
    lines = (copy.folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = {line for line in lines if "==" in line}
    top = Path(__file__).parents[2] / "requirements"
    known = {line for name in ("dagster.in", "workspace.in") for line in (top / name).read_text("utf-8").splitlines()}

    assert pins <= known
    assert "-e .." in lines
