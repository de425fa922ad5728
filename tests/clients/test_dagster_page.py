"""example_dagster as people type it: a run on the command line, then Dagster's page in a real browser.

`QALITA_SCREENSHOTS` names a folder that keeps a picture of each page.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from chromium import chromium, screenshots_folder
from dagster_example import BIN, DagsterCopy, make_copy
from process_watch import ProcessWatch, processes_of_session
from server_process import free_port
from vendor_clients import LATEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, WebSocket

    from clients.conftest import Server
    from example_copies import ExampleCopy
    from vendor_clients import Release

SQLITE_ONLY = "about Dagster and what it is told; what clients store is asked on both by test_jobs"
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("release", [LATEST], indirect=True, ids=[LATEST.version])]

JOB = "example_qalita_job"
# Its source ends on the tenth.
WARNED_ASSET, WARNING_CHECK, MONTH_CUT_OFF = "raw_airquality", "reaches_the_end_of_the_month", "2017-06-01"
LOCATION_OF_JOBS = {"repositoryName": "__repository__", "repositoryLocationName": "definitions.py"}
STEPS = {"extract", "transform", "version", "login", "source_list", "pack_list", "run"}
IN_ONE_PROCESS = {"execution": {"config": {"in_process": {}}}}
LIMIT_SECONDS, STOP_SECONDS = 240, 60
PAGE_MILLISECONDS = 60_000
RUN = re.compile(r"example_qalita_job - ([0-9a-f-]{36}) - ")
LOCATION = """{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus
    locationOrLoadError { __typename } } } } }"""
# All that Dagster says of resources, of a run with its configuration, and of what the run logged.
QUESTIONS = {
    "resources": """query($selector: RepositorySelector!) {
        allTopLevelResourceDetailsOrError(repositorySelector: $selector) {
        ... on ResourceDetailsList { results { name description resourceType
            configFields { name description configTypeKey defaultValueAsJson }
            configuredValues { key value type } } } ... on PythonError { message } } }""",
    "run": """query($run: ID!) { runOrError(runId: $run) { ... on Run { status runConfigYaml tags { key value }
        stats { ... on RunStatsSnapshot { stepsSucceeded } } } } }""",
    "log": """query($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events {
        ... on MessageEvent { message stepKey }
        ... on DisplayableEvent { metadataEntries { label description
            ... on TextMetadataEntry { text } ... on MarkdownMetadataEntry { mdStr } ... on UrlMetadataEntry { url } } }
        } } } }""",
}
LAUNCH = """mutation($parameters: ExecutionParams!) { launchRun(executionParams: $parameters) { __typename
    ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""


@dataclass
class Executed:
    """A run on the command line."""

    copy: DagsterCopy
    exit_code: int
    printed: str
    watch: ProcessWatch

    @property
    def run_id(self) -> str:
        found = RUN.search(self.printed)
        assert found, self.printed
        return found[1]


@dataclass
class DagsterPage:
    """`dagster dev`, and all that a browser got from it."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    received: list[tuple[str, str]] = field(default_factory=list)

    def ask(self, query: str, **variables: Any) -> Any:
        answer = httpx2.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def launch(self, **parameters: Any) -> str:
        """The id of the run."""
        launched = self.ask(LAUNCH, parameters={"mode": "default", **parameters})["launchRun"]
        return str(launched["run"]["runId"])

    def run(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(QUESTIONS["run"], run=run_id)["runOrError"]
        return found

    def tags_of(self, run_id: str) -> dict[str, str]:
        return {tag["key"]: tag["value"] for tag in self.run(run_id)["tags"]}

    def wait_for(self, is_so: Callable[[], Any]) -> Any:
        until = time.monotonic() + LIMIT_SECONDS
        while not (found := is_so()):
            assert time.monotonic() < until, self.log.read_text(encoding="utf-8")
            time.sleep(1)
        return found

    def wait(self) -> None:
        """Until the definitions are loaded."""
        until = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            try:
                (entry,) = self.ask(LOCATION)["workspaceOrError"]["locationEntries"]
            except (httpx2.RequestError, ValueError):
                time.sleep(0.5)
            else:
                if entry["loadStatus"] == "LOADED":
                    assert entry["locationOrLoadError"]["__typename"] == "RepositoryLocation"
                    return
        raise AssertionError(self.log.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def executed(
    built: ExampleCopy, release: Release, server: Server, wheels: dict[str, str], tmp_path_factory: Any
) -> Executed:
    copy = make_copy(tmp_path_factory.mktemp("dagster"), built)
    copy.use(release, server.url, server.token, wheels)
    with ProcessWatch() as watch:
        done = copy.dagster("job", "execute", "-f", "definitions.py", "-j", JOB, "-c", "run_config.example.yaml")
    return Executed(copy, done.returncode, done.stdout, watch)


@pytest.fixture(scope="module")
def page(executed: Executed) -> Iterator[DagsterPage]:
    """Started as `make dagster` does; endpoint and token come from `.env`, as the README says."""
    copy = executed.copy
    lines = [f"{name}={value}" for name, value in copy.variables.items() if name.startswith("QALITA_AGENT_")]
    (copy.folder / ".env").write_text("\n".join([*lines, ""]), encoding="utf-8")
    environment = {name: value for name, value in copy.environment.items() if not name.startswith("QALITA_AGENT_")}
    port, log = free_port(), copy.top / "dagster.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [BIN / "dagster", "dev", "-f", "definitions.py", "-p", str(port), "-h", "127.0.0.1"],
            cwd=copy.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    page = DagsterPage(f"http://127.0.0.1:{port}", process, log)
    try:
        page.wait()
        yield page
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)


@pytest.fixture(scope="module")
def noted(page: DagsterPage) -> str:
    """A run that made an asset, with a check that warns, once the sensor has delivered it: QALITA's page of it."""
    selector = {**LOCATION_OF_JOBS, "pipelineName": "__ASSET_JOB", "assetSelection": [{"path": [WARNED_ASSET]}]}
    run = page.launch(
        selector=selector,
        runConfigData=IN_ONE_PROCESS,
        executionMetadata={"tags": [{"key": "dagster/partition", "value": MONTH_CUT_OFF}]},
    )
    return str(page.wait_for(lambda: page.tags_of(run).get("qalita/run")))


@pytest.fixture(scope="module")
def seen(page: DagsterPage, executed: Executed, noted: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The text of each page that a browser visited; whatever it received is in `page.received`."""
    location = "/locations/__repository__@definitions.py"
    addresses = {
        "job": f"{location}/jobs/{JOB}",
        "launchpad": f"{location}/jobs/{JOB}/playground",
        "assets": "/asset-groups",
        "checks": "/assets/airquality_metrics?view=checks",
        "noted-asset": f"/assets/{WARNED_ASSET}?view=events&partition={MONTH_CUT_OFF}",
        "noted-check": f"/assets/{WARNED_ASSET}?view=checks&checkDetail={WARNING_CHECK}",
        "resource": f"{location}/resources/qalita",
        "run": f"/runs/{executed.run_id}",
    }
    folder = screenshots_folder(tmp_path_factory.mktemp("screenshots"))
    with chromium() as browser:
        return {name: _visit(browser, page, name, address, folder) for name, address in addresses.items()}


def _visit(browser: Browser, page: DagsterPage, name: str, address: str, folder: Path) -> str:
    with browser.new_context(viewport={"width": 1400, "height": 900}) as context:
        tab = context.new_page()
        tab.on("response", lambda one: page.received.append((one.url, _text(one))))
        tab.on("websocket", lambda socket: _listen(socket, page))
        tab.goto(f"{page.url}{address}", timeout=PAGE_MILLISECONDS)
        tab.get_by_text(LANDMARKS[name]).first.wait_for(timeout=PAGE_MILLISECONDS)
        tab.wait_for_timeout(2_000)
        tab.screenshot(path=folder / f"dagster-{name}.png")
        return tab.inner_text("body") + tab.content()


# What shows that a page is there.
LANDMARKS = {
    "job": "transform",
    "launchpad": "Launch",
    "assets": "airquality_report",
    "checks": "quality_gate",
    "noted-asset": "qalita/run",
    "noted-check": "qalita/run",
    "resource": "agent_name",
    "run": "RUN_SUCCESS",
}


def _text(response: Any) -> str:
    try:
        return str(response.text())
    except Exception:  # noqa: BLE001 (a redirect, or a page that is gone: it holds nothing)
        return ""


def _listen(socket: WebSocket, page: DagsterPage) -> None:
    socket.on("framereceived", lambda frame: page.received.append((socket.url, str(frame))))


# --- the command line


def test_the_job_succeeds_with_each_step_in_a_process_of_its_own(executed: Executed) -> None:
    started = set(re.findall(r"- (\w+) - STEP_WORKER_STARTED", executed.printed))

    assert executed.exit_code == 0, executed.printed
    assert started == STEPS


def test_a_run_on_the_command_line_shows_no_token(executed: Executed, server: Server) -> None:
    home = executed.copy.home
    kept = [path for path in home.rglob("*") if path.is_file() and server.token.encode() in path.read_bytes()]

    assert kept == []
    assert server.token not in executed.printed
    assert [line for line in executed.watch.seen if server.token in line] == []


def test_processes_of_their_own_leave_no_homes_behind(executed: Executed) -> None:
    assert list(executed.copy.temporary.glob("qalita-client-*")) == []


# --- the page


def test_the_jobs_page_draws_its_steps(seen: dict[str, str]) -> None:
    assert [step for step in STEPS if step not in seen["job"]] == []


def test_the_asset_graph_shows_assets_and_their_checks(seen: dict[str, str]) -> None:
    assert [
        name for name in ("raw_airquality", "stg_airquality", "airquality_metrics") if name not in seen["assets"]
    ] == []
    assert "quality_gate" in seen["checks"]


def test_the_runs_page_shows_what_the_client_printed(seen: dict[str, str], page: DagsterPage) -> None:
    received = "".join(text for _, text in page.received)

    assert "Authenticated to the platform at" in received
    assert "RUN_SUCCESS" in seen["run"]


def test_an_asset_links_to_its_run_in_qalita_with_its_score_and_open_issues(seen: dict[str, str], noted: str) -> None:
    assert f'href="{noted}"' in seen["noted-asset"]
    assert [label for label in ("qalita/score", "qalita/open_issues") if label not in seen["noted-asset"]] == []


def test_a_check_that_warned_links_to_its_issue_in_qalita(seen: dict[str, str], noted: str, server: Server) -> None:
    (issue,) = [one for one in server.get("/api/v2/issues") if WARNING_CHECK in one["subject"]]

    assert f'href="{noted}"' in seen["noted-check"]
    assert f'href="{server.url}/issues/{issue["id"]}"' in seen["noted-check"]


def test_no_page_and_no_answer_holds_the_token(seen: dict[str, str], page: DagsterPage, server: Server) -> None:
    assert [name for name, text in seen.items() if server.token in text] == []
    assert [url for url, text in page.received if server.token in text] == []
    assert any("/graphql" in url for url, _ in page.received)


def test_the_api_says_nothing_of_the_token(page: DagsterPage, executed: Executed, server: Server) -> None:
    answers = {
        name: page.ask(query, **({"selector": LOCATION_OF_JOBS} if name == "resources" else {"run": executed.run_id}))
        for name, query in QUESTIONS.items()
    }

    names = [one["name"] for one in answers["resources"]["allTopLevelResourceDetailsOrError"]["results"]]
    assert "qalita" in names
    assert answers["run"]["runOrError"]["status"] == "SUCCESS"
    assert server.token not in json.dumps(answers)


def test_a_launched_run_takes_its_settings_from_the_env_file(page: DagsterPage) -> None:
    selector = {**LOCATION_OF_JOBS, "pipelineName": JOB, "solidSelection": ["version", "login"]}
    run = page.launch(selector=selector, runConfigData=IN_ONE_PROCESS)

    page.wait_for(lambda: page.run(run)["status"] in {"SUCCESS", "FAILURE"})

    assert page.run(run)["status"] == "SUCCESS", page.ask(QUESTIONS["log"], run=run)


def test_an_interrupt_ends_the_page_and_all_that_it_started(page: DagsterPage) -> None:
    """The last of this module: there is no page after it."""
    assert len(processes_of_session(page.process.pid)) > 1

    page.process.send_signal(signal.SIGINT)

    page.process.wait(timeout=STOP_SECONDS)
    page.wait_for(lambda: not processes_of_session(page.process.pid))
