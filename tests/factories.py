"""Small reports for tests of the store: what mapping a real dbt run gives, cut down to what a test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qalita_ingest.contract import (
    Check,
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

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
DATASET = "model.opendata.stg_airquality"


def check(name: str, dimension: Dimension = Dimension.VALIDITY, dataset: str | None = DATASET) -> Check:
    return Check(
        key=f"test.opendata.{name}",
        name=name,
        kind="data_test",
        dimension=dimension,
        dataset=dataset,
        owner="data team",
    )


def report(
    hour: int,
    statuses: dict[str, str],
    *,
    environment: str = "dev",
    project: str = "opendata_dbt",
    defined: tuple[str, ...] | None = None,
    steps: dict[str, str] | None = None,
    git_sha: str | None = None,
    invocation: str | None = None,
    complete: bool = True,
    scope: str = "dbt:opendata",
) -> RunReport:
    """A run that ended at `hour` o'clock: check name → status. `defined`: the checks of the manifest [those run]."""
    invocation = invocation or f"invocation-{hour:02d}"
    names = statuses.keys() if defined is None else defined
    finished_at = MIDNIGHT + timedelta(hours=hour)
    steps = steps or {}
    checks = tuple(check(name) for name in sorted({*names, *statuses}))
    return RunReport(
        kind="dbt",
        project=project,
        environment=environment,
        context=RunContext(run_id=invocation, started_at=None, finished_at=finished_at, git_sha=git_sha, tool="dbt"),
        definitions_scope=scope,
        definitions_complete=complete,
        sources=(Source(name="duckdb:opendata", type="duckdb", database="opendata"),),
        datasets=(Dataset(key=DATASET, name="stg_airquality", kind="model", source="duckdb:opendata"),),
        checks=checks,
        invocations=(Invocation(id=invocation, command="test", finished_at=finished_at),),
        results=tuple(
            Result(
                check=f"test.opendata.{name}",
                invocation=invocation,
                status=ResultStatus(status),
                tool_status=status,
                failures=1,
            )
            for name, status in statuses.items()
        ),
        steps=tuple(step(key, status, invocation) for key, status in steps.items()),
        metrics=tuple(
            Metric(key="rows", value=10, scope=Scope(perimeter="dataset", value=key), invocation=invocation)
            for key in steps
        ),
        defined_keys=tuple(sorted([DATASET, *(f"test.opendata.{name}" for name in names)])),
    )


def step(key: str, status: str, invocation: str) -> Step:
    return Step(
        key=key,
        name=key.rpartition(".")[2],
        kind="model",
        invocation=invocation,
        status="error" if status == "error" else "success",
        tool_status=status,
        finding="high" if status == "error" else None,
    )
