"""The example's hooks and sensors as users have them: under Dagster's daemon, with runs in processes of their own.

Everything happens at once: each run starts several processes, and each of those loads Dagster. As under `dagster dev`,
one process serves the definitions to all others.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import dagster as dg
import pytest

from dagster_example import BIN, LEFT_OUT, TOP
from dagster_jobs import new_instance
from example_copies import plain_environment
from server_process import free_port
from store_dump import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

# Without dbt: it takes its time to load, and hooks and sensors know nothing of it.
DEFINITIONS = """
import time
from pathlib import Path

import dagster as dg
from hooks import qalita_on_failure, qalita_on_success
from sensors import qalita_check_sensor, qalita_run_sensor


@dg.asset
def orders() -> None: ...


@dg.asset_check(asset=orders)
def counted() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.op
def nothing() -> None: ...


@dg.op
def wait_long() -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until and not Path("over").exists():
        time.sleep(0.2)


@dg.job
def without_hooks() -> None:
    nothing()


@dg.job
def endless() -> None:
    wait_long()


hooked = dg.define_asset_job("hooked", hooks={qalita_on_success, qalita_on_failure})
defs = dg.Definitions(
    assets=[orders],
    asset_checks=[counted],
    jobs=[hooked, without_hooks, endless],
    sensors=[qalita_check_sensor, qalita_run_sensor],
)
"""
WORKSPACE = "load_from: [{{grpc_server: {{host: localhost, port: {port}, location_name: shop}}}}]"
# Half a minute between two ticks is right for users, but not to wait for.
INTERVAL, SHORT_INTERVAL = "minimum_interval_seconds=30", "minimum_interval_seconds=5"
LIMIT_SECONDS = 180
NOTHING_YET = "nothing ended since the last tick"
RUN_PROCESS = re.compile(r"parent process \(pid: (\d+)\)")
RUNS = "select run_id, job_id from runs"
STEPS = "select r.run_id, s.name, s.status, s.finding from steps s join runs r on r.id = s.run_id"


@dataclass
class Watched:
    """`runs`, `statuses`: what was done → id and status in Dagster; `log`: what the daemon said."""

    runs: dict[str, str]
    statuses: dict[str, str]
    store: Path
    log: str

    def steps(self, name: str) -> set[tuple[Any, ...]]:
        """Name, status and finding."""
        return {tuple(row) for run, *row in rows_of(self.store, STEPS) if run == self.runs[name]}


class Workspace:
    """A folder with the example's hooks and sensors, a home of Dagster, and what runs in it."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.folder, self.instance = folder, instance
        self.log, self.store = folder / "daemon.log", folder / "store"
        for name in ("hooks", "sensors"):
            shutil.copytree(TOP / "example_dagster" / name, folder / name, ignore=LEFT_OUT)
        self.shorten_the_interval(folder / "sensors" / "qalita_sensors.py")
        (folder / "definitions.py").write_text(DEFINITIONS, encoding="utf-8")
        self.port = free_port()
        (folder / "workspace.yaml").write_text(WORKSPACE.format(port=self.port), encoding="utf-8")

    def shorten_the_interval(self, sensors: Path) -> None:
        text = sensors.read_text(encoding="utf-8")
        assert text.count(INTERVAL) == 2
        sensors.write_text(text.replace(INTERVAL, SHORT_INTERVAL), encoding="utf-8")

    def start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        own = {"DAGSTER_HOME": str(self.folder / "home"), "QALITA_STORE": str(self.store), "QALITA_PROJECT": "shop"}
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [BIN / program, *arguments],
                cwd=self.folder,
                env={**plain_environment(), **own},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @contextmanager
    def served(self) -> Iterator[None]:
        """The definitions, to the daemon and to whoever starts a run."""
        process = self.start("dagster", "api", "grpc", "-f", "definitions.py", "-p", str(self.port))
        try:
            self.wait_for(lambda: self.said().count("Started Dagster code server"))
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=LIMIT_SECONDS)

    @contextmanager
    def daemon(self) -> Iterator[None]:
        process = self.start("dagster-daemon", "run", "-w", "workspace.yaml")
        try:
            self.wait_for(lambda: self.said().count(f"Sensor qalita_run_sensor skipped: {NOTHING_YET}"))
            self.wait_for(lambda: self.said().count(f"Sensor qalita_check_sensor skipped: {NOTHING_YET}"))
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=LIMIT_SECONDS)
            # Dagster leaves the process of a step alone when that of the run is killed.
            (self.folder / "over").touch()

    def launch(self, job: str) -> str:
        """The code server runs it."""
        run_id = str(uuid4())
        typed = ("job", "launch", "-w", "workspace.yaml", "-j", job, "--run-id", run_id)
        assert self.start("dagster", *typed).wait(LIMIT_SECONDS) == 0, self.said()
        return run_id

    def run(self, run_id: str) -> dg.DagsterRun:
        found = self.instance.get_run_by_id(run_id)
        assert found
        return found

    def process_of(self, run_id: str) -> int:
        """That of the run, once its step runs."""
        self.wait_for(lambda: self.instance.get_run_step_stats(run_id))
        words = "\n".join(entry.message for entry in self.instance.all_logs(run_id))
        found = RUN_PROCESS.search(words)
        assert found, words
        return int(found[1])

    def wait_for(self, is_so: Callable[[], Any]) -> Any:
        until = time.monotonic() + LIMIT_SECONDS
        while not (found := is_so()):
            assert time.monotonic() < until, self.said()
            time.sleep(0.2)
        return found

    def wait_for_runs(self, *wanted: str) -> None:
        """In QALITA, and in what the daemon says of the run sensor, which comes later."""
        database = self.store / "qalita.db"
        self.wait_for(lambda: database.exists() and set(wanted) <= {row[0] for row in rows_of(database, RUNS)})
        self.wait_for(lambda: rows_of(database, f"{RUNS} where job_id = 'outside a run'"))
        self.wait_for(lambda: all(run in self.said_of("qalita_run_sensor") for run in wanted))

    def said_of(self, sensor: str) -> str:
        return "".join(line for line in self.said().splitlines() if f"Sensor {sensor} skipped" in line)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("daemon")
    # Dagster's databases are made here: two processes that make them at once would spoil them.
    with new_instance(folder / "home") as instance:
        workspace = Workspace(folder, instance)
        with workspace.served(), workspace.daemon():
            runs = do_everything(workspace)
            workspace.wait_for_runs(*runs.values())
        statuses = {name: workspace.run(run_id).status.value for name, run_id in runs.items()}
        yield Watched(runs, statuses, workspace.store / "qalita.db", workspace.said())


