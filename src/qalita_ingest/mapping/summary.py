"""What one ingest says about the files it read: the numbers that a plain count over them gives."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from qalita_ingest.contract import Result, ResultStatus, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qalita_ingest.contract import Check, RunReport
    from qalita_ingest.mapping.dbt import Mapped

Row = TypeVar("Row", Result, Step)
_ALWAYS = [status for status in ResultStatus if status is not ResultStatus.NOT_MEASURED]


class SummaryResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check. `dbt_status` is dbt's own word; `reason` says why there was no outcome.

    `path` is the file that defines it, relative to the dbt project.
    """

    unique_id: str
    name: str
    kind: str
    dataset: str | None
    column: str | None
    dimension: str
    severity: str
    status: ResultStatus
    dbt_status: str | None
    failures: int | None
    seconds: float | None
    message: str | None
    reason: str | None
    path: str | None


class SummaryStep(msgspec.Struct, frozen=True, kw_only=True):
    """A model, seed, snapshot, function or hook that somebody must look at; `severity` is its issue's."""

    unique_id: str
    name: str
    kind: str
    severity: str
    dbt_status: str | None
    message: str | None
    path: str | None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`counts` are over data tests, unit tests and freshness only.

    `steps` (kind:status → number) are over models, seeds, snapshots, functions and hooks, `step_findings` those of them
    that opened an issue; `contracts` (status → number) over the model contracts that dbt enforces. `notes` say what a
    reader of the numbers should know.
    """

    counts: dict[str, int]
    not_selected: int
    steps: dict[str, int]
    contracts: dict[str, int]
    mixed: bool
    not_in_manifest: list[str]
    ignored: dict[str, str]
    results: list[SummaryResult]
    contract_results: list[SummaryResult]
    step_findings: list[SummaryStep]
    notes: list[str]

    def as_json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def summarise(mapped: Mapped, *, freshness_given: bool) -> Summary:
    """`not_measured` is counted only where a sources.json was given: without one, nothing could be."""
    report = mapped.report
    checks = {check.key: check for check in report.checks}
    # By time, whatever order the files were named in: the last row of a check is its last outcome.
    in_order = _by_time(report, report.results)
    contracts = [one for one in in_order if checks[one.check].kind == "contract"]
    results = [one for one in in_order if checks[one.check].kind != "contract"]
    found = Counter(result.status for result in results)
    listed = [*_ALWAYS, ResultStatus.NOT_MEASURED] if freshness_given else _ALWAYS
    return Summary(
        counts={status.value: found[status] for status in listed},
        not_selected=len(mapped.not_selected),
        steps=_sorted_counts(f"{step.kind}:{step.status}" for step in report.steps),
        contracts=_sorted_counts(result.status.value for result in contracts),
        mixed=bool(mapped.unknown_ids),
        not_in_manifest=sorted(set(mapped.unknown_ids)),
        ignored=mapped.ignored,
        results=[_row(result, checks[result.check]) for result in results],
        contract_results=[_row(result, checks[result.check]) for result in contracts],
        step_findings=_step_findings(report),
        notes=mapped.notes,
    )


def _by_time(report: RunReport, rows: Sequence[Row]) -> list[Row]:
    # A report's invocations are in the order of their times.
    order = {one.id: place for place, one in enumerate(report.invocations)}
    return sorted(rows, key=lambda row: order[row.invocation])


def _sorted_counts(words: Any) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _row(result: Result, check: Check) -> SummaryResult:
    return SummaryResult(
        unique_id=result.check,
        name=check.name,
        kind=check.kind,
        dataset=check.dataset,
        column=check.column,
        dimension=check.dimension,
        severity=check.severity,
        status=result.status,
        dbt_status=result.tool_status,
        failures=result.failures,
        seconds=result.seconds,
        message=result.message,
        reason=result.reason,
        path=check.path,
    )


def _step_findings(report: RunReport) -> list[SummaryStep]:
    paths = {dataset.key: dataset.path for dataset in report.datasets}
    # A model that failed and was built by `dbt retry` after that needs nobody's look.
    last = {step.key: step for step in _by_time(report, report.steps) if step.status in {"success", "error"}}
    return [
        SummaryStep(
            unique_id=step.key,
            name=step.name,
            kind=step.kind,
            severity=step.finding,
            dbt_status=step.tool_status,
            message=step.message,
            path=paths.get(step.key),
        )
        for step in last.values()
        if step.finding
    ]
