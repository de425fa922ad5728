"""Issues as people see them: with title, status, owner and story."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import func, or_, select

from qalita_ingest.contract import FINDINGS
from qalita_ingest.sandbox.database.model import (
    Check,
    Dataset,
    Environment,
    Invocation,
    Issue,
    IssueEvent,
    Project,
    Result,
)
from qalita_ingest.sandbox.scoring import is_overdue, issue_status, issue_title

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


class IssueView(msgspec.Struct, frozen=True, kw_only=True):
    """One issue. `status` and `is_overdue` depend on the time of reading: muted until `muted_until`, then open again.

    `owner` is what the definitions say, `assignee` whom people chose. `description`, `column` and `dimension` are the
    check's; None for a step.
    """

    id: int
    title: str
    project: str
    environment: str
    dataset: str | None
    column: str | None
    dimension: str | None
    description: str | None
    subject: str
    kind: str
    severity: Literal["high", "medium"]
    status: Literal["open", "resolved", "muted"]
    owner: str | None
    message: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    occurrences: int
    resolved_at: datetime | None
    resolution: str | None
    muted_until: datetime | None
    assignee: str | None
    due_on: date | None
    is_overdue: bool


class IssueEventView(msgspec.Struct, frozen=True, kw_only=True):
    """`run` is None for what a person did. `comment` is the text of one that was commented."""

    kind: str
    occurred_at: datetime
    actor: str
    run: int | None
    detail: str | None
    comment: str | None


class EvidenceView(msgspec.Struct, frozen=True, kw_only=True):
    """What the latest finding said. `relation` is the table that held the failing rows then.

    `sample` are the last rows that were taken: of `sampled_run`, at `sampled_at`, which may be an earlier finding.
    """

    run: int
    found_at: datetime
    status: str
    failures: int | None
    message: str | None
    relation: str | None
    sample: dict[str, Any] | None
    sampled_run: int | None
    sampled_at: datetime | None


def find_issues(
    session: Session,
    *,
    now: datetime | None = None,
    issue_id: int | None = None,
    environment_id: int | None = None,
    project: str | None = None,
    environment: str | None = None,
    subjects: Collection[str] | None = None,
) -> list[IssueView]:
    """The issues that match all that is given, oldest first."""
    query = (
        # Columns, not whole rows: those of a dataset hold all its columns.
        select(
            Issue,
            Environment.name.label("environment"),
            Project.name.label("project"),
            Check.name.label("check"),
            Check.column,
            Check.dimension,
            Check.description,
            func.coalesce(Check.owner, Dataset.owner).label("owner"),
            Dataset.key.label("dataset"),
            Dataset.name.label("dataset_name"),
        )
        .join(Environment, Environment.id == Issue.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .outerjoin(Check, Check.id == Issue.check_id)
        .outerjoin(Dataset, Dataset.id == func.coalesce(Check.dataset_id, Issue.dataset_id))
        .order_by(Issue.id)
    )
    wanted = {
        Issue.id: issue_id,
        Issue.environment_id: environment_id,
        Project.name: project,
        Environment.name: environment,
    }
    for column, value in wanted.items():
        query = query if value is None else query.where(column == value)
    moment = now or datetime.now(UTC)
    return [_view(row, moment) for row in session.execute(query) if subjects is None or row.Issue.subject in subjects]


def _view(row: Row[*tuple[Any, ...]], now: datetime) -> IssueView:
    issue = row.Issue
    name = row.check or _step_name(issue.subject, has_dataset=row.dataset is not None)
    status = issue_status(issue.state, issue.muted_until, now)
    columns = {field: getattr(issue, field) for field in IssueView.__struct_fields__ if hasattr(issue, field)}
    return IssueView(
        title=issue_title(row.dataset_name or row.project, name),
        project=row.project,
        environment=row.environment,
        dataset=row.dataset,
        column=row.column,
        dimension=row.dimension,
        description=row.description,
        status=status,
        is_overdue=is_overdue(status, issue.due_on, now),
        owner=row.owner,
        **columns,
    )


def _step_name(subject: str, *, has_dataset: bool) -> str:
    """`model.<package>.<name>`: the dataset is named before it, a hook is not."""
    kind, *rest = subject.split(".")
    return f"{kind} execution" if has_dataset else f"{rest[-1] if rest else subject} execution"


def count_open_issues(session: Session, environment_id: int, now: datetime) -> int:
    """Muted ones are not counted."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Issue)
            .where(
                Issue.environment_id == environment_id,
                Issue.state == "open",
                or_(Issue.muted_until.is_(None), Issue.muted_until <= now),
            )
        )
        or 0
    )


def issue_evidence(session: Session, issue_id: int) -> EvidenceView | None:
    """None for an issue of a step: it has no rows."""
    query = (
        select(Result, Invocation.finished_at)
        .join(Invocation, Invocation.id == Result.invocation_id)
        .join(Issue, (Issue.check_id == Result.check_id) & (Issue.environment_id == Invocation.environment_id))
        .where(Issue.id == issue_id, Result.status.in_([status.value for status in FINDINGS]))
        .order_by(Invocation.finished_at.desc(), Invocation.key.desc())
        .limit(1)
    )
    latest = session.execute(query).first()
    if latest is None:
        return None
    sampled = session.execute(query.where(Result.sample.is_not(None))).first()
    result, found_at = latest
    return EvidenceView(
        run=result.run_id,
        found_at=found_at,
        status=result.status,
        failures=result.failures,
        message=result.message,
        relation=result.relation,
        sample=sampled[0].sample if sampled else None,
        sampled_run=sampled[0].run_id if sampled else None,
        sampled_at=sampled[1] if sampled else None,
    )


def issue_events(session: Session, issue_id: int) -> list[IssueEventView]:
    """In the order in which they happened."""
    rows = session.scalars(
        select(IssueEvent).where(IssueEvent.issue_id == issue_id).order_by(IssueEvent.occurred_at, IssueEvent.id)
    )
    return [
        IssueEventView(
            kind=one.kind,
            occurred_at=one.occurred_at,
            actor=one.actor,
            run=one.run_id,
            detail=one.detail,
            comment=one.comment,
        )
        for one in rows
    ]
