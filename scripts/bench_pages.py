"""How long each page, each route and each reading of the store takes, at the server, with a long history behind it.

    python scripts/bench_pages.py [--runs 1000] [--checks 500] [--rounds 20] [--store FOLDER]

The store is made by the real intake, run after run, in a temporary folder or in FOLDER, where it is found again. Each
line is a function of `sandbox.reading`, then a route and a page of the dashboard, whole: request, query, encoding. The
aim is 50 ms. Machines are noisy: `cpu` is the median of the processor's time, which others on the machine change less,
and `ratio` is the median as a multiple of that of the plainest request of the same run.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from starlette.testclient import TestClient

from qalita_ingest.contract import (
    Check,
    Column,
    Dataset,
    Dimension,
    Invocation,
    Metric,
    Result,
    ResultStatus,
    RunContext,
    RunReport,
    Scope,
    Source,
    Step,
)
from qalita_ingest.sandbox import reading
from qalita_ingest.sandbox.app import create_app
from qalita_ingest.sandbox.database import open_database
from qalita_ingest.sandbox.intake import take_in
from qalita_ingest.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.database import Database

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
PROJECT = "long_history"
CHECKS_OF_A_DATASET = 10
AIM_MILLISECONDS = 50
DIMENSIONS = tuple(Dimension)


def report(number: int, checks: int, environment: str) -> RunReport:
    """The run of the hour `number`: each tenth check fails now and then, each fortieth goes to and fro."""
    end = BEGINNING + timedelta(hours=number)
    keys = [f"model.{PROJECT}.table_{one:04d}" for one in range(-(-checks // CHECKS_OF_A_DATASET))]
    invocation = f"{environment}-{number:06d}"
    return RunReport(
        kind="dbt",
        project=PROJECT,
        environment=environment,
        context=RunContext(
            run_id=invocation, started_at=end - timedelta(minutes=3), finished_at=end, git_sha=f"{number:040x}"
        ),
        definitions_scope=f"dbt:{PROJECT}",
        definitions_complete=True,
        sources=(Source(name="duckdb:history", type="duckdb"),),
        datasets=tuple(_dataset(keys, place) for place in range(len(keys))),
        checks=tuple(_check(keys, one) for one in range(checks)),
        invocations=(Invocation(id=invocation, command="build", finished_at=end),),
        results=tuple(_result(one, number, invocation) for one in range(checks)),
        steps=tuple(
            Step(key=key, name=key, kind="model", invocation=invocation, status="success", tool_status="success")
            for key in keys
        ),
        metrics=tuple(
            Metric(key="rows", value=1000 + number, scope=Scope(perimeter="dataset", value=key), invocation=invocation)
            for key in keys
        ),
        defined_keys=tuple(sorted([*keys, *(_check(keys, one).key for one in range(checks))])),
    )


def _dataset(keys: list[str], place: int) -> Dataset:
    return Dataset(
        key=keys[place],
        name=keys[place].rpartition(".")[2],
        kind="model",
        source="duckdb:history",
        columns=tuple(Column(name=f"column_{one}", type="varchar") for one in range(20)),
        depends_on=tuple(keys[max(place - 2, 0) : place]),
    )


def _check(keys: list[str], number: int) -> Check:
    return Check(
        key=f"test.{PROJECT}.check_{number:05d}",
        name=f"check_{number:05d}",
        kind="data_test",
        dimension=DIMENSIONS[number % len(DIMENSIONS)],
        dataset=keys[number // CHECKS_OF_A_DATASET],
        owner="data team",
    )


def _result(check: int, run: int, invocation: str) -> Result:
    is_failing = (check % 10 == 0 and (check + run) % 50 == 0) or (check % 40 == 1 and run % 2 == 1)
    return Result(
        check=f"test.{PROJECT}.check_{check:05d}",
        invocation=invocation,
        status=ResultStatus.FAILED if is_failing else ResultStatus.PASSED,
        tool_status="fail" if is_failing else "pass",
        failures=3 if is_failing else 0,
        seconds=0.25,
        message="Got 3 results, configured to fail if != 0" if is_failing else None,
    )


def fill(database: Database, runs: int, checks: int) -> None:
    """Three runs of four are of `prod`, the others of `dev`; what is there already is taken as delivered."""
    for number in range(runs):
        take_in(database, report(number, checks, "dev" if number % 4 == 0 else "prod"), BEGINNING)


def functions(session: Session) -> dict[str, Callable[[], object]]:
    environment = reading.find_environment(session, PROJECT, "prod")
    if environment is None:
        raise SystemExit(f"bench_pages: the store holds no project {PROJECT}")
    last = reading.list_runs(session).items[0].id
    now = datetime.now(UTC)
    cursor = reading.list_check_results(session, 1, environment.id).next
    return {
        "list_projects": partial(reading.list_projects, session, now),
        "list_runs": partial(reading.list_runs, session),
        "list_runs, one environment": partial(reading.list_runs, session, project=PROJECT, environment="prod"),
        "list_runs, 200": partial(reading.list_runs, session, window=reading.Window(200)),
        "find_run": partial(reading.find_run, session, last),
        "list_run_results": partial(reading.list_run_results, session, last),
        "list_run_results, failed": partial(reading.list_run_results, session, last, status="failed"),
        "list_run_steps": partial(reading.list_run_steps, session, last),
        "list_datasets": partial(reading.list_datasets, session, environment),
        "find_dataset": partial(reading.find_dataset, session, 1, environment),
        "list_checks": partial(reading.list_checks, session, environment),
        "list_checks, 200": partial(reading.list_checks, session, environment, window=reading.Window(200)),
        "find_check": partial(reading.find_check, session, 1, environment),
        "list_check_results": partial(reading.list_check_results, session, 1, environment.id),
        "list_check_results, next": partial(
            reading.list_check_results, session, 1, environment.id, reading.Window(50, cursor)
        ),
        "list_scores, project": partial(reading.list_scores, session, environment.id, window=reading.Window(200)),
        "list_scores, a dataset": partial(
            reading.list_scores, session, environment.id, perimeter="dataset", key=f"model.{PROJECT}.table_0000"
        ),
        "list_scores, dimensions": partial(reading.list_scores, session, environment.id, perimeter="dimension"),
        "list_metrics": partial(reading.list_metrics, session, environment.id),
        "list_metrics, one": partial(
            reading.list_metrics,
            session,
            environment.id,
            key="rows",
            perimeter="dataset",
            scope=f"model.{PROJECT}.table_0003",
        ),
        "list_sources": partial(reading.list_sources, session),
        "list_jobs": partial(reading.list_jobs, session),
    }


def routes(client: TestClient) -> dict[str, Callable[[], object]]:
    last = client.get("/api/v2/runs").json()["items"][0]["id"]
    asked = {"project": PROJECT, "environment": "prod"}
    paths = {
        "/projects": {},
        "/runs": {},
        f"/runs/{last}": {},
        f"/runs/{last}/results": {},
        "/datasets": asked,
        "/datasets/1": asked,
        "/checks": asked,
        "/checks/1": asked,
        "/checks/1/results": {"environment": "prod"},
        "/scores": asked,
        "/metrics": asked,
        "/issues": asked,
        "/data-sources": {},
        "/job-history": {},
    }
    return {f"GET {path}": partial(_get, client, f"/api/v2{path}", params) for path, params in paths.items()}


def pages(client: TestClient) -> dict[str, Callable[[], object]]:
    """Every page of the dashboard, as a browser asks for it."""
    last = client.get("/api/v2/runs").json()["items"][0]["id"]
    prod = {"environment": "prod"}
    addresses: dict[str, dict[str, str]] = {
        "/overview": {},
        f"/projects/{PROJECT}": prod,
        "/runs": {},
        f"/runs/{last}": {},
        f"/runs/{last}?": {"status": "failed"},
        "/datasets/1": prod,
        "/checks/1": prod,
        "/issues": {},
        "/issues?": {"status": "all"},
        "/issues/1": {},
        "/sources": {},
        "/packs": {},
        "/jobs": {},
        "/jobs/1": {},
    }
    return {
        f"page {path}": partial(_get, client, path.rstrip("?"), params, "text/html")
        for path, params in addresses.items()
    }


def _get(client: TestClient, path: str, params: dict[str, str], accept: str = "application/json") -> None:
    client.get(path, params=params, headers={"Accept": accept}).raise_for_status()


class Times(NamedTuple):
    """In milliseconds."""

    name: str
    median: float
    p95: float
    cpu: float


def measure(name: str, call: Callable[[], object], rounds: int) -> Times:
    """Of the rounds after a first one."""
    call()
    times, of_processor = [], []
    for _ in range(rounds):
        started, worked = time.perf_counter(), time.process_time()
        call()
        times.append((time.perf_counter() - started) * 1000)
        of_processor.append((time.process_time() - worked) * 1000)
    p95 = sorted(times)[math.ceil(0.95 * rounds) - 1]
    return Times(name, statistics.median(times), p95, statistics.median(of_processor))


def show(found: Times, plainest: float) -> None:
    remark = "" if found.median < AIM_MILLISECONDS else "   above the aim"
    print(
        f"{found.name:<34} {found.median:8.1f} {found.p95:8.1f} {found.cpu:8.1f} {found.median / plainest:8.1f}{remark}"
    )


@contextmanager
def stored(folder: str | None) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as temporary:
        database = open_database(Settings(store=Path(folder or temporary)))
        yield database
        database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Times of each reading of a store with a long history.")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--checks", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--store", help="a folder in which the store is kept for the next time")
    options = parser.parse_args()
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with stored(options.store) as database:
        started = time.perf_counter()
        fill(database, options.runs, options.checks)
        print(f"{options.runs} runs of {options.checks} checks stored in {time.perf_counter() - started:.0f} s")
        _measure_all(database, options.rounds)


def _measure_all(database: Database, rounds: int) -> None:
    print(f"{'milliseconds':<34} {'median':>8} {'p95':>8} {'cpu':>8} {'ratio':>8}")
    with TestClient(create_app(database)) as client, database.reading() as session:
        plainest = measure("plainest", partial(_get, client, "/api/v2/ingest/capabilities", {}), rounds).median
        found = []
        for name, call in (functions(session) | routes(client) | pages(client)).items():
            found.append(measure(name, call, rounds))
            show(found[-1], plainest)
    slowest = max(found, key=lambda one: one.median)
    print(
        f"slowest: {slowest.name} with a median of {slowest.median:.1f} ms, p95 {slowest.p95:.1f} ms, "
        f"{slowest.cpu:.1f} ms of the processor, {slowest.median / plainest:.1f} × the plainest request; "
        f"the aim is {AIM_MILLISECONDS} ms"
    )


if __name__ == "__main__":
    main()
