"""How soon the sandbox serves, what it weighs, and how many results it takes in from many clients at once.

    python scripts/bench_load.py [--clients 50] [--runs 2000] [--results 100] [--database-url postgresql://…]

Each figure stands beside a plain one of the same minutes: the start beside the bare import of the frameworks, the
results per second beside a bare bulk insert of the rows that they left in the store, one transaction for each run.
With `--database-url`, of an empty database, PostgreSQL is measured after SQLite. Machines are noisy: compare ratios.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKeyConstraint, MetaData, Table, func, insert, inspect, quoted_name, select

from qalita_ingest.contract import (
    Check,
    Dataset,
    Dimension,
    Invocation,
    Result,
    ResultStatus,
    RunContext,
    RunReport,
    Source,
    encode,
    idempotency_key,
)
from qalita_ingest.sandbox.database import dialects, open_database
from qalita_ingest.sandbox.database.model import Base
from qalita_ingest.sandbox.database.model import Result as ResultRow
from qalita_ingest.sandbox.database.model import Run as RunRow
from qalita_ingest.sandbox.settings import Settings, postgresql_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FRAMEWORKS = "import fastapi, jinja2, sqlalchemy, uvicorn"
SERVER = (sys.executable, "-m", "qalita_ingest.sandbox")
START_SECONDS = 60
ANSWER_SECONDS = 120
IDLE_SECONDS = 2
# Told to come back, a client does so after a second: so often, and then it gives up.
ATTEMPTS = 60
COME_BACK, SERVER_ERRORS = 409, 500
DATASETS = 10
# Every check fails once in so many runs, so that there are issues to follow.
FAILS_EVERY = 20
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


# --- the server ---------------------------------------------------------------------------------------------------


@contextmanager
def server(settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """Its process, its port, and the seconds until it answered."""
    port = _free_port()
    environment = os.environ | {"QALITA_STORE": str(settings.store), "QALITA_SANDBOX_PORT": str(port)}
    environment["QALITA_DATABASE_URL"] = settings.url.render_as_string(hide_password=False) if settings.url else ""
    settings.store.mkdir(parents=True, exist_ok=True)
    with (settings.store / "server.log").open("wb") as log:
        started = time.perf_counter()
        process = subprocess.Popen(SERVER, env=environment, stdout=log, stderr=log)
        try:
            yield process, port, _seconds_until_ready(process, port, started, Path(log.name))
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _seconds_until_ready(process: subprocess.Popen[bytes], port: int, started: float, log: Path) -> float:
    while (elapsed := time.perf_counter() - started) < START_SECONDS and process.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
            connection.request("GET", "/api/v2/ingest/capabilities")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.01)
        else:
            return elapsed
    sys.exit(f"bench: the server did not answer:\n{log.read_text()[-2000:]}")


def import_seconds() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", FRAMEWORKS], check=True)
    return time.perf_counter() - started


def resident_megabytes(process: subprocess.Popen[bytes]) -> float | None:
    """None where the system has no /proc."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return None
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


def report_start(settings: Settings, rounds: int) -> None:
    open_database(settings).close()
    ratios, starts, megabytes = [], [], None
    for _ in range(rounds):
        bare = import_seconds()
        with server(settings) as (process, _port, seconds):
            time.sleep(IDLE_SECONDS)
            megabytes = resident_megabytes(process)
        starts.append(seconds)
        ratios.append(seconds / bare)
    print(
        f"ready to serve in {statistics.median(starts):.2f} s, "
        f"{statistics.median(ratios):.2f} × the bare import of its frameworks; medians of {rounds}"
    )
    print(f"memory idle: {f'{megabytes:.0f} MB' if megabytes else 'not measured: this system has no /proc'}")


# --- the load -----------------------------------------------------------------------------------------------------


