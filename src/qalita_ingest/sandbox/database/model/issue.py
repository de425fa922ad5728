"""What somebody must act on, across runs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qalita_ingest.sandbox.database.model.base import Base, Id, Key, LongText, Name, Word


class Issue(Base):
    """One per subject (the key of a check or of a step) and environment.

    `state` is open or resolved; an open issue whose `muted_until` lies ahead is shown as muted. `assignee` and `due_on`
    are what people set; the owner comes from the definition of what is tested.
    """

    __tablename__ = "issues"
    __table_args__ = (UniqueConstraint("environment_id", "subject"), Index(None, "environment_id", "state"))
    id: Mapped[Id]
    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"))
    subject: Mapped[Key]
    definitions_scope: Mapped[Name]
    check_id: Mapped[int | None] = mapped_column(ForeignKey("checks.id"))
    dataset_id: Mapped[int | None] = mapped_column(ForeignKey("datasets.id"))
    kind: Mapped[Word]
    severity: Mapped[Word]
    state: Mapped[Word]
    message: Mapped[LongText | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[Word | None]
    occurrences: Mapped[int]
    muted_until: Mapped[datetime | None]
    assignee: Mapped[Name | None]
    due_on: Mapped[date | None]


class IssueEvent(Base):
    """`run_id` is null for what a person did; `actor` says who. Times are those of the run, or of the person's act."""

    __tablename__ = "issue_events"
    __table_args__ = (Index(None, "issue_id", "occurred_at"),)
    id: Mapped[Id]
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    kind: Mapped[Word]
    occurred_at: Mapped[datetime]
    actor: Mapped[Name]
    detail: Mapped[Name | None]
    comment: Mapped[LongText | None]
