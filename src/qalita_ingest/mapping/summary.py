"""What one ingest says about the files it read: the numbers that a plain count over them gives."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from qalita_ingest.contract import ResultStatus

if TYPE_CHECKING:
    from qalita_ingest.contract import Check, Result
    from qalita_ingest.mapping.dbt import Mapped

_ALWAYS = [status for status in ResultStatus if status is not ResultStatus.NOT_MEASURED]


class SummaryResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check. `dbt_status` is dbt's own word; `reason` says why there was no outcome."""

    unique_id: str
    name: str
    dataset: str | None
    column: str | None
    dimension: str
    severity: str
    status: ResultStatus
    dbt_status: str | None
    failures: int | None
    message: str | None
    reason: str | None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`counts` are over data tests, unit tests and freshness only; `steps` over the rest (kind:status → number)."""

    counts: dict[str, int]
    not_selected: int
    steps: dict[str, int]
    mixed: bool
    not_in_manifest: list[str]
    ignored: dict[str, str]
    results: list[SummaryResult]

    def as_json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def summarise(mapped: Mapped, *, freshness_given: bool) -> Summary:
    """`not_measured` is counted only where a sources.json was given: without one, nothing could be."""
    report = mapped.report
    checks = {check.key: check for check in report.checks}
    found = Counter(result.status for result in report.results)
    listed = [*_ALWAYS, ResultStatus.NOT_MEASURED] if freshness_given else _ALWAYS
    return Summary(
        counts={status.value: found[status] for status in listed},
        not_selected=len(mapped.not_selected),
        steps=_sorted_counts(f"{step.kind}:{step.status}" for step in report.steps),
        mixed=bool(mapped.unknown_ids),
        not_in_manifest=sorted(set(mapped.unknown_ids)),
        ignored=mapped.ignored,
        results=[_row(result, checks[result.check]) for result in report.results],
    )


def _sorted_counts(words: Any) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _row(result: Result, check: Check) -> SummaryResult:
    return SummaryResult(
        unique_id=result.check,
        name=check.name,
        dataset=check.dataset,
        column=check.column,
        dimension=check.dimension,
        severity=check.severity,
        status=result.status,
        dbt_status=result.tool_status,
        failures=result.failures,
        message=result.message,
        reason=result.reason,
    )
