"""The history of one check in one environment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from qalita_ingest.sandbox.database.model import Invocation, Result
from qalita_ingest.sandbox.reading.fields import fields_of_entity
from qalita_ingest.sandbox.reading.pages import FIRST, Order, Page, Window, read_page
from qalita_ingest.sandbox.reading.recent_results import score_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from qalita_ingest.sandbox.reading.fields import Record


class CheckResultView(msgspec.Struct, frozen=True, kw_only=True):
    """One result. `run` is the run that brought it, `invocation` the tool's id of the command that measured it.

    `score` is 0–1, None where there was no outcome; `failures` counts rows.
    """

    id: int
    run: int
    invocation: str
    finished_at: datetime
    status: str
    tool_status: str | None
    score: float | None
    failures: int | None
    seconds: float | None
    message: str | None
    reason: str | None
    relation: str | None


def list_check_results(
    session: Session, check_id: int, environment_id: int, window: Window = FIRST
) -> Page[CheckResultView]:
    """Newest first. Raises `CursorError`."""
    query = (
        select(Result, Invocation.finished_at, Invocation.key)
        .join(Invocation, Invocation.id == Result.invocation_id)
        .where(Result.check_id == check_id, Invocation.environment_id == environment_id)
    )
    order = Order((Invocation.finished_at, Result.id), (datetime, int), is_descending=True)
    return read_page(session, query, order, window, lambda rows: [_view(row) for row in rows])


def _view(row: Record) -> CheckResultView:
    result: Result = row.Result
    return CheckResultView(
        run=result.run_id,
        invocation=row.key,
        finished_at=row.finished_at,
        score=score_of(result.status),
        **fields_of_entity(CheckResultView, result),
    )
