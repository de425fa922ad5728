"""Issues: the list of them, and one with its evidence and its story."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import func, select

from qalita_ingest.sandbox.dashboard.views.found import found
from qalita_ingest.sandbox.dashboard.views.overview import worst_first
from qalita_ingest.sandbox.database.model import Check, Dataset, Issue
from qalita_ingest.sandbox.issues import (
    EvidenceView,
    IssueEventView,
    IssueView,
    find_issues,
    issue_events,
    issue_evidence,
)
from qalita_ingest.sandbox.requests import DatabaseOf, IdOf, NowOf

Status = Literal["open", "resolved", "muted", "all"]
ORDER = ("open", "muted", "resolved")


class IssuesPage(msgspec.Struct, frozen=True, kw_only=True):
    """`counts` is status → number, before the filter of status; the choices are of all issues."""

    now: datetime
    filters: dict[str, str]
    projects: list[str]
    environments: list[str]
    people: list[str]
    counts: dict[str, int]
    issues: list[IssueView]


class IssuePage(msgspec.Struct, frozen=True, kw_only=True):
    """`tomorrow` is the first day until which it can be muted."""

    now: datetime
    tomorrow: date
    issue: IssueView
    check_id: int | None
    dataset_id: int | None
    evidence: EvidenceView | None
    events: list[IssueEventView]


def issues(
    *,
    database: DatabaseOf,
    now: NowOf,
    status: Status | Literal[""] = "open",
    severity: Literal["high", "medium", ""] = "",
    project: str = "",
    environment: str = "",
    person: str = "",
) -> IssuesPage:
    with database.reading() as session:
        everything = find_issues(session, now=now)
    wanted = {"severity": severity, "project": project, "environment": environment}
    matching = [
        one
        for one in everything
        if all(value in {"", getattr(one, field)} for field, value in wanted.items())
        and person in {"", one.assignee, one.owner}
    ]
    shown = [one for one in matching if status in {"", "all", one.status}]
    return IssuesPage(
        now=now,
        filters=wanted | {"status": status or "all", "person": person},
        projects=sorted({one.project for one in everything}),
        environments=sorted({one.environment for one in everything}),
        people=sorted({name for one in everything for name in (one.assignee, one.owner) if name}),
        counts={word: sum(one.status == word for one in matching) for word in ORDER},
        issues=sorted(worst_first(shown), key=lambda one: ORDER.index(one.status)),
    )


def issue(issue_id: IdOf, database: DatabaseOf, now: NowOf) -> IssuePage:
    with database.reading() as session:
        known = find_issues(session, now=now, issue_id=issue_id)
        shown = found(known[0] if known else None, f"issue {issue_id}")
        of_issue = session.execute(
            select(Issue.check_id, Dataset.id)
            .outerjoin(Check, Check.id == Issue.check_id)
            .outerjoin(Dataset, Dataset.id == func.coalesce(Check.dataset_id, Issue.dataset_id))
            .where(Issue.id == issue_id)
        ).one()
        return IssuePage(
            now=now,
            tomorrow=now.date() + timedelta(days=1),
            issue=shown,
            check_id=of_issue[0],
            dataset_id=of_issue[1],
            evidence=issue_evidence(session, issue_id),
            events=issue_events(session, issue_id),
        )
