"""What of a run somebody must act on: checks, contracts and steps in one list, the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qalita_ingest.contract import ResultStatus, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qalita_ingest.mapping import Summary, SummaryResult, SummaryStep

_WORST_FIRST = ("step_error", ResultStatus.ERROR, ResultStatus.FAILED, "step_warning", ResultStatus.WARNING)
# A rule on several datasets, or one that the manifest does not hold.
NO_DATASET = "no single dataset"


@dataclass(frozen=True)
class Finding:
    """`key` is dbt's unique_id, `dataset` that of the tested dataset; `path` is relative to the dbt project.

    `level` is what a build should make of it; `is_execution` tells what could not be executed from what was measured.
    """

    key: str
    kind: str
    name: str
    level: Literal["error", "warning"]
    status: str
    rank: int
    is_execution: bool = False
    is_step: bool = False
    dataset: str | None = None
    column: str | None = None
    dimension: str | None = None
    failures: int | None = None
    message: str | None = None
    path: str | None = None

    @property
    def subject(self) -> str:
        return short_name(self.dataset)

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}" if self.is_step else f"{self.subject}: {self.name}"

    @property
    def fingerprint(self) -> str:
        """The same in every run. A model, its contract and its execution are three things under one key."""
        return sha256_of([self.kind, "execution" if self.is_step else "check", self.key])

    @property
    def explanation(self) -> str:
        """Never empty: what the tool said, else what is known."""
        if self.message:
            return self.message
        return self.status if self.failures is None else f"{self.status}, {self.failures} row(s)"


def findings_of(summary: Summary) -> list[Finding]:
    """A check that ran more than once is there with its last outcome."""
    checks = [one for rows in (summary.results, summary.contract_results) for one in last_outcomes(_of_found(rows))]
    found = [
        *(_of_step(one) for one in {step.unique_id: step for step in summary.step_findings}.values()),
        *(_of_check(one) for one in checks if one.status.is_finding),
    ]
    return sorted(found, key=lambda one: (one.rank, one.title, one.key))


def _of_found(results: Sequence[SummaryResult]) -> list[SummaryResult]:
    """Only the rows of checks that found something: most checks pass."""
    found = {result.unique_id for result in results if result.status.is_finding}
    return [result for result in results if result.unique_id in found]


def last_outcomes(results: Iterable[SummaryResult]) -> list[SummaryResult]:
    """One row for each check, where several files hold it; no outcome never hides one, as in score and issues."""
    last: dict[str, SummaryResult] = {}
    for result in results:
        known = last.get(result.unique_id)
        if known is None or result.status.is_outcome or not known.status.is_outcome:
            last[result.unique_id] = result
    return list(last.values())


def short_name(dataset: str | None) -> str:
    """`model.shop.orders` → `orders`, `source.shop.raw.orders` → `raw.orders`."""
    return dataset.split(".", 2)[-1] if dataset else NO_DATASET


def _of_check(result: SummaryResult) -> Finding:
    return Finding(
        key=result.unique_id,
        kind=result.kind,
        name=result.name,
        level="warning" if result.status is ResultStatus.WARNING else "error",
        status=result.status.value,
        rank=_WORST_FIRST.index(result.status),
        is_execution=result.status is ResultStatus.ERROR,
        dataset=result.dataset,
        column=result.column,
        dimension=result.dimension,
        failures=result.failures,
        message=result.message or result.reason,
        path=_with_slashes(result.path),
    )


def _of_step(step: SummaryStep) -> Finding:
    level: Literal["error", "warning"] = "error" if step.severity == "high" else "warning"
    return Finding(
        key=step.unique_id,
        kind=step.kind,
        name=step.name,
        level=level,
        status=step.dbt_status or level,
        rank=_WORST_FIRST.index(f"step_{level}"),
        is_execution=True,
        is_step=True,
        message=step.message,
        path=_with_slashes(step.path),
    )


def _with_slashes(path: str | None) -> str | None:
    """dbt on Windows writes backslashes; CI servers look for the path of the repository."""
    return path.replace("\\", "/") if path else None
