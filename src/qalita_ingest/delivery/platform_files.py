"""A run as the three documents that a QALITA pack leaves behind: metrics, recommendations, schemas.

Documented by the vendor: doc.qalita.io, "How to 'Pack' ?" (recommendations: content, type, scope; metrics: key, value,
scope) and the skill "creating-qalita-packs" of github.com/qalita/skills (levels; a scope's perimeter, value and
parent_scope, itself a scope; fractions as text, counts as numbers). The README of their schema scanner says that
schemas.json has an entry for each dataset and each column.

Datasets are named by their key (dbt's unique_id): two of one name stay two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

import msgspec

from qalita_ingest.contract import ResultStatus
from qalita_ingest.contract.scores import latest_results, score_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qalita_ingest.contract import Check, Dataset, Result, RunReport, RunScore, Step

LONGEST_CONTENT = 500
DECIMALS = 4


class PlatformScope(TypedDict):
    perimeter: str
    value: str
    parent_scope: NotRequired[PlatformScope]


class PlatformMetric(TypedDict):
    key: str
    value: int | str
    scope: PlatformScope


class Recommendation(TypedDict):
    """`type` is the check's dimension, or `execution` where something could not be run."""

    content: str
    type: str
    scope: PlatformScope
    level: Literal["info", "warning", "high"]


class SchemaEntry(TypedDict):
    key: Literal["dataset", "column", "type"]
    value: str
    scope: PlatformScope


@dataclass(frozen=True)
class PlatformFiles:
    recommendations: list[Recommendation]
    schemas: list[SchemaEntry]
    metrics: list[PlatformMetric]

    def as_json(self) -> dict[str, bytes]:
        """File name → content, in the order in which the vendor's client uploads them."""
        documents = {"recommendations": self.recommendations, "schemas": self.schemas, "metrics": self.metrics}
        return {f"{name}.json": msgspec.json.encode(document) for name, document in documents.items()}


def platform_files(report: RunReport, scores: Iterable[RunScore] | None = None) -> PlatformFiles:
    """`scores`: those of the answer of a server that computes them [default: computed here, by the same rules]."""
    scopes = _Scopes(report)
    computed = score_report(report) if scores is None else scores
    return PlatformFiles(
        recommendations=[*_check_findings(report, scopes), *_step_findings(report, scopes)],
        schemas=[entry for dataset in report.datasets for entry in _schema(dataset, scopes)],
        metrics=[
            *_scores(computed, scopes),
            *_counts(report, scopes),
            *_failures(report, scopes),
            *_measured(report, scopes),
        ],
    )


class _Scopes:
    """What is inside what: project, dataset, column or check."""

    def __init__(self, report: RunReport) -> None:
        self.project: PlatformScope = {"perimeter": "project", "value": report.project}
        self._names = {dataset.key: dataset.name for dataset in report.datasets}

    def of(self, perimeter: str, value: str) -> PlatformScope:
        return self.project if perimeter == "project" else self._in_project(perimeter, value)

    def dataset(self, key: str | None) -> PlatformScope:
        """The project's, for what belongs to no dataset or to several."""
        return self._in_project("dataset", key) if key in self._names and key else self.project

    def _in_project(self, perimeter: str, value: str) -> PlatformScope:
        return {"perimeter": perimeter, "value": value, "parent_scope": self.project}

    def column(self, dataset: str, column: str) -> PlatformScope:
        return {"perimeter": "column", "value": column, "parent_scope": self.dataset(dataset)}

    def of_finding(self, check: Check) -> PlatformScope:
        if check.dataset in self._names and check.dataset and check.column:
            return self.column(check.dataset, check.column)
        return self.dataset(check.dataset)

    def name(self, dataset: str | None) -> str:
        """For people to read."""
        return self._names.get(dataset or "", self.project["value"])


def _scores(scores: Iterable[RunScore], scopes: _Scopes) -> Iterator[PlatformMetric]:
    for score in scores:
        yield {"key": "score", "value": _fraction(score.value), "scope": scopes.of(score.perimeter, score.key)}


