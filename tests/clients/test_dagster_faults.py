"""example_dagster's steps when QALITA fails them: each ends with the reason, whatever the client's exit code was."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from dagster_example import make_copy
from server_process import free_port
from servers import passing_on, serving
from vendor_clients import LATEST, write_probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clients.conftest import Server
    from dagster_example import DagsterCopy
    from example_copies import ExampleCopy
    from servers import Answer, Call
    from vendor_clients import Client, Release

SQLITE_ONLY = "about Dagster and what it is told; what clients store is asked on both by test_jobs"
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("release", [LATEST], indirect=True, ids=[LATEST.version])]
# In place of the server's answer, or made of its body.
Fault = tuple[int, bytes] | Callable[[bytes], tuple[int, bytes]]
AS_THE_TEST_WANTS = b'{"detail": "as the test wants"}'


class Example:
    """The ops that are QALITA's, and the resource, as a job of their own on artifacts that are there already."""

    def __init__(self, copy: DagsterCopy, built: ExampleCopy) -> None:
        self.copy = copy
        target = built.folder / "target"
        self.artifacts = {name: (target / name).read_bytes() for name in ("manifest.json", "run_results.json")}

    def resource(self, **fields: Any) -> Any:
        return sys.modules["resources.qalita_resource"].QalitaResource(**fields)

    def job(self, **fields: Any) -> Any:
        ops = sys.modules["jobs.example_qalita_job"]
        found = self.artifacts

        @dg.op
        def artifacts() -> dict[str, bytes]:
            return found

        @dg.job(resource_defs={"qalita": self.resource(**fields)})
        def only_qalita() -> None:
            registered = ops.login(ops.version())
            ops.run(artifacts(), after=[ops.pack_list(registered)])

        return only_qalita

    def run(self, *, source_id: int = 1, pack_id: int = 1, **fields: Any) -> Ended:
        config = {"ops": {"run": {"config": {"source_id": source_id, "pack_id": pack_id}}}}
        return Ended(self.job(**fields).execute_in_process(run_config=config, raise_on_error=False))


class Ended:
    def __init__(self, result: Any) -> None:
        self.result = result

    @property
    def failure(self) -> tuple[str, str]:
        """The step that failed, and the reason it gave."""
        (event,) = [one for one in self.result.all_events if one.event_type_value == "STEP_FAILURE"]
        data = event.step_failure_data
        return event.step_key, (data.user_failure_data or data.error).description or ""

    @property
    def tries(self) -> int:
        return 1 + sum(one.event_type_value == "STEP_UP_FOR_RETRY" for one in self.result.all_events)


@pytest.fixture(scope="module")
def loaded(
    built: ExampleCopy, release: Release, server: Server, wheels: dict[str, str], tmp_path_factory: Any
) -> Iterator[Example]:
    copy = make_copy(tmp_path_factory.mktemp("dagster"), built)
    copy.use(release, server.url, server.token, wheels)
    with copy.loaded():
        yield Example(copy, built)


@pytest.fixture
def example(loaded: Example, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Example:
    for name, value in loaded.copy.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QALITA_STORE", str(tmp_path / "store"))
    return loaded


@pytest.fixture
def faulty(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Fault]]:
    """In front of the real server: what becomes of the calls (`GET /path`) that fit these patterns.

    A pair is answered in the server's place, a function changes what it answered.
    """
    faults: dict[str, Fault] = {}
    pass_on = passing_on(server.url)

    def answer(call: Call) -> Answer:
        asked = f"{call.method} {call.path}"
        fault = next((fault for pattern, fault in faults.items() if re.search(pattern, asked)), None)
        if fault is None:
            return pass_on(call)
        return fault(pass_on(call)[1]) if callable(fault) else fault

    with serving(answer) as front:
        monkeypatch.setenv("QALITA_AGENT_ENDPOINT", front.url)
        yield faults


@pytest.fixture
def push(client: Client, server: Server, tmp_path: Path) -> Callable[[str, str], int]:
    """Push a pack with this `run.sh` (empty: that of a probe); the number that the server gave it."""

    def push(name: str, script: str = "") -> int:
        folder = write_probe(tmp_path, name)
        if script:
            (folder / f"{name}_pack" / "run.sh").write_text(script, encoding="utf-8")
        client.run("pack", "push", "-n", name, folder=folder)
        return int(server.named("packs", name)[0]["id"])

    return push


# --- the server