def a_run(project: int, number: int, results: int) -> RunReport:
    """Of its project the run of that number."""
    invocation, finished_at = f"invocation-{project}-{number}", BEGIN + timedelta(hours=number)
    datasets = [f"model.shop.table_{one}" for one in range(DATASETS)]
    names = [f"not_null_{one}" for one in range(results)]
    return RunReport(
        kind="dbt",
        project=f"shop_{project}",
        environment="prod",
        context=RunContext(run_id=invocation, started_at=None, finished_at=finished_at, tool="dbt"),
        definitions_scope="dbt:shop",
        definitions_complete=True,
        sources=(Source(name="duckdb", type="duckdb"),),
        datasets=tuple(Dataset(key=key, name=key, kind="model", source="duckdb") for key in datasets),
        checks=tuple(
            Check(
                key=f"test.shop.{name}",
                name=name,
                kind="data_test",
                dimension=Dimension.COMPLETENESS,
                dataset=datasets[at % DATASETS],
            )
            for at, name in enumerate(names)
        ),
        invocations=(Invocation(id=invocation, command="test", finished_at=finished_at),),
        results=tuple(
            _result(name, invocation, has_failed=(at + number) % FAILS_EVERY == 0) for at, name in enumerate(names)
        ),
        defined_keys=tuple(sorted([*datasets, *(f"test.shop.{name}" for name in names)])),
    )


def _result(name: str, invocation: str, *, has_failed: bool) -> Result:
    return Result(
        check=f"test.shop.{name}",
        invocation=invocation,
        status=ResultStatus.FAILED if has_failed else ResultStatus.PASSED,
        tool_status="fail" if has_failed else "pass",
        failures=1 if has_failed else 0,
        seconds=0.25,
        message="Got 1 result, configured to fail if != 0" if has_failed else None,
    )