def _counts(report: RunReport, scopes: _Scopes) -> Iterator[PlatformMetric]:
    """How many checks ended in which status; each counts once, with its last outcome."""
    statuses = [result.status for result in latest_results(report).values()]
    for status in ResultStatus:
        yield {"key": f"checks_{status}", "value": statuses.count(status), "scope": scopes.project}


def _failures(report: RunReport, scopes: _Scopes) -> Iterator[PlatformMetric]:
    checks = {check.key: check for check in report.checks}
    for key, result in latest_results(report).items():
        if result.failures is not None and result.status.is_outcome:
            parent = scopes.dataset(checks[key].dataset)
            scope: PlatformScope = {"perimeter": "check", "value": key, "parent_scope": parent}
            yield {"key": "failures", "value": result.failures, "scope": scope}


def _measured(report: RunReport, scopes: _Scopes) -> Iterator[PlatformMetric]:
    """Rows and seconds; of several invocations that measured a dataset, the last counts."""
    order = {one.id: (one.finished_at, one.id) for one in report.invocations}
    in_order = sorted(report.metrics, key=lambda one: order[one.invocation])
    latest = {(one.scope.perimeter, one.scope.value, one.key): one for one in in_order}
    for metric in latest.values():
        is_count = metric.key != "seconds" and float(metric.value).is_integer()
        value = int(metric.value) if is_count else _fraction(metric.value)
        yield {"key": metric.key, "value": value, "scope": scopes.of(metric.scope.perimeter, metric.scope.value)}


def _check_findings(report: RunReport, scopes: _Scopes) -> Iterator[Recommendation]:
    checks = {check.key: check for check in report.checks}
    for key, result in latest_results(report).items():
        if result.status.is_finding:
            check = checks[key]
            is_error = result.status is ResultStatus.ERROR
            yield {
                "content": _line(f"{scopes.name(check.dataset)}: {check.name} {_outcome(result)}", result.message),
                "type": "execution" if is_error else str(check.dimension),
                "scope": scopes.of_finding(check),
                "level": "warning" if result.status is ResultStatus.WARNING else "high",
            }


def _outcome(result: Result) -> str:
    words = {ResultStatus.WARNING: "warns", ResultStatus.FAILED: "failed", ResultStatus.ERROR: "could not be run"}
    if result.status is ResultStatus.ERROR or result.failures is None:
        return words[result.status]
    return f"{words[result.status]} ({result.failures} {'row' if result.failures == 1 else 'rows'})"


def _step_findings(report: RunReport, scopes: _Scopes) -> Iterator[Recommendation]:
    for step in _latest_steps(report):
        if step.finding:
            yield {
                "content": _line(f"{step.name}: the {step.kind} ended with {step.tool_status}", step.message),
                "type": "execution",
                "scope": scopes.dataset(step.key),
                "level": "high" if step.finding == "high" else "warning",
            }


def _latest_steps(report: RunReport) -> Iterable[Step]:
    """A step that was skipped later is no better than it was."""
    order = {one.id: (one.finished_at, one.id) for one in report.invocations}
    in_order = sorted(report.steps, key=lambda one: (one.status in {"success", "error"}, order[one.invocation]))
    return {step.key: step for step in in_order}.values()


def _schema(dataset: Dataset, scopes: _Scopes) -> Iterator[SchemaEntry]:
    yield {"key": "dataset", "value": dataset.name, "scope": scopes.dataset(dataset.key)}
    for column in dataset.columns:
        scope = scopes.column(dataset.key, column.name)
        yield {"key": "column", "value": column.name, "scope": scope}
        if column.type:
            yield {"key": "type", "value": column.type, "scope": scope}


def _fraction(value: float) -> str:
    return str(round(value, DECIMALS))


def _line(outcome: str, message: str | None) -> str:
    line = " ".join((f"{outcome}: {message}" if message else outcome).split())
    return line if len(line) <= LONGEST_CONTENT else f"{line[: LONGEST_CONTENT - 1]}…"
