"""Score of a run: the mean over its checks that had an outcome, those that the team said matter less counting half.

    score = Σ weight × value / Σ weight        (0 worst, 1 best)
    value: passed 1 · warning 0.5 · failed 0 · error 0 · skipped, not executed, not measured: left out
    weight: 1 for a check of severity error, 0.5 for one of severity warn

The same formula over all checks is the project's score, over the checks of a dataset or a dimension theirs, over one
check its value. docs/scoring.md explains each rule with an example.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from qalita_ingest.contract.answer import RunScore
from qalita_ingest.contract.entities import ResultStatus, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qalita_ingest.contract.entities import Result, RunReport

VALUES = {
    ResultStatus.PASSED: 1.0,
    ResultStatus.WARNING: 0.5,
    ResultStatus.FAILED: 0.0,
    ResultStatus.ERROR: 0.0,
}
# Values and weights are whole numbers of quarters, which a float holds exactly: no order of adding changes a score.
WEIGHTS = {Severity.ERROR: 1.0, Severity.WARN: 0.5}
NOTHING_KNOWN: Mapping[str, Scored] = MappingProxyType({})


Scored = tuple[str, str | None, Severity]
"""What a check's outcome counts for: its dimension, the key of its dataset, its severity."""


def score_run(project: str, outcomes: Iterable[tuple[ResultStatus, Scored]]) -> tuple[RunScore, ...]:
    """Of each check its latest outcome → the scores of the project, then of dimensions, then of datasets, by name.

    What has no check with an outcome has no score: empty when no check had one.
    """
    whole = _Sum()
    dimensions: dict[str, _Sum] = defaultdict(_Sum)
    datasets: dict[str, _Sum] = defaultdict(_Sum)
    # Counted first: most results of a dataset have the same status, dimension and severity.
    for (status, (dimension, dataset, severity)), checks in Counter(outcomes).items():
        value, weight = VALUES.get(status), WEIGHTS[severity] * checks
        whole.add(value, weight, checks)
        dimensions[dimension].add(value, weight, checks)
        if dataset:
            datasets[dataset].add(value, weight, checks)
    return (
        *_scores("project", {project: whole}),
        *_scores("dimension", dimensions),
        *_scores("dataset", datasets),
    )


def _scores(perimeter: Literal["project", "dimension", "dataset"], found: Mapping[str, _Sum]) -> list[RunScore]:
    return [
        RunScore(perimeter=perimeter, key=key, value=one.values / one.weights, checks=one.checks, excluded=one.excluded)
        for key, one in sorted(found.items(), key=itemgetter(0))
        if one.checks
    ]


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


def score_report(report: RunReport, known: Mapping[str, Scored] = NOTHING_KNOWN) -> tuple[RunScore, ...]:
    """Over all results of the report, whether a store knows some of them already or not.

    `known`: check → what it counts for, where somebody knows better than the report.
    """
    checks: dict[str, Scored] = {one.key: (one.dimension, one.dataset, one.severity) for one in report.checks}
    checks.update(known)
    return score_run(report.project, [(one.status, checks[key]) for key, one in latest_results(report).items()])