@dataclass
class Told:
    """What the clients were told: how often which status, and the seconds that each run took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def deliver(port: int, bodies: list[tuple[str, bytes]], told: Told) -> None:
    """One client: one run after the other on one connection. A run of a key that is in hand is sent again."""
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    for key, body in bodies:
        headers = {"Idempotency-Key": key, "Content-Encoding": "gzip", "Content-Type": "application/json"}
        began = time.perf_counter()
        for _ in range(ATTEMPTS):
            connection.request("POST", "/api/v2/ingest/runs", body, headers)
            response = connection.getresponse()
            response.read()
            told.statuses[response.status] += 1
            if response.status != COME_BACK:
                break
            time.sleep(1)
        told.seconds.append(time.perf_counter() - began)


def load(port: int, clients: list[list[tuple[str, bytes]]]) -> tuple[Told, float]:
    """All clients at once; what they were told, and the seconds until the last was done."""
    told = [Told() for _ in clients]
    threads = [
        threading.Thread(target=deliver, args=(port, bodies, mine)) for bodies, mine in zip(clients, told, strict=True)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    statuses = sum((mine.statuses for mine in told), Counter())
    return Told(statuses, [one for mine in told for one in mine.seconds]), elapsed


def bare_insert_seconds(settings: Settings) -> float:
    """The rows that the runs left in the store, inserted again: into tables with the same columns and indexes.

    One insert for each table and one commit for each run; what belongs to no run goes with the first.
    """
    beside = Settings(settings.store / "bare", settings.url)
    beside.store.mkdir(parents=True, exist_ok=True)
    tables = {table: _bare(table) for table in Base.metadata.sorted_tables}
    runs = _rows_by_run(settings, tables)
    engine, _ = dialects.engines(beside.database_url)
    with engine.begin() as connection:
        for bare in tables.values():
            bare.create(connection)
    began = time.perf_counter()
    for rows_of in runs:
        with engine.begin() as connection:
            for table, rows in rows_of.items():
                connection.execute(insert(tables[table]), rows)
    elapsed = time.perf_counter() - began
    with engine.begin() as connection:
        for bare in tables.values():
            bare.drop(connection)
    engine.dispose()
    return elapsed


def _rows_by_run(settings: Settings, tables: Iterable[Table]) -> list[dict[Table, list[dict[str, object]]]]:
    runs: dict[int, dict[Table, list[dict[str, object]]]] = defaultdict(lambda: defaultdict(list))
    database = open_database(settings)
    with database.reading() as session:
        first = session.scalar(select(func.min(RunRow.id))) or 0
        for table in tables:
            of_run = "id" if table is RunRow.__table__ else "run_id"
            for row in session.execute(select(table)).mappings():
                runs[row.get(of_run) or first][table].append(dict(row))
    database.close()
    return [runs[run_id] for run_id in sorted(runs)]


def _bare(table: Table) -> Table:
    """Without foreign keys, and with names of its own: those of the store are taken."""
    bare = table.to_metadata(MetaData(), name=f"bare_{table.name}")
    for constraint in [one for one in bare.constraints if isinstance(one, ForeignKeyConstraint)]:
        bare.constraints.remove(constraint)
    for kept in bare.constraints:
        kept.name = None
    for index in bare.indexes:
        index.name = quoted_name(f"bare_{index.name}", quote=None)
    return bare


def check_store(settings: Settings, told: Told, runs: int, results: int) -> None:
    """Ends the measurement where anything is missing, doubled or was answered with an error of the server."""
    database = open_database(settings)
    with database.reading() as session:
        stored_runs = session.scalar(select(func.count(RunRow.id)))
        stored = session.scalar(select(func.count(ResultRow.id)))
        keys = select(ResultRow.check_id, ResultRow.invocation_id).distinct().subquery()
        distinct = session.scalar(select(func.count()).select_from(keys))
    database.close()
    if (stored_runs, stored, distinct) != (runs, runs * results, runs * results):
        sys.exit(f"bench: sent {runs} runs, found {stored_runs} with {stored} results, {distinct} of them distinct")
    if errors := {status: times for status, times in told.statuses.items() if status >= SERVER_ERRORS}:
        sys.exit(f"bench: the server failed: {errors}")
    said = ", ".join(f"{times} × {status}" for status, times in sorted(told.statuses.items()))
    print(f"  all {runs} runs and {runs * results} results stored, none doubled, no 5xx ({said})")


def report_load(name: str, settings: Settings, options: argparse.Namespace) -> None:
    each = options.runs // options.clients
    runs, results = each * options.clients, options.results
    clients = [[_packed(a_run(client, at, results)) for at in range(each)] for client in range(options.clients)]
    with server(settings) as (_process, port, _seconds):
        told, elapsed = load(port, clients)
    bare = statistics.mean([bare_insert_seconds(settings) for _ in range(2)])
    rate, bare_rate = runs * results / elapsed, runs * results / bare
    p50, p95, p99 = (statistics.quantiles(told.seconds, n=100)[at] * 1000 for at in (49, 94, 98))
    print(f"{name}: {options.clients} clients at once, {results} results a run")
    check_store(settings, told, runs, results)
    print(f"  {rate:,.0f} results a second; each run p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms")
    print(f"  {rate / bare_rate:.2f} × the rate of a bare bulk insert of the same rows ({bare_rate:,.0f} a second)")


def _packed(run: RunReport) -> tuple[str, bytes]:
    return idempotency_key(run), gzip.compress(encode(run), 1)


def empty_postgresql(folder: Path, url: str) -> Settings:
    settings = Settings(folder, postgresql_url(url))
    engine, _ = dialects.engines(settings.database_url)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
    engine.dispose()
    if tables:
        sys.exit(f"bench: {settings.place} has tables; name an empty database with --database-url")
    return settings


def main() -> None:
    parser = argparse.ArgumentParser(description="Start, memory and load of the sandbox.")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--results", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5, help="of the start")
    parser.add_argument("--database-url", help="an empty PostgreSQL database, measured too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stores = {"SQLite": Settings(folder / "sqlite")}
        if options.database_url:
            stores["PostgreSQL"] = empty_postgresql(folder / "postgresql", options.database_url)
        print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        report_start(Settings(folder / "start"), options.rounds)
        for kind, settings in stores.items():
            report_load(kind, settings, options)


if __name__ == "__main__":
    main()
