"""Runs, newest first, each in one line."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from qalita_ingest.sandbox.database.model import Environment, Project, Result, Run, Score
from qalita_ingest.sandbox.reading.fields import fields_of_row
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """`score` is the project's, 0–1; None where no check had an outcome. `seconds` is from the start to the end.

    `counts` is status → number of the results that this run brought: those that an earlier run had brought count there.
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
    seconds: float | None
    git_branch: str | None
    tool: str | None
    tool_version: str | None
    target: str | None
    ci_provider: str | None
    ci_url: str | None
    user: str | None
    counts: dict[str, int]


# What stands in the table as it stands in the view; the row also holds the whole answer, which no list shows.
COLUMNS = (
    Run.id,
    Run.kind,
    Run.run_id,
    Run.started_at,
    Run.finished_at,
    Run.git_sha,
    Run.git_branch,
    Run.tool,
    Run.tool_version,
    Run.target,
    Run.ci_provider,
    Run.ci_url,
    Run.user,
    Run.counts.label("kept"),
)

NAMES = (Project.name.label("project"), Environment.name.label("environment"))


def list_runs(
    session: Session, *, project: str | None = None, environment: str | None = None, window: Window = FIRST
) -> Page[RunView]:
    """Raises `CursorError`."""
    # Only what an index holds: what else a run is would be read, and sorted along, for all runs of the store.
    query = select(Run.id)
    wanted = [
        column == value
        for column, value in ((Project.name, project), (Environment.name, environment))
        if value is not None
    ]
    if wanted:
        places = select(Environment.id).join(Project, Project.id == Environment.project_id).where(*wanted)
        query = query.where(Run.environment_id.in_(places))
    order = Order((Run.finished_at, Run.id), (datetime, int), is_descending=True)
    return read_page(session, query, order, window, lambda rows: _views(session, [row.id for row in rows]))


def count_results(session: Session, run_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Run → status → how many results it brought."""
    query = (
        select(Result.run_id, Result.status, func.count())
        .where(Result.run_id.in_(run_ids))
        .group_by(Result.run_id, Result.status)
        .order_by(Result.run_id, Result.status)
    )
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for run_id, status, count in session.execute(query):
        counts[run_id][status] = count
    return counts


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def _views(session: Session, run_ids: Sequence[int]) -> list[RunView]:
    query = (
        select(*COLUMNS, *NAMES, Score.value.label("score"))
        .join(Environment, Environment.id == Run.environment_id)
        .join(Project, Project.id == Environment.project_id)
        .outerjoin(Score, (Score.run_id == Run.id) & (Score.perimeter == "project"))
        .where(Run.id.in_(run_ids))
    )
    rows = {row.id: row for row in session.execute(query)}
    uncounted = count_results(session, [row.id for row in rows.values() if row.kept is None])
    return [_view(rows[run_id], uncounted) for run_id in run_ids]


def _view(row: Record, uncounted: dict[int, dict[str, int]]) -> RunView:
    counts = uncounted.get(row.id, {}) if row.kept is None else row.kept
    fields = fields_of_row(RunView, row)
    return RunView(seconds=seconds_between(row.started_at, row.finished_at), counts=counts, **fields)
