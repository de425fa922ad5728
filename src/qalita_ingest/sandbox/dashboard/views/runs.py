"""Runs: the list of them, and one with all that it found."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from qalita_ingest.contract import Dimension, ResultStatus
from qalita_ingest.sandbox.dashboard.pages import WindowOf
from qalita_ingest.sandbox.dashboard.views.found import found
from qalita_ingest.sandbox.reading import (
    Page,
    RunDetail,
    RunResultView,
    RunView,
    StepView,
    Window,
    find_run,
    list_projects,
    list_run_results,
    list_run_steps,
    list_runs,
)
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf, NowOf

MOST_CHOICES = 200


class RunsPage(msgspec.Struct, frozen=True, kw_only=True):
    now: datetime
    filters: dict[str, str | None]
    projects: list[str]
    environments: list[str]
    runs: Page[RunView]


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """`datasets` are key and name of those that have a score in the run."""

    now: datetime
    run: RunDetail
    filters: dict[str, str | None]
    statuses: list[str]
    dimensions: list[str]
    datasets: list[str]
    results: Page[RunResultView]
    steps: Page[StepView]


def runs(
    database: DatabaseOf, now: NowOf, window: WindowOf, project: str | None = None, environment: str | None = None
) -> RunsPage:
    with database.reading() as session:
        there = list_projects(session, now, Window(MOST_CHOICES)).items
        return RunsPage(
            now=now,
            filters={"project": project or None, "environment": environment or None},
            projects=[one.name for one in there],
            environments=sorted({one.name for project in there for one in project.environments}),
            runs=list_runs(session, project=project or None, environment=environment or None, window=window),
        )


def run(
    *,
    run_id: IdOf,
    database: DatabaseOf,
    now: NowOf,
    window: WindowOf,
    status: ResultStatus | Literal[""] = "",
    dimension: Dimension | Literal[""] = "",
    dataset: str = "",
) -> RunPage:
    filters = {"status": str(status) or None, "dimension": str(dimension) or None, "dataset": dataset or None}
    with database.reading() as session:
        known = found(find_run(session, run_id), f"run {run_id}")
        return RunPage(
            now=now,
            run=known,
            filters=filters,
            statuses=[one.value for one in ResultStatus if one.value in known.counts],
            dimensions=[one.value for one in Dimension],
            datasets=[one.key for one in known.scores if one.perimeter == "dataset"],
            results=list_run_results(session, run_id, window=window, **filters),
            steps=list_run_steps(session, run_id, Window(MOST_CHOICES)),
        )
