"""Small reports for tests of the store: what mapping a real dbt run gives, cut down to what a test is about."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from qalita_ingest.contract import (
    Check,
    Dataset,
    Dimension,
    IngestAnswer,
    Invocation,
    IssueChange,
    Metric,
    Result,
    ResultStatus,
    RunContext,
    RunReport,
    RunScore,
    Scope,
    Source,
    Step,
)
from qalita_ingest.mapping import Summary, SummaryResult, SummaryStep

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


def summary_result(name: str, status: str, **facts: Any) -> SummaryResult:
    """One row of a summary; `facts` replace what a data test on the dataset above has."""
    usual = {
        "unique_id": f"test.opendata.{name}",
        "name": name,
        "kind": "data_test",
        "dataset": DATASET,
        "column": None,
        "dimension": "validity",
        "severity": "error",
        "status": ResultStatus(status),
        "dbt_status": status,
        "failures": 1 if status in {"failed", "warning"} else None,
        "seconds": 0.25,
        "message": "Got 1 result" if status in {"failed", "warning"} else None,
        "reason": None,
        "path": "models/schema.yml",
    }
    return SummaryResult(**(usual | facts))


def failed_model(name: str, severity: str = "high", **facts: Any) -> SummaryStep:
    usual = {
        "unique_id": f"model.opendata.{name}",
        "name": name,
        "kind": "model",
        "severity": severity,
        "dbt_status": "error",
        "message": "Database Error: no such column",
        "path": f"models/{name}.sql",
    }
    return SummaryStep(**(usual | facts))


def summary(*results: SummaryResult, **facts: Any) -> Summary:
    """A summary of these results; `facts` replace what they alone give."""
    usual = {
        "counts": {status.value: sum(one.status is status for one in results) for status in ResultStatus},
        "not_selected": 0,
        "steps": {},
        "contracts": {},
        "mixed": False,
        "not_in_manifest": [],
        "ignored": {},
        "results": list(results),
        "contract_results": [],
        "step_findings": [],
        "notes": [],
    }
    return Summary(**(usual | facts))


def answer(**facts: Any) -> IngestAnswer:
    usual = {"outcome": "accepted", "run": 1, "delivered_at": MIDNIGHT, "new_results": 1, "known_results": 0}
    return IngestAnswer(**(usual | facts))


def score(value: float, perimeter: str = "project", key: str = "opendata_dbt") -> RunScore:
    return RunScore(perimeter=perimeter, key=key, value=value, checks=20)


def change(number: int, check: str, severity: str = "high") -> IssueChange:
    return IssueChange(id=number, title=f"[QALITA] stg_airquality: {check}", severity=severity, dataset=DATASET)


def merged(*runs: RunReport) -> RunReport:
    """What ingest makes of several results files."""
    last = runs[-1]
    return msgspec.structs.replace(
        last,
        context=msgspec.structs.replace(last.context, run_id="merged"),
        invocations=tuple(itertools.chain.from_iterable(run.invocations for run in runs)),
        results=tuple(itertools.chain.from_iterable(run.results for run in runs)),
        steps=tuple(itertools.chain.from_iterable(run.steps for run in runs)),
        metrics=tuple(itertools.chain.from_iterable(run.metrics for run in runs)),
        checks=tuple({one.key: one for run in runs for one in run.checks}.values()),
        defined_keys=tuple(sorted({key for run in runs for key in run.defined_keys})),
    )
