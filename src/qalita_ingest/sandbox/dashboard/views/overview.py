"""The first page: every project with its score, and what is open."""

from __future__ import annotations

from datetime import datetime

import msgspec

from qalita_ingest.sandbox.dashboard.pages import WindowOf
from qalita_ingest.sandbox.issues import IssueView, find_issues
from qalita_ingest.sandbox.reading import EnvironmentView, ProjectView, list_projects
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf

MOST_ISSUES = 8
SEVERITIES = ("high", "medium")


class ProjectRow(msgspec.Struct, frozen=True, kw_only=True):
    """A project in one environment. `change` is in points of per cent, against the run before."""

    project: str
    environment: str
    score: float | None
    checks: int | None
    change: float | None
    runs: int
    last_run: int | None
    last_run_at: datetime | None
    open_issues: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """`issues` are the worst of those that are open."""

    now: datetime
    projects: list[ProjectRow]
    next: str | None
    open_issues: int
    issues: list[IssueView]


def overview(database: DatabaseOf, now: NowOf, window: WindowOf) -> Overview:
    with database.reading() as session:
        page = list_projects(session, now, window)
        issues = [issue for issue in find_issues(session, now=now) if issue.status == "open"]
    rows = [_row(project, environment) for project in page.items for environment in project.environments]
    return Overview(
        now=now, projects=rows, next=page.next, open_issues=len(issues), issues=worst_first(issues)[:MOST_ISSUES]
    )


def worst_first(issues: list[IssueView]) -> list[IssueView]:
    """Of the same severity, what was seen last."""
    return sorted(issues, key=lambda one: (SEVERITIES.index(one.severity), -one.last_seen_at.timestamp(), one.id))


def _row(project: ProjectView, environment: EnvironmentView) -> ProjectRow:
    return ProjectRow(
        project=project.name,
        environment=environment.name,
        score=environment.score,
        checks=environment.checks,
        change=change_of(environment),
        runs=environment.runs,
        last_run=environment.last_run,
        last_run_at=environment.last_run_at,
        open_issues=environment.open_issues,
    )


def change_of(environment: EnvironmentView) -> float | None:
    if environment.score is None or environment.previous_score is None:
        return None
    return round(100 * (environment.score - environment.previous_score), 2)
