"""Score of a run: the share of its checks that passed, a warning counting half.

    score = sum of values / number of checks that had an outcome        (0 worst, 1 best)
    passed 1 · warning 0.5 · failed 0 · error 0 · skipped, not executed, not measured: left out

The same formula over all checks is the project's score, over the checks of a dataset or a dimension theirs.
docs/scoring.md explains each rule with an example.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qalita_ingest.contract import ResultStatus, RunScore

if TYPE_CHECKING:
    from collections.abc import Iterable

VALUES = {
    ResultStatus.PASSED: 1.0,
    ResultStatus.WARNING: 0.5,
    ResultStatus.FAILED: 0.0,
    ResultStatus.ERROR: 0.0,
}


@dataclass(frozen=True)
class ScoredResult:
    """The latest outcome of one check in the run; `dataset` is the dataset's key."""

    status: ResultStatus
    dimension: str
    dataset: str | None


def score_run(project: str, results: Iterable[ScoredResult]) -> tuple[RunScore, ...]:
    """Project first, then dimensions, then datasets, by name; empty when no check had an outcome."""
    values: dict[tuple[Literal["project", "dimension", "dataset"], str], list[float]] = defaultdict(list)
    for result in results:
        if not result.status.is_outcome:
            continue
        value = VALUES[result.status]
        values["project", project].append(value)
        values["dimension", result.dimension].append(value)
        if result.dataset:
            values["dataset", result.dataset].append(value)
    order = ("project", "dimension", "dataset")
    return tuple(
        RunScore(perimeter=perimeter, key=key, value=sum(found) / len(found), checks=len(found))
        for (perimeter, key), found in sorted(values.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    )
