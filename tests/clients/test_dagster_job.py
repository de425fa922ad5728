"""example_dagster's job with the real clients, against the real server."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from dagster_example import TIMEOUT_SECONDS, DagsterCopy, make_copy
from process_watch import ProcessWatch

if TYPE_CHECKING:
    from clients.conftest import Server
    from example_copies import ExampleCopy
    from vendor_clients import Release

pytestmark = pytest.mark.slow

SQLITE_ONLY = "a whole job of Dagster for each release; what clients store is asked on both by test_jobs"
STEPS = {"extract", "transform", "version", "login", "source_list", "pack_list", "run"}
IN_ONE_PROCESS = """
import json, os, sys
sys.path.insert(0, os.getcwd())
import dagster as dg
import yaml
from definitions import defs

def around():
    return os.getcwd(), dict(os.environ)

job = defs.resolve_job_def("example_qalita_job")
with open("run_config.example.yaml") as file:
    config = yaml.safe_load(file)
before = around()
with dg.DagsterInstance.get() as instance:
    result = job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
    logs = instance.all_logs(result.run_id)
with open(sys.argv[1], "w") as file:
    json.dump({
        "success": result.success,
        "succeeded": [event.step_key for event in result.all_events if event.event_type_value == "STEP_SUCCESS"],
        "job": result.output_for_node("run") if result.success else None,
        "version": result.output_for_node("version"),
        "logged": [[entry.step_key, entry.user_message] for entry in logs],
        "is_around_as_before": around() == before,
        "definitions": f"{defs!r} {defs.resources!r}",
    }, file)
"""


@dataclass
class Finished:
    """A run of the job in one process; `told` is what that process says of it."""

    told: dict[str, Any]
    printed: str
    watch: ProcessWatch
    copy: DagsterCopy

    def logged_by(self, step: str) -> str:
        return "\n".join(line for one, line in self.told["logged"] if one == step)


@pytest.fixture(scope="module")
def finished(
    release: Release,
    server: Server,
    wheels: dict[str, str],
    built: ExampleCopy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Finished:
    copy = make_copy(tmp_path_factory.mktemp("dagster"), built)
    copy.use(release, server.url, server.token, wheels)
    told = copy.top / "told.json"
    with ProcessWatch() as watch:
        done = subprocess.run(
            [sys.executable, "-c", IN_ONE_PROCESS, told],
            cwd=copy.folder,
            env=copy.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
    assert told.exists(), done.stdout
    return Finished(json.loads(told.read_text(encoding="utf-8")), done.stdout, watch, copy)


def test_every_step_succeeds(finished: Finished) -> None:
    assert finished.told["success"], finished.printed
    assert set(finished.told["succeeded"]) == STEPS


def test_the_client_that_was_named_is_the_one_that_ran(finished: Finished, release: Release) -> None:
    assert finished.told["version"] == release.version
    assert any(f"{release.command} run -s 1 -p 1" in line for line in finished.watch.seen)


def test_the_server_has_the_job_with_its_documents_and_its_log(finished: Finished, server: Server) -> None:
    job = server.get(f"/api/v2/jobs/{finished.told['job']}")
    (worker,) = server.named("workers", f"dagster-{server.url.rpartition(':')[2]}")

    assert (job["status"], job["source_id"], job["pack_id"], job["worker_id"]) == ("succeeded", 1, 1, worker["id"])
    assert {one["kind"] for one in job["documents"]} == {"metrics", "recommendations", "schemas"}
    assert job["logs_id"]


def test_the_pack_read_what_this_run_built(finished: Finished, server: Server) -> None:
    """84 metrics are those of a `dbt build`; the folder of the dbt project, which has no artifacts, would give none."""
    assert "84 metrics" in finished.logged_by("run")
    assert not (finished.copy.top / "example_dbt" / "target" / "run_results.json").exists()


def test_what_the_client_prints_is_in_the_log_of_its_step(finished: Finished) -> None:
    assert "Authenticated to the platform at" in finished.logged_by("login")
    assert "opendata" in finished.logged_by("source_list")
    assert "opendata_dbt" in finished.logged_by("pack_list")
    assert "Job created with id" in finished.logged_by("run")


def test_the_token_is_nowhere(finished: Finished, server: Server) -> None:
    """Neither in what Dagster keeps (its databases, logs and outputs) nor in what is printed or in the process list."""
    token = server.token
    kept = [path for path in finished.copy.home.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]

    assert kept == []
    assert token not in finished.printed
    assert token not in json.dumps(finished.told)
    assert [line for line in finished.watch.seen if token in line] == []


def test_nothing_is_left_of_the_client_and_around_the_process(finished: Finished) -> None:
    assert list(finished.copy.temporary.glob("qalita-client-*")) == []
    assert finished.told["is_around_as_before"]
