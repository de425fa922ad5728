"""One run with all that is known of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from qalita_ingest.contract import IngestAnswer, IssueChange
from qalita_ingest.sandbox.database.model import Environment, Invocation, Metric, Project, Result, Run, Step
from qalita_ingest.sandbox.reading.fields import fields_of_entity
from qalita_ingest.sandbox.reading.runs import count_results, seconds_between
from qalita_ingest.sandbox.reading.scores import ScorePoint, latest_scores

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class InvocationView(msgspec.Struct, frozen=True, kw_only=True):
    """One command of the tool; `id` is the tool's own."""

    id: str
    command: str | None
    tool_version: str | None
    finished_at: datetime


class RunDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A run, its context and its sums. `score` is the project's; `scores` are all, the project's first.

    `opened`, `reopened` and `resolved` are the issues that it changed when it came.
    """

    id: int
    project: str
    environment: str
    finished_at: datetime
    git_sha: str | None
    score: float | None
    kind: str
    run_id: str
    started_at: datetime | None
    received_at: datetime
    seconds: float | None
    git_branch: str | None
    tool: str | None
    tool_version: str | None
    adapter: str | None
    adapter_version: str | None
    target: str | None
    job_id: str | None
    ci_provider: str | None
    ci_url: str | None
    user: str | None
    client_version: str | None
    idempotency_key: str
    definitions_scope: str
    counts: dict[str, int]
    steps: int
    metrics: int
    scores: tuple[ScorePoint, ...]
    invocations: tuple[InvocationView, ...]
    opened: tuple[IssueChange, ...]
    reopened: tuple[IssueChange, ...]
    resolved: tuple[IssueChange, ...]


def find_run(session: Session, run_id: int) -> RunDetail | None:
    """None: there is no such run."""
    row = session.execute(
        select(Run, Project.name, Environment.name)
        .join(Environment, Environment.id == Run.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .where(Run.id == run_id)
    ).first()
    if row is None:
        return None
    run, project, environment = row
    scores = latest_scores(session, run_id)
    answer = msgspec.convert(run.answer, IngestAnswer)
    columns = fields_of_entity(RunDetail, run)
    if run.counts is None:
        columns["counts"] = count_results(session, [run_id]).get(run_id, {})
    return RunDetail(
        project=project,
        environment=environment,
        score=next((one.value for one in scores if one.perimeter == "project"), None),
        seconds=seconds_between(run.started_at, run.finished_at),
        steps=_count(session, Step, run_id),
        metrics=_count(session, Metric, run_id),
        scores=scores,
        invocations=_invocations(session, run_id),
        opened=answer.opened,
        reopened=answer.reopened,
        resolved=answer.resolved,
        **columns,
    )


def is_run(session: Session, run_id: int) -> bool:
    return session.scalar(select(Run.id).where(Run.id == run_id)) is not None


def _count(session: Session, table: type[Step | Metric], run_id: int) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.run_id == run_id)) or 0


def _invocations(session: Session, run_id: int) -> tuple[InvocationView, ...]:
    """Those that this run brought rows of, in their order."""
    of_run = (select(table.invocation_id).where(table.run_id == run_id).distinct() for table in (Result, Step, Metric))
    first, *others = of_run
    query = (
        select(Invocation)
        .where(Invocation.id.in_(first.union(*others)))
        .order_by(Invocation.finished_at, Invocation.key)
    )
    return tuple(
        InvocationView(id=one.key, command=one.command, tool_version=one.tool_version, finished_at=one.finished_at)
        for one in session.scalars(query)
    )
