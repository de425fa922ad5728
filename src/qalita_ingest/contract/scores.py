"""Score of a run: the mean over its checks that had an outcome, those that the team said matter less counting half.

    score = Σ weight × value / Σ weight        (0 worst, 1 best)
    value: passed 1 · warning 0.5 · failed 0 · error 0 · skipped, not executed, not measured: left out
    weight: 1 for a check of severity error, 0.5 for one of severity warn

The same formula over all checks is the project's score, over the checks of a dataset or a dimension theirs, over one
check its value. docs/scoring.md explains each rule with an example.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from qalita_ingest.contract.answer import RunScore
from qalita_ingest.contract.entities import ResultStatus, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.contract.entities import Result, RunReport

VALUES = {
    ResultStatus.PASSED: 1.0,
    ResultStatus.WARNING: 0.5,
    ResultStatus.FAILED: 0.0,
    ResultStatus.ERROR: 0.0,
}
# Values and weights are whole numbers of quarters, which a float holds exactly: no order of adding changes a score.
WEIGHTS = {Severity.ERROR: 1.0, Severity.WARN: 0.5}


class Scored(NamedTuple):
    """What a check's outcome counts for; `dataset` is the dataset's key."""

    dimension: str
    dataset: str | None
    severity: Severity = Severity.ERROR


def score_run(project: str, outcomes: Iterable[tuple[ResultStatus, Scored]]) -> tuple[RunScore, ...]:
    """Of each check its latest outcome → the scores of the project, then of dimensions, then of datasets, by name.

    What has no check with an outcome has no score: empty when no check had one.
    """
    found: dict[tuple[Literal["project", "dimension", "dataset"], str], _Sum] = defaultdict(_Sum)
    # Counted first: most results of a dataset have the same status, dimension and severity.
    for (status, (dimension, dataset, severity)), checks in Counter(outcomes).items():
        value, weight = VALUES.get(status), WEIGHTS[severity] * checks
        found["project", project].add(value, weight, checks)
        found["dimension", dimension].add(value, weight, checks)
        if dataset:
            found["dataset", dataset].add(value, weight, checks)
    order = ("project", "dimension", "dataset")
    return tuple(
        RunScore(perimeter=perimeter, key=key, value=one.values / one.weights, checks=one.checks, excluded=one.excluded)
        for (perimeter, key), one in sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
        if one.checks
    )


class _Sum:
    __slots__ = ("checks", "excluded", "values", "weights")

    def __init__(self) -> None:
        self.values = 0.0
        self.weights = 0.0
        self.checks = 0
        self.excluded = 0

    def add(self, value: float | None, weight: float, checks: int) -> None:
        """`weight` is that of all `checks` together; without a value they had no outcome."""
        if value is None:
            self.excluded += checks
            return
        self.values += value * weight
        self.weights += weight
        self.checks += checks


def latest_results(report: RunReport) -> dict[str, Result]:
    """Check → its last result. The last that measured it counts: `docs generate` unmeasures nothing."""
    if len(report.invocations) == 1:
        return {one.check: one for one in report.results}
    order = {one.id: (one.finished_at, one.id) for one in report.invocations}
    in_order = sorted(report.results, key=lambda one: (one.status.is_outcome, order[one.invocation]))
    return {one.check: one for one in in_order}


def score_report(report: RunReport) -> tuple[RunScore, ...]:
    """Over all results of the report, whether a store knows some of them already or not."""
    checks = {one.key: Scored(one.dimension, one.dataset, one.severity) for one in report.checks}
    return score_run(report.project, ((one.status, checks[key]) for key, one in latest_results(report).items()))
