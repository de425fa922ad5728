"""Score of a run: the share of its checks that passed, a warning counting half.

    score = sum of values / number of checks that had an outcome        (0 worst, 1 best)
    passed 1 · warning 0.5 · failed 0 · error 0 · skipped, not executed, not measured: left out

The same formula over all checks is the project's score, over the checks of a dataset or a dimension theirs.
docs/scoring.md explains each rule with an example.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from qalita_ingest.contract.answer import RunScore
from qalita_ingest.contract.entities import ResultStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qalita_ingest.contract.entities import Result, RunReport

VALUES = {
    ResultStatus.PASSED: 1.0,
    ResultStatus.WARNING: 0.5,
    ResultStatus.FAILED: 0.0,
    ResultStatus.ERROR: 0.0,
}


class Scored(NamedTuple):
    """What a check's outcome counts for; `dataset` is the dataset's key."""

    dimension: str
    dataset: str | None


def score_run(project: str, outcomes: Iterable[tuple[ResultStatus, Scored]]) -> tuple[RunScore, ...]:
    """Of each check its latest outcome → the scores of the project, then of dimensions, then of datasets, by name.

    Empty when no check had an outcome.
    """
    found: dict[tuple[Literal["project", "dimension", "dataset"], str], _Sum] = defaultdict(_Sum)
    # Counted first: most results of a dataset have the same status and dimension.
    for (status, (dimension, dataset)), checks in Counter(outcomes).items():
        value = VALUES.get(status)
        if value is None:
            continue
        found["project", project].add(value, checks)
        found["dimension", dimension].add(value, checks)
        if dataset:
            found["dataset", dataset].add(value, checks)
    order = ("project", "dimension", "dataset")
    return tuple(
        RunScore(perimeter=perimeter, key=key, value=one.values / one.checks, checks=one.checks)
        for (perimeter, key), one in sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    )


class _Sum:
    __slots__ = ("checks", "values")

    def __init__(self) -> None:
        self.values = 0.0
        self.checks = 0

    def add(self, value: float, checks: int) -> None:
        self.values += value * checks
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
    checks = {one.key: Scored(one.dimension, one.dataset) for one in report.checks}
    return score_run(report.project, ((one.status, checks[key]) for key, one in latest_results(report).items()))