def test_a_server_that_is_down_fails_the_login_after_three_tries(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("QALITA_AGENT_ENDPOINT", url)

    ended = example.run()

    step, reason = ended.failure
    assert (step, ended.tries) == ("login", 3)
    assert reason.startswith(f"QALITA can't be reached at {url}: ")


def test_a_server_that_answers_500_fails_the_login_after_three_tries(
    example: Example, faulty: dict[str, Fault]
) -> None:
    faulty["."] = 500, AS_THE_TEST_WANTS

    ended = example.run()

    step, reason = ended.failure
    assert (step, ended.tries) == ("login", 3)
    assert "/api/v2/workers answered HTTP 500: " in reason


def test_a_refused_token_fails_the_login_at_once(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmVkIGJ5IHNvbWVib2R5IGVsc2U"
    monkeypatch.setenv("QALITA_AGENT_TOKEN", wrong)

    ended = example.run()

    step, reason = ended.failure
    assert (step, ended.tries) == ("login", 1)
    assert "refused the token (HTTP 401)" in reason
    assert wrong not in reason


# --- the pack, and what it found


def test_a_pack_that_fails_fails_the_run(example: Example, push: Callable[..., int]) -> None:
    pack = push("failing", "#!/bin/sh\necho 'error: nothing to read' >&2\nexit 3\n")

    step, reason = example.run(pack_id=pack).failure

    assert step == "run"
    assert "is failed" in reason


def test_a_pack_that_leaves_nothing_fails_the_run(example: Example, push: Callable[..., int]) -> None:
    pack = push("idle", "#!/bin/sh\nexit 0\n")

    assert "left no metrics, recommendations or schemas" in example.run(pack_id=pack).failure[1]


@pytest.mark.parametrize("status", [500, 413])
def test_a_refused_upload_fails_the_run_although_the_client_ends_well(
    example: Example, push: Callable[..., int], faulty: dict[str, Fault], status: int
) -> None:
    pack = push("refused")
    faulty["/metrics/upload"] = status, AS_THE_TEST_WANTS

    ended = example.run(pack_id=pack)

    step, reason = ended.failure
    assert (step, ended.tries) == ("run", 1)
    assert "did not take" in reason
    assert f"HTTP Code : {status}" in reason


def test_an_upload_that_gets_lost_behind_a_200_fails_the_run(
    example: Example, push: Callable[..., int], faulty: dict[str, Fault]
) -> None:
    pack = push("lost")
    faulty["/schemas/upload"] = 200, b"{}"

    assert "doesn't have the schemas of job" in example.run(pack_id=pack).failure[1]


def test_an_upload_that_ends_the_client_leaves_a_job_that_is_running(
    example: Example, push: Callable[..., int], faulty: dict[str, Fault]
) -> None:
    pack = push("ended")
    faulty["/recommendations/upload"] = 409, AS_THE_TEST_WANTS

    assert "is running" in example.run(pack_id=pack).failure[1]


def test_a_job_that_the_server_did_not_keep_fails_the_run(
    example: Example, push: Callable[..., int], faulty: dict[str, Fault]
) -> None:
    pack = push("forgotten")
    faulty["GET /api/v2/jobs$"] = 200, b"[]"

    assert "the server has no job of this run" in example.run(pack_id=pack).failure[1]


def test_a_platform_that_does_not_tell_of_documents_is_believed(
    example: Example, push: Callable[..., int], faulty: dict[str, Fault]
) -> None:
    pack = push("reticent")
    faulty[r"GET /api/v2/jobs/\d+$"] = 404, AS_THE_TEST_WANTS

    assert example.run(pack_id=pack).result.success


def test_a_platform_that_lists_jobs_without_their_names_is_asked_for_the_number(
    example: Example, push: Callable[..., int], faulty: dict[str, Fault]
) -> None:
    pack = push("nameless")
    faulty["GET /api/v2/jobs$"] = lambda body: (
        200,
        json.dumps(
            [{name: value for name, value in job.items() if name != "name"} for job in json.loads(body)]
        ).encode(),
    )

    assert example.run(pack_id=pack).result.success


# --- the settings


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [({"pack_id": 999}, "has no pack 999; it has 1 opendata_dbt"), ({"source_id": 7}, "has no source 7")],
    ids=["pack", "source"],
)
def test_a_number_that_does_not_exist_is_answered_with_those_that_do(
    example: Example, wanted: dict[str, int], reason: str
) -> None:
    step, said = example.run(**wanted).failure

    assert step == "run"
    assert reason in said


def test_a_token_in_the_run_config_is_refused(example: Example) -> None:
    config = {"resources": {"qalita": {"config": {"token": "a-token-for-everybody"}}}}

    result = example.job().execute_in_process(
        run_config=config, raise_on_error=False, op_selection=["version", "login"]
    )

    step, reason = Ended(result).failure
    assert step == "login"
    assert reason.startswith("the token stands in the run config")
    assert "a-token-for-everybody" not in reason


# --- side by side


def test_two_runs_at_once_each_find_their_own_job(example: Example, push: Callable[..., int]) -> None:
    pack = push("twice", "#!/bin/sh\nsleep 2\necho '[]' >metrics.json\necho '[]' >recommendations.json\n")

    def run(_: int) -> Any:
        with dg.build_resources({"qalita": example.resource()}) as resources:
            return resources.qalita.run(1, pack)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(run, range(2))

    assert first.job_id != second.job_id
    assert first.documents == second.documents == ["metrics", "recommendations"]


def test_a_client_that_takes_too_long_is_ended_with_its_pack(example: Example, push: Callable[..., int]) -> None:
    pack = push("slow", "#!/bin/sh\nsleep 300\n")
    began = time.monotonic()

    reason = example.run(pack_id=pack, timeout_seconds=8).failure[1]

    assert "not finished after 8 seconds" in reason
    assert time.monotonic() - began < 60
