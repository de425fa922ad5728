"""The state of every environment as Prometheus reads it.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from qalita_ingest.errors import MissingPartError
from qalita_ingest.sandbox.database.model import Job
from qalita_ingest.sandbox.reading import LARGEST_PAGE, EnvironmentView, Window, find_run, list_projects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Name → what it is, and its value for an environment; without a value it is not there.
GAUGES: dict[str, tuple[str, Callable[[EnvironmentView], float | None]]] = {
    "qalita_score_ratio": ("Score of the last run, 0 to 1", lambda one: one.score),
    "qalita_scored_checks": ("Checks that counted in the score of the last run", lambda one: one.checks),
    "qalita_open_issues": ("Issues that are open and not muted", lambda one: one.open_issues),
    "qalita_runs": ("Runs that were taken in", lambda one: one.runs),
    "qalita_last_run_timestamp_seconds": (
        "When the last run finished",
        lambda one: one.last_run_at.timestamp() if one.last_run_at else None,
    ),
}
OF_ENVIRONMENT = ("project", "environment")


def exposition(session: Session, now: datetime) -> bytes:
    """Raises `MissingPartError` without prometheus-client."""
    try:
        # Late: only who is asked for metrics needs it.
        from prometheus_client import CollectorRegistry, Gauge, generate_latest  # noqa: PLC0415
    except ImportError:
        raise MissingPartError(
            "metrics need prometheus-client, which is not installed; run: pip install 'qalita-ingest[server]'"
        ) from None
    registry = CollectorRegistry()
    environments = list(_environments(session, now))
    for name, (says, value_of) in GAUGES.items():
        gauge = Gauge(name, says, OF_ENVIRONMENT, registry=registry)
        for project, one in environments:
            if (value := value_of(one)) is not None:
                gauge.labels(project, one.name).set(value)
    results = Gauge(
        "qalita_last_run_results", "Results of the last run by status", (*OF_ENVIRONMENT, "status"), registry=registry
    )
    for project, one in environments:
        for status, number in _counts(session, one).items():
            results.labels(project, one.name, status).set(number)
    jobs = Gauge("qalita_jobs", "Jobs by kind and status", ("kind", "status"), registry=registry)
    for kind, status, number in session.execute(
        select(Job.kind, Job.status, func.count()).group_by(Job.kind, Job.status)
    ):
        jobs.labels(kind, status).set(number)
    content: Any = generate_latest(registry)
    return bytes(content)


def _environments(session: Session, now: datetime) -> Iterator[tuple[str, EnvironmentView]]:
    cursor = None
    while True:
        page = list_projects(session, now, Window(LARGEST_PAGE, cursor))
        for project in page.items:
            yield from ((project.name, one) for one in project.environments)
        if (cursor := page.next) is None:
            return


def _counts(session: Session, environment: EnvironmentView) -> dict[str, int]:
    run = find_run(session, environment.last_run) if environment.last_run else None
    return run.counts if run else {}
