"""A project in one environment: its dimensions, its history, its datasets."""

from __future__ import annotations

from datetime import datetime

import msgspec

from qalita_ingest.sandbox.dashboard.pages import WindowOf
from qalita_ingest.sandbox.dashboard.views.found import found, place_of
from qalita_ingest.sandbox.dashboard.views.overview import change_of
from qalita_ingest.sandbox.reading import (
    DatasetView,
    EnvironmentView,
    Page,
    RunView,
    ScorePoint,
    WebhookSummary,
    Window,
    find_project,
    find_run,
    list_datasets,
    list_runs,
    summaries_of_webhooks,
)
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf

RUNS_OF_HISTORY = 10


class ProjectPage(msgspec.Struct, frozen=True, kw_only=True):
    """`environment` is the one that is shown, of all `environments`; `counts` and `dimensions` are of its last run."""

    now: datetime
    project: str
    environment: EnvironmentView
    environments: list[str]
    change: float | None
    counts: dict[str, int]
    dimensions: list[ScorePoint]
    history: tuple[RunView, ...]
    datasets: Page[DatasetView]
    webhooks: tuple[WebhookSummary, ...]


def project(
    project: str, database: DatabaseOf, now: NowOf, window: WindowOf, environment: str | None = None
) -> ProjectPage:
    with database.reading() as session:
        known = found(find_project(session, project, now), f"project {project}")
        place = place_of(session, project, environment, f"project {project}")
        shown = next(one for one in known.environments if one.id == place.id)
        last = find_run(session, shown.last_run) if shown.last_run else None
        return ProjectPage(
            now=now,
            project=project,
            environment=shown,
            environments=[one.name for one in known.environments],
            change=change_of(shown),
            counts=last.counts if last else {},
            dimensions=[one for one in last.scores if one.perimeter == "dimension"] if last else [],
            history=list_runs(session, project=project, environment=place.name, window=Window(RUNS_OF_HISTORY)).items,
            datasets=list_datasets(session, place, window=window),
            webhooks=summaries_of_webhooks(session, project),
        )