def do_everything(workspace: Workspace) -> dict[str, str]:
    with ThreadPoolExecutor(4) as pool:
        hooked, unhooked = (pool.submit(workspace.launch, job) for job in ("hooked", "without_hooks"))
        stopped = pool.submit(stop_a_run, workspace)
        killed = pool.submit(kill_a_run, workspace)
        workspace.instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(asset_key=dg.AssetKey("orders"), check_name="from_outside", passed=False)
        )
        done = {"hooked": hooked, "unhooked": unhooked, "stopped": stopped, "killed": killed}
        return {name: one.result() for name, one in done.items()}


def stop_a_run(workspace: Workspace) -> str:
    """As Dagster's page does: the run is marked, then its process is asked to end."""
    run_id = workspace.launch("endless")
    process = workspace.process_of(run_id)
    workspace.instance.report_run_canceling(workspace.run(run_id))
    os.kill(process, signal.SIGINT)
    return run_id


def kill_a_run(workspace: Workspace) -> str:
    """`kill -9` of the run's process."""
    run_id = workspace.launch("endless")
    os.kill(workspace.process_of(run_id), signal.SIGKILL)
    return run_id


def test_each_run_is_in_qalita_once_whoever_told_of_it(watched: Watched) -> None:
    """The hooked one is told of by a hook and by both sensors."""
    delivered = rows_of(watched.store, RUNS)

    assert sorted(job for _, job in delivered) == ["endless", "endless", "hooked", "outside a run", "without_hooks"]
    assert {run for run, job in delivered if job != "outside a run"} == set(watched.runs.values())


def test_the_run_sensor_tells_of_a_run_without_hooks(watched: Watched) -> None:
    assert re.search(
        rf"qalita_run_sensor skipped: .*QALITA: Dagster run {watched.runs['unhooked']} is run", watched.log
    )


def test_a_check_that_was_judged_outside_of_a_run_reaches_qalita(watched: Watched) -> None:
    found = rows_of(
        watched.store, "select c.key, t.status from results t join checks c on c.id = t.check_id order by c.key"
    )

    assert found == [("orders:counted", "passed"), ("orders:from_outside", "failed")]


def test_a_run_that_somebody_stopped_is_not_executed_and_opens_no_issue(watched: Watched) -> None:
    assert watched.statuses["stopped"] == "CANCELED"
    assert watched.steps("stopped") == {
        ("endless", "not_executed", None),
        ("endless.wait_long", "not_executed", None),
    }


def test_a_run_whose_process_was_killed_opens_an_issue(watched: Watched) -> None:
    assert watched.statuses["killed"] == "FAILURE"
    assert ("endless.wait_long", "error", "high") in watched.steps("killed")
