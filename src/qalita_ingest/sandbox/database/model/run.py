"""What happened: runs and their results, steps, metrics, scores."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qalita_ingest.sandbox.database.model.base import Base, Id, Key, LongText, Name, Word


class Run(Base):
    """One delivery. `received_at` is the only clock of the server in the store; all else is the run's own time.

    `counts` is status → number of the results that it brought: a list of runs would count tens of thousands of rows.
    None for runs that came before that was kept.
    """

    __tablename__ = "runs"
    __table_args__ = (Index(None, "environment_id", "finished_at"),)
    id: Mapped[Id]
    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"))
    definition_set_id: Mapped[int | None] = mapped_column(ForeignKey("definition_sets.id"))
    definitions_scope: Mapped[Name]
    kind: Mapped[Word]
    run_id: Mapped[Name]
    last_invocation: Mapped[Name]
    idempotency_key: Mapped[Name] = mapped_column(unique=True)
    body_digest: Mapped[Name]
    git_sha: Mapped[Name | None]
    git_branch: Mapped[Name | None]
    tool: Mapped[Word | None]
    tool_version: Mapped[Word | None]
    adapter: Mapped[Word | None]
    adapter_version: Mapped[Word | None]
    target: Mapped[Name | None]
    job_id: Mapped[Name | None]
    ci_provider: Mapped[Word | None]
    ci_url: Mapped[LongText | None]
    user: Mapped[Name | None]
    client_version: Mapped[Word | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime]
    received_at: Mapped[datetime]
    answer: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Invocation(Base):
    """One execution of the tool; a run may hold several, and a later run more rows of a known one."""

    __tablename__ = "invocations"
    # The second one is walked from its end: the last results of a check are few steps away, however long the history.
    __table_args__ = (
        UniqueConstraint("environment_id", "key"),
        Index(None, "environment_id", "finished_at", "key"),
    )
    id: Mapped[Id]
    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"))
    key: Mapped[Name]
    command: Mapped[Word | None]
    tool_version: Mapped[Word | None]
    finished_at: Mapped[datetime]


class Result(Base):
    """Unique by check and invocation, whatever run brings it; the invocation belongs to one environment."""

    __tablename__ = "results"
    __table_args__ = (UniqueConstraint("check_id", "invocation_id"),)
    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("checks.id"))
    invocation_id: Mapped[int] = mapped_column(ForeignKey("invocations.id"), index=True)
    status: Mapped[Word]
    tool_status: Mapped[Name | None]
    failures: Mapped[int | None]
    seconds: Mapped[float | None]
    message: Mapped[LongText | None]
    reason: Mapped[LongText | None]
    relation: Mapped[Key | None]
    sample: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Step(Base):
    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("key", "invocation_id"),)
    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    invocation_id: Mapped[int] = mapped_column(ForeignKey("invocations.id"), index=True)
    key: Mapped[Key]
    name: Mapped[Name]
    kind: Mapped[Word]
    status: Mapped[Word]
    tool_status: Mapped[Name | None]
    finding: Mapped[Word | None]
    message: Mapped[LongText | None]


class Metric(Base):
    __tablename__ = "metrics"
    __table_args__ = (UniqueConstraint("invocation_id", "perimeter", "scope_value", "key"),)
    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    invocation_id: Mapped[int] = mapped_column(ForeignKey("invocations.id"))
    key: Mapped[Name]
    value: Mapped[float]
    perimeter: Mapped[Word]
    scope_value: Mapped[Key]
    parent_scope: Mapped[Key | None]


class Score(Base):
    """`value` 0–1; `checks` is how many counted. `key` is a dataset's key, a dimension or the project's name.

    `excluded` is how many had no outcome; None in rows of a version that did not count them. Such rows also know no
    weights: scores stay as they were computed.
    """

    __tablename__ = "scores"
    __table_args__ = (UniqueConstraint("run_id", "perimeter", "key"),)
    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    perimeter: Mapped[Word]
    key: Mapped[Key]
    value: Mapped[float]
    checks: Mapped[int]
    excluded: Mapped[int | None]
