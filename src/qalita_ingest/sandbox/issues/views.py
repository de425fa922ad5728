"""Issues as people see them: with title, status, owner and story."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
from sqlalchemy import bindparam, func, or_, select

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
    from collections.abc import Collection, Iterable

    from sqlalchemy import Row, Select
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


def _with_place(*columns: Any) -> Select[Any]:
    """Issues, oldest first: these columns, and what a title is made of."""
    # Columns, not whole rows: those of a dataset hold all its columns.
    title = {"project": Project.name, "check": Check.name, "dataset": Dataset.key, "dataset_name": Dataset.name}
    return (
        select(*columns, *(column.label(name) for name, column in title.items()))
        .join(Environment, Environment.id == Issue.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .outerjoin(Check, Check.id == Issue.check_id)
        .outerjoin(Dataset, Dataset.id == func.coalesce(Check.dataset_id, Issue.dataset_id))
        .order_by(Issue.id)
    )


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
    query = _with_place(
        Issue,
        Environment.name.label("environment"),
        Check.column,
        Check.dimension,
        Check.description,
        func.coalesce(Check.owner, Dataset.owner).label("owner"),
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
    status = issue_status(issue.state, issue.muted_until, now)
    columns = {field: getattr(issue, field) for field in IssueView.__struct_fields__ if hasattr(issue, field)}
    return IssueView(
        title=_title(row.project, row.dataset_name, row.check, issue.subject),
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


class TitledIssue(NamedTuple):
    """What an answer tells of an issue. `dataset` is the dataset's key."""

    id: int
    title: str
    severity: Literal["high", "medium"]
    status: Literal["open", "resolved", "muted"]
    dataset: str | None


_TITLED = _with_place(Issue.id, Issue.subject, Issue.severity, Issue.state, Issue.muted_until).where(
    Issue.id.in_(bindparam("ids", expanding=True))
)
# SQLite takes 32,766 variables in a statement.
CHUNK = 10_000


def titled_issues(session: Session, issue_ids: Iterable[int], now: datetime) -> list[TitledIssue]:
    """Oldest first."""
    ids = sorted(issue_ids)
    chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    return [
        TitledIssue(
            row.id,
            _title(row.project, row.dataset_name, row.check, row.subject),
            row.severity,
            issue_status(row.state, row.muted_until, now),
            row.dataset,
        )
        for chunk in chunks
        for row in session.connection().execute(_TITLED, {"ids": chunk})
    ]


def _title(project: str, dataset: str | None, check: str | None, subject: str) -> str:
    return issue_title(dataset or project, check or _step_name(subject, has_dataset=dataset is not None))


def _step_name(subject: str, *, has_dataset: bool) -> str:
    """`model.<package>.<name>`: the dataset is named before it, a hook is not."""
    kind, *rest = subject.split(".")
    return f"{kind} execution" if has_dataset else f"{rest[-1] if rest else subject} execution"


_OPEN = select(func.count(Issue.id)).where(
    Issue.environment_id == bindparam("environment"),
    Issue.state == "open",
    or_(Issue.muted_until.is_(None), Issue.muted_until <= bindparam("now", type_=Issue.muted_until.type)),
)


def count_open_issues(session: Session, environment_id: int, now: datetime) -> int:
    """Muted ones are not counted."""
    return session.connection().scalar(_OPEN, {"environment": environment_id, "now": now}) or 0


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
